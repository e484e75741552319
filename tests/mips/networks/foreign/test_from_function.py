"""Functions on whole words, the ways of reading in and out, and alphabets of names."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import mips
from mips.networks.foreign.decoding import decoder, told_from
from mips.networks.foreign.encoding import Takes, encoder
from mips.networks.foreign.errors import ForeignNetworkError
from mips.tasks.alphabets import Alphabet, all_numbers, numbers_of, symbol_of

BITS = mips.integers(0, 1)
STACK = mips.symbols("push pop nop")
CALLS = mips.product(mips.symbols("add sub"), mips.integers(2, 4))


@pytest.mark.parametrize("answers", ["each", "end"])
def test_a_function_is_distilled(answers: str) -> None:
    asked: list[tuple[int, ...]] = []

    def parity(word: list[int]) -> Any:
        asked.append(tuple(word))
        sums = list(itertools.accumulate(word, lambda a, b: a ^ b))
        return sums if answers == "each" else sums[-1]

    found = mips.distil(mips.from_function(parity, answers=answers), BITS, length=8)
    assert found([1, 1, 1, 0]) == [1, 0, 1, 1] and found.machine is not None and found.machine.size == 2
    assert len(asked) < 3 * len(set(asked))  # words are remembered


def test_an_end_symbol_is_put_after_every_word() -> None:
    network = mips.from_function(lambda word: len(word) - word.index(9), answers="end", end=9, inputs=BITS)
    assert network.answer(np.zeros((3, 4, 1), dtype=int)).tolist() == [[1]] * 3


@pytest.mark.parametrize(
    ("function", "answers", "said"),
    [
        (lambda word: [sum(word)] * len(word), "each", "which does not look ahead: distil what it says at the end"),
        (lambda word: sum(word), "each", "expected a list of"),
        (lambda word: "yes", "end", "found the answer 'yes' to the word ["),
        (lambda word: 0.5, "end", "expected an int, or a tuple of ints: round it"),
        (lambda word: 1 // word[0], "end", "a function that raised ZeroDivisionError"),
        (lambda word: (1,) * len(word), "end", "expected equally many always"),
    ],
)
def test_a_function_that_is_no_network_is_named(function: Any, answers: str, said: str) -> None:
    with pytest.raises(ForeignNetworkError) as caught:
        mips.distil(mips.from_function(function, answers=answers), BITS, length=5)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_what_is_no_function_is_named() -> None:
    with pytest.raises(TypeError, match="in the place of the function"):
        mips.from_function(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="found answers='last'; expected 'each' or 'end'"):
        mips.from_function(len, answers="last")


# Alphabets


@pytest.mark.parametrize("alphabet", [BITS, mips.integers(-1, 1, width=2), STACK, CALLS], ids=str)
def test_symbols_and_numbers_are_two_names_for_one(alphabet: Alphabet) -> None:
    symbols = list(alphabet.symbols())
    assert len(symbols) == alphabet.count == len(set(symbols)) and all(symbol in alphabet for symbol in symbols)
    assert [symbol_of(alphabet, numbers) for numbers in all_numbers(alphabet)] == symbols
    assert [numbers_of(alphabet, symbol) for symbol in symbols] == list(all_numbers(alphabet))
    assert eval(
        str(alphabet), {**vars(mips), "integers": mips.integers, "symbols": mips.symbols, "product": mips.product}
    )


def test_what_is_no_symbol_is_in_no_alphabet() -> None:
    assert "push" in STACK and "Push" not in STACK and 0 not in STACK
    assert ("add", 4) in CALLS and ("add", 5) not in CALLS and ("add",) not in CALLS and "add" not in CALLS


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: mips.symbols(""), ValueError, "found 0 names"),
        (lambda: mips.symbols("a b a"), ValueError, "found the name 'a' twice"),
        (lambda: mips.symbols(["a", ""]), ValueError, "found an empty name"),
        (lambda: mips.symbols([1, 2]), TypeError, "found 1 among the names"),
        (lambda: mips.product(STACK), ValueError, "found 1 factors"),
        (lambda: mips.product(STACK, range(3)), TypeError, r"found the factor range\(0, 3\)"),
    ],
)
def test_what_is_no_alphabet_is_named(call: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        call()


# How symbols go in and answers come out


@pytest.mark.parametrize(
    ("encode", "alphabet", "takes", "expected"),
    [
        (None, mips.integers(3, 5), Takes(size=1), [[3], [4], [5]]),
        (None, mips.integers(3, 5), Takes(size=3), np.eye(3)),
        (None, STACK, Takes(size=3), np.eye(3)),
        (None, mips.integers(0, 1, width=2), Takes(size=2), [[0, 0], [0, 1], [1, 0], [1, 1]]),
        (
            "one-hot",
            mips.integers(0, 1, width=2),
            Takes(size=4),
            [[1, 0, 1, 0], [1, 0, 0, 1], [0, 1, 1, 0], [0, 1, 0, 1]],
        ),
        (None, CALLS, Takes(size=5), [[1, 0, 1, 0, 0], [1, 0, 0, 1, 0], [1, 0, 0, 0, 1]]),
        (None, CALLS, Takes(size=6), np.eye(6)),
        (None, mips.integers(3, 5), Takes(rows=3), [0, 1, 2]),
        (None, mips.integers(0, 2), Takes(rows=9), [0, 1, 2]),
        ("index", STACK, Takes(rows=9), [0, 1, 2]),
        (None, mips.integers(1, 2, width=2), Takes(rows=2, parts=2), [[0, 0], [0, 1], [1, 0], [1, 1]]),
        (lambda x: [len(x), 7], STACK, Takes(size=2), [[4, 7], [3, 7], [3, 7]]),
        ({"push": 5, "pop": 3, "nop": 1}.__getitem__, STACK, Takes(rows=6), [5, 3, 1]),
    ],
)
def test_symbols_are_encoded(encode: Any, alphabet: Alphabet, takes: Takes, expected: Any) -> None:
    found = encoder(encode, alphabet, takes)(np.array(all_numbers(alphabet)))
    assert found[: len(expected)].tolist() == np.asarray(expected).tolist()


@pytest.mark.parametrize(
    ("encode", "alphabet", "takes", "said"),
    [
        (
            None,
            mips.integers(0, 1, width=2),
            Takes(size=4),
            "for which one-hot fits; expected one that fits: say encode=",
        ),
        (None, STACK, Takes(size=1), "expected encode= to say which number a name is"),
        (None, STACK, Takes(rows=4), "found an embedding of 4 vectors for symbols('push pop nop'); expected encode="),
        (None, mips.integers(1, 3), Takes(rows=4), "expected encode= to say which is a symbol's"),
        (None, STACK, Takes(size=4), "for which no encoding fits"),
        (
            "number",
            STACK,
            Takes(size=3),
            "found a network that reads 3 numbers a symbol; expected 1 for encode='number'",
        ),
        ("one-hot", STACK, Takes(rows=3), "found encode='one-hot' for a network that reads an index into 3 vectors"),
        (lambda x: 3, STACK, Takes(rows=3), "found encode('push') = 3; expected an index from 0 to 2"),
    ],
)
def test_an_encoding_that_does_not_fit_is_named(encode: Any, alphabet: Any, takes: Takes, said: str) -> None:
    with pytest.raises(ForeignNetworkError) as caught:
        encoder(encode, alphabet, takes)
    assert said in str(caught.value)


def test_answers_are_decoded() -> None:
    outputs = np.array([[0.4, -2.0, 1.6], [0.6, 0.0, 0.5]])
    assert decoder("round")(outputs).tolist() == [[0, -2, 2], [1, 0, 0]]
    assert decoder("argmax")(outputs).tolist() == [[2], [0]]
    assert decoder("sign")(outputs).tolist() == [[1, -1, 1], [1, 0, 1]]
    assert decoder("threshold")(outputs).tolist() == [[1, 0, 1], [1, 0, 1]]
    assert decoder("threshold", 0.5)(outputs).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert decoder(lambda outputs: outputs[:, 0] > 0.5)(outputs).tolist() == [[0], [1]]


def test_a_decoding_is_told_where_one_alone_fits() -> None:
    assert told_from(np.array([[0.98], [3.1], [-2.01]])) == "round"
    assert told_from(np.array([[0.2, 0.8], [0.55, 0.45]])) == "argmax"
    for outputs in (np.array([[0.5], [2.5]]), np.array([[0.5, 1.4], [2.5, 3.6]])):
        with pytest.raises(ForeignNetworkError, match="expected decode= to say what they are"):
            told_from(outputs)
    with pytest.raises(ForeignNetworkError, match=r"expected integers of shape \(2, n\)"):
        decoder(lambda outputs: 1)(outputs)
