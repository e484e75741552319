"""Does the number, or what was seen so far, have a property? 1 if it has, else 0."""

from itertools import pairwise
from math import isqrt

import pytest

from mips import Task, integers

DEAD = -1  # the depth of a string that no bracket can balance any more


def is_even(state, x):
    return state, 1 - x % 2


def is_perfect_square(state, x):
    return state, int(isqrt(x) ** 2 == x)


def is_alternating(earlier, x):
    bits = (*earlier, x)
    return bits[1:], int(all(bit != following for bit, following in pairwise(bits)))


def is_balanced(depth, bracket):
    if depth == DEAD or (depth == 0 and bracket == 1):
        return DEAD, 0
    depth += 1 - 2 * bracket
    return depth, int(depth == 0)


def is_palindrome(earlier, x):
    bits = (*earlier, x)
    return bits, int(bits == bits[::-1])


def palindrome_first(rng, length):
    """Draw a random palindrome of random length 2..10, then random bits, so that palindromes are common."""
    size = rng.randint(2, 10)
    bits = rng.choices((0, 1), k=max(size, length))
    bits[size - size // 2 : size] = reversed(bits[: size // 2])
    return bits[:length]


TASKS = [
    Task("Evens_Detector", step=is_even, start=0, inputs=integers(0, 9), length=10, about="Is the number even?"),
    Task(
        "Perfect_Square_Detector",
        step=is_perfect_square,
        start=0,
        inputs=integers(0, 19),
        length=10,
        about="Is the number a perfect square (0, 1, 4, 9 or 16)?",
    ),
    *(
        Task(
            f"Alternating_Last{count}",
            step=is_alternating,
            start=(0,) * (count - 1),
            inputs=integers(0, 1),
            length=10,
            about=f"Do the last {count} bits alternate? Bits before the start are 0.",
        )
        for count in (3, 4)
    ),
    Task(
        "Balanced_Parenthesis",
        step=is_balanced,
        start=0,
        inputs=integers(0, 1),
        length=10,
        about='Is the string so far balanced, 0 for "(" and 1 for ")"? Never again once more ")" than "(" were seen.',
    ),
    Task(
        "Bit_Palindrome",
        step=is_palindrome,
        start=(),
        inputs=integers(0, 1),
        length=10,
        sample=palindrome_first,
        about="Do the bits so far read the same backwards?",
    ),
]


@pytest.mark.mips_task
@pytest.mark.parametrize("task", TASKS, ids=str)
def test_detectors(task, mips):
    mips(task)
