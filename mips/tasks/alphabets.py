"""Alphabets: what one symbol of a word may be. Numbers from a range, names without an order, or a tuple of both."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mips.tasks.cures import cure_for_int, told
from mips.tasks.rehearsal import LARGEST

Symbol = int | tuple[int, ...]
Named = int | str | tuple[int | str, ...]  # a symbol as programs and users have it

LONGEST_WORD = 100_000  # numbers in a word: training draws 10,000 words and more, which must fit into memory
MOST_NAMES = 10_000  # of one alphabet; each is tried in every state
MOST_CONSTANT = 16  # words of one symbol that a new task over names is tried on


@dataclass(frozen=True, slots=True)
class Integers:
    """The alphabet of all ints from `low` to `high`, both included, or of all tuples of `width` such ints.

    A symbol is an int when `width` is 1 and a tuple otherwise. The record itself checks nothing: the task that is
    given an alphabet does, because only the task can be named in the error.
    """

    low: int
    high: int
    width: int = 1

    @property
    def count(self) -> int:
        """How many symbols there are."""
        count: int = (self.high - self.low + 1) ** self.width
        return count

    @property
    def parts(self) -> tuple[Integers | Symbols, ...]:
        """The alphabet of each number of a symbol."""
        return (Integers(self.low, self.high),) * self.width

    @property
    def fault(self) -> str:
        """What is wrong with the alphabet, in words; empty when nothing is."""
        for name, value in (("low", self.low), ("high", self.high), ("width", self.width)):
            if type(value) is not int:
                return f"{name} is {told(value)}, expected an int. {cure_for_int(value)}".rstrip(" .")
        if max(abs(self.low), abs(self.high)) > LARGEST:
            return "networks count in double precision, expected numbers of at most 2**53 in absolute value"
        if self.low > self.high:
            return "the range is empty, expected low <= high"
        if self.width < 1:
            return f"width is {told(self.width)}, expected at least 1"
        if self.width > LONGEST_WORD:
            return f"width is {told(self.width)}, expected at most {LONGEST_WORD:,}"
        return ""

    def symbols(self) -> Iterator[Symbol]:
        """Yield every symbol once, in lexicographic order."""
        numbers = range(self.low, self.high + 1)
        return iter(numbers) if self.width == 1 else itertools.product(numbers, repeat=self.width)

    def constant(self, number: int) -> Symbol:
        """Return the symbol that is `number` in every place."""
        return number if self.width == 1 else (number,) * self.width

    def some(self) -> list[Symbol]:
        """Return the symbols of which a task is tried on words of one alone: both ends of the range."""
        return [self.constant(number) for number in (self.low, self.high)]

    def draw(self, rng: random.Random) -> Symbol:
        """Return one symbol, all equally likely."""
        return self.draw_word(rng, 1)[0]

    def draw_word(self, rng: random.Random, length: int) -> list[Symbol]:
        """Return `length` independent symbols, all equally likely."""
        numbers = rng.choices(range(self.low, self.high + 1), k=length * self.width)
        return list(numbers) if self.width == 1 else list(zip(*[iter(numbers)] * self.width, strict=True))

    def __contains__(self, symbol: object) -> bool:
        if self.width == 1:
            return type(symbol) is int and self.low <= symbol <= self.high
        return (
            type(symbol) is tuple
            and len(symbol) == self.width
            and all(type(number) is int and self.low <= number <= self.high for number in symbol)
        )

    def __str__(self) -> str:
        width = "" if self.width == 1 else f", width={told(self.width)}"
        return f"integers({told(self.low)}, {told(self.high)}{width})"


@dataclass(frozen=True, slots=True)
class Symbols:
    """The alphabet of some names, which have no order. Networks get the place of a name in `names`, from 0."""

    names: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many symbols there are."""
        return len(self.names)

    @property
    def width(self) -> int:
        """How many numbers stand for a symbol: one, the place of its name."""
        return 1

    @property
    def parts(self) -> tuple[Integers | Symbols, ...]:
        """The alphabet itself, as that of the one number that stands for a symbol."""
        return (self,)

    @property
    def fault(self) -> str:
        """What is wrong with the alphabet, in words; empty when nothing is."""
        return ""

    def symbols(self) -> Iterator[Named]:
        """Yield every name once."""
        return iter(self.names)

    def some(self) -> list[Named]:
        """Return the symbols of which a task is tried on words of one alone."""
        return _some(self)

    def draw_word(self, rng: random.Random, length: int) -> list[Named]:
        """Return `length` independent names, all equally likely."""
        return list(rng.choices(self.names, k=length))

    def __contains__(self, symbol: object) -> bool:
        return isinstance(symbol, str) and symbol in self.names

    def __str__(self) -> str:
        plain = all(name and not set(name) & set(" \t\n'\"\\") for name in self.names)
        return f"symbols({told(' '.join(self.names)) if plain else told(list(self.names))})"


