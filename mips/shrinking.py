"""Counterexamples made small, so that a person sees what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mips.task import Integers

Word = tuple[Any, ...]
MOST_QUESTIONS = 1_000


def shrink(word: Word, fails: Callable[[Word], bool], alphabet: Integers, *, most: int = MOST_QUESTIONS) -> Word:
    """Return a small word on which `fails` holds, as it does on `word`.

    First the shortest prefix is taken; then symbols are left out, many at once and later one by one, and numbers come
    nearer to zero, until nothing of this succeeds any more (delta debugging: Zeller and Hildebrandt, "Simplifying and
    isolating failure-inducing input", 2002) or `fails` was asked `most` times after that.
    """
    word = next((word[:length] for length in range(len(word)) if fails(word[:length])), word)
    left = most
    better: Word | None = word
    while better is not None:
        word, better = better, None
        for candidate in _smaller(word, alphabet):
            if not left:
                return word
            left -= 1
            if fails(candidate):
                better = candidate
                break
    return word


def _smaller(word: Word, alphabet: Integers) -> Iterator[Word]:
    """Yield words that are shorter, or as long with one number nearer to zero; the boldest first."""
    size = len(word)
    while size:
        for start in range(0, len(word) - size + 1, size):
            yield word[:start] + word[start + size :]
        size //= 2
    for place, x in enumerate(word):
        for simpler in _simpler(x, alphabet):
            yield (*word[:place], simpler, *word[place + 1 :])


def _simpler(x: Any, alphabet: Integers) -> Iterator[Any]:
    if alphabet.width > 1:
        for place, number in enumerate(x):
            for simpler in _nearer(number, alphabet):
                yield (*x[:place], simpler, *x[place + 1 :])
    else:
        yield from _nearer(x, alphabet)


def _nearer(number: int, alphabet: Integers) -> Iterator[int]:
    """Yield numbers nearer to zero, or to the end of the range next to it: that itself, then ever smaller steps."""
    origin = min(max(0, alphabet.low), alphabet.high)
    way = number - origin
    if way < 0 and origin - way <= alphabet.high:
        yield origin - way  # as far away, without a sign
    step = abs(way)
    while step:
        yield number - step if way > 0 else number + step
        step //= 2
