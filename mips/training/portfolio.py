"""The search for a network without a wrong answer: architectures from small to large, several seeds of each at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mips.dataset import Dataset
from mips.network import Ints, Network
from mips.training.identification import identify_linear
from mips.training.optimizers import Examples, Progress, Schedule, adam, polish
from mips.training.recurrent import Architecture, RecurrentBatch, Scale

IDENTIFIED_ON = 2000  # sequences for the closed form, many times its unknowns
POLISHED_ON = 256  # sequences an L-BFGS step looks at
POLISHED_NETWORKS = 3  # of the networks of a rung, the most accurate ones
HOPEFUL = 0.8  # share of right answers below which the polish of the best network speaks for the others too
ALMOST = 0.999  # share of right answers from which a second, longer polish is worth its time
HELD_OUT = 5000  # sequences of the data that no optimiser sees and that choose between networks
GLANCE = 500  # of them are looked at first
SETTLED = 0.4  # share of a rung's steps by which it must train on the full length, or it is given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One architecture of the ladder, how Adam trains it, and how many L-BFGS iterations finish the best of it.

    It is left out when a network below it reached the accuracy `needless_from`.
    """

    hidden: int
    width: int
    cell_depth: int
    readout_depth: int = 2
    schedule: Schedule
    polish: int = 0
    needless_from: float = 1.0


