"""Linear integer lattices: h = origin + z @ basis with integer z, chosen by the length of the codes, checked by use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mips.failure import StageFailure
from mips.lattice.generators import candidate_bases
from mips.lattice.table import TransitionTable, tabulate
from mips.lattice.trace import IntegerTrace, Trace, trace
from mips.network import Floats, Ints, Network

MOST_DISTANCE = (
    0.2  # rms distance to the lattice in units of its spacing; states spread evenly have 1 / sqrt(12) = 0.29
)
LEAST_FIDELITY = 0.999  # share of answers the round trip keeps; the rare rest are states at the edge of their cell
LARGEST_CODE = 2.0**53  # from here on neighbouring floats are more than 1 apart
FIT_WORDS = 100  # words that shape the lattice and are held against it; further ones measure its fidelity
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
        return np.rint(np.clip(coordinates, -LARGEST_CODE, LARGEST_CODE)).astype(np.int64)

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


def lattice_table(network: Network, words: Ints) -> TransitionTable:
    """Return the steps that `network` takes on `words` (count, length, width), its hidden states read as integers.

    The lattice is the one with the shortest codes among those whose points the states lie on, whose round trip keeps
    the answers and whose table is deterministic. Raises StageFailure("extracted") when there is none; the reason is
    that of the candidate that came furthest.
    """
    seen = trace(network, words)
    return tabulate(integer_trace(choose_lattice(network, seen), seen))


def integer_trace(lattice: Lattice, seen: Trace) -> IntegerTrace:
    """Return the trace with the codes of its hidden states."""
    return IntegerTrace(words=seen.words, codes=lattice.encode(seen.hidden), outputs=seen.outputs)


def choose_lattice(network: Network, seen: Trace) -> Lattice:
    """Return the lattice with the shortest codes that passes `_check`. Raises StageFailure("extracted")."""
    part = slice(0, FIT_WORDS)
    few = Trace(words=seen.words[part], hidden=seen.hidden[part], outputs=seen.outputs[part])
    points = few.points()
    anchor = points[0]  # an affine cell starts on its lattice; another may reach it only after some steps
    if len(network.cell) > 1:
        anchor = points[np.square(points - points.mean(axis=0)).sum(axis=1).argmin()]
    fitted = [fit(Lattice(origin=anchor, basis=basis), points) for basis in candidate_bases(network, few) if len(basis)]
    if not fitted:
        raise StageFailure("extracted", "no lattice: the hidden state never changes, or its steps have no common basis")
    near = [lattice for lattice in fitted if lattice.distance(points) <= MOST_DISTANCE]
    if not near:
        closest = min(lattice.distance(points) for lattice in fitted)
        raise StageFailure(
            "extracted",
            f"the hidden states lie on no lattice: rms distance {closest:.2g} of the spacing to the nearest point of "
            f"the best of {len(fitted)}, at most {MOST_DISTANCE} is allowed",
        )
    failures = []
    for lattice in sorted(near, key=lambda one: (one.bits(points), one.distance(points))):
        try:
            _check(lattice, network, seen)
        except _Refused as refused:
            failures.append(refused)
            continue
        return oriented(lattice, seen)
    raise StageFailure("extracted", max(failures, key=lambda one: one.fidelity).reason)


class _Refused(Exception):
    """A lattice on which the states lie is of no use; `fidelity` is the share of answers its round trip keeps."""

    def __init__(self, fidelity: float, reason: str) -> None:
        super().__init__(reason)
        self.fidelity = fidelity
        self.reason = reason


def _check(lattice: Lattice, network: Network, seen: Trace) -> None:
    """Return if the round trip keeps the answers and the table is deterministic; else raise with the reason."""
    kept = fidelity(lattice, network, seen)
    if kept < LEAST_FIDELITY:
        raise _Refused(
            kept,
            f"the round trip through the lattice keeps only {kept:.2%} of the answers, at least {LEAST_FIDELITY:.1%} "
            "are needed",
        )
    try:
        tabulate(integer_trace(lattice, seen))
    except StageFailure as failure:
        raise _Refused(kept, failure.reason) from failure


def fidelity(lattice: Lattice, network: Network, seen: Trace) -> float:
    """Return the share of time steps at which the network answers the same when every hidden state is snapped.

    Words that did not shape the lattice are looked at; all words when there are no others.
    """
    part = slice(FIT_WORDS if len(seen.words) > FIT_WORDS else 0, None)
    words, expected = seen.words[part], seen.outputs[part]
    hidden = lattice.snap(network.start(len(words)))
    same = []
    for t in range(words.shape[1]):
        hidden = lattice.snap(network.step(hidden, words[:, t]))
        same.append((network.answer(hidden) == expected[:, t]).all(axis=1))
    return float(np.mean(same))


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
