"""Integers hidden in a network's states under a change of basis are found again, exactly, or the route says why not."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_examples import lattice_table, words

from benchmarks.known import (
    COUNTER,
    HIGHEST_AND_SUM,
    MODULO,
    SATURATING,
    affine,
    change_of_basis,
    disguised,
    perceptron,
)
from mips.networks.network import Layer, Network
from mips.networks.trace import IntegerTrace, Trace, trace
from mips.outcome import StageFailure
from mips.paper.lattices.autoencoder import fidelity, integer_trace
from mips.paper.lattices.choice import MOST_DISTANCE, best_of, choose_lattice
from mips.paper.lattices.formulas import calibrated, disentangled, table_formulas
from mips.paper.lattices.generators import krylov, reduced
from mips.paper.lattices.linear import Lattice
from mips.paper.lattices.table import Row, TransitionTable, table_machine, tabulate
from mips.symbolic.regression.linear import affine_term


def few(count: int, kept: int = 3) -> list[object]:
    """Return so many seeds, of which all but the first ones are for the slow tests."""
    return [pytest.param(seed, marks=[pytest.mark.slow] * (seed >= kept)) for seed in range(count)]


@pytest.mark.parametrize("seed", few(8))
def test_an_integer_recurrence_under_a_change_of_basis_is_found_again(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size, width, outputs = (int(n) for n in rng.integers(1, 4, 3))
    weight = rng.integers(-1, 2, (size + width, size))
    weight[size:, 0] = 1  # the input moves the state
    plain = Network(
        cell=affine(weight, rng.integers(-1, 2, size)),
        readout=affine(rng.integers(-2, 3, (size, outputs)), rng.integers(-2, 3, outputs)),
    )
    network, inputs = disguised(plain, change_of_basis(size, seed)), words(-3, 3, width=width, length=7)
    seen = trace(network, inputs)
    lattice = choose_lattice(network, seen).coder
    assert isinstance(lattice, Lattice)
    assert lattice.distance(seen.hidden) < 1e-6
    assert fidelity(lattice, network, seen) == 1.0
    exact = trace(plain, inputs).hidden
    to_plain = np.linalg.lstsq(lattice.encode(seen.points()).astype(float), exact.reshape(-1, size), rcond=None)[0]
    assert np.allclose(lattice.encode(seen.hidden) @ to_plain, exact)
    formulas = table_formulas(lattice_table(network, inputs), [0, 1, 2])
    longer = words(-3, 3, width=width, length=14)
    assert np.array_equal(formulas.run(longer), plain.run(longer))


def test_a_counter() -> None:
    table = lattice_table(disguised(COUNTER, np.array([[-0.73]])), words(-4, 5))
    formulas = table_formulas(table, [0, 1])
    assert not table.is_closed
    (state,) = formulas.states
    assert (state.name, state.start, str(state.update)) == ("s", 0, "s + x")
    assert [str(term) for term in formulas.outputs] == ["s'"]


@pytest.mark.parametrize("seed", few(3, kept=1))
def test_two_coordinates_of_a_nonlinear_cell(seed: int) -> None:
    network, inputs = disguised(HIGHEST_AND_SUM, change_of_basis(2, seed)), words(0, 9)
    table = lattice_table(network, inputs)
    assert len(table.start) == 2
    formulas = table_formulas(table, [0, 1, 2])
    longer = words(0, 9, length=30)
    assert np.array_equal(formulas.run(longer), HIGHEST_AND_SUM.run(longer))


@pytest.mark.parametrize(("network", "states"), [(SATURATING, 4), (MODULO, 3)])
@pytest.mark.parametrize("scale", [1.0, -0.31, 17.7])
def test_a_finite_machine_of_equally_spaced_states(network: Network, states: int, scale: float) -> None:
    inputs = words(0, 1)
    table = lattice_table(disguised(network, np.array([[scale]])), inputs)
    machine = table_machine(table)
    assert machine.size == states
    expected = network.run(inputs[:50])
    assert [machine.run(word) for word in inputs[:50, :, 0].tolist()] == [
        list(map(tuple, y)) for y in expected.tolist()
    ]


def test_formulas_of_a_finite_machine() -> None:
    formulas = table_formulas(lattice_table(disguised(MODULO, np.array([[2.5]])), words(0, 1)), [0, 1, 2, 3])
    longer = words(0, 1, length=40)
    assert np.array_equal(formulas.run(longer), MODULO.run(longer))


def test_a_little_noise_is_forgiven_and_much_is_refused() -> None:
    rng, inputs = np.random.default_rng(3), words(0, 1)
    network = disguised(SATURATING, np.array([[1.7]]))
    clean = trace(network, inputs)

    def noisy(share: float) -> Trace:
        noise = rng.uniform(-share, share, clean.hidden.shape) * 1.7
        return Trace(words=inputs, hidden=clean.hidden + noise, outputs=clean.outputs)

    lattice = choose_lattice(network, noisy(0.1)).coder
    assert lattice is not None
    assert tabulate(integer_trace(lattice, clean)) == lattice_table(network, inputs)
    with pytest.raises(StageFailure, match=r"extracted: the hidden states lie on no lattice: rms distance 0\.\d+ of"):
        choose_lattice(network, noisy(0.5))


def test_states_without_a_lattice_are_refused() -> None:
    drifting = Network(
        cell=perceptron([[-0.21, 0.37], [0.6, 0.1]], [0, 0.3], [[1], [1]], [0]), readout=affine([[1]], [0])
    )
    with pytest.raises(StageFailure, match="lie on no lattice") as failure:
        lattice_table(drifting, words(0, 9))
    assert failure.value.stage == "extracted"


def test_a_state_that_never_moves_is_refused() -> None:
    asleep = Network(cell=affine([[0.5], [0.0]], [0]), readout=affine([[1]], [2]))
    with pytest.raises(StageFailure, match="never changes"):
        lattice_table(asleep, words(0, 1))


def two_scales(small: float, cell: tuple[Layer, ...]) -> Network:
    """Return a network with h = x0 + small * x1 whose output is x1 for zeros and ones."""
    return Network(
        cell=cell,
        readout=perceptron([[1, 1, 1]], [0, -0.4, -0.6], [[1 / small], [-5 / small], [5 / small]], [0]),
    )


def test_a_lattice_that_loses_answers_gives_way_to_a_finer_one() -> None:
    network = two_scales(0.05, perceptron([[0.0], [1.0], [0.05]], [0], [[1]], [0]))
    inputs = words(0, 1, width=2)
    table = lattice_table(network, inputs)
    assert {row.successor for row in table.rows} == {(0,), (1,), (20,), (21,)}
    assert Lattice(origin=np.zeros(1), basis=np.ones((1, 1))).distance(trace(network, inputs).hidden) < MOST_DISTANCE


def test_a_lattice_whose_round_trip_changes_answers_is_refused() -> None:
    network = two_scales(1e-8, affine([[0.0], [1.0], [1e-8]], [0]))
    assert np.array_equal(network.run(words(0, 1, width=2))[:, :, 0], words(0, 1, width=2)[:, :, 1])
    with pytest.raises(StageFailure, match=r"keeps only \d\d\.\d\d% of the answers, at least 99\.9% are needed"):
        lattice_table(network, words(0, 1, width=2))


def test_what_only_the_answer_needs_is_no_part_of_a_code_in_the_end() -> None:
    """The answer needs the small part of the state, and no later step does."""
    network = two_scales(1e-8, affine([[0.0], [1.0], [1e-8]], [0]))
    seen = trace(network, words(0, 1, width=2))
    assert not best_of("linear lattice", network, seen, before=True).assessment.refused
    assert best_of("linear lattice", network, seen).assessment.refused


def test_words_of_another_width_and_endless_states_are_refused() -> None:
    with pytest.raises(StageFailure, match=r"words of shape \(300, 12, 2\); expected \(count, length, 1\)"):
        lattice_table(COUNTER, words(0, 1, width=2))
    exploding = Network(cell=affine([[1e200], [1.0]], [0]), readout=affine([[0.0]], [0]))
    with np.errstate(all="ignore"), pytest.raises(StageFailure, match="after 3 steps is not finite"):
        lattice_table(exploding, words(1, 2))


def test_what_is_too_large_for_numbers_generates_nothing() -> None:
    layer = Layer(weight=np.array([[1e300, 0.0], [0.0, 2.0], [1e300, 1.0]]), bias=np.zeros(2))
    with np.errstate(over="ignore", invalid="ignore"):
        assert krylov(layer, 2, biased=False).tolist() == [[1e300, 1.0]]


@settings(max_examples=60)
@given(st.lists(st.integers(-60, 60).filter(bool), min_size=1, max_size=5), st.floats(0.01, 100))
def test_in_one_dimension_reduction_is_the_greatest_common_divisor(numbers: list[int], scale: float) -> None:
    basis = reduced([np.array([number * scale]) for number in numbers], 1e-6)
    assert abs(basis.item()) / scale == pytest.approx(math.gcd(*numbers))


@settings(max_examples=60)
@given(st.lists(st.tuples(*[st.integers(-5, 5)] * 3), min_size=3, max_size=6), st.integers(0, 5))
def test_reduction_keeps_the_lattice(vectors: list[tuple[int, int, int]], seed: int) -> None:
    """A lattice of full rank in Z³ has the greatest common divisor of its generators' minors as its volume."""
    minors = [round(np.linalg.det(np.array(three))) for three in itertools.combinations(vectors, 3)]
    volume, change = math.gcd(*minors), change_of_basis(3, seed)
    basis = reduced(np.array(vectors) @ change, 1e-6)
    plain = basis @ np.linalg.inv(change)
    assert np.allclose(plain, np.rint(plain))
    assert len(basis) == np.linalg.matrix_rank(np.array(vectors))
    if volume:
        assert abs(round(np.linalg.det(plain))) == volume
        coordinates = np.array(vectors) @ np.linalg.inv(plain)
        assert np.allclose(coordinates, np.rint(coordinates))


