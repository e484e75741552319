"""Remember what came some steps ago."""

import pytest

from mips import Task, integers


def current(state, x):
    return state, x


def oldest(earlier, x):
    return (*earlier[1:], x), earlier[0]


def previous_equals_current(previous, x):
    return x, int(x == previous)


TASKS = [
    Task(
        "Current_Number",
        step=current,
        start=0,
        inputs=integers(0, 99),
        length=10,
        about="The number itself; nothing needs to be remembered, so the state is 0 for ever.",
    ),
    *(
        Task(
            f"Prev{back}",
            step=oldest,
            start=(0,) * back,
            inputs=integers(0, 99),
            length=10 if back < 5 else 20,
            about=f"The number {back} {'step' if back == 1 else 'steps'} back; 0 while there is none.",
        )
        for back in range(1, 6)
    ),
    Task(
        "Bit_Shift_Right",
        step=oldest,
        start=(0,),
        inputs=integers(0, 1),
        length=10,
        about="The previous bit; 0 at first.",
    ),
    Task(
        "Previous_Equals_Current",
        step=previous_equals_current,
        start=0,
        inputs=integers(0, 7),
        length=10,
        about="1 if the number equals the previous one, else 0; the number before the first is taken as 0.",
    ),
]


@pytest.mark.mips_task
@pytest.mark.parametrize("task", TASKS, ids=str)
def test_history(task, mips):
    mips(task)
