"""Boolean regression: truth tables with don't-cares as sums of products and as exclusive-ors of products."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce

import numpy as np

from mips.symbolic.regression.sums_of_products import Product, minimal_cover
from mips.symbolic.terms.term import Column, Term

MOST_VARIABLES = 8
LARGEST_DEGREE = 3  # variables in one product of an exclusive-or form
MOST_MONOMIALS = 12  # of an exclusive-or form; one with more explains nothing to anybody
MOST_FREE = 10  # coefficients left free by the rows up to which all their values are tried

Monomial = tuple[int, ...]  # the places of the variables that are multiplied; the empty one is 1


def boolean_terms(columns: Mapping[str, Column], target: Column, *, normal_forms: bool) -> Iterator[Term]:
    """Yield an exclusive-or form and, if `normal_forms`, a minimal sum of products and product of sums.

    The columns and the target hold zeros and ones. Rows that do not occur are don't-cares. The
    exclusive-or form is one of variables, or, if `normal_forms`, of products of at most LARGEST_DEGREE of them; forms
    of more than MOST_MONOMIALS are left out. Yields nothing when a value is neither 0 nor 1, or for more than
    MOST_VARIABLES.
    """
    table = np.stack(list(columns.values()), axis=1)
    if not np.isin(table, (0, 1)).all() or not np.isin(target, (0, 1)).all() or table.shape[1] > MOST_VARIABLES:
        return
    names = list(columns)
    sparse = algebraic_form(table, target, LARGEST_DEGREE if normal_forms else 1)
    if sparse is not None and len(sparse) <= MOST_MONOMIALS:
        yield _exclusive_or(sparse, names)
    if not normal_forms:
        return
    rows = table @ (1 << np.arange(len(names)))
    ones, zeros = rows[target == 1].tolist(), rows[target == 0].tolist()
    products = [_joined("and", one, names) for one in minimal_cover(ones, zeros, len(names))]
    sums = [_joined("or", one, names) for one in minimal_cover(zeros, ones, len(names))]
    yield _together("or", products, Term("0"))
    yield _together("and", sums, Term("1"))


def algebraic_form(table: np.ndarray, target: Column, largest_degree: int) -> list[Monomial] | None:
    """Return monomials whose sum modulo 2 is the target on all rows (rows, variables), of the least degree possible.

    This is the algebraic normal form (Zhegalkin, 1927), found by elimination over GF(2). Where the rows leave up to
    MOST_FREE coefficients open, the sum has the fewest monomials, and of these the fewest factors; where they leave
    more, those of the higher degrees are 0. None when no sum of monomials up to `largest_degree` is the target.
    """
    places = range(table.shape[1])
    monomials: list[Monomial] = []
    for degree in range(1, min(largest_degree, len(places)) + 1):
        monomials += itertools.combinations(places, degree)
        terms: list[Monomial] = [*monomials, ()]
        values = np.stack([table[:, list(term)].all(axis=1) for term in terms], axis=1).astype(np.int64)
        solutions = _solutions(values, target)
        if solutions is not None:
            lengths = solutions @ np.array([len(term) for term in terms])
            best = np.lexsort([lengths, solutions.sum(axis=1)])[0]
            return [term for term, used in zip(terms, solutions[best], strict=True) if used]
    return None


def _solutions(matrix: np.ndarray, target: Column) -> np.ndarray | None:
    """Return solutions x (count, columns) of matrix @ x = target over GF(2), None if there are none.

    All are returned if up to MOST_FREE columns are free, else the one with zeros there; later columns become free
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
    if len(free) > MOST_FREE:
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
