"""Fidelity is what a count over all words gives, and it names the shortest word on which a program differs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mips.distillation.fidelity import MOST_WORDS, STRETCH, Agreement, Origin, measured
from mips.tasks.alphabets import integers, symbols

Ints = NDArray[np.int64]


class Adder:
    """A network that answers with the sum so far modulo 5; from the symbol number `wrong` on it adds one."""

    def __init__(self, wrong: int = 1_000) -> None:
        self.wrong = wrong

    def start(self, count: int) -> Ints:
        return np.zeros((count, 2), dtype=np.int64)

    def step(self, states: Ints, numbers: Ints) -> Ints:
        return np.stack([states[:, 0] + numbers.sum(axis=1), states[:, 1] + 1], axis=1)

    def answer(self, states: Ints) -> Ints:
        return ((states[:, :1] + (states[:, 1:] >= self.wrong)) % 5).astype(np.int64)


def right(xs: list[int]) -> list[int]:
    return [total % 5 for total in itertools.accumulate(xs)]


def wrong_after_ones(xs: list[int]) -> list[int]:
    """Return the sums, wrong on the last of three ones in a row."""
    return [y + (xs[max(0, t - 2) : t + 1] == [1, 1, 1]) for t, y in enumerate(right(xs))]


def raises_on_two_zeros(xs: list[int]) -> list[int]:
    if [0, 0] in [xs[t : t + 2] for t in range(len(xs))]:
        raise ZeroDivisionError("0 and 0")
    return right(xs)


def test_a_faithful_program_agrees_on_every_length() -> None:
    found = measured(Origin(network=Adder(), inputs=integers(0, 1), length=8), right)
    assert [each.length for each in found.by_length] == [*range(1, 8 * STRETCH + 1)]
    assert all(each.agreeing == each.words for each in found.by_length) and found.difference is None
    assert 2**found.exhaustive <= MOST_WORDS < 2 ** (found.exhaustive + 1)
    assert [each.is_all for each in found.by_length].index(False) == found.exhaustive
    assert "No word was found" in str(found)


@pytest.mark.parametrize(
    ("program", "first"), [(wrong_after_ones, (1, 1, 1)), (raises_on_two_zeros, (0, 0))], ids=["wrong", "raises"]
)
def test_counts_on_all_words_are_those_of_brute_force(program: Callable[[list[int]], list[int]], first: Any) -> None:
    found = measured(Origin(network=Adder(), inputs=integers(0, 1), length=4), program)

    def agrees(word: tuple[int, ...]) -> bool:
        try:
            return program(list(word)) == right(list(word))
        except ZeroDivisionError:
            return False

    for each in found.by_length[:8]:
        words = list(itertools.product((0, 1), repeat=each.length))
        assert (each.words, each.agreeing) == (len(words), sum(map(agrees, words)))
        assert each.interval == (each.share, each.share)
    assert found.difference is not None and found.difference.word == first
    assert "differ first on" in str(found)


def test_a_difference_on_long_words_is_found_beyond_those_that_are_all_tried() -> None:
    found = measured(Origin(network=Adder(wrong=30), inputs=integers(0, 9), length=10), right)
    assert [each.agreeing == each.words for each in found.by_length] == [each.length < 30 for each in found.by_length]
    assert found.difference is not None and len(found.difference.word) == 30
    assert (found.difference.network - found.difference.program) % 5 == 1


def test_names_are_what_programs_get_and_give() -> None:
    names, answers = symbols("keep add"), symbols("a b c d e")

    def program(xs: list[str]) -> list[str]:
        return [answers.names[y] for y in right([int(x == "add") for x in xs])]

    assert measured(Origin(network=Adder(), inputs=names, length=5), program, outputs=answers).difference is None
    swapped = measured(
        Origin(network=Adder(), inputs=names, length=5), lambda xs: ["a" for x in xs], outputs=answers
    ).difference
    assert swapped is not None and (swapped.word, swapped.network, swapped.program) == (("add",), "b", "a")


def test_the_interval_holds_the_shares_that_the_count_does_not_reject() -> None:
    """Wilson: its ends are the shares p for which the count lies 1.96 standard deviations of p away."""
    for words, agreeing in ((200, 200), (200, 150), (50, 3), (7, 0)):
        each = Agreement(length=3, words=words, agreeing=agreeing, is_all=False)
        low, high = each.interval
        assert 0 <= low <= each.share <= high <= 1
        for end in {low, high} - {0.0, 1.0}:
            assert math.isclose(abs(each.share - end), 1.959964 * math.sqrt(end * (1 - end) / words), rel_tol=1e-6)
