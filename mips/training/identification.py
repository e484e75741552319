"""Linear recurrences in closed form: least squares for the Markov parameters, then a balanced realization.

For a linear recurrence the squared loss over all networks is minimized exactly by subspace identification (Ho and
Kalman, 1966; Kung, 1978), so no gradient step is needed. The smallest hidden size is the rank of the Hankel matrix.
"""

from __future__ import annotations

import numpy as np

from mips.networks.network import Floats, Ints, Layer, Network

FIT_TOLERANCE = 1e-6  # largest residual of the least-squares fit, in units of the largest output, that counts as none
RANK_TOLERANCE = 1e-7  # singular values of the Hankel matrix below this share of the largest are the fit's noise


def identify_linear(inputs: Ints, outputs: Ints) -> Network | None:
    """Return the smallest linear network that gives `outputs` on `inputs`, or None when no linear recurrence does.

    `inputs` is (count, length, width) and `outputs` (count, length, outputs). The constant 1 is a further input, so
    that affine recurrences are covered; its column becomes the bias of the cell, and as much of its immediate effect as
    lets the state be smaller that of the readout. The hidden size is at least 1. Words
    too short for the recurrence to show, less than twice its hidden size, are explained by a response that ends with
    them. None is returned too when there are no more words than unknowns (length * width + 1), as anything fits then.
    """
    markov = _markov_parameters(inputs, outputs)
    if markov is None:
        return None
    ending = np.concatenate([markov, np.zeros_like(markov)])
    for response in (markov, ending) if len(markov) > 1 else (ending,):
        network = _smallest_realization(response)
        with np.errstate(over="ignore", invalid="ignore"):  # a wrong realization may explode
            if np.array_equal(network.run(inputs), outputs):
                return network
    return None


def _smallest_realization(markov: Floats) -> Network:
    """Return the linear network of smallest hidden size with the Markov parameters (length, outputs, width + 1).

    The readout's bias is the part of the constant's immediate effect that does not fit into the column space of all
    other columns of the Hankel matrix, continued upwards; if taking it away saves nothing, the bias is zero.
    """
    hankel, outputs, constant = _hankel(markov), markov.shape[1], markov.shape[2] - 1
    others = np.delete(hankel, constant, axis=1)
    combination, *_ = np.linalg.lstsq(others[outputs:], hankel[outputs:, constant], rcond=RANK_TOLERANCE)
    bias = hankel[:outputs, constant] - others[:outputs] @ combination
    reduced = markov.copy()
    reduced[0, :, constant] -= bias
    with_bias, without = _balanced_realization(reduced, bias), _balanced_realization(markov, np.zeros(outputs))
    return with_bias if with_bias.hidden_size < without.hidden_size else without


def _hankel(markov: Floats) -> Floats:
    rows, columns = (len(markov) + 1) // 2, len(markov) // 2
    return np.block([[markov[i + j] for j in range(columns)] for i in range(rows)])


def _balanced_realization(markov: Floats, bias: Floats) -> Network:
    """Return the smallest network with these Markov parameters when nothing is added to its outputs but `bias`."""
    hankel = _hankel(markov)
    rows, columns = (len(markov) + 1) // 2, len(markov) // 2
    shifted = np.block([[markov[i + j + 1] for j in range(columns)] for i in range(rows)])
    left, singular, right = np.linalg.svd(hankel, full_matrices=False)
    singular[singular <= RANK_TOLERANCE * max(singular[0], np.abs(markov).max())] = 0
    rank = max(1, np.count_nonzero(singular))
    root = np.sqrt(singular[:rank])
    inverse = np.divide(1.0, root, out=np.zeros_like(root), where=root > 0)  # no response at all leaves a zero network
    observability, controllability = left[:, :rank] * root, root[:, None] * right[:rank]
    recurrence = (left[:, :rank] * inverse).T @ shifted @ (right[:rank].T * inverse)
    entrance = controllability[:, : markov.shape[2]]
    exit_ = observability[: markov.shape[1]]
    return Network(
        cell=(Layer(weight=np.vstack([recurrence.T, entrance[:, :-1].T]), bias=entrance[:, -1]),),
        readout=(Layer(weight=exit_.T, bias=bias),),
    )


def _markov_parameters(inputs: Ints, outputs: Ints) -> Floats | None:
    """Return M with y(t) = sum over k of M[k] @ (x(t-k), 1), as (length, outputs, width + 1), or None without a fit."""
    count, length, width = inputs.shape
    if count <= length * width + 1:
        return None
    markov = np.zeros((length, outputs.shape[2], width + 1))
    scale = float(np.abs(outputs).max()) or 1.0
    centre = np.rint(inputs.mean(axis=(0, 1)))  # taken off, so that an input that never changes has no influence
    newest_first = (inputs[:, ::-1] - centre).reshape(count, length * width)
    constants = np.zeros((length, outputs.shape[2]))  # what the constant 1, fed at every step, adds up to
    for t in range(length):
        used = newest_first[:, (length - 1 - t) * width :]
        matrix = np.concatenate([used, np.ones((count, 1))], axis=1)
        solution, *_ = np.linalg.lstsq(matrix, outputs[:, t].astype(np.float64), rcond=None)
        if np.abs(matrix @ solution - outputs[:, t]).max() > FIT_TOLERANCE * scale:
            return None
        constants[t] = solution[-1] - np.tile(centre, t + 1) @ solution[:-1]
        if t == length - 1:
            markov[:, :, :width] = solution[:-1].reshape(length, width, -1).transpose(0, 2, 1)
    markov[:, :, width] = np.diff(constants, axis=0, prepend=np.zeros((1, outputs.shape[2])))
    return markov
