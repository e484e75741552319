"""The number seen most often."""

import pytest

from mips import Task, integers


def most_frequent(counts, x):
    counts = (*counts[:x], counts[x] + 1, *counts[x + 1 :])
    return counts, counts.index(max(counts))


TASKS = [
    Task(
        f"Majority_0_{highest}",
        step=most_frequent,
        start=(0,) * (highest + 1),
        inputs=integers(0, highest),
        length=10,
        about="The number seen most often so far; the smallest wins a tie.",
    )
    for highest in range(1, 4)
]


@pytest.mark.mips_task
@pytest.mark.parametrize("task", TASKS, ids=str)
def test_majority(task, mips):
    mips(task)
