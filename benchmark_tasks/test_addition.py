"""Add two numbers digit by digit, least significant digit first."""

import pytest

from mips import Task, integers


def add_in_base(base):
    def step(carry, digits):
        carry, digit = divmod(sum(digits) + carry, base)
        return carry, digit

    return step


TASKS = [
    Task(
        "Binary_Addition",
        step=add_in_base(2),
        start=0,
        inputs=integers(0, 1, width=2),
        length=10,
        about="Add two bit strings, least significant bit first; the last carry is lost.",
    ),
    *(
        Task(
            f"Base_{base}_Addition",
            step=add_in_base(base),
            start=0,
            inputs=integers(0, base - 1, width=2),
            length=10,
            about=f"Add two numbers in base {base}, least significant digit first; the last carry is lost.",
        )
        for base in range(3, 8)
    ),
]


@pytest.mark.mips_task
@pytest.mark.parametrize("task", TASKS, ids=str)
def test_addition(task, mips):
    mips(task)
