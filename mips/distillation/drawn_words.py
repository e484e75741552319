"""Random words over an alphabet, as the numbers that networks get."""

from __future__ import annotations

import numpy as np

from mips.networks.network import Ints
from mips.tasks.alphabets import Alphabet, Integers, all_numbers


def drawn_symbols(alphabet: Alphabet, shape: tuple[int, int, int], rng: np.random.Generator) -> Ints:
    """Return random words of a shape (count, length, width), all symbols equally likely."""
    if isinstance(alphabet, Integers):
        return rng.integers(alphabet.low, alphabet.high, shape, endpoint=True)
    table: Ints = np.array(all_numbers(alphabet), dtype=np.int64)
    return table[rng.integers(0, len(table), shape[:2])]
