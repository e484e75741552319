"""Other synthesisers as authors of programs: what they write is what they found, and the same for the same seed."""

from __future__ import annotations

import importlib.util
import itertools
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from benchmarks.roster import families, find
from mips import Task, integers
from mips.judging.weighing.weight import longest_literal
from mips.machines.mealy import MealyMachine, minimize
from mips.program.source import load_program, program_nodes
from mips.tasks.task import Integers
from pytest_mips.baselines import synthesizers
from pytest_mips.baselines.decisions import shortest
from pytest_mips.baselines.encoding import encode
from pytest_mips.baselines.formula import features, program_of

aalpy = pytest.importorskip("aalpy")
gplearn = pytest.importorskip("gplearn")

from pytest_mips.baselines import automata, regression  # noqa: E402

ROSTER = families()


def ignore(_: str) -> None:
    pass


def words(inputs: Integers, longest: int) -> Iterable[list[Any]]:
    return (list(word) for length in range(longest + 1) for word in itertools.product(inputs.symbols(), repeat=length))


def is_formula(source: str) -> bool:
    return program_nodes(source) <= 200 and longest_literal(source) <= 8


# What a user names


def test_every_author_is_found() -> None:
    assert synthesizers.author("aalpy") is automata.write
    assert synthesizers.author("gplearn") is regression.write


def test_an_unknown_author_is_named_with_those_there_are() -> None:
    with pytest.raises(synthesizers.AuthorError, match="no author is called 'aalpi'; there are aalpy, gplearn"):
        synthesizers.author("aalpi")


