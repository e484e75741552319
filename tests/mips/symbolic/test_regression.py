"""Regression finds hidden terms of every family, and says None when there is nothing to find."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mips.symbolic.regression import linear
from mips.symbolic.regression.budget import BUDGET, QUICK, THOROUGH, Effort, RegressionBudget
from mips.symbolic.regression.columns import of_order, regress, substitute
from mips.symbolic.regression.decisions import membership, of_conditions
from mips.symbolic.regression.linear import (
    affine_term,
    fraction_term,
    linear_term,
    modular_term,
    solve_modulo,
)
from mips.symbolic.regression.votes import vote
from mips.symbolic.terms.term import Column, Term, constant, variable

CONSTANTS = (0, 1, 2)


def grid(*ranges: range, names: str = "stuv") -> dict[str, Column]:
    """All combinations of numbers from the ranges, a column each."""
    table = np.array(list(itertools.product(*ranges)))
    return {name: table[:, i] for i, name in zip(range(len(ranges)), names, strict=False)}


def found(
    columns: dict[str, Column], target: Column, constants: tuple[int, ...] = CONSTANTS, effort: Effort = THOROUGH
) -> Term:
    terms = regress(columns, [target], constants, effort)
    assert terms is not None
    assert np.array_equal(terms[0].evaluate(columns), target)
    assert np.array_equal(
        [
            int(eval(str(terms[0]), {}, dict(zip(columns, row, strict=True))))
            for row in np.stack(list(columns.values()), axis=1)[::7].tolist()
        ],
        target[::7],
    )
    return terms[0]


DIGITS, BITS, FEW = range(10), range(2), range(-2, 3)
HIDDEN = {
    "enumerated": (grid(DIGITS, DIGITS), lambda s, t: np.maximum(s, t) - (s == t), 7),
    "quotient": (grid(DIGITS, DIGITS), lambda s, t: (s + t) // 2, 5),
    "distance": (grid(FEW, DIGITS), lambda s, t: np.abs(s - t), 4),
    "linear form": (grid(range(4), range(4), range(2)), lambda s, t, u: (2 * s + t - u) % 4, 12),
    "threshold of a sum": (grid(BITS, BITS, BITS, BITS), lambda s, t, u, v: (s + t + u + v > 2) * 1, 12),
    "exclusive or": (grid(BITS, BITS, BITS, BITS), lambda s, t, u, v: s ^ t ^ u ^ v, 9),
    "exclusive or of products": (
        grid(BITS, BITS, BITS, BITS),
        lambda s, t, u, v: (s & t) ^ (t & u) ^ (u & v) ^ s,
        13,
    ),
    "normal form": (grid(BITS, BITS, BITS, BITS), lambda s, t, u, v: (s & t) | (u & (1 - v)), 8),
    "decision list": (
        grid(range(12), range(12)),
        lambda s, t: np.where(s < t, 2, np.where(s + t == 11, 1, s)),
        24,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HIDDEN)
def test_a_hidden_term_is_found(name: str) -> None:
    columns, function, largest = HIDDEN[name]
    target = np.asarray(function(*columns.values()), dtype=np.int64)
    assert found(columns, target, (*CONSTANTS, 4, 11)).size <= largest


def test_a_hidden_set_is_found() -> None:
    columns = grid(range(16))
    for members in ((1, 4, 9), (0, 1, 4, 9)):
        target = np.isin(columns["s"], members).astype(np.int64)
        for wanted in (target, 1 - target):
            assert found(columns, wanted, (0, 1)).size <= 16


def test_a_set_of_one_is_a_set() -> None:
    """A tuple of one needs its comma, or Python would look inside a number."""
    columns = grid(range(30))
    target = (columns["s"] == 17).astype(np.int64)
    term = found(columns, target, (), Effort(size=1, form_size=1, limit=10, branches=0))
    assert eval(str(term), {}, {"s": 17}) == 1 and eval(str(term), {}, {"s": 16}) == 0


def test_several_targets_are_found_together_or_not_at_all() -> None:
    columns = grid(BITS, BITS, BITS)
    s, t, u = columns.values()
    total = s + t + u
    terms = regress(columns, [total % 2, total // 2], CONSTANTS, THOROUGH)
    assert terms is not None
    assert [term.evaluate(columns).tolist() for term in terms] == [(total % 2).tolist(), (total // 2).tolist()]
    noise = np.random.default_rng(0).integers(0, 10**6, len(s))
    assert regress(columns, [total % 2, noise], CONSTANTS, QUICK) is None


@pytest.mark.parametrize("effort", [QUICK, THOROUGH])
def test_columns_that_do_not_determine_the_target_have_no_term(effort: Effort) -> None:
    columns = {"s": np.array([0, 0, 1, 1]), "t": np.array([1, 1, 0, 1])}
    assert regress(columns, [np.array([0, 1, 1, 1])], CONSTANTS, effort) is None


def test_numbers_too_large_to_be_followed_have_no_decision_list() -> None:
    columns = {"s": np.array([2, 3, 5, 7]) << 40}
    target = np.array([1, 4, 2, 9]) << 41
    assert regress(columns, [target], (), THOROUGH) is None


def test_a_random_table_has_no_short_term() -> None:
    columns = grid(range(12), range(12))
    target = np.random.default_rng(1).integers(0, 1000, 144)
    assert regress(columns, [target], CONSTANTS, QUICK) is None


def test_rows_in_any_number_and_order() -> None:
    columns = grid(DIGITS, DIGITS)
    rows = np.random.default_rng(2).integers(0, 100, 3000)
    many = {name: column[rows] for name, column in columns.items()}
    target = (many["s"] + many["t"]) % 2
    assert np.array_equal(found(many, target).evaluate(columns), (columns["s"] + columns["t"]) % 2)


def test_a_rare_row_is_not_overlooked() -> None:
    """The enumeration looks at few rows at first; the one that matters must find its way in."""
    columns = grid(range(40), range(40))
    target = np.where((columns["s"] == 39) & (columns["t"] == 39), 1, 0)
    term = found(columns, target, (0, 1, 39))
    assert term.evaluate({"s": np.array([39, 39, 38]), "t": np.array([39, 38, 39])}).tolist() == [1, 0, 0]


def test_the_vote_overrules_exactly_the_minority() -> None:
    columns = {"s": np.array([0] * 5 + [1] * 4 + [2])}
    target = np.array([7, 7, 7, 8, 9, 5, 5, 5, 6, 4])
    table = vote(columns, [target], 0.3)
    assert table is not None
    assert dict(zip(table.columns["s"].tolist(), table.targets[0].tolist(), strict=True)) == {0: 7, 1: 5, 2: 4}
    assert (table.rows, table.overruled) == (3, 3)
    assert vote(columns, [target], 0.299) is None
    assert vote(columns, [target], 0.0) is None


def test_a_vote_among_votes_is_a_brute_force_count() -> None:
    rng = np.random.default_rng(3)
    for _ in range(30):
        count = 60
        columns = {name: rng.integers(0, 3, count) for name in "st"}
        targets = [rng.integers(0, 2, count), rng.integers(0, 2, count)]
        rows = list(zip(*(column.tolist() for column in columns.values()), strict=True))
        seen: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
        for row, answer in zip(rows, zip(*(target.tolist() for target in targets), strict=True), strict=True):
            seen.setdefault(row, []).append(answer)
        overruled = sum(len(all_) - max(map(all_.count, all_)) for all_ in seen.values())
        table = vote(columns, targets, overruled / count)
        assert table is not None and table.overruled == overruled and table.rows == len(seen)
        assert vote(columns, targets, (overruled - 0.5) / count) is None
        for row, answer in zip(
            zip(*table.columns.values(), strict=True), zip(*table.targets, strict=True), strict=True
        ):
            assert seen[row].count(answer) == max(map(seen[row].count, seen[row]))


def test_noise_is_overruled_up_to_its_share_and_not_beyond() -> None:
    rng = np.random.default_rng(4)
    columns = {name: rng.integers(0, 10, 5000) for name in "st"}
    truth = np.maximum(columns["s"], columns["t"])
    damaged = truth.copy()
    wrong = rng.permutation(5000)[:20]
    damaged[wrong] += 1
    assert regress(columns, [damaged], CONSTANTS, QUICK) is None
    noisy = Effort(size=4, form_size=5, limit=20_000, branches=0, noise=0.01)
    terms = regress(columns, [damaged], CONSTANTS, noisy)
    assert terms is not None and np.array_equal(terms[0].evaluate(columns), truth)
    assert (
        regress(columns, [damaged], CONSTANTS, Effort(size=4, form_size=5, limit=20_000, branches=0, noise=0.001))
        is None
    )


def test_substitution_is_simultaneous() -> None:
    term = Term("+", (variable("s"), Term("*", (variable("t"), constant(2)))))
    swapped = substitute(term, {"s": variable("t"), "t": Term("+", (variable("s"), variable("t")))})
    assert str(swapped) == "t + (s + t) * 2"
    assert substitute(term, {}) == term


def test_conditions_joined_are_found_and_only_where_they_hold() -> None:
    columns = grid(range(5), range(5), range(3))
    s, t, u = columns.values()
    for target in ((s == t) & (t != u), (s < t) & (t < 4) & (u != 1), (s == 0) | (t == 3)):
        term = of_conditions(columns, target.astype(np.int64), (0, 1, 2, 3, 4), THOROUGH)
        assert term is not None and np.array_equal(term.evaluate(columns), target)
    assert of_conditions(columns, (s + t) % 2, (0, 1), THOROUGH) is None
    assert of_conditions(columns, s, (0, 1), THOROUGH) is None


def test_minima_and_maxima_are_found_beyond_the_size_of_other_terms() -> None:
    columns = grid(range(5), range(5), range(5))
    median = np.median(np.stack(list(columns.values())), axis=0).astype(np.int64)
    term = of_order(columns, median, (), QUICK)
    assert term is not None and np.array_equal(term.evaluate(columns), median) and term.size == 9
    assert of_order(columns, median + 5, (), QUICK) is None


def test_what_a_reader_stumbles_over_costs_more_than_its_nodes() -> None:
    s, t, one = variable("s"), variable("t"), constant(1)
    compared = Term("<", (s, Term("==", (s, t))))
    assert compared.cost > compared.size and not compared.is_plain
    assert Term("+", (s, Term("==", (s, t)))).is_plain
    assert Term("//", (s, t)).cost > Term("//", (s, one)).cost
    assert Term("if", (s, t, one)).cost == Term("if", (s, t, one)).size + 2
    joined = Term("and", (Term("==", (s, t)), Term("<", (s, one))))
    assert joined.cost == 6 and Term("and", (s, t)).cost == 4


def test_a_smaller_budget_finds_less() -> None:
    columns = grid(range(10))
    target = np.isin(columns["s"], (1, 5, 8)).astype(np.int64)
    assert len([*membership(columns, target)]) == 2  # the set, and the set of the others
    assert len([*membership(columns, target, RegressionBudget(longest_set=3))]) == 1
    assert not [*membership(columns, target, RegressionBudget(longest_set=2))]


# Exact linear regression against brute force: over the integers, as fractions, and modulo a number


RNG = np.random.default_rng(0)
COLUMNS = {name: RNG.integers(-9, 10, 60) for name in "ab"}
UP_TO_11 = {name: RNG.integers(0, 12, 200) for name in "abc"}


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
    monkeypatch.setattr(linear, "_least_squares", lambda matrix, target, most: np.full(matrix.shape[1], -(2.0**63)))
    assert str(affine_term(odd, np.zeros(3, dtype=np.int64))) == "0"
    assert affine_term(odd, odd["a"]) is None and fraction_term(odd, odd["a"]) is None


def test_a_fraction_has_no_rest() -> None:
    columns = {"a": 2 * COLUMNS["a"] + 1, "b": 2 * COLUMNS["b"] + 1}
    term = fraction_term(columns, (columns["a"] + 3 * columns["b"]) // 2)
    assert str(term) == "(a + 3 * b) // 2"
    assert fraction_term(COLUMNS, COLUMNS["a"] // 2) is None


@pytest.mark.parametrize("modulus", [2, 3, 6, 7, 12])
def test_a_form_modulo_a_number_is_found(modulus: int) -> None:
    target = (UP_TO_11["a"] + 5 * UP_TO_11["b"] + 1) % modulus
    term = modular_term(UP_TO_11, target)
    assert term is not None and np.array_equal(term.evaluate(UP_TO_11), target)
    other = (UP_TO_11["a"] * UP_TO_11["b"]) % modulus
    assert modulus == 2 or modular_term(UP_TO_11, other) is None


@pytest.mark.parametrize(("factor", "modulus"), [(2, 4), (3, 6), (4, 8), (5, 10), (4, 6), (6, 9)])
def test_remainders_that_never_occur_are_allowed_for(factor: int, modulus: int) -> None:
    target = factor * (UP_TO_11["a"] + UP_TO_11["b"]) % modulus
    unseen = modulus - 1 - target.max()
    term = modular_term(UP_TO_11, target)
    assert (
        0 < unseen <= BUDGET.unseen_remainders and term is not None and np.array_equal(term.evaluate(UP_TO_11), target)
    )
    fits = [m for m in range(target.max() + 1, modulus + 1) if fits_modulo(UP_TO_11, target, m)]
    assert str(term).endswith(f"% {fits[0]}")


def fits_modulo(columns: dict[str, np.ndarray], target: np.ndarray, modulus: int) -> bool:
    """Whether a form modulo a number is the target: all factors are tried, on some rows and then on all."""
    matrix = np.stack([*columns.values(), np.ones(len(target), dtype=np.int64)], axis=1)
    factors = np.array(list(itertools.product(range(modulus), repeat=matrix.shape[1])))
    some = (matrix[:12] @ factors.T % modulus == target[:12, None]).all(axis=0)
    return bool((matrix @ factors[some].T % modulus == target[:, None]).all(axis=0).any())


def test_too_many_remainders_that_never_occur_are_not_looked_for() -> None:
    assert modular_term(UP_TO_11, 6 * UP_TO_11["a"] % 12) is None
    assert str(modular_term({"a": UP_TO_11["a"]}, 6 * UP_TO_11["a"] % 10)) == "-(4 * a) % 10"


def test_few_rows_are_no_ground_for_a_modulus_with_a_remainder_that_never_occurred() -> None:
    few = {"a": np.array([0, 1, 2])}
    target = 3 * few["a"] % 5
    assert target.tolist() == [0, 3, 1] and modular_term(few, target) is None
    enough = {"a": np.array([0, 1, 2, 7])}
    assert str(modular_term(enough, 3 * enough["a"] % 5)) == "-(2 * a) % 5"


def test_what_is_no_form_modulo_its_size_is_refused() -> None:
    assert modular_term(UP_TO_11, UP_TO_11["a"] * UP_TO_11["b"] % 2) is None
    assert modular_term(UP_TO_11, -1 - UP_TO_11["a"]) is None
    assert modular_term(UP_TO_11, np.zeros(200, dtype=np.int64)) is None


def test_an_integer_form_is_preferred_to_the_others() -> None:
    assert str(linear_term({"a": UP_TO_11["a"]}, UP_TO_11["a"])) == "a"
    assert str(linear_term({"a": UP_TO_11["a"]}, UP_TO_11["a"] % 3)) == "a % 3"
    odd = {"a": 2 * UP_TO_11["a"] + 1}
    assert str(linear_term(odd, (odd["a"] + 1) // 2)) == "(a + 1) // 2"
    assert linear_term(UP_TO_11, np.maximum(UP_TO_11["a"], UP_TO_11["b"])) is None
