"""The projected hidden states of a network: few different points, in the coordinates in which they vary most."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from benchmarks.known import NAMED, compiled, counter
from mips.networks.network import Layer, Network
from mips.networks.projection import DIGITS, MOST_POINTS, WORDS, projected_states
from mips.tasks.task import Integers, integers
from pytest_mips.report.elements import states

COUNTER = counter(0, 9)[0]


def drawn(network: Network, alphabet: Integers, length: int = 10, seed: int = 0) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(projected_states(network, alphabet, length, seed=seed))
    return facts


def affine(hidden: Any, width: int = 1, start: Any = None) -> Network:
    """A linear network whose state is `hidden` of itself and the input, read off as it is."""
    weight = np.array(hidden, dtype=float)
    size = weight.shape[1]
    return Network(
        cell=(Layer(weight=weight, bias=np.zeros(size)),),
        readout=(Layer(weight=np.eye(size), bias=np.zeros(size)),),
        initial=np.zeros(size) if start is None else np.array(start, dtype=float),
    )


def alphabet_of(name: str) -> Integers:
    symbols = NAMED[name][0].symbols
    return integers(symbols[0][0], symbols[-1][0])


@pytest.mark.parametrize("name", NAMED)
def test_points_are_few_and_different_and_have_outputs(name: str) -> None:
    network = compiled(NAMED[name][0])
    facts = drawn(network, alphabet_of(name))
    assert facts["hidden_size"] == network.hidden_size
    assert 0 < len(facts["points"]) == len(facts["outputs"]) <= MOST_POINTS
    assert set(facts["outputs"]) <= {output[0] for row in NAMED[name][0].outputs for output in row}
    assert all(number == float(f"{number:.{DIGITS}g}") for point in facts["points"] for number in point)
    assert 0 <= facts["explained"][-1] <= facts["explained"][0] <= 1 and sum(facts["explained"]) <= 1.001
    states.drawn(facts)


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    network = affine([[0.5, 0.1], [-0.3, 0.8], [1.0, 2.0]])
    first, again, other = (projected_states(network, integers(-9, 9), 10, seed=seed) for seed in (0, 0, 1))
    assert first == again != other


def test_the_points_are_the_principal_components() -> None:
    """Held against the eigenvectors of the covariance: same distances, same variances."""
    network = affine(np.random.default_rng(3).normal(size=(6, 5)) * 0.4)
    facts = drawn(network, integers(0, 9), length=4)
    words = np.random.default_rng(0).integers(0, 9, (WORDS, 4, 1), endpoint=True)
    hidden, all_states = network.start(WORDS), []
    for t in range(4):
        hidden = network.step(hidden, words[:, t])
        all_states.append(hidden)
    found = np.stack(all_states, axis=1).reshape(-1, 5)
    _, first = np.unique(np.round(found, 6), axis=0, return_index=True)
    found = found[np.sort(first)][:MOST_POINTS]
    values, vectors = np.linalg.eigh(np.cov(found.T))
    expected = (found - found.mean(axis=0)) @ vectors[:, [-1, -2]]
    points = np.array(facts["points"])
    assert points.shape == expected.shape
    assert np.allclose(np.abs(points), np.abs(expected), rtol=1e-3, atol=1e-3)
    assert np.allclose(facts["explained"], values[[-1, -2]] / values.sum(), rtol=1e-3)
    assert facts["outputs"] == network.answer(found)[:, 0].tolist()


def test_one_hidden_number_is_drawn_over_time() -> None:
    facts = drawn(affine([[1.0], [1.0]]), integers(0, 1), length=5)
    assert {tuple(point) for point in facts["points"]} == {(total, t) for t in range(1, 6) for total in range(t + 1)}
    assert facts["axes"] == ["hidden state", "time step"]
    assert [point[0] for point in facts["points"]] == facts["outputs"]


def test_states_on_a_line_have_no_second_coordinate() -> None:
    facts = drawn(affine([[1.0, 2.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [1.0, 2.0, 0.0]]), integers(0, 3))
    assert facts["explained"] == [1.0, 0.0] and {y for _, y in facts["points"]} == {0.0}


def test_a_state_that_never_changes_is_one_point() -> None:
    facts = drawn(affine([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], start=[3.0, -1.0]), integers(0, 1))
    assert (facts["points"], facts["outputs"], facts["explained"]) == ([[0.0, 0.0]], [3], [0.0, 0.0])


@pytest.mark.parametrize("factor", [np.nan, np.inf, 1e200, -1e300])
@pytest.mark.parametrize("size", [1, 2])
def test_a_network_that_leaves_all_numbers_has_the_points_that_are_some(factor: float, size: int) -> None:
    facts = drawn(affine(np.full((size + 1, size), factor)), integers(0, 1), length=8)
    assert np.isfinite(np.array(facts["points"])).all() and len(facts["points"]) == len(facts["outputs"])
    states.drawn(facts)


def test_symbols_of_several_numbers() -> None:
    facts = drawn(affine([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), integers(0, 2, width=2))
    assert len(facts["points"]) == 9 and set(facts["outputs"]) == {0, 1, 2}
