"""Random words, for tests of lattices."""

from __future__ import annotations

import numpy as np


def words(low: int, high: int, *, width: int = 1, count: int = 300, length: int = 12) -> np.ndarray:
    return np.random.default_rng(0).integers(low, high, (count, length, width), endpoint=True)
