"""What a network does on words, and how often formulas contradict it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
