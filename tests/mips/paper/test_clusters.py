"""The Boolean autoencoder: single linkage against its definition, and machines found again under a change of basis."""

from __future__ import annotations

import itertools
import re
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_examples import words

from benchmarks.known import COUNTER, NAMED, change_of_basis, compiled, disguised
from mips.machines.mealy import minimize
from mips.networks.trace import IntegerTrace, Trace, trace
from mips.outcome import StageFailure
from mips.paper.lattices.autoencoder import fidelity, integer_trace
from mips.paper.lattices.choice import best_of
from mips.paper.lattices.clusters import Clusters, clusterings, components, folded, spanning_tree
from mips.paper.lattices.table import determinism, merged

POINTS = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=6, unique=True)


@settings(max_examples=100)
@given(POINTS)
def test_no_spanning_tree_is_shorter(points: list[tuple[int, int]]) -> None:
    places = np.array(points, dtype=float)
    lengths, ends = spanning_tree(places)
    assert np.allclose(lengths, [np.linalg.norm(places[a] - places[b]) for a, b in ends])
    assert (np.diff(lengths) >= 0).all()
    apart = np.linalg.norm(places[:, None] - places, axis=-1)
    left, right = every_tree(len(points))
    assert lengths.sum() == pytest.approx(apart[left, right].sum(axis=1).min())


@cache  # there are 1,296 trees on six points, the same in every example
def every_tree(count: int) -> np.ndarray:
    """Return both ends of the edges of every tree on so many points: (2, trees, count - 1)."""
    edges = list(itertools.combinations(range(count), 2))
    trees = [tree for tree in itertools.combinations(edges, count - 1) if joined(count, tree) == 1]
    return np.moveaxis(np.array(trees, dtype=np.int64).reshape(len(trees), count - 1, 2), 2, 0)


def joined(count: int, edges: tuple[tuple[int, int], ...]) -> int:
    """How many components there are, by walking."""
    left, found = set(range(count)), 0
    while left:
        found += 1
        walk = [left.pop()]
        while walk:
            here = walk.pop()
            near = {b if a == here else a for a, b in edges if here in (a, b)} & left
            left -= near
            walk += near
    return found


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=9))
def test_components_are_what_a_walk_reaches(edges: list[tuple[int, int]]) -> None:
    labels = components(8, np.array(edges, dtype=np.int64).reshape(-1, 2))
    assert len(set(labels.tolist())) == labels.max() + 1 == joined(8, tuple(edges))
    assert all(labels[a] == labels[b] for a, b in edges)


@settings(max_examples=100)
@given(st.integers(0, 10_000), st.integers(1, 9))
def test_folding_is_the_finest_partition_that_no_step_splits(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    clusters, inputs = rng.integers(0, size, (3, 5)), rng.integers(0, 2, (3, 4, 1))
    clusters.flat[0] = size - 1
    blocks = {number: {number} for number in range(size)}
    steps = [(*clusters[i, t : t + 2].tolist(), int(inputs[i, t, 0])) for i in range(3) for t in range(4)]
    while True:
        split = [(b, d) for a, b, x in steps for c, d, y in steps if x == y and c in blocks[a] and d not in blocks[b]]
        if not split:
            break
        joint = blocks[split[0][0]] | blocks[split[0][1]]
        blocks.update({number: joint for number in joint})
    found = folded(clusters, inputs)
    assert [{b for b in range(size) if found[b] == found[a]} for a in range(size)] == [blocks[a] for a in range(size)]


@pytest.mark.parametrize("name", ["parity", "delay", "sum modulo 8", "0101 or 1010"])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_states_of_a_machine_are_clusters_under_any_basis(name: str, seed: int) -> None:
    machine = NAMED[name][0]
    low, high = machine.symbols[0][0], machine.symbols[-1][0]
    plain = compiled(machine)
    network = disguised(plain, change_of_basis(plain.hidden_size, seed))
    choice = best_of("Boolean", network, trace(network, words(low, high, count=400)))
    assert choice.assessment.refused == "" and choice.assessment.fidelity == 1.0
    table = choice.table()
    assert table.is_closed and len(merged(table).codes) == minimize(machine).size


def test_a_code_is_the_code_of_its_own_state() -> None:
    network = compiled(NAMED["sum modulo 8"][0])
    coder = next(clusterings(network, trace(network, words(0, 7, count=400)))).coder
    assert isinstance(coder, Clusters)
    codes = coder.encode(coder.centres)
    assert np.array_equal(coder.encode(coder.decode(codes)), codes)
    assert len(np.unique(codes, axis=0)) == len(coder.centres)
    assert np.isin(codes, (0, 1)).all() and codes.shape[1] == coder.rank == coder.bits(coder.points)


def test_states_nearest_to_a_point_have_its_code() -> None:
    coder = Clusters(
        points=np.array([[0.0], [1.0], [5.0]]), cluster=np.array([0, 0, 1]), centres=np.array([[0.5], [5.0]])
    )
    assert coder.encode(np.array([[[-3.0], [2.9]], [[3.1], [9.0]]])).tolist() == [[[0], [0]], [[1], [1]]]
    assert coder.decode(np.array([[0], [1]])).tolist() == [[0.5], [5.0]]


def test_a_number_beyond_the_last_cluster_is_the_last() -> None:
    coder = Clusters(points=np.eye(3), cluster=np.arange(3), centres=np.eye(3))
    assert coder.decode(np.array([[1, 1]])).tolist() == [[0.0, 0.0, 1.0]]


@pytest.mark.parametrize("seed", range(5))
def test_where_no_clusters_tell_every_step_those_come_that_tell_most(seed: int) -> None:
    """The gaps between these states grow, so the last ones are alone in every number of clusters."""
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 6, (100, 9, 1))
    outputs = rng.integers(0, 1 + (places[:, 1:] > 2))
    seen = Trace(words=words(0, 1, count=100, length=8), hidden=2.0**places, outputs=outputs)
    shares = []
    for count in range(1, 7):
        codes = np.maximum(places - (6 - count), 0)
        shares.append(determinism(IntegerTrace(words=seen.words, codes=codes, outputs=outputs)).share)
    (candidate,) = clusterings(COUNTER, seen)
    assert len(candidate.coder.centres) == 1 + np.argmax(shares)  # type: ignore[attr-defined]
    assert determinism(integer_trace(candidate.coder, seen)).share == max(shares)
    assert candidate.against == (
        f"no number of clusters up to 6 makes the steps deterministic; the nearest is {1 + np.argmax(shares)}, with "
        f"which {max(shares):.2%} of the steps can be told"
    )


def test_clusters_that_leave_steps_open_are_refused_with_both_numbers_and_the_row() -> None:
    found = best_of("Boolean", COUNTER, trace(COUNTER, words(-50, 50)))
    assert re.match(
        r"no number of clusters up to \d+ makes the steps deterministic; the nearest is \d+, with which \d+\.\d\d% of "
        r"the steps can be told; the table contradicts itself: code \(",
        found.assessment.refused,
    )
    assert found.coder is not None
    assert found.assessment.fidelity == fidelity(found.coder, COUNTER, found.seen)
    assert 0 < found.assessment.contradictions <= found.assessment.rows
    with pytest.raises(StageFailure, match="extracted: no number of clusters"):
        found.table()
