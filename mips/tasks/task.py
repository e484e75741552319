"""A task: what the network shall learn, as a step function that runs at any length."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Iterable
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from mips.tasks.alphabets import LONGEST_WORD, Alphabet, Product, Symbols
from mips.tasks.alphabets import Integers as Integers
from mips.tasks.alphabets import Symbol as Symbol
from mips.tasks.alphabets import integers as integers
from mips.tasks.cures import (
    ALPHABETS,
    cure_for_alphabet,
    cure_for_int,
    cure_for_names,
    cure_for_output,
    cure_for_state,
    cure_for_symbol,
    cure_for_unknown,
    told,
)
from mips.tasks.places import place_in, place_of_caller, said
from mips.tasks.rehearsal import LONGEST, LONGEST_TIMES, try_out

NAME_LENGTH = 100  # letters of a task's name: folders are called so, and file systems take 255 bytes


class TaskError(ValueError):
    """A task is wrong: the message says which, where it was made, what was found and what was expected."""

    placed = True  # whoever reports it need not look for a place in the library


@dataclass(frozen=True, slots=True)
class Task:
    """A function from words to words, given by a Mealy machine with any number of states.

    `step(state, x)` returns `(next state, y)`: it is pure, states are hashable and immutable, and `y` is an int or a
    tuple of at least two ints, or one of the names of `outputs`, where they are given as `symbols(...)`. `x` is a
    symbol of `inputs`: an int, a name, or a tuple of these. `length` is the length of the training sequences.
    `sample(rng, length)`, where given, draws the special inputs of one training sequence. `output_width` is how many
    numbers one output has, 1 where it is a name; `where` is the place the task was made, like `path/to/file.py:21`.

    Raises TaskError when a part is wrong, or when `step` or `sample` misbehaves on a few words of twice the length: it
    raises, is not pure, or does not come back within some seconds.
    """

    name: str
    _: KW_ONLY
    step: Callable[[Any, Any], tuple[Any, Any]]
    start: Hashable
    inputs: Alphabet
    length: int
    outputs: Symbols | None = None
    about: str = ""
    sample: Callable[[random.Random, int], list[Any]] | None = None
    output_width: int = field(init=False, default=0)
    where: str = field(init=False, default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", place_of_caller())
        self._check_parts()
        try_out(self)

    def __str__(self) -> str:
        return self.name

    def run(self, xs: Iterable[Any]) -> list[Any]:
        """Return the outputs for the word `xs`, as many as it has symbols; `[]` gives `[]`.

        Raises TaskError as `advance` does, and says so where the word is longer than those of the training.
        """
        state: Any = self.start
        ys: list[Any] = []
        try:
            for x in xs:
                state, y = self.advance(state, x)
                ys.append(y)
        except TaskError as error:
            if len(ys) < self.length:
                raise
            raise TaskError(
                f"{error} This was symbol {len(ys) + 1} of a word. Words far longer than length ({self.length}) are "
                f"judged, up to {LONGEST_TIMES} times as long, and one of {LONGEST:,} symbols: "
                "the step must go on."
            ) from error.__cause__
        return ys

    def advance(self, state: Any, x: Any) -> tuple[Any, Any]:
        """Return the next state and the output of one step. The first output that there is sets the task's size.

        Raises TaskError if the step function raises, or returns anything but a hashable state and an output of the
        task's size.
        """
        try:
            result = self.step(state, x)
        except Exception as error:
            place = place_in(error.__traceback__, self.where)
            raise self.error(f"{_call(state, x)} raised {said(error)} ({place}).") from error
        if type(result) is not tuple or len(result) != 2:
            raise self.error(f"{_call(state, x)} returned {told(result)}; expected a pair (next state, output).")
        if self.outputs is None:
            size = 1 if type(result[1]) is int else _size(result[1])
        else:
            size = int(type(result[1]) is str and result[1] in self.outputs.names)
        if size != self.output_width or not size:
            if self.output_width or not size:
                raise self._output_error(state, x, result[1])
            object.__setattr__(self, "output_width", size)
        try:
            hash(result[0])
        except TypeError:
            raise self.error(
                f"{_call(state, x)} returned state {told(result[0])}, which is not hashable; states are hashable "
                f"and immutable. {cure_for_state(result[0])}"
            ) from None
        return result

    def draw(self, rng: random.Random, length: int) -> list[Any]:
        """Return a training word of `length` symbols: from `sample` if there is one, else uniform.

        Raises TaskError if `sample` raises or returns anything but that many symbols of the alphabet.
        """
        if self.sample is None:
            return self.inputs.draw_word(rng, length)
        try:
            word = self.sample(rng, length)
        except Exception as error:
            place = place_in(error.__traceback__, self.where)
            raise self.error(f"sample(rng, {length}) raised {said(error)} ({place}).") from error
        if not isinstance(word, list | tuple):
            cure = "" if word is None else "Write list(...) around it."
            cure = "Write ....tolist()." if hasattr(word, "tolist") else cure
            found = f"sample(rng, {length}) returned {told(word)}"
            raise self.error(f"{found}; expected a list of {length} symbols. {cure}".rstrip())
        if len(word) != length:
            raise self.error(f"sample(rng, {length}) returned {len(word)} symbols; expected {length}.")
        for position, symbol in enumerate(word):
            if symbol not in self.inputs:
                cure = self._symbol_cure(symbol)
                found = f"sample(rng, {length}) returned {told(symbol)} at position {position}"
                raise self.error(f"{found}; expected a symbol of {self.inputs}. {cure}".rstrip())
        return list(word)

    def error(self, what: str) -> TaskError:
        """Return the error that says `what` about this task, with its name and place in front."""
        return TaskError(f"Task {self.name!r} ({self.where}): {what}")

    def _check_parts(self) -> None:
        if not (isinstance(self.name, str) and self.name.isascii() and self.name.isidentifier()):
            raise self.error("the name is not a word of ASCII letters, digits and underscores, like 'My_Task'.")
        if len(self.name) > NAME_LENGTH:  # a folder is called so
            found = f"Task {told(self.name)} ({self.where}): the name has {len(self.name)} letters"
            raise TaskError(f"{found}; expected at most {NAME_LENGTH}.")
        if not callable(self.step):
            raise self.error(f"step is {self.step!r}; expected a function step(state, x) -> (next state, output).")
        if not isinstance(self.inputs, Integers | Symbols | Product):
            cure = cure_for_alphabet(self.inputs)
            raise self.error(f"inputs is {told(self.inputs)}; expected {ALPHABETS}. {cure}".rstrip())
        if self.inputs.fault:
            raise self.error(f"inputs is {self.inputs}: {self.inputs.fault}.")
        if self.outputs is not None and not isinstance(self.outputs, Symbols):
            found, cure = told(self.outputs), cure_for_names(self.outputs)
            raise self.error(f"outputs is {found}; expected symbols(...), or nothing where outputs are ints. {cure}")
        if type(self.length) is not int or self.length < 1:
            cure = cure_for_int(self.length)
            raise self.error(f"length is {told(self.length)}; expected an int of at least 1. {cure}".rstrip())
        if self.length * self.inputs.width > LONGEST_WORD:
            raise self.error(
                f"length is {told(self.length)}, which makes more than {LONGEST_WORD:,} numbers a word, and a training "
                "takes thousands of words; give a shorter length, since programs are judged at any."
            )
        if self.sample is not None and not callable(self.sample):
            raise self.error(f"sample is {self.sample!r}; expected a function sample(rng, length) -> list of symbols.")
        try:
            hash(self.start)
        except TypeError:
            found, cure = told(self.start), cure_for_state(self.start)
            raise self.error(f"start is {found}, which is not hashable; states are hashable. {cure}") from None

    def _symbol_cure(self, symbol: object) -> str:
        if isinstance(self.inputs, Integers):
            return cure_for_symbol(symbol, self.inputs.width)
        if isinstance(self.inputs, Symbols):
            return cure_for_unknown(symbol, self.inputs.names)
        return f"A symbol is a tuple of {self.inputs.width} parts, such as {told(self.inputs.some()[0])}."

    def _output_error(self, state: Any, x: Any, y: Any) -> TaskError:
        found = f"{_call(state, x)} returned output {told(y)}"
        if self.outputs is not None:
            cure = cure_for_unknown(y, self.outputs.names)
            return self.error(f"{found}; expected a name of outputs={self.outputs}. {cure}")
        if not _size(y):
            return self.error(f"{found}; outputs are ints or tuples of ints. {cure_for_output(y)}".rstrip())
        expected = "an int" if self.output_width == 1 else f"a tuple of {self.output_width} ints"
        return self.error(f"{found}; expected {expected}, as the first output was.")


def _size(y: object) -> int:
    """Return how many ints the output `y` has; 0 when it is no output."""
    if type(y) is int:
        return 1
    if type(y) is tuple and len(y) > 1 and all(type(number) is int for number in y):
        return len(y)
    return 0


def _call(state: object, x: object) -> str:
    return f"step({told(state)}, {told(x)})"
