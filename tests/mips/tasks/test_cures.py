"""What is nearly right is answered with what to write instead."""

from __future__ import annotations

import enum
from fractions import Fraction

import numpy as np
import pytest

from mips import Task, TaskError, integers, symbols


def make(**changes):
    parts = {"step": lambda state, x: (state, x), "start": 0, "inputs": integers(0, 3), "length": 5}
    return Task("Near", **parts | changes)


def said_of(**changes):
    with pytest.raises(TaskError) as caught:
        make(**changes)
    said = str(caught.value)
    assert "\n" not in said and len(said) < 1000
    return said


class Colour(enum.Enum):
    RED = "r"
    BLUE = "b"


INPUTS = {
    "a list of texts": (
        ["push", "pop"],
        "Write symbols('push pop'): names, without an order.",
    ),
    "texts with spaces": (["go on", "stop"], "Write symbols(['go on', 'stop']): names, without an order."),
    "a text": ("abc", "Write symbols('a b c'): names, without an order."),
    "names in a text": ("push, pop", "Write symbols('push pop'): names, without an order."),
    "a set": ({"b", "a"}, "Write symbols('a b'): names, without an order."),
    "a dict": ({"a": 1, "b": 2}, "Write symbols('a b'): names, without an order."),
    "tokens of several kinds": (
        ["a", 1],
        "Number the 2 tokens: write integers(0, 1), and where TOKENS is this list, the step finds the token of x by "
        "TOKENS[x].",
    ),
    "the function of names": (symbols, 'Call it: symbols("push pop").'),
    "two alphabets": ([symbols("a b"), integers(0, 4)], "Write product(symbols('a b'), integers(0, 4))."),
    "an enumeration": (Colour, "Number the 2 tokens: write integers(0, 1), and where TOKENS is this class"),
    "floats": ((0.0, 0.5, 1.0), "Number the 3 tokens"),
    "numbers with gaps": ([1, 5, 25], "Number the 3 tokens: write integers(0, 2)"),
    "a range": (range(2, 5), "Write integers(2, 4)"),
    "a range with steps": (range(0, 10, 5), "integers(0, 1)"),
    "a list of all numbers": ([0, 1, 2], "Write integers(0, 2)."),
    "an array": (np.arange(10), "Write integers(0, 9)."),
    "an array of floats": (np.array([0.0, 1.0]), "Write integers(0, 1)."),
    "two ends": ((0, 9), "Write integers(0, 9) for all from 0 to 9, or number these two: integers(0, 1)."),
    "two equal ranges": ((range(2), range(2)), "2 numbers from one range: write integers(0, 1, width=2)."),
    "two equal alphabets": ([integers(0, 4)] * 2, "write integers(0, 4, width=2)."),
    "two equal pairs": ([(0, 1), (0, 1)], "write integers(0, 1, width=2)."),
    "an array of pairs": (np.array([[0, 4], [0, 4], [0, 4]]), "write integers(0, 4, width=3)."),
    "two ranges": (
        (range(2), range(1, 11)),
        "Write product(integers(0, 1), integers(1, 10)): both ends are included.",
    ),
    "all pairs": ([(0, 0), (0, 1), (1, 0), (1, 1)], "Write integers(0, 1, width=2)."),
    "some pairs": ([(0, 0), (1, 1)], "Number the 2 tokens"),
    "a number": (2, "For 2 symbols write integers(0, 1)."),
    "the function": (integers, "Call it: integers(low, high)."),
    "a type": (bool, "Write integers(0, 1)."),
    "a NumPy number": (np.int64(4), "For 4 symbols write integers(0, 3)."),
    "nothing": (None, "inputs is None; expected integers(low, high), symbols(...) or product(...)."),
    "an empty list": ([], "inputs is []; expected integers(low, high), symbols(...) or product(...)."),
    "very many": ([*range(5_000)], "Write integers(0, 4999)."),
}  # fmt: skip


