"""A task: what the network shall learn, as a step function that runs at any length."""

from __future__ import annotations

import itertools
import os
import random
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

Symbol = int | tuple[int, ...]

RANDOM_WORDS = 4  # random words every new task is tried on, besides the two constant ones


class TaskError(ValueError):
    """A task is wrong: the message says which, where it was made, what was found and what was expected."""


@dataclass(frozen=True, slots=True)
class Integers:
    """The alphabet of a task: all ints from `low` to `high`, both included, or all tuples of `width` such ints.

    A symbol is an int when `width` is 1 and a tuple otherwise. The record itself checks nothing: the task that is
    given an alphabet does, because only the task can be named in the error.
    """

    low: int
    high: int
    width: int = 1

    @property
    def count(self) -> int:
        """How many symbols there are."""
        return (self.high - self.low + 1) ** self.width

    @property
    def fault(self) -> str:
        """What is wrong with the alphabet, in words; empty when nothing is."""
        for name, value in (("low", self.low), ("high", self.high), ("width", self.width)):
            if type(value) is not int:
                return f"{name} is {value!r}, expected an int"
        if self.low > self.high:
            return "the range is empty, expected low <= high"
        if self.width < 1:
            return f"width is {self.width}, expected at least 1"
        return ""

    def symbols(self) -> Iterator[Symbol]:
        """Yield every symbol once, in lexicographic order."""
        numbers = range(self.low, self.high + 1)
        return iter(numbers) if self.width == 1 else itertools.product(numbers, repeat=self.width)

    def constant(self, number: int) -> Symbol:
        """Return the symbol that is `number` in every place."""
        return number if self.width == 1 else (number,) * self.width

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
        width = "" if self.width == 1 else f", width={self.width}"
        return f"integers({self.low}, {self.high}{width})"


def integers(low: int, high: int, *, width: int = 1) -> Integers:
    """Return the alphabet of the ints from `low` to `high`, both included, `width` of them a symbol."""
    return Integers(low, high, width)


