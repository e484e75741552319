"""Differences and absolute values of the last two numbers; the number before the first is 0."""

import pytest

from mips import Task, integers


def difference(previous, x):
    return x, x - previous


def absolute_difference(previous, x):
    return x, abs(x - previous)


def absolute_value(state, x):
    return state, abs(x)


def difference_of_absolute_values(previous, x):
    return abs(x), abs(x) - previous


TASKS = [
    Task(
        "Diff_Last2",
        step=difference,
        start=0,
        inputs=integers(-100, 99),
        length=10,
        about="The number minus the previous one.",
    ),
    Task(
        "Abs_Diff",
        step=absolute_difference,
        start=0,
        inputs=integers(-100, 99),
        length=10,
        about="Distance between the number and the previous one.",
    ),
    Task(
        "Abs_Current",
        step=absolute_value,
        start=0,
        inputs=integers(-100, 99),
        length=10,
        about="Absolute value; nothing needs to be remembered, so the state is 0 for ever.",
    ),
    Task(
        "Diff_Abs_Values",
        step=difference_of_absolute_values,
        start=0,
        inputs=integers(-100, 99),
        length=10,
        about="Absolute value of the number minus that of the previous one.",
    ),
]


@pytest.mark.mips_task
@pytest.mark.parametrize("task", TASKS, ids=str)
def test_differences(task, mips):
    mips(task)
