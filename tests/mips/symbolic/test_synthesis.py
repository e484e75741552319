"""Formulas from behaviour alone, made from known step functions: right on the words seen and on much longer ones."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mips.machines.mealy import MealyMachine, minimize
from mips.outcome import StageFailure
from mips.symbolic.regression.budget import QUICK, THOROUGH
from mips.symbolic.synthesis.accumulators import accumulators
from mips.symbolic.synthesis.answer_variables import (
    Function,
    answers_of_machine,
    closed_groups,
    formulas_of,
    observed,
    probing_symbols,
)
from mips.symbolic.synthesis.behaviour import Behaviour, overruled
from mips.symbolic.synthesis.labelling import graph_of_machine
from mips.symbolic.synthesis.synthesis import NOISE, _from_labellings, synthesize
from mips.symbolic.terms.formulas import Formulas

Step = Callable[[Any, tuple[int, ...]], tuple[Any, int]]


def run(step: Step, start: Any, words: np.ndarray) -> np.ndarray:
    """The outputs (count, length, 1) of a step function."""
    answers = np.zeros((*words.shape[:2], 1), dtype=np.int64)
    for number, word in enumerate(words.tolist()):
        state = start
        for t, symbol in enumerate(word):
            state, answers[number, t, 0] = step(state, tuple(symbol))
    return answers


def behaviour(step: Step, start: Any, high: int, width: int = 1, *, length: int = 10, damage: float = 0.0) -> Behaviour:
    """Random words over 0..high and the answers, of which a share is made wrong."""
    rng = np.random.default_rng(0)
    parts = []
    for count in (300, 600):
        words = rng.integers(0, high, (count, length, width), endpoint=True)
        outputs = run(step, start, words)
        outputs[rng.random(outputs.shape) < damage] += 1
        parts.append((words, outputs))
    (words, outputs), (check_words, check_outputs) = parts
    return Behaviour(words=words, outputs=outputs, check_words=check_words, check_outputs=check_outputs)


def machine(step: Step, start: Any, high: int, width: int = 1) -> MealyMachine:
    """The minimal machine of a step function with finitely many states."""
    symbols = tuple(map(tuple, np.array(np.meshgrid(*[range(high + 1)] * width)).reshape(width, -1).T.tolist()))
    states, transitions, outputs = [start], [], []
    for state in states:
        steps = [step(state, symbol) for symbol in symbols]
        states += [after for after in dict.fromkeys(after for after, _ in steps) if after not in states]
        transitions.append(tuple(states.index(after) for after, _ in steps))
        outputs.append(tuple((y,) for _, y in steps))
    return minimize(MealyMachine(symbols=symbols, transitions=tuple(transitions), outputs=tuple(outputs)))


def holds(formulas: Formulas, step: Step, start: Any, high: int, width: int = 1) -> bool:
    """Whether the formulas are right on words four times as long."""
    words = np.random.default_rng(1).integers(0, high, (100, 40, width), endpoint=True)
    return bool((formulas.run(words) == run(step, start, words)).all())


def addition(base: int) -> Step:
    return lambda s, x: ((s + sum(x)) // base, (s + sum(x)) % base)


def count(s: int, x: tuple[int, ...]) -> tuple[int, int]:
    return (s + x[0]) % 5, (s + x[0]) % 5


def history(s: tuple[int, int], x: tuple[int, ...]) -> tuple[tuple[int, int], int]:
    return (s[1], x[0]), abs(x[0] - s[0])


def largest(s: int, x: tuple[int, ...]) -> tuple[int, int]:
    return max(s, x[0]), max(s, x[0])


def parity(s: int, x: tuple[int, ...]) -> tuple[int, int]:
    return s ^ x[0], s ^ x[0]


def division(s: int, x: tuple[int, ...]) -> tuple[int, int]:
    return (2 * s + x[0]) % 3, (2 * s + x[0]) // 3


def vote(s: int, x: tuple[int, ...]) -> tuple[int, int]:
    """Whether more ones than zeros came."""
    s += 2 * x[0] - 1
    return s, int(s > 0)


def most_frequent(s: tuple[int, ...], x: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    """The symbol that came most often, the smallest of these."""
    s = tuple(n + (i == x[0]) for i, n in enumerate(s))
    return s, s.index(max(s))


def palindrome(s: tuple[int, int, int], x: tuple[int, ...]) -> tuple[tuple[int, int, int], int]:
    """Whether the bits so far read the same from both ends: their values as numbers in both directions are equal."""
    forth, back, power = s
    forth, back = 2 * forth + x[0], back + power * x[0]
    return (forth, back, 2 * power), int(forth == back)


FINITE = {
    "binary addition": (addition(2), 0, 1, 2),
    "addition in base 3": (addition(3), 0, 2, 2),
    "counter modulo 5": (count, 0, 4, 1),
    "history": (history, (0, 0), 3, 1),
    "maximum": (largest, 0, 9, 1),
    "parity": (parity, 0, 1, 1),
    "division by 3": (division, 0, 1, 1),
}
ENDLESS = {
    "majority of two": (vote, 0, 1, 1),
    "majority of three": (most_frequent, (0, 0, 0), 2, 1),
    "palindrome": (palindrome, (0, 0, 1), 1, 1),
}


@pytest.mark.parametrize("name", FINITE)
def test_finite_machines(name: str) -> None:
    case = FINITE[name]
    formulas = synthesize(behaviour(*case), machine(*case))
    assert holds(formulas, *case)
    assert formulas.size <= 25


@pytest.mark.parametrize("name", [pytest.param("binary addition", marks=pytest.mark.slow), "history"])
def test_without_the_machine_the_words_must_do(name: str) -> None:
    case = FINITE[name]
    assert holds(synthesize(behaviour(*case), None), *case)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name != "majority of two")) for name in ENDLESS]
)
def test_machines_without_end(name: str) -> None:
    case = ENDLESS[name]
    formulas = synthesize(behaviour(*case), None)
    assert holds(formulas, *case)
    assert formulas.size <= 45


@pytest.mark.slow  # the next test has a lighter one
@pytest.mark.parametrize("name", ["counter modulo 5", "maximum", "majority of two"])
def test_a_few_wrong_answers_are_overruled(name: str) -> None:
    case = (FINITE | ENDLESS)[name]
    damaged = behaviour(*case, damage=0.002)
    assert (damaged.outputs != run(case[0], case[1], damaged.words)).any()
    assert holds(synthesize(damaged, None, noise=0.005), *case)


def test_without_leave_no_answer_is_overruled() -> None:
    def copy(s: int, x: tuple[int, ...]) -> tuple[int, int]:
        return 0, x[0]

    damaged = behaviour(copy, 0, 1, length=4, damage=0.002)
    with pytest.raises(StageFailure):
        synthesize(damaged, None)
    found = synthesize(damaged, None, noise=NOISE)
    assert holds(found, copy, 0, 1)
    share = overruled(found, damaged)
    assert share.of == 4 * 900 and 0 < share.answers < 0.005 * share.of


def test_the_same_behaviour_gives_the_same_formulas() -> None:
    case = FINITE["counter modulo 5"]
    first, second = (synthesize(behaviour(*case), machine(*case)) for _ in range(2))
    assert first == second


def test_a_formula_that_fails_on_further_words_is_not_believed() -> None:
    """Words on which y = x, and further ones on which it is not."""
    words = np.random.default_rng(3).integers(0, 9, (50, 4, 1))
    others = np.random.default_rng(4).integers(0, 9, (50, 4, 1))
    nonsense = Behaviour(
        words=words, outputs=words, check_words=others, check_outputs=np.random.default_rng(5).permutation(others)
    )
    with pytest.raises(
        StageFailure, match=r"no formula fits \(no finite machine, [1-9]\d* candidates failed"
    ) as raised:
        synthesize(nonsense, None, noise=1e-9)
    assert raised.value.stage == "synthesized"


def test_a_machine_that_no_short_term_labels_is_a_failure_of_the_stage_with_a_reason() -> None:
    rng = np.random.default_rng(1)
    targets, answers = rng.integers(0, 6, (6, 3)), rng.integers(0, 2, (6, 3))
    machine = minimize(
        MealyMachine(
            symbols=((0,), (1,), (2,)),
            transitions=tuple(map(tuple, targets.tolist())),
            outputs=tuple(tuple((answer,) for answer in row) for row in answers.tolist()),
        )
    )
    graph = graph_of_machine(machine)
    assert list(_from_labellings(graph, [], [0, 1], THOROUGH)) == []
    assert list(_from_labellings(graph, accumulators(graph, [0, 1])[:1], [0, 1], THOROUGH)) == []


# What would be answered next


def second_largest(highest: int) -> MealyMachine:
    states = list(itertools.combinations_with_replacement(range(highest + 1), 2))
    after = [[tuple(sorted((*state, x))[1:]) for x in range(highest + 1)] for state in states]
    return minimize(
        MealyMachine(
            symbols=tuple((x,) for x in range(highest + 1)),
            transitions=tuple(tuple(states.index(target) for target in row) for row in after),
            outputs=tuple(tuple((target[0],) for target in row) for row in after),
        )
    )


def determines(columns: list[np.ndarray], target: np.ndarray) -> bool:
    seen: dict[tuple[int, ...], int] = {}
    return all(
        seen.setdefault(row, value) == value
        for row, value in zip(zip(*(c.tolist() for c in columns), strict=True), target.tolist(), strict=True)
    )


def test_groups_are_closed_and_determine_the_outputs() -> None:
    graph = graph_of_machine(second_largest(4))
    groups = list(closed_groups(observed(graph, answers_of_machine(graph), [])))
    assert groups
    for group in groups:
        known = [graph.symbol_index, *(one.labels[graph.source] for one in group)]
        assert determines(known, graph.outputs[:, 0])
        assert all(determines(known, one.labels[graph.target]) for one in group)


def test_a_function_that_tells_nothing_makes_no_group() -> None:
    graph = graph_of_machine(second_largest(4))
    flat = observed(graph, np.zeros((graph.nodes, 3), dtype=np.int64), [])
    assert flat.functions == () or all(one.variables for one in flat.functions)
    one_bit = (answers_of_machine(graph)[:, :1] > 0).astype(np.int64)
    for group in closed_groups(observed(graph, one_bit, [])):
        assert len(group) > 1


def test_answers_of_a_machine_are_those_it_gives() -> None:
    machine = second_largest(3)
    graph = graph_of_machine(machine)
    expected = [[output[0] for output in row] for row in machine.outputs]
    assert answers_of_machine(graph).tolist() == expected


def test_the_second_largest_is_read_off_two_answers() -> None:
    graph = graph_of_machine(second_largest(5))
    seen = observed(graph, answers_of_machine(graph), [])
    found = [
        formulas
        for group in list(closed_groups(seen))[:8]
        if (formulas := formulas_of(graph, group, [0, 1, 5], (QUICK,))) is not None
    ]
    assert found and min(one.size for one in found) <= 16
    words = np.random.default_rng(0).integers(0, 6, (200, 20, 1))
    expected = [[sorted([0, 0, *word[: t + 1]])[-2] for t in range(20)] for word in words[:, :, 0].tolist()]
    for formulas in found:
        assert formulas.run(words)[:, :, 0].tolist() == expected


def test_an_update_that_has_no_formula_makes_no_formulas() -> None:
    graph = graph_of_machine(second_largest(4))
    labels = np.random.default_rng(1).permutation(graph.nodes) ** 2
    assert formulas_of(graph, [Function(labels=labels)], [0, 1], (QUICK, THOROUGH)) is None


@pytest.mark.parametrize(("count", "expected"), [(5, [0, 1, 2, 3, 4]), (100, [0, 1, 49, 99])])
def test_all_symbols_are_probed_if_they_are_few(count: int, expected: list[int]) -> None:
    assert probing_symbols(0, count - 1, 1)[:, 0].tolist() == expected
