"""What the judge asks: words and the reference's answers to them, drawn once and asked of any number of programs."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import hypothesis
import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from mips.dataset import sample
from mips.task import Task

Word = tuple[Any, ...]
TOGETHER = 250  # words that a program which can take many is asked at once
BYTE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How hard the judge tries; the defaults are binding, only tests of the judge itself use less.

    `nodes` and `literal` bound the program; `fresh` sequences; all words of a length while there are at most
    `exhaustive`; `examples` of lengths 0 to `stretch` times the training length; at most `pairs` pairs of states in
    about `memory` bytes, and at most `steps` times a pair meets a symbol: about 3 µs each, so that a hopeless walk ends
    within 15 seconds.
    """

    nodes: int = 200
    literal: int = 8
    fresh: int = 10_000
    exhaustive: int = 100_000
    examples: int = 2_000
    stretch: int = 5
    pairs: int = 2_000_000
    memory: int = 400 * 2**20
    steps: int = 4_000_000


BINDING = Effort()


class Questions:
    """Some words and the right answers; `line` and `reply` are both as JSON, for whoever asks through a pipe."""

    def __init__(self, words: list[Word], expected: list[list[Any]]) -> None:
        self.words, self.expected = words, expected

    @cached_property
    def line(self) -> bytes:
        return as_line(self.words)

    @cached_property
    def reply(self) -> bytes:
        return as_line({"answers": self.expected})


def as_line(message: Any) -> bytes:
    """Return a message as one line of JSON, always the same bytes for the same numbers."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the exam: `what` its words are, asked in `calls` rounds; right outputs count if `score`."""

    what: str
    calls: int
    score: bool
    questions: Iterable[Questions]


class Exam:
    """Fresh words, all short words, and those that Hypothesis draws, in this order, for a task and a seed.

    Words are drawn when they are first asked for; with `keep` they stay, for the next program. Errors of the reference
    pass through.
    """

    def __init__(self, task: Task, seed: int, effort: Effort = BINDING, *, keep: bool = False) -> None:
        self.task, self.effort = task, effort
        longest = _longest(task, effort)
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
                questions=kept(_asked(_searched(task, effort))),
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
    words = list(map(tuple, _symbols(data.inputs, single=task.inputs.width == 1)))
    single = not (words and task.length) or not isinstance(task.run(words[0])[0], tuple)
    yield from zip(words, _symbols(data.outputs, single=single), strict=True)


def drawn_words(task: Task, count: int, seed: int) -> Iterator[Word]:
    """Yield `count` words of the training length, in the form in which programs are asked about them."""
    yield from map(tuple, _symbols(sample(task, count=count, seed=seed).inputs, single=task.inputs.width == 1))


def _symbols(numbers: NDArray[np.int64], *, single: bool) -> list[list[Any]]:
    """Return sequences of shape (count, length, width) as lists of ints where symbols are `single`, else of tuples."""
    if single:
        rows: list[list[Any]] = numbers[..., 0].tolist()
        return rows
    return [[tuple(symbol) for symbol in row] for row in numbers.tolist()]


def _longest(task: Task, effort: Effort) -> int:
    """Return the longest length with at most `effort.exhaustive` words (with one symbol only, that of the search)."""
    length = 0
    while task.inputs.count ** (length + 1) <= effort.exhaustive and length < effort.stretch * task.length:
        length += 1
    return length


def _all_words(task: Task, longest: int) -> Iterator[tuple[Word, list[Any]]]:
    """Yield all words up to length `longest`, shorter ones first, with their outputs; prefixes are run once."""
    symbols = tuple(task.inputs.symbols()) if longest else ()
    layer: list[tuple[Any, Word, list[Any]]] = [(task.start, (), [])]
    for length in range(longest + 1):
        for _, word, outputs in layer:
            yield word, outputs
        if length < longest:
            layer = [
                (next_state, (*word, x), [*outputs, y])
                for state, word, outputs in layer
                for x in symbols
                for next_state, y in [task.advance(state, x)]
            ]


def _searched(task: Task, effort: Effort) -> Iterator[tuple[Word, list[Any]]]:
    for word in searched_words(task, effort):
        yield word, task.run(word)


def searched_words(task: Task, effort: Effort) -> list[Word]:
    """Return the words that `hypothesis.find`, derandomized, looks at while it finds no difference.

    They do not depend on what is asked about them, so that one search serves for all programs, nor on more of the task
    than its alphabet and its length, so that it serves for all tasks that are alike in these.
    """
    inputs = task.inputs
    drawn = _searched_numbers(inputs.low, inputs.high, inputs.width, effort.stretch * task.length, effort.examples)
    return [row if inputs.width == 1 else tuple(zip(*[iter(row)] * inputs.width, strict=True)) for row in drawn]


@lru_cache(maxsize=8)
def _searched_numbers(low: int, high: int, width: int, longest: int, examples: int) -> tuple[tuple[int, ...], ...]:
    """Return words of `width` numbers a symbol, each as one row of numbers."""
    lengths = st.integers(0, longest)  # `lists` alone would make few long words
    of_length = [_numbers(low, high, length * width) for length in range(longest + 1)]
    found: list[tuple[int, ...]] = []

    @st.composite
    def rows(draw: st.DrawFn) -> Sequence[int]:
        return draw(of_length[draw(lengths)])

    def seen(row: Sequence[int]) -> bool:
        found.append(tuple(low + byte % (high - low + 1) for byte in row) if isinstance(row, bytes) else tuple(row))
        return False

    settings = hypothesis.settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=examples,
        phases=(hypothesis.Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
    with suppress(hypothesis.errors.NoSuchExample):
        hypothesis.find(rows(), seen, settings=settings)
    return tuple(found)


def _numbers(low: int, high: int, count: int) -> st.SearchStrategy[Sequence[int]]:
    """Return a strategy for `count` numbers of an alphabet: of few different ones a byte tells each, a draw all."""
    if high - low >= BYTE:
        return st.tuples(*[st.integers(low, high)] * count)
    return st.binary(min_size=count, max_size=count)
