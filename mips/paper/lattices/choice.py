"""The choice of an integer autoencoder: of every kind the best one, of these the one with the shortest codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np

from mips.networks.network import Floats, Network
from mips.networks.trace import Trace
from mips.outcome import StageFailure
from mips.paper.lattices.autoencoder import Assessment, Autoencoder, Candidate, assess, completed, integer_trace, reach
from mips.paper.lattices.clusters import clusterings
from mips.paper.lattices.generators import gcd_bases, linear_bases
from mips.paper.lattices.linear import Lattice, fit, oriented
from mips.paper.lattices.table import TransitionTable, tabulate

STRETCH = 2.0  # times as far as a visited state a step that completes a table may lie from the state of its code
LATTICE_WORDS = 100  # words whose states a lattice is fitted to
MOST_DISTANCE = 0.2  # rms, to the lattice, in units of its spacing; states spread evenly have 1 / sqrt(12) = 0.29


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """The best autoencoder of a kind for the states of a network on a trace. `coder` is None where there is none.

    The assessment says whether it is of any use.
    """

    network: Network
    seen: Trace
    coder: Autoencoder | None
    assessment: Assessment

    def table(self) -> TransitionTable:
        """Return the steps of the trace in codes, and those that are missing where the network's codes are few.

        Raises StageFailure("extracted") when there is no autoencoder or it is refused.
        """
        if self.coder is None or self.assessment.refused:
            raise StageFailure("extracted", self.assessment.refused)
        farthest = STRETCH * reach(self.coder, self.seen) + float(np.finfo(np.float32).eps)
        return completed(tabulate(integer_trace(self.coder, self.seen)), self.coder, self.network, farthest)


def lattices(bases: Callable[[Network, Trace], Iterable[Floats]], network: Network, seen: Trace) -> Iterator[Candidate]:
    """Yield the lattices with the given bases, fitted to the states that the network visits, the shortest codes first.

    When the states lie on none of them, only the nearest comes, with that against it. Raises StageFailure("extracted")
    when there is no basis.
    """
    part = slice(0, LATTICE_WORDS)
    few = Trace(words=seen.words[part], hidden=seen.hidden[part], outputs=seen.outputs[part])
    points = few.points()
    anchor = points[0]  # an affine cell starts on its lattice; another may reach it only after some steps
    if len(network.cell) > 1:
        anchor = points[np.square(points - points.mean(axis=0)).sum(axis=1).argmin()]
    fitted = [fit(Lattice(origin=anchor, basis=basis), points) for basis in bases(network, few) if len(basis)]
    if not fitted:
        raise StageFailure("extracted", "no lattice: the hidden state never changes, or its steps have no common basis")
    near = [lattice for lattice in fitted if lattice.distance(points) <= MOST_DISTANCE]
    if not near:
        nearest = min(fitted, key=lambda one: one.distance(points))
        against = (
            f"the hidden states lie on no lattice: rms distance {nearest.distance(points):.2g} of the spacing to the "
            f"nearest point of the best of {len(fitted)}, at most {MOST_DISTANCE} is allowed"
        )
        yield Candidate(coder=nearest, against=against)
    for lattice in sorted(near, key=lambda one: (one.bits(points), one.distance(points))):
        yield Candidate(coder=lattice)


BOOLEAN = "Boolean"
# Every kind yields its candidates in the order in which they are tried, or raises StageFailure when it has none.
KINDS: dict[str, Callable[[Network, Trace], Iterator[Candidate]]] = {
    "linear lattice": partial(lattices, linear_bases),
    "GCD lattice": partial(lattices, gcd_bases),
    BOOLEAN: clusterings,
}
LATTICES = ("linear lattice", "GCD lattice")


def best_of(kind: str, network: Network, seen: Trace, *, before: bool = False) -> Choice:
    """Return the first useful autoencoder of a kind, else the one that keeps most answers, with the reason against it.

    `before` says that answers are read before the round trip, and that late candidates count, too. A lattice is turned
    so that h(0) has the code 0.
    """
    none = Assessment(kind=kind, rank=0, bits=0.0, fidelity=0.0, rows=0, contradictions=0, determinism=0.0, refused="")
    best = Choice(network=network, seen=seen, coder=None, assessment=none)
    try:
        for candidate in _candidates(kind, network, seen):
            if candidate.is_late and not before:
                continue
            if isinstance(candidate.coder, Lattice):
                candidate = replace(candidate, coder=oriented(candidate.coder, seen))
            found = replace(
                best, coder=candidate.coder, assessment=assess(candidate, kind, network, seen, before=before)
            )
            if not found.assessment.refused:
                return found
            if best.coder is None or found.assessment.fidelity > best.assessment.fidelity:
                best = found
    except StageFailure as failure:
        return replace(best, assessment=replace(none, refused=failure.reason))
    return best


@lru_cache(maxsize=6)  # three kinds and two networks: who asks again, does so with the same trace and soon
def _candidates(kind: str, network: Network, seen: Trace) -> tuple[Candidate, ...]:
    return tuple(KINDS[kind](network, seen))


def by_length(choices: Iterable[Choice]) -> list[Choice]:
    """Return the useful ones, those with the shortest codes first."""
    return sorted(
        (one for one in choices if not one.assessment.refused),
        key=lambda one: one.assessment.bits,
    )


def choose_lattice(network: Network, seen: Trace) -> Choice:
    """Return the lattice with the shortest codes among those whose points the states of a trace lie on.

    Its round trip keeps the answers and its table is deterministic. Raises StageFailure("extracted") when there is
    none; the reason is that of the candidate that came furthest.
    """
    choices = [best_of(kind, network, seen) for kind in LATTICES]
    useful = by_length(choices)
    if not useful:
        raise StageFailure("extracted", max(choices, key=lambda one: one.assessment.fidelity).assessment.refused)
    return useful[0]
