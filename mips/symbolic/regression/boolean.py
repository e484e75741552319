"""Boolean regression: truth tables with don't-cares as sums of products and as exclusive-ors of products.

Sums of products are minimal: prime implicants, and the cheapest of them that cover all ones. Quine, "The problem of
simplifying truth functions" (1952); McCluskey, "Minimization of Boolean functions" (1956). The cover is found by branch
and bound.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from mips.symbolic.regression.budget import BUDGET, RegressionBudget
from mips.symbolic.terms.term import Column, Term

Monomial = tuple[int, ...]  # the places of the variables that are multiplied; the empty one is 1


def boolean_terms(
    columns: Mapping[str, Column], target: Column, *, normal_forms: bool, budget: RegressionBudget = BUDGET
) -> Iterator[Term]:
    """Yield an exclusive-or form and, if `normal_forms`, a minimal sum of products and product of sums.

    The columns and the target hold zeros and ones. Rows that do not occur are don't-cares. The
    exclusive-or form is one of variables, or, if `normal_forms`, of products of a few of them; forms of too many
    monomials are left out. Yields nothing when a value is neither 0 nor 1, or for more
    variables than the budget has.
    """
    table = np.stack(list(columns.values()), axis=1)
    if (
        not np.isin(table, (0, 1)).all()
        or not np.isin(target, (0, 1)).all()
        or table.shape[1] > budget.boolean_variables
    ):
        return
    names = list(columns)
    sparse = algebraic_form(table, target, budget.product_variables if normal_forms else 1, budget)
    if sparse is not None and len(sparse) <= budget.monomials:
        yield _exclusive_or(sparse, names)
    if not normal_forms:
        return
    rows = table @ (1 << np.arange(len(names)))
    ones, zeros = rows[target == 1].tolist(), rows[target == 0].tolist()
    products = [_joined("and", one, names) for one in minimal_cover(ones, zeros, len(names), budget)]
    sums = [_joined("or", one, names) for one in minimal_cover(zeros, ones, len(names), budget)]
    yield _together("or", products, Term("0"))
    yield _together("and", sums, Term("1"))


def algebraic_form(
    table: np.ndarray, target: Column, largest_degree: int, budget: RegressionBudget = BUDGET
) -> list[Monomial] | None:
    """Return monomials whose sum modulo 2 is the target on all rows (rows, variables), of the least degree possible.

    This is the algebraic normal form (Zhegalkin, 1927), found by elimination over GF(2). Where the rows leave few
    coefficients open, the sum has the fewest monomials, and of these the fewest factors; where they leave
    more, those of the higher degrees are 0. None when no sum of monomials up to `largest_degree` is the target.
    """
    places = range(table.shape[1])
    monomials: list[Monomial] = []
    for degree in range(1, min(largest_degree, len(places)) + 1):
        monomials += itertools.combinations(places, degree)
        terms: list[Monomial] = [*monomials, ()]
        values = np.stack([table[:, list(term)].all(axis=1) for term in terms], axis=1).astype(np.int64)
        solutions = _solutions(values, target, budget)
        if solutions is not None:
            lengths = solutions @ np.array([len(term) for term in terms])
            best = np.lexsort([lengths, solutions.sum(axis=1)])[0]
            return [term for term, used in zip(terms, solutions[best], strict=True) if used]
    return None


def _solutions(matrix: np.ndarray, target: Column, budget: RegressionBudget) -> np.ndarray | None:
    """Return solutions x (count, columns) of matrix @ x = target over GF(2), None if there are none.

    All are returned if few columns are free, else the one with zeros there; later columns become free
    first.
    """
    rows = np.unique(np.concatenate([matrix, target[:, None]], axis=1), axis=0)
    width = matrix.shape[1]
    pivots: list[int] = []
    for column in range(width):
        top = len(pivots)
        hits = np.flatnonzero(rows[top:, column]) + top
        if not len(hits):
            continue
        rows[[top, hits[0]]] = rows[[hits[0], top]]
        others = np.flatnonzero(rows[:, column])
        rows[others[others != top]] ^= rows[top]
        pivots.append(column)
    if rows[len(pivots) :, -1].any():
        return None
    free = [column for column in range(width) if column not in pivots]
    if len(free) > budget.free_coefficients:
        free = []
    chosen = np.arange(1 << len(free))[:, None] >> np.arange(len(free)) & 1
    solutions = np.zeros((len(chosen), width), dtype=np.int64)
    solutions[:, free] = chosen
    solutions[:, pivots] = rows[: len(pivots), -1] ^ (chosen @ rows[: len(pivots), free].T & 1)
    return solutions


def _exclusive_or(monomials: Sequence[Monomial], names: Sequence[str]) -> Term:
    """Return the sum modulo 2 of the monomials; the empty one turns it over."""
    products = [reduce(lambda a, b: Term("*", (a, b)), (Term(names[i]) for i in each)) for each in monomials if each]
    if not products:
        return Term(str(len(monomials)))
    term = reduce(lambda a, b: Term("^", (a, b)), products)
    return Term("-", (Term("1"), term)) if () in monomials else term


def _joined(head: str, product: Product, names: Sequence[str]) -> Term:
    """Return the product of its literals, or, for `or`, the sum that is 0 where the product is 1."""
    literals = []
    for place, name in enumerate(names):
        if product.mask >> place & 1:
            is_plain = bool(product.value >> place & 1) == (head == "and")
            literals.append(Term(name) if is_plain else Term("not", (Term(name),)))
    return _together(head, literals, Term("1" if head == "and" else "0"))


def _together(head: str, parts: Sequence[Term], empty: Term) -> Term:
    if len(parts) < 2:
        return parts[0] if parts else empty
    return Term(head, tuple(sorted(parts, key=lambda term: (term.size, str(term)))))


@dataclass(frozen=True, slots=True)
class Product:
    """A product of literals: the variables in `mask` (bits) have the values in `value`."""

    mask: int
    value: int

    @property
    def literals(self) -> int:
        return self.mask.bit_count()

    def holds(self, row: int) -> bool:
        """Is it true on a row, its variables as bits?"""
        return row & self.mask == self.value


def minimal_cover(
    ones: Iterable[int], zeros: Iterable[int], variables: int, budget: RegressionBudget = BUDGET
) -> list[Product]:
    """Return the fewest products whose sum is 1 on the ones and 0 on the zeros; a row is an integer of bits.

    Among covers of equally few products the one with the fewest literals is returned. Rows that are in neither
    collection may have either value.
    """
    wanted, forbidden = sorted(set(ones)), set(zeros)
    primes = sorted(prime_implicants(wanted, forbidden, variables), key=lambda one: (one.literals, one.mask, one.value))
    covers = [sum(1 << place for place, row in enumerate(wanted) if prime.holds(row)) for prime in primes]
    by_row = [[i for i, cover in enumerate(covers) if cover >> place & 1] for place in range(len(wanted))]
    best: tuple[int, int, list[int]] = (len(wanted) + 1, 0, [])
    branches = 0

    def search(left: int, chosen: list[int], literals: int) -> None:
        nonlocal best, branches
        if not left:
            best = min(best, (len(chosen), literals, list(chosen)))
            return
        branches += 1
        most = max((covers[i] & left).bit_count() for i in range(len(primes)))
        least = len(chosen) + -(-left.bit_count() // most)
        if (least, literals) >= best[:2] or (branches > budget.cover_branches and best[2]):
            return
        row = min((place for place in range(len(wanted)) if left >> place & 1), key=lambda place: len(by_row[place]))
        for i in sorted(by_row[row], key=lambda i: (-(covers[i] & left).bit_count(), i)):
            search(left & ~covers[i], [*chosen, i], literals + primes[i].literals)

    search((1 << len(wanted)) - 1, [], 0)
    return [primes[i] for i in sorted(best[2])]


def prime_implicants(ones: Iterable[int], zeros: set[int], variables: int) -> list[Product]:
    """Return the products that are 1 on at least one of the ones and on no zero, and lose that without any literal."""
    implicants = set()
    for mask in range(1 << variables):
        refused = {row & mask for row in zeros}
        implicants |= {(mask, row & mask) for row in ones if row & mask not in refused}
    return [
        Product(mask, value)
        for mask, value in implicants
        if not any(
            mask >> bit & 1 and (mask & ~(1 << bit), value & ~(1 << bit)) in implicants for bit in range(variables)
        )
    ]