def test_a_basis_that_needs_no_reduction_is_left_alone() -> None:
    skew = np.array([[1.0, 0.0], [7.0, 1.0]])
    assert np.array_equal(reduced([*skew, skew[0] - 2 * skew[1]], 1e-6), skew)


# Transition tables are deterministic or refused by name; formulas take every row of them, or there are none


def trace_of(codes: list[list[int]], words: list[list[int]], outputs: list[list[int]]) -> IntegerTrace:
    """Return a trace with one number for each code, symbol and output."""
    as_array = [np.array(numbers)[:, :, None] for numbers in (words, codes, outputs)]
    return IntegerTrace(words=as_array[0], codes=as_array[1], outputs=as_array[2])


def row(code: int, symbol: int, successor: int, output: int) -> Row:
    return Row(code=(code,), symbol=(symbol,), successor=(successor,), output=(output,))


PARITY = TransitionTable(start=(0,), rows=(row(0, 0, 0, 0), row(0, 1, 1, 1), row(1, 0, 1, 1), row(1, 1, 0, 0)))


def test_each_step_is_one_row() -> None:
    table = tabulate(trace_of([[0, 1, 0, 0], [0, 0, 1, 1]], [[1, 1, 0], [0, 1, 0]], [[1, 0, 0], [0, 1, 1]]))
    assert table == PARITY
    assert table.is_closed and table.codes == ((0,), (1,)) and table.symbols == ((0,), (1,))
    assert table_machine(table).transitions == ((0, 1), (1, 0))


