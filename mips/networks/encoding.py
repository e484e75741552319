"""How a symbol becomes the numbers that a `Network` reads: a number as itself, a name as a one among zeros."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mips.networks.network import Floats, Ints, Network
from mips.networks.recurrent import Recurrent
from mips.tasks.alphabets import Alphabet, Symbols


def encoded(alphabet: Alphabet, words: Ints) -> Ints:
    """Return what networks read in the place of symbols (..., width): an array (..., encoded_width).

    The place of a name becomes as many numbers as there are names, a 1 in that place and 0 elsewhere, so that names
    have no order. A single name stays the 0 that it is.
    """
    if encoded_width(alphabet) == alphabet.width:
        return words
    columns = []
    for place, part in enumerate(alphabet.parts):
        numbers = words[..., place, None]
        columns.append((numbers == np.arange(part.count)).astype(np.int64) if _is_spread(part) else numbers)
    return np.concatenate(columns, axis=-1)


def decoded(alphabet: Alphabet, rows: Ints) -> Ints:
    """Return the symbols (..., width) of which `encoded` made the rows (..., encoded_width)."""
    columns, at = [], 0
    for part in alphabet.parts:
        size = part.count if _is_spread(part) else 1
        numbers = rows[..., at : at + size]
        columns.append(numbers.argmax(axis=-1) if _is_spread(part) else numbers[..., 0])
        at += size
    return np.stack(columns, axis=-1)


def encoded_width(alphabet: Alphabet) -> int:
    """Return how many numbers networks read for a symbol."""
    return sum(part.count if _is_spread(part) else 1 for part in alphabet.parts)


def reading(network: Network, alphabet: Alphabet) -> Network | Encoded:
    """Return a network that takes symbols (count, width), names by their places.

    That is the network itself where it reads as many numbers as a symbol has parts.
    """
    return network if network.input_width == alphabet.width else Encoded(network=network, inputs=alphabet)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded(Recurrent):
    """A network over names, as a `mips.Recurrent`: it is given the places of names and reads them `encoded`."""

    network: Network
    inputs: Alphabet

    @property
    def hidden_size(self) -> int:
        """How many numbers a hidden state has."""
        return self.network.hidden_size

    def start(self, count: int) -> Floats:
        """Return the states before the first symbol of `count` words."""
        return self.network.start(count)

    def step(self, states: Floats, symbols: Ints) -> Floats:
        """Return the states after one more symbol of each word; symbols (count, width)."""
        return self.network.step(states, encoded(self.inputs, symbols))

    def answer(self, states: Floats) -> Ints:
        """Return the answers at these states, rounded."""
        return self.network.answer(states)


def _is_spread(part: object) -> bool:
    return isinstance(part, Symbols) and part.count > 1
