"""Boolean regression: truth tables with don't-cares as sums of products and as exclusive-ors of variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce

import numpy as np
from sympy import Symbol
from sympy.logic import POSform, SOPform
from sympy.logic.boolalg import And, Boolean, Not, Or

from mips.symbolic.expression import Column, Term

MOST_VARIABLES = 8


def boolean_terms(columns: Mapping[str, Column], target: Column, *, normal_forms: bool) -> Iterator[Term]:
    """Yield an exclusive-or form and, if `normal_forms`, a minimal sum of products and product of sums.

    The columns and the target hold zeros and ones. Rows that do not occur are don't-cares (Quine and McCluskey); the
    exclusive-or form is the linear one, found by elimination over GF(2). Yields nothing when a value is neither 0 nor
    1, or for more than MOST_VARIABLES.
    """
    table = np.stack(list(columns.values()), axis=1)
    if not np.isin(table, (0, 1)).all() or not np.isin(target, (0, 1)).all() or table.shape[1] > MOST_VARIABLES:
        return
    names = list(columns)
    parity = _exclusive_or(table, target)
    if parity is not None:
        chosen = [Term(name) for name, used in zip(names, parity[:-1], strict=True) if used]
        if chosen:
            term = reduce(lambda a, b: Term("^", (a, b)), chosen)
            yield Term("-", (Term("1"), term)) if parity[-1] else term
        else:
            yield Term(str(parity[-1]))
    if not normal_forms:
        return
    symbols = [Symbol(f"v{i}") for i in range(len(names))]
    back = dict(zip((str(symbol) for symbol in symbols), names, strict=True))
    ones = np.unique(table[target == 1], axis=0).tolist()
    seen = {tuple(row) for row in table.tolist()}
    idle = [list(row) for row in np.ndindex(*(2,) * len(names)) if row not in seen]
    for form in (SOPform, POSform):
        yield _from_sympy(form(symbols, ones, idle), back)


def _exclusive_or(table: np.ndarray, target: Column) -> list[int] | None:
    """Return coefficients a with target = a[0] v0 ^ a[1] v1 ^ ... ^ a[-1], or None: elimination over GF(2)."""
    rows = np.concatenate([table, np.ones((len(table), 1), dtype=np.int64), target[:, None]], axis=1) & 1
    rows = np.unique(rows, axis=0)
    width = rows.shape[1] - 1
    pivots, top = [], 0
    for column in range(width):
        hits = np.flatnonzero(rows[top:, column]) + top
        if not len(hits):
            continue
        rows[[top, hits[0]]] = rows[[hits[0], top]]
        others = np.flatnonzero(rows[:, column])
        others = others[others != top]
        rows[others] ^= rows[top]
        pivots.append(column)
        top += 1
    if rows[top:, -1].any():
        return None
    solution = [0] * width
    for row, column in enumerate(pivots):
        solution[column] = int(rows[row, -1])
    return solution


def _from_sympy(formula: Boolean, names: Mapping[str, str]) -> Term:
    if isinstance(formula, Not):
        return Term("not", (_from_sympy(formula.args[0], names),))
    if isinstance(formula, And | Or):
        head = "and" if isinstance(formula, And) else "or"
        parts = sorted((_from_sympy(arg, names) for arg in formula.args), key=lambda term: (term.size, str(term)))
        return Term(head, tuple(parts))
    text = str(formula)
    return Term({"True": "1", "False": "0"}.get(text) or names[text])