@pytest.mark.parametrize("name", synthesizers.AUTHORS)
def test_a_missing_package_is_named_with_the_cure(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(synthesizers.AuthorError) as caught:
        synthesizers.author(name)
    assert str(caught.value) == (
        f"the author {name!r} needs the package {name}, which is not installed; pip install 'mips[{name}]'"
    )


def test_naming_an_author_imports_no_package() -> None:
    code = (
        "import sys; from pytest_mips.baselines.synthesizers import fault\n"
        "assert not fault('aalpy') + fault('gplearn'); "
        "print(sorted({'aalpy', 'gplearn', 'numpy', 'mips'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# Automata learning


@pytest.mark.parametrize(
    ("name", "states", "longest"),
    [
        ("Parity_All", 2, 8),
        ("Binary_Addition", 2, 5),
        ("Base_3_Addition", 2, 3),
        ("Add_Mod_3", 3, 6),
        ("Div_5", 5, 8),
        ("Alternating_Last3", 4, 8),
        ("Previous_Equals_Current", 8, 4),
        ("Max_Seen", 100, 2),
        ("Current_Number", 1, 2),
    ],
)
def test_a_small_machine_is_learnt_and_written_as_a_formula(name: str, states: int, longest: int) -> None:
    _, task = find(ROSTER, name)
    assert automata.learn(task, seed=0, progress=ignore).size == states
    source = automata.write(task, seed=0, progress=ignore)
    program = load_program(source)
    assert is_formula(source)
    assert all(program(word) == task.run(word) for word in words(task.inputs, longest))


def test_a_large_machine_is_written_as_a_table() -> None:
    _, task = find(ROSTER, "Abs_Current")
    source = automata.write(task, seed=0, progress=ignore)
    assert not is_formula(source)
    assert all(load_program(source)([x]) == [abs(x)] for x in task.inputs.symbols())


def running_sum(total: int, x: int) -> tuple[int, int]:
    return total + x, total + x


def two_sums(totals: tuple[int, int], x: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
    totals = totals[0] + x[0], totals[1] + x[1]
    return totals, totals


@pytest.mark.parametrize(
    "task",
    [
        Task("Sum_Of_Digits", step=running_sum, start=0, inputs=integers(0, 9), length=10),
        Task("Two_Sums", step=two_sums, start=(0, 0), inputs=integers(-10, 10, width=2), length=10),
    ],
    ids=str,
)
def test_what_never_ends_is_given_up_soon(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automata, "STEPS", 50_000)
    asked = []
    monkeypatch.setattr(Task, "run", count(asked, Task.run))
    program = load_program(automata.write(task, seed=0, progress=ignore))
    assert sum(asked) <= 50_000 + 100
    symbol = task.inputs.constant(0)
    assert len(program([symbol] * 5)) == 5


def count(asked: list[int], run: Callable[[Task, Any], Any]) -> Callable[[Task, Any], Any]:
    def counted(task: Task, word: Sequence[Any]) -> Any:
        asked.append(len(word))
        return run(task, word)

    return counted


# A machine as text


def random_machine(rng: random.Random, inputs: Integers, *, states: int, outputs: int) -> MealyMachine:
    symbols = tuple(x if isinstance(x, tuple) else (x,) for x in inputs.symbols())
    rows = [[rng.randrange(states) for _ in symbols] for _ in range(states)]
    answers = [[tuple(rng.randint(-1, 1) for _ in range(outputs)) for _ in symbols] for _ in range(states)]
    return minimize(
        MealyMachine(symbols=symbols, transitions=tuple(map(tuple, rows)), outputs=tuple(map(tuple, answers)))
    )


@pytest.mark.parametrize("seed", [pytest.param(seed, marks=[pytest.mark.slow] * (seed >= 8)) for seed in range(25)])
def test_a_written_machine_answers_as_the_machine(seed: int) -> None:
    rng = random.Random(seed)
    width, outputs = rng.randint(1, 2), rng.randint(1, 2)
    low = rng.randint(-3, 1)
    inputs = integers(low, low + rng.randint(0, 4 // width), width=width)
    longest = 3 if inputs.count < 20 else 2
    machine = random_machine(rng, inputs, states=rng.choice((1, 2, 3, 5, 8, 30)), outputs=outputs)
    program = load_program(encode(machine, inputs, "A random machine."))
    letters = {symbol: place for place, symbol in enumerate(inputs.symbols())}
    tried = [*words(inputs, longest), *(inputs.draw_word(rng, 60) for _ in range(10))]
    for word in tried:
        answers = machine.run([letters[symbol] for symbol in word])
        assert program(word) == [answer[0] if outputs == 1 else answer for answer in answers]


@pytest.mark.parametrize("seed", range(5))
def test_a_table_answers_as_the_machine(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_mips.baselines.encoding.shortest", lambda features, column: None)
    test_a_written_machine_answers_as_the_machine(seed)


@pytest.mark.parametrize("seed", range(30))
def test_a_short_expression_gives_the_column(seed: int) -> None:
    rng = random.Random(seed)
    rows = list(itertools.product(range(-2, 3), range(3)))
    column = [rng.choice((a, b, 0, -7)) for a, b in rows]
    text = shortest({"a": [a for a, _ in rows], "b": [b for _, b in rows]}, column)
    assert text is not None
    assert [eval(text.text, {"a": a, "b": b}) for a, b in rows] == column
    assert program_nodes(text.text) == text.nodes + 2  # the module, and the statement


def test_rows_that_contradict_each_other_have_no_expression() -> None:
    assert shortest({"a": [1, 1]}, [0, 1]) is None


# Symbolic regression


def largest_of_two(previous: int, x: int) -> tuple[int, int]:
    return x, max(previous, x)


LARGEST = Task("Largest_Of_Two", step=largest_of_two, start=0, inputs=integers(0, 20), length=6)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regression, "POPULATION", 100)
    monkeypatch.setattr(regression, "GENERATIONS", 4)
    monkeypatch.setattr(regression, "SEARCHES", 1)


def test_a_simple_formula_is_found() -> None:
    source = regression.write(LARGEST, seed=0, progress=ignore)
    assert is_formula(source)
    program = load_program(source)
    rng = random.Random(0)
    for word in (LARGEST.draw(rng, length) for length in (0, 1, 6, 30) for _ in range(20)):
        assert program(word) == LARGEST.run(word)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", ["Base_5_Addition", "Newton_Magnetic", "Div_7", "Majority_0_3", "Sum_Last4"])
def test_the_program_computes_the_fitted_formula(name: str) -> None:
    _, task = find(ROSTER, name)
    used = features(task.inputs.width, task.output_width)
    rows, columns = regression.training_set(task, seed=3)
    models = [regression.fit(rows, column, seed=3, progress=ignore) for column in columns]
    program = load_program(program_of(used, [regression.nodes(model) for model in models], "A fit."))
    rng = random.Random(1)
    for word in (task.draw(rng, 2 * task.length) for _ in range(10)):
        symbols = [x if isinstance(x, tuple) else (x,) for x in word]
        said: list[tuple[int, ...]] = []
        for now in range(len(word)):  # the last outputs are its own
            row = used.rows(symbols[: now + 1], [*said, (0,) * task.output_width])[-1:]
            said.append(tuple(int(model.predict(row).round()[0]) for model in models))
        assert program(word) == [y[0] if task.output_width == 1 else y for y in said]


# A formula as text


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (["sub", 0, "sub", 1, 2], "x - (x_1 - x_2)"),
        (["sub", "sub", 0, 1, 2], "x - x_1 - x_2"),
        (["mul", "add", 0, 2.0, "neg", 1], "(x + 2) * (-x_1)"),
        (["add", -0.5, "mul", 0, 0], "(-0.5) + x * x"),
        (["neg", "add", 0, 1], "-(x + x_1)"),
        (["mod", "max", 0, 8, "div", 1, 0], "mod(max(x, sum_x), div(x_1, x))"),
        (["abs", "sub", 9, 11], "abs(y_1 - time)"),
    ],
)
def test_a_formula_is_written_with_as_few_parentheses_as_are_plain(formula: list[Any], expected: str) -> None:
    assert f"round({expected})" in program_of(features(1, 1), [formula], "")


def test_what_a_formula_remembers_is_kept() -> None:
    used = features(2, 2)
    names = used.names
    formulas = [
        ["add", names.index("x1_3"), "mod", names.index("y0_2"), 5.0],
        ["sub", names.index("sum_x0"), "div", names.index("time"), names.index("y1_1")],
    ]
    program = load_program(program_of(used, formulas, ""))
    word = [(1, 2), (3, 4), (5, 6), (7, 8), (9, 1)]
    assert program(word) == [(0, 0), (0, 3), (0, 8), (2, 16), (4, 25)]


# Both


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("author", [automata, regression])
def test_the_same_seed_gives_the_same_program(author: Any) -> None:
    _, task = find(ROSTER, "Base_3_Addition")
    first, second = (author.write(task, seed=5, progress=ignore) for _ in range(2))
    assert first == second
