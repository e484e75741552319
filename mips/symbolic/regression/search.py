"""How far to look for a term, and the search by enumeration: on some rows, held against all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mips.symbolic.regression.enumeration import GRAMMAR, Bank
from mips.symbolic.terms.term import Column, Term

SEARCHED_ROWS = 64  # rows an enumeration compares on; a term that fails on another row sends that row in
REPAIRS = 6  # how often it may


LINEAR, BOOLEAN, SYMBOLIC = "linear regression", "Boolean regression", "symbolic regression"
FAMILIES = frozenset({LINEAR, BOOLEAN, SYMBOLIC})


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How far to look: the size of terms enumerated over all variables and over one linear form, terms a size, and
    the number of branches of a decision list, and the share of observations that may be overruled.

    `families` are those of FAMILIES that are looked at all: Boolean normal forms; linear forms, and terms of one; and
    symbolic ones, all others.
    """

    size: int
    form_size: int
    limit: int
    branches: int
    noise: float = 0.0
    families: frozenset[str] = FAMILIES


QUICK = Effort(size=4, form_size=5, limit=20_000, branches=0)
THOROUGH = Effort(size=6, form_size=7, limit=120_000, branches=4)


def enumerated(
    columns: Mapping[str, Column],
    target: Column,
    constants: Sequence[int],
    size: int,
    effort: Effort,
    grammar: Sequence[str] = GRAMMAR,
) -> Term | None:
    """Return the smallest enumerated term, sought on some rows and held against all."""
    count = len(target)
    rng = np.random.default_rng(0)
    chosen = np.sort(rng.permutation(count)[:SEARCHED_ROWS])
    for _ in range(REPAIRS):
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
        chosen = np.union1d(chosen, rng.permutation(wrong)[: SEARCHED_ROWS // 4])
    return None


def values_of(term: Term, columns: Mapping[str, Column]) -> Column:
    """Return the term's values, or a column that no target equals where it divides by zero."""
    try:
        return term.evaluate(columns)
    except ZeroDivisionError:
        return np.full(len(next(iter(columns.values()))), np.iinfo(np.int64).min)
