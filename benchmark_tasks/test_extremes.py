"""The smallest and the largest number so far."""

import pytest

from mips import Task, integers


def best_by(choose):
    def step(best, x):
        best = choose(best, x)
        return best, best

    return step


TASKS = [
    Task(
        "Min_Seen",
        step=best_by(min),
        start=9,
        inputs=integers(0, 9),
        length=10,
        about="Smallest number so far.",
    ),
    Task(
        "Max_Seen",
        step=best_by(max),
        start=0,
        inputs=integers(0, 99),
        length=10,
        about="Largest number so far.",
    ),
]


@pytest.mark.mips_task
@pytest.mark.parametrize("task", TASKS, ids=str)
def test_extremes(task, mips):
    mips(task)
