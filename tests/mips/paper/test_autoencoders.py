"""What is measured of an autoencoder, against its definition; merging and completing tables, against machines."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from random_examples import words

from benchmarks.known import (
    COUNTER,
    HIGHEST_AND_SUM,
    MODULO,
    NAMED,
    SATURATING,
    affine,
    change_of_basis,
    compiled,
    disguised,
    perceptron,
)
from mips.machines.mealy import minimize
from mips.networks.network import Floats, Ints, Network
from mips.networks.trace import IntegerTrace, Trace, trace
from mips.outcome import StageFailure
from mips.paper.lattices.autoencoder import FIT_WORDS, Candidate, assess, completed, fidelity, integer_trace, reach
from mips.paper.lattices.choice import KINDS, LATTICE_WORDS, MOST_DISTANCE, best_of, by_length, lattices
from mips.paper.lattices.clusters import clusterings
from mips.paper.lattices.generators import gcd_bases, linear_bases, pieces
from mips.paper.lattices.linear import Lattice
from mips.paper.lattices.table import (
    Row,
    TransitionTable,
    determinism,
    merged,
    named_by_output,
    ordered_by_answers,
    table_machine,
    tabulate,
)

UNIT = Lattice(origin=np.zeros(1), basis=np.ones((1, 1)))
DOUBLE = Lattice(origin=np.zeros(1), basis=np.full((1, 1), 2.0))


def test_the_fidelity_is_the_share_of_answers_a_round_trip_at_every_step_keeps() -> None:
    inputs = words(0, 3, count=40, length=5)
    seen = trace(COUNTER, inputs)
    assert fidelity(UNIT, COUNTER, seen) == 1.0
    right = total = 0
    for word in inputs[:, :, 0].tolist():
        state = exact = 0
        for x in word:
            exact += x
            state = int(np.rint((state + x) / 2)) * 2
            right, total = right + (state == exact), total + 1
    assert fidelity(DOUBLE, COUNTER, seen) == pytest.approx(right / total)
    assert right < total


def test_answers_may_be_read_before_the_round_trip() -> None:
    inputs = words(0, 3, count=40, length=5)
    right = total = 0
    for word in inputs[:, :, 0].tolist():
        state = exact = 0
        for x in word:
            exact += x
            right, total = right + (state + x == exact), total + 1
            state = int(np.rint((state + x) / 2)) * 2
    seen = trace(COUNTER, inputs)
    assert fidelity(DOUBLE, COUNTER, seen, before=True) == pytest.approx(right / total)
    assert fidelity(DOUBLE, COUNTER, seen) < right / total < 1.0


@pytest.mark.parametrize("before", [False, True])
def test_a_lattice_that_forgets_what_is_needed_later_is_refused_either_way(before: bool) -> None:
    seen = trace(COUNTER, words(0, 3))
    refused = assess(Candidate(coder=DOUBLE), "lattice", COUNTER, seen, before=before).refused
    assert "keeps only" in refused and "the table contradicts itself" in refused


def test_the_fidelity_is_that_of_words_which_shaped_nothing() -> None:
    inputs = np.concatenate([words(1, 1, count=FIT_WORDS), words(2, 2, count=50)])
    assert fidelity(DOUBLE, COUNTER, trace(COUNTER, inputs)) == 1.0
    assert fidelity(DOUBLE, COUNTER, trace(COUNTER, inputs[:FIT_WORDS])) < 1.0


def loose(codes: Ints, outputs: Ints) -> IntegerTrace:
    return IntegerTrace(words=words(0, 1, count=len(codes), length=codes.shape[1] - 1), codes=codes, outputs=outputs)


@pytest.mark.parametrize("seed", range(5))
def test_determinism_is_counted_as_a_dictionary_counts_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    found = loose(rng.integers(0, 2 + seed, (20, 6, 2)), rng.integers(0, 2, (20, 5, 1)))
    steps: dict[tuple[int, ...], dict[tuple[int, ...], int]] = defaultdict(lambda: defaultdict(int))
    for i in range(20):
        for t in range(5):
            cause = (*found.codes[i, t].tolist(), *found.words[i, t].tolist())
            steps[cause][(*found.codes[i, t + 1].tolist(), *found.outputs[i, t].tolist())] += 1
    result = determinism(found)
    assert result.rows == len(steps)
    assert result.contradictions == sum(len(effects) > 1 for effects in steps.values())
    assert result.share == pytest.approx(sum(max(effects.values()) for effects in steps.values()) / 100)


def test_a_contradiction_is_a_refusal_that_names_the_row() -> None:
    class Forgetful:
        """Codes that lose what the answers depend on, in spite of a round trip that loses nothing."""

        def encode(self, hidden: Floats) -> Ints:
            return np.concatenate([hidden[..., :1] * 0, hidden[..., :1] * 0], axis=-1).astype(np.int64)

        def decode(self, codes: Ints) -> Floats:
            return np.zeros((*codes.shape[:-1], 1))

        def bits(self, hidden: Floats) -> float:
            return 0.0

    silent = Network(cell=MODULO.cell, readout=(type(MODULO.readout[0])(weight=np.zeros((1, 1)), bias=np.zeros(1)),))
    seen = trace(silent, words(0, 1))
    forgetful = Candidate(coder=Forgetful())
    told = assess(forgetful, "lossy", silent, seen)
    assert (told.fidelity, told.contradictions, told.refused) == (1.0, 0, "")
    outputs = np.random.default_rng(1).integers(0, 2, seen.outputs.shape)
    lying = Trace(words=seen.words, hidden=seen.hidden, outputs=outputs)
    row = r"the table contradicts itself: code \(0, 0\) on input \(0\) has the outputs \(0\) and \(1\)"
    refused = assess(forgetful, "lossy", silent, lying).refused
    assert re.fullmatch(rf"the round trip through the lossy keeps only .* are needed; {row}", refused)
    unwanted = Candidate(coder=Forgetful(), against="too far")
    assert assess(unwanted, "lossy", silent, seen).refused == "too far"
    assert re.fullmatch(rf"too far; {row}", assess(unwanted, "lossy", silent, lying).refused)
    with pytest.raises(StageFailure, match=r"code \(0, 0\) on input \(0\) has the outputs \(0\) and \(1\)"):
        tabulate(integer_trace(Forgetful(), lying))


def test_a_table_that_contradicts_itself_is_refused_though_every_answer_stays() -> None:
    seen = trace(SATURATING, words(0, 1))
    assert assess(Candidate(coder=UNIT), "lattice", SATURATING, seen).refused == ""
    hidden = seen.hidden.copy()
    hidden[0, 5] = 3.0 - hidden[0, 5]
    told = assess(
        Candidate(coder=UNIT), "lattice", SATURATING, Trace(words=seen.words, hidden=hidden, outputs=seen.outputs)
    )
    assert told.fidelity == 1.0 and told.contradictions > 0 and told.determinism < 1.0
    assert told.refused.startswith("the table contradicts itself: code (")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("network", "codes"), [(SATURATING, 4), (MODULO, 3)])
def test_every_kind_finds_the_states_of_a_small_counter(kind: str, network: Network, codes: int) -> None:
    hidden = disguised(network, np.array([[-0.7]]))
    choice = best_of(kind, hidden, trace(hidden, words(0, 1, count=400)))
    assert not choice.assessment.refused
    assert len(choice.table().codes) == codes
    assert choice.assessment.to_json()["kind"] == kind


def test_the_shortest_codes_come_first_and_refused_ones_not_at_all() -> None:
    network = disguised(HIGHEST_AND_SUM, change_of_basis(2, 0))
    choices = [best_of(kind, network, trace(network, words(0, 9))) for kind in KINDS]
    useful = by_length(choices)
    assert [choice.assessment.kind for choice in useful] != [] and "Boolean" not in [
        choice.assessment.kind for choice in useful
    ]
    assert [one.assessment.bits for one in useful] == sorted(one.assessment.bits for one in useful)
    boolean = choices[-1]
    assert boolean.assessment.refused and boolean.assessment.rows > 0
    with pytest.raises(StageFailure, match="no number of clusters"):
        boolean.table()


DRIFTING = Network(cell=perceptron([[-0.21, 0.37], [0.6, 0.1]], [0, 0.3], [[1], [1]], [0]), readout=affine([[1]], [0]))
UNSTEADY = disguised(Network(cell=affine([[3.3], [1]], [0.2]), readout=affine([[1]], [0])), np.array([[0.7]]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("network", [DRIFTING, UNSTEADY])
def test_whatever_the_states_some_autoencoder_is_assessed(kind: str, network: Network) -> None:
    found = best_of(kind, network, trace(network, words(0, 9)))
    assert found.coder is not None and found.assessment.refused
    table = determinism(integer_trace(found.coder, found.seen))
    assert (found.assessment.rows, found.assessment.contradictions) == (table.rows, table.contradictions)
    assert (found.assessment.fidelity, found.assessment.determinism) == (
        fidelity(found.coder, network, found.seen), table.share
    )  # fmt: skip
    assert table.rows > 0
    assert ("the table contradicts itself: code (" in found.assessment.refused) == (table.contradictions > 0)
    with pytest.raises(StageFailure, match=re.escape(found.assessment.refused)):
        found.table()


def test_where_the_states_lie_on_no_lattice_the_nearest_comes_with_its_distance() -> None:
    seen = trace(DRIFTING, words(0, 9))
    bases = [np.array([[size]]) for size in (5.0, 3.3, 2.0)]
    (candidate,) = lattices(lambda network, seen: bases, DRIFTING, seen)
    points = seen.points()[: 13 * LATTICE_WORDS]
    each = [next(lattices(lambda network, seen, one=one: [one], DRIFTING, seen)).coder for one in bases]
    distances = [lattice.distance(points) for lattice in each if isinstance(lattice, Lattice)]
    assert isinstance(candidate.coder, Lattice)
    assert len(distances) == 3 and candidate.coder.distance(points) == min(distances) > MOST_DISTANCE
    assert candidate.against == (
        f"the hidden states lie on no lattice: rms distance {min(distances):.2g} of the spacing to the nearest point "
        "of the best of 3, at most 0.2 is allowed"
    )


@pytest.mark.parametrize("kind", ["linear lattice", "GCD lattice"])
def test_a_state_that_never_changes_has_no_lattice_to_assess(kind: str) -> None:
    asleep = Network(cell=affine([[0.5], [0.0]], [0]), readout=affine([[1]], [2]))
    found = best_of(kind, asleep, trace(asleep, words(0, 1)))
    assert found.coder is None and found.assessment.rows == 0
    assert found.assessment.refused.startswith("no lattice: the hidden state never changes")


def test_a_round_trip_that_leaves_all_numbers_keeps_no_answer() -> None:
    seen = trace(COUNTER, words(0, 3, count=20, length=4))
    explosive = Network(cell=affine([[1e200], [1]], [0]), readout=COUNTER.readout)
    assert fidelity(Lattice(origin=np.zeros(1), basis=np.full((1, 1), 1e300)), explosive, seen) < 0.6
    assert fidelity(Lattice(origin=np.full(1, 1e300), basis=np.ones((1, 1))), explosive, seen) == 0.0


def test_the_pieces_of_a_cell_are_what_it_does() -> None:
    network = disguised(HIGHEST_AND_SUM, change_of_basis(2, 1))
    seen = trace(network, words(0, 9, count=20))
    found = pieces(network, seen)
    before = np.concatenate([seen.hidden[:, :-1].reshape(-1, 2), seen.words.reshape(-1, 1)], axis=1)
    after = seen.hidden[:, 1:].reshape(-1, 2)
    fits = np.array([np.isclose(before @ piece.weight + piece.bias, after).all(axis=1) for piece in found])
    assert fits.any(axis=0).all()
    assert fits[0].mean() >= 1 / len(found)


def test_both_lattices_of_a_recurrence_generate_the_same_points() -> None:
    network = disguised(COUNTER, np.array([[0.3]]))
    seen = trace(network, words(-4, 5))
    (linear,) = linear_bases(network, seen)
    other = next(gcd_bases(network, seen))
    assert np.allclose(np.abs(linear), np.abs(other))


@pytest.mark.parametrize("name", ["parity", "delay", "sum modulo 8", "0101 or 1010"])
def test_merging_gives_the_minimal_machine(name: str) -> None:
    network = compiled(NAMED[name][0])
    low, high = (NAMED[name][0].symbols[place][0] for place in (0, -1))
    table = best_of("Boolean", network, trace(network, words(low, high, count=400))).table()
    copies = TransitionTable(  # every code twice: a pair of twins steps to each other's successors
        start=(*table.start, 0),
        rows=tuple(
            Row(code=(*row.code, i), symbol=row.symbol, successor=(*row.successor, 1 - i), output=row.output)
            for row in table.rows
            for i in (0, 1)
        ),
    )
    smaller = merged(copies)
    machine = minimize(table_machine(table))
    assert len(smaller.codes) == machine.size
    assert minimize(table_machine(smaller)) == machine
    assert {code for (code,) in smaller.codes} == set(range(machine.size))


def test_states_are_named_by_the_outputs_that_come_with_them_where_these_tell_them_apart() -> None:
    rows = [((7,), 0, (9,), 1), ((7,), 1, (5,), 2), ((9,), 0, (5,), 2), ((9,), 1, (9,), 1), ((5,), 0, (5,), 2)]
    table = TransitionTable(
        start=(7,),
        rows=tuple(Row(code=code, symbol=(x,), successor=after, output=(y,)) for code, x, after, y in rows),
    )
    named = named_by_output(table)
    assert named.start == (0,) and {code for (code,) in named.codes} == {0, 1, 2}
    assert all(row.successor == row.output for row in named.rows)
    ambiguous = TransitionTable(
        start=(7,), rows=(*table.rows, Row(code=(5,), symbol=(1,), successor=(5,), output=(1,)))
    )
    assert named_by_output(ambiguous) == ambiguous


def test_states_are_ordered_by_what_they_answer_if_that_tells_them_apart() -> None:
    """Shuffled codes of s' = (s + x) % 5, y = s + x >= 5: state s answers 1 to s + 1 of the symbols 0 to 5."""
    names = {0: 3, 1: 0, 2: 4, 3: 1, 4: 2}
    rows = tuple(
        Row(code=(names[s],), symbol=(x,), successor=(names[(s + x) % 5],), output=(int(s + x >= 5),))
        for s in range(5)
        for x in range(6)
    )
    table = TransitionTable(start=(names[0],), rows=tuple(sorted(rows, key=lambda row: (row.code, row.symbol))))
    ordered = ordered_by_answers(table)
    assert ordered.start == (0,)
    assert all(row.successor == ((row.code[0] + row.symbol[0]) % 5,) for row in ordered.rows)
    silent = TransitionTable(start=table.start, rows=tuple(replace(row, output=(0,)) for row in table.rows))
    assert ordered_by_answers(silent) == silent


