"""Bottom-up enumeration of terms by size, one term for each distinct column of values (observational equivalence).

Terms that agree on all rows are the same term: only the smallest is kept. Candidates are built and compared as blocks
of a matrix, so that Python's own speed matters only once a block. Values are held as floats: integers of up to 24 bits
and the products of two are exact, and a processor does several at once. Source: the bottom-up enumerative solvers of
syntax-guided synthesis (Albarghouthi, Gulwani and Kincaid, "Recursive program synthesis", 2013; Udupa et al.,
"TRANSIT", 2013).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mips.symbolic.regression.budget import Effort
from mips.symbolic.regression.hashing import HashSet, RowHash
from mips.symbolic.terms.simplicity import preference
from mips.symbolic.terms.term import OPERATORS, Column, Term, constant, variable

LARGEST_BITS = 24
LARGEST = 1 << LARGEST_BITS  # values beyond this are not followed
BLOCK = 1 << 18  # numbers in one block of candidates: what a processor's cache holds
CONDITION_SIZE = 3  # nodes of the condition of a choice, at most: a comparison of two leaves

CHOICE = "if"
GRAMMAR = ("+", "-", "*", "//", "%", "^", "==", "!=", "<", "<=", "min", "max", CHOICE)

MOST_HITS = 100  # terms of one block that meet the same target and are weighed against each other

Values = NDArray[np.float64]
Origins = NDArray[np.int32]  # (terms, 4): the number of the head, then up to three places, see `_place`

# Operators on exact integers held as floats. A quotient of two that are at most LARGEST is never rounded up to the
# next integer: it is further from it than half a unit in its last place.
KERNELS: dict[str, Callable[[Values, Values], Values]] = {
    "//": lambda a, b: np.floor(a / b),
    "%": lambda a, b: a - b * np.floor(a / b),
    "^": lambda a, b: (a.astype(np.int64) ^ b.astype(np.int64)).astype(np.float64),
}

UNARY: dict[str, Callable[[Values], Values]] = {"abs": np.abs, "neg": np.negative}


class Bank:
    """All terms over some columns that differ on some row, enumerated by their number of nodes.

    `columns` maps the name of a variable to its values (rows,). A level holds the terms of one size. `grow` adds the
    next level, and `find` returns a term that equals a target on all rows.
    """

    def __init__(
        self, columns: Mapping[str, Column], constants: Sequence[int], grammar: Sequence[str] = GRAMMAR
    ) -> None:
        self.rows = len(next(iter(columns.values())))
        self._operators = [OPERATORS[symbol] for symbol in grammar if symbol != CHOICE]
        self._heads = [*(operator.symbol for operator in self._operators), *UNARY, CHOICE]
        self._has_choice = CHOICE in grammar
        self._hash = RowHash(self.rows, LARGEST_BITS)
        self._seen = HashSet()
        self._leaves = [variable(name) for name in columns] + [constant(value) for value in constants]
        leaves = np.stack([*columns.values(), *(np.full(self.rows, value) for value in constants)]).astype(np.float64)
        keep, leaves = self._fresh(leaves)
        self._leaves = [self._leaves[index] for index in keep]
        self._values: list[Values] = [np.zeros((0, self.rows)), leaves]
        self._origin: list[Origins] = [np.zeros((0, 4), dtype=np.int32)] * 2

    @property
    def size(self) -> int:
        """The largest size enumerated so far."""
        return len(self._values) - 1

    @property
    def count(self) -> int:
        """How many distinct terms there are."""
        return sum(len(values) for values in self._values)

    def level(self, size: int) -> Values:
        """Return the values (terms, rows) of the terms of one size, exact integers as floats."""
        return self._values[size]

    def term(self, size: int, index: int) -> Term:
        """Return the term behind row `index` of `level(size)`."""
        return self._leaves[index] if size == 1 else self.made(self._origin[size][index])

    def made(self, origin: Origins) -> Term:
        """Return the term with the given origin (4,), as `candidates` yields it."""
        head, *places = origin.tolist()
        return Term(self._heads[head], tuple(self.term(*divmod(place, 1 << 22)) for place in places if place))

    def grow(self, limit: int, *, partly: bool = False) -> bool:
        """Enumerate the next size and return True, or, if it has more than `limit` new terms, return False.

        In the second case the bank stays as it was, or, if `partly`, keeps the terms that were built by then.
        """
        values, origins, total = [], [], 0
        is_whole = True
        for block, origin in self.candidates():
            keep, kept = self._fresh(block)
            total += len(keep)
            if total > limit:
                is_whole = False
                break
            values.append(kept)
            origins.append(origin(keep))
        if is_whole or partly:
            self._values.append(np.concatenate(values) if values else self._values[0])
            self._origin.append(np.concatenate(origins) if origins else self._origin[0])
        else:
            self._seen = HashSet()
            for level in self._values:
                self._seen.add(self._hash(level))
        return is_whole

    def search(self, targets: Sequence[Column]) -> list[Term | None]:
        """Return for each target the preferred term of the next size that equals it, without keeping that size."""
        hits: list[list[Term]] = [[] for _ in targets]
        wanted = [np.asarray(target, dtype=np.float64) for target in targets]
        hashes = [int(self._hash(target[None])[0]) for target in wanted]
        for block, origin in self.candidates():
            own = self._hash(block)
            for place, target in enumerate(wanted):
                found = np.flatnonzero(own == hashes[place])[:MOST_HITS]
                found = found[(block[found] == target).all(axis=1)]
                hits[place] += [self.made(made) for made in origin(found)]
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

    def conditions(self, size: int) -> NDArray[np.int64]:
        """Return which terms (conditions,) of one size are 0 on some rows and 1 on all others."""
        level = self._values[size]
        return np.flatnonzero(((level == 0) | (level == 1)).all(axis=1) & (level.min(axis=1) < level.max(axis=1)))

    def candidates(self) -> Iterator[tuple[Values, Callable[[NDArray[np.int64]], Origins]]]:
        """Yield blocks of all terms of the next size, with repetitions: their values (terms, rows), and a function from
        places in the block (places,) to origins (places, 4)."""
        size = self.size + 1
        inner = self._values[size - 1]
        if len(inner):
            for number, kernel in enumerate(UNARY.values(), len(self._operators)):
                yield kernel(inner), self._made_of(number, (size - 1, np.arange(len(inner))))
        for left_size in range(1, size - 1):
            right_size = size - 1 - left_size
            for number, operator in enumerate(self._operators):
                if not operator.commutes or left_size >= right_size:
                    yield from self._combined(number, left_size, right_size)
        if self._has_choice:
            for condition_size in range(1, min(CONDITION_SIZE, size - 3) + 1):
                for then_size in range(1, size - 1 - condition_size):
                    yield from self._chosen(condition_size, then_size, size - 1 - condition_size - then_size)

    def _combined(
        self, number: int, left_size: int, right_size: int
    ) -> Iterator[tuple[Values, Callable[[NDArray[np.int64]], Origins]]]:
        operator = self._operators[number]
        kernel: Callable[..., NDArray[Any]] = KERNELS.get(operator.symbol, operator.apply)
        left, right = self._values[left_size], self._values[right_size]
        columns = np.flatnonzero(right.all(axis=1)) if operator.divides else np.arange(len(right))
        if not len(left) or not len(columns):
            return
        right = right[columns]
        chunk = max(1, BLOCK // (len(right) * self.rows))
        for first in range(0, len(left), chunk):
            from_ = first if operator.commutes and left_size == right_size else 0  # the others were there already
            part = left[first : first + chunk]
            block = np.asarray(kernel(part[:, None, :], right[None, from_:, :]), dtype=np.float64)
            places = (left_size, np.arange(first, first + len(part))), (right_size, columns[from_:])
            yield block.reshape(-1, self.rows), self._made_of(number, *places)

    def _chosen(
        self, condition_size: int, then_size: int, else_size: int
    ) -> Iterator[tuple[Values, Callable[[NDArray[np.int64]], Origins]]]:
        conditions = self.conditions(condition_size)
        then, other = self._values[then_size], self._values[else_size]
        if not len(conditions) or not len(then) or not len(other):
            return
        chunk = max(1, BLOCK // (len(other) * self.rows))
        for condition in conditions:
            holds = self._values[condition_size][condition] == 1
            for first in range(0, len(then), chunk):
                part = then[first : first + chunk]
                block = np.where(holds, part[:, None, :], other[None, :, :]).reshape(-1, self.rows)
                places = (then_size, np.arange(first, first + len(part))), (else_size, np.arange(len(other)))
                yield block, self._made_of(len(self._heads) - 1, (condition_size, condition[None]), *places)

    @staticmethod
    def _made_of(head: int, *parts: tuple[int, NDArray[np.int64]]) -> Callable[[NDArray[np.int64]], Origins]:
        """Return the origins of a block whose terms combine each index of the first part with each of the others."""
        shape = [len(indices) for _, indices in parts]

        def origin(places: NDArray[np.int64]) -> Origins:
            found = np.zeros((len(places), 4), dtype=np.int32)
            found[:, 0] = head
            for i, ((size, indices), index) in enumerate(zip(parts, np.unravel_index(places, shape), strict=True)):
                found[:, 1 + i] = indices[index] + (size << 22)
            return found

        return origin

    def _fresh(self, values: Values) -> tuple[NDArray[np.int64], Values]:
        """Return the indices of rows never seen before, the first of each kind, in order, and the rows themselves.

        They are remembered. Rows with a value beyond LARGEST are left out.
        """
        new = self._seen.add(self._hash(values))
        rows = values[new]
        small = (rows.max(axis=1) <= LARGEST) & (rows.min(axis=1) >= -LARGEST)
        return (new, rows) if small.all() else (new[small], rows[small])


def enumerated(
    columns: Mapping[str, Column],
    target: Column,
    constants: Sequence[int],
    size: int,
    effort: Effort,
    grammar: Sequence[str] = GRAMMAR,
) -> Term | None:
    """Return the smallest enumerated term, sought on some rows and held against all."""
    count, rows = len(target), effort.budget.searched_rows
    rng = np.random.default_rng(0)
    chosen = np.sort(rng.permutation(count)[:rows])
    for _ in range(effort.budget.repairs):
        bank = Bank({name: column[chosen] for name, column in columns.items()}, constants, grammar)
        term = bank.find(target[chosen])
        while term is None and bank.size < size and bank.grow(effort.limit):
            term = bank.find_last(target[chosen])
        if term is None:
            term = bank.search([target[chosen]])[0]
        if term is None:
            return None
        wrong = np.flatnonzero(values_of(term, columns) != target)
        if len(wrong) <= effort.noise * count:
            return term
        chosen = np.union1d(chosen, rng.permutation(wrong)[: rows // 4])
    return None


def values_of(term: Term, columns: Mapping[str, Column]) -> Column:
    """Return the term's values, or a column that no target equals where it divides by zero."""
    try:
        return term.evaluate(columns)
    except ZeroDivisionError:
        return np.full(len(next(iter(columns.values()))), np.iinfo(np.int64).min)
