"""What a program from elsewhere answered, as a person would read it; runs inside the child, the standard library alone.

Lists of plain ints, or of tuples of plain ints, are what was asked for. Bools, whole floats, numbers and arrays of
numpy, and any sequence or iterator around them are taken for the ints that they stand for, and counted. Where outputs
have names, it is texts that were asked for, and texts of numpy and of enumerations are taken for the plain ones.
"""

from __future__ import annotations

import array
import collections
import itertools
from collections.abc import Callable
from typing import Any

INT_BITS = 4096  # of a number in an answer; a larger one is told by its size
TOLD = 40  # characters of a strange answer
PLAIN = "plain ints or tuples of plain ints"
NUMERIC = ("numpy", "array")  # modules whose objects are taken for the numbers that they hold
TEXT = 200  # characters of a text in an answer; names of outputs are shorter


class Odd(Exception):
    """An answer has another form than it should."""


class Large(Exception):
    """An answer holds a number of so many bits that it cannot be right."""


def _lister(
    sequences: tuple[type, ...], modules: tuple[str, ...], expected: str
) -> Callable[[Any, int], tuple[list[Any], bool]]:
    """Return the function that makes a list of an answer to a word of a length, and says whether it had to be lenient.

    Taken for lists are `sequences`, iterators, and objects of `modules` by their `tolist`. It raises Odd where
    `expected` is something else, and for another number of outputs. Names mean what they do now.
    """
    is_list, of, count, beneath, some, named = list, type, len, isinstance, any, getattr
    cut, turned, mro = itertools.islice, iter, type.mro

    def listed(answer: Any, length: int) -> tuple[list[Any], bool]:
        lenient = of(answer) is not is_list
        if lenient:
            if some(named(each, "__module__", "") in modules for each in mro(of(answer))):
                answer = answer.tolist()
            elif beneath(answer, sequences) or some("__next__" in each.__dict__ for each in mro(of(answer))):
                answer = is_list(cut(turned(answer), length + 1))
            if of(answer) is not is_list:
                raise Odd(f"returned a {of(answer).__name__}; expected {expected}")
        if count(answer) != length:
            more = "or more " if lenient and count(answer) == length + 1 else ""  # there it was not read further
            raise Odd(f"returned {count(answer)} {more}outputs for {length} inputs")
        return answer, lenient

    return listed


def reader() -> Callable[[Any, int], tuple[list[Any], bool]]:
    """Return the function that reads an answer to a word of a length: plain outputs, and whether it had to be lenient.

    It raises Odd and Large. It keeps what names mean now: a program may replace that.
    """
    sequences, modules = (list, tuple, range, collections.deque), NUMERIC
    listed = _lister(sequences, modules, "a list")
    is_tuple, is_int, is_bool, is_float, of, count = tuple, int, bool, float, type, len
    every, kinds, largest, least, beneath, some, named, told = map, set, max, min, isinstance, any, getattr, repr
    most, plain, tuples = 1 << INT_BITS, {int}, {tuple}
    add, whole, size, mro = int.__add__, float.is_integer, abs, type.mro
    bits, float_int, machine_words = int.bit_length, int, array.array

    def of_numpy(value: Any) -> bool:
        return some(named(each, "__module__", "") in modules for each in mro(of(value)))

    def number(value: Any) -> int:
        if of_numpy(value):
            value = value.tolist()
        if of(value) is is_int:
            plain: int = value
            return plain
        if beneath(value, is_bool):
            return 1 if value else 0
        if beneath(value, is_int):
            return add(value, 0)
        if of(value) is is_float and whole(value):
            return float_int(value)
        what = told(value)[:TOLD] if of(value) in (is_float, str) else f"a {of(value).__name__}"
        raise Odd(f"returned {what} in a list; expected {PLAIN}")

    def output(value: Any) -> Any:
        if of_numpy(value):
            value = value.tolist()
        if beneath(value, sequences):
            return is_tuple([number(part) for part in value])
        return number(value)

    def read(answer: Any, length: int) -> tuple[list[Any], bool]:
        answer, lenient = listed(answer, length)
        found = kinds(every(of, answer))
        numbers = [part for y in answer for part in y] if found == tuples else answer
        if found != plain and not kinds(every(of, numbers)) <= plain:
            lenient = True
            answer = [output(value) for value in answer]
            found = kinds(every(of, answer))
            if count(found) > 1:
                raise Odd(f"returned a list of numbers and tuples; expected {PLAIN}")
            numbers = [part for y in answer for part in y] if found == tuples else answer
        try:
            machine_words("q", numbers)  # a quick look: hardly any number needs more than 64 bits
        except OverflowError:
            if largest(numbers) >= most or least(numbers) <= -most:
                raise Large(bits(largest(every(size, numbers)))) from None
        return answer, lenient

    return read


def text_reader() -> Callable[[Any, int], tuple[list[Any], bool]]:
    """Return the function that reads an answer which is a list of texts, as `reader` does for one of numbers."""
    listed = _lister((list, tuple, collections.deque), ("numpy",), "a list of texts")
    is_text, of, count, beneath = str, type, len, isinstance
    every, kinds, told, most, joined, text_kind = map, set, repr, max, str.__add__, {str}

    def text(value: Any) -> str:
        if not beneath(value, is_text):
            what = told(value)[:TOLD] if of(value) in (int, float) else f"a {of(value).__name__}"
            raise Odd(f"returned {what} in a list; expected texts, the names of the outputs")
        return joined("", value)

    def read(answer: Any, length: int) -> tuple[list[Any], bool]:
        answer, lenient = listed(answer, length)
        if not kinds(every(of, answer)) <= text_kind:
            lenient = True
            answer = [text(value) for value in answer]
        if answer and most(every(count, answer)) > TEXT:
            raise Odd(f"returned a text of more than {TEXT} characters")
        return answer, lenient

    return read
