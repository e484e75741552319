"""Symbolic regression on exact rows: the shortest term, of several families, that equals a target on every row."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from mips.symbolic.boolean import boolean_terms
from mips.symbolic.enumeration import CONDITION_SIZE, GRAMMAR, Bank, preference
from mips.symbolic.expression import COMPARISONS, Column, Term
from mips.symbolic.linear import affine

SEARCHED_ROWS = 64  # rows an enumeration compares on; a term that fails on another row sends that row in
REPAIRS = 6  # how often it may
LONGEST_SET = 8  # constants in a membership test
LARGEST_TERM = 48  # nodes beyond which a normal form explains nothing to anybody
MOST_VARIABLES = 12  # beyond them only small terms are enumerated
LISTED_ROWS = 256  # rows a decision list is made from
ORDER = ("max", "min", "<", "<=", "==")  # operators that only compare: deeper terms of them are worth the look
COEFFICIENTS = (1, -1, 2, -2)
CLASHES = 500  # pairs of rows that a form must tell apart before it is looked at closely
ORDER_SIZE = 11  # nodes of a term of minima and maxima: the median of three has 9
MOST_CONDITIONS = 4  # joined by `and`, or by `or`
MOST_PAIRS = 1000  # pairs of conditions that are weighed against each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How far to look: the size of terms enumerated over all variables and over one linear form, terms a size, and
    the number of branches of a decision list, and the share of observations that may be overruled.

    `families` are those of terms that are looked at all: `Boolean` normal forms, and `symbolic` ones, the others.
    """

    size: int
    form_size: int
    limit: int
    branches: int
    noise: float = 0.0
    families: frozenset[str] = frozenset({"Boolean", "symbolic"})


QUICK = Effort(size=4, form_size=5, limit=20_000, branches=0)
THOROUGH = Effort(size=6, form_size=7, limit=120_000, branches=4)


