"""Sums of integer multiples of variables, written as terms."""

from __future__ import annotations

from mips.symbolic.terms.term import Term, constant, variable


def affine(parts: list[tuple[int, str]], offset: int) -> Term:
    """Return the sum of coefficient times variable plus the offset, positive parts first, without idle nodes."""
    signed = [(value, variable(name)) for value, name in parts if value]
    total: Term | None = None
    if offset < 0 and all(value < 0 for value, _ in signed):
        total = constant(offset)
    elif offset:
        signed.append((offset, constant(1)))
    signed.sort(key=lambda part: part[0] < 0)
    for value, term in signed:
        amount = _scaled(abs(value), term)
        if total is None:
            total = amount if value > 0 else Term("neg", (amount,))
        else:
            total = Term("+" if value > 0 else "-", (total, amount))
    return total or constant(0)


def _scaled(value: int, term: Term) -> Term:
    if term.constant is not None:
        return constant(value * term.constant)
    return term if value == 1 else Term("*", (constant(value), term))
