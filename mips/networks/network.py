"""The network: a recurrent cell f and a readout g, both multilayer perceptrons, as read-only NumPy arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, init=False, eq=False)
class Layer:
    """An affine map `v @ weight + bias`; weight is (inputs, outputs), bias is (outputs,).

    Both may be given as lists, too. They are copied and laid out by rows: the last bit of a product hangs on the
    layout. Raises ValueError when the shapes do not fit.
    """

    weight: Floats
    bias: Floats

    def __init__(self, *, weight: ArrayLike, bias: ArrayLike) -> None:
        for name, given in (("weight", weight), ("bias", bias)):
            array = np.array(given, dtype=np.float64, order="C")
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if self.weight.ndim != 2 or self.bias.shape != self.weight.shape[1:]:
            raise ValueError(
                f"weight {self.weight.shape} and bias {self.bias.shape}; expected (inputs, outputs) and (outputs,)"
            )


@dataclass(frozen=True, slots=True, init=False, eq=False)
class Network:
    """h(t) = f(h(t-1), x(t)), y(t) = round(g(h(t))) (MIPS, arXiv 2402.05110, section 2).

    `cell` are the layers of f, which sees h and x side by side; `readout` those of g. A ReLU stands between
    neighbouring layers, none after the last. Inputs and outputs are plain numbers: every scale is folded into the
    weights. `initial` is h(0) (hidden,), zeros unless it is given. Raises ValueError when the parts do not fit.
    """

    cell: tuple[Layer, ...]
    readout: tuple[Layer, ...]
    initial: Floats

    def __init__(self, *, cell: tuple[Layer, ...], readout: tuple[Layer, ...], initial: ArrayLike = ()) -> None:
        object.__setattr__(self, "cell", cell)
        object.__setattr__(self, "readout", readout)
        for part in (cell, readout):
            if not part:
                raise ValueError("cell and readout need one layer each at least")
            for left, right in pairwise(part):
                if left.weight.shape[1] != right.weight.shape[0]:
                    raise ValueError(f"layers of {left.weight.shape} and {right.weight.shape} do not fit together")
        if not 0 < self.hidden_size < self.cell[0].weight.shape[0]:
            raise ValueError("the cell must see its own hidden state and at least one input beside it")
        if self.readout[0].weight.shape[0] != self.hidden_size:
            raise ValueError(f"the readout expects {self.readout[0].weight.shape[0]} values, not {self.hidden_size}")
        start = np.array(initial, dtype=np.float64) if np.size(initial) else np.zeros(self.hidden_size)
        if start.shape != (self.hidden_size,):
            raise ValueError(f"an initial state of shape {start.shape}; expected ({self.hidden_size},)")
        start.setflags(write=False)
        object.__setattr__(self, "initial", start)

    @property
    def hidden_size(self) -> int:
        return int(self.cell[-1].weight.shape[1])

    @property
    def input_width(self) -> int:
        return int(self.cell[0].weight.shape[0]) - self.hidden_size

    @property
    def output_width(self) -> int:
        return int(self.readout[-1].weight.shape[1])

    @property
    def is_linear(self) -> bool:
        return len(self.cell) == 1 and len(self.readout) == 1

    def start(self, count: int) -> Floats:
        """Return h(0) for `count` words (count, hidden)."""
        return np.tile(self.initial, (count, 1))

    def step(self, hidden: Floats, symbols: Ints) -> Floats:
        """Return f(h, x) for rows of hidden states (count, hidden) and of symbols (count, input width)."""
        return _perceptron(self.cell, np.concatenate([hidden, symbols], axis=1))

    def read(self, hidden: Floats) -> Floats:
        """Return g(h), not rounded: (count, output width)."""
        return _perceptron(self.readout, hidden)

    def answer(self, hidden: Floats) -> Ints:
        """Return the outputs at hidden states, rounded to the nearest integer: (count, output width)."""
        return np.rint(self.read(hidden)).astype(np.int64)

    def run(self, words: ArrayLike) -> Ints:
        """Return the rounded outputs (count, length, output width) on words (count, length, input width).

        Words may also be lists, and (count, length) where the input width is 1. Raises ValueError for anything else.
        """
        words = _words(words, self.input_width)
        hidden, answers = self.start(len(words)), []
        for t in range(words.shape[1]):
            hidden = self.step(hidden, words[:, t])
            answers.append(self.answer(hidden))
        return np.stack(answers, axis=1) if answers else np.zeros((len(words), 0, self.output_width), dtype=np.int64)


def _words(words: ArrayLike, width: int) -> Ints:
    """Return words as an array of integers (count, length, width). Raises ValueError."""
    expected = f"expected integers of shape (words, length, {width})" + (" or (words, length)" if width == 1 else "")
    try:
        array = np.asarray(words)
    except Exception as error:
        raise ValueError(f"found words that are no array: {' '.join(str(error).split())}; {expected}") from error
    if not array.size and (array.ndim < 3 or array.shape[2:] == (width,)):
        count, length = (*array.shape, 0, 0)[:2]
        return np.zeros((count, length, width), dtype=np.int64)
    if array.dtype.kind not in "iub":
        cure = "; write np.rint(...).astype(int)" if array.dtype.kind == "f" and np.isfinite(array).all() else ""
        odd = array.flat[0] if array.dtype.kind != "f" or cure else array[~np.isfinite(array)][0]
        raise ValueError(f"found words of type {array.dtype}, such as {str(odd)[:40]!r}; {expected}{cure}")
    if array.ndim == 2 and width == 1:
        array = array[..., None]
    if array.ndim != 3 or array.shape[2] != width:
        cure = "; one word w is the words [w]" if array.ndim == (2 if width > 1 else 1) else ""
        raise ValueError(f"found words of shape {array.shape}; {expected}{cure}")
    return array if array.dtype == np.int64 else array.astype(np.int64)


def _perceptron(layers: Sequence[Layer], values: Floats) -> Floats:
    for layer in layers[:-1]:
        values = np.maximum(values @ layer.weight + layer.bias, 0.0)
    return values @ layers[-1].weight + layers[-1].bias