def regress(
    columns: Mapping[str, Column], targets: Sequence[Column], constants: Sequence[int], effort: Effort
) -> list[Term] | None:
    """Return for each target a term over the columns that equals it on all rows, or None if one is not found.

    Families, in this order: terms enumerated by size; terms of one linear form of the variables; Boolean normal forms;
    minima and maxima; two conditions; decision lists; membership in a short set of constants. Within a target the
    preferred find of its families wins.
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """One row of each kind: columns by variable, the targets, and how many observations were overruled."""

    columns: dict[str, Column]
    targets: list[Column]
    overruled: int

    @property
    def rows(self) -> int:
        return len(self.targets[0])


def vote(columns: Mapping[str, Column], targets: Sequence[Column], noise: float) -> Table | None:
    """Return the table in which every combination of columns has the targets that most of its observations have.

    None when more than a share `noise` of the observations would be overruled: the columns do not determine the
    targets.
    """
    values = np.stack([*columns.values(), *targets], axis=1)
    kinds, counts = np.unique(values, axis=0, return_counts=True)
    keys = kinds[:, : len(columns)]
    order = np.lexsort([-counts, *keys.T[::-1]])
    kinds, counts, keys = kinds[order], counts[order], keys[order]
    first = np.concatenate([[True], (keys[1:] != keys[:-1]).any(axis=1)])
    overruled = int(counts[~first].sum())
    if overruled > noise * len(values):
        return None
    kept = kinds[first]
    return Table(
        columns={name: kept[:, i] for i, name in enumerate(columns)},
        targets=[kept[:, i] for i in range(len(columns), values.shape[1])],
        overruled=overruled,
    )


def _finds(columns: dict[str, Column], target: Column, constants: Sequence[int], effort: Effort) -> Iterator[Term]:
    """Yield terms equal to the target, family by family.

    A small plain one is all that is needed; else every family has its say, the costly ones only where no other spoke.
    """
    symbolic, boolean = ("symbolic" in effort.families), ("Boolean" in effort.families)
    found = _enumerated(columns, target, constants, effort.size, effort) if symbolic else None
    if found is not None:
        yield found
    if (found is not None and found.is_plain) or len(columns) > MOST_VARIABLES:
        return
    finds: list[Term | None] = [found]
    if symbolic:
        finds += _through_form(columns, target, constants, effort)
        finds += [family(columns, target, constants, effort) for family in (of_order, of_conditions)]
    if boolean:
        finds += boolean_terms(columns, target, normal_forms=effort.branches > 0)
    if symbolic and effort.branches:
        finds.append(_decision_list(columns, target, constants, effort))
    terms = [term for term in finds if term is not None and term.size <= LARGEST_TERM]
    yield from terms
    if symbolic and not terms:
        yield from _membership(columns, target)


def _enumerated(
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
        wrong = np.flatnonzero(_values(term, columns) != target)
        if len(wrong) <= effort.noise * count:
            return term
        chosen = np.union1d(chosen, rng.permutation(wrong)[: SEARCHED_ROWS // 4])
    return None


def of_order(columns: Mapping[str, Column], target: Column, constants: Sequence[int], effort: Effort) -> Term | None:
    """Return the smallest term of `min` and `max` alone: there are few such functions, so that large ones are in reach.

    None when there is none, as when a value of the target stands in no other place of its row, nor is a constant.
    """
    known = (*columns.values(), *(np.full(len(target), value) for value in constants))
    strange = ~np.any([column == target for column in known], axis=0)
    if strange.sum() > effort.noise * len(target):
        return None
    return _enumerated(columns, target, constants, ORDER_SIZE, effort, ("min", "max"))


def of_conditions(
    columns: Mapping[str, Column], target: Column, constants: Sequence[int], effort: Effort
) -> Term | None:
    """Return `p and q and ...`, or `p or q or ...`, that equals a target of zeros and ones; each compares two leaves.

    Of the comparisons that hold wherever the target does a greedy choice covers what they exclude; pairs are all tried.
    None when MOST_CONDITIONS of them are not enough.
    """
    if not np.isin(target, (0, 1)).all():
        return None
    rng = np.random.default_rng(0)
    chosen = np.sort(rng.permutation(len(target))[:LISTED_ROWS])
    wanted = target[chosen] == 1
    bank = Bank({name: column[chosen] for name, column in columns.items()}, constants, COMPARISONS)
    while bank.size < CONDITION_SIZE and bank.grow(effort.limit):
        pass
    terms = [bank.term(size, int(i)) for size in range(1, bank.size + 1) for i in bank.conditions(size)]
    if not terms:
        return None
    holds = np.concatenate([bank.level(size)[bank.conditions(size)] == 1 for size in range(1, bank.size + 1)])
    found = []
    for head, values, answer in (("and", holds, wanted), ("or", ~holds, ~wanted)):
        useful = np.flatnonzero(values[:, answer].all(axis=1))
        for group in _covers(~values[useful][:, ~answer]):
            found.append(Term(head, tuple(terms[useful[i]] for i in group)))
    for term in sorted(found, key=preference):
        if (_values(term, columns) != target).sum() <= effort.noise * len(target):
            return term
    return None


def _covers(excluded: NDArray[np.bool_]) -> Iterator[tuple[int, ...]]:
    """Yield pairs, else one greedy choice, of the rows (conditions, cases) that have every case in one of them."""
    if not len(excluded) or not excluded.any(axis=0).all():
        return
    missed = (~excluded).astype(np.float32)
    pairs = np.argwhere(np.triu(missed @ missed.T == 0, 1))[:MOST_PAIRS].tolist()
    yield from map(tuple, pairs)
    group: list[int] = []
    left = np.ones(excluded.shape[1], dtype=bool)
    while not pairs and left.any() and len(group) < MOST_CONDITIONS:
        group.append(int((excluded & left).sum(axis=1).argmax()))
        left &= ~excluded[group[-1]]
    if len(group) > 1 and not left.any():
        yield tuple(sorted(group))


def _values(term: Term, columns: Mapping[str, Column]) -> Column:
    """Return the term's values, or a column that no target equals where it divides by zero."""
    try:
        return term.evaluate(columns)
    except ZeroDivisionError:
        return np.full(len(next(iter(columns.values()))), np.iinfo(np.int64).min)


