"""Formulas: a machine whose states are integers with names and whose steps are terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mips.symbolic.terms.term import Column, Term

if TYPE_CHECKING:
    from mips.symbolic.terms.sympy_terms import SympyFormulas

NEW = "'"  # mark of a state variable's value after the step


@dataclass(frozen=True, slots=True, kw_only=True)
class StateVariable:
    """An integer that is remembered from step to step."""

    name: str
    start: int
    update: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Formulas:
    """Start values, update terms and output terms of a machine over integers.

    Terms speak of the inputs (`x`, or `x0`, `x1`, ... when a symbol has several numbers), of the variables as they were
    (`name`) and as they become (`name'`), and of the outputs (`y`, or `y0`, `y1`, ...).
    """

    width: int
    states: tuple[StateVariable, ...]
    outputs: tuple[Term, ...]

    @property
    def size(self) -> int:
        """Nodes of all terms, and one for each variable."""
        return sum(state.update.size + 1 for state in self.states) + sum(term.size for term in self.outputs)

    def definitions(self) -> dict[str, Term]:
        """Return what a step defines, in an order in which each definition needs only earlier ones.

        Raises ValueError when definitions need one another.
        """
        named = {state.name + NEW: state.update for state in self.states}
        named |= dict(zip(output_names(len(self.outputs)), self.outputs, strict=True))
        sorter = TopologicalSorter({name: sorted(term.variables() & named.keys()) for name, term in named.items()})
        try:
            return {name: named[name] for name in sorter.static_order()}
        except CycleError as error:
            raise ValueError(f"definitions need one another: {', '.join(error.args[1])}") from error

    def to_sympy(self) -> SympyFormulas:
        """Return start values, updates and outputs as sympy expressions by name, for algebra on what was found.

        All expressions speak of the inputs and of the old values alone. `//` and `%` become `floor` and `Mod`, choices
        and truth values `Piecewise`; `mips.symbolic.terms.sympy_terms.expression` says what becomes of the rest.
        """
        from mips.symbolic.terms.sympy_terms import SympyFormulas, expression  # imports sympy, which takes a second

        known: dict[str, Any] = {}
        for name, term in self.definitions().items():
            known[name] = expression(term, known)
        return SympyFormulas(
            start={state.name: state.start for state in self.states},
            updates={state.name: known[state.name + NEW] for state in self.states},
            outputs={name: known[name] for name in output_names(len(self.outputs))},
        )

    def to_latex(self) -> str:
        """Return the start values, updates and outputs of `to_sympy` as LaTeX for math mode, one a line."""
        return self.to_sympy().to_latex()

    def run(self, words: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the outputs (count, length, outputs) on words (count, length, width). Raises ZeroDivisionError."""
        names = output_names(len(self.outputs))
        answers = np.zeros((*words.shape[:2], len(names)), dtype=np.int64)
        for t, columns in enumerate(self.trace(words)):
            answers[:, t] = np.stack([columns[name] for name in names], axis=1)
        return answers

    def trace(self, words: NDArray[np.int64]) -> Iterator[Mapping[str, Column]]:
        """Yield for each time step the columns (count,) of everything: inputs, old and new states, outputs."""
        values = {state.name: np.full(len(words), state.start, dtype=np.int64) for state in self.states}
        definitions = self.definitions()
        for t in range(words.shape[1]):
            columns = values | {name: words[:, t, i] for i, name in enumerate(input_names(self.width))}
            for name, term in definitions.items():
                columns[name] = term.evaluate(columns)
            yield columns
            values = {state.name: columns[state.name + NEW] for state in self.states}


def input_names(width: int) -> tuple[str, ...]:
    """Return `x`, or `x0`, `x1`, ... for symbols of several numbers."""
    return ("x",) if width == 1 else tuple(f"x{i}" for i in range(width))


def output_names(outputs: int) -> tuple[str, ...]:
    """Return `y`, or `y0`, `y1`, ... for outputs of several numbers."""
    return ("y",) if outputs == 1 else tuple(f"y{i}" for i in range(outputs))


def pruned(formulas: Formulas) -> Formulas:
    """Return the formulas without the variables that no output depends on, directly or through others."""
    needed = set().union(*(term.variables() for term in formulas.outputs))
    while True:
        more = {
            name
            for state in formulas.states
            if state.name in needed or state.name + NEW in needed
            for name in state.update.variables()
        }
        if more <= needed:
            break
        needed |= more
    states = tuple(state for state in formulas.states if state.name in needed or state.name + NEW in needed)
    return Formulas(width=formulas.width, states=states, outputs=formulas.outputs)
