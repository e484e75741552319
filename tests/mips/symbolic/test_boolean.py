"""Boolean forms against the truth table: every function of three variables, don't-cares, exclusive-or of products."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from mips.symbolic.regression.boolean import (
    algebraic_form,
    boolean_terms,
    minimal_cover,
)
from mips.symbolic.regression.budget import BUDGET
from mips.symbolic.terms.term import Column, Term

NAMES = ("a", "b", "c")
TABLE = np.array(list(itertools.product((0, 1), repeat=3)))
COLUMNS = dict(zip(NAMES, TABLE.T, strict=True))
# Of every row of TABLE: whether the function is 0 or 1 there, or the row does not occur, which is 2.
KINDS = st.lists(st.integers(0, 2), min_size=8, max_size=8).filter(lambda kinds: min(kinds) < 2)


def forms(columns: dict[str, Column], target: Column, *, normal_forms: bool = True) -> list[Term]:
    return list(boolean_terms(columns, target, normal_forms=normal_forms))


MONOMIALS = [places for degree in (1, 2, 3) for places in itertools.combinations(range(3), degree)] + [()]


def sums(rows: np.ndarray, target: Column) -> list[list[tuple[int, ...]]]:
    """All sums of monomials of three variables that are the target modulo 2: each of the 256 is tried."""
    found = []
    for used in itertools.product((0, 1), repeat=8):
        chosen = [each for each, wanted in zip(MONOMIALS, used, strict=True) if wanted]
        values = [[all(row[place] for place in each) for each in chosen] for row in rows.tolist()]
        if [sum(value) % 2 for value in values] == target.tolist():
            found.append(chosen)
    return found


def weight(form: list[tuple[int, ...]]) -> tuple[int, int]:
    """The number of monomials and of the factors in them."""
    return len(form), sum(map(len, form))


def degree(form: list[tuple[int, ...]]) -> int:
    return max(1, *map(len, form), 0)


@pytest.mark.parametrize("ones", range(0, 256, 32))
def test_every_function_of_three_variables(ones: int) -> None:
    for number in range(ones, ones + 32):
        target = np.array([number >> row & 1 for row in range(8)])
        found = forms(COLUMNS, target)
        assert len(found) == 3
        for term in found:
            assert np.array_equal(term.evaluate(COLUMNS), target), (number, str(term))
            assert [eval(str(term), {}, dict(zip(NAMES, row, strict=True))) for row in TABLE.tolist()] == list(target)
        (only,) = sums(TABLE, target)
        assert algebraic_form(TABLE, target, 3) == only
        assert algebraic_form(TABLE, target, degree(only)) == only
        assert degree(only) == 1 or algebraic_form(TABLE, target, degree(only) - 1) is None
        assert len(forms(COLUMNS, target, normal_forms=False)) == (degree(only) == 1)


@pytest.mark.parametrize("seed", range(30))
def test_with_free_rows_an_exclusive_or_form_has_the_fewest_monomials_of_the_least_degree(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(8)[: rng.integers(1, 8)])
    target = rng.integers(0, 2, len(rows))
    found = algebraic_form(TABLE[rows], target, 3)
    every = sums(TABLE[rows], target)
    assert found in every
    least = min(map(degree, every))
    assert degree(found) == least
    assert weight(found) == min(weight(form) for form in every if degree(form) == least)


def test_many_free_coefficients_are_left_out_and_the_rows_are_met_all_the_same() -> None:
    table = np.random.default_rng(0).integers(0, 2, (9, BUDGET.boolean_variables))
    target = np.random.default_rng(1).integers(0, 2, 9)
    found = algebraic_form(table, target, 3)
    assert found is not None and len(found) <= 9
    assert [sum(row[list(each)].all() for each in found) % 2 for row in table] == target.tolist()


def test_exclusive_or_forms_are_of_products_and_read_as_python_reads_them() -> None:
    a, b, c = TABLE.T
    assert "c ^ a * b" in {str(term) for term in forms(COLUMNS, c ^ a & b)}
    assert "1 - (a ^ b * c)" in {str(term) for term in forms(COLUMNS, 1 - (a ^ b & c))}
    assert "a * b * c" in {str(term) for term in forms(COLUMNS, a & b & c)}


def test_a_form_of_too_many_monomials_or_too_high_a_degree_is_none() -> None:
    wide = np.array(list(itertools.product((0, 1), repeat=6)))
    columns = {f"v{i}": column for i, column in enumerate(wide.T)}
    pairs = sum(wide[:, i] & wide[:, j] for i, j in itertools.combinations(range(6), 2)) % 2
    monomials = algebraic_form(wide, pairs, 3)
    assert monomials is not None and len(monomials) == 15 > BUDGET.monomials
    assert not any("^" in term.heads() for term in forms(columns, pairs))
    four = wide[:, :4].all(axis=1) ^ wide[:, 5]
    assert algebraic_form(wide, four, 3) is None
    assert algebraic_form(wide, four, 4) == [(5,), (0, 1, 2, 3)]


@settings(max_examples=40)
@given(KINDS)
def test_rows_that_do_not_occur_are_free(kinds: list[int]) -> None:
    rows = np.flatnonzero(np.array(kinds) < 2)
    target = np.array(kinds)[rows]
    columns = {name: column[rows] for name, column in COLUMNS.items()}
    for term in forms(columns, target):
        assert np.array_equal(term.evaluate(columns), target)


def test_don_t_cares_make_forms_shorter() -> None:
    rows = np.flatnonzero(TABLE[:, 0] != TABLE[:, 1])
    columns = {name: column[rows] for name, column in COLUMNS.items()}
    target = TABLE[rows, 0] & (1 - TABLE[rows, 1])
    assert {str(term) for term in forms(columns, target)} <= {"a", "not b"}
    assert all(term.size > 2 for term in forms(COLUMNS, TABLE[:, 0] & (1 - TABLE[:, 1])))


def test_a_parity_of_all_variables_is_one_exclusive_or() -> None:
    (term,) = forms(COLUMNS, TABLE.sum(axis=1) % 2, normal_forms=False)
    assert str(term) == "a ^ b ^ c"
    (term,) = forms(COLUMNS, 1 - TABLE[:, [0, 2]].sum(axis=1) % 2, normal_forms=False)
    assert str(term) == "1 - (a ^ c)"


@pytest.mark.parametrize("value", [0, 1])
def test_constants_have_no_idle_nodes(value: int) -> None:
    assert {str(term) for term in forms(COLUMNS, np.full(8, value))} == {str(value)}


def test_an_and_is_no_parity() -> None:
    target = TABLE.all(axis=1).astype(np.int64)
    assert forms(COLUMNS, target, normal_forms=False) == []
    assert [str(term) for term in forms(COLUMNS, target)] == ["a * b * c", *["a and b and c"] * 2]


@pytest.mark.parametrize("wrong", ["target", "column", "width"])
def test_nothing_is_said_about_other_numbers(wrong: str) -> None:
    target, columns = TABLE[:, 0].copy(), {name: column.copy() for name, column in COLUMNS.items()}
    if wrong == "target":
        target[0] = 2
    elif wrong == "column":
        columns["b"][0] = -1
    else:
        columns |= {f"v{i}": TABLE[:, 0] for i in range(BUDGET.boolean_variables)}
    assert forms(columns, target) == []


def test_names_of_variables_may_be_any() -> None:
    columns = {"v1": TABLE[:, 0], "s'": TABLE[:, 1], "v0": TABLE[:, 2]}
    target = TABLE[:, 0] & (1 - TABLE[:, 2])
    for term in forms(columns, target):
        assert np.array_equal(term.evaluate(columns), target)
        assert term.variables() == {"v0", "v1"}


def cheapest_cover(ones: set[int], zeros: set[int], variables: int) -> tuple[int, int]:
    """The fewest products, and of these the fewest literals, over all sets of implicants: each is tried."""
    implicants = [
        (mask, value)
        for mask in range(1 << variables)
        for value in range(1 << variables)
        if value & ~mask == 0 and not any(row & mask == value for row in zeros)
    ]
    for count in range(len(ones) + 1):
        found = [
            sum(mask.bit_count() for mask, _ in chosen)
            for chosen in itertools.combinations(implicants, count)
            if all(any(row & mask == value for mask, value in chosen) for row in ones)
        ]
        if found:
            return count, min(found)
    raise AssertionError("each one is an implicant of its own")


@settings(max_examples=40)
@given(KINDS)
def test_a_sum_of_products_is_minimal(kinds: list[int]) -> None:
    ones, zeros = ({row for row, kind in enumerate(kinds) if kind == which} for which in (1, 0))
    found = minimal_cover(ones, zeros, 3)
    assert all(any(one.holds(row) for one in found) == (row in ones) for row in ones | zeros)
    assert (len(found), sum(one.literals for one in found)) == cheapest_cover(ones, zeros, 3)


def test_fewer_literals_than_a_library_finds() -> None:
    """Of as few products: sympy's own form of this function has ten literals."""
    ones, idle = [0, 1, 2, 3, 6, 7, 12, 13, 14], [5, 9, 11]
    found = minimal_cover(ones, set(range(16)) - {*ones, *idle}, 4)
    assert (len(found), sum(one.literals for one in found)) == (4, 9)


@pytest.mark.parametrize("seed", range(10))
def test_never_more_products_than_a_library_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    kinds = rng.choice(3, size=32, p=(0.4, 0.4, 0.2))
    ones, zeros = np.flatnonzero(kinds == 1).tolist(), np.flatnonzero(kinds == 0).tolist()
    bits = [[row >> place & 1 for place in range(5)] for row in range(32)]
    symbols = [sympy.Symbol(f"v{i}") for i in range(5)]
    theirs = sympy.SOPform(symbols, [bits[row] for row in ones], [bits[row] for row in np.flatnonzero(kinds == 2)])
    ours = minimal_cover(ones, zeros, 5)
    assert all(any(one.holds(row) for one in ours) == (row in ones) for row in [*ones, *zeros])
    assert len(ours) <= len(theirs.args)
