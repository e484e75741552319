"""Is a number of bits odd?"""

import pytest

from mips import Task, integers


def parity_of_last(bits, x):
    return (*bits[1:], x), (sum(bits) + x) % 2


def parity_of_ones(parity, x):
    parity ^= x
    return parity, parity


def parity_of_zeros(parity, x):
    parity ^= 1 - x
    return parity, parity


def parity_of_position(parity, x):
    return 1 - parity, parity


def parity_of_products(parity, bits):
    x0, x1 = bits
    parity ^= x0 & x1
    return parity, parity


TASKS = [
    *(
        Task(
            f"Parity_Last{count}",
            step=parity_of_last,
            start=(0,) * (count - 1),
            inputs=integers(0, 1),
            length=10,
            about=f"Parity of the last {count} bits, this one included; bits before the start are 0.",
        )
        for count in range(2, 5)
    ),
    Task(
        "Parity_All",
        step=parity_of_ones,
        start=0,
        inputs=integers(0, 1),
        length=10,
        about="Parity of the number of ones so far.",
    ),
    Task(
        "Parity_Zeros",
        step=parity_of_zeros,
        start=0,
        inputs=integers(0, 1),
        length=10,
        about="Parity of the number of zeros so far.",
    ),
    Task(
        "Parity_Bits_Mod2",
        step=parity_of_position,
        start=0,
        inputs=integers(0, 1),
        length=10,
        about="0, 1, 0, 1, ... whatever the input: parity of the position, counted from 0.",
    ),
    Task(
        "Bit_Dot_Prod_Mod2",
        step=parity_of_products,
        start=0,
        inputs=integers(0, 1, width=2),
        length=10,
        about="Inner product of two bit strings so far, mod 2.",
    ),
]


@pytest.mark.mips_task
@pytest.mark.parametrize("task", TASKS, ids=str)
def test_parity(task, mips):
    mips(task)
