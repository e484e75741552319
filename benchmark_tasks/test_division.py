"""Divide as numbers come in, and keep the remainder."""

import pytest

from mips import Task, integers


def divide_bits_by(divisor):
    def step(remainder, bit):
        quotient, remainder = divmod(2 * remainder + bit, divisor)
        return remainder, quotient

    return step


def dither(shade, brightness):
    dot, shade = divmod(shade + brightness, 15)
    return shade, dot


TASKS = [
    *(
        Task(
            f"Div_{divisor}",
            step=divide_bits_by(divisor),
            start=0,
            inputs=integers(0, 1),
            length=10,
            about=f"Long division of a bit string by {divisor}, most significant bit first.",
        )
        for divisor in (3, 5, 7)
    ),
    Task(
        "Dithering",
        step=dither,
        start=0,
        inputs=integers(0, 15),
        length=10,
        about="Turn 4-bit brightness into 1-bit dots: one each time the sum so far reaches the next multiple of 15.",
    ),
]


@pytest.mark.mips_task
@pytest.mark.parametrize("task", TASKS, ids=str)
def test_division(task, mips):
    mips(task)
