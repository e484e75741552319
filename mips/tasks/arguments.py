"""What callers of the library give it, looked at before anything is done with it: tasks and seeds."""

from __future__ import annotations

from mips.tasks.cures import cure_for_int, told
from mips.tasks.task import Task

SEEDS = 1 << 64  # what generators of random numbers take


def check_task(task: object) -> None:
    """Raise TypeError, with what was found and what was expected, when `task` is no Task."""
    if not isinstance(task, Task):
        raise TypeError(
            f"found {kind_of(task)} in the place of the task; expected a mips.Task: "
            "Task(name, step=step, start=state, inputs=integers(low, high), length=10)"
        )


def check_seed(seed: object) -> None:
    """Raise ValueError, with what was found and what was expected, when `seed` is no int from 0 to 2**64 - 1."""
    if type(seed) is not int or not 0 <= seed < SEEDS:
        cure = cure_for_int(seed)
        raise ValueError(f"found seed {told(seed)}; expected an int from 0 to 2**64 - 1. {cure}".rstrip(" ."))


def kind_of(given: object) -> str:
    """Return what was given, by its type, for a message: `an object of type list`, `the class torch.nn.GRU`."""
    kind = given if isinstance(given, type) else type(given)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"the class {name}" if isinstance(given, type) else f"an object of type {name}"
