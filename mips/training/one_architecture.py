"""Trains several networks of one architecture, and the best of them to the end."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
from torch import Tensor

from mips.networks.network import Network
from mips.tasks.dataset import Dataset
from mips.training.architectures import Plan
from mips.training.budget import BUDGET, TrainingBudget
from mips.training.optimizers import Examples, adam
from mips.training.population import Round, Words, errors_of_all, evolve, finish, first_length, right
from mips.training.recurrent import Architecture, RecurrentBatch, Scale

REPEATED = 1 << 40  # more than any usual root seed times MOST_PLANS: the distance between the seeds of such turns
SEEDS = 1 << 64  # torch takes no others
MOST_PLANS = 100  # more than there are: the distance between the seeds of two root seeds


@dataclass(slots=True)
class TrainingLog:
    """What happened while the networks of one plan were trained, and the best network so far.

    `curve` has one point (steps, length of the sequences, loss) for each look at the networks, and `why` says in words
    why training ended. `row` (parameters,) is the best network, None before the first; `share` is its share of right
    answers and `error` its largest error, as a share of the tolerance. `seen` is called with each share.
    """

    curve: list[tuple[int, int, float]] = field(default_factory=list)
    steps: int = 0
    why: str = ""
    share: float = -1.0
    error: float = math.inf
    row: Tensor | None = None
    seen: Callable[[float], None] = lambda share: None

    def note(self, steps: int, length: int, loss: float) -> None:
        """Add a point to the curve, after so many steps in all."""
        self.steps = steps
        self.curve.append((self.steps, length, loss))

    def offer(self, row: Tensor, share: float, error: float) -> bool:
        """Keep the row if none before has more right answers, or as many and a smaller error; return if it is perfect.

        `error` is the largest one, as a share of what still counts as right.
        """
        self.seen(share)
        if (share, -error) > (self.share, -self.error):
            self.row, self.share, self.error = row, share, error
        return share == 1.0


class ArchitectureTrainer:
    """Trains networks of one architecture at a time on the data of one task, which it holds as scaled tensors.

    Raises ValueError when there are too few sequences.
    """

    def __init__(self, data: Dataset, seed: int, device: str = "cpu", budget: TrainingBudget = BUDGET) -> None:
        self._budget = budget
        least = self._budget.held_out_words + self._budget.least_words
        if len(data.inputs) < least:
            raise ValueError(f"{len(data.inputs)} words of training data; expected at least {least}")
        self._seed, self._device = seed, device
        low, high = data.inputs.min(), data.inputs.max()
        self.scale = Scale(
            input_offset=float(low + high) / 2,
            input_size=max(float(high - low) / 2, 0.5),
            output_offset=float(data.outputs.mean()),
            output_size=max(float(data.outputs.std()), 0.5),
        )
        inputs = _tensor((data.inputs - self.scale.input_offset) / self.scale.input_size, device)
        targets = _tensor((data.outputs - self.scale.output_offset) / self.scale.output_size, device)
        tolerance = 0.5 / self.scale.output_size
        self._words = Words(
            inputs[:, self._budget.held_out_words :], targets[:, self._budget.held_out_words :], tolerance
        )
        self._held_out = Words(
            inputs[:, : self._budget.held_out_words], targets[:, : self._budget.held_out_words], tolerance
        )
        symbols = data.inputs[: self._budget.alphabet_words].reshape(-1, data.inputs.shape[2])
        self._symbols = len(np.unique(symbols, axis=0))

    def architecture(self, plan: Plan) -> Architecture:
        return Architecture(
            inputs=self._words.inputs.shape[2],
            outputs=self._words.targets.shape[2],
            hidden=plan.hidden,
            width=plan.width,
            cell_depth=plan.cell_depth,
            readout_depth=plan.readout_depth,
        )

    def train(
        self,
        plan: Plan,
        number: int,
        progress: Callable[[str], None],
        seen: Callable[[int, float], None] = lambda hidden, share: None,
    ) -> tuple[Network, TrainingLog]:
        """Return the best network that the plan leads to, and the log of its training.

        The root seed and `number` give the seed of all random numbers. `seen` is called with the hidden size and the
        approximate share of right answers of networks while they are trained.
        """
        batch, seed = RecurrentBatch(self.architecture(plan)), self._seed * MOST_PLANS + number
        log = TrainingLog(seen=partial(seen, self.architecture(plan).hidden))
        for turn in range(1 + plan.repeats):
            if turn and not self._budget.repeat_from_share <= log.share < 1.0:
                break
            own = (seed + turn * REPEATED) % SEEDS
            if plan.schedule is None:
                rows = self._evolve(batch, plan, own, log, progress)
            else:
                rows = self._descend(batch, plan, own, log, progress)
            if batch.architecture.parameters <= self._budget.most_finished_parameters:
                self._finish(batch, rows, own, log, progress)
        if log.share == 1.0:
            log.why = "no wrong answer"
        assert log.row is not None
        return batch.network(log.row.cpu(), self.scale), log

    def _evolve(
        self,
        batch: RecurrentBatch,
        plan: Plan,
        seed: int,
        log: TrainingLog,
        progress: Callable[[str], None],
    ) -> Tensor:
        integrators = plan.networks if plan.integrators else 0
        rows = batch.initial(
            plan.networks, seed, torch.float64, spread=self._budget.kink_spread, integrators=integrators
        )
        rows = rows.to(self._device)
        length = first_length(self._symbols, self._words.inputs.shape[0], rows.shape[1], self._budget)
        state: Round | None = None
        before = log.steps
        for state in evolve(
            batch, self._words, rows, survivors=plan.survivors, length=length, seed=seed, budget=self._budget
        ):
            log.note(before + state.steps, state.length, state.loss)
            log.seen(min(float(state.shares[0]), self._budget.glimpsed_share))
            progress(f"{len(state.rows)} networks, length {state.length}, {state.shares[0]:.2%} right")
        assert state is not None
        log.offer(state.rows[0], *self._quality(batch, state.rows[0]))
        log.why = "few wrong answers" if state.shares[0] == 1.0 else "no progress"
        return state.rows[state.shares >= self._budget.finish_from_share]

    def _descend(
        self,
        batch: RecurrentBatch,
        plan: Plan,
        seed: int,
        log: TrainingLog,
        progress: Callable[[str], None],
    ) -> Tensor:
        assert plan.schedule is not None
        examples = self._examples()
        full = examples.inputs.shape[0]
        rows = batch.initial(plan.networks, seed).to(self._device)
        log.why = "all steps taken"
        for state in adam(batch, examples, rows, plan.schedule, seed, self._budget):
            rows = state.rows
            log.note(state.step, state.length, state.loss)
            if state.step % 1000 == 0:
                progress(f"step {state.step}, length {state.length}, loss {state.loss:.2g}")
            if state.length == full and state.step % 100 == 0:
                exact = rows.double()
                shares = right(batch, exact, self._held_out, slice(0, self._budget.first_look_words))
                log.seen(min(float(shares.max()), self._budget.glimpsed_share))
                perfect = exact[shares == 1.0]
                if any(log.offer(row, *self._quality(batch, row)) for row in perfect):
                    assert log.row is not None
                    return log.row[None]
            elif state.length < full and state.step > self._budget.adam_full_length_by * plan.schedule.steps:
                log.why = "never learnt the full length"
                break
        rows = rows.double()
        shares = right(batch, rows, self._held_out, slice(0, self._budget.first_look_words))
        rows = rows[shares.argsort(descending=True, stable=True)[: self._budget.finalists]]
        for row in rows:
            log.offer(row, *self._quality(batch, row))
        return rows

    def _finish(
        self, batch: RecurrentBatch, rows: Tensor, seed: int, log: TrainingLog, progress: Callable[[str], None]
    ) -> None:
        """Offer the rows worth it after Levenberg-Marquardt steps on the words that they find hardest.

        Ends with the first one that is perfect with some distance.
        """
        for row in rows[: self._budget.finalists]:
            if log.share == 1.0 and log.error < self._budget.settled_error:
                return
            if (
                float(right(batch, row[None], self._held_out, slice(0, self._budget.first_look_words)))
                < self._budget.finish_from_share
            ):
                continue
            before, finished = log.steps, row
            for state in finish(batch, self._words, row, seed=seed, budget=self._budget):
                finished = state.rows[0]
                log.note(before + state.steps, state.length, state.loss)
                progress(f"finishing, {state.shares[0]:.4%} of the words right")
            log.offer(finished, *self._quality(batch, finished))

    def _quality(self, batch: RecurrentBatch, row: Tensor) -> tuple[float, float]:
        """Return the share of right answers on the held-out words, and the largest error as a share of the tolerance.

        If all are right, also those on the words trained on: rare words may be among the latter only, and a network
        that is wrong on them is not perfect.
        """
        share = worst = 0.0
        for words in (self._held_out, self._words):
            errors = errors_of_all(batch, row, words)
            share = float((errors < words.tolerance).double().mean())
            worst = max(worst, float(errors.max()) / words.tolerance)
            if share < 1.0:
                break
        return share, worst

    def _examples(self) -> Examples:
        scale, words = self.scale, self._words
        outputs = words.targets * scale.output_size + scale.output_offset
        return Examples(words.inputs.float(), outputs.float(), scale.output_offset, scale.output_size)


def _tensor(values: np.ndarray, device: str) -> Tensor:
    """Return an array (count, length, width) as a tensor (length, count, width)."""
    return torch.tensor(np.ascontiguousarray(values.transpose(1, 0, 2)), device=device)
