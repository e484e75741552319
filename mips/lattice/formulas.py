"""From the rows of a transition table to formulas: one integer state variable for each coordinate of the lattice."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from mips.failure import StageFailure
from mips.lattice.table import Row, TransitionTable
from mips.symbolic.expression import Column, Term
from mips.symbolic.formulas import NEW, Formulas, StateVariable, input_names, output_names
from mips.symbolic.linear import affine
from mips.symbolic.regression import THOROUGH, regress

MOST_SUBSETS = 10  # up to so many variables an affine form is sought in every subset of them, else in all at once
FIT_ROWS = 400  # rows that determine the coefficients; all rows have to confirm them


def table_formulas(table: TransitionTable, constants: Sequence[int]) -> Formulas:
    """Return formulas that take every row of the table: variables `s`, or `s0`, `s1`, ..., one for each coordinate.

    Every update and output is an exact affine form when there is one, else what `regress` finds with the constants. A
    coordinate that is an input or an output but for sign and offset is counted like that one; a coordinate on which no
    output depends has no variable.
    Raises StageFailure("synthesized") naming the number for which no formula was found.
    """
    table = calibrated(table)
    width, outputs = len(table.rows[0].symbol), len(table.rows[0].output)
    names = ("s",) if len(table.start) == 1 else tuple(f"s{i}" for i in range(len(table.start)))
    inputs = dict(zip(input_names(width), _columns([row.symbol for row in table.rows]), strict=True))
    old = dict(zip(names, _columns([row.code for row in table.rows]), strict=True))
    new = {
        name + NEW: column for name, column in zip(names, _columns([row.successor for row in table.rows]), strict=True)
    }
    answers = [
        _term([new, {**old, **inputs}, {**new, **inputs}], name, column, constants)
        for name, column in zip(output_names(outputs), _columns([row.output for row in table.rows]), strict=True)
    ]
    updates: dict[str, Term] = {}
    pending = list(answers)
    while pending:
        needed = {name.removesuffix(NEW) for name in pending.pop().variables()} & old.keys() - updates.keys()
        for name in sorted(needed):
            updates[name] = _term([{**old, **inputs}], name + NEW, new[name + NEW], constants)
            pending.append(updates[name])
    states = tuple(
        StateVariable(name=name, start=start, update=updates[name])
        for name, start in zip(names, table.start, strict=True)
        if name in updates
    )
    return Formulas(width=width, states=states, outputs=tuple(answers))


def calibrated(table: TransitionTable) -> TransitionTable:
    """Return the table with each coordinate turned and shifted to equal an output or input, if one differs only so."""
    rows = table.rows
    known = [*_columns([row.output for row in rows]), *_columns([row.symbol for row in rows])]
    turns = []
    for column in _columns([row.successor for row in rows]):
        turn = (1, 0)
        for sign, target in itertools.product((1, -1), known):
            offsets = target - sign * column
            if np.ptp(target) and not np.ptp(offsets):
                turn = (sign, int(offsets[0]))
                break
        turns.append(turn)

    def turned(code: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sign * number + offset for number, (sign, offset) in zip(code, turns, strict=True))

    return TransitionTable(
        start=turned(table.start),
        rows=tuple(
            Row(code=turned(row.code), symbol=row.symbol, successor=turned(row.successor), output=row.output)
            for row in rows
        ),
    )


def affine_term(columns: Mapping[str, Column], target: Column) -> Term | None:
    """Return the affine form with integer coefficients in the fewest variables that equals the target, or None."""
    names = list(columns)
    sizes = range(len(names) + 1) if len(names) <= MOST_SUBSETS else (len(names),)
    some = np.random.default_rng(0).permutation(len(target))[:FIT_ROWS]
    for chosen in itertools.chain.from_iterable(itertools.combinations(names, size) for size in sizes):
        matrix = np.stack([*(columns[name] for name in chosen), np.ones(len(target), dtype=np.int64)], axis=1)
        solution, *_ = np.linalg.lstsq(matrix[some].astype(np.float64), target[some].astype(np.float64), rcond=None)
        coefficients = np.rint(solution).astype(np.int64)
        if np.array_equal(matrix @ coefficients, target):
            *factors, offset = coefficients.tolist()
            return affine(list(zip(factors, chosen, strict=True)), offset)
    return None


def _term(choices: Sequence[Mapping[str, Column]], name: str, target: Column, constants: Sequence[int]) -> Term:
    """Return the smallest affine form over one of the choices of variables, else the smallest other term."""
    forms = [term for columns in choices if (term := affine_term(columns, target)) is not None]
    if not forms:
        found = [regress(columns, [target], constants, THOROUGH) for columns in choices]
        forms = [terms[0] for terms in found if terms is not None]
    if not forms:
        raise StageFailure("synthesized", f"no formula for {name} fits the {len(target)} rows of the transition table")
    return min(forms, key=lambda term: (term.size, str(term)))


def _columns(rows: Sequence[tuple[int, ...]]) -> list[Column]:
    return list(np.array(rows, dtype=np.int64).T)
