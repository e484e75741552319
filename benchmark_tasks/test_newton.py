"""Positions of a unit mass that starts at rest at 0 and is pushed by the inputs."""

import pytest

from mips import Task, integers


def free_body(motion, force):
    velocity, position = motion
    velocity = velocity + force
    position = position + velocity
    return (velocity, position), position


def gravity(motion, force):
    velocity, position = motion
    velocity = velocity + force - 1
    position = position + velocity
    return (velocity, position), position


def spring(motion, force):
    velocity, position = motion
    velocity = velocity + force - position
    position = position + velocity
    return (velocity, position), position


def magnetic_field(motion, force):
    vx, vy, px, py = motion
    fx, fy = force
    vx, vy = vx + fx - vy, vy + fy + vx
    px, py = px + vx, py + vy
    return (vx, vy, px, py), (px, py)


TASKS = [
    Task(
        "Newton_Freebody",
        step=free_body,
        start=(0, 0),
        inputs=integers(-10, 10),
        length=10,
        about="No force but the input.",
    ),
    Task(
        "Newton_Gravity",
        step=gravity,
        start=(0, 0),
        inputs=integers(-10, 10),
        length=10,
        about="A constant force of 1 pulls down.",
    ),
    Task(
        "Newton_Spring",
        step=spring,
        start=(0, 0),
        inputs=integers(-10, 10),
        length=10,
        about="A spring pulls back to 0 with the force of the position.",
    ),
    Task(
        "Newton_Magnetic",
        step=magnetic_field,
        start=(0, 0, 0, 0),
        inputs=integers(-10, 10, width=2),
        length=10,
        about="Two dimensions; a magnetic field pushes at right angles to the velocity.",
    ),
]


@pytest.mark.mips_task
@pytest.mark.parametrize("task", TASKS, ids=str)
def test_newton(task, mips):
    mips(task)
