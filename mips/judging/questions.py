"""What the judge asks: words and the reference's answers to them, drawn once and asked of any number of programs."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mips.judging.requests import as_request
from mips.judging.words import Ranges, Row, long_rows, searched_rows, structured_rows
from mips.tasks.alphabets import Alphabet, Integers, Symbols, symbol_in_place, symbol_of
from mips.tasks.dataset import sample
from mips.tasks.rehearsal import LARGEST, LONGEST, LONGEST_TIMES
from mips.tasks.task import Task

Word = tuple[Any, ...]
TOGETHER = 250  # words that a program which can take many is asked at once
MOST_BITS = 1024  # of an output to a long word; far above what any table or formula needs, and quick to compare


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How hard the judge tries; the defaults are binding, only tests of the judge itself use less.

    `nodes`, `literal`, `number_bits` and `bits` bound the program (`mips.judging.weighing.weight`). Eight numbers of
    five bits are a list that a person writes down; ten squares below a hundred are more. Of the 62 programs of the
    reference run none has more than 21 bits in its literals and names, of the honest answers of models in our tests
    none more than 100; a third above that leaves no room for a bit of each of a hundred symbols and what looks them up.

    `fresh` sequences; all words of a length while there are at most `exhaustive`; `examples` of lengths 0 to `stretch`
    times the training length; `long` words up to `far` times as long and one of `longest` symbols, none where that is
    0; at most `pairs` pairs of states in about `memory` bytes, and at most `steps` times a pair meets a symbol: about 3
    µs each, so that a hopeless walk ends within 15 seconds.
    """

    nodes: int = 200
    literal: int = 8
    number_bits: int = 40
    bits: int = 128
    fresh: int = 10_000
    exhaustive: int = 100_000
    examples: int = 2_000
    stretch: int = 5
    long: int = 36
    far: int = LONGEST_TIMES
    longest: int = LONGEST
    pairs: int = 2_000_000
    memory: int = 400 * 2**20
    steps: int = 4_000_000


BINDING = Effort()


