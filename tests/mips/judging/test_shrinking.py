"""A counterexample stays one while it shrinks, and in the end nothing simpler of its kind is one."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest

from mips.judging.shrinking import shrink
from mips.tasks.task import integers

Word = tuple[Any, ...]
FAILS: dict[str, Callable[[Word], bool]] = {
    "two twos": lambda word: word.count(2) >= 2,
    "a descent": lambda word: any(a > b for a, b in itertools.pairwise(word)),
    "five symbols": lambda word: len(word) >= 5,
    "a sum above seven": lambda word: sum(word) > 7,
    "one before two": lambda word: 1 in word and 2 in word[word.index(1) :],
}


def simpler(word: Word, low: int, high: int) -> list[Word]:
    """Return, written once more, all words with one symbol less, or one number one step nearer to zero."""
    shorter = [word[:place] + word[place + 1 :] for place in range(len(word))]
    nearer = [
        (*word[:place], x - (1 if x > 0 else -1), *word[place + 1 :])
        for place, x in enumerate(word)
        if x and low <= x - (1 if x > 0 else -1) <= high
    ]
    return shorter + nearer


@pytest.mark.parametrize("name", FAILS)
@pytest.mark.parametrize("seed", range(20))
def test_nothing_a_step_simpler_fails(name: str, seed: int) -> None:
    rng, fails = random.Random(seed), FAILS[name]
    word = tuple(rng.randint(0, 3) for _ in range(20))
    while not fails(word):
        word = tuple(rng.randint(0, 3) for _ in range(20))
    small = shrink(word, fails, integers(0, 3))
    assert fails(small) and len(small) <= len(word)
    assert not any(map(fails, simpler(small, 0, 3)))


def test_the_smallest_words_are_found_where_there_is_one_way_down() -> None:
    assert shrink((3, 2, 0, 1, 2), FAILS["two twos"], integers(0, 3)) == (2, 2)
    assert shrink((0,) * 9, FAILS["five symbols"], integers(0, 3)) == (0,) * 5
    assert shrink((7, 9, 8, 9), lambda word: len(word) > 1, integers(5, 9)) == (5, 5)
    assert shrink((-3,), lambda word: len(word) > 0 and abs(word[0]) > 1, integers(-3, 3)) == (2,)
    assert shrink((-3,), lambda word: len(word) > 0 and word[0] < -1, integers(-3, 3)) == (-2,)
    assert shrink(((4, -4), (0, 0)), lambda word: any(a > b for a, b in word), integers(-4, 4, width=2)) == ((0, -1),)


def test_a_long_word_gets_small_within_the_questions() -> None:
    rng = random.Random(0)
    word = tuple(rng.randint(0, 9) for _ in range(400))

    def fails(candidate: Word) -> bool:
        return candidate.count(7) >= 20

    assert shrink(word, fails, integers(0, 9)) == (7,) * 20


def test_questions_are_bounded_and_a_failing_word_comes_back() -> None:
    asked: list[Word] = []

    def fails(word: Word) -> bool:
        asked.append(word)
        return len(word) > 30

    small = shrink((1,) * 40, fails, integers(0, 1), most=7)
    assert len(small) == 31 and len(asked) <= 32 + 7
    assert shrink((), lambda word: True, integers(0, 1)) == ()