def test_two_successors_are_refused_by_name() -> None:
    with pytest.raises(StageFailure) as failure:
        tabulate(trace_of([[0, 1, 2], [0, 1, 5]], [[7, -1], [7, -1]], [[0, 0], [0, 0]]))
    assert str(failure.value) == (
        "extracted: the table contradicts itself: code (1) on input (-1) has the successors (2) and (5)"
    )


def test_two_outputs_are_refused_by_name() -> None:
    with pytest.raises(StageFailure, match=r"code \(0\) on input \(3\) has the outputs \(1\) and \(4\)$"):
        tabulate(trace_of([[0, 0, 0]], [[3, 3]], [[4, 1]]))


def test_two_starts_are_refused() -> None:
    with pytest.raises(StageFailure, match=r"two start codes: \(0\) and \(2\)"):
        tabulate(trace_of([[2, 0], [0, 0]], [[1], [1]], [[0], [0]]))


def test_a_table_with_a_gap_is_no_machine() -> None:
    table = TransitionTable(start=(0,), rows=PARITY.rows[:-1])
    assert not table.is_closed
    with pytest.raises(StageFailure, match=r"no step was seen from code \(1\) on input \(1\)"):
        table_machine(table)


@pytest.mark.parametrize(
    ("start", "rows", "reason"),
    [
        ((0,), (), "needs a row"),
        ((0, 0), PARITY.rows, "differ in how many numbers"),
        (
            (0,),
            (row(0, 0, 0, 0), Row(code=(0,), symbol=(1, 2), successor=(0,), output=(0,))),
            "differ in how many numbers",
        ),
        ((0,), (row(0, 0, 0, 0), row(0, 0, 1, 0)), "two rows"),
    ],
)
def test_a_table_is_validated(start: tuple[int, ...], rows: tuple[Row, ...], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        TransitionTable(start=start, rows=rows)


def test_formulas_of_a_closed_table() -> None:
    formulas = table_formulas(PARITY, [0, 1, 2])
    words = np.random.default_rng(0).integers(0, 1, (20, 30, 1), endpoint=True)
    assert np.array_equal(formulas.run(words), words.cumsum(axis=1) % 2)


def test_a_coordinate_counts_like_the_output_it_copies() -> None:
    rows = tuple(row(5 - s, x, 5 - max(s, x), max(s, x)) for s in range(6) for x in range(6))
    table = calibrated(TransitionTable(start=(5,), rows=rows))
    assert table.start == (0,)
    assert all(one.successor == one.output for one in table.rows)
    formulas = table_formulas(TransitionTable(start=(5,), rows=rows), [0, 1])
    assert [str(state.update) for state in formulas.states] in (["max(s, x)"], ["max(x, s)"])


def test_entangled_coordinates_are_taken_apart() -> None:
    steps = [((m, t), x, (max(m, x), (t + x) % 7)) for m in range(5) for t in range(7) for x in range(5)]

    def entangled(code: tuple[int, int]) -> tuple[int, int]:
        return (code[0] + code[1], 2 * code[1] + code[0])

    rows = tuple(
        Row(code=entangled(code), symbol=(x,), successor=entangled(after), output=(after[0] - after[1],))
        for code, x, after in steps
    )
    table = disentangled(TransitionTable(start=(0, 0), rows=rows))
    assert {row.code for row in table.rows} in ({code for code, _, _ in steps}, {code[::-1] for code, _, _ in steps})
    formulas = table_formulas(TransitionTable(start=(0, 0), rows=rows), [0, 1, 7])
    assert {str(state.update) for state in formulas.states} & {"max(s0, x)", "max(s1, x)"}


def test_a_coordinate_that_no_output_needs_has_no_variable() -> None:
    rng = np.random.default_rng(1)
    rows = tuple(
        Row(code=(s, t), symbol=(x,), successor=(s + x, int(rng.integers(9))), output=(s + x,))
        for s in range(5)
        for t in range(9)
        for x in range(3)
    )
    formulas = table_formulas(TransitionTable(start=(0, 0), rows=rows), [0, 1])
    assert [state.name for state in formulas.states] == ["s0"]


def test_rows_without_a_formula_are_refused() -> None:
    rng = np.random.default_rng(0)
    rows = tuple(row(s, x, s + x, int(rng.integers(1000))) for s in range(8) for x in range(5))
    with pytest.raises(StageFailure, match="synthesized: no formula for y fits the 40 rows"):
        table_formulas(TransitionTable(start=(0,), rows=rows), [0, 1])


def test_an_affine_form_is_exact_and_sparse() -> None:
    rng = np.random.default_rng(0)
    columns = dict(zip("abcd", rng.integers(-9, 9, (4, 50)), strict=True))
    columns["d"] = columns["a"] - columns["b"]
    assert str(affine_term(columns, 3 * columns["c"] - columns["d"] + 7)) == "3 * c + 7 - d"
    assert str(affine_term(columns, np.full(50, -4))) == "-4"
    assert affine_term(columns, columns["a"] // 2) is None
    assert affine_term(columns, columns["a"] * columns["b"]) is None
