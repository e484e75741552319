"""Running totals, of everything or of a sliding window."""

import pytest

from mips import Task, integers


def sum_of_all(total, x):
    total = total + x
    return total, total


def sum_of_last(earlier, x):
    return (*earlier[1:], x), sum(earlier) + x


def count_evens(evens, x):
    evens = evens + 1 - x % 2
    return evens, evens


TASKS = [
    Task(
        "Sum_All",
        step=sum_of_all,
        start=0,
        inputs=integers(0, 99),
        length=10,
        about="Sum of all numbers so far.",
    ),
    *(
        Task(
            f"Sum_Last{count}",
            step=sum_of_last,
            start=(0,) * (count - 1),
            inputs=integers(0, 99),
            length=10 if count < 5 else 20,
            about=f"Sum of the last {count} numbers, this one included; numbers before the start are 0.",
        )
        for count in range(2, 8)
    ),
    Task(
        "Evens_Counter",
        step=count_evens,
        start=0,
        inputs=integers(0, 9),
        length=10,
        about="How many even numbers so far; 0 is even.",
    ),
]


@pytest.mark.mips_task
@pytest.mark.parametrize("task", TASKS, ids=str)
def test_sums(task, mips):
    mips(task)