def test_a_table_with_holes_is_not_merged() -> None:
    table = TransitionTable(start=(0,), rows=(Row(code=(0,), symbol=(0,), successor=(1,), output=(0,)),))
    assert merged(table) == table


def test_missing_rows_are_asked_of_the_network_if_they_lead_to_known_codes() -> None:
    seen = trace(SATURATING, words(0, 1))
    whole = tabulate(integer_trace(UNIT, seen))
    holes = TransitionTable(start=whole.start, rows=whole.rows[:3] + whole.rows[4:])
    assert completed(holes, UNIT, SATURATING, 0.1) == whole
    endless = tabulate(integer_trace(UNIT, trace(COUNTER, words(0, 1))))
    assert completed(endless, UNIT, COUNTER, 0.1) == endless and not endless.is_closed


def test_a_step_that_leaves_the_clusters_completes_no_table() -> None:
    """A counter goes on where the words end; the nearest cluster is still the last one."""
    seen = trace(COUNTER, np.ones((20, 8, 1), dtype=np.int64))
    *_, widest = clusterings(COUNTER, seen)
    clusters = widest.coder
    table = tabulate(integer_trace(clusters, seen))
    assert reach(clusters, seen) < 0.1
    assert completed(table, clusters, COUNTER, 0.1) == table and not table.is_closed
    assert completed(table, clusters, COUNTER, 10.0).is_closed
