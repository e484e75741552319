"""Examples of a task, as arrays. Besides the judge, this is the only caller of the reference."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mips.tasks.alphabets import Alphabet, Integers, Symbols, reader, symbol_of
from mips.tasks.task import Task

FEW_SYMBOLS = 3  # or fewer has a monotonous word


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """Input sequences and the outputs of the reference on them, as read-only int64 arrays.

    `inputs` has shape (count, length, width) and `outputs` has shape (count, length, outputs). In the place of a name
    stands its place in its alphabet, from 0.
    """

    inputs: NDArray[np.int64]
    outputs: NDArray[np.int64]


def sample(task: Task, *, count: int, seed: int, length: int | None = None, monotonous: float = 0.0) -> Dataset:
    """Return `count` random examples of `task`, each `length` symbols long (default: the task's training length).

    This share of them is `monotonous`: drawn once more, from at most `FEW_SYMBOLS` places of the word itself. They
    reach extremes that independent symbols hardly ever reach, such as one symbol ten times.

    The result depends on the arguments alone; a larger `count` only appends examples. Raises TaskError if the task
    draws symbols outside its alphabet, its step function misbehaves, or a number does not fit into 64 bits.
    """
    if length is None:
        length = task.length
    rng = random.Random(f"{seed}, {length}")  # a text is hashed with SHA-512: the same on every machine
    words = [_drawn(task, rng, length, monotonous) for _ in range(count)]
    outputs = [task.run(word) for word in words]
    try:
        return Dataset(
            inputs=_read_only(_numbers(task.inputs, words), (count, length, task.inputs.width)),
            outputs=_read_only(_numbers(task.outputs, outputs), (count, length, task.output_width)),
        )
    except OverflowError:
        raise task.error(f"a number in a sequence of length {length} does not fit into 64 bits.") from None


def covering(task: Task, data: Dataset) -> Dataset:
    """Return the examples with every word of their length among them, if there are at most as many words as examples.

    Words that are missing take the places of words that come again, the last ones first. A task that draws words of its
    own keeps to them.
    """
    count, length = data.inputs.shape[:2]
    parts, digits = task.inputs.parts, length * task.inputs.width
    every = task.inputs.count**length
    if task.sample is not None or not length or every > count:
        return data
    lows = np.tile([0 if isinstance(part, Symbols) else part.low for part in parts], length)
    sizes = np.tile([part.count for part in parts], length)
    places = np.concatenate([[1], np.cumprod(sizes[:-1], dtype=np.int64)])
    numbers = (data.inputs.reshape(count, digits) - lows) @ places
    known, first = np.unique(numbers, return_index=True)
    missing = np.setdiff1d(np.arange(every), known)
    repeated = np.setdiff1d(np.arange(count), first)
    again = repeated[len(repeated) - len(missing) :]
    symbols = missing[:, None] // places % sizes + lows
    words = symbols.reshape(len(missing), length, task.inputs.width)
    inputs, outputs = data.inputs.copy(), data.outputs.copy()
    inputs[again] = words
    for place, word in zip(again.tolist(), words.tolist(), strict=True):
        answers = _numbers(task.outputs, [task.run([symbol_of(task.inputs, symbol) for symbol in word])])
        outputs[place] = np.array(answers, dtype=np.int64).reshape(length, task.output_width)
    for array in (inputs, outputs):
        array.setflags(write=False)
    return Dataset(inputs=inputs, outputs=outputs)


def _drawn(task: Task, rng: random.Random, length: int, monotonous: float) -> list[Any]:
    word = task.draw(rng, length)
    if word and monotonous and rng.random() < monotonous:
        word = rng.choices(rng.sample(word, rng.randint(1, min(FEW_SYMBOLS, length))), k=length)
    return word


def _numbers(alphabet: Alphabet | None, words: list[list[Any]]) -> list[list[Any]]:
    """Return words with the places of names in their stead; outputs that are no names have no alphabet."""
    if alphabet is None or isinstance(alphabet, Integers):
        return words
    read = reader(alphabet)
    return [list(map(read, word)) for word in words]


def _read_only(numbers: list[list[int | tuple[int, ...]]], shape: tuple[int, int, int]) -> NDArray[np.int64]:
    array = np.array(numbers, dtype=np.int64).reshape(shape)
    array.setflags(write=False)
    return array
