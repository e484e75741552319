"""Sets of rows of exact integers, by hash: which rows of a block were never seen before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EXACT_BITS = 53  # integers up to two to this power are exact as floats, and so are their sums
HASH_BITS = 60  # of a hash at least; two of a million different rows share one with a chance of about 1e-6
FIRST_SLOTS = 1 << 12


class RowHash:
    """A linear hash of rows whose values are integers of at most `value_bits` bits, held as floats.

    A row is multiplied by small random integers, several times; all sums are exact in double precision, so that a
    product of matrices does the work (universal hashing: Carter and Wegman, 1979). Two different rows share a hash with
    a chance of two to the power of minus HASH_BITS, as far as their values are in bounds.
    """

    def __init__(self, rows: int, value_bits: int) -> None:
        bits = max(8, EXACT_BITS - value_bits - (rows - 1).bit_length())
        rng = np.random.default_rng(0)
        self._keys = rng.integers(1, 1 << bits, (rows, -(-HASH_BITS // bits))).astype(np.float64)
        self._mix = rng.integers(1, 1 << 62, self._keys.shape[1], dtype=np.int64) | 1

    def __call__(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the hashes (count,) of rows (count, rows); none is 0."""
        with np.errstate(invalid="ignore", over="ignore"):  # rows out of bounds have some hash too
            hashes = (values @ self._keys).astype(np.int64) @ self._mix
        without_zero: NDArray[np.int64] = hashes | (hashes == 0)
        return without_zero


class HashSet:
    """A set of hashes that are not 0: open addressing with linear probing, a block of them at a time."""

    def __init__(self) -> None:
        self._count = 0
        self._table = np.zeros(FIRST_SLOTS, dtype=np.int64)
        self._owner = np.zeros(FIRST_SLOTS, dtype=np.int64)

    def add(self, hashes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Add hashes (count,) and return the places (new,), in order, of the new ones, the first of each kind."""
        while 2 * (self._count + len(hashes)) > len(self._table):
            held = self._table[self._table != 0]
            self._table, self._owner = (np.zeros(2 * len(self._table), dtype=np.int64) for _ in range(2))
            self._insert(held)
        new = self._insert(hashes)
        self._count += len(new)
        return new

    def _insert(self, hashes: NDArray[np.int64]) -> NDArray[np.int64]:
        mask = len(self._table) - 1
        pending = np.arange(len(hashes))
        slots = (hashes ^ (hashes >> 32)) & mask
        new = []
        while len(pending):
            own, held = hashes[pending], self._table[slots]
            free = held == 0
            if free.any():
                self._owner[slots[free][::-1]] = pending[free][::-1]  # of several the first stays
                won = free & (self._owner[slots] == pending)
                self._table[slots[won]] = own[won]
                new.append(pending[won])
                held = self._table[slots]
            on = held != own
            pending, slots = pending[on], (slots[on] + 1) & mask
        return np.sort(np.concatenate(new)) if new else np.zeros(0, dtype=np.int64)
