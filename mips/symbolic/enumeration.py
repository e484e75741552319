"""Bottom-up enumeration of terms by size, one term for each distinct column of values (observational equivalence).

Terms that agree on all rows are the same term: only the smallest is kept. Candidates are built and compared as blocks
of a matrix, so that Python's own speed matters only once a block. Source: the bottom-up enumerative solvers of
syntax-guided synthesis (Albarghouthi, Gulwani and Kincaid, "Recursive program synthesis", 2013; Udupa et al.,
"TRANSIT", 2013).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mips.symbolic.expression import OPERATORS, Column, Operator, Term, constant, variable

LARGEST = 1 << 24  # values beyond this are not followed: products of two stay exact in 64 bits
BLOCK = 1 << 18  # numbers in one block of candidates: what a processor's cache holds

GRAMMAR = ("+", "-", "*", "//", "%", "==", "!=", "<", "<=", "min", "max")


MOST_HITS = 100  # terms of one block that meet the same target and are weighed against each other


def preference(term: Term) -> tuple[int, bool, int, str]:
    """Return the key of the one order on terms, smallest first: size, numbers before truth values, then the text."""
    text = str(term)
    return term.size, term.is_truth, len(text), text


class Bank:
    """The distinct terms over some columns, enumerated level by level.

    `columns` maps a variable to its values (rows,). `find` looks for a term equal to a target on all rows.
    """

    def __init__(
        self, columns: Mapping[str, Column], constants: Sequence[int], grammar: Sequence[str] = GRAMMAR
    ) -> None:
        self.rows = len(next(iter(columns.values())))
        self._operators = [OPERATORS[symbol] for symbol in grammar]
        self._keys = np.random.default_rng(0).integers(1, 1 << 62, (2, self.rows), dtype=np.int64) | 1
        self._seen = np.zeros(0, dtype=np.int64)
        self._leaves = [variable(name) for name in columns] + [constant(value) for value in constants]
        leaf_values = [*columns.values(), *(np.full(self.rows, value, dtype=np.int64) for value in constants)]
        keep = self._fresh(np.stack(leaf_values))
        self._leaves = [self._leaves[index] for index in keep]
        self._values: list[NDArray[np.int64]] = [np.zeros((0, self.rows), dtype=np.int64), np.stack(leaf_values)[keep]]
        self._origin: list[NDArray[np.int32]] = [np.zeros((0, 3), dtype=np.int32)] * 2

    @property
    def size(self) -> int:
        """The largest size enumerated so far."""
        return len(self._values) - 1

    @property
    def count(self) -> int:
        """How many distinct terms there are."""
        return sum(len(values) for values in self._values)

    def level(self, size: int) -> NDArray[np.int64]:
        """Return the values (terms, rows) of the terms of one size."""
        return self._values[size]

    def term(self, size: int, index: int) -> Term:
        """Return the term behind row `index` of `level(size)`."""
        if size == 1:
            return self._leaves[index]
        return self.made(size, self._origin[size][index])

    def made(self, size: int, origin: NDArray[np.int32]) -> Term:
        """Return the term of one size with the given origin, as `candidates` yields it."""
        operator, left, right = (int(value) for value in origin)
        left_size, left_index = divmod(left, 1 << 22)
        if operator == len(self._operators):
            return Term("abs", (self.term(left_size, left_index),))
        args = self.term(left_size, left_index), self.term(size - 1 - left_size, right)
        return Term(self._operators[operator].symbol, args)

    def grow(self, limit: int, *, partly: bool = False) -> bool:
        """Enumerate the next size and return True, or, if it has more than `limit` new terms, return False.

        In the second case the bank stays as it was, or, if `partly`, keeps the terms that were built by then.
        """
        values, origins, seen, total = [], [], self._seen, 0
        is_whole = True
        for block, origin in self.candidates():
            keep = self._fresh(block)
            total += len(keep)
            if total > limit:
                is_whole = False
                break
            values.append(block[keep])
            origins.append(origin[keep])
        if is_whole or partly:
            self._values.append(np.concatenate(values) if values else self._values[0])
            self._origin.append(np.concatenate(origins) if origins else self._origin[0])
        else:
            self._seen = seen
        return is_whole

    def search(self, targets: Sequence[Column]) -> list[Term | None]:
        """Return for each target the preferred term of the next size that equals it, without keeping that size."""
        hits: list[list[Term]] = [[] for _ in targets]
        hashes = [int(self._hash(target[None])[0]) for target in targets]
        for block, origin in self.candidates():
            own = self._hash(block)
            for place, wanted in enumerate(hashes):
                for hit in np.flatnonzero(own == wanted)[:MOST_HITS].tolist():
                    if np.array_equal(block[hit], targets[place]):
                        hits[place].append(self.made(self.size + 1, origin[hit]))
        return [min(terms, key=preference, default=None) for terms in hits]

    def find(self, target: Column) -> Term | None:
        """Return the first enumerated term that equals `target` on all rows, or None."""
        for size in range(1, self.size + 1):
            hits = np.flatnonzero((self._values[size] == target).all(axis=1))
            if len(hits):
                return self.term(size, int(hits[0]))
        return None

    def find_last(self, target: Column) -> Term | None:
        """Return a term of the largest enumerated size that equals `target` on all rows, or None."""
        hits = np.flatnonzero((self._values[-1] == target).all(axis=1))
        return self.term(self.size, int(hits[0])) if len(hits) else None  # one of each kind is kept

    def find_on(self, target: Column, rows: NDArray[np.int64], allowed: int = 0) -> Term | None:
        """Return the smallest enumerated term that differs from `target` on at most `allowed` of the rows, or None."""
        for size in range(1, self.size + 1):
            wrong = (self._values[size][:, rows] != target[rows]).sum(axis=1)
            hits = np.flatnonzero(wrong <= allowed)
            if len(hits):
                return self.term(size, int(hits[0]))
        return None

    def candidates(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int32]]]:
        """Yield blocks of all terms of the next size: values (terms, rows), origins (terms, 3), with repetitions."""
        size = self.size + 1
        inner = self._values[size - 1]
        if len(inner):
            yield (
                np.abs(inner),
                self._origins(len(self._operators), size - 1, np.arange(len(inner)), np.zeros(len(inner))),
            )
        for left_size in range(1, size - 1):
            right_size = size - 1 - left_size
            left, right = self._values[left_size], self._values[right_size]
            if not len(left) or not len(right):
                continue
            chunk = max(1, BLOCK // (len(right) * self.rows))
            for number, operator in enumerate(self._operators):
                if operator.commutes and left_size < right_size:
                    continue
                for first in range(0, len(left), chunk):
                    part = left[first : first + chunk]
                    yield self._combine(operator, number, left_size, part, first, right)

    def _combine(
        self,
        operator: Operator,
        number: int,
        left_size: int,
        left: NDArray[np.int64],
        first: int,
        right: NDArray[np.int64],
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        columns = np.arange(len(right))
        if operator.divides:
            columns = np.flatnonzero(right.all(axis=1))
            right = right[columns]
        block = operator.apply(left[:, None, :], right[None, :, :]).reshape(-1, self.rows)
        lefts = np.repeat(np.arange(first, first + len(left)), len(columns))
        return block, self._origins(number, left_size, lefts, np.tile(columns, len(left)))

    @staticmethod
    def _origins(number: int, left_size: int, left: NDArray, right: NDArray) -> NDArray[np.int32]:
        return np.stack([np.full(len(left), number), left + (left_size << 22), right], axis=1).astype(np.int32)

    def _hash(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        with np.errstate(over="ignore"):
            mixed = values * self._keys[0]
            mixed ^= mixed >> 29
            return mixed @ self._keys[1]  # without a second key, a column and its negative collide

    def _fresh(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the indices of rows never seen before, the first of each kind, in order, and remember them."""
        if not len(values):
            return np.zeros(0, dtype=np.int64)
        hashes = self._hash(values)
        hashes, first = np.unique(hashes, return_index=True)
        place = np.searchsorted(self._seen, hashes)
        known = np.zeros(len(hashes), dtype=bool)
        inside = place < len(self._seen)
        known[inside] = self._seen[place[inside]] == hashes[inside]
        small = (np.abs(values[first]) <= LARGEST).all(axis=1)
        new = ~known & small
        self._seen = np.insert(self._seen, place[new], hashes[new])  # both are sorted
        return np.sort(first[new])
