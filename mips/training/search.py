"""The search for a network without a wrong answer: closed form first, then one plan of training after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from mips.networks.network import Ints, Network
from mips.networks.recurrent import Recurrent, run
from mips.tasks.dataset import Dataset
from mips.training.architectures import PLANS, Plan
from mips.training.budget import BUDGET, TrainingBudget
from mips.training.identification import identify_linear
from mips.training.one_architecture import ArchitectureTrainer

CHUNK = 2000  # sequences that a network answers at once when it is measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The result of one plan: method, architecture in words, steps and seconds, the best share of right outputs.

    `seconds` are core seconds. `curve` is the course of the loss: (step, length of the sequences, loss). Adam's loss is
    the mean of ½·log(1 + error²), the other the mean squared error in units of the outputs' standard deviation.
    """

    method: str
    architecture: str
    steps: int
    seconds: float
    accuracy: float
    why_stopped: str
    curve: tuple[tuple[int, int, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """The first fresh sequence that a network gets wrong: inputs, true and given outputs, each (length, width).

    Numbers, or the names that they stand for.
    """

    inputs: tuple[tuple[int | str, ...], ...]
    expected: tuple[tuple[int | str, ...], ...]
    actual: tuple[tuple[int | str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The first network without a wrong held-out answer, or else the best one seen, and what was tried.

    `accuracy` is the share of right outputs (all numbers of one time step together) on the fresh sequences, and
    `mistake` is the first of those sequences that the network gets wrong, None if there is none. `seconds` are the core
    seconds of all that, the check on the fresh sequences included.
    """

    network: Network
    accuracy: float
    mistake: Mistake | None
    seconds: float
    trail: tuple[Trial, ...]


def train(
    data: Dataset,
    fresh: Dataset,
    *,
    seed: int,
    progress: Callable[[str], None] = lambda line: None,
    device: str = "cpu",
    seen: Callable[[int, float], None] = lambda hidden, share: None,
    plans: Sequence[Plan] = PLANS,
    budget: TrainingBudget = BUDGET,
) -> Trained:
    """Return a network trained on `data`, checked on `fresh`, which no optimiser sees and which chooses nothing.

    A linear recurrence is tried first, in closed form; then the `plans` one by one, until a network makes no
    mistake on the held-out part of `data`. `device` names where torch computes, e.g. `cuda`. `seen` gets the hidden
    size of a network and about its share of right answers whenever this share is larger than all before. Raises
    ValueError when `data` holds too few sequences.
    """
    first = began = time.process_time()
    trail: list[Trial] = []
    best: tuple[float, Network] | None = None
    most = _Most(seen)
    linear = identify_linear(data.inputs[: budget.closed_form_words], data.outputs[: budget.closed_form_words])
    if linear is not None:
        share = accuracy(linear, data)
        trail.append(
            Trial(
                method="closed form",
                architecture=f"linear, hidden {linear.hidden_size}",
                steps=0,
                seconds=time.process_time() - began,
                accuracy=share,
                why_stopped="no wrong answer" if share == 1.0 else "wrong answers",
            )
        )
        best = (share, linear)
        most.tell(linear.hidden_size, share)
    if best is None or best[0] < 1.0:
        trainer = ArchitectureTrainer(data, seed, device, budget)
        for plan in plans:
            if best is not None and best[0] >= plan.needless_from:
                continue
            began, name = time.process_time(), f"{plan.method}, {trainer.architecture(plan)}"
            progress(name)
            network, log = trainer.train(plan, plan.stream, partial(_prefixed, progress, name), most.tell)
            trail.append(
                Trial(
                    method=plan.method,
                    architecture=str(trainer.architecture(plan)),
                    steps=log.steps,
                    seconds=time.process_time() - began,
                    accuracy=log.share,
                    why_stopped=log.why,
                    curve=tuple(log.curve),
                )
            )
            if best is None or log.share > best[0]:
                best = (log.share, network)
    assert best is not None
    share, mistake = measure(best[1], fresh)
    seconds = time.process_time() - first
    return Trained(network=best[1], accuracy=share, mistake=mistake, seconds=seconds, trail=tuple(trail))


def accuracy(network: Recurrent, data: Dataset) -> float:
    """Return the share of time steps of `data` at which every output of the network is right."""
    return measure(network, data)[0]


def measure(network: Recurrent, data: Dataset) -> tuple[float, Mistake | None]:
    """Return the share of right time steps of `data` and the first sequence that the network gets wrong."""
    right_steps, mistake = 0, None
    for begin in range(0, len(data.inputs), CHUNK):
        inputs, outputs = data.inputs[begin : begin + CHUNK], data.outputs[begin : begin + CHUNK]
        actual = run(network, inputs)
        good = (actual == outputs).all(axis=2)
        right_steps += int(good.sum())
        if mistake is None and not good.all():
            first = int(np.flatnonzero(~good.all(axis=1))[0])
            mistake = Mistake(
                inputs=_tuples(inputs[first]), expected=_tuples(outputs[first]), actual=_tuples(actual[first])
            )
    return right_steps / max(1, data.inputs.shape[0] * data.inputs.shape[1]), mistake


class _Most:
    """Hands on only what is better than all before."""

    def __init__(self, seen: Callable[[int, float], None]) -> None:
        self._seen, self._share = seen, 0.0

    def tell(self, hidden: int, share: float) -> None:
        if share > self._share:
            self._share = share
            self._seen(hidden, share)


def _prefixed(progress: Callable[[str], None], name: str, line: str) -> None:
    progress(f"{name}: {line}")


def _tuples(word: Ints) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(symbol) for symbol in word.tolist())
