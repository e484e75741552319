"""A recurrent network of somebody else's, whose answers are looked at before they are believed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mips.networks.network import Ints
from mips.networks.recurrent import AnswersWords, Recurrent, States, stepped

EXPECTED = "expected integers of shape ({count}, outputs), one row a word"


class RecurrentError(ValueError):
    """A network that is stepped does not keep to the protocol: what was found, what was expected and the cure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A network, asked through its three calls; its answers come as int64 (count, outputs) whatever integers it gives.

    An answer of shape (count,) is taken for one number a word. `answer` raises RecurrentError for numbers that are no
    integers, or of another shape than that, or than the first answers were; `start` and `step` pass on what they raise.
    """

    network: Recurrent
    _widths: dict[str, int] = field(default_factory=dict)

    def start(self, count: int) -> States:
        """Return the states before the first symbol of `count` words."""
        return self.network.start(count)

    def step(self, states: States, symbols: Ints) -> States:
        """Return the states after one more symbol of each word; symbols (count, width)."""
        return self.network.step(states, symbols)

    def answer(self, states: States) -> Ints:
        """Return the answers at these states (count, outputs)."""
        return self._looked_at(self.network.answer(states))

    def answer_words(self, words: Ints) -> Ints:
        """Return the answers (count, length, outputs) after every symbol of words (count, length, width)."""
        if not isinstance(self.network, AnswersWords) or not words.size:
            return stepped(self, words)
        found = self.network.answer_words(words)
        return self._looked_at(found.reshape(-1, *found.shape[2:])).reshape(*words.shape[:2], -1)

    def _looked_at(self, found: Any) -> Ints:
        if hasattr(found, "detach"):
            found = found.detach().cpu()
        array = np.asarray(found)
        if array.dtype.kind not in "iub":
            odd = array[~np.isfinite(array)] if array.dtype.kind == "f" else array
            example = f", such as {odd.flat[0]}" if odd.size else ""
            is_whole = array.dtype.kind == "f" and not odd.size
            cure = "write np.rint(...).astype(int)" if is_whole else "look at the weights"
            raise RecurrentError(
                f"found answers of type {array.dtype}{example}; {EXPECTED.format(count=len(array))}: {cure}"
            )
        if array.ndim == 1:
            array = array[:, None]
        width = self._widths.setdefault("outputs", array.shape[-1])
        if array.ndim != 2 or array.shape[1] != width or not width:
            raise RecurrentError(f"found answers of shape {array.shape}; expected (count, {width}), one row a word")
        return array.astype(np.int64)
