"""The Jordan normal form of the recurrence, in real numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mips.networks.network import Floats, Network
from mips.paper.normalizers.basis import change_basis

MERGED = (1e-12, 1e-9, 1e-7, 1e-5, 1e-3, 1e-2, 0.05)  # distances of eigenvalues taken for one, as shares of the norm
SINGULAR = 1e-6  # singular values of a power are zero when this much below the same power of the norm
NEW = 1e-3  # part of a unit vector outside of a space from which on it is new to it
LARGEST_CONDITION = 1e6  # of the basis; beyond it rounding errors of the new weights would show in the outputs
LARGEST_RESIDUAL = 1e-5  # of matrix @ basis = basis @ form, as a share of the norms

Numbers = NDArray[np.floating[Any]] | NDArray[np.complexfloating[Any, Any]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JordanForm:
    """`basis` (hidden, hidden) with inv(basis) @ matrix @ basis = `form`; `groups` are the places of each eigenvalue.

    Blocks have ones above the diagonal. A complex pair a ± bi is a block [[a, b], [-b, a]], with identities above.
    """

    form: Floats
    basis: Floats
    groups: tuple[tuple[int, ...], ...]


def to_jordan_form(network: Network, recurrence: Floats) -> Network:
    """Return the network in the basis in which `recurrence` (hidden, hidden) has its real Jordan form.

    Raises ValueError, with the condition number, when the basis is too ill-conditioned to be used.
    """
    basis = jordan_form(recurrence).basis
    return change_basis(network, basis, np.asarray(np.linalg.inv(basis)), np.zeros(len(basis)))


def jordan_form(matrix: Floats) -> JordanForm:
    """Return the real Jordan form of a square matrix.

    The rounding errors of a k-fold eigenvalue are as large as the k-th root of those of the matrix. So eigenvalues that
    nearly coincide are taken for one, at first the nearest ones only, until the chains of null spaces of the powers of
    matrix - eigenvalue (Golub and Van Loan, Matrix Computations, section 7.6.5) are a well-conditioned basis in which
    the matrix has its form. Raises ValueError, with the least condition number, when they never are.
    """
    norm = float(np.linalg.norm(matrix, 2)) or 1.0
    least = np.inf
    for merged in MERGED:
        found = _assembled(matrix, _eigenvalues(matrix, merged * norm))
        if found is None:
            continue
        condition = float(np.linalg.cond(found.basis))
        residual = np.linalg.norm(matrix @ found.basis - found.basis @ found.form)
        if condition <= LARGEST_CONDITION and residual <= LARGEST_RESIDUAL * norm * np.linalg.norm(found.basis):
            return found
        least = min(least, condition)
    raise ValueError(
        f"the basis of the Jordan form has condition number {least:.2g}; {LARGEST_CONDITION:.0e} is allowed at most"
    )


def _eigenvalues(matrix: Floats, same: float) -> list[tuple[complex, int]]:
    """Return the eigenvalues on and above the real axis, each with its multiplicity, the largest first.

    Each is the mean of a cluster of values of which every one is at most `same` away from another.
    """
    left = sorted(np.linalg.eigvals(matrix), key=lambda value: (-abs(value), value.real, value.imag))
    found = []
    while left:
        cluster = [left.pop(0)]
        for member in cluster:  # grows while it is walked
            near = [value for value in left if abs(value - member) <= same]
            cluster += near
            left = [value for value in left if abs(value - member) > same]
        mean = complex(np.mean(cluster))
        if abs(mean.imag) <= same:
            found.append((complex(mean.real), len(cluster)))
        elif mean.imag > 0:
            found.append((mean, len(cluster)))
    return found


def _assembled(matrix: Floats, eigenvalues: list[tuple[complex, int]]) -> JordanForm | None:
    """Return the form that the chains of these eigenvalues make, None if they make none."""
    form = np.zeros_like(matrix)
    columns: list[Floats] = []
    groups = []
    for value, count in eigenvalues:
        begin = len(columns)
        for chain in _chains(matrix, value, count):
            real = not value.imag
            a, b = value.real, value.imag
            block = np.array([[a]]) if real else np.array([[a, b], [-b, a]])
            for place, column in enumerate(chain):
                here = len(columns)
                columns += [
                    np.asarray(part, dtype=np.float64)
                    for part in ((column.real,) if real else (column.real, column.imag))
                ]
                if len(columns) > len(matrix):
                    return None
                step = len(block)
                form[here : here + step, here : here + step] = block
                if place:
                    form[here - step : here, here : here + step] = np.eye(step)
        groups.append(tuple(range(begin, len(columns))))
    if len(columns) < len(matrix):
        return None
    return JordanForm(form=form, basis=np.stack(columns, axis=1), groups=tuple(groups))


def _chains(matrix: Floats, value: complex, count: int) -> list[list[Numbers]]:
    """Return the Jordan chains of an eigenvalue, each from its eigenvector upwards; none if they cannot be told."""
    shifted: Numbers = matrix - (value if value.imag else value.real) * np.eye(len(matrix))
    power: Numbers = np.eye(len(matrix))
    spaces: list[Numbers] = [np.zeros((len(matrix), 0))]
    norm = float(np.linalg.norm(matrix, 2))
    while spaces[-1].shape[1] < count:
        power = power @ shifted
        space = _null_space(power, SINGULAR * norm ** len(spaces))
        if space.shape[1] <= spaces[-1].shape[1]:
            return []
        spaces.append(space)
    chains: list[list[Numbers]] = []
    for height in range(len(spaces) - 1, 0, -1):
        reached = [chain[len(chain) - height][:, None] for chain in chains]
        for top in _complement(spaces[height], np.concatenate([spaces[height - 1], *reached], axis=1)).T:
            chain = [top]
            while len(chain) < height:
                chain.append(shifted @ chain[-1])
            chains.append(chain)
    return [[column / np.linalg.norm(chain[-1]) for column in reversed(chain)] for chain in chains]


def _null_space(matrix: Numbers, negligible: float) -> Numbers:
    """Return orthonormal columns that span what the matrix takes to zero, or nearly."""
    _, values, axes = np.linalg.svd(matrix)
    return axes[values <= negligible].conj().T


def _complement(space: Numbers, known: Numbers) -> Numbers:
    """Return orthonormal columns that together with those of `known` span `space`, which contains them."""
    if known.shape[1]:
        orthonormal, _ = np.linalg.qr(known)
        space = space - orthonormal @ (orthonormal.conj().T @ space)
    columns, values, _ = np.linalg.svd(space, full_matrices=False)
    return columns[:, values > NEW]
