"""Random words over an alphabet, as the numbers that networks get."""

from __future__ import annotations

import numpy as np

from mips.networks.network import Ints
from mips.tasks.alphabets import Alphabet, Integers, all_numbers

MOST_LISTED = 20_000  # symbols up to which all are listed and one of them is drawn; of more, each part by itself


def drawn_symbols(alphabet: Alphabet, shape: tuple[int, int, int], rng: np.random.Generator) -> Ints:
    """Return random words of a shape (count, length, width), all symbols equally likely."""
    if isinstance(alphabet, Integers):
        return rng.integers(alphabet.low, alphabet.high, shape, endpoint=True)
    if alphabet.count <= MOST_LISTED:
        table: Ints = np.array(all_numbers(alphabet), dtype=np.int64)
        return table[rng.integers(0, len(table), shape[:2])]
    lows = [part.low if isinstance(part, Integers) else 0 for part in alphabet.parts]
    counts = [part.count for part in alphabet.parts]
    return np.stack([rng.integers(low, low + n, shape[:2]) for low, n in zip(lows, counts, strict=True)], axis=2)
