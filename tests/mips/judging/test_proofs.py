"""`proved` means proved: no disguise of a wrong program, no reference of whatever kind, and no mutant gets a proof."""

from __future__ import annotations

import ast
import copy
import datetime
import enum
import itertools
import json
import math
import random
import runpy
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

import pytest
from kept_runs import unpacked_run

from mips.judging.judge import judge
from mips.judging.proof import prove
from mips.judging.questions import BINDING, long_words
from mips.judging.transparency import is_transparent
from mips.judging.weighing.weight import weigh
from mips.machines.affine import NotAffine, affine_machine, equal_for_ever
from mips.machines.bisimulation import Equivalent, distinguish
from mips.machines.state_keys import state_key
from mips.program.source import load_program, loop_machine
from mips.tasks.task import Task, integers
from mips.tasks.time_limit import OutOfTime

ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "reports" / "reference" / "results.jsonl"


def roster() -> dict[str, Task]:
    files = sorted((ROOT / "benchmark_tasks").glob("test_*.py"))
    return {task.name: task for file in files for task in runpy.run_path(str(file))["TASKS"]}


TASKS = roster()
FEW = replace(BINDING, fresh=50, exhaustive=50, examples=20, pairs=5_000, steps=20_000)
ECHO = "def program(xs):\n    ys = []\n    for x in xs:\n        ys.append(x)\n    return ys\n"


def echo(low: int, high: int) -> Task:
    return Task("Echo", step=lambda s, x: (s, x), start=0, inputs=integers(low, high), length=4)


def loop(body: str, opening: str = "n = 0", before: str = "", parameter: str = "xs") -> str:
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    return f"{before}\ndef program({parameter}):\n    {opening}\n    ys = []\n    for x in xs:\n{lines}    return ys\n"


COUNTED = "n = n + 1 if n < 9 else n\n"
# Programs in which a name may mean something else than it seems to mean, or a value hang on more than the variables.
DISGUISES = {
    "a set whose order hangs on addresses": loop("n = sum({x, 1.5, *range(9)})\nys.append(n)"),
    "a set made by a call": loop("n = min(n, len(set((x, n))))\nys.append(n)"),
    "a set made by a comprehension": loop("n = len({v for v in (x, n)})\nys.append(n)"),
    "membership in a set of variables": loop("n = int(x in {n, 1})\nys.append(n)"),
    "an annotation that holds a set": loop("n = x\nys.append(n)", parameter="xs: [i for i in {0, 8}]"),
    "an annotation that raises": loop("n = x\nys.append(n)", parameter="xs: 1 / 0"),
    "an annotation of a variable that assigns": loop("n: (k := 3) = x\nys.append(n)"),
    "the parameter hides a module": loop("ys.append(x if xs.__sizeof__() < 90 else 0)", before="import math as xs"),
    "the parameter hides a function": loop(COUNTED + "ys.append(xs(x, 0))", before="from math import gcd as xs"),
    "the answers hide a module": loop("ys.append(x if len(ys.__name__) else 0)", before="import math as ys"),
    "the answers hide a function": loop(COUNTED + "ys.append(ys(x, 0))", before="from math import gcd as ys"),
    "a local hides a function": loop(COUNTED + "g = 1\nys.append(g(x, 0))", before="from math import gcd as g"),
    "a variable of a comprehension hides the parameter": loop("ys.append(sum(xs for xs in (x,)))"),
    "a variable of a comprehension hides the answers": loop("ys.append(sum(ys for ys in (x,)))"),
    "an attribute as memory": loop(
        "_ = math.__setattr__(math.__name__, math.math + 1)\nys.append(x if math.math < 9 else 0)",
        "_ = math.__setattr__(math.__name__, 0)",
        "import math",
    ),
    "a private name of the module": loop("ys.append(x if math.__doc__ else 0)", before="import math"),
    "the name of the builtins": loop("ys.append(pow(x, 1))", before="import math as __builtins__"),
    "an import in the place of a builtin": loop("ys.append(abs(x))", before="from math import floor as abs"),
    "a default hides a function": loop(COUNTED + "ys.append(max(x, n))", parameter="xs, max=min"),
    "a private function of the module": loop("ys.append(g(x))", before="from math import __doc__ as g"),
    "a function as a value": loop("ys.append(x if math.gcd else 0)", before="import math"),
    "the parameter hides a builtin": "def program(len):\n    n = 0\n    ys = []\n    for x in len:\n"
    "        n = n + 1 if n < 9 else len((n, n)) + 7\n        ys.append(x)\n    return ys\n",
    "the answers hide a builtin": "def program(xs):\n    n = 0\n    max = []\n    for x in xs:\n"
    "        n = n + 1 if n < 9 else max(n, 9)\n        max.append(x)\n    return max\n",
    "memory in the list of the parameter": loop("xs.append(0)\nys.append(x)"),
    "memory in the answers": loop("ys.append(x if len(ys) < 9 else 0)"),
    "a generator that goes on": loop("ys.append(next(g))", "g = (i for i in range(9))"),
    "a class below": loop("ys.append(x)") + "class program:\n    pass\n",
    "an assignment below": loop("ys.append(x)") + "program = abs\n",
    "a second definition": loop("ys.append(x)") + loop("ys.append(0)"),
    "a name of its own": loop("ys.append(x)").replace("program", "main"),
}  # fmt: skip
if sys.version_info >= (3, 12):
    DISGUISES["a type parameter hides a builtin"] = loop("ys.append(abs(x))").replace("program(", "program[abs](")


