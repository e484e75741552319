"""One rung of the ladder: networks of one architecture are trained, the best of them are finished."""

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
from mips.training.architectures import Rung
from mips.training.optimizers import Examples, adam
from mips.training.population import SPREAD, Round, Words, errors_of_all, evolve, finish, first_length, right
from mips.training.recurrent import Architecture, RecurrentBatch, Scale

HELD_OUT = 20_000  # sequences of the data that no optimiser sees and that choose between networks
FIRST_LOOK = 500  # of them are looked at first
SPELT = 2000  # sequences in which the different letters are counted
LEAST_TRAINED = 256  # sequences that must remain for the optimisers
FINALISTS = 4  # networks of a rung that are finished
DISTANT = 0.4  # share of the tolerance below which the largest error of a perfect network is small enough
HOPEFUL = 0.97  # share of right answers from which a network is worth finishing
NEARLY = 0.9999  # right answers at the most that a look at few words can tell
MOST_FINISHED = 1500  # parameters; the normal equations of larger networks take too long
SETTLED = 0.4  # share of Adam's steps by which it must train on the full length, or the rung is given up
PROMISING = 0.9  # share of right answers from which a rung that repeats is tried again
REPEATED = 1 << 40  # more than any usual root seed times RUNGS: the distance between the seeds of such turns
SEEDS = 1 << 64  # torch takes no others
RUNGS = 100  # more than any ladder has: the distance between the seeds of two root seeds


@dataclass(slots=True)
class Way:
    """What has been seen on the way of one rung; `best` first holds nothing."""

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


class Climb:
    """The data of one task as scaled tensors, and what is done with them on a rung.

    Raises ValueError when there are too few sequences.
    """

    def __init__(self, data: Dataset, seed: int, device: str = "cpu") -> None:
        least = HELD_OUT + LEAST_TRAINED
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
        self._words = Words(inputs[:, HELD_OUT:], targets[:, HELD_OUT:], tolerance)
        self._held_out = Words(inputs[:, :HELD_OUT], targets[:, :HELD_OUT], tolerance)
        letters = data.inputs[:SPELT].reshape(-1, data.inputs.shape[2])
        self._letters = len(np.unique(letters, axis=0))

    def architecture(self, rung: Rung) -> Architecture:
        return Architecture(
            inputs=self._words.inputs.shape[2],
            outputs=self._words.targets.shape[2],
            hidden=rung.hidden,
            width=rung.width,
            cell_depth=rung.cell_depth,
            readout_depth=rung.readout_depth,
        )

    def up(
        self,
        rung: Rung,
        number: int,
        progress: Callable[[str], None],
        seen: Callable[[int, float], None] = lambda hidden, share: None,
    ) -> tuple[Network, Way]:
        """Return the best network of the rung, the `number`-th of the ladder, and the way to it.

        `seen` is told of networks on the way: their hidden size and about how many of their answers are right.
        """
        batch, seed = RecurrentBatch(self.architecture(rung)), self._seed * RUNGS + number
        way = Way(seen=partial(seen, self.architecture(rung).hidden))
        for turn in range(1 + rung.repeats):
            if turn and not PROMISING <= way.share < 1.0:
                break
            own = (seed + turn * REPEATED) % SEEDS
            if rung.schedule is None:
                rows = self._evolve(batch, rung, own, way, progress)
            else:
                rows = self._descend(batch, rung, own, way, progress)
            if batch.architecture.parameters <= MOST_FINISHED:
                self._finish(batch, rows, own, way, progress)
        if way.share == 1.0:
            way.why = "no wrong answer"
        assert way.row is not None
        return batch.network(way.row.cpu(), self.scale), way

    def _evolve(
        self, batch: RecurrentBatch, rung: Rung, seed: int, way: Way, progress: Callable[[str], None]
    ) -> Tensor:
        integrators = rung.networks if rung.integrators else 0
        rows = batch.initial(rung.networks, seed, torch.float64, spread=SPREAD, integrators=integrators)
        rows = rows.to(self._device)
        length = first_length(self._letters, self._words.inputs.shape[0], rows.shape[1])
        state: Round | None = None
        before = way.steps
        for state in evolve(batch, self._words, rows, survivors=rung.survivors, length=length, seed=seed):
            way.note(before + state.steps, state.length, state.loss)
            way.seen(min(float(state.shares[0]), NEARLY))
            progress(f"{len(state.rows)} networks, length {state.length}, {state.shares[0]:.2%} right")
        assert state is not None
        way.offer(state.rows[0], *self._quality(batch, state.rows[0]))
        way.why = "few wrong answers" if state.shares[0] == 1.0 else "no progress"
        return state.rows[state.shares >= HOPEFUL]

    def _descend(
        self, batch: RecurrentBatch, rung: Rung, seed: int, way: Way, progress: Callable[[str], None]
    ) -> Tensor:
        assert rung.schedule is not None
        examples = self._examples()
        full = examples.inputs.shape[0]
        rows = batch.initial(rung.networks, seed).to(self._device)
        way.why = "all steps taken"
        for state in adam(batch, examples, rows, rung.schedule, seed):
            rows = state.rows
            way.note(state.step, state.length, state.loss)
            if state.step % 1000 == 0:
                progress(f"step {state.step}, length {state.length}, loss {state.loss:.2g}")
            if state.length == full and state.step % 100 == 0:
                exact = rows.double()
                shares = right(batch, exact, self._held_out, slice(0, FIRST_LOOK))
                way.seen(min(float(shares.max()), NEARLY))
                perfect = exact[shares == 1.0]
                if any(way.offer(row, *self._quality(batch, row)) for row in perfect):
                    assert way.row is not None
                    return way.row[None]
            elif state.length < full and state.step > SETTLED * rung.schedule.steps:
                way.why = "never learnt the full length"
                break
        rows = rows.double()
        shares = right(batch, rows, self._held_out, slice(0, FIRST_LOOK))
        rows = rows[shares.argsort(descending=True, stable=True)[:FINALISTS]]
        for row in rows:
            way.offer(row, *self._quality(batch, row))
        return rows

    def _finish(
        self, batch: RecurrentBatch, rows: Tensor, seed: int, way: Way, progress: Callable[[str], None]
    ) -> None:
        """Offer the rows worth it after Levenberg-Marquardt steps on the words that they find hardest.

        Ends with the first one that is perfect with some distance.
        """
        for row in rows[:FINALISTS]:
            if way.share == 1.0 and way.error < DISTANT:
                return
            if float(right(batch, row[None], self._held_out, slice(0, FIRST_LOOK))) < HOPEFUL:
                continue
            before, finished = way.steps, row
            for state in finish(batch, self._words, row, seed=seed):
                finished = state.rows[0]
                way.note(before + state.steps, state.length, state.loss)
                progress(f"finishing, {state.shares[0]:.4%} of the words right")
            way.offer(finished, *self._quality(batch, finished))

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
