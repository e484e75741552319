"""Terms that decide: conditions joined by `and` and `or`, decision lists, and membership in a short set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from mips.symbolic.regression.budget import BUDGET, Effort, RegressionBudget
from mips.symbolic.regression.enumeration import CONDITION_SIZE, GRAMMAR, Bank, values_of
from mips.symbolic.regression.votes import vote
from mips.symbolic.terms.simplicity import preference
from mips.symbolic.terms.term import COMPARISONS, Column, Term

ORDER = ("max", "min", "<", "<=", "==")  # operators that only compare: deeper terms of them are worth the look


def of_conditions(
    columns: Mapping[str, Column], target: Column, constants: Sequence[int], effort: Effort
) -> Term | None:
    """Return `p and q and ...`, or `p or q or ...`, that equals a target of zeros and ones; each compares two leaves.

    Of the comparisons that hold wherever the target does a greedy choice covers what they exclude; pairs are all tried.
    None when as many as the budget joins are not enough.
    """
    if not np.isin(target, (0, 1)).all():
        return None
    rng = np.random.default_rng(0)
    chosen = np.sort(rng.permutation(len(target))[: effort.budget.listed_rows])
    wanted = target[chosen] == 1
    bank = Bank({name: column[chosen] for name, column in columns.items()}, constants, COMPARISONS)
    while bank.size < CONDITION_SIZE and bank.grow(effort.limit):
        pass
    conditions = {size: bank.conditions(size) for size in range(1, bank.size + 1)}
    terms = [bank.term(size, int(i)) for size, places in conditions.items() for i in places]
    if not terms:
        return None
    holds = np.concatenate([bank.level(size)[places] == 1 for size, places in conditions.items()])
    found = []
    for head, values, answer in (("and", holds, wanted), ("or", ~holds, ~wanted)):
        useful = np.flatnonzero(values[:, answer].all(axis=1))
        for group in _covers(~values[useful][:, ~answer], effort.budget):
            found.append(Term(head, tuple(terms[useful[i]] for i in group)))
    for term in sorted(found, key=preference):
        if (values_of(term, columns) != target).sum() <= effort.noise * len(target):
            return term
    return None


def _covers(excluded: NDArray[np.bool_], budget: RegressionBudget) -> Iterator[tuple[int, ...]]:
    """Yield pairs, else one greedy choice, of the rows (conditions, cases) that have every case in one of them."""
    if not len(excluded) or not excluded.any(axis=0).all():
        return
    missed = (~excluded).astype(np.float32)
    pairs = np.argwhere(np.triu(missed @ missed.T == 0, 1))[: budget.weighed_pairs].tolist()
    yield from map(tuple, pairs)
    group: list[int] = []
    left = np.ones(excluded.shape[1], dtype=bool)
    while not pairs and left.any() and len(group) < budget.joined_conditions:
        group.append(int((excluded & left).sum(axis=1).argmax()))
        left &= ~excluded[group[-1]]
    if len(group) > 1 and not left.any():
        yield tuple(sorted(group))


def decision_list(
    columns: Mapping[str, Column], target: Column, constants: Sequence[int], effort: Effort
) -> Term | None:
    """Return `a if p else b if q else c`: greedily the pure condition that settles most of the remaining rows."""
    rng = np.random.default_rng(0)
    chosen = np.sort(rng.permutation(len(target))[: effort.budget.listed_rows])
    part = {name: column[chosen] for name, column in columns.items()}
    values = sorted(set(target.tolist()))[: effort.budget.longest_set]
    for grammar, leaves, size in ((ORDER, values, 7), (GRAMMAR, constants, 5)):
        bank = Bank(part, leaves, grammar)
        while bank.size < size and bank.grow(effort.limit // 2, partly=True):
            pass
        term = _listed(bank, target[chosen], effort)
        if term is not None and (values_of(term, columns) != target).sum() <= effort.noise * len(target):
            return term
    return None


def _listed(bank: Bank, wanted: Column, effort: Effort) -> Term | None:
    """Return the decision list over the terms of a bank that equals the target but for the allowed noise."""
    allowed = int(effort.noise * len(wanted))
    branches: list[tuple[Term, Term]] = []
    rest = np.arange(len(wanted))
    for _ in range(effort.branches):
        step = _settle(bank, wanted, rest, allowed)
        if step is None:
            return None
        condition, value, settled = step
        branches.append((condition, value))
        rest = rest[~settled]
        final = bank.find_on(wanted, rest, allowed)
        if final is not None:
            return reduce(lambda other, branch: Term("if", (*branch, other)), reversed(branches), final)
    return None


def _settle(
    bank: Bank, wanted: Column, rest: NDArray[np.int64], allowed: int
) -> tuple[Term, Term, NDArray[np.bool_]] | None:
    """Return condition, value and the mask over `rest` it settles: the most rows for the fewest nodes."""
    best: tuple[float, tuple[int, int], tuple[int, int]] | None = None
    values = [(size, index) for size in range(1, 4) for index in range(min(len(bank.level(size)), 400))]
    if not values:  # every leaf is too large a number
        return None
    matches = np.stack([bank.level(size)[index][rest] == wanted[rest] for size, index in values])
    useful = np.unique(matches, axis=0, return_index=True)[1]
    wrong = (~matches[useful]).astype(np.float32)
    for size in range(1, bank.size + 1):
        level = bank.level(size)[:, rest]
        truth = np.flatnonzero(((level == 0) | (level == 1)).all(axis=1))
        conditions = level[truth].astype(np.float32)
        covered = conditions.sum(axis=1)
        clash = conditions @ wrong.T
        pure = (clash <= allowed) & (covered[:, None] > 0) & (covered[:, None] < len(rest))
        gain = np.where(pure, covered[:, None] / (size + 2), -1.0)
        if gain.size and gain.max() > (best[0] if best else 0):
            row, column = np.unravel_index(int(gain.argmax()), gain.shape)
            best = (float(gain.max()), (size, int(truth[row])), values[int(useful[column])])
    if best is None:
        return None
    _, condition, value = best
    return bank.term(*condition), bank.term(*value), bank.level(condition[0])[condition[1]][rest] == 1


def membership(columns: Mapping[str, Column], target: Column, budget: RegressionBudget = BUDGET) -> Iterator[Term]:
    """Yield `v in (a, b, ...)` or its complement when the 0/1 target depends on one variable alone."""
    if not np.isin(target, (0, 1)).all():
        return
    for name, column in columns.items():
        if vote({name: column}, [target], 0.0) is None:
            continue
        for truth in (1, 0):
            members = np.unique(column[target == truth]).tolist()
            if 0 < len(members) <= budget.longest_set:
                inside = Term("in", (Term(name), *(Term(str(member)) for member in members)))
                yield inside if truth else Term("-", (Term("1"), inside))
