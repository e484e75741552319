"""Logic on single bits: nothing needs to be remembered, so the state is 0 for ever."""

import operator

import pytest

from mips import Task, integers


def on_bit_pairs(operation):
    def step(state, bits):
        return state, operation(*bits)

    return step


def negate(state, x):
    return state, 1 - x


TASKS = [
    Task(
        "Bitwise_Xor",
        step=on_bit_pairs(operator.xor),
        start=0,
        inputs=integers(0, 1, width=2),
        length=10,
        about="Exclusive or of two bits.",
    ),
    Task(
        "Bitwise_Or",
        step=on_bit_pairs(operator.or_),
        start=0,
        inputs=integers(0, 1, width=2),
        length=10,
        about="Inclusive or of two bits.",
    ),
    Task(
        "Bitwise_And",
        step=on_bit_pairs(operator.and_),
        start=0,
        inputs=integers(0, 1, width=2),
        length=10,
        about="Conjunction of two bits.",
    ),
    Task("Bitwise_Not", step=negate, start=0, inputs=integers(0, 1), length=10, about="The other bit."),
]


@pytest.mark.mips_task
@pytest.mark.parametrize("task", TASKS, ids=str)
def test_bitwise(task, mips):
    mips(task)
