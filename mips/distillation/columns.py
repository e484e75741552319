"""How symbols stand in formulas: numbers as themselves, names as one yes/no column each, so that they have no order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mips.machines.mealy import MealyMachine
from mips.networks.network import Ints
from mips.program.conditions import repr_of
from mips.symbolic.terms.formulas import Formulas, StateVariable, input_names
from mips.symbolic.terms.term import Term
from mips.tasks.alphabets import Alphabet, Symbols


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of an alphabet: for a number itself, for a name of two whether it is the first, of more one for each.

    Formulas are sought over the columns, and written with the symbols: `x == "push"` in the place of a column.
    """

    alphabet: Alphabet

    @property
    def count(self) -> int:
        """How many columns there are."""
        return len(self._terms())

    def of(self, words: Ints) -> Ints:
        """Return the columns (..., count) of symbols (..., width)."""
        found = []
        for place, part in enumerate(self.alphabet.parts):
            numbers = words[..., place]
            names = _told(part) if isinstance(part, Symbols) else None
            found += (
                [numbers] if names is None else [(numbers == number).astype(np.int64) for number in range(len(names))]
            )
        return np.stack(found, axis=-1)

    def of_machine(self, machine: MealyMachine) -> MealyMachine:
        """Return the machine with columns in the place of its symbols."""
        symbols = self.of(np.array(machine.symbols, dtype=np.int64)).tolist()
        return MealyMachine(
            symbols=tuple(map(tuple, symbols)), transitions=machine.transitions, outputs=machine.outputs
        )

    def spelled(self, formulas: Formulas) -> Formulas:
        """Return formulas over the columns with the symbols in their place."""
        columns = dict(zip(input_names(self.count), self._terms(), strict=True))
        return Formulas(
            width=self.alphabet.width,
            states=tuple(
                StateVariable(name=state.name, start=state.start, update=_replaced(state.update, columns))
                for state in formulas.states
            ),
            outputs=tuple(_replaced(term, columns) for term in formulas.outputs),
        )

    def _terms(self) -> list[Term]:
        terms = []
        for name, part in zip(input_names(self.alphabet.width), self.alphabet.parts, strict=True):
            if isinstance(part, Symbols):
                terms += [Term("==", (Term(name), Term(repr_of(one)))) for one in _told(part)]
            else:
                terms.append(Term(name))
        return terms


def _told(part: Symbols) -> tuple[str, ...]:
    """Return the names that have a column: of two names one says it all."""
    return part.names[:1] if len(part.names) == 2 else part.names


def _replaced(term: Term, columns: dict[str, Term]) -> Term:
    if not term.args:
        return columns.get(term.head, term)
    return Term(term.head, tuple(_replaced(arg, columns) for arg in term.args))
