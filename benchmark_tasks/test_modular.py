"""Sums on a circle."""

import pytest

from mips import Task, integers


def add_modulo(modulus):
    def step(total, x):
        total = (total + x) % modulus
        return total, total

    return step


TASKS = [
    Task(
        f"Add_Mod_{modulus}",
        step=add_modulo(modulus),
        start=0,
        inputs=integers(0, modulus - 1),
        length=10,
        about=f"Sum so far mod {modulus}.",
    )
    for modulus in range(3, 9)
]


@pytest.mark.mips_task
@pytest.mark.parametrize("task", TASKS, ids=str)
def test_modular(task, mips):
    mips(task)
