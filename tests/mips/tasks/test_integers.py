"""Alphabets: what is in them, and how they are listed and drawn."""

import random

import pytest

from mips import integers

ALPHABETS = [
    integers(0, 1),
    integers(-2, 3),
    integers(5, 5),
    integers(0, 1, width=2),
    integers(-1, 1, width=3),
]


@pytest.mark.parametrize("alphabet", ALPHABETS, ids=str)
def test_symbols_are_counted_sorted_distinct_and_inside(alphabet):
    symbols = list(alphabet.symbols())
    assert len(symbols) == alphabet.count
    assert symbols == sorted(set(symbols))
    assert all(symbol in alphabet for symbol in symbols)


@pytest.mark.parametrize("alphabet", ALPHABETS, ids=str)
def test_every_symbol_is_drawn_and_nothing_else(alphabet):
    rng = random.Random(0)
    assert {alphabet.draw(rng) for _ in range(1000)} == set(alphabet.symbols())
    assert set(alphabet.draw_word(rng, 1000)) == set(alphabet.symbols())


@pytest.mark.parametrize("alphabet", ALPHABETS, ids=str)
@pytest.mark.parametrize("length", [0, 1, 7])
def test_words_have_the_asked_length(alphabet, length):
    assert len(alphabet.draw_word(random.Random(1), length)) == length


def test_symbols_of_one_number_are_ints_and_of_more_are_tuples():
    assert list(integers(0, 2).symbols()) == [0, 1, 2]
    assert list(integers(0, 1, width=2).symbols()) == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_constant_symbols():
    assert integers(0, 7).constant(7) == 7
    assert integers(0, 7, width=2).constant(7) == (7, 7)


@pytest.mark.parametrize("symbol", [-1, 4, (0,), (0, 0), 1.0, True, "1", None])
def test_symbols_outside_a_range_of_ints(symbol):
    assert symbol not in integers(0, 3)


@pytest.mark.parametrize("symbol", [0, (0,), (0, 4), (0, -1), (0, 0, 0), [0, 0], (0, 1.0), (0, True)])
def test_symbols_outside_a_range_of_pairs(symbol):
    assert symbol not in integers(0, 3, width=2)


def test_an_alphabet_reads_as_it_is_written():
    assert str(integers(-1, 4)) == "integers(-1, 4)"
    assert str(integers(0, 1, width=2)) == "integers(0, 1, width=2)"
