"""Conditions on a symbol, as short as they can be said: by one symbol, by several, by a part, or by a bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Conditions:
    """The symbols of an alphabet as programs get them: all ints, all names, or all tuples of equally many of these.

    A loop takes a tuple apart into x0, x1, ...
    """

    symbols: tuple[object, ...]

    @property
    def width(self) -> int:
        """How many parts a symbol has."""
        first = self.symbols[0]
        return len(first) if isinstance(first, tuple) else 1

    @property
    def target(self) -> str:
        """What the loop over the inputs assigns: `x`, or `x0, x1`."""
        return "x" if self.width == 1 else ", ".join(f"x{i}" for i in range(self.width))

    @property
    def whole(self) -> str:
        """The symbol as an expression."""
        return "x" if self.width == 1 else f"({self.target})"

    def among(self, letters: Sequence[int], of: Sequence[int] | None = None) -> str:
        """Return a condition that holds for some symbols and for no other one of those that may come (all by default).

        Symbols are given by their places. Which symbols have which part is looked at, but never an order of names.
        """
        every = range(len(self.symbols)) if of is None else of
        inside = [self.symbols[letter] for letter in letters]
        outside = [self.symbols[letter] for letter in every if letter not in set(letters)]
        found = [_of_values(self.whole, inside, outside)]
        for part in range(self.width if self.width > 1 else 0):
            yes = list(dict.fromkeys(symbol[part] for symbol in inside))  # type: ignore[index]  # tuples
            no = list(dict.fromkeys(symbol[part] for symbol in outside))  # type: ignore[index]  # tuples
            if not set(yes) & set(no):
                found.append(_of_values(f"x{part}", yes, no))
        return min(found, key=len)


def _of_values(name: str, inside: Sequence[object], outside: Sequence[object]) -> str:
    """Return that a value is one of those inside, when it is one of these or of those outside."""
    if len(inside) == 1:
        return f"{name} == {repr_of(inside[0])}"
    if len(outside) == 1:
        return f"{name} != {repr_of(outside[0])}"
    numbers = [value for value in (*inside, *outside) if type(value) is int]
    if outside and len(numbers) == len(inside) + len(outside):
        within, beyond = numbers[: len(inside)], numbers[len(inside) :]
        if max(within) < min(beyond):
            return f"{name} < {min(beyond)}"
        if min(within) > max(beyond):
            return f"{name} > {max(beyond)}"
    if len(outside) and len(outside) < len(inside):
        return f"{name} not in ({', '.join(map(repr_of, outside))})"
    return f"{name} in ({', '.join(map(repr_of, inside))})"


def repr_of(value: object) -> str:
    """Return a number, a name or a tuple of these as Python source, names in double quotes."""
    if isinstance(value, tuple):
        return f"({', '.join(map(repr_of, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, str) and value.isprintable() and not set(value) & set('"\\'):
        return f'"{value}"'
    return repr(value)


def chosen(cases: Sequence[tuple[str, str]], counts: Sequence[int]) -> str:
    """Return an expression for the value of the case whose condition holds; the most common case is the default."""
    order = sorted(range(len(cases)), key=lambda number: counts[number])
    text = cases[order[-1]][1]
    for number in reversed(order[:-1]):
        condition, value = cases[number]
        text = f"{value} if {condition} else {text}"
    return text