RUNGS = 100  # more than any ladder has: the distance between the seeds of two root seeds
SHORT = Schedule(steps=600, batch=128, rate=1e-2, networks=8)
LONGER = Schedule(steps=1000, batch=128, rate=1e-2, networks=8)
BROAD = Schedule(steps=1500, batch=256, rate=3e-3, networks=4)
LADDER = (
    Rung(hidden=1, width=8, cell_depth=2, schedule=SHORT, polish=400),
    Rung(hidden=2, width=16, cell_depth=2, schedule=SHORT, polish=400),
    Rung(hidden=2, width=32, cell_depth=2, schedule=LONGER, polish=800),
    Rung(hidden=4, width=32, cell_depth=2, schedule=BROAD, polish=800),
    Rung(hidden=32, width=64, cell_depth=3, schedule=Schedule(steps=6000, batch=128, rate=2e-3, networks=4)),
    Rung(
        hidden=32,
        width=128,
        cell_depth=3,
        schedule=Schedule(steps=9000, batch=128, rate=1e-3, networks=3),
        needless_from=0.998,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of one rung: its architecture in words, the steps taken, the best share of right outputs."""

    architecture: str
    steps: int
    accuracy: float
    why_stopped: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The first network without a wrong held-out answer, or else the best one seen, and the way there.

    `accuracy` is the share of right outputs (all numbers of one time step together) on the fresh sequences.
    """

    network: Network
    accuracy: float
    trail: tuple[Trial, ...]


def train(data: Dataset, fresh: Dataset, *, seed: int, progress: Callable[[str], None] = lambda line: None) -> Trained:
    """Return a network trained on `data`, checked on `fresh`, which no optimiser sees and which chooses nothing.

    A linear recurrence is tried first, in closed form; then the ladder is climbed until a network makes no mistake on
    the held-out part of `data`.
    """
    trail: list[Trial] = []
    best: tuple[float, Network] | None = None
    linear = identify_linear(data.inputs[:IDENTIFIED_ON], data.outputs[:IDENTIFIED_ON])
    if linear is not None:
        share = accuracy(linear, data)
        trail.append(
            Trial(
                architecture=f"linear, hidden {linear.hidden_size}", steps=0, accuracy=share, why_stopped="closed form"
            )
        )
        if share == 1.0:
            return Trained(network=linear, accuracy=accuracy(linear, fresh), trail=tuple(trail))
        best = (share, linear)
    if len(data.inputs) < HELD_OUT + POLISHED_ON:
        raise ValueError(f"{len(data.inputs)} words of training data; expected at least {HELD_OUT + POLISHED_ON}")
    search = _Search(data, seed)
    for number, rung in enumerate(LADDER):
        if best is not None and best[0] >= rung.needless_from:
            break
        progress(str(search.architecture(rung)))
        network, trial = search.climb(rung, number, progress)
        trail.append(trial)
        if best is None or trial.accuracy > best[0]:
            best = (trial.accuracy, network)
    assert best is not None
    return Trained(network=best[1], accuracy=accuracy(best[1], fresh), trail=tuple(trail))


def accuracy(network: Network, data: Dataset) -> float:
    """Return the share of time steps of `data` at which every output of the network is right."""
    return float((network.run(data.inputs) == data.outputs).all(axis=2).mean())


class _Search:
    """The data as tensors, scaled once, and the climb of one rung."""

    def __init__(self, data: Dataset, seed: int) -> None:
        self.seed = seed
        self.held_out = Dataset(inputs=data.inputs[:HELD_OUT], outputs=data.outputs[:HELD_OUT])
        low, high = data.inputs.min(), data.inputs.max()
        self.scale = Scale(
            input_offset=float(low + high) / 2,
            input_size=max(float(high - low) / 2, 0.5),
            output_offset=float(data.outputs.mean()),
            output_size=max(float(data.outputs.std()), 0.5),
        )
        self.inputs = self._scaled(data.inputs)
        self.outputs = torch.tensor(data.outputs.transpose(1, 0, 2).astype(np.float64))

    def architecture(self, rung: Rung) -> Architecture:
        return Architecture(
            inputs=self.inputs.shape[2],
            outputs=self.outputs.shape[2],
            hidden=rung.hidden,
            width=rung.width,
            cell_depth=rung.cell_depth,
            readout_depth=rung.readout_depth,
        )

    def climb(self, rung: Rung, number: int, progress: Callable[[str], None]) -> tuple[Network, Trial]:
        architecture = self.architecture(rung)
        batch = RecurrentBatch(architecture)
        examples = self._examples(slice(HELD_OUT, None), torch.float32)
        last: Progress | None = None
        why = "all steps taken"
        for state in adam(batch, examples, rung.schedule, self.seed * RUNGS + number):
            last = state
            if state.step % 1000 == 0:
                progress(f"{architecture}, step {state.step}, length {state.length}, loss {state.loss:.2g}")
            if state.length == examples.inputs.shape[0] and state.step % 100 == 0:
                glance = self._scores(batch, state.rows, GLANCE)
                if glance.max() == 1.0 and self._scores(batch, state.rows[glance == 1.0], HELD_OUT).max() == 1.0:
                    why = "no wrong answer"
                    break
            elif state.length < examples.inputs.shape[0] and state.step > SETTLED * rung.schedule.steps:
                why = "never learnt the full length"
                break
        assert last is not None
        scores = self._scores(batch, last.rows, HELD_OUT)
        chosen, score = last.rows[int(scores.argmax())], float(scores.max())
        if score < 1.0 and rung.polish:
            for index in scores.argsort(descending=True)[:POLISHED_NETWORKS]:
                row = self._polished(batch, last.rows[index], rung.polish)
                polished = float(self._scores(batch, row[None], HELD_OUT)[0])
                if polished > score:
                    chosen, score = row, polished
                if score == 1.0:
                    why = "no wrong answer after polishing"
                if score == 1.0 or polished < HOPEFUL:
                    break
        network = batch.network(chosen, self.scale)
        exact = accuracy(network, self.held_out)
        return network, Trial(architecture=str(architecture), steps=last.step, accuracy=exact, why_stopped=why)

    def _polished(self, batch: RecurrentBatch, row: Tensor, iterations: int) -> Tensor:
        """Return the row after L-BFGS on few words, and, if that all but settles it, on more of them."""
        for words, goal in ((POLISHED_ON, 0.0), (4 * POLISHED_ON, ALMOST)):
            score = float(self._scores(batch, row[None], GLANCE)[0])
            if goal <= score < 1.0 or not goal:
                row = polish(batch, self._examples(slice(HELD_OUT, HELD_OUT + words), torch.float64), row, iterations)
        return row

    def _scores(self, batch: RecurrentBatch, rows: Tensor, count: int) -> Tensor:
        """Return for each network the share of time steps without an error, of so many held-out words (networks,)."""
        examples = self._examples(slice(0, count), rows.dtype)
        scaled, _ = batch.forward(rows, examples.inputs)
        return (examples.error(scaled, examples.outputs).abs() < 0.5).all(-1).double().mean((1, 2))

    def _scaled(self, inputs: Ints) -> Tensor:
        values = (inputs.transpose(1, 0, 2) - self.scale.input_offset) / self.scale.input_size
        return torch.tensor(np.ascontiguousarray(values))

    def _examples(self, part: slice, dtype: torch.dtype) -> Examples:
        return Examples(
            self.inputs[:, part].to(dtype),
            self.outputs[:, part].to(dtype),
            self.scale.output_offset,
            self.scale.output_size,
        )
