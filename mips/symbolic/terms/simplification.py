"""Simplifies terms: collects like terms, and checks every result on random numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mips.symbolic.terms.affine import affine
from mips.symbolic.terms.formulas import Formulas
from mips.symbolic.terms.simplicity import preference
from mips.symbolic.terms.term import Term

TRIALS = 200  # rows of random numbers that a simplified term is held against
SPREAD = 50  # their largest absolute value


def simplified(formulas: Formulas) -> Formulas:
    """Return the formulas with every update and output simplified."""
    return Formulas(
        width=formulas.width,
        states=tuple(replace(state, update=simplify(state.update)) for state in formulas.states),
        outputs=tuple(simplify(term) for term in formulas.outputs),
    )


def simplify(term: Term) -> Term:
    """Return an equal term with every sum collected into coefficient times part plus constant, where that is preferred.

    The arithmetic of sums is exact; still, a result that differs from the term on random numbers is thrown away.
    """
    simpler = _collected(Term(term.head, tuple(simplify(arg) for arg in term.args)))
    return simpler if preference(simpler) < preference(term) and _agree(simpler, term) else term


def _collected(term: Term) -> Term:
    if term.head not in ("+", "-", "neg"):
        return term
    parts: dict[Term, int] = {}
    offset = _collect(term, 1, parts)
    names = {f"part{i}": part for i, part in enumerate(parts)}
    total = affine([(parts[part], name) for name, part in names.items()], offset)
    return _put_back(total, names)


def _collect(term: Term, factor: int, parts: dict[Term, int]) -> int:
    """Add `factor` times the term to the coefficients of its parts; return what the constants add up to."""
    if term.constant is not None:
        return factor * term.constant
    if term.head == "neg":
        return _collect(term.args[0], -factor, parts)
    if term.head in ("+", "-"):
        left, right = term.args
        return _collect(left, factor, parts) + _collect(right, factor if term.head == "+" else -factor, parts)
    if term.head == "*":
        for number, other in (term.args, term.args[::-1]):
            if number.constant is not None:
                return _collect(other, factor * number.constant, parts)
    parts[term] = parts.get(term, 0) + factor
    return 0


def _put_back(term: Term, names: dict[str, Term]) -> Term:
    if not term.args:
        return names.get(term.head, term)
    return Term(term.head, tuple(_put_back(arg, names) for arg in term.args))


def _agree(left: Term, right: Term) -> bool:
    rng = np.random.default_rng(0)
    variables = sorted(left.variables() | right.variables()) or ["x"]
    columns = {name: rng.integers(-SPREAD, SPREAD, TRIALS, endpoint=True) for name in variables}
    try:
        return np.array_equal(left.evaluate(columns), right.evaluate(columns))
    except ZeroDivisionError:
        return False
