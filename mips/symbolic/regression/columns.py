"""Symbolic regression on exact rows: the shortest term, of several families, that equals a target on every row."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mips.symbolic.regression.boolean import boolean_terms
from mips.symbolic.regression.budget import BOOLEAN, LINEAR, SYMBOLIC, Effort, RegressionBudget
from mips.symbolic.regression.decisions import decision_list, membership, of_conditions
from mips.symbolic.regression.enumeration import enumerated
from mips.symbolic.regression.linear import affine_term
from mips.symbolic.regression.votes import vote
from mips.symbolic.terms.affine import affine
from mips.symbolic.terms.simplicity import preference
from mips.symbolic.terms.term import Column, Term


def regress(
    columns: Mapping[str, Column], targets: Sequence[Column], constants: Sequence[int], effort: Effort
) -> list[Term] | None:
    """Return for each target a term over the columns that equals it on all rows, or None if one is not found.

    Families, in this order: terms enumerated by size; affine forms; terms of one linear form of the variables; Boolean
    normal forms; minima and maxima; conditions that are joined; decision lists; membership in a short set of constants.
    Within a target the preferred find of its families wins.
    """
    table = vote(columns, targets, effort.noise)
    if table is None:
        return None
    found = []
    for target in table.targets:
        finds = list(_finds(table.columns, target, constants, effort))
        if not finds:
            return None
        found.append(min(finds, key=preference))
    return found


def _finds(columns: dict[str, Column], target: Column, constants: Sequence[int], effort: Effort) -> Iterator[Term]:
    """Yield terms equal to the target, family by family.

    A small plain one is all that is needed; else every family has its say, membership only where no other had.
    """
    budget = effort.budget
    symbolic, linear, boolean = (family in effort.families for family in (SYMBOLIC, LINEAR, BOOLEAN))
    found = enumerated(columns, target, constants, effort.size, effort) if symbolic else None
    if found is not None:
        yield found
    if (found is not None and found.is_plain) or len(columns) > budget.most_variables:
        return
    finds: list[Term | None] = [found]
    if linear:
        finds.append(affine_term(columns, target, budget))
    if symbolic and linear:
        finds += _through_form(columns, target, constants, effort)
    if symbolic:
        finds += [family(columns, target, constants, effort) for family in (of_order, of_conditions)]
    if boolean:
        finds += boolean_terms(columns, target, normal_forms=effort.branches > 0, budget=budget)
    if symbolic and effort.branches:
        finds.append(decision_list(columns, target, constants, effort))
    terms = [term for term in finds if term is not None and term.size <= budget.largest_term]
    yield from terms
    if symbolic and not terms:
        yield from membership(columns, target, budget)


def of_order(columns: Mapping[str, Column], target: Column, constants: Sequence[int], effort: Effort) -> Term | None:
    """Return the smallest term of `min` and `max` alone: there are few such functions, so that large ones are in reach.

    None when there is none, as when a value of the target stands in no other place of its row, nor is a constant.
    """
    known = (*columns.values(), *(np.full(len(target), value) for value in constants))
    strange = ~np.any([column == target for column in known], axis=0)
    if strange.sum() > effort.noise * len(target):
        return None
    return enumerated(columns, target, constants, effort.budget.order_size, effort, ("min", "max"))


def _through_form(
    columns: Mapping[str, Column], target: Column, constants: Sequence[int], effort: Effort
) -> Iterator[Term]:
    """Yield the first term G(L), L a linear form of at least two variables on which the target depends alone."""
    names = list(columns)
    vectors = list(_coefficient_vectors(len(names), effort.budget))
    values = np.stack([columns[name] for name in names])
    pairs = np.random.default_rng(0).integers(0, len(target), (2, effort.budget.clashes))
    left, right = pairs[:, target[pairs[0]] != target[pairs[1]]]
    told = [(np.array(vector) @ (values[:, left] - values[:, right])).all() for vector in vectors]
    tried = 0
    for coefficients in itertools.compress(vectors, told):
        form = np.array(coefficients) @ values
        table = vote({"L": form}, [target], 0.0)
        if table is None or table.rows == len(target):
            continue
        tried += 1
        term = enumerated(table.columns, table.targets[0], constants, effort.form_size, effort)
        if term is not None:
            text = affine([(value, name) for value, name in zip(coefficients, names, strict=True) if value], 0)
            yield substitute(term, {"L": text})
            return
        if tried == effort.budget.forms:
            return


def _coefficient_vectors(count: int, budget: RegressionBudget) -> Iterator[tuple[int, ...]]:
    """Yield vectors of small coefficients, simplest first: at least two are not zero, the first of them positive."""
    if count > budget.signed_variables:
        yield (1,) * count
        return
    choices = (
        itertools.product((0, *budget.coefficients), repeat=count)
        if count <= budget.free_variables
        else itertools.product((0, 1, -1), repeat=count)
    )
    vectors = [v for v in choices if sum(map(bool, v)) > 1 and next(c for c in v if c) > 0]
    yield from sorted(vectors, key=lambda v: (sum(map(abs, v)), sum(c < 0 for c in v), v))


def substitute(term: Term, replacements: Mapping[str, Term]) -> Term:
    """Return the term with variables replaced by terms."""
    if not term.args:
        return replacements.get(term.head, term)
    return Term(term.head, tuple(substitute(arg, replacements) for arg in term.args))