@dataclass(frozen=True, slots=True)
class Product:
    """The alphabet of tuples with a part of each factor; a factor of several numbers gives as many parts."""

    factors: tuple[Integers | Symbols, ...]

    @property
    def count(self) -> int:
        """How many symbols there are."""
        return math.prod(factor.count for factor in self.factors)

    @property
    def width(self) -> int:
        """How many parts a symbol has."""
        return len(self.parts)

    @property
    def parts(self) -> tuple[Integers | Symbols, ...]:
        """The alphabet of each part of a symbol."""
        return tuple(part for factor in self.factors for part in factor.parts)

    @property
    def fault(self) -> str:
        """What is wrong with the alphabet, in words; empty when nothing is."""
        return next((f"{factor}: {factor.fault}" for factor in self.factors if factor.fault), "")

    def symbols(self) -> Iterator[Named]:
        """Yield every symbol once, the last part changing fastest."""
        return map(symbol_in_place(self), range(self.count))

    def some(self) -> list[Named]:
        """Return the symbols of which a task is tried on words of one alone."""
        return _some(self)

    def draw_word(self, rng: random.Random, length: int) -> list[Named]:
        """Return `length` independent symbols, all equally likely."""
        columns = [part.draw_word(rng, length) for part in self.parts]
        return list(zip(*columns, strict=True))

    def __contains__(self, symbol: object) -> bool:
        parts = self.parts
        return (
            type(symbol) is tuple
            and len(symbol) == len(parts)
            and all(value in part for value, part in zip(symbol, parts, strict=True))
        )

    def __str__(self) -> str:
        return f"product({', '.join(map(str, self.factors))})"


Alphabet = Integers | Symbols | Product


def integers(low: int, high: int, *, width: int = 1) -> Integers:
    """Return the alphabet of the ints from `low` to `high`, both included, `width` of them a symbol."""
    return Integers(low, high, width)


def symbols(names: str | Iterable[str]) -> Symbols:
    """Return the alphabet of names without order, `symbols("push pop nop")`; names with spaces come as a list.

    Raises ValueError for no name, one that comes twice or is empty, and TypeError for what is no text.
    """
    listed = tuple(names.split()) if isinstance(names, str) else tuple(names)
    for name in listed:
        if not isinstance(name, str):
            raise TypeError(f"found {told(name)} among the names; expected texts, such as symbols('push pop nop')")
        if not name or listed.count(name) > 1:
            found = "an empty name" if not name else f"the name {told(name)} twice"
            raise ValueError(f"found {found}; expected names that differ, such as symbols('push pop nop')")
    if not 0 < len(listed) <= MOST_NAMES:
        raise ValueError(f"found {len(listed)} names; expected 1 to {MOST_NAMES:,}, such as symbols('push pop nop')")
    return Symbols(listed)


def product(*factors: Integers | Symbols) -> Product:
    """Return the alphabet of tuples with a part of each factor, as in `product(symbols("add sub"), integers(0, 9))`.

    Raises TypeError for a factor that is no such alphabet, and ValueError for fewer than two.
    """
    for factor in factors:
        if not isinstance(factor, Integers | Symbols):
            raise TypeError(f"found the factor {told(factor)}; expected symbols(...) or integers(low, high)")
    if len(factors) < 2:
        raise ValueError(f"found {len(factors)} factors; expected two or more, else write the one alphabet alone")
    return Product(factors)


def is_named(alphabet: Alphabet) -> bool:
    """Whether names without order are among the symbols or their parts."""
    return any(isinstance(part, Symbols) for part in alphabet.parts)


def numbers_of(alphabet: Alphabet, symbol: Any) -> tuple[int, ...]:
    """Return the numbers (width,) that stand for a symbol of the alphabet: a name's is its place."""
    values = (symbol,) if alphabet.width == 1 else symbol
    return tuple(
        part.names.index(value) if isinstance(part, Symbols) else value
        for part, value in zip(alphabet.parts, values, strict=True)
    )


def symbol_of(alphabet: Alphabet, numbers: Iterable[int]) -> Named:
    """Return the symbol that the numbers (width,) stand for."""
    values = tuple(
        part.names[number] if isinstance(part, Symbols) else number
        for part, number in zip(alphabet.parts, numbers, strict=True)
    )
    return values[0] if len(values) == 1 else values


def symbol_in_place(alphabet: Alphabet) -> Callable[[int], Named]:
    """Return the function from a place in `alphabet.symbols()`, counted from 0, to the symbol there."""
    parts = alphabet.parts
    lows = [0 if isinstance(part, Symbols) else part.low for part in parts]
    counts = [part.count for part in parts]

    def symbol(place: int) -> Named:
        numbers = []
        for low, count in zip(reversed(lows), reversed(counts), strict=True):
            place, number = divmod(place, count)
            numbers.append(low + number)
        return symbol_of(alphabet, reversed(numbers))

    return symbol


def _some(alphabet: Symbols | Product) -> list[Named]:
    """Return all symbols where they are few, else some that lie evenly among them, the first and the last included."""
    few = min(MOST_CONSTANT, alphabet.count)
    places = sorted({number * (alphabet.count - 1) // max(1, few - 1) for number in range(few)})
    return [*map(symbol_in_place(alphabet), places)]


def reader(alphabet: Alphabet) -> Callable[[Any], tuple[int, ...]]:
    """Return a function that does what `numbers_of` does, and remembers the places of names."""
    places = [
        {name: place for place, name in enumerate(part.names)} if isinstance(part, Symbols) else None
        for part in alphabet.parts
    ]
    if len(places) == 1:
        only = places[0]
        return (lambda symbol: (symbol,)) if only is None else (lambda symbol: (only[symbol],))
    return lambda symbol: tuple(
        value if known is None else known[value] for known, value in zip(places, symbol, strict=True)
    )


def all_numbers(alphabet: Alphabet) -> tuple[tuple[int, ...], ...]:
    """Return the numbers (count, width) of every symbol, in the order of `alphabet.symbols()`."""
    ranges = (
        range(part.count) if isinstance(part, Symbols) else range(part.low, part.high + 1) for part in alphabet.parts
    )
    return tuple(itertools.product(*ranges))
