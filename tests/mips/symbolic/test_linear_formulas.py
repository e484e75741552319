"""Linear machines as formulas, and formulas as something that runs."""

from __future__ import annotations

import numpy as np
import pytest

from mips.machines.linear import LinearMachine
from mips.symbolic.synthesis.linear import linear_formulas
from mips.symbolic.terms.affine import affine
from mips.symbolic.terms.formulas import Formulas, StateVariable, input_names, output_names
from mips.symbolic.terms.term import Term, constant, variable


def random_machine(seed: int) -> LinearMachine:
    rng = np.random.default_rng(seed)
    outputs, inputs, back, ahead = rng.integers(1, 3), rng.integers(1, 3), rng.integers(0, 3), rng.integers(0, 4)
    return LinearMachine(
        feedback=rng.integers(-1, 2, (back, outputs, outputs)),
        feedforward=rng.integers(-2, 3, (ahead + 1, outputs, inputs)),
        constant=rng.integers(-2, 3, outputs),
    )


def convolved(machine: LinearMachine, words: np.ndarray) -> np.ndarray:
    """The outputs as the sum of what every single input number brings about, and of what comes without any."""
    impulse, resting = machine.markov(words.shape[1])
    outputs = np.broadcast_to(resting[None], (len(words), *resting.shape)).copy()
    for t in range(words.shape[1]):
        for s in range(t + 1):
            outputs[:, t] += words[:, s] @ impulse[t - s].T
    return outputs


@pytest.mark.parametrize("seed", range(40))
def test_formulas_have_the_machines_behaviour(seed: int) -> None:
    machine = random_machine(seed)
    formulas = linear_formulas(machine)
    words = np.random.default_rng(seed).integers(-9, 10, (6, 9, machine.feedforward.shape[2]))
    assert np.array_equal(formulas.run(words), convolved(machine, words))


@pytest.mark.parametrize("seed", range(40))
def test_every_state_variable_is_used(seed: int) -> None:
    formulas = linear_formulas(random_machine(seed))
    terms = [*formulas.outputs, *(state.update for state in formulas.states)]
    used = frozenset().union(*(term.variables() for term in terms))
    assert {state.name for state in formulas.states} <= used
    assert all(state.start == 0 for state in formulas.states)


def test_delays_that_nobody_reads_are_left_out() -> None:
    machine = LinearMachine(
        feedback=np.zeros((2, 1, 1), dtype=np.int64),
        feedforward=np.array([[[1]], [[0]], [[3]], [[0]]]),
        constant=np.zeros(1, dtype=np.int64),
    )
    formulas = linear_formulas(machine)
    assert [state.name for state in formulas.states] == ["x_1", "x_2"]
    assert [str(state.update) for state in formulas.states] == ["x", "x_1"]
    assert [str(term) for term in formulas.outputs] == ["x + 3 * x_2"]


@pytest.mark.parametrize(
    ("parts", "offset", "text"),
    [
        ([], 0, "0"),
        ([], 5, "5"),
        ([], -5, "-5"),
        ([(1, "a")], 0, "a"),
        ([(-1, "a")], 0, "-a"),
        ([(-1, "a")], 2, "2 - a"),
        ([(-1, "a"), (2, "b")], 0, "2 * b - a"),
        ([(-3, "a"), (1, "b"), (0, "c")], -7, "b - 3 * a - 7"),
        ([(-1, "a"), (-2, "b")], -7, "-7 - a - 2 * b"),
    ],
)
def test_sums_are_short_and_right(parts: list[tuple[int, str]], offset: int, text: str) -> None:
    term = affine(parts, offset)
    assert str(term) == text
    rng = np.random.default_rng(0)
    columns = {name: rng.integers(-9, 10, 20) for name in "abc"}
    expected = sum((value * columns[name] for value, name in parts), np.full(20, offset))
    assert np.array_equal(term.evaluate(columns), expected)


def counter(update: Term, output: Term, start: int = 0, width: int = 1) -> Formulas:
    return Formulas(width=width, states=(StateVariable(name="s", start=start, update=update),), outputs=(output,))


def test_terms_see_old_and_new_values() -> None:
    step = Term("+", (variable("s"), variable("x")))
    words = np.array([[[1], [2], [3]]])
    assert counter(step, variable("s")).run(words)[0, :, 0].tolist() == [0, 1, 3]
    assert counter(step, variable("s'")).run(words)[0, :, 0].tolist() == [1, 3, 6]
    assert counter(step, variable("s'"), start=10).run(words)[0, :, 0].tolist() == [11, 13, 16]
    assert counter(variable("y"), Term("+", (variable("s"), variable("x")))).run(words)[0, :, 0].tolist() == [1, 3, 6]


def test_definitions_come_after_what_they_need() -> None:
    states = tuple(
        StateVariable(name=name, start=0, update=variable(needs))
        for name, needs in [("a", "b'"), ("b", "c'"), ("c", "x")]
    )
    order = list(Formulas(width=1, states=states, outputs=(variable("a'"),)).definitions())
    assert order == ["c'", "b'", "a'", "y"]


def test_definitions_in_a_circle_are_refused() -> None:
    with pytest.raises(ValueError, match=r"definitions need one another: .*y"):
        counter(variable("y"), variable("s'")).definitions()


def test_names_and_size() -> None:
    assert input_names(1) == ("x",)
    assert input_names(2) == ("x0", "x1")
    assert output_names(1) == ("y",)
    assert output_names(3) == ("y0", "y1", "y2")
    assert counter(Term("+", (variable("s"), variable("x"))), constant(1)).size == 5


def test_a_division_by_zero_is_pythons() -> None:
    with pytest.raises(ZeroDivisionError):
        counter(variable("s"), Term("//", (constant(1), variable("x")))).run(np.array([[[1], [0]]]))


def test_words_without_symbols() -> None:
    formulas = Formulas(width=2, states=(), outputs=(variable("x0"), variable("x1")))
    assert formulas.run(np.zeros((3, 0, 2), dtype=np.int64)).shape == (3, 0, 2)
    assert formulas.run(np.zeros((0, 3, 2), dtype=np.int64)).shape == (0, 3, 2)
