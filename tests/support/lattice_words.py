"""Random words, and the table of a network on words, for tests of lattices."""

from __future__ import annotations

import numpy as np

from mips.networks.network import Ints, Network
from mips.networks.trace import trace
from mips.paper.lattices.choice import choose_lattice
from mips.paper.lattices.table import TransitionTable


def words(low: int, high: int, *, width: int = 1, count: int = 300, length: int = 12) -> np.ndarray:
    return np.random.default_rng(0).integers(low, high, (count, length, width), endpoint=True)


def lattice_table(network: Network, words: Ints) -> TransitionTable:
    """Return the steps that `network` takes on `words` (count, length, width), its hidden states read as integers.

    Raises StageFailure("extracted") when they lie on no lattice that is of use.
    """
    return choose_lattice(network, trace(network, words)).table()
