"""Enumeration against a plain one that builds every term: the same columns, each with a term of smallest size."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mips.symbolic.regression.enumeration import CHOICE, CONDITION_SIZE, GRAMMAR, LARGEST, LARGEST_BITS, Bank
from mips.symbolic.regression.hashing import HashSet, RowHash
from mips.symbolic.terms.term import OPERATORS, Column, Term, constant, variable

SMALL = {"s": np.array([0, 1, 2, 3, 2]), "x": np.array([1, 0, 2, 1, -1])}
CASES = {
    "two variables": (SMALL, (1, 2), GRAMMAR, 5),
    "three variables": (SMALL | {"t": np.array([3, 3, 1, 0, 2])}, (), GRAMMAR, 4),
    "no zero to divide by": ({"s": np.array([1, 3, 5]), "x": np.array([2, 1, -1])}, (3,), ("//", "%", "+"), 5),
    "order alone": (SMALL, (0,), ("max", "min", "<", "<=", "=="), 5),
    "choices": ({"s": np.array([0, 1, 2, 1]), "x": np.array([1, 0, 0, 1])}, (0,), ("<", "+", CHOICE), 7),
    "with exclusive or": ({"s": np.array([0, 0, 1, 1]), "x": np.array([0, 1, 0, 1])}, (1,), ("^", "+"), 6),
}


def all_columns(
    columns: dict[str, Column], constants: tuple[int, ...], grammar: tuple[str, ...], largest: int
) -> dict[tuple[int, ...], int]:
    """Every column of values with the size of its smallest term: all terms are built, none is thrown away early."""
    rows = len(next(iter(columns.values())))
    levels: list[set[tuple[int, ...]]] = [set(), {tuple(column.tolist()) for column in columns.values()}]
    levels[1] |= {(value,) * rows for value in constants}
    for size in range(2, largest + 1):
        level = {tuple(map(abs, values)) for values in levels[size - 1]}
        level |= {tuple(-value for value in values) for values in levels[size - 1]}
        for left_size in range(1, size - 1):
            for left, right in itertools.product(levels[left_size], levels[size - 1 - left_size]):
                for symbol in grammar:
                    operator = OPERATORS.get(symbol)
                    if operator is not None and (not operator.divides or all(right)):
                        level.add(tuple(operator.apply(np.array(left), np.array(right)).tolist()))
        if CHOICE in grammar:
            for first, second in itertools.product(range(1, CONDITION_SIZE + 1), range(1, size)):
                if (third := size - 1 - first - second) > 0:
                    conditions = [values for values in levels[first] if set(values) <= {0, 1}]
                    for condition, then, other in itertools.product(conditions, levels[second], levels[third]):
                        level.add(tuple(t if c else o for c, t, o in zip(condition, then, other, strict=True)))
        levels.append(level)
    smallest: dict[tuple[int, ...], int] = {}
    for size, level in enumerate(levels):
        for values in level:
            smallest.setdefault(values, size)
    return smallest


def grown(columns: dict[str, Column], constants: tuple[int, ...], grammar: tuple[str, ...], size: int) -> Bank:
    bank = Bank(columns, constants, grammar)
    while bank.size < size:
        assert bank.grow(10**6)
    return bank


@pytest.mark.parametrize("name", CASES)
def test_the_columns_are_all_there_are_each_once_and_smallest_first(name: str) -> None:
    columns, constants, grammar, size = CASES[name]
    bank = grown(columns, constants, grammar, size)
    found = [(tuple(values), level) for level in range(1, size + 1) for values in bank.level(level).tolist()]
    assert bank.count == len(found) == len({values for values, _ in found})
    assert dict(found) == all_columns(columns, constants, grammar, size)


@pytest.mark.parametrize("name", CASES)
def test_the_term_behind_a_column_has_its_values_and_size(name: str) -> None:
    columns, constants, grammar, size = CASES[name]
    bank = grown(columns, constants, grammar, size)
    rng = np.random.default_rng(0)
    for level in range(1, size + 1):
        for index in rng.permutation(len(bank.level(level)))[:60].tolist():
            term = bank.term(level, index)
            assert term.size == level
            assert np.array_equal(term.evaluate(columns), bank.level(level)[index])


@pytest.mark.parametrize("name", CASES)
def test_search_finds_what_growing_and_finding_finds(name: str) -> None:
    columns, constants, grammar, size = CASES[name]
    bank = grown(columns, constants, grammar, size - 1)
    smaller = grown(columns, constants, grammar, size - 1)
    larger = grown(columns, constants, grammar, size)
    rng = np.random.default_rng(1)
    rows = len(next(iter(columns.values())))
    targets = [larger.level(size)[i] for i in rng.permutation(len(larger.level(size)))[:20]]
    targets += list(rng.integers(50, 99, (5, rows)))
    found = bank.search(targets)
    assert bank.count == smaller.count and bank.size == size - 1  # nothing was kept
    for target, term in zip(targets, found, strict=True):
        expected = larger.find(target)
        assert (term is None) == (expected is None) == (larger.find_last(target) is None)
        if term is not None and expected is not None:
            assert term.size == expected.size == size
            assert np.array_equal(term.evaluate(columns), target)
    assert all(bank.find(target) is None for target in targets)


def test_find_gives_the_smallest_and_find_last_only_the_largest_size() -> None:
    bank = grown(SMALL, (1,), GRAMMAR, 3)
    s, x = SMALL["s"], SMALL["x"]
    assert bank.find(s) == variable("s")
    assert bank.find_last(s) is None
    assert bank.find(s + x) == bank.find_last(s + x)
    assert str(bank.find(s + x)) in ("s + x", "x + s")
    assert bank.find(s * 17) is None


def test_find_on_looks_at_some_rows_and_forgives_some_errors() -> None:
    bank = grown(SMALL, (1,), GRAMMAR, 3)
    target = SMALL["s"] + SMALL["x"]
    target[3] = 77
    assert bank.find(target) is None
    assert bank.find_on(target, np.array([0, 1, 2, 3, 4])) is None
    for found in (bank.find_on(target, np.array([0, 1, 2, 4])), bank.find_on(target, np.arange(5), allowed=1)):
        assert found is not None
        assert (found.evaluate(SMALL) != target).tolist() == [False, False, False, True, False]


def test_a_level_that_would_pass_the_limit_is_left_out_and_can_still_be_searched() -> None:
    bank, whole = Bank(SMALL, (1, 2)), Bank(SMALL, (1, 2))
    assert bank.grow(10_000) and whole.grow(10_000)
    assert not bank.grow(20)
    assert bank.size == 2
    assert whole.grow(10_000)
    target = whole.level(3)[-1]
    found = bank.search([target])[0]
    assert found is not None and np.array_equal(found.evaluate(SMALL), target)
    assert bank.grow(10_000) and np.array_equal(bank.level(3), whole.level(3))


def test_a_level_can_be_kept_in_part() -> None:
    bank = Bank(SMALL, (1, 2))
    assert bank.grow(10_000)
    assert not bank.grow(20, partly=True)
    assert bank.size == 3 and len(bank.level(3)) <= 20


def test_equal_leaves_are_one_leaf_and_the_first_name_wins() -> None:
    bank = Bank({"s": np.array([1, 1]), "t": np.array([1, 1])}, (1, 2))
    assert [bank.term(1, index) for index in range(len(bank.level(1)))] == [variable("s"), constant(2)]


def test_values_too_large_to_be_exact_are_not_followed() -> None:
    bank = Bank({"s": np.array([LARGEST, 1])}, (1,), ("+", "*"))
    bank.grow(100)
    bank.grow(100)
    assert np.abs(bank.level(3)).max() <= LARGEST
    assert bank.find(np.array([LARGEST + 1, 2])) is None
    assert bank.find(np.array([2, 2])) == Term("+", (constant(1), constant(1)))


def test_a_choice_between_two_terms_is_enumerated() -> None:
    rng = np.random.default_rng(8)
    columns = {name: rng.integers(-9, 10, 40) for name in "sxt"}
    target = np.where(columns["s"] < columns["x"], columns["t"], columns["s"])
    found = grown(columns, (), GRAMMAR, 6).find(target)
    assert found is not None and str(found) == "t if s < x else s"


def test_a_hash_set_tells_what_is_new_like_a_set_of_python() -> None:
    rng = np.random.default_rng(5)
    hashes, seen = HashSet(), set[int]()
    for count in (0, 1, 50, 3_000, 9_000, 20):
        block = rng.integers(1, 20_000, count) * 4096  # alike in their lowest bits: they probe far
        expected = []
        for place, number in enumerate(block.tolist()):
            if number not in seen:
                seen.add(number)
                expected.append(place)
        assert hashes.add(block).tolist() == expected


def test_a_row_hash_is_exact_and_tells_rows_apart() -> None:
    rng = np.random.default_rng(6)
    row_hash = RowHash(64, LARGEST_BITS)
    rows = rng.integers(-LARGEST, LARGEST, (2_000, 64)).astype(np.float64)
    rows[1000:] = rows[:1000]
    rows[1000:, 7] += 1
    hashes = row_hash(rows)
    assert len(set(hashes.tolist())) == len(rows)
    order = rng.permutation(len(rows))
    assert np.array_equal(row_hash(rows[order]), hashes[order])  # whatever else is in the block
    assert np.array_equal(row_hash(rows[:3]), hashes[:3])
    assert row_hash(-rows[:1]) != row_hash(rows[:1])
