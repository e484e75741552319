"""Symbolic regression as an author: gplearn fits a formula for the output at each time, over what a user would give it.

Genetic programming of formulas (Koza, "Genetic programming", 1992) over the symbol and those before it, the sum of the
symbols so far, the last outputs, and the time. In training the last outputs are the true ones (Williams and Zipser, "A
learning algorithm for continually running fully recurrent neural networks", 1989); in the program they are its own. An
output of several numbers has a formula for each. The formula is the package's own: only its constants are written
shorter, where no rounded value changes.

Bounds are counts, not seconds, so that a seed gives the same program everywhere.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from gplearn.fitness import make_fitness
from gplearn.functions import make_function
from gplearn.genetic import SymbolicRegressor

from mips import Task
from mips.tasks.dataset import sample
from pytest_mips.baselines.encoding import refuse_names
from pytest_mips.baselines.formula import Node, features, program_of
from pytest_mips.runs.attempts import NoProgram

WORDS = 100  # in the training set
POPULATION, GENERATIONS = 1_000, 12  # of one search
SEARCHES = 4  # for each number of an output, each from another seed; the first without a mistake ends them
CONSTANTS = (0.0, 10.0)
DIGITS = (0, 1, 2, 3)  # after the point, tried in order
LARGE = 1e300  # what is larger, or no number, is taken for this

Rows = list[list[float]]


def write(task: Task, *, seed: int, progress: Callable[[str], None]) -> str:
    """Return the program that computes the formulas which gplearn fits.

    Raises NoProgram where one has no value, and for names.
    """
    refuse_names(task, "gplearn")
    used = features(task.inputs.width, task.output_width)
    rows, columns = training_set(task, seed=seed)
    formulas = [nodes(fit(rows, column, seed=seed, progress=progress)) for column in columns]
    return program_of(used, formulas, f"{task.name}: fitted to {WORDS} words.")


def training_set(task: Task, *, seed: int) -> tuple[Rows, list[list[float]]]:
    """Return the features at every time of the training words, and for each number of an output its values."""
    used = features(task.inputs.width, task.output_width)
    data = sample(task, count=WORDS, seed=seed)
    words, answers = data.inputs.tolist(), data.outputs.tolist()
    rows = [row for word, ys in zip(words, answers, strict=True) for row in used.rows(word, ys)]
    return rows, [[float(y[place]) for ys in answers for y in ys] for place in range(task.output_width)]


def fit(rows: Rows, column: list[float], *, seed: int, progress: Callable[[str], None]) -> SymbolicRegressor:
    """Return the best regressor of some searches, the first without a mistake.

    Raises NoProgram if the best has no number for some row.
    """
    found: list[tuple[float, int, SymbolicRegressor]] = []
    for search in range(SEARCHES):
        regressor = SymbolicRegressor(
            population_size=POPULATION,
            generations=GENERATIONS,
            function_set=("add", "sub", "mul", "div", "max", "min", "abs", "neg", _MODULO),
            metric=_ERROR,
            const_range=CONSTANTS,
            low_memory=True,
            n_jobs=1,
            random_state=SEARCHES * seed + search,
        )
        with warnings.catch_warnings(action="ignore"):
            regressor.fit(rows, column)
        error = float(regressor._program.raw_fitness_)
        found.append((error, search, regressor))
        progress(
            f"search {search + 1} of {SEARCHES}: a formula of {regressor._program.length_} nodes, error {error:.4g}"
        )
        if error == 0:
            break
    error, _, best = min(found)
    if error >= LARGE:
        raise NoProgram("no formula has a value for every example")
    _shorten(best, rows)
    return best


def nodes(regressor: SymbolicRegressor) -> list[Node]:
    """Return the formula of a regressor as a flattened tree."""
    return [node if isinstance(node, int | float) else node.name for node in regressor._program.program]


def _shorten(regressor: SymbolicRegressor, rows: Rows) -> None:
    """Give the formula constants of few digits, if every rounded value stays."""
    formula = regressor._program
    exact, values = formula.program, regressor.predict(rows).round()
    for digits in DIGITS:
        formula.program = [round(node, digits) if isinstance(node, float) else node for node in exact]
        if (regressor.predict(rows).round() == values).all():
            return
    formula.program = exact


def _mean_error(y: Any, predicted: Any, weight: Any) -> float:
    """Return the mean absolute error; 0 where every rounded value is right, whatever is behind its point."""
    gap = abs(y - predicted)
    if (gap < 0.5).all():
        return 0.0
    mean = float((gap * weight).sum() / weight.sum())
    return mean if mean < LARGE else LARGE


def _remainder(a: Any, b: Any) -> Any:
    """Return the remainder of rounded numbers; that by 0 is 0."""
    divisor = b.clip(-LARGE, LARGE).round()
    return a.clip(-LARGE, LARGE).round() % (divisor + (divisor == 0))


_ERROR = make_fitness(function=_mean_error, greater_is_better=False, wrap=False)
_MODULO = make_function(function=_remainder, name="mod", arity=2, wrap=False)
