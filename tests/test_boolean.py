"""Boolean forms against the truth table: every function of three variables, don't-cares, exclusive-or."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mips.symbolic.boolean import MOST_VARIABLES, boolean_terms
from mips.symbolic.expression import Column, Term

NAMES = ("a", "b", "c")
TABLE = np.array(list(itertools.product((0, 1), repeat=3)))
COLUMNS = dict(zip(NAMES, TABLE.T, strict=True))


def forms(columns: dict[str, Column], target: Column, *, normal_forms: bool = True) -> list[Term]:
    return list(boolean_terms(columns, target, normal_forms=normal_forms))


def is_parity(target: Column) -> bool:
    """Whether some of a, b, c, 1 add up to the target modulo 2: all sixteen sums are tried."""
    ones = np.ones((len(TABLE), 1), dtype=np.int64)
    sums = (np.hstack([TABLE, ones]) @ np.array(list(itertools.product((0, 1), repeat=4))).T) % 2
    return bool((sums == target[:, None]).all(axis=0).any())


@pytest.mark.parametrize("ones", range(0, 256, 32))
def test_every_function_of_three_variables(ones: int) -> None:
    for number in range(ones, ones + 32):
        target = np.array([number >> row & 1 for row in range(8)])
        found = forms(COLUMNS, target)
        assert len(found) == 2 + is_parity(target)
        for term in found:
            assert np.array_equal(term.evaluate(COLUMNS), target), (number, str(term))


def test_rows_that_do_not_occur_are_free() -> None:
    rng = np.random.default_rng(0)
    for _ in range(40):
        rows = np.sort(rng.permutation(8)[: rng.integers(2, 7)])
        target = rng.integers(0, 2, len(rows))
        columns = {name: column[rows] for name, column in COLUMNS.items()}
        for term in forms(columns, target):
            assert np.array_equal(term.evaluate(columns), target)


def test_don_t_cares_make_forms_shorter() -> None:
    rows = np.flatnonzero(TABLE[:, 0] != TABLE[:, 1])
    columns = {name: column[rows] for name, column in COLUMNS.items()}
    target = TABLE[rows, 0] & (1 - TABLE[rows, 1])
    assert {str(term) for term in forms(columns, target)} <= {"a", "not b", "1 - b"}
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
    assert [str(term) for term in forms(COLUMNS, target)] == ["a and b and c"] * 2


@pytest.mark.parametrize("wrong", ["target", "column", "width"])
def test_nothing_is_said_about_other_numbers(wrong: str) -> None:
    target, columns = TABLE[:, 0].copy(), {name: column.copy() for name, column in COLUMNS.items()}
    if wrong == "target":
        target[0] = 2
    elif wrong == "column":
        columns["b"][0] = -1
    else:
        columns |= {f"v{i}": TABLE[:, 0] for i in range(MOST_VARIABLES)}
    assert forms(columns, target) == []


def test_names_of_variables_may_be_any() -> None:
    columns = {"v1": TABLE[:, 0], "s'": TABLE[:, 1], "v0": TABLE[:, 2]}
    target = TABLE[:, 0] & (1 - TABLE[:, 2])
    for term in forms(columns, target):
        assert np.array_equal(term.evaluate(columns), target)
        assert term.variables() == {"v0", "v1"}
