"""What a network does on words, and how often formulas contradict it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mips.machines.mealy import MealyMachine
from mips.symbolic.terms.formulas import Formulas


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Behaviour:
    """What a network does: its rounded outputs (count, length, outputs) on words (count, length, width).

    `checks` are further words, on which a formula is held against the network before it is believed. `answers` (count,
    length, probes) are what it would answer to each of some symbols after 0, 1, ... symbols of the words.
    """

    words: NDArray[np.int64]
    outputs: NDArray[np.int64]
    check_words: NDArray[np.int64]
    check_outputs: NDArray[np.int64]
    answers: NDArray[np.int64] | None = None

    @property
    def width(self) -> int:
        return int(self.words.shape[2])


def contradicted(formulas: Formulas, behaviour: Behaviour) -> list[NDArray[np.bool_]]:
    """Return at which time steps (count, length) of both sets of words formulas and network differ."""
    return [
        (formulas.run(words) != outputs).any(axis=2)
        for words, outputs in ((behaviour.words, behaviour.outputs), (behaviour.check_words, behaviour.check_outputs))
    ]


def disagreement(formulas: Formulas, behaviour: Behaviour) -> float:
    """Return the share of time steps, the larger of both sets of words, at which formulas and network differ."""
    try:
        return max(float(part.mean()) for part in contradicted(formulas, behaviour))
    except ZeroDivisionError:
        return 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Overruled:
    """How many of the observed answers formulas contradict, of how many."""

    answers: int
    of: int

    def to_json(self) -> dict[str, int]:
        return {"answers": self.answers, "of": self.of}


def overruled(formulas: Formulas, behaviour: Behaviour) -> Overruled:
    """Return how many answers of the network, on all observed words, the formulas contradict."""
    wrong = contradicted(formulas, behaviour)
    return Overruled(answers=int(sum(part.sum() for part in wrong)), of=sum(part.size for part in wrong))


def constants_of(behaviour: Behaviour, machine: MealyMachine | None) -> list[int]:
    """Return the constants formulas may use: small ones, the ends of the ranges, the number of states."""
    low, high = int(behaviour.words.min()), int(behaviour.words.max())
    constants = [0, 1, 2, high, high + 1]
    if low < 0:
        constants.append(low)
    if machine is not None:
        constants.append(machine.size)
    if len(np.unique(behaviour.outputs)) <= len(behaviour.outputs[0]) * 4:
        constants += [int(behaviour.outputs.max()), int(behaviour.outputs.max()) + 1]
    return list(dict.fromkeys(constants))


def some_words(behaviour: Behaviour, transitions: int) -> NDArray[np.int64]:
    """Return the numbers of some of the words, whose prefix tree has about so many transitions."""
    count = max(1, transitions // behaviour.words.shape[1])
    return np.random.default_rng(0).permutation(len(behaviour.words))[:count]
