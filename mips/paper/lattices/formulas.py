"""From the rows of a transition table to formulas: one integer state variable for each coordinate of the lattice."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mips.outcome import StageFailure
from mips.paper.lattices.table import TransitionTable, recoded
from mips.symbolic.regression.budget import FAMILIES, LINEAR, THOROUGH
from mips.symbolic.regression.columns import regress
from mips.symbolic.regression.linear import affine_term, linear_term
from mips.symbolic.terms.formulas import NEW, Formulas, StateVariable, input_names, output_names
from mips.symbolic.terms.simplification import simplified
from mips.symbolic.terms.term import Column, Term

SMALL = {2: 9, 3: 2}  # coordinates for which other bases of the lattice are tried -> the largest coefficient in them


def table_formulas(table: TransitionTable, constants: Sequence[int], families: frozenset[str] = FAMILIES) -> Formulas:
    """Return formulas for all rows of the table, with one state variable (`s`, or `s0`, `s1`, ...) for each coordinate.

    Coordinates that are not affine are first replaced by ones whose updates do not depend on each other, if there are
    any.
    Every update and output is an exact linear term when there is one, else what `regress` finds with the constants;
    `families` says which of these are looked for. A
    coordinate that is an input or an output but for sign and offset is counted like that one; a coordinate on which no
    output depends has no variable.
    Raises StageFailure("synthesized") naming the number for which no formula was found.
    """
    table = calibrated(disentangled(table))
    width, outputs = len(table.rows[0].symbol), len(table.rows[0].output)
    names = ("s",) if len(table.start) == 1 else tuple(f"s{i}" for i in range(len(table.start)))
    inputs = dict(zip(input_names(width), _columns([row.symbol for row in table.rows]), strict=True))
    old = dict(zip(names, _columns([row.code for row in table.rows]), strict=True))
    new = {
        name + NEW: column for name, column in zip(names, _columns([row.successor for row in table.rows]), strict=True)
    }
    answers = [
        _term([new, {**old, **inputs}, {**new, **inputs}], name, column, constants, families)
        for name, column in zip(output_names(outputs), _columns([row.output for row in table.rows]), strict=True)
    ]
    updates: dict[str, Term] = {}
    pending = list(answers)
    while pending:
        needed = {name.removesuffix(NEW) for name in pending.pop().variables()} & old.keys() - updates.keys()
        for name in sorted(needed):
            updates[name] = _term([{**old, **inputs}], name + NEW, new[name + NEW], constants, families)
            pending.append(updates[name])
    states = tuple(
        StateVariable(name=name, start=start, update=updates[name])
        for name, start in zip(names, table.start, strict=True)
        if name in updates
    )
    return simplified(Formulas(width=width, states=states, outputs=tuple(answers)))


def disentangled(table: TransitionTable) -> TransitionTable:
    """Return the table in coordinates whose next value depends, as far as possible, on their own value and the symbol.

    A lattice has many bases, and an update that is simple in one is not in another. Integer combinations with small
    coefficients are tried for a table of two or three coordinates whose updates are not all affine.
    """
    rank = len(table.start)
    symbols, old, new = (
        np.array([getattr(row, part) for row in table.rows]) for part in ("symbol", "code", "successor")
    )
    columns = {str(i): column for i, column in enumerate([*old.T, *symbols.T])}
    if rank not in SMALL or all(affine_term(columns, column) is not None for column in new.T):
        return table

    def entanglement(vector: tuple[int, ...]) -> tuple[float, int]:
        causes = np.column_stack([symbols, old @ np.array(vector)])
        kinds, effects = (
            len(np.unique(rows, axis=0)) for rows in (causes, np.column_stack([causes, new @ np.array(vector)]))
        )
        return (kinds if kinds == effects else math.inf), sum(map(abs, vector))

    vectors = [
        vector
        for vector in itertools.product(range(-SMALL[rank], SMALL[rank] + 1), repeat=rank)
        if math.gcd(*vector) == 1 and next(filter(None, vector)) > 0
    ]
    vectors.sort(key=entanglement)
    bases = (np.array(chosen) for chosen in itertools.combinations(vectors, rank))
    basis = next(chosen for chosen in bases if abs(round(np.linalg.det(chosen))) == 1)
    codes = np.concatenate([old, new]) @ basis.T
    basis[codes.max(axis=0) < -codes.min(axis=0)] *= -1
    return recoded(table, lambda code: tuple((basis @ np.array(code)).tolist()))


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

    return recoded(
        table,
        lambda code: tuple(sign * number + offset for number, (sign, offset) in zip(code, turns, strict=True)),
    )


def _term(
    choices: Sequence[Mapping[str, Column]],
    name: str,
    target: Column,
    constants: Sequence[int],
    families: frozenset[str],
) -> Term:
    """Return the smallest linear term over one of the choices of variables, else the smallest other term."""
    forms: list[Term] = []
    if LINEAR in families:
        forms = [term for columns in choices if (term := linear_term(columns, target)) is not None]
    if not forms:
        effort = replace(THOROUGH, families=families)
        found = [regress(columns, [target], constants, effort) for columns in choices]
        forms = [terms[0] for terms in found if terms is not None]
    if not forms:
        raise StageFailure("synthesized", f"no formula for {name} fits the {len(target)} rows of the transition table")
    return min(forms, key=lambda term: (term.size, str(term)))


def _columns(rows: Sequence[tuple[int, ...]]) -> list[Column]:
    return list(np.array(rows, dtype=np.int64).T)
