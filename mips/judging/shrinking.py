"""Counterexamples made small, so that a person sees what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mips.tasks.alphabets import Alphabet, Integers, Symbols

Word = tuple[Any, ...]
MOST_QUESTIONS = 1_000
MOST_PREFIXES = 300  # of a longer word not every prefix is asked: that would take the square of its length


def shrink(word: Word, fails: Callable[[Word], bool], alphabet: Alphabet, *, most: int = MOST_QUESTIONS) -> Word:
    """Return a small word on which `fails` holds, as it does on `word`.

    First the shortest prefix is taken, unless the word is longer than MOST_PREFIXES; then symbols are left out, many at
    once and later one by one, and numbers come nearer to zero, until nothing of this succeeds any more or `fails` was
    asked `most` times after that (delta debugging: Zeller and Hildebrandt, "Simplifying and isolating failure-inducing
    input", 2002). Each pass goes on from where it succeeded last.
    """
    if len(word) <= MOST_PREFIXES:
        word = next((word[:length] for length in range(len(word)) if fails(word[:length])), word)
    search = _Search(word, fails, most)
    before: Word | None = None
    while before != search.word and search.left:
        before = search.word
        size = len(before)
        while size:
            search.leave_out(size)
            size //= 2
        search.simplify(alphabet)
    return search.word


class _Search:
    """The smallest word so far, and how often `fails` may yet be asked."""

    def __init__(self, word: Word, fails: Callable[[Word], bool], left: int) -> None:
        self.word, self.left, self._fails = word, left, fails

    def _take(self, candidate: Word) -> bool:
        """Take a smaller word if it fails too; return whether it does."""
        if not self.left:
            return False
        self.left -= 1
        if not self._fails(candidate):
            return False
        self.word = candidate
        return True

    def leave_out(self, size: int) -> None:
        """Leave out `size` neighbours wherever that succeeds."""
        start = 0
        while start + size <= len(self.word) and self.left:
            if not self._take(self.word[:start] + self.word[start + size :]):
                start += size

    def simplify(self, alphabet: Alphabet) -> None:
        """Bring each number as near to zero, and each name as near to the first, as succeeds."""
        for place in range(len(self.word)):
            while any(
                self._take((*self.word[:place], simpler, *self.word[place + 1 :]))
                for simpler in _simpler(self.word[place], alphabet)
            ):
                pass


def _simpler(x: Any, alphabet: Alphabet) -> Iterator[Any]:
    parts = alphabet.parts
    if len(parts) > 1:
        for place, (value, part) in enumerate(zip(x, parts, strict=True)):
            for simpler in _nearer(value, part):
                yield (*x[:place], simpler, *x[place + 1 :])
    else:
        yield from _nearer(x, parts[0])


def _nearer(value: Any, part: Integers | Symbols) -> Iterator[Any]:
    """Yield names that stand before a name; of a number, those nearer to zero."""
    if isinstance(part, Symbols):
        yield from part.names[: part.names.index(value)]
    else:
        yield from _nearer_zero(value, part)


def _nearer_zero(number: int, alphabet: Integers) -> Iterator[int]:
    """Yield numbers nearer to zero, or to the end of the range next to it: that itself, then ever smaller steps."""
    origin = min(max(0, alphabet.low), alphabet.high)
    way = number - origin
    if way < 0 and origin - way <= alphabet.high:
        yield origin - way  # as far away, without a sign
    step = abs(way)
    while step:
        yield number - step if way > 0 else number + step
        step //= 2
