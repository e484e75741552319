"""Exact linear regression: affine forms over the integers, over fractions, and modulo a number."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mips.machines.linear import LARGEST_EXACT
from mips.symbolic.regression.budget import BUDGET, RegressionBudget
from mips.symbolic.terms.affine import affine
from mips.symbolic.terms.term import Column, Term, constant


def linear_term(columns: Mapping[str, Column], target: Column, budget: RegressionBudget = BUDGET) -> Term | None:
    """Return an affine form that equals the target on all rows, or None: over the integers, else as a fraction of such
    a form, else as a remainder of one."""
    return (
        affine_term(columns, target, budget)
        or fraction_term(columns, target, budget)
        or modular_term(columns, target, budget)
    )


def affine_term(columns: Mapping[str, Column], target: Column, budget: RegressionBudget = BUDGET) -> Term | None:
    """Return the affine form with integer coefficients in the fewest variables that equals the target, or None."""
    names = list(columns)
    sizes = range(len(names) + 1) if len(names) <= budget.subset_variables else (len(names),)
    for chosen in itertools.chain.from_iterable(itertools.combinations(names, size) for size in sizes):
        matrix = _with_ones(columns, chosen)
        coefficients = _rounded(_least_squares(matrix, target, budget.fit_rows))
        if np.array_equal(matrix @ coefficients, target):
            *factors, offset = coefficients.tolist()
            return affine(list(zip(factors, chosen, strict=True)), offset)
    return None


def fraction_term(columns: Mapping[str, Column], target: Column, budget: RegressionBudget = BUDGET) -> Term | None:
    """Return `(form) // q`, q at most the budget's, with a form that is q times the target on all rows, or None.

    The division leaves no rest on these rows, so the term is the form with rational coefficients.
    """
    matrix = _with_ones(columns, tuple(columns))
    solution = _least_squares(matrix, target, budget.fit_rows)
    for denominator in range(2, budget.largest_denominator + 1):
        coefficients = _rounded(solution * denominator)
        if np.array_equal(matrix @ coefficients, target * denominator):
            *factors, offset = coefficients.tolist()
            form = affine(list(zip(factors, columns, strict=True)), offset)
            return Term("//", (form, constant(denominator)))
    return None


def modular_term(columns: Mapping[str, Column], target: Column, budget: RegressionBudget = BUDGET) -> Term | None:
    """Return `(form) % m` that equals the target on all rows, or None; m is one more than its largest value, or a bit
    more where the largest remainders never occurred.

    Of the moduli that are a few more the first that fits is taken, but only where there are twice as many different
    rows as coefficients: that a modulus fits by chance is the less likely the more rows are left. The coefficients are
    the smallest in absolute value that elimination modulo m finds; they need not be unique.
    """
    least = int(target.max()) + 1
    if target.min() < 0 or least < 2:
        return None
    matrix = _with_ones(columns, tuple(columns))
    unseen = budget.unseen_remainders if len(np.unique(matrix, axis=0)) >= 2 * matrix.shape[1] else 0
    for modulus in range(least, min(least + unseen, budget.largest_modulus) + 1):
        rows = np.unique(np.column_stack([matrix, target]) % modulus, axis=0)
        if len(rows) > budget.modulo_rows:
            rows = np.random.default_rng(0).permutation(rows)[: budget.modulo_rows]
        solution = solve_modulo(rows[:, :-1], rows[:, -1], modulus)
        if solution is not None and np.array_equal((matrix @ solution) % modulus, target):
            *factors, offset = (value - modulus if 2 * value > modulus else value for value in solution.tolist())
            return Term("%", (affine(list(zip(factors, columns, strict=True)), offset), constant(modulus)))
    return None


def solve_modulo(matrix: NDArray[np.int64], values: NDArray[np.int64], modulus: int) -> NDArray[np.int64] | None:
    """Return one solution a (columns,) of matrix @ a = values modulo any modulus from 2, or None if there is none.

    Elimination by Euclid's algorithm, as not every number has an inverse. A pivot p keeps its row; modulus / gcd(p,
    modulus) times that row has a zero in the pivot's place and goes on with the others, so that what it demands of the
    later unknowns is not lost (Howell, 1986). Unknowns that stay free are 0.
    """
    rows = np.column_stack([matrix, values]).astype(np.int64) % modulus
    columns = matrix.shape[1]
    pivots: list[NDArray[np.int64] | None] = []
    for column in range(columns):
        rows = rows[rows.any(axis=1)]
        while np.count_nonzero(rows[:, column]) > 1:
            held = np.flatnonzero(rows[:, column])
            pivot = held[rows[held, column].argmin()]
            others = held[held != pivot]
            quotients = rows[others, column] // rows[pivot, column]
            rows[others] = (rows[others] - quotients[:, None] * rows[pivot]) % modulus
        held = np.flatnonzero(rows[:, column])
        if not len(held):
            pivots.append(None)
            continue
        row = rows[held[0]].copy()
        pivots.append(row)
        rows[held[0]] = row * (modulus // math.gcd(int(row[column]), modulus)) % modulus
    if rows[:, -1].any():
        return None
    solution = np.zeros(columns, dtype=np.int64)
    for column in reversed(range(columns)):
        found = pivots[column]
        if found is None:
            continue
        common = math.gcd(int(found[column]), modulus)
        rest = int(found[-1] - found[column + 1 : -1] @ solution[column + 1 :]) % modulus
        inverse = pow(int(found[column]) // common, -1, modulus // common) if modulus > common else 0
        solution[column] = rest // common * inverse % (modulus // common)
    return solution


def _with_ones(columns: Mapping[str, Column], chosen: tuple[str, ...]) -> NDArray[np.int64]:
    rows = len(next(iter(columns.values())))
    return np.stack([*(columns[name] for name in chosen), np.ones(rows, dtype=np.int64)], axis=1)


def _least_squares(matrix: NDArray[np.int64], target: Column, most: int) -> NDArray[np.float64]:
    some = np.random.default_rng(0).permutation(len(target))[:most]
    solution, *_ = np.linalg.lstsq(matrix[some].astype(np.float64), target[some].astype(np.float64), rcond=None)
    return np.asarray(solution)


def _rounded(coefficients: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the nearest integers, zeros when one of them is too large to be known to the last digit."""
    if not (np.abs(coefficients) <= LARGEST_EXACT).all():
        return np.zeros(len(coefficients), dtype=np.int64)
    return np.rint(coefficients).astype(np.int64)
