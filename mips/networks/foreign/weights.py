"""Recurrent cells from their weights alone, in NumPy: Elman (tanh, ReLU), GRU and LSTM, stacked, with projections.

The formulas and the order of the gates are those of torch.nn.RNN, GRU and LSTM. Numbers are kept in the type of the
weights, so that answers are those of torch but for the last bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mips.networks.foreign.encoding import Array, Takes
from mips.networks.network import Floats

GATES = {"tanh": 1, "relu": 1, "gru": 3, "lstm": 4}  # kind of cell -> gates, the blocks of rows of its weights


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellLayer:
    """The weights of one layer: `inputs` (gates * hidden, inputs), `hidden` (gates * hidden, state), a bias for each,
    and a `projection` (state, hidden) of an LSTM's hidden state, or None."""

    inputs: Array
    hidden: Array
    input_bias: Array
    hidden_bias: Array
    projection: Array | None = None

    @property
    def size(self) -> int:
        """How many numbers the layer's hidden state has, after the projection."""
        return int(self.hidden.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NumpyCells:
    """A core of stacked layers of one kind of cell (GATES). The states are one array (count, hidden) for each layer,
    and for an LSTM a second one for its memory. `head` is (weight (m, hidden), bias (m,)) or None, `embedding` is
    (rows, n)."""

    kind: str
    layers: tuple[CellLayer, ...]
    takes: Takes
    head: tuple[Array, Array] | None = None
    embedding: Array | None = None

    def start(self, count: int) -> tuple[Array, ...]:
        """Return zeros."""
        sizes = [layer.size for layer in self.layers]
        if self.kind == "lstm":
            sizes += [len(layer.hidden) // GATES["lstm"] for layer in self.layers]
        return tuple(np.zeros((count, size), dtype=self.layers[0].inputs.dtype) for size in sizes)

    def step(self, states: tuple[Array, ...], encoded: Array) -> tuple[Array, ...]:
        """Return the states after one more symbol."""
        kind = self.layers[0].inputs.dtype
        if self.embedding is not None:
            encoded = self.embedding[encoded].reshape(len(encoded), -1)
        values = encoded.astype(kind)
        found: list[Array] = []
        memories: list[Array] = []
        for number, layer in enumerate(self.layers):
            before = states[number]
            given = values @ layer.inputs.T + layer.input_bias
            kept = before @ layer.hidden.T + layer.hidden_bias
            if self.kind == "gru":
                values = _gru(given, kept, before)
            elif self.kind == "lstm":
                values, memory = _lstm(given + kept, states[len(self.layers) + number])
                memories.append(memory)
                values = values if layer.projection is None else values @ layer.projection.T
            else:
                values = np.tanh(given + kept) if self.kind == "tanh" else np.maximum(given + kept, 0)
            found.append(values)
        return (*found, *memories)

    def read(self, states: tuple[Array, ...]) -> Floats:
        """Return what the head makes of the last layer's hidden state (count, m)."""
        hidden = states[len(self.layers) - 1]
        outputs = hidden if self.head is None else hidden @ self.head[0].T + self.head[1]
        return np.asarray(outputs, dtype=np.float64)


def _gru(given: Array, kept: Array, before: Array) -> Array:
    reset, update, new = np.split(given, 3, axis=1)
    kept_reset, kept_update, kept_new = np.split(kept, 3, axis=1)
    share = _sigmoid(update + kept_update)
    candidate = np.tanh(new + _sigmoid(reset + kept_reset) * kept_new)
    after: Array = (1 - share) * candidate + share * before
    return after


def _lstm(sums: Array, memory: Array) -> tuple[Array, Array]:
    enter, forget, cell, leave = np.split(sums, 4, axis=1)
    memory = _sigmoid(forget) * memory + _sigmoid(enter) * np.tanh(cell)
    return _sigmoid(leave) * np.tanh(memory), memory


def _sigmoid(values: Array) -> Array:
    return 0.5 * (np.tanh(0.5 * values) + 1)
