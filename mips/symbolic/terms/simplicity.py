"""The one order of simplicity, which search and simplification share."""

from __future__ import annotations

from mips.symbolic.terms.term import Term


def preference(term: Term) -> tuple[int, bool, int, int, str]:
    """Return the key of the one order on terms, simplest first.

    They go by cost, numbers before truth values, by how many variables they speak of, and by their text.
    """
    text = str(term)
    return term.cost, term.is_truth, len(term.variables()), len(text), text
