"""Adam on many networks side by side.

It is written out here, and not taken from `torch.optim`, because `RecurrentBatch.backward` computes the gradients of
all networks of a batch by hand, without torch's record of operations: one update in place then moves all of them. A
test compares its steps with those of `torch.optim.Adam`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from mips.training.budget import BUDGET, TrainingBudget
from mips.training.recurrent import RecurrentBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How Adam runs: steps, sequences a step, peak learning rate (linear warm-up, cosine decay)."""

    steps: int
    batch: int
    rate: float


@dataclass(frozen=True, slots=True)
class Examples:
    """Scaled inputs (length, count, inputs) and outputs in the units of the task (length, count, outputs)."""

    inputs: Tensor
    outputs: Tensor
    output_offset: float
    output_size: float

    def error(self, scaled: Tensor, outputs: Tensor) -> Tensor:
        """Return prediction minus truth in units of the task."""
        return scaled * self.output_size + self.output_offset - outputs


@dataclass(frozen=True, slots=True)
class Progress:
    """Adam's state at a check: parameter rows, step, the length it trains on, the loss of the last batch."""

    rows: Tensor
    step: int
    length: int
    loss: float


def adam(
    batch: RecurrentBatch,
    examples: Examples,
    rows: Tensor,
    schedule: Schedule,
    seed: int,
    budget: TrainingBudget = BUDGET,
) -> Iterator[Progress]:
    """Yield the parameters every `adam_check_steps` of Adam (Kingma and Ba, 2015) on the loss ½·log(1 + error²).

    The loss is the paper's (section 2.1). The sequence length grows as short sequences are learnt. `rows` (networks,
    parameters) is where the networks start; it is left alone.
    """
    rows = rows.clone()
    mean, square = torch.zeros_like(rows), torch.zeros_like(rows)
    generator = torch.Generator().manual_seed(seed)
    full, count = examples.inputs.shape[:2]
    length, grown_at = min(budget.adam_first_length, full), 0
    for step in range(1, schedule.steps + 1):
        chosen = torch.randint(0, count, (schedule.batch,), generator=generator)
        inputs, outputs = examples.inputs[:length, chosen], examples.outputs[:length, chosen]
        scaled, activations = batch.forward(rows, inputs)
        error = examples.error(scaled, outputs)
        slope = error / (1 + error * error) * (examples.output_size / (length * schedule.batch))
        gradient = batch.backward(rows, inputs, slope, activations)
        mean.lerp_(gradient, 1 - budget.adam_momentum)
        square.mul_(budget.adam_memory).addcmul_(gradient, gradient, value=1 - budget.adam_memory)
        warm, decay = min(1.0, step / budget.adam_warm_up_steps), 1 + math.cos(math.pi * step / schedule.steps)
        rate = schedule.rate * warm * 0.5 * decay + 1e-5
        spread = (square / (1 - budget.adam_memory**step)).sqrt_().add_(1e-8)
        rows.addcdiv_(mean, spread, value=-rate / (1 - budget.adam_momentum**step))
        if step % budget.adam_check_steps == 0 or step == schedule.steps:
            loss = float(torch.log1p(error * error).mean((1, 2, 3)).min()) / 2
            yield Progress(rows, step, length, loss)
            right = float((error.abs() < 0.5).float().mean((1, 2, 3)).max())
            if length < full and (right > budget.adam_ready_share or step - grown_at > budget.adam_patience):
                length, grown_at = min(full, length + (1 if length < 6 else 2)), step
