"""Exact linear regression against brute force: over the integers, as fractions, and modulo a number."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mips.symbolic.regression import linear
from mips.symbolic.regression.linear import (
    MOST_UNSEEN,
    affine_term,
    fraction_term,
    linear_term,
    modular_term,
    solve_modulo,
)

RNG = np.random.default_rng(0)
COLUMNS = {name: RNG.integers(-9, 10, 60) for name in "ab"}
DIGITS = {name: RNG.integers(0, 12, 200) for name in "abc"}


@settings(max_examples=300)
@given(st.data())
def test_a_system_modulo_a_number_is_solved_exactly_when_brute_force_solves_it(data: st.DataObject) -> None:
    modulus = data.draw(st.integers(2, 12))
    columns, rows = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 5))
    digit = st.integers(0, modulus - 1)
    matrix = np.array(
        data.draw(st.lists(st.lists(digit, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    )
    values = np.array(data.draw(st.lists(digit, min_size=rows, max_size=rows)))
    solvable = any(
        ((matrix @ np.array(guess) - values) % modulus == 0).all()
        for guess in itertools.product(range(modulus), repeat=columns)
    )
    found = solve_modulo(matrix, values, modulus)
    assert (found is not None) == solvable
    if found is not None:
        assert ((matrix @ found - values) % modulus == 0).all()
        assert (found >= 0).all() and (found < modulus).all()


def test_an_affine_form_takes_the_fewest_variables() -> None:
    assert str(affine_term(COLUMNS, 3 * COLUMNS["a"] - 7)) == "3 * a - 7"
    assert affine_term(COLUMNS, COLUMNS["a"] // 2) is None


def test_coefficients_that_a_float_cannot_tell_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """As 64 bits wrap, -2**63 times an even number would be 0."""
    odd = {"a": np.array([1, 3, 5])}
    assert str(affine_term(odd, odd["a"] << 50)) == f"{2**50} * a"
    monkeypatch.setattr(linear, "_least_squares", lambda matrix, target: np.full(matrix.shape[1], -(2.0**63)))
    assert str(affine_term(odd, np.zeros(3, dtype=np.int64))) == "0"
    assert affine_term(odd, odd["a"]) is None and fraction_term(odd, odd["a"]) is None


def test_a_fraction_has_no_rest() -> None:
    columns = {"a": 2 * COLUMNS["a"] + 1, "b": 2 * COLUMNS["b"] + 1}
    term = fraction_term(columns, (columns["a"] + 3 * columns["b"]) // 2)
    assert str(term) == "(a + 3 * b) // 2"
    assert fraction_term(COLUMNS, COLUMNS["a"] // 2) is None


@pytest.mark.parametrize("modulus", [2, 3, 6, 7, 12])
def test_a_form_modulo_a_number_is_found(modulus: int) -> None:
    target = (DIGITS["a"] + 5 * DIGITS["b"] + 1) % modulus
    term = modular_term(DIGITS, target)
    assert term is not None and np.array_equal(term.evaluate(DIGITS), target)
    other = (DIGITS["a"] * DIGITS["b"]) % modulus
    assert modulus == 2 or modular_term(DIGITS, other) is None


@pytest.mark.parametrize(("factor", "modulus"), [(2, 4), (3, 6), (4, 8), (5, 10), (4, 6), (6, 9)])
def test_remainders_that_never_occur_are_allowed_for(factor: int, modulus: int) -> None:
    target = factor * (DIGITS["a"] + DIGITS["b"]) % modulus
    unseen = modulus - 1 - target.max()
    term = modular_term(DIGITS, target)
    assert 0 < unseen <= MOST_UNSEEN and term is not None and np.array_equal(term.evaluate(DIGITS), target)
    fits = [m for m in range(target.max() + 1, modulus + 1) if fits_modulo(DIGITS, target, m)]
    assert str(term).endswith(f"% {fits[0]}")


def fits_modulo(columns: dict[str, np.ndarray], target: np.ndarray, modulus: int) -> bool:
    """Whether a form modulo a number is the target: all factors are tried, on some rows and then on all."""
    matrix = np.stack([*columns.values(), np.ones(len(target), dtype=np.int64)], axis=1)
    factors = np.array(list(itertools.product(range(modulus), repeat=matrix.shape[1])))
    some = (matrix[:12] @ factors.T % modulus == target[:12, None]).all(axis=0)
    return bool((matrix @ factors[some].T % modulus == target[:, None]).all(axis=0).any())


def test_too_many_remainders_that_never_occur_are_not_looked_for() -> None:
    assert modular_term(DIGITS, 6 * DIGITS["a"] % 12) is None
    assert str(modular_term({"a": DIGITS["a"]}, 6 * DIGITS["a"] % 10)) == "-(4 * a) % 10"


def test_few_rows_are_no_ground_for_a_modulus_with_a_remainder_that_never_occurred() -> None:
    few = {"a": np.array([0, 1, 2])}
    target = 3 * few["a"] % 5
    assert target.tolist() == [0, 3, 1] and modular_term(few, target) is None
    enough = {"a": np.array([0, 1, 2, 7])}
    assert str(modular_term(enough, 3 * enough["a"] % 5)) == "-(2 * a) % 5"


def test_what_is_no_form_modulo_its_size_is_refused() -> None:
    assert modular_term(DIGITS, DIGITS["a"] * DIGITS["b"] % 2) is None
    assert modular_term(DIGITS, -1 - DIGITS["a"]) is None
    assert modular_term(DIGITS, np.zeros(200, dtype=np.int64)) is None


def test_an_integer_form_is_preferred_to_the_others() -> None:
    assert str(linear_term({"a": DIGITS["a"]}, DIGITS["a"])) == "a"
    assert str(linear_term({"a": DIGITS["a"]}, DIGITS["a"] % 3)) == "a % 3"
    odd = {"a": 2 * DIGITS["a"] + 1}
    assert str(linear_term(odd, (odd["a"] + 1) // 2)) == "(a + 1) // 2"
    assert linear_term(DIGITS, np.maximum(DIGITS["a"], DIGITS["b"])) is None
