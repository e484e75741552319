"""The Levenberg-Marquardt method on many small networks side by side, in double precision."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from mips.training.recurrent import RecurrentBatch

MOST_ELEMENTS = 2**22  # of the derivatives in memory at once; networks beyond that wait for their turn
FIRST_DAMPING = 1e-2
CALMER, BOLDER = 4.0, 0.25  # factors of the damping after a step that was refused, or taken
DAMPING_RANGE = (1e-12, 1e8)
# The damping is a multiple of this mixture of the diagonal (Marquardt) and its mean (Levenberg). Mostly the mean: the
# diagonal alone hardly holds back the parameters of a unit that is almost dead, and one step then throws it away.
MARQUARDT = 0.05


@dataclass(frozen=True, slots=True)
class Fitted:
    """Parameters (networks, parameters) after some steps, and the mean squared error of each network."""

    rows: Tensor
    losses: Tensor


def levenberg_marquardt(
    batch: RecurrentBatch, rows: Tensor, inputs: Tensor, targets: Tensor, *, iterations: int, goal: float = 0.0
) -> Fitted:
    """Return the networks after so many damped Gauss-Newton steps on the mean squared error, each on its own.

    `inputs` (length, batch, inputs) and `targets` (length, batch, outputs) are scaled and shared by all networks. A
    step that does not lower the error is not taken, so no network's error ever grows. Ends early when the best error
    is below `goal`. Marquardt (1963); Nocedal and Wright, section 10.3.
    """
    if rows.dtype != torch.float64:
        raise ValueError(f"parameters of type {rows.dtype}; the normal equations need torch.float64")
    rows, truth = rows.clone(), targets.reshape(1, -1)
    errors = _errors(batch, rows, inputs, truth)
    losses = _losses(errors)
    size = rows.shape[1]
    matrices, slopes = rows.new_empty(len(rows), size, size), rows.new_empty(len(rows), size)
    damping = torch.full_like(losses, FIRST_DAMPING)
    moved = torch.ones_like(losses, dtype=torch.bool)
    for _ in range(iterations):
        if moved.any():
            _normal_equations(batch, rows, inputs, errors, moved, matrices, slopes)
        diagonal = torch.diagonal(matrices, dim1=1, dim2=2)
        ridge = MARQUARDT * diagonal + (1 - MARQUARDT) * diagonal.mean(1, keepdim=True)
        damped = matrices.clone()
        damped.diagonal(dim1=1, dim2=2).add_(damping[:, None] * (ridge + 1e-12))
        factors, _ = torch.linalg.cholesky_ex(damped)
        steps = torch.cholesky_solve(slopes[:, :, None], factors)[:, :, 0].nan_to_num(0.0, 0.0, 0.0)
        found = _errors(batch, rows - steps, inputs, truth)
        tried = _losses(found)
        moved = tried < losses
        rows = torch.where(moved[:, None], rows - steps, rows)
        errors = torch.where(moved[:, None], found, errors)
        losses = torch.where(moved, tried, losses)
        damping = (damping * torch.where(moved, BOLDER, CALMER)).clamp(*DAMPING_RANGE)
        if losses.min() <= goal or damping.min() == DAMPING_RANGE[1]:
            break
    return Fitted(rows, losses)


def _losses(errors: Tensor) -> Tensor:
    """Return the mean squared error of each network (networks,), infinite where it is no number."""
    return errors.square().mean(1).nan_to_num(torch.inf, torch.inf)


def _errors(batch: RecurrentBatch, rows: Tensor, inputs: Tensor, truth: Tensor) -> Tensor:
    """Return the errors of each network (networks, answers)."""
    given, _ = batch.forward(rows, inputs)
    return given.reshape(len(rows), -1) - truth


def _normal_equations(
    batch: RecurrentBatch,
    rows: Tensor,
    inputs: Tensor,
    errors: Tensor,
    wanted: Tensor,
    matrices: Tensor,
    slopes: Tensor,
) -> None:
    """Write J'J and J'e, divided by the number of errors, for the wanted networks; `errors` (networks, answers).

    J is in single precision, which is twice as fast: it chooses the direction of a step. The errors are in double
    precision, and as steps are repeated and judged by them, so is the result.
    """
    count = errors.shape[1]
    share = max(1, MOST_ELEMENTS // (count * rows.shape[1]))
    for indices in torch.nonzero(wanted)[:, 0].split(share):
        part = errors[indices]
        size = part.abs().amax(1, keepdim=True).clamp_min(torch.finfo(part.dtype).tiny)
        _, jacobian = batch.jacobian(rows[indices].float(), inputs.float())
        products = torch.bmm((part / size).float()[:, None], jacobian)[:, 0]
        matrices[indices] = torch.bmm(jacobian.transpose(1, 2), jacobian).double() / count
        slopes[indices] = products.double() * size / count
