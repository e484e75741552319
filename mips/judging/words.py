"""Words that the judge asks beside the fresh ones: those of a search by Hypothesis, and long ones.

They are functions of the alphabet, the lengths and the seed alone. Hypothesis mixes numbers and bytes that stand in the
source of the modules which happen to be imported into what it draws, and takes its seed from the text of a function;
here it gets a seed, and draws numbers so far from all that stand in sources that none of these is among them.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

import hypothesis
from hypothesis import configuration
from hypothesis import strategies as st

Row = tuple[int, ...]
Ranges = Sequence[tuple[int, int]]  # of each number of a symbol, both ends included

# Drawn numbers begin here, near 2**256: no literal in a source file is so near to it. Computed, so that this file holds
# no such literal either.
FAR = (1 << 256) + int.from_bytes(hashlib.sha256(b"numbers that stand in no source file").digest())
WORDS = 1 << 64  # numbers that tell a word: so many that none is drawn again
KINDS = 5  # of words, see `_row`; all equally often
EXTREMES = 2  # numbers from each end of the range, and on each side of zero, that make up some of the words
LARGEST_STEP = 50  # of a progression
EACH = 50  # words in order, and as many of each other structure
MOST_DIFFERENT = 3  # numbers in a word of few, and symbols in the part of a word that comes again


def searched_rows(ranges: Ranges, longest: int, examples: int, seed: int) -> tuple[Row, ...]:
    """Return the words that `hypothesis.find` looks at while it finds no difference, at most `examples` of them.

    Each is one row of numbers, as many a symbol as there are `ranges`, of 0 to `longest` symbols, made of one number
    that Hypothesis draws.
    """
    rngs = map(random.Random, searched_numbers(examples, seed))
    return tuple(_mixed_row(rng, ranges, rng.randint(0, longest)) for rng in rngs)


@lru_cache(maxsize=2)  # the numbers of a seed serve all tasks; drawing them takes two seconds, a word of each a moment
def searched_numbers(examples: int, seed: int) -> tuple[int, ...]:
    """Return the numbers that `hypothesis.find` looks at while it finds no difference, at most `examples` of them.

    Hypothesis draws one number for a word: drawing every symbol takes it three times as long.
    """
    found: list[int] = []

    def seen(number: int) -> bool:
        found.append(number)
        return False

    settings = hypothesis.settings(
        backend="hypothesis",
        derandomize=False,  # the seed is given
        database=None,
        deadline=None,
        max_examples=examples,
        phases=(hypothesis.Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
    with suppress(hypothesis.errors.NoSuchExample), _leaving_nothing():
        hypothesis.find(st.integers(FAR, FAR + WORDS - 1), seen, settings=settings, random=random.Random(seed))
    return tuple(found)


def structured_rows(ranges: Ranges, length: int, seed: int) -> Iterator[Row]:
    """Yield words with an order that random ones have hardly ever, as rows of numbers, as many a symbol as `ranges`.

    Where the ranges differ, each number of a symbol has an order of its own.
    """
    low, high = ranges[0]
    if len(set(ranges)) == 1:
        yield from _structured_rows(low, high, len(ranges), length, seed)
        return
    columns = [_structured_rows(low, high, 1, length, seed) for low, high in ranges]
    for some in zip(*columns, strict=False):  # as many as the shortest range has
        yield tuple(number for symbol in zip(*some, strict=False) for number in symbol)


def _structured_rows(low: int, high: int, width: int, length: int, seed: int) -> Iterator[Row]:
    """Yield such words over one range, `width` numbers a symbol.

    These are progressions of every small step, up and down, which begin again at the other end of the range; random
    words, and those of few numbers, in ascending and in descending order; and words that are their own mirror image, of
    up to `length` symbols.
    """
    rng = random.Random(f"structured words {seed}")
    every, size = range(low, high + 1), high - low + 1
    steps = range(1, min(size, LARGEST_STEP + 1))
    for step in (sign * step for step in steps for sign in (1, -1)):
        for start in (low, high, rng.choice(every)):
            row = [low + (start - low + step * t) % size for t in range(length)]
            yield tuple(number for number in row for _ in range(width))
    for _ in range(EACH):
        for choice in (every, _few(rng, low, high)):
            count = rng.randint(0, length)
            columns = [sorted(rng.choices(choice, k=count), reverse=rng.random() < 1 / 2) for _ in range(width)]
            yield tuple(number for symbol in zip(*columns, strict=True) for number in symbol)
        alphabet = every if rng.randrange(2) else _few(rng, low, high)
        half = [rng.choices(alphabet, k=width) for _ in range(rng.randint(0, length // 2))]
        middle = [rng.choices(every, k=width)] if 2 * len(half) < length and rng.randrange(2) else []
        mirrored = [*half, *middle, *reversed(half)]
        yield tuple(number for symbol in mirrored for number in symbol)


@contextmanager
def _leaving_nothing() -> Iterator[None]:
    """Let Hypothesis keep no notes in the working directory: it writes none where no folder can be."""
    before = getattr(configuration, "__hypothesis_home_directory", None)
    configuration.set_hypothesis_home_dir(Path(os.devnull, "hypothesis"))
    try:
        yield
    finally:
        configuration.set_hypothesis_home_dir(before)


def long_rows(ranges: Ranges, lengths: Sequence[int], seed: int) -> Iterator[Row]:
    """Yield one word of each of the lengths as a row of numbers, as many a symbol as there are `ranges`."""
    rng = random.Random(f"long words {seed}")
    for length in lengths:
        yield _mixed_row(rng, ranges, length)


def _mixed_row(rng: random.Random, ranges: Ranges, length: int) -> Row:
    """Return a word; where the ranges differ, each number of a symbol follows its own kind of word."""
    if len(set(ranges)) == 1:
        return _row(rng, *ranges[0], len(ranges), length)
    columns = [_row(rng, low, high, 1, length) for low, high in ranges]
    return tuple(number for symbol in zip(*columns, strict=True) for number in symbol)


def _row(rng: random.Random, low: int, high: int, width: int, length: int) -> Row:
    """Return a word: of all numbers, of few numbers, of one symbol and then as often another, as what climbs and comes
    back, one that is its own mirror image but for one number, or one whose beginning repeats a short part again and
    again."""
    kind, count, every = rng.randrange(KINDS), length * width, range(low, high + 1)
    if kind == 0:
        return tuple(rng.choices(every, k=count))
    few = _few(rng, low, high)
    if kind == 1:
        return tuple(rng.choices(few, k=count))
    if kind == 2:
        first, second = (rng.choices(few + _few(rng, low, high), k=width) for _ in range(2))
        return (*first * (length // 2), *second * (length - length // 2))
    if kind == 3:
        half = [rng.choices(every, k=width) for _ in range(length // 2)]
        mirrored = [*half, *[few[:1] * width] * (length % 2), *reversed(half)]
        if mirrored:
            mirrored[rng.randrange(length)] = rng.choices(every, k=width)
        return tuple(number for symbol in mirrored for number in symbol)
    part = rng.choices(few, k=width * rng.randint(1, MOST_DIFFERENT))
    again = width * rng.randint(0, length)
    beginning = (part * (again // len(part) + 1))[:again]
    return (*beginning, *rng.choices(every, k=count - again))


def _few(rng: random.Random, low: int, high: int) -> Row:
    """Return a few numbers of the range: any of them, or some from its ends and around zero."""
    near = {end + step for end in (low, 0, high) for step in range(-EXTREMES, EXTREMES + 1)}
    extremes = sorted(number for number in near if low <= number <= high)
    choice = range(low, high + 1) if rng.randrange(2) else extremes
    return tuple(rng.choices(choice, k=rng.randint(1, MOST_DIFFERENT)))
