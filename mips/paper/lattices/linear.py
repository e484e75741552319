"""Integer lattices: h = origin + z @ basis with integer z, fitted to the states that lie on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mips.machines.linear import LARGEST_EXACT
from mips.networks.network import Floats, Ints
from mips.networks.trace import Trace

ROUNDS = 6  # the lattice is fitted to the nearest 1/32 of the states, then 1/16, ..., then to all of them


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lattice:
    """The points origin + z @ basis for integer z (rank,); `origin` is (hidden,), `basis` (rank, hidden)."""

    origin: Floats
    basis: Floats

    @property
    def spacing(self) -> float:
        """The length of the shortest basis vector."""
        return float(np.linalg.norm(self.basis, axis=1).min())

    def encode(self, hidden: Floats) -> Ints:
        """Return the codes (..., rank) of states (..., hidden): their coordinates, rounded."""
        coordinates = (hidden - self.origin) @ np.linalg.pinv(self.basis)
        codes: Ints = np.rint(np.clip(coordinates, -LARGEST_EXACT, LARGEST_EXACT)).astype(np.int64)
        return codes

    def decode(self, codes: Ints) -> Floats:
        """Return the lattice points (..., hidden) of codes (..., rank)."""
        return self.origin + codes @ self.basis

    def snap(self, hidden: Floats) -> Floats:
        """Return the round trip of states (..., hidden): the lattice points of their codes."""
        return self.decode(self.encode(hidden))

    def distance(self, hidden: Floats) -> float:
        """Return the rms distance of states (..., hidden) to their lattice points, in units of the spacing."""
        return float(np.sqrt(np.square(hidden - self.snap(hidden)).sum(axis=-1).mean())) / self.spacing

    def bits(self, hidden: Floats) -> float:
        """Return how many bits a code of one of the states (count, hidden) takes, at a fixed length a coordinate."""
        return float(np.log2(np.ptp(self.encode(hidden), axis=0) + 1.0).sum())


def fit(lattice: Lattice, points: Floats) -> Lattice:
    """Return the lattice moved and stretched, by least squares, to where the points (count, hidden) are.

    The points nearest to the origin come first: an error of the basis has not yet become a wrong code there.
    """
    order = np.argsort(np.square(points - lattice.origin).sum(axis=1))
    for exponent in reversed(range(ROUNDS)):
        nearest = points[order[: max(2 * len(lattice.basis), len(points) >> exponent)]]
        codes = lattice.encode(nearest)
        matrix = np.concatenate([np.ones((len(codes), 1)), codes], axis=1)
        change = np.linalg.pinv(matrix.T @ matrix, hermitian=True) @ (matrix.T @ (nearest - lattice.decode(codes)))
        basis = lattice.basis + change[1:]
        if np.linalg.matrix_rank(basis) < len(basis):
            return lattice
        lattice = Lattice(origin=lattice.origin + change[0], basis=basis)
    return lattice


def oriented(lattice: Lattice, seen: Trace) -> Lattice:
    """Return the same lattice, its origin at the code of h(0), each basis vector turned to where most codes lie."""
    origin = lattice.snap(seen.hidden[0, 0])
    codes = Lattice(origin=origin, basis=lattice.basis).encode(seen.points())
    signs = np.where(codes.max(axis=0) < -codes.min(axis=0), -1.0, 1.0)
    return Lattice(origin=origin, basis=lattice.basis * signs[:, None])
