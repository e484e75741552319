"""Whitening: a basis in which the visited states have mean zero and covariance one."""

from __future__ import annotations

import numpy as np

from mips.networks.network import Floats, Network
from mips.paper.normalizers.basis import change_basis

CONSTANT = 1e-6  # deviation, as a share of the largest, below which a direction of the state never changes


def whiten(network: Network, states: Floats) -> Network:
    """Return the network in the basis of the principal components of its visited `states` (count, hidden).

    Directions in which the states do not vary are left out, so the hidden size may fall. Raises ValueError when the
    state never changes at all. Departs from arXiv 2402.05110: the mean is removed, and the cut-off is relative.
    """
    origin = states.mean(axis=0)
    _, deviations, axes = np.linalg.svd((states - origin) / np.sqrt(len(states)), full_matrices=False)
    kept = deviations > CONSTANT * deviations[0]
    if not deviations[0]:
        raise ValueError("the hidden state never changes")
    deviations, axes = deviations[kept], axes[kept]
    axes *= np.where(axes.sum(axis=1) < 0, -1.0, 1.0)[:, None]
    return change_basis(network, axes.T / deviations, deviations[:, None] * axes, origin)
