"""Linear recurrences in closed form: least squares for the Markov parameters, then a balanced realization.

For a linear recurrence the squared loss over all networks is minimized exactly by subspace identification (Ho and Kalman,
1966; Kung, 1978), so no gradient step is needed. The smallest hidden size is the rank of the Hankel matrix.
"""

from __future__ import annotations

import numpy as np

from mips.network import Floats, Ints, Layer, Network

FIT_TOLERANCE = 1e-6  # largest residual of the least-squares fit, in units of the largest output, that counts as none
RANK_TOLERANCE = 1e-7  # singular values of the Hankel matrix below this share of the largest are noise of the fit


def identify_linear(inputs: Ints, outputs: Ints) -> Network | None:
    """Return the smallest linear network that gives `outputs` on `inputs`, or None when no linear recurrence does.

    `inputs` is (count, length, width) and `outputs` (count, length, outputs). The constant 1 is a further input, so that
    affine recurrences are covered; its column becomes the bias of the cell.
    """
    length = inputs.shape[1]
    markov = _markov_parameters(inputs, outputs)
    if markov is None:
        return None
    rows = (length + 1) // 2
    columns = length + 1 - rows
    if columns < 2:
        return None
    hankel = np.block([[markov[i + j] for j in range(columns - 1)] for i in range(rows)])
    shifted = np.block([[markov[i + j + 1] for j in range(columns - 1)] for i in range(rows)])
    left, singular, right = np.linalg.svd(hankel, full_matrices=False)
    rank = max(1, int((singular > RANK_TOLERANCE * singular[0]).sum()))
    root = np.sqrt(singular[:rank])
    observability, controllability = left[:, :rank] * root, root[:, None] * right[:rank]
    recurrence = (left[:, :rank] / root).T @ shifted @ (right[:rank].T / root)
    entrance = controllability[:, : markov.shape[2]]
    exit_ = observability[: markov.shape[1]]
    network = Network(
        cell=(Layer(weight=np.vstack([recurrence.T, entrance[:, :-1].T]), bias=entrance[:, -1]),),
        readout=(Layer(weight=exit_.T, bias=np.zeros(len(exit_))),),
    )
    return network if np.array_equal(network.run(inputs), outputs) else None


def _markov_parameters(inputs: Ints, outputs: Ints) -> Floats | None:
    """Return M with y(t) = sum over k of M[k] @ (x(t-k), 1), as (length, outputs, width + 1), or None without a fit."""
    count, length, width = inputs.shape
    markov = np.zeros((length, outputs.shape[2], width + 1))
    scale = float(np.abs(outputs).max()) or 1.0
    inputs_only = inputs[:, ::-1].reshape(count, length * width).astype(np.float64)
    constants = np.zeros((length, outputs.shape[2]))  # what the constant 1, fed at every step, adds up to
    for t in range(length):
        used = inputs_only[:, (length - 1 - t) * width :]
        matrix = np.concatenate([used, np.ones((count, 1))], axis=1)
        solution, *_ = np.linalg.lstsq(matrix, outputs[:, t].astype(np.float64), rcond=None)
        if np.abs(matrix @ solution - outputs[:, t]).max() > FIT_TOLERANCE * scale:
            return None
        constants[t] = solution[-1]
        if t == length - 1:
            markov[:, :, :width] = solution[:-1].reshape(length, width, -1).transpose(0, 2, 1)
    markov[:, :, width] = np.diff(constants, axis=0, prepend=np.zeros((1, outputs.shape[2])))
    return markov