@pytest.mark.parametrize(("inputs", "expected"), INPUTS.values(), ids=INPUTS)
def test_inputs_of_another_kind_are_told_their_alphabet(inputs, expected):
    said = said_of(inputs=inputs)
    assert "expected integers(low, high)" in said and expected in said


WHOLE = [True, np.bool_(True), np.int64(1), np.uint8(1), 1.0, np.float32(1), Fraction(1), np.array(1)]


@pytest.mark.parametrize("value", WHOLE, ids=lambda value: type(value).__name__)
def test_what_stands_for_an_int_is_cured_alike_everywhere(value):
    said = [
        said_of(step=lambda state, x: (state, value)),
        said_of(length=value),
        said_of(inputs=integers(value, 3)),
        said_of(inputs=integers(0, value)),
        said_of(inputs=integers(0, 1, width=value)),
        said_of(sample=lambda rng, length: [value] * length),
    ]
    assert all("Write int(...) around it" in each for each in said)
    assert "Write tuple(map(int, ...)) around it." in said_of(step=lambda state, x: (state, (value, 1)))


@pytest.mark.parametrize(
    ("output", "cure"),
    [
        (0.0, "or // in the place of /."),
        (0.5, "Round it, or count in smaller units."),
        ("a", "Number the texts, or name them all: outputs=symbols(...)."),
        (None, "Return a number also where there is nothing to say"),
        ([1, 2], "Write tuple(...) around it."),
        (np.array([1, 2]), "Write tuple("),
        ((1,), "One int needs no tuple around it."),
        ([np.int64(1)], "One int needs no list around it; write int(...) around it."),
        ((1, 0.5), "Round it"),
    ],
)
def test_outputs_of_another_kind(output, cure):
    assert cure in said_of(step=lambda state, x: (state, output))


@pytest.mark.parametrize(
    ("state", "cure"),
    [
        ([0], "Write tuple(...) around it."),
        ([[0]], "Write tuple(...) around it, and around what is inside it."),
        ({0}, "Write frozenset(...) around it."),
        ({"a": 0}, "Write tuple(sorted(....items())) of it."),
        (bytearray(b"a"), "Write bytes(...) around it."),
        (np.zeros(2), "Write tuple(....tolist()) of it."),
        ((0, [1]), "Inside it [1] is not: write tuple(...) around it."),
    ],
    ids=str,
)
def test_states_that_cannot_be_hashed(state, cure):
    assert cure in said_of(step=lambda _, x: (state, x))
    assert cure in said_of(start=state)


@pytest.mark.parametrize(
    ("width", "symbol", "cure"),
    [
        (2, [0, 1], "Write tuple(...) around it."),
        (2, (np.int64(0), 1), "Write tuple(map(int, ...)) around it."),
        (2, 1, "A symbol of width 2 is a tuple of 2 ints."),
        (2, (0, 1, 1), "A symbol of width 2 is a tuple of 2 ints."),
        (1, (0,), "One int needs no tuple around it."),
    ],
)
def test_symbols_of_another_kind(width, symbol, cure):
    inputs = integers(0, 1, width=width)
    said = said_of(step=lambda state, x: (state, 0), inputs=inputs, sample=lambda rng, length: [symbol] * length)
    assert cure in said


def test_a_word_that_is_an_array():
    assert "Write ....tolist()." in said_of(sample=lambda rng, length: np.zeros(length, dtype=int))


class Odd:
    """A value that answers every question with an error."""

    def __repr__(self):
        raise RuntimeError

    def __len__(self):
        raise RuntimeError

    def __eq__(self, other):
        raise RuntimeError

    __hash__ = None


def test_a_value_that_cannot_be_looked_at_is_named_all_the_same():
    assert "Odd" in said_of(inputs=Odd())
    assert "Odd" in said_of(step=lambda state, x: (state, Odd()))
    assert "Odd" in said_of(start=Odd())