def _through_form(
    columns: Mapping[str, Column], target: Column, constants: Sequence[int], effort: Effort
) -> Iterator[Term]:
    """Yield the first term G(L), L a linear form of at least two variables on which the target depends alone."""
    names = list(columns)
    vectors = list(_coefficient_vectors(len(names)))
    values = np.stack([columns[name] for name in names])
    pairs = np.random.default_rng(0).integers(0, len(target), (2, CLASHES))
    left, right = pairs[:, target[pairs[0]] != target[pairs[1]]]
    told = [(np.array(vector) @ (values[:, left] - values[:, right])).all() for vector in vectors]
    tried = 0
    for coefficients in itertools.compress(vectors, told):
        form = np.array(coefficients) @ values
        table = vote({"L": form}, [target], 0.0)
        if table is None or table.rows == len(target):
            continue
        tried += 1
        term = _enumerated(table.columns, table.targets[0], constants, effort.form_size, effort)
        if term is not None:
            text = affine([(value, name) for value, name in zip(coefficients, names, strict=True) if value], 0)
            yield substitute(term, {"L": text})
            return
        if tried == 8:
            return


def _coefficient_vectors(count: int) -> Iterator[tuple[int, ...]]:
    """Yield vectors of small coefficients, simplest first: at least two are not zero, the first of them positive."""
    if count > 6:
        yield (1,) * count
        return
    choices = (
        itertools.product((0, *COEFFICIENTS), repeat=count)
        if count <= 4
        else itertools.product((0, 1, -1), repeat=count)
    )
    vectors = [v for v in choices if sum(map(bool, v)) > 1 and next(c for c in v if c) > 0]
    yield from sorted(vectors, key=lambda v: (sum(map(abs, v)), sum(c < 0 for c in v), v))


def substitute(term: Term, replacements: Mapping[str, Term]) -> Term:
    """Return the term with variables replaced by terms."""
    if not term.args:
        return replacements.get(term.head, term)
    return Term(term.head, tuple(substitute(arg, replacements) for arg in term.args))


def _decision_list(
    columns: Mapping[str, Column], target: Column, constants: Sequence[int], effort: Effort
) -> Term | None:
    """Return `a if p else b if q else c`: greedily the pure condition that settles most of the remaining rows."""
    rng = np.random.default_rng(0)
    chosen = np.sort(rng.permutation(len(target))[:LISTED_ROWS])
    part = {name: column[chosen] for name, column in columns.items()}
    for grammar, leaves, size in ((ORDER, sorted(set(target.tolist()))[:LONGEST_SET], 7), (GRAMMAR, constants, 5)):
        bank = Bank(part, leaves, grammar)
        while bank.size < size and bank.grow(effort.limit // 2, partly=True):
            pass
        term = _listed(bank, target[chosen], effort)
        if term is not None and (_values(term, columns) != target).sum() <= effort.noise * len(target):
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


def _membership(columns: Mapping[str, Column], target: Column) -> Iterator[Term]:
    """Yield `v in (a, b, ...)` or its complement when the 0/1 target depends on one variable alone."""
    if not np.isin(target, (0, 1)).all():
        return
    for name, column in columns.items():
        if vote({name: column}, [target], 0.0) is None:
            continue
        for truth in (1, 0):
            members = np.unique(column[target == truth]).tolist()
            if 0 < len(members) <= LONGEST_SET:
                inside = Term("in", (Term(name), *(Term(str(member)) for member in members)))
                yield inside if truth else Term("-", (Term("1"), inside))
