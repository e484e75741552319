"""How faithful a program is to the network that it was distilled from: agreement by the length of the words.

The network may be wrong where the program is right. Without a reference nobody can say which of them is, so only
disagreement is counted.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mips.extraction.words import planned_words
from mips.networks.checked import Admitting
from mips.networks.drawn_words import drawn_symbols
from mips.networks.foreign.errors import ForeignNetworkError
from mips.networks.network import Ints
from mips.networks.recurrent import Recurrent, run
from mips.tasks.alphabets import Alphabet, Named, Symbols, all_numbers, symbol_of

STRETCH = 5  # times `length` is the longest word, as long as those that the judge searches
WORDS = 200  # random ones; the interval of 200 words that all agree begins at 0.981
PLANNED = 100  # words of each kind of blocks: together about as many as the random ones
FEW_SYMBOLS = 16  # of a larger alphabet so many stand in blocks: few pairs of more would be met
MOST_WORDS = 5_000  # up to here all words of a length are tried, a fraction of a second for a network of small size
NORMAL_95 = 1.959964  # standard deviations around the mean that hold 95 % of a normal distribution
BAR = 40  # characters of a full bar in the text
LINES = 12  # of the table, at most


@dataclass(frozen=True, slots=True)
class Following:
    """Names for answers that are 1 for each of the symbols that may follow: the tuple of these."""

    symbols: tuple[Named, ...]

    def __str__(self) -> str:
        """Return what a page says of such answers."""
        return "the symbols that may follow"


Naming = Symbols | Following | None


def output_of(answer: Sequence[int], outputs: Naming) -> Any:
    """Return an answer of a network as a program gives it: an int, a tuple of ints, a name, or symbols that may follow.

    It is None where it is no place among the names: the word was refused.
    """
    if isinstance(outputs, Following):
        return tuple(symbol for symbol, may in zip(outputs.symbols, answer, strict=False) if may)
    if outputs is not None:
        return outputs.names[answer[0]] if 0 <= answer[0] < len(outputs.names) else None
    return answer[0] if len(answer) == 1 else tuple(answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A network, the alphabet and length of the words that it was distilled on, and the seed that chose them."""

    network: Recurrent
    inputs: Alphabet
    length: int
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """On how many of the words of a length network and program agree in every answer.

    `is_all` says that these are all words of that length. Else they are random, and `interval` is the 95 % interval of
    Wilson (1927) for the share among all of them.
    """

    length: int
    words: int
    agreeing: int
    is_all: bool

    @property
    def share(self) -> float:
        """The share of words that agree, from 0 to 1."""
        return self.agreeing / self.words

    @property
    def interval(self) -> tuple[float, float]:
        """The lower and upper end of the 95 % interval; both are the share itself where all words were tried."""
        if self.is_all:
            return self.share, self.share
        square = NORMAL_95**2 / self.words
        middle = (self.share + square / 2) / (1 + square)
        half = math.sqrt(square * (self.share * (1 - self.share) + square / 4)) / (1 + square)
        return max(0.0, min(middle - half, self.share)), min(1.0, max(middle + half, self.share))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A word on which network and program differ, at its last symbol. `program` is a text where it raised an error."""

    word: tuple[Any, ...]
    network: Any
    program: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidelity:
    """How a program agrees with its network: `by_length` for every length from 1 on.

    All words up to `exhaustive` symbols were tried; 0 where already the symbols are too many. `difference` is the
    shortest word found on which both differ, or None. It is the shortest one of all if it has no more symbols than
    `exhaustive`.
    """

    by_length: tuple[Agreement, ...]
    exhaustive: int
    difference: Difference | None
    only_admitted: bool = False

    def to_json(self) -> str:
        """Return all counts as JSON text: for each length words, agreeing words and the interval; the difference."""
        lengths = [
            {
                "length": each.length,
                "words": each.words,
                "agreeing": each.agreeing,
                "all_words": each.is_all,
                "interval": [*each.interval],
            }
            for each in self.by_length
        ]
        shown = self.difference
        difference = shown and {"word": shown.word, "network": shown.network, "program": shown.program}
        return json.dumps({"by_length": lengths, "exhaustive": self.exhaustive, "difference": difference})

    def __str__(self) -> str:
        """Return a table for the terminal: some lengths, the share of words that agree, the interval, and a bar."""
        places = np.unique(np.linspace(0, len(self.by_length) - 1, LINES).round().astype(int))
        lines = ["length  agree on words     95 % interval"]
        for found in (self.by_length[place] for place in places):
            low, high = found.interval
            count = f"{found.agreeing} of {found.words}"
            range_ = "all words" if found.is_all else f"{low:.3f} to {high:.3f}"
            lines.append(f"{found.length:6}  {count:17}  {range_:14}  {'#' * round(BAR * found.share)}")
        if self.only_admitted:
            lines += ["These are words that the network admits: it was asked for none beyond a symbol that it refuses."]
        if self.difference:
            shown = self.difference
            lines += [
                f"They differ first on {list(shown.word)!r}: the network answers {shown.network!r} after the last "
                f"symbol, the program {shown.program!r}."
            ]
        else:
            lines += ["No word was found on which they differ."]
        return "\n".join(lines)


def measured(origin: Origin, program: Callable[[list[Any]], list[Any]], *, outputs: Naming = None) -> Fidelity:
    """Return how a program agrees with a network on words of one to five times the length that it was distilled on.

    `program` takes a word of symbols of the alphabet and returns as many outputs: ints, tuples of ints, or names of
    `outputs`, the names of the network's answers 0, 1, .... Up to the length where all words are at most MOST_WORDS all
    are tried; beyond it the beginnings of WORDS random words. The first difference is also looked for on words of
    blocks of equal symbols, which random words hardly ever have. Where the network reads no words that long, none is
    longer than `length`. Other errors of the network pass through.
    """
    inputs, length = origin.inputs, origin.length
    found = _Comparison(network=origin.network, program=program, inputs=inputs, outputs=outputs)
    exhaustive, longest = 0, STRETCH * length
    while exhaustive < longest and inputs.count ** (exhaustive + 1) <= MOST_WORDS:
        exhaustive += 1
    every = np.zeros((1, 0, inputs.width), dtype=np.int64)
    if exhaustive:
        words = itertools.product(all_numbers(inputs), repeat=exhaustive)
        every = np.array(list(words), dtype=np.int64).reshape(-1, exhaustive, inputs.width)
    rng = np.random.default_rng(origin.seed)
    admitting = origin.network if isinstance(origin.network, Admitting) else None
    drawn = drawn_symbols(inputs, (WORDS, longest, inputs.width), rng)
    try:
        if admitting is not None:
            drawn = admitting.symbols[admitting.words(WORDS, longest, rng)]
        some_first = found.first_differences(drawn)
    except ForeignNetworkError:  # it reads no words of that length, such as one with a fixed number of positions
        longest = length
        drawn, every = drawn[:, :length], every[:: inputs.count ** max(0, exhaustive - length), :length]
        if admitting is not None:
            drawn = admitting.symbols[admitting.words(WORDS, length, rng)]
        some_first, exhaustive = found.first_differences(drawn), min(exhaustive, length)
    all_first = found.first_differences(every)
    planned_first = found.first_differences(_planned(inputs, longest, rng))
    differences = [(first, one) for first, one in (*all_first, *some_first, *planned_first) if one is not None]
    exhaustive = 0 if admitting is not None else exhaustive  # of all words nearly all are refused, and agree
    by_length = [*_agreements(all_first, inputs.count, exhaustive)]
    for size in range(exhaustive + 1, longest + 1):
        agreeing = sum(first >= size for first, _ in some_first)
        by_length.append(Agreement(length=size, words=WORDS, agreeing=agreeing, is_all=False))
    shortest = min(differences, key=lambda pair: pair[0], default=(0, None))[1]
    return Fidelity(
        by_length=tuple(by_length), exhaustive=exhaustive, difference=shortest, only_admitted=admitting is not None
    )


def _planned(inputs: Alphabet, length: int, rng: np.random.Generator) -> Ints:
    """Return words (count, length, width) of blocks of equal symbols, of a few symbols where there are many."""
    letters = drawn_symbols(inputs, (1, FEW_SYMBOLS, inputs.width), rng)[0]
    if inputs.count <= FEW_SYMBOLS:
        letters = np.array(all_numbers(inputs), dtype=np.int64)
    words: Ints = letters[planned_words(len(letters), length, PLANNED, rng)]
    return words


def _agreements(firsts: Sequence[tuple[int, Difference | None]], symbols: int, exhaustive: int) -> Iterator[Agreement]:
    """Yield the agreement on all words of each length: a word stands for the longest ones that begin with it."""
    for size in range(1, exhaustive + 1):
        each = symbols ** (exhaustive - size)
        agreeing = sum(firsts[row][0] >= size for row in range(0, len(firsts), each))
        yield Agreement(length=size, words=len(firsts) // each, agreeing=agreeing, is_all=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison:
    network: Recurrent
    program: Callable[[list[Any]], list[Any]]
    inputs: Alphabet
    outputs: Naming

    def first_differences(self, words: Ints) -> list[tuple[int, Difference | None]]:
        """Return for each word (length, width) how many answers agree before the first that differs, and that one."""
        if not words.shape[1]:
            return []
        answers = run(self.network, words).tolist()
        return [self._first(word, expected) for word, expected in zip(words.tolist(), answers, strict=True)]

    def _first(self, numbers: list[list[int]], expected: list[list[int]]) -> tuple[int, Difference | None]:
        word = [symbol_of(self.inputs, number) for number in numbers]
        right = [self._named(answer) for answer in expected]
        try:
            given = self.program(list(word))
        except Exception as error:
            return self._where_it_ends(word, right, error)
        for place, (answer, other) in enumerate(zip(right, given, strict=True)):
            if answer != other:
                return place, Difference(word=tuple(word[: place + 1]), network=answer, program=other)
        return len(word), None

    def _where_it_ends(self, word: list[Any], right: list[Any], error: Exception) -> tuple[int, Difference | None]:
        """Return the shortest beginning of a word on which the program raises an error or gives another answer."""
        for place in range(len(word)):
            try:
                given = self.program(word[: place + 1])[-1]
            except Exception as found:
                given = f"{type(found).__name__}: {found}"
            if given != right[place]:
                return place, Difference(word=tuple(word[: place + 1]), network=right[place], program=given)
        return len(word) - 1, Difference(
            word=tuple(word), network=right[-1], program=f"{type(error).__name__}: {error}"
        )

    def _named(self, answer: list[int]) -> Any:
        return output_of(answer, self.outputs)
