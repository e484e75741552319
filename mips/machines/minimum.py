"""How small a network's hidden state can be: the theoretical minimum, read off the machine that the network became.

A network answers y(t) = g(h(t)): its output is a function of the hidden state alone, that after the input. So what a
finite machine needs is the number of states of the smallest *Moore* machine, and what a linear one needs is the order
of the smallest realization whose output does not see the input, the rank of the Hankel matrix of C A^k B from k = 0 on
(Ho and Kalman, 1966).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mips.machines.linear import LinearMachine
from mips.machines.mealy import MealyMachine, minimize


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """The least that a hidden state must hold: `kind` is `rank` (dimensions of a linear one) or `states`."""

    kind: str
    value: int

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "value": self.value}


def smallest_finite(machine: MealyMachine) -> Minimum:
    """Return the number of states of the smallest Moore machine with the machine's behaviour.

    Its states are the pairs of a state of the minimal Mealy machine and an output with which a transition enters it.
    The start is one more state, unless some transition leads back to it; its own output is never asked for.
    """
    minimal = minimize(machine)
    moore = {
        (target, output)
        for row, answers in zip(minimal.transitions, minimal.outputs, strict=True)
        for target, output in zip(row, answers, strict=True)
    }
    return Minimum(kind="states", value=len(moore) + all(target for target, _ in moore))


def smallest_linear(machine: LinearMachine) -> Minimum:
    """Return the order of the smallest network h' = A h + B x + b, y = C h + c with the machine's behaviour.

    The constant 1 is one input more, its response the steps of the zero-input response. The first of these steps, C b,
    is free, as c makes up for it. It stands in the Hankel matrix once, so that the rank is the least over all ways to
    fill in a corner: rank [C D] + rank [B; D] - rank D for [[?, B], [C, D]] (Davis, "Completing a matrix so as to
    minimize the rank", 1988).
    """
    outputs, inputs = machine.feedforward.shape[1:]
    blocks = len(machine.feedback) * outputs + len(machine.feedforward) * inputs + 2  # no fewer than any order
    response = _response(machine, 2 * blocks)
    hankel = np.block([[response[i + j] for j in range(blocks)] for i in range(blocks)])
    below = hankel[outputs:]
    corner = inputs  # the column of the constant in the first block
    return Minimum(
        kind="rank",
        value=exact_rank(below)
        + exact_rank(np.delete(hankel, corner, axis=1))
        - exact_rank(np.delete(below, corner, axis=1)),
    )


def exact_rank(matrix: Sequence[Sequence[int]] | np.ndarray) -> int:
    """Return the rank of an integer matrix, by elimination without fractions (Bareiss, 1968)."""
    rows = [[int(value) for value in row] for row in matrix]
    rank, before = 0, 1
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((index for index in range(rank, len(rows)) if rows[index][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        head = rows[rank]
        for index in range(rank + 1, len(rows)):
            factor = rows[index][column]
            rows[index] = [
                (head[column] * value - factor * above) // before
                for value, above in zip(rows[index], head, strict=True)
            ]
        rank, before = rank + 1, head[column]
    return rank


def _response(machine: LinearMachine, length: int) -> np.ndarray:
    """Return the responses to an impulse in x and in the constant 1 (length, outputs, inputs + 1), Python ints."""
    outputs, inputs = machine.feedforward.shape[1:]
    feedback, feedforward = machine.feedback.astype(object), machine.feedforward.astype(object)
    response = np.zeros((length, outputs, inputs + 1), dtype=object)
    for t in range(length):
        if t < len(feedforward):
            response[t, :, :inputs] = feedforward[t]
        if t == 0:
            response[t, :, inputs] = machine.constant
        for lag, matrix in enumerate(feedback[:t], start=1):
            response[t] += matrix @ response[t - lag]
    return response
