"""Words on which networks and machines are compared."""

from __future__ import annotations

import itertools

import numpy as np

from mips.networks.network import Ints


def drawn_words(symbols: int, count: int, length: int, rng: np.random.Generator) -> Ints:
    """Return random words (count, length) of symbol indices, of which every other one keeps to two symbols.

    So states that only a rare sequence leads to are among those that are seen.
    """
    words = rng.integers(0, symbols, (count, length))
    few = rng.integers(0, symbols, (count, 2))
    words[::2] = np.take_along_axis(few, rng.integers(0, 2, (count, length)), axis=1)[::2]
    return words


def all_words(symbols: int, length: int) -> Ints:
    """Return all words (symbols ** length, length) of symbol indices."""
    return np.array(list(itertools.product(range(symbols), repeat=length)), dtype=np.int64)
