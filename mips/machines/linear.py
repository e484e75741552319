"""Linear machines: recurrences over the integers, and the range in which floats hold integers exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
LARGEST_EXACT = 2.0**53  # from here on a float64 no longer tells neighbouring integers apart


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinearMachine:
    """y(t) = sum_i feedback[i] @ y(t-1-i) + sum_j feedforward[j] @ x(t-j) + constant, everything zero before the start.

    All are integers: `feedback` is (lags, outputs, outputs), `feedforward` (lags + 1, outputs, inputs), `constant`
    (outputs,).
    """

    feedback: Ints
    feedforward: Ints
    constant: Ints

    def markov(self, length: int) -> tuple[Ints, Ints]:
        """Return the impulse responses (length, outputs, inputs) and the response to zero input (length, outputs)."""
        outputs, inputs = self.feedforward.shape[1:]
        impulse = np.zeros((length, outputs, inputs), dtype=np.int64)
        resting = np.zeros((length, outputs), dtype=np.int64)
        for t in range(length):
            impulse[t] = self.feedforward[t] if t < len(self.feedforward) else 0
            resting[t] = self.constant
            for lag, matrix in enumerate(self.feedback[:t], start=1):
                impulse[t] += matrix @ impulse[t - lag]
                resting[t] += matrix @ resting[t - lag]
        return impulse, resting
