"""What the Jordan form leaves open: a basis change that commutes with the recurrence and makes the readout sparse."""

from __future__ import annotations

import numpy as np

from mips.networks.network import Floats, Network
from mips.paper.normalizers.basis import change_basis
from mips.paper.normalizers.jordan import LARGEST_CONDITION, JordanForm

NONE = 1e-9  # weights this much below the largest are zero
SOLVED = 1e-8  # residual of a linear system, as a share of its right-hand side


def to_sparse_readout(network: Network, jordan: JordanForm) -> Network:
    """Return the network in a basis in which its recurrence has the Jordan form and the readout is sparse.

    Within a chain the matrices that commute with the form are upper-triangular Toeplitz matrices (arXiv 2402.05110);
    with several chains of an eigenvalue they have one such block for each pair of chains, and for a complex pair its
    entries are themselves 2 by 2 rotations with a stretch. All of them are the null space of S J - J S = 0, taken here
    for each eigenvalue at once. In it S is chosen nearest to the identity such that the first readout unit that sees
    the eigenvalue sees one place of it alone, with weight 1. Raises ValueError when no such S is well conditioned.
    """
    weights = np.asarray(np.linalg.solve(jordan.basis, network.readout[0].weight))
    change = np.eye(len(jordan.form))
    for group in jordan.groups:
        part = np.ix_(group, group)
        change[part] = sparsifying(jordan.form[part], weights[list(group)])
    basis = jordan.basis @ change
    condition = float(np.linalg.cond(basis))
    if condition > LARGEST_CONDITION:
        raise ValueError(f"a basis that makes the readout sparse has condition number {condition:.2g}")
    return change_basis(network, basis, np.asarray(np.linalg.inv(basis)), np.zeros(len(basis)))


def sparsifying(form: Floats, weights: Floats) -> Floats:
    """Return S with S @ form = form @ S that takes a unit vector to the first nonzero column of `weights`.

    Of the unit vectors the one with the best-conditioned S is chosen; the identity if there is none.
    """
    seen = [column for column in weights.T if np.abs(column).max() > NONE * max(np.abs(weights).max(), NONE)]
    size = len(form)
    if not seen:
        return np.eye(size)
    commuting = _commutant(form)
    found = []
    for place in range(size):
        change = _nearest_to_identity(commuting, place, seen[0])
        if change is not None:
            found.append((float(np.linalg.cond(change)), place, change))
    condition, _, best = min(found, key=lambda one: one[:2], default=(np.inf, 0, np.eye(size)))
    return best if condition <= LARGEST_CONDITION else np.eye(size)


def _commutant(form: Floats) -> Floats:
    """Return a basis (dimension, size, size) of the matrices that commute with the form."""
    size = len(form)
    unit = np.eye(size)
    _, values, axes = np.linalg.svd(np.kron(unit, form.T) - np.kron(form, unit))
    basis: Floats = axes[values <= SOLVED * max(1.0, values[0])].reshape(-1, size, size)
    return basis


def _nearest_to_identity(commuting: Floats, place: int, target: Floats) -> Floats | None:
    """Return the combination nearest to the identity whose column `place` is the target, None if there is none."""
    size = len(target)
    columns = commuting[:, :, place].T
    particular, *_ = np.linalg.lstsq(columns, target, rcond=None)
    if np.linalg.norm(columns @ particular - target) > SOLVED * np.linalg.norm(target):
        return None
    _, values, axes = np.linalg.svd(columns)
    rank = int((values > SOLVED * max(1.0, values[0])).sum())
    free = axes[rank:]
    flat = commuting.reshape(len(commuting), -1)
    gap = np.eye(size).ravel() - particular @ flat
    correction, *_ = np.linalg.lstsq((free @ flat).T, gap, rcond=None) if len(free) else (np.zeros(0), None)
    return np.asarray(((particular + correction @ free) @ flat).reshape(size, size))
