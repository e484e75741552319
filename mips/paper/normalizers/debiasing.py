"""De-biasing: an origin of the hidden state at which biases vanish."""

from __future__ import annotations

import numpy as np

from mips.networks.network import Floats, Network
from mips.paper.normalizers.basis import change_basis

SINGULAR = 1e-8  # singular values this much below the largest are zero


def debias(network: Network) -> Network:
    """Return the network with its hidden state shifted, h' = h - c, so that a bias vanishes.

    For an affine cell h W_h + b the shift solves c (1 - W_h) = b by least squares, and what the null space of 1 - W_h
    leaves open brings the readout's bias as near to zero as it can (arXiv 2402.05110). A cell with ReLUs is shifted by
    the bias of its last layer. The state before the first symbol moves to h(0) - c.
    """
    size = network.hidden_size
    unit = np.eye(size)
    if len(network.cell) > 1:
        return change_basis(network, unit, unit, network.cell[-1].bias)
    gap = unit - network.cell[0].weight[:size]
    shift = np.linalg.lstsq(gap.T, network.cell[0].bias, rcond=SINGULAR)[0]
    free = _left_null_space(gap)
    weight, bias = network.readout[0].weight, network.readout[0].bias + shift @ network.readout[0].weight
    if len(free):
        shift = shift - np.linalg.lstsq((free @ weight).T, bias, rcond=SINGULAR)[0] @ free
    return change_basis(network, unit, unit, np.asarray(shift))


def _left_null_space(matrix: Floats) -> Floats:
    """Return orthonormal rows n with n @ matrix = 0."""
    axes, values, _ = np.linalg.svd(matrix)
    return np.asarray(axes.T[values <= SINGULAR * max(1.0, values[0])])
