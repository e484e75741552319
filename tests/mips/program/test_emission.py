"""Emitted programs do what their formulas do, on every word, and keep the shape that the judge can prove."""

from __future__ import annotations

import ast
import os
import random
import subprocess
import sys

import numpy as np
import pytest
from random_examples import random_term

from mips.judging.weighing.weight import longest_literal
from mips.program.emission import emit
from mips.program.source import load_program, loop_machine, program_nodes
from mips.symbolic.synthesis.linear import delayed
from mips.symbolic.terms.formulas import NEW, Formulas, StateVariable, input_names, output_names
from mips.symbolic.terms.term import Term, constant, variable

STATE_NAMES = ("s", "a0", "c1", "x_1", "x_2", "y_1", "y_2")
RNG = np.random.default_rng(0)
WORDS = {width: RNG.integers(-2, 3, (12, 6, width)) for width in (1, 2)}


def random_formulas(seed: int) -> Formulas:
    """Formulas in which what is defined earlier may be read later, in a random order, so there is no ring."""
    rng = random.Random(seed)
    width = rng.choice((1, 2))
    names = rng.sample(STATE_NAMES, rng.randint(0, 4))
    ys = output_names(rng.randint(1, 3))
    known = [*input_names(width), *names]
    defined: dict[str, Term] = {}
    for target in rng.sample([*(name + NEW for name in names), *ys], len(names) + len(ys)):
        some = variable(rng.choice([*known, *defined]))
        part = random_term(rng, (*known, *defined), depth=rng.randint(0, 3))
        defined[target] = rng.choice((some, part, Term("+", (some, part)), Term("-", (part, some))))
    return Formulas(
        width=width,
        states=tuple(StateVariable(name=one, start=rng.randint(-1, 2), update=defined[one + NEW]) for one in names),
        outputs=tuple(defined[y] for y in ys),
    )


def answers(source: str, words: np.ndarray) -> list[list[tuple[int, ...]]]:
    """What the program gives, each output as a tuple; every number must be a plain int."""
    program = load_program(source)
    found = []
    for word in words.tolist():
        ys = [y if isinstance(y, tuple) else (y,) for y in program([tuple(x) if len(x) > 1 else x[0] for x in word])]
        assert {type(number) for y in ys for number in y} <= {int}
        found.append(ys)
    return found


def check(formulas: Formulas, words: np.ndarray | None = None) -> str:
    """Hold the program against the formulas on words of all lengths, and return it."""
    source = emit(formulas)
    words = WORDS[formulas.width] if words is None else words
    expected = formulas.run(words)
    assert answers(source, words) == [[tuple(y) for y in ys] for ys in expected.tolist()]
    assert answers(source, words[:, :2]) == [[tuple(y) for y in ys] for ys in expected[:, :2].tolist()]
    assert load_program(source)([]) == []
    machine = loop_machine(source)
    assert machine is not None
    state = machine.start
    for x, y in zip(words[0].tolist(), expected[0].tolist(), strict=True):
        state, answer = machine.step(state, tuple(x) if len(x) > 1 else x[0])
        assert answer == (tuple(y) if len(y) > 1 else y[0])
    return source


S, X = variable("s"), variable("x")
CHAIN = Formulas(
    width=1,
    states=(
        StateVariable(name="b", start=2, update=variable("y0")),
        StateVariable(name="c", start=1, update=variable("b'")),
    ),
    outputs=(Term("+", (X, constant(1))), variable("b'"), Term("*", (variable("y0"), variable("c")))),
)


def test_the_program_does_what_the_formulas_do_where_names_come_and_go() -> None:
    check(CHAIN)


def divides_by_zero(formulas: Formulas) -> bool:
    try:
        formulas.run(WORDS[formulas.width])
    except ZeroDivisionError:
        return True
    return False


SOUND = [formulas for formulas in map(random_formulas, range(300)) if not divides_by_zero(formulas)]


def test_most_random_formulas_divide_by_nothing() -> None:
    assert len(SOUND) > 150


@pytest.mark.parametrize("formulas", SOUND, ids=range(len(SOUND)))
def test_the_program_does_what_the_formulas_do(formulas: Formulas) -> None:
    source = check(formulas)
    assert source.count("\n") <= 40
    assert longest_literal(source) <= 8
    tree = ast.parse(source)
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    assert all(name.isidentifier() for name in stored)
    assert not stored & {"xs", "abs", "min", "max", "int"}
    everything = [*formulas.outputs, *(state.update for state in formulas.states)]
    assert program_nodes(source) <= 2 * sum(term.size for term in everything) + 16 * (len(everything) + 3)


def state(name: str, start: int, update: Term) -> StateVariable:
    return StateVariable(name=name, start=start, update=update)


def plus(*parts: Term) -> Term:
    total = parts[0]
    for part in parts[1:]:
        total = Term("+", (total, part))
    return total


def test_an_addition_reads_like_one() -> None:
    total = plus(S, variable("x0"), variable("x1"))
    formulas = Formulas(
        width=2,
        states=(state("s", 0, Term("//", (total, constant(2)))),),
        outputs=(Term("%", (total, constant(2))),),
    )
    assert check(formulas) == (
        "def program(xs):\n"
        "    carry = 0\n"
        "    ys = []\n"
        "    for x0, x1 in xs:\n"
        "        total = carry + x0 + x1\n"
        "        carry = total // 2\n"
        "        ys.append(total % 2)\n"
        "    return ys\n"
    )


