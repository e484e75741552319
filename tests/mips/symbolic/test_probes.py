"""Functions of a state that a machine tells by itself, and formulas over them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mips.machines.mealy import MealyMachine, minimize
from mips.symbolic.regression.search import QUICK, THOROUGH
from mips.symbolic.synthesis.answer_variables import (
    Function,
    answers_of_machine,
    closed_groups,
    formulas_of,
    observed,
    probing_symbols,
)
from mips.symbolic.synthesis.labelling import graph_of_machine


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
