"""Eigenvalues that noise has spread are made one again: the recurrence of an affine cell in rounded companion form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from mips.networks.network import Floats, Layer, Network
from mips.paper.normalizers.basis import change_basis
from mips.paper.normalizers.quantization import LARGEST_DENOMINATOR, rounded

NEW = (0.3, 0.03)  # parts of a vector outside of a space from which on it is new to it; noise is mostly below the first
NOTHING = 1e-9  # Hankel singular values this much below the largest are rounding errors


def group(network: Network, scale: Floats, keeps: Callable[[Network], bool]) -> Network:
    """Return the network of fewest hidden units in rounded companion form that `keeps` its behaviour.

    Noise of size e on a recurrence spreads a k-fold eigenvalue over a circle of radius e^(1/k), so that its Jordan form
    cannot be told, but changes the coefficients of its characteristic polynomial by a multiple of e only. In companion
    form these are weights: the rows of the basis are what the symbols add to the state, and its images under the
    recurrence (arXiv 2402.05110 groups eigenvalues, then takes the Jordan form). All weights are rounded to multiples
    of 1/d, for the least d that keeps the behaviour; those of a readout with ReLUs stay as they are. Directions of the
    state that hardly pass from the symbols to the outputs are left out first, as many as may be: those with the
    smallest Hankel singular values (Moore, Principal component analysis in linear systems, 1981). `scale` (width,) is
    the size of each number of a symbol. Raises ValueError for a cell with ReLUs, whose recurrence is none, and when no
    such network keeps the behaviour.
    """
    if len(network.cell) > 1:
        raise ValueError("a cell with ReLUs has no one recurrence")
    starts = [start for start in (_at_rest(network), _at_zero(network)) if start is not None]
    for rank in range(1, network.hidden_size + 1):
        for start in starts:
            smaller = _reduced(start, scale, rank)
            for turned in _companions(smaller, scale) if smaller is not None else ():
                for denominator in range(1, LARGEST_DENOMINATOR + 1):
                    found = rounded(turned, denominator)
                    if len(turned.readout) > 1:
                        found = replace(found, readout=turned.readout)
                    if keeps(found):
                        return found
    raise ValueError(f"no companion form in multiples of 1/d keeps the outputs, for d up to {LARGEST_DENOMINATOR}")


def _at_rest(network: Network) -> Network | None:
    """Return the network with its origin where it rests on the symbol 0, and started there; None if it never does.

    What it did before it came to rest is gone.
    """
    size = network.hidden_size
    unit = np.eye(size)
    layer = network.cell[0]
    try:
        rest = np.linalg.solve((unit - layer.weight[:size]).T, layer.bias)
    except np.linalg.LinAlgError:
        return None
    moved = change_basis(network, unit, unit, np.asarray(rest))
    cell = Layer(weight=layer.weight, bias=np.zeros(size))
    return replace(moved, cell=(cell,), initial=np.zeros(size))


def _at_zero(network: Network) -> Network:
    """Return the network with its origin at h(0)."""
    unit = np.eye(network.hidden_size)
    return change_basis(network, unit, unit, network.initial)


def _entrances(network: Network, scale: Floats) -> Floats:
    """Return what a symbol of the usual size adds to the state, a row for each of its numbers, and then the bias."""
    layer = network.cell[0]
    return np.concatenate([layer.weight[network.hidden_size :] * scale[:, None], layer.bias[None]])


def _reduced(network: Network, scale: Floats, rank: int) -> Network | None:
    """Return the network, started at 0, with only the directions that pass most left; None if it has fewer.

    They are those of its balanced form, read off the Hankel matrix of more steps than it has hidden units.
    """
    size = network.hidden_size
    recurrence = network.cell[0].weight[:size]
    reached, seen = [_entrances(network, scale)], [network.readout[0].weight]
    for _ in range(size):
        reached.append(reached[-1] @ recurrence)
        seen.append(recurrence @ seen[-1])
    ahead, back = np.concatenate(reached), np.concatenate(seen, axis=1)
    left, values, right = np.linalg.svd(ahead @ back, full_matrices=False)
    if rank > len(values) or values[rank - 1] <= NOTHING * values[0]:
        return None
    root = np.sqrt(values[:rank])
    encode, decode = back @ right[:rank].T / root, left[:, :rank].T @ ahead / root[:, None]
    return change_basis(network, encode, decode, np.zeros(size))


def _companions(network: Network, scale: Floats) -> Iterator[Network]:
    """Yield the network in bases of entrances and their images under the recurrence.

    The images of each number of a symbol come as long as they are new, then those of the next, those of the bias last.
    Rows are in the units of symbols, so that a number of a symbol adds 1 to a coordinate of its own.
    """
    size = network.hidden_size
    recurrence = network.cell[0].weight[:size]
    for new in NEW:
        found = np.zeros((0, size))  # orthonormal
        basis: list[Floats] = []
        for vector, unit in zip(_entrances(network, scale), [*scale, 1.0], strict=True):
            while len(basis) < size:
                outside = vector - vector @ found.T @ found
                if np.linalg.norm(outside) <= max(new * float(np.linalg.norm(vector)), NOTHING):
                    break
                found = np.vstack([found, outside / np.linalg.norm(outside)])
                basis.append(vector / unit)
                vector = vector @ recurrence
        if len(basis) == size:
            rows = np.stack(basis)
            yield change_basis(network, np.asarray(np.linalg.inv(rows)), rows, np.zeros(size))