@pytest.mark.parametrize("source", DISGUISES.values(), ids=DISGUISES)
def test_a_program_in_which_a_name_may_mean_something_else_is_not_read(source: str) -> None:
    assert loop_machine(source) is None


def test_imported_names_are_no_names_of_the_machine() -> None:
    """`start` and `update` are what the functions of a machine used to be called."""
    for name in ("start", "update"):
        source = loop(f"n = {name}(n, x)\nys.append(n)", before=f"from math import gcd as {name}")
        machine = loop_machine(source)
        assert machine is not None and machine.run([4, 6, 9]) == load_program(source)([4, 6, 9]) == [4, 2, 1]


def test_membership_in_a_set_of_constants_is_read() -> None:
    source = loop("n = int(x in {1, -4}) + n\nys.append(n)")
    machine = loop_machine(source)
    assert machine is not None and machine.run([1, 2, -4]) == load_program(source)([1, 2, -4]) == [1, 1, 2]


def test_what_is_written_plainly_is_read() -> None:
    for source in (
        loop("ys.append(math.gcd(x, 0))", before="import math"),
        loop("ys.append(int(x < math.pi))", before="import math"),
        loop("n = g(n, x)\nys.append(n)", before="from math import gcd as g"),
        loop("ys.append(sum(i for i in (n, x)))"),
    ):
        machine, program = loop_machine(source), load_program(source)
        assert machine is not None
        for word in itertools.product(range(5), repeat=3):
            assert machine.run(word) == program(list(word))


OTHERS = {
    "a function below": "def f():\n    global program\n    program = len\nprint(f())\n",
    "an assertion": "assert (program := len)\n",
    "an annotation": "y: (program := len) = 1\n",
    "an expression": "[program := len for _ in [1]]\n",
    "a class": "class C:\n    global program\n    program = len\n",
    "a dictionary of names": "vars().update(program=len)\n",
    "a default": "def f(a=exec('program = len')):\n    pass\n",
    "a parameter's annotation": "def f(a: (program := len)):\n    pass\n",
    "an import": "from math import floor as program\n",
    "a pattern": "match len:\n    case program:\n        pass\n",
}


@pytest.mark.parametrize("more", OTHERS.values(), ids=OTHERS)
def test_a_text_that_may_replace_its_program_is_judged_whole(more: str) -> None:
    verdict = judge(ECHO + more, echo(0, 3), seed=0, effort=FEW)
    assert not verdict.assurance.startswith("proved")


# References


RARE = int("123457")


def swallows(state: int, x: int) -> tuple[int, int]:
    try:
        return state, {RARE: 0}[x]
    except Exception:
        return state, x


def swallows_everything(state: int, x: int) -> tuple[int, int]:
    try:
        return state, int(x != RARE) and x
    except BaseException:
        return state, x


def asks_for_the_type(state: int, x: int) -> tuple[int, int]:
    return state, (0 if x == RARE else x) if isinstance(x, int) else x


def asks_for_the_identity(state: int, x: int) -> tuple[int, int]:
    return (x, x) if x is state else (x, 0 if type(x).__name__ == "int" else x)


def asks_for_the_class(state: int, x: int) -> tuple[int, int]:
    return state, x * (x.__class__.__name__ != "int")


