"""The tasks of the benchmark, words over their alphabets, and the 62 tasks a second time.

The second time they are written from their definitions as array formulas that know nothing of step functions. A
definition takes int64 arrays of shape (count, length) for inputs of width 1, else (count, length, width), and returns
the outputs in shape (count, length), or (count, length, 2) for Newton_Magnetic.
"""

from __future__ import annotations

import importlib.util
from itertools import product
from pathlib import Path

import numpy as np

from mips import Task


def last(x, count):
    """Return the windows of the last `count` numbers, this one included and zeros before the start, on a third axis."""
    return np.lib.stride_tricks.sliding_window_view(np.pad(x, ((0, 0), (count - 1, 0))), count, axis=1)


def back(x, steps):
    return last(x, steps + 1)[..., 0]


def respond(x, impulse):
    """Convolve every sequence with the response to a single 1 at the start."""
    age = np.arange(x.shape[1])[None, :] - np.arange(x.shape[1])[:, None]
    return x @ np.where(age >= 0, np.asarray(impulse)[np.maximum(age, 0)], 0)


def addition(base):
    def define(x):
        place = base ** np.arange(x.shape[1])
        return (x * place[:, None]).cumsum(1).sum(2) // place % base

    return define


def division(divisor):
    def define(x):
        place = 2 ** np.arange(x.shape[1])[::-1]
        quotient = (x * place).cumsum(1) // place // divisor
        return quotient - 2 * back(quotient, 1)

    return define


def majority(numbers):
    return lambda x: (x[..., None] == np.arange(numbers)).cumsum(1).argmax(2)


def palindromes(x):
    return np.stack([(x[:, :end] == x[:, :end][:, ::-1]).all(1) for end in range(1, x.shape[1] + 1)], 1).astype(int)


def balanced(x):
    depth = np.where(x == 0, 1, -1).cumsum(1)
    return ((depth == 0) & (np.minimum.accumulate(depth, 1) >= 0)).astype(int)


def alternating(count):
    return lambda x: (np.abs(np.diff(last(x, count), axis=2)).sum(2) == count - 1).astype(int)


def spring(x):
    return respond(x, np.resize([1, 1, 0, -1, -1, 0], x.shape[1]))  # p(t) = p(t-1) - p(t-2) + x(t)


def magnetic(x):
    turns = np.cumprod(np.concatenate(([1], np.full(x.shape[1] - 1, 1 + 1j))))  # velocity as a complex number
    position = respond(x[..., 0] + 1j * x[..., 1], turns).cumsum(1)
    return np.rint(np.stack([position.real, position.imag], 2)).astype(int)


DEFINITIONS = {
    "Binary_Addition": addition(2),
    **{f"Base_{base}_Addition": addition(base) for base in range(3, 8)},
    "Bitwise_Xor": lambda x: (x[..., 0] != x[..., 1]).astype(int),
    "Bitwise_Or": lambda x: x.max(2),
    "Bitwise_And": lambda x: x.min(2),
    "Bitwise_Not": lambda x: (x == 0).astype(int),
    **{f"Parity_Last{count}": lambda x, count=count: last(x, count).sum(2) % 2 for count in (2, 3, 4)},
    "Parity_All": lambda x: x.cumsum(1) % 2,
    "Parity_Zeros": lambda x: (x == 0).cumsum(1) % 2,
    "Evens_Counter": lambda x: np.isin(x, [0, 2, 4, 6, 8]).cumsum(1),
    "Sum_All": lambda x: x.cumsum(1),
    **{f"Sum_Last{count}": lambda x, count=count: last(x, count).sum(2) for count in range(2, 8)},
    "Current_Number": lambda x: x,
    **{f"Prev{steps}": lambda x, steps=steps: back(x, steps) for steps in range(1, 6)},
    "Previous_Equals_Current": lambda x: (x == back(x, 1)).astype(int),
    "Diff_Last2": lambda x: np.diff(x, axis=1, prepend=0),
    "Abs_Diff": lambda x: np.abs(np.diff(x, axis=1, prepend=0)),
    "Abs_Current": np.abs,
    "Diff_Abs_Values": lambda x: np.diff(np.abs(x), axis=1, prepend=0),
    "Min_Seen": lambda x: np.minimum.accumulate(x, 1),
    "Max_Seen": lambda x: np.maximum.accumulate(x, 1),
    **{f"Majority_0_{highest}": majority(highest + 1) for highest in (1, 2, 3)},
    "Evens_Detector": lambda x: np.isin(x, [0, 2, 4, 6, 8]).astype(int),
    "Perfect_Square_Detector": lambda x: np.isin(x, [0, 1, 4, 9, 16]).astype(int),
    "Bit_Palindrome": palindromes,
    "Balanced_Parenthesis": balanced,
    "Parity_Bits_Mod2": lambda x: np.broadcast_to(np.arange(x.shape[1]) % 2, x.shape),
    "Alternating_Last3": alternating(3),
    "Alternating_Last4": alternating(4),
    "Bit_Shift_Right": lambda x: back(x, 1),
    "Bit_Dot_Prod_Mod2": lambda x: x.prod(2).cumsum(1) % 2,
    **{f"Div_{divisor}": division(divisor) for divisor in (3, 5, 7)},
    **{f"Add_Mod_{modulus}": lambda x, modulus=modulus: x.cumsum(1) % modulus for modulus in range(3, 9)},
    "Dithering": lambda x: np.diff(x.cumsum(1) // 15, axis=1, prepend=0),
    "Newton_Freebody": lambda x: x.cumsum(1).cumsum(1),
    "Newton_Gravity": lambda x: (x - 1).cumsum(1).cumsum(1),
    "Newton_Spring": spring,
    "Newton_Magnetic": magnetic,
}


def load_tasks() -> list[Task]:
    tasks: list[Task] = []
    for path in sorted((Path(__file__).parents[2] / "benchmark_tasks").glob("test_*.py")):
        spec = importlib.util.spec_from_file_location(f"benchmark_tasks_{path.stem}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        tasks += module.TASKS
    return tasks


TASKS = load_tasks()


def all_words(task: Task, limit: int = 1500) -> np.ndarray:
    """Return every word of the greatest length that has at most `limit` words: (count, length, width)."""
    length = 1
    while task.inputs.count ** (length + 1) <= limit:
        length += 1
    return np.array(list(product(task.inputs.symbols(), repeat=length))).reshape(-1, length, task.inputs.width)


def as_words(task: Task, inputs: np.ndarray) -> list[list]:
    if task.inputs.width == 1:
        return inputs[..., 0].tolist()
    return [[tuple(symbol) for symbol in word] for word in inputs.tolist()]
