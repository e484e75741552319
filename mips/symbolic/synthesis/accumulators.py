"""State variables that fold the input into a number: sums, extremes, digits, counts, runs, the last input."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mips.symbolic.regression.enumeration import Bank
from mips.symbolic.synthesis.budget import BUDGET, SynthesisBudget
from mips.symbolic.synthesis.labelling import STARTS, Graph, Labelling, walk
from mips.symbolic.terms.formulas import NEW, StateVariable, input_names
from mips.symbolic.terms.term import Column, Term

FOLDS = ("+", "max", "min", "digits")


def accumulators(graph: Graph, constants: Sequence[int], budget: SynthesisBudget = BUDGET) -> list[Labelling]:
    """Return labellings that fold one function of the input into a number: sums, extremes, digits.

    These are updates `s + p(x)`, `max(s, p(x))` and the like, for terms p of few nodes and small values.
    """
    symbols = {name: graph.symbols[:, i] for i, name in enumerate(input_names(graph.symbols.shape[1]))}
    bank = Bank(symbols, constants)
    while bank.size < budget.fold_term_size and bank.grow(budget.fold_terms, partly=True):
        pass
    folded = [
        (size + 2 * int(np.abs(values).max()), size, i)
        for size in range(1, bank.size + 1)
        for i, values in enumerate(bank.level(size))
        if values.any()
    ]
    return _folds(graph, [bank.term(size, i) for _, size, i in sorted(folded)[: budget.fold_terms]], (), STARTS, "a")


def last_inputs(graph: Graph) -> list[Labelling]:
    """Return one labelling for each input number: the last one read, 0 before the first; none where nodes forget it."""
    found = []
    for x in input_names(graph.symbols.shape[1]):
        labelling = walk(graph, (StateVariable(name=f"{x}_1", start=0, update=Term(x)),))
        if labelling is not None:
            found.append(labelling)
    return found


def run_lengths(graph: Graph, before: Sequence[Labelling], budget: SynthesisBudget = BUDGET) -> list[Labelling]:
    """Return labellings that count steps and begin anew: since an input was the same, larger or smaller than the one
    before, or was another than some symbol; `before` are the last inputs."""
    found: list[Labelling] = []
    for base, x in zip(before, input_names(graph.symbols.shape[1]), strict=False):
        symbols = np.unique(base.labels[graph.target])
        others = [Term(str(symbol)) for symbol in symbols.tolist()] if len(symbols) <= budget.run_symbols else []
        conditions = [Term(head, (Term(x), Term(base.name))) for head in ("==", "<", "<=")]
        conditions += [Term("<", (Term(base.name), Term(x))), Term("<=", (Term(base.name), Term(x)))]
        conditions += [Term(head, (Term(x), other)) for other in others for head in ("==", "!=")]
        for condition in conditions:
            for counted in (_one_more_than_kept, _kept_with_one_more):
                name = f"r{len(found)}_{x}"
                update = counted(condition, Term(name))
                speaks = base.name in condition.variables()
                variables = (*(base.variables if speaks else ()), StateVariable(name=name, start=0, update=update))
                labelling = walk(graph, variables, base)
                if labelling is not None and labelling.classes > 1:
                    found.append(labelling)
    return found


def _one_more_than_kept(condition: Term, own: Term) -> Term:
    return Term("+", (Term("*", (condition, own)), Term("1")))


def _kept_with_one_more(condition: Term, own: Term) -> Term:
    return Term("*", (condition, Term("+", (own, Term("1")))))


def symbol_counts(graph: Graph) -> list[Labelling]:
    """Return one labelling for each symbol: how often it came.

    Empty when a symbol is more than one number, or on a cycle.
    """
    if graph.symbols.shape[1] > 1:
        return []
    found = []
    for symbol in graph.symbols[:, 0].tolist():
        name = f"c{symbol}" if symbol >= 0 else f"c_{-symbol}"
        update = Term("+", (Term(name), Term("==", (Term("x"), Term(str(symbol))))))
        labelling = walk(graph, (StateVariable(name=name, start=0, update=update),))
        if labelling is None:
            return []
        found.append(labelling)
    return found


def cascades(graph: Graph, bases: Sequence[Labelling]) -> list[Labelling]:
    """Return labellings that fold the new value of another labelling into a number: its extremes so far."""
    found = []
    for base in bases:
        found += _folds(
            graph, [Term(base.name + NEW)], base.variables, (base.variables[-1].start,), f"{base.name}_", base
        )
    return found


def weighted_sums(graph: Graph) -> list[Labelling]:
    """Return the labellings `s + x * w` for each input number x and weights w that count up, or double, each step."""
    found = []
    for weight, update in (("n", Term("+", (Term("n"), Term("1")))), ("d", Term("*", (Term("2"), Term("d"))))):
        base = walk(graph, (StateVariable(name=weight, start=1, update=update),))
        if base is None:
            continue
        for x in input_names(graph.symbols.shape[1]):
            name = f"{weight}{x}"
            term = Term("+", (Term(name), Term("*", (Term(x), Term(weight)))))
            labelling = walk(graph, (*base.variables, StateVariable(name=name, start=0, update=term)), base)
            if labelling is not None:
                found.append(labelling)
    return found


def _folds(
    graph: Graph,
    folded: Sequence[Term],
    before: tuple[StateVariable, ...],
    starts: Sequence[int],
    prefix: str,
    base: Labelling | None = None,
) -> list[Labelling]:
    found: dict[bytes, Labelling] = {}
    for term in folded:
        for fold in FOLDS if base is None else FOLDS[1:3]:
            for start in starts:
                name = f"{prefix}{len(found)}"
                own = Term(name)
                digits = Term("+", (Term("*", (Term("2"), own)), term))
                update = digits if fold == "digits" else Term(fold, (own, term))
                labelling = walk(graph, (*before, StateVariable(name=name, start=start, update=update)), base)
                if labelling is not None and labelling.classes > 1:
                    found.setdefault(_centred(labelling.labels), labelling)
    return list(found.values())


def _centred(labels: Column) -> bytes:
    """Return a key that labels share exactly when they differ by a shift, a sign, or both."""
    centred = labels - labels[0]
    moved = np.flatnonzero(centred)
    turned: Column = centred * np.sign(centred[moved[0]]) if len(moved) else centred
    return turned.tobytes()