def test_a_variable_that_remembers_the_output_is_the_output() -> None:
    formulas = Formulas(width=1, states=(state("y_1", 0, variable("y")),), outputs=(Term("max", (variable("y_1"), X)),))
    assert check(formulas) == (
        "def program(xs):\n"
        "    largest = 0\n"
        "    ys = []\n"
        "    for x in xs:\n"
        "        largest = max(largest, x)\n"
        "        ys.append(largest)\n"
        "    return ys\n"
    )


def test_old_values_are_read_before_they_are_overwritten() -> None:
    lags = [state(delayed("x", lag), 0, variable("x" if lag == 1 else delayed("x", lag - 1))) for lag in (1, 2, 3)]
    for chosen in (lags, lags[::-1]):
        formulas = Formulas(
            width=1, states=tuple(chosen), outputs=(Term("-", (X, plus(variable("x_1"), variable("x_3")))),)
        )
        source = check(formulas)
        assert "next_" not in source
        order = [line.strip() for line in source.splitlines()]
        assert order.index("previous_3 = previous_2") < order.index("previous_2 = previous")


@pytest.mark.parametrize("output", ["s", "t", "s'", "t'"])
def test_a_swap_is_done_at_once(output: str) -> None:
    formulas = Formulas(
        width=1,
        states=(state("s", 0, Term("+", (variable("t"), X))), state("t", 1, S)),
        outputs=(variable(output),),
    )
    check(formulas)


def test_a_ring_of_three() -> None:
    names = ("s", "t", "u")
    formulas = Formulas(
        width=1,
        states=tuple(
            state(name, start, variable(other))
            for start, (name, other) in enumerate(zip(names, ("t", "u", "s"), strict=True))
        ),
        outputs=tuple(Term("*", (variable(name), X)) for name in names),
    )
    assert "next_" in check(formulas)


def test_a_shared_subterm_is_computed_once() -> None:
    shared = Term("%", (plus(S, X), constant(5)))
    formulas = Formulas(
        width=1, states=(state("s", 0, shared),), outputs=(Term("*", (shared, shared)), Term("-", (shared, X)))
    )
    assert check(formulas).count("% 5") == 1


def test_a_shared_subterm_of_old_values_stays_one_in_a_swap() -> None:
    shared = Term("*", (S, variable("t")))
    formulas = Formulas(
        width=1,
        states=(state("s", 1, plus(variable("t"), shared)), state("t", 2, plus(S, shared))),
        outputs=(plus(shared, X),),
    )
    assert check(formulas, np.array([[[1], [0], [2]]])).count("*") == 1


def test_outputs_may_speak_of_outputs() -> None:
    formulas = Formulas(
        width=1,
        states=(state("s", 0, plus(variable("y1"), constant(1))),),
        outputs=(plus(X, S), Term("*", (variable("y0"), constant(2))), plus(variable("y0"), variable("y1"))),
    )
    check(formulas)


def test_truth_values_become_ints() -> None:
    less, flag = Term("<", (S, X)), Term("not", (Term("==", (S, X)),))
    formulas = Formulas(
        width=1,
        states=(state("s", 0, Term("if", (less, flag, less))),),
        outputs=(less, Term("^", (less, flag)), Term("max", (less, flag))),
    )
    check(formulas)


def test_many_variables_of_one_role_get_names_of_their_own() -> None:
    names = [f"a{i}" for i in range(12)]
    formulas = Formulas(
        width=2,
        states=tuple(
            state(name, i % 3, plus(variable(name), variable("x0"), constant(i))) for i, name in enumerate(names)
        ),
        outputs=(plus(*(variable(name + NEW) for name in names)),),
    )
    assert check(formulas).count("\n") <= 40


def test_no_state_at_all() -> None:
    assert "ys.append(x)" in check(Formulas(width=1, states=(), outputs=(X,)))
    check(Formulas(width=2, states=(), outputs=(constant(3), variable("x1"))))


def test_the_docstring_is_what_the_program_is_about() -> None:
    formulas = Formulas(width=1, states=(), outputs=(X,))
    source = emit(formulas, "Copies.\n\n    Twice: no.\n    ")
    assert "Copies." in (load_program(source).__doc__ or "")
    assert program_nodes(source) == program_nodes(emit(formulas))
    assert loop_machine(source) is not None


def test_the_text_does_not_depend_on_the_hash_seed() -> None:
    """Sets of texts are walked in another order in every process; a program must not show it."""
    code = "from test_emission import HASHED, emit\nfor formulas in HASHED: print(emit(formulas))"
    folder = os.path.dirname(__file__)
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([folder, *sys.path])},
            capture_output=True, text=True, check=True, cwd=folder,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(texts) == 1 and texts.pop().count("def program") == len(HASHED)


HASHED = [
    CHAIN,
    Formulas(
        width=2,
        states=tuple(
            state(name, 0, plus(variable(other), variable("x0"), Term("*", (variable("x1"), variable(other)))))
            for name, other in zip(STATE_NAMES[:5], (*STATE_NAMES[1:5], "s"), strict=True)
        ),
        outputs=tuple(plus(*(variable(name + NEW) for name in STATE_NAMES[i:5])) for i in range(3)),
    ),
    Formulas(
        width=1,
        states=tuple(state(name, 1, plus(variable(name), X, variable("y1"))) for name in STATE_NAMES[:5]),
        outputs=(plus(*map(variable, STATE_NAMES[:5])), plus(S, X), plus(variable("y0"), variable("y1"))),
    ),
]
