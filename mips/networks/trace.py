"""The hidden states that a network visits on words: as floats, and as integers where they lie on a lattice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mips.networks.network import Floats, Ints, Network
from mips.outcome import StageFailure


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """Hidden states (count, length + 1, hidden), h(0) first, and outputs (count, length, outputs) on the words
    (count, length, width)."""

    words: Ints
    hidden: Floats
    outputs: Ints

    def points(self) -> Floats:
        """Return every visit of every word (count * (length + 1), hidden)."""
        return self.hidden.reshape(-1, self.hidden.shape[2])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class IntegerTrace:
    """A trace with codes (count, length + 1, rank) in place of the hidden states."""

    words: Ints
    codes: Ints
    outputs: Ints


def trace(network: Network, words: Ints) -> Trace:
    """Return the states that `network` visits on `words` (count, length, width), all time steps.

    Raises StageFailure("extracted") when there is nothing to visit or a state is not finite.
    """
    if words.ndim != 3 or not words.size or words.shape[2] != network.input_width:
        raise StageFailure(
            "extracted", f"words of shape {words.shape}; expected (count, length, {network.input_width})"
        )
    hidden = [network.start(len(words))]
    for t in range(words.shape[1]):
        hidden.append(network.step(hidden[-1], words[:, t]))
    for t, states in enumerate(hidden):
        if not np.isfinite(states).all():
            raise StageFailure("extracted", f"a hidden state after {t} steps is not finite")
    outputs = np.stack([network.answer(states) for states in hidden[1:]], axis=1)
    return Trace(words=words, hidden=np.stack(hidden, axis=1), outputs=outputs)
