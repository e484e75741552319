"""Transition tables are deterministic or refused by name; formulas take every row of them, or there are none."""

from __future__ import annotations

import numpy as np
import pytest

from mips.networks.trace import IntegerTrace
from mips.outcome import StageFailure
from mips.paper.lattices.formulas import calibrated, disentangled, table_formulas
from mips.paper.lattices.table import Row, TransitionTable, table_machine, tabulate
from mips.symbolic.regression.linear import affine_term


def integer_trace(codes: list[list[int]], words: list[list[int]], outputs: list[list[int]]) -> IntegerTrace:
    """Return a trace with one number for each code, symbol and output."""
    as_array = [np.array(numbers)[:, :, None] for numbers in (words, codes, outputs)]
    return IntegerTrace(words=as_array[0], codes=as_array[1], outputs=as_array[2])


def row(code: int, symbol: int, successor: int, output: int) -> Row:
    return Row(code=(code,), symbol=(symbol,), successor=(successor,), output=(output,))


PARITY = TransitionTable(start=(0,), rows=(row(0, 0, 0, 0), row(0, 1, 1, 1), row(1, 0, 1, 1), row(1, 1, 0, 0)))


def test_each_step_is_one_row() -> None:
    table = tabulate(integer_trace([[0, 1, 0, 0], [0, 0, 1, 1]], [[1, 1, 0], [0, 1, 0]], [[1, 0, 0], [0, 1, 1]]))
    assert table == PARITY
    assert table.is_closed and table.codes == ((0,), (1,)) and table.symbols == ((0,), (1,))
    assert table_machine(table).transitions == ((0, 1), (1, 0))


def test_two_successors_are_refused_by_name() -> None:
    with pytest.raises(StageFailure) as failure:
        tabulate(integer_trace([[0, 1, 2], [0, 1, 5]], [[7, -1], [7, -1]], [[0, 0], [0, 0]]))
    assert str(failure.value) == (
        "extracted: the table contradicts itself: code (1) on input (-1) has the successors (2) and (5)"
    )


def test_two_outputs_are_refused_by_name() -> None:
    with pytest.raises(StageFailure, match=r"code \(0\) on input \(3\) has the outputs \(1\) and \(4\)$"):
        tabulate(integer_trace([[0, 0, 0]], [[3, 3]], [[4, 1]]))


def test_two_starts_are_refused() -> None:
    with pytest.raises(StageFailure, match=r"two start codes: \(0\) and \(2\)"):
        tabulate(integer_trace([[2, 0], [0, 0]], [[1], [1]], [[0], [0]]))


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
