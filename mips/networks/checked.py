"""A recurrent network of somebody else's: its answers are looked at, and words that it refuses are not asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mips.networks.network import Ints
from mips.networks.recurrent import AnswersWords, Recurrent, States, stepped, take

REFUSED = -1  # the answer to a word that the network refuses, which is no place among names
EXPECTED = "expected integers of shape ({count}, outputs), one row a word"


class RecurrentError(ValueError):
    """A network that is stepped does not keep to the protocol: what was found, what was expected and the cure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A network, asked through its three calls; its answers come as int64 (count, outputs) whatever integers it gives.

    An answer of shape (count,) is taken for one number a word. `answer` raises RecurrentError for numbers that are no
    integers, or of another shape than that, or than the first answers were, and where `names` are given, for one that
    is the place of none of them; `start` and `step` pass on what they raise.
    """

    network: Recurrent
    names: tuple[str, ...] = ()
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
        array = array.astype(np.int64)
        if self.names and array.size and not (array.min() >= 0 and array.max() < len(self.names)):
            odd = array[(array < 0) | (array >= len(self.names))].flat[0]
            raise RecurrentError(
                f"found the answer {odd}; expected 0 to {len(self.names) - 1}, the places of the outputs' names "
                f"{', '.join(self.names)}: name every answer, or look at decode="
            )
        return array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Admitting:
    """A network that predicts what may follow, asked for no word beyond the first symbol that it refuses.

    `symbols` (symbols, width) are all symbols. `admits` maps answers (count, outputs) to which symbols may follow
    (count, symbols), or is None where the answers are this themselves: 1 for each symbol that may follow, then perhaps
    more numbers. Any symbol may come first. The answer to a refused word is 0 in every number where `admits` is None:
    nothing may follow; else it is REFUSED in every number.
    """

    network: Recurrent
    symbols: Ints
    admits: Callable[[Ints], Any] | None = None

    def start(self, count: int) -> States:
        """Return the states before the first symbol: those of the network, which words are admitted, which symbols may
        follow, and the answers, of which there are none yet."""
        every = np.ones((count, len(self.symbols)), dtype=bool)
        return self.network.start(count), every[:, 0], every, np.zeros((count, 0), dtype=np.int64)

    def step(self, states: States, symbols: Ints) -> States:
        """Return the states after one more symbol of each word; a refused word stands still."""
        inner, admitted, may_follow, answers = states
        places = (symbols[:, None] == self.symbols).all(axis=2).argmax(axis=1)
        admitted = admitted & may_follow[np.arange(len(places)), places]
        if not admitted.any():
            return inner, admitted, may_follow, answers
        rows = np.where(admitted, np.arange(len(places)), admitted.argmax())  # a word that is admitted, for the refused
        inner = self.network.step(take(inner, rows), symbols[rows])
        answers = self.network.answer(inner)
        return inner, admitted, self._may_follow(answers), answers

    def answer(self, states: States) -> Ints:
        """Return the answers (count, outputs)."""
        inner, admitted, _, answers = states
        if not answers.shape[1]:
            return self.network.answer(inner)
        return np.where(admitted[:, None], answers, REFUSED if self.admits else 0)

    def words(self, count: int, length: int, rng: np.random.Generator) -> Ints:
        """Return random words (count, length) of symbol numbers: each is one of those that may follow, if any."""
        states, found = self.start(count), []
        for _ in range(length):
            chances = rng.random((count, len(self.symbols)))
            found.append((chances + states[2]).argmax(axis=1))
            states = self.step(states, self.symbols[found[-1]])
        return np.stack(found, axis=1)

    def _may_follow(self, answers: Ints) -> Ints:
        """Return which symbols may follow (count, symbols); raise RecurrentError where that is not what comes."""
        count, size = len(answers), len(self.symbols)
        found = np.asarray(answers[:, :size] if self.admits is None else self.admits(answers))
        if found.shape != (count, size) or found.dtype.kind not in "bi" or not np.isin(found, (0, 1)).all():
            what = "answers" if self.admits is None else "what admits= returned,"
            raise RecurrentError(
                f"found {what} of shape {found.shape} and type {found.dtype}; expected yes or no (1 or 0) for each of "
                f"the {size} symbols, ({count}, {size}): decode='threshold', or a function of the answers for admits="
            )
        return found.astype(bool)