def matches(state: int, x: int) -> tuple[int, int]:
    match x:
        case int():
            return state, x * (x != RARE)
    return state, x


def asks_for_an_attribute(state: int, x: int) -> tuple[int, int]:
    return state, x * (1 - hasattr(x, "bit_length"))


class Stepping:
    def __call__(self, state: int, x: int) -> tuple[int, int]:
        return state, x * (type(x) is not int)


def asks_a_helper(state: int, x: int) -> tuple[int, int]:
    return asks_for_the_type(state, x)


OPAQUE = {
    step.__name__ if hasattr(step, "__name__") else type(step).__name__: step
    for step in (
        *(swallows, swallows_everything, asks_for_the_type, asks_for_the_identity, asks_for_the_class, matches),
        *(asks_for_an_attribute, Stepping(), asks_a_helper, partial(asks_for_the_type)),
        *(lambda s, x: (s, x if callable(x) else 0), lambda s, x: (s, eval("x")), lambda s, x: (s, f"{x}" and x)),
    )
}


def through(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def inner(value: Any) -> Any:
        return function(value)

    return inner


def of_two_closures() -> Callable[..., Any]:
    """Return a step that calls two functions with one code: only the second asks for a type."""
    first, second = through(lambda v: v), through(lambda v: int(isinstance(v, int)))
    return lambda s, x: (s, first(x) + second(s))


def with_globals(namespace: dict[str, Any]) -> Callable[..., Any]:
    """Return a step whose global names are looked up in a namespace."""
    return FunctionType((lambda s, x: (s, abs(x))).__code__, namespace)


class Names(dict[str, Any]):
    def __missing__(self, name: str) -> Any:
        return lambda value: 0


CONSTANTS = [1, 2]
OPAQUE["a second closure of one function"] = of_two_closures()
OPAQUE["builtins of its own"] = with_globals({"__builtins__": {"abs": lambda value: 0}})
OPAQUE["global names of its own"] = with_globals(Names())
OPAQUE["a list, which may change"] = lambda s, x: (s, x + CONSTANTS[0])


@pytest.mark.parametrize("step", OPAQUE.values(), ids=OPAQUE)
def test_a_reference_that_may_tell_a_symbol_from_a_number_is_not_run_on_symbols(step: Callable[..., Any]) -> None:
    assert not is_transparent(step)
    machine = loop_machine(ECHO)
    assert machine is not None
    found = prove((0, step), machine, alphabet=integers(0, 10**6), max_pairs=10, max_steps=10)
    assert found != "proved-affine"


@pytest.mark.parametrize("step", [swallows, swallows_everything])
def test_an_error_that_a_reference_catches_is_not_forgotten(step: Callable[..., Any]) -> None:
    with pytest.raises(NotAffine, match="caught"):
        affine_machine(0, step, width=1)


def window(earlier: tuple[int, ...], x: int) -> tuple[tuple[int, ...], int]:
    """A docstring is no constant that is used."""
    return (*earlier[1:], x), sum(earlier) - sum(earlier[i] * i for i in range(len(earlier))) + x


def scaled(factors: tuple[tuple[int, ...], ...]) -> Callable[..., Any]:
    def row(values: tuple[int, ...], number: int = 0) -> int:
        return sum([factors[number][i] * values[i] for i in range(3)])

    def step(state: tuple[int, int], x: int) -> tuple[tuple[int, int], int]:
        return (row((*state, x)), row((*state, x), 1)), -x

    return step


@pytest.mark.parametrize(
    ("start", "step"), [((0, 0, 0), window), ((1, 2), scaled(((1, 2, 1), (0, 1, -1)))), (0, lambda s, x: (s + x, -s))]
)
def test_plain_references_are_run_on_symbols(start: Any, step: Callable[..., Any]) -> None:
    assert is_transparent(step)
    assert affine_machine(start, step, width=1).run([1, 2, 3])


def test_the_references_of_the_benchmark_that_are_affine_are_plain() -> None:
    affine = {json.loads(line)["task"] for line in RESULTS.read_text().splitlines() if '"proved-affine"' in line}
    assert len(affine) > 10 and all(is_transparent(TASKS[name].step) for name in affine)


def test_outputs_of_another_shape_are_different() -> None:
    one = affine_machine(0, lambda s, x: (s, (x, s)), width=1)
    assert equal_for_ever(one, affine_machine(5, lambda s, x: (s, (x, s - 5)), width=1))
    for output in (lambda s, x: (s, (x,)), lambda s, x: (s, ((x, s),)), lambda s, x: (s, ())):
        with pytest.raises(NotAffine):
            affine_machine(0, output, width=1)


@dataclass(frozen=True)
class Place:
    row: int
    column: float


class Pair(NamedTuple):
    left: Any
    right: Any


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Sly:
    """Equal to everything."""

    seen = 0

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


def turns_float(state: Any, x: int) -> tuple[Any, int]:
    if type(state) is float:
        return state, 0
    return (state + 1, x) if state < 60 else (60.0, x)


ALIKE = [
    [0, False, 0.0, -0.0, 0j, "0", b"0", None, (), (0,), (False,), (0.0,), ((0,),)],
    [Place(0, 0), Place(0, 0.0), Place(False, 0), Pair(0, 0), Pair(0, False), (0, 0), Colour.RED, Colour.BLUE],
    [math.nan, -math.nan, complex(0, math.nan), complex(0, -math.nan)],
    [Fraction(1, 2), Fraction(1), Decimal(1), Decimal("1.0"), 1, range(1), range(0, 1, 2), turns_float],
]


@pytest.mark.parametrize("states", ALIKE)
def test_states_are_told_apart_by_type_and_value(states: list[Any]) -> None:
    keys = [state_key(state) for state in states]
    assert len(set(keys)) == len(states)
    assert [state_key(copy.deepcopy(state)) for state in states] == keys


@dataclass(frozen=True, init=False, eq=False)
class Day(datetime.date):
    """Its value is in no field."""


@dataclass(frozen=True, init=False)
class Hidden:
    """A property stands before its field."""

    n: int


Hidden.n = property(lambda self: 0)  # type: ignore[assignment]


class Remarkable(tuple[int, ...]):
    """A tuple with attributes, which its `__dict__` denies."""

    __dict__ = property(lambda self: {})  # type: ignore[assignment]


class Unequal(int):
    """A number that a Fraction takes for its numerator."""

    numerator = property(lambda self: self)  # type: ignore[assignment]


class Same(type):
    """A class of classes that are all equal."""

    def __eq__(cls, other: object) -> bool:
        return True

    def __hash__(cls) -> int:
        return hash(int)


def closure(n: int) -> Callable[[], int]:
    return lambda: n


def marked(n: int) -> Callable[[], int]:
    def function() -> int:
        return 0

    function.n = n  # type: ignore[attr-defined]
    return function


UNKNOWN: dict[str, Any] = {
    "a class that is equal to everything": Sly(),
    "a dataclass on a class of C": Day(2000, 1, 1),
    "a dataclass with a property before its field": Hidden(),
    "a tuple that denies its attributes": Remarkable(),
    "a number of a class of its own in a fraction": Fraction(Unequal(3)),
    "an instance of a metaclass": Same("Kind", (tuple,), {"__slots__": ()})(),
    "a tuple with an instance of a metaclass": (Same("Kind", (int,), {"__slots__": ()})(1),),
    "a tuple with fields that are no items": time.struct_time((0,) * 9 + ("", 5)),
    "a set, which may be read in any order": frozenset({0, 8}),
    "a function with something in its closure": closure(1),
    "a function with an attribute": marked(1),
    "a class": Sly,
    "a method of an object": [].append,
    "a list": [],
}


@pytest.mark.parametrize("state", UNKNOWN.values(), ids=UNKNOWN)
def test_what_may_be_more_than_its_parts_is_never_a_state_that_was_seen(state: Any) -> None:
    assert state_key(state) != state_key(state) and state_key((state, 1)) != state_key((state, 1))


def test_keys_of_other_states_are_no_tuples_of_ints() -> None:
    assert state_key(True) != state_key((id(bool), True)) and state_key(True) != state_key((id(bool), 1))


def turns_true(state: Any, x: int) -> tuple[Any, int]:
    return (state + 1, x) if state < 1 else (True, x if state is not True else 0)


def turns_sly(state: Any, x: int) -> tuple[Any, int]:
    following = Sly()
    following.seen = state.seen + 1
    return following, x if state.seen < 60 else 0


def changes(state: Any, x: int) -> tuple[Any, int]:
    state.seen += 1
    return state, x if state.seen < 999_999 else 0


def answers_true(state: int, x: int) -> tuple[int, int]:
    return min(state + 1, 60), x if state < 60 else bool(x)


@pytest.mark.parametrize(
    ("start", "step"),
    [(0, turns_float), (0, turns_true), (Sly(), turns_sly), (Sly(), changes), (0, answers_true)],
    ids=lambda part: str(part)[:20],
)
def test_no_walk_closes_over_states_or_answers_that_are_only_equal(start: Any, step: Callable[..., Any]) -> None:
    machine = loop_machine(ECHO)
    assert machine is not None
    found = prove((start, step), machine, alphabet=integers(0, 1), max_pairs=500, max_steps=2_000)
    assert found == "" or (isinstance(found, tuple) and len(found) > 1)


@pytest.mark.parametrize(
    "step",
    [
        lambda s, x: (min(s + 1, 60), x) if s < 60 else [s, x],
        lambda s, x: (min(s + 1, 60), x if s < 60 else (x,)),
        lambda s, x: (s + 1 if s < 60 else [], x),
        lambda s, x: ((s,), x),  # deeper than Python calls itself
    ],
    ids=["no pair", "another size", "a state that has no hash", "ever deeper"],
)
def test_a_reference_that_ends_somewhere_is_no_machine_to_be_equal_to(step: Callable[..., Any]) -> None:
    machine = loop_machine(ECHO)
    assert machine is not None
    assert prove((0, step), machine, alphabet=integers(0, 1), max_pairs=2_000, max_steps=8_000) == ""


CUT = {
    "a print that reads an iterator": loop("g = (v for v in (x,))\nprint(*g, end='')\nys.append(sum(g))"),
    "an annotation that makes a name local": loop("max: int\nys.append(max((x, 0)))"),
    "an assertion that calls a function": loop(
        "ys.append(x)\nassert spoil(ys)", before="def spoil(ys):\n    ys[:] = [1] * len(ys)\n    return True"
    ),
    "a module under two names": loop("ys.append(m.gcd(x, 0))", before="import math\nimport math as m\nmath.gcd = max"),
    "code that is replaced": ECHO + "f = (lambda: program)()\nsetattr(f, '__co' + 'de__', (lambda xs: []).__code__)\n",
}


@pytest.fixture
def kept_gcd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo what a program does to `math`."""
    monkeypatch.setattr(math, "gcd", math.gcd)


@pytest.mark.usefixtures("kept_gcd")
@pytest.mark.parametrize("source", CUT.values(), ids=CUT)
def test_a_text_is_not_proved_by_a_part_of_it(source: str) -> None:
    assert not judge(source, echo(0, 1), effort=FEW).assurance.startswith("proved")


@pytest.mark.usefixtures("kept_gcd")
@pytest.mark.parametrize("name", [*CUT][:4])
def test_what_is_cut_off_does_nothing(name: str) -> None:
    """What is weighed is what runs: cutting leaves the answers, or the error, as they are."""
    whole, kept = load_program(CUT[name]), load_program(weigh(CUT[name]).text)

    def answers(program: Callable[..., Any]) -> object:
        try:
            return program([1, 0, 1])
        except UnboundLocalError:
            return "an error"

    assert answers(kept) == answers(whole)


def test_states_of_every_kind_can_be_walked() -> None:
    for states in (
        (Place(0, 1), Place(1, 0)),
        (Pair(0, 1), Pair(1, 0)),
        (Colour.RED, None),
    ):

        def step(state: Any, x: int, states: tuple[Any, Any] = states) -> tuple[Any, int]:
            place = states.index(state)
            return copy.deepcopy(states[place ^ x]), place

        right = (0, lambda s, x: (s ^ x, s))
        assert isinstance(distinguish((states[0], step), right, (0, 1), max_pairs=9, max_steps=99), Equivalent)


def test_a_machine_that_is_not_the_program_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    other = loop_machine(ECHO)
    assert other is not None
    late = replace(
        other, start=(0,), names=("n",), update=lambda values, x: ((values[0] + 1,), x if values[0] < 99 else 0)
    )
    monkeypatch.setattr("mips.judging.judge.loop_machine", lambda source: late)
    monkeypatch.setattr("mips.judging.judge.prove", lambda *arguments, **bounds: "proved")
    assert judge(ECHO, echo(0, 3), seed=0, effort=FEW).assurance == "tested"
    monkeypatch.setattr("mips.judging.judge.loop_machine", lambda source: other)
    assert judge(ECHO, echo(0, 3), seed=0, effort=FEW).assurance == "proved"


def test_a_proof_that_outlives_its_time_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def stubborn(*arguments: Any, **bounds: Any) -> str:
        try:
            while True:
                pass
        except OutOfTime:
            return "proved"

    monkeypatch.setattr("mips.judging.judge.prove", stubborn)
    assert judge(ECHO, echo(0, 1), seed=0, effort=replace(FEW, examples=1), seconds=1.0).assurance == "tested"


# Mutants


def mutants(source: str, count: int, rng: random.Random) -> Iterator[str]:
    """Yield so many programs that differ from `source` in one place: a number, an operator, a name, or a statement."""
    tree = ast.parse(source)
    places = [node for node in ast.walk(tree) if _changes(node, tree)]
    for _ in range(count):
        other = copy.deepcopy(tree)
        number = rng.randrange(len(places))
        node = [node for node in ast.walk(other) if _changes(node, other)][number]
        rng.choice(_changes(node, other))()
        yield ast.unparse(ast.fix_missing_locations(other))


def _changes(node: ast.AST, tree: ast.AST) -> list[Callable[[], None]]:
    def put(name: str, value: Any) -> Callable[[], None]:
        return lambda: setattr(node, name, value)

    match node:
        case ast.Constant(value=int(number)):
            return [put("value", number + step) for step in (-1, 1, 2)] + [put("value", True)]
        case ast.BinOp():
            return [put("op", op()) for op in (ast.Add, ast.Sub, ast.Mult, ast.Mod, ast.FloorDiv, ast.BitXor)]
        case ast.Compare(ops=[_]):
            return [put("ops", [op()]) for op in (ast.Lt, ast.LtE, ast.Eq, ast.NotEq, ast.Gt)]
        case ast.IfExp(body=body, orelse=orelse):
            return [lambda: (setattr(node, "body", orelse), setattr(node, "orelse", body))[0]]  # type: ignore[func-returns-value]
        case ast.Name(ctx=ast.Load()) if node.id not in ("xs", "ys", "int", "max", "min", "abs"):
            names = sorted({other.id for other in ast.walk(tree) if isinstance(other, ast.Name)} - {"xs", "ys", "int"})
            return [put("id", name) for name in names if name != node.id]
        case ast.Call(func=ast.Name(id=("max" | "min") as name)):
            return [put("func", ast.Name("min" if name == "max" else "max", ast.Load()))]
        case ast.Call(func=ast.Attribute(attr="append"), args=[answer]) if not isinstance(answer, ast.Tuple):
            return [put("args", [ast.BinOp(answer, op(), ast.Constant(2))]) for op in (ast.Add, ast.Mult, ast.Mod)]
        case ast.For(body=[_, _, *_] as body):
            swaps = [[*body[:i], body[i + 1], body[i], *body[i + 2 :]] for i in range(len(body) - 1)]
            return [put("body", swapped) for swapped in swaps]
    return []


@pytest.mark.parametrize("count", [10, pytest.param(50, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", TASKS)
def test_no_mutant_of_a_stored_program_is_proved_and_wrong(name: str, count: int) -> None:
    task = TASKS[name]
    source = (unpacked_run("reference") / "tasks" / name / "program.py").read_text()
    effort = replace(BINDING, long=12, far=20, longest=400)
    cases = [*long_words(task, effort, 1), *long_words(task, replace(effort, far=6), 2)]
    few = {"max_pairs": 3_000, "max_steps": 20_000}
    proved = 0
    for mutant in itertools.chain([source], mutants(source, count, random.Random(name))):
        machine = loop_machine(mutant)
        if machine is None:  # a name is read before it has a value: nothing is proved of that
            assert mutant is not source
            continue
        found = prove((task.start, task.step), machine, alphabet=task.inputs, **few)
        program = load_program(mutant)
        if isinstance(found, str) and found:
            proved += 1
            for word, expected in cases:
                assert json.dumps(program(list(word))) == json.dumps(expected), mutant
        elif isinstance(found, tuple):
            assert _answer(program, found) != task.run(found), (mutant, found)
    assert proved < count, "some of the mutants are wrong"


def _answer(program: Any, word: tuple[Any, ...]) -> Any:
    try:
        answer = program(list(word))
    except Exception as error:
        return error
    return answer if all(type(part) is int for y in answer for part in (y if type(y) is tuple else (y,))) else None