@dataclass(frozen=True, slots=True)
class Task:
    """A function from words to words, given by a Mealy machine with any number of states.

    `step(state, x)` returns `(next state, y)`: it is pure, states are hashable and immutable, and `y` is an int or a
    tuple of at least two ints. `length` is the length of the training sequences. `sample(rng, length)`, where given,
    draws the special inputs of one training sequence. `outputs` is how many ints one output has; `where` is the place
    the task was made, like `path/to/file.py:21`.

    Raises TaskError when a part is wrong, or when the step function misbehaves on a few words of twice the length.
    """

    name: str
    _: KW_ONLY
    step: Callable[[Any, Any], tuple[Any, Any]]
    start: Hashable
    inputs: Integers
    length: int
    about: str = ""
    sample: Callable[[random.Random, int], list[Any]] | None = None
    outputs: int = field(init=False, default=0)
    where: str = field(init=False, default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", _place_of_caller())
        self._check_parts()
        first_symbol = self.inputs.constant(self.inputs.low)
        object.__setattr__(self, "outputs", _size(self._raw_step(self.start, first_symbol)[1]))
        self._check_walks()

    def __str__(self) -> str:
        return self.name

    def run(self, xs: Iterable[Any]) -> list[Any]:
        """Return the outputs for the word `xs`, as many as it has symbols; `[]` gives `[]`.

        Raises TaskError if the step function raises, or returns anything but a hashable state and an output of the
        task's size.
        """
        state: Any = self.start
        ys = []
        for x in xs:
            next_state, y = self._raw_step(state, x)
            if _size(y) != self.outputs or not self.outputs:
                raise self._output_error(state, x, y)
            try:
                hash(next_state)
            except TypeError:
                raise self.error(
                    f"{_call(state, x)} returned state {next_state!r}, which is not hashable; "
                    "states are hashable and immutable: return a number or a tuple."
                ) from None
            state = next_state
            ys.append(y)
        return ys

    def draw(self, rng: random.Random, length: int) -> list[Any]:
        """Return a training word of `length` symbols: from `sample` if there is one, else uniform.

        Raises TaskError if `sample` raises or returns anything but that many symbols of the alphabet.
        """
        if self.sample is None:
            return self.inputs.draw_word(rng, length)
        try:
            word = self.sample(rng, length)
        except Exception as error:
            raise self.error(f"sample(rng, {length}) raised {type(error).__name__}: {error}.") from error
        if not isinstance(word, list | tuple):
            raise self.error(f"sample(rng, {length}) returned {word!r}; expected a list of {length} symbols.")
        if len(word) != length:
            raise self.error(f"sample(rng, {length}) returned {len(word)} symbols; expected {length}.")
        for position, symbol in enumerate(word):
            if symbol not in self.inputs:
                raise self.error(
                    f"sample(rng, {length}) returned {symbol!r} at position {position}; "
                    f"expected a symbol of {self.inputs}."
                )
        return list(word)

    def error(self, what: str) -> TaskError:
        """Return the error that says `what` about this task, with its name and place in front."""
        return TaskError(f"Task {self.name!r} ({self.where}): {what}")

    def _check_parts(self) -> None:
        if not (isinstance(self.name, str) and self.name.isascii() and self.name.isidentifier()):
            raise self.error("the name is not a word of ASCII letters, digits and underscores, like 'My_Task'.")
        if not callable(self.step):
            raise self.error(f"step is {self.step!r}; expected a function step(state, x) -> (next state, output).")
        if not isinstance(self.inputs, Integers):
            raise self.error(f"inputs is {self.inputs!r}; expected integers(low, high).")
        if self.inputs.fault:
            raise self.error(f"inputs is {self.inputs}: {self.inputs.fault}.")
        if type(self.length) is not int or self.length < 1:
            raise self.error(f"length is {self.length!r}; expected an int of at least 1.")
        if self.sample is not None and not callable(self.sample):
            raise self.error(f"sample is {self.sample!r}; expected a function sample(rng, length) -> list of symbols.")
        try:
            hash(self.start)
        except TypeError:
            raise self.error(f"start is {self.start!r}, which is not hashable; use a number or a tuple.") from None

    def _check_walks(self) -> None:
        rng = random.Random(0)
        length = 2 * self.length
        words = [[self.inputs.constant(number)] * length for number in (self.inputs.low, self.inputs.high)]
        words += [self.inputs.draw_word(rng, length) for _ in range(RANDOM_WORDS)]
        if self.sample is not None:
            words.append(self.draw(rng, self.length))
        for word in words:
            if self.run(word) != self.run(word):
                raise self.error(f"two runs on {word} gave different outputs; step is a pure function of (state, x).")

    def _raw_step(self, state: Any, x: Any) -> tuple[Any, Any]:
        try:
            result = self.step(state, x)
        except Exception as error:
            raise self.error(f"{_call(state, x)} raised {type(error).__name__}: {error}.") from error
        if type(result) is not tuple or len(result) != 2:
            raise self.error(f"{_call(state, x)} returned {result!r}; expected a pair (next state, output).")
        return result

    def _output_error(self, state: Any, x: Any, y: Any) -> TaskError:
        found = f"{_call(state, x)} returned output {y!r}"
        if not _size(y):
            cure = ""
            if isinstance(y, bool):
                cure = " Write int(...) around it."
            elif isinstance(y, tuple) and len(y) == 1:
                cure = " One int needs no tuple around it."
            return self.error(f"{found}; outputs are ints or tuples of ints.{cure}")
        expected = "an int" if self.outputs == 1 else f"a tuple of {self.outputs} ints"
        return self.error(f"{found}; expected {expected}, as the first output was.")


def _size(y: object) -> int:
    """Return how many ints the output `y` has; 0 when it is no output."""
    if type(y) is int:
        return 1
    if type(y) is tuple and len(y) > 1 and all(type(number) is int for number in y):
        return len(y)
    return 0


def _call(state: object, x: object) -> str:
    return f"step({state!r}, {x!r})"


def _place_of_caller() -> str:
    """Return `file:line` of the nearest caller outside this module, relative to the working directory when inside."""
    frame = sys._getframe()
    while frame.f_globals is globals() and frame.f_back is not None:
        frame = frame.f_back
    path = os.path.abspath(frame.f_code.co_filename)
    relative = os.path.relpath(path)
    return f"{path if relative.startswith(os.pardir) else relative}:{frame.f_lineno}"
