"""Exact linear regression against brute force: over the integers, as fractions, and modulo a number."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mips.symbolic import exact
from mips.symbolic.exact import affine_term, fraction_term, linear_term, modular_term, solve_modulo

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
    monkeypatch.setattr(exact, "_least_squares", lambda matrix, target: np.full(matrix.shape[1], -(2.0**63)))
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