class Questions:
    """Some words and the right answers, and both as bytes for whoever asks through a pipe.

    `request` is the words as `mips.judging.requests` writes them, `reply` the line of JSON that comes back if all
    is right, `symbols` how many symbols the words have together.
    """

    def __init__(self, words: list[Word], expected: list[list[Any]]) -> None:
        self.words, self.expected = words, expected

    @cached_property
    def request(self) -> bytes:
        return as_request(self.words)

    @cached_property
    def reply(self) -> bytes:
        return json.dumps({"answers": self.expected}, separators=(",", ":")).encode() + b"\n"

    @cached_property
    def symbols(self) -> int:
        return sum(map(len, self.words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the exam: `what` its words are, asked in `calls` rounds; right outputs count if `score`."""

    what: str
    calls: int
    score: bool
    questions: Iterable[Questions]


class Exam:
    """Fresh, all short, searched, structured and long words, in this order, for a task and a seed.

    Words are drawn when they are first asked for; with `keep` they stay, for the next program. Errors of the reference
    pass through.
    """

    def __init__(self, task: Task, seed: int, effort: Effort = BINDING, *, keep: bool = False) -> None:
        self.task, self.effort = task, effort
        longest = _longest(task, effort)
        lengths = _long_lengths(task, effort) or (0,)
        kept = _Kept if keep else _once
        self.sections = (
            Section(
                what=f"fresh sequences of length {task.length}",
                calls=2,
                score=True,
                questions=kept(_asked(fresh_words(task, seed, effort.fresh))),
            ),
            Section(
                what=f"sequences of length 0 to {longest}, which are all",
                calls=1,
                score=False,
                questions=kept(_asked(_all_words(task, longest))),
            ),
            Section(
                what=f"sequences of length 0 to {effort.stretch * task.length} found by search",
                calls=1,
                score=False,
                questions=kept(_asked(_searched(task, effort, seed))),
            ),
            Section(
                what=f"sequences of length 0 to {effort.stretch * task.length} in an order of their own",
                calls=1,
                score=False,
                questions=kept(_asked(_structured(task, effort, seed))),
            ),
            Section(
                what=f"sequences of length {min(lengths)} to {max(lengths)}",
                calls=1,
                score=False,
                questions=kept(_asked(long_words(task, effort, seed))),
            ),
        )


class _Kept:
    """What an iterator yields, for as many readers as come."""

    def __init__(self, source: Iterator[Questions]) -> None:
        self._source, self._seen = source, list[Questions]()

    def __iter__(self) -> Iterator[Questions]:
        for number in itertools.count():
            if number == len(self._seen):
                following = next(self._source, None)
                if following is None:
                    return
                self._seen.append(following)
            yield self._seen[number]


def _once(source: Iterator[Questions]) -> Iterable[Questions]:
    return source


def _asked(cases: Iterable[tuple[Word, list[Any]]]) -> Iterator[Questions]:
    """Yield the cases, some at a time."""
    cases = iter(cases)
    while some := list(itertools.islice(cases, TOGETHER)):
        words, expected = zip(*some, strict=True)
        yield Questions(list(words), list(expected))


def fresh_words(task: Task, seed: int, count: int) -> Iterator[tuple[Word, list[Any]]]:
    """Yield `count` words of the training length with their outputs; those for training with this seed are others."""
    salted = int.from_bytes(hashlib.sha256(f"judge {seed}".encode()).digest()[:8])
    data = sample(task, count=count, seed=salted)
    words = list(map(tuple, _symbols(data.inputs, task.inputs, single=task.inputs.width == 1)))
    single = not (words and task.length) or not isinstance(task.run(words[0])[0], tuple)
    yield from zip(words, _symbols(data.outputs, task.outputs, single=single), strict=True)


def drawn_words(task: Task, count: int, seed: int) -> Iterator[Word]:
    """Yield `count` words of the training length, in the form in which programs are asked about them."""
    inputs = sample(task, count=count, seed=seed).inputs
    yield from map(tuple, _symbols(inputs, task.inputs, single=task.inputs.width == 1))


def _symbols(numbers: NDArray[np.int64], alphabet: Alphabet | None, *, single: bool) -> list[list[Any]]:
    """Return sequences of shape (count, length, width) as lists of symbols of an alphabet.

    Those of ranges, and outputs without an alphabet, are ints where they are `single`, else tuples.
    """
    if alphabet is not None and not isinstance(alphabet, Integers):
        return [[symbol_of(alphabet, symbol) for symbol in row] for row in numbers.tolist()]
    if single:
        rows: list[list[Any]] = numbers[..., 0].tolist()
        return rows
    return [[tuple(symbol) for symbol in row] for row in numbers.tolist()]


def names_in(task: Task) -> tuple[str, ...]:
    """Return all names that a task gives: those of its symbols, then those of its outputs, each once."""
    parts = [*task.inputs.parts, *([task.outputs] if task.outputs is not None else [])]
    return tuple(dict.fromkeys(name for part in parts if isinstance(part, Symbols) for name in part.names))


def _longest(task: Task, effort: Effort) -> int:
    """Return the longest length with at most `effort.exhaustive` words (with one symbol only, that of the search)."""
    length = 0
    while task.inputs.count ** (length + 1) <= effort.exhaustive and length < effort.stretch * task.length:
        length += 1
    return length


def _all_words(task: Task, longest: int) -> Iterator[tuple[Word, list[Any]]]:
    """Yield all words up to length `longest`, shorter ones first, with their outputs; prefixes are run once."""
    symbols = [(x, (x,)) for x in task.inputs.symbols()] if longest else []
    layer: list[tuple[Any, Word, list[Any]]] = [(task.start, (), [])]
    for length in range(longest + 1):
        for _, word, outputs in layer:
            yield word, outputs
        if length < longest:
            layer = [
                (next_state, word + end, [*outputs, y])
                for state, word, outputs in layer
                for x, end in symbols
                for next_state, y in [task.advance(state, x)]
            ]


def _searched(task: Task, effort: Effort, seed: int) -> Iterator[tuple[Word, list[Any]]]:
    for word in searched_words(task, effort, seed):
        yield word, task.run(word)


def _structured(task: Task, effort: Effort, seed: int) -> Iterator[tuple[Word, list[Any]]]:
    """Yield words with an order of their own (`structured_rows`), with their outputs."""
    length = effort.stretch * task.length
    for word in _words(task, lambda ranges: structured_rows(ranges, length, seed)):
        yield word, task.run(word)


def searched_words(task: Task, effort: Effort, seed: int) -> list[Word]:
    """Return the words that `hypothesis.find` looks at while it finds no difference.

    They do not depend on what is asked about them, so that one search serves for all programs, nor on more of the task
    than its alphabet and its length, so that it serves for all tasks that are alike in these.
    """
    longest = effort.stretch * task.length
    return [*_words(task, lambda ranges: searched_rows(ranges, longest, effort.examples, seed))]


def long_words(task: Task, effort: Effort, seed: int) -> Iterator[tuple[Word, list[Any]]]:
    """Yield words longer than those of the search with their outputs, the shortest first.

    A word ends before an output of more than MOST_BITS bits: there is no more to be learnt from ever larger numbers.
    """
    lengths = _long_lengths(task, effort)
    for word in _words(task, lambda ranges: long_rows(ranges, lengths, seed)):
        expected = task.run(word)
        if task.outputs is not None:
            yield word, expected
            continue
        too_large = (
            t for t, y in enumerate(expected) if max(map(int.bit_length, y if type(y) is tuple else (y,))) > MOST_BITS
        )
        length = next(too_large, len(word))
        yield word[:length], expected[:length]


def _long_lengths(task: Task, effort: Effort) -> tuple[int, ...]:
    """Return the lengths of the long words: from those of the search evenly to the farthest, and the longest one."""
    least, most = effort.stretch * task.length, effort.far * task.length
    between = (least + (most - least) * (number + 1) // effort.long for number in range(effort.long))
    return (*between, *([effort.longest] if effort.longest else []))


def _words(task: Task, rows_of: Callable[[Ranges], Iterable[Row]]) -> Iterator[Word]:
    """Yield the words whose symbols are in the rows for some ranges, as many numbers a symbol as there are ranges.

    Names have no order: a row holds their places. The symbols of a product follow their own places in every other word,
    and each part its own range in the others.
    """
    inputs = task.inputs
    if isinstance(inputs, Integers):
        width = inputs.width
        for row in rows_of([(inputs.low, inputs.high)] * width):
            yield row if width == 1 else tuple(zip(*[iter(row)] * width, strict=True))
        return
    symbol = symbol_in_place(inputs)
    places = rows_of([(0, inputs.count - 1)]) if inputs.count <= LARGEST else iter([])
    whole = (tuple(map(symbol, row)) for row in places)
    if isinstance(inputs, Symbols):
        yield from whole
        return
    ranges = [(0, part.count - 1) if isinstance(part, Symbols) else (part.low, part.high) for part in inputs.parts]
    parts = (
        tuple(symbol_of(inputs, numbers) for numbers in zip(*[iter(row)] * len(ranges), strict=True))
        for row in rows_of(ranges)
    )
    for number, (one, other) in enumerate(itertools.zip_longest(whole, parts)):
        word = other if one is None or (number % 2 and other is not None) else one
        yield word
