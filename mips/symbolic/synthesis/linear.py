"""Linear machines as formulas: delayed inputs and delayed outputs are the state variables."""

from __future__ import annotations

from mips.machines.linear import LinearMachine
from mips.symbolic.terms.affine import affine
from mips.symbolic.terms.formulas import Formulas, StateVariable, input_names, output_names
from mips.symbolic.terms.term import variable


def linear_formulas(machine: LinearMachine) -> Formulas:
    """Return formulas with the machine's behaviour: one sum an output, one delay a remembered number."""
    outputs, width = machine.feedforward.shape[1:]
    xs, ys = input_names(int(width)), output_names(int(outputs))
    sums = []
    for row in range(int(outputs)):
        parts = [(int(machine.feedforward[0, row, i]), name) for i, name in enumerate(xs)]
        for lag, matrix in enumerate(machine.feedforward[1:], start=1):
            parts += [(int(matrix[row, i]), delayed(name, lag)) for i, name in enumerate(xs)]
        for lag, matrix in enumerate(machine.feedback, start=1):
            parts += [(int(matrix[row, i]), delayed(name, lag)) for i, name in enumerate(ys)]
        sums.append(affine(parts, int(machine.constant[row])))
    delays = [(name, len(machine.feedforward) - 1, name) for name in xs]
    delays += [(name, len(machine.feedback), name) for name in ys]
    states = []
    for name, lags, source in delays:
        used = [lag for lag in range(1, lags + 1) if any(delayed(name, lag) in term.variables() for term in sums)]
        needed = max(used, default=0)
        for lag in range(1, needed + 1):
            before = source if lag == 1 else delayed(name, lag - 1)
            states.append(StateVariable(name=delayed(name, lag), start=0, update=variable(before)))
    return Formulas(width=int(width), states=tuple(states), outputs=tuple(sums))


def delayed(name: str, lag: int) -> str:
    """Return the name of the value of `name` some steps ago."""
    return f"{name}_{lag}"
