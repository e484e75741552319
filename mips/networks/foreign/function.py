"""Python functions on whole words as networks; each word is asked for once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mips.networks.foreign.adapter import TRIED_LENGTH, trial_words
from mips.networks.foreign.errors import said, wrong
from mips.networks.foreign.whole_words import empty_words, longer
from mips.networks.network import Ints
from mips.networks.recurrent import stepped
from mips.tasks.alphabets import Alphabet, symbol_of
from mips.tasks.arguments import kind_of
from mips.tasks.cures import told

EACH, END = "each", "end"
MOST_KEPT = 1 << 20  # answers that are remembered: some hundred MiB
CHECKED_WORDS = 16  # on which it is asked whether a function looks ahead


def from_function(
    function: Callable[[list[Any]], Any],
    *,
    answers: str = EACH,
    end: Any = None,
    inputs: Alphabet | None = None,
) -> FunctionNetwork:
    """Return a function of whole words as a network that `mips.distil` takes.

    The function gets a word, a list of symbols: ints, names, or tuples of these, as the alphabet has them. With
    `answers="each"` it returns a list with one answer for each symbol, each an int or a tuple of ints, and must be
    causal. With `answers="end"` it returns one answer, to the whole word; the network then answers after every symbol
    what the function says of the word so far. `end`, where given, is put after every word before the function gets it.
    Equal words are asked for once. `inputs` may be given here or to `distil`.

    Raises TypeError for what is no function, ValueError for another value of `answers`, and ForeignNetworkError, once
    the alphabet is known, where it looks ahead, raises, or answers anything else.
    """
    if not callable(function) or isinstance(function, type):
        raise TypeError(f"found {kind_of(function)} in the place of the function; expected one of a list of symbols")
    if answers not in (EACH, END):
        raise ValueError(f"found answers={told(answers)}; expected 'each' or 'end'")
    network = FunctionNetwork(function=function, answers=answers, end=end)
    return network if inputs is None else network.for_inputs(inputs, TRIED_LENGTH)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FunctionNetwork:
    """A function that is asked about the word so far; states are words (count, length, width) as numbers."""

    function: Callable[[list[Any]], Any]
    answers: str
    end: Any
    inputs: Alphabet | None = None
    _known: dict[bytes, tuple[int, ...]] = field(default_factory=dict)
    _spelled: dict[tuple[int, ...], Any] = field(default_factory=dict)

    def start(self, count: int) -> Ints:
        """Return empty words."""
        return empty_words(count)

    def step(self, states: Ints, symbols: Ints) -> Ints:
        """Return the words with one symbol more."""
        return longer(states, symbols)

    def answer(self, states: Ints) -> Ints:
        """Return the function's answers (count, n) to the words so far."""
        return np.array([self._answer(word) for word in np.ascontiguousarray(states, dtype=np.int64)], dtype=np.int64)

    def answer_words(self, words: Ints) -> Ints:
        """Return the answers (count, length, n) after every symbol of words (count, length, width).

        A function that answers to each symbol is called once a word.
        """
        if self.answers == END or not words.size:
            return stepped(self, words)
        return np.array([self._answers(word) for word in words], dtype=np.int64)

    def for_inputs(self, inputs: Alphabet, length: int) -> FunctionNetwork:
        """Return the network for words of an alphabet, once a few were asked. Raises ForeignNetworkError."""
        network = replace(self, inputs=inputs, _known={}, _spelled={})
        words = trial_words(inputs, min(length, TRIED_LENGTH))[:CHECKED_WORDS]
        for word in words:
            given = network._word(word)
            whole = network._asked(given)
            sizes = {len(network._answer(word[: t + 1])) for t in range(len(word))}
            if len(sizes) > 1:
                raise wrong(f"answers of {sorted(sizes)} numbers", "equally many always")
            for t in range(len(word) if self.answers == EACH else 0):
                begun, same = network._asked(given[: t + 1]), whole[: t + 1]
                if begun != same:
                    at = next(i for i, pair in enumerate(zip(begun, same, strict=True)) if pair[0] != pair[1])
                    raise wrong(
                        f"an answer to symbol {at + 1} of the word {given} that is {told(begun[at])} on its first "
                        f"{t + 1} symbols and {told(same[at])} on the whole word",
                        "a causal function, which does not look ahead",
                        "distil what it says at the end of a word: answers='end'",
                    )
        return network

    def _answer(self, word: Ints) -> tuple[int, ...]:
        """Return the answer to a word (length, width), which is kept."""
        key = word.tobytes()
        if key not in self._known:
            given = self._word(word)
            found = self._asked(given)
            self._keep({key: _plain(found[-1] if self.answers == EACH else found, given)})
        return self._known[key]

    def _answers(self, word: Ints) -> list[tuple[int, ...]]:
        """Return the answers after every symbol of a word (length, width), which are kept."""
        keys = [word[: t + 1].tobytes() for t in range(len(word))]
        if any(key not in self._known for key in keys):
            given = self._word(word)
            self._keep({key: _plain(answer, given) for key, answer in zip(keys, self._asked(given), strict=True)})
        return [self._known[key] for key in keys]

    def _keep(self, found: dict[bytes, tuple[int, ...]]) -> None:
        if len(self._known) + len(found) > MOST_KEPT:
            self._known.clear()
        self._known.update(found)

    def _word(self, word: Ints) -> list[Any]:
        if self.inputs is None:
            return [row[0] if len(row) == 1 else tuple(row) for row in word.tolist()]
        rows = [tuple(row) for row in word.tolist()]
        for row in {*rows} - self._spelled.keys():
            self._spelled[row] = symbol_of(self.inputs, row)
        return [self._spelled[row] for row in rows]

    def _asked(self, word: Sequence[Any]) -> Any:
        given = [*word] if self.end is None else [*word, self.end]
        try:
            found = self.function(given)
        except Exception as error:
            raise wrong(f"a function that raised {said(error)} on the word {told(list(word))}", "an answer") from error
        if self.answers == END:
            return found
        if hasattr(found, "tolist"):
            found = found.tolist()
        if not isinstance(found, list | tuple) or len(found) < len(word):
            raise wrong(
                f"the answer {told(found)} to the word {told(list(word))}",
                f"a list of {len(word)} answers",
                "one answer at the end of a word is answers='end'",
            )
        return list(found[: len(word)])


def _plain(answer: Any, word: list[Any]) -> tuple[int, ...]:
    """Return an answer as ints."""
    if hasattr(answer, "tolist"):
        answer = answer.tolist()
    values = answer if isinstance(answer, tuple | list) else (answer,)
    if not values or not all(isinstance(value, int) for value in values):
        whole = "round it" if all(isinstance(value, float) for value in values) else "number the answers"
        raise wrong(f"the answer {told(answer)} to the word {told(word)}", "an int, or a tuple of ints", whole)
    return tuple(map(int, values))
