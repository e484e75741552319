"""Ten further tasks, opened only after development had ended."""

import pytest

from mips import Task, integers


def checksum(memory, digit):
    weight, total = memory
    total = (total + weight * digit) % 10
    return (4 - weight, total), total


def negate_twos_complement(carry, bit):
    carry, bit = divmod(1 - bit + carry, 2)
    return carry, bit


def count_saturating(count, x):
    count = min(max(count + x, 0), 3)
    return count, count


def local_maximum(memory, x):
    rose, previous = memory
    return (x > previous, x), int(rose and x < previous)


def median(earlier, x):
    return (earlier[1], x), sorted((*earlier, x))[1]


def window_maximum(earlier, x):
    return (earlier[1], x), max(*earlier, x)


def ones_since_two(ones, x):
    ones = 0 if x == 2 else ones + x
    return ones, ones


def stack_depth(depth, x):
    depth = max(depth + 1 - 2 * x, 0)
    return depth, depth


def sign_switched_sum(memory, x):
    sign, total = memory
    if x == 0:
        sign = -sign
    total += sign * x
    return (sign, total), total


def sum_of_absolute_values(total, x):
    total += abs(x)
    return total, total


TASKS = [
    Task(
        "EAN_Checksum",
        step=checksum,
        start=(1, 0),
        inputs=integers(0, 9),
        length=10,
        about="Sum of the digits so far mod 10, weighted 1, 3, 1, 3, ...",
    ),
    Task(
        "Twos_Complement_Negation",
        step=negate_twos_complement,
        start=1,
        inputs=integers(0, 1),
        length=10,
        about="Negate a number in two's complement, least significant bit first.",
    ),
    Task(
        "Saturating_Counter",
        step=count_saturating,
        start=0,
        inputs=integers(-1, 1),
        length=10,
        about="A counter that moves by the number but stays from 0 to 3; 0 at first.",
    ),
    Task(
        "Local_Maximum",
        step=local_maximum,
        start=(False, 0),
        inputs=integers(0, 9),
        length=10,
        about="1 if the previous number is greater than both its neighbours, else 0; numbers before the start are 0.",
    ),
    Task(
        "Median_Last3",
        step=median,
        start=(0, 0),
        inputs=integers(0, 9),
        length=10,
        about="Median of the last 3 numbers, this one included; numbers before the start are 0.",
    ),
    Task(
        "Max_Last3",
        step=window_maximum,
        start=(0, 0),
        inputs=integers(0, 9),
        length=10,
        about="Largest of the last 3 numbers, this one included.",
    ),
    Task(
        "Ones_Since_Two",
        step=ones_since_two,
        start=0,
        inputs=integers(0, 2),
        length=10,
        about="How many ones came since the last two, or since the start while there is none.",
    ),
    Task(
        "Stack_Depth",
        step=stack_depth,
        start=0,
        inputs=integers(0, 1),
        length=10,
        about="Depth of a stack: 0 pushes and 1 pops, which leaves an empty stack empty.",
    ),
    Task(
        "Sign_Switched_Sum",
        step=sign_switched_sum,
        start=(1, 0),
        inputs=integers(0, 5),
        length=10,
        about="Numbers are added until a 0 comes, subtracted until the next, added again, and so on: the sum so far.",
    ),
    Task(
        "Sum_Abs_Values",
        step=sum_of_absolute_values,
        start=0,
        inputs=integers(-10, 10),
        length=10,
        about="Sum of the absolute values of all numbers so far.",
    ),
]


@pytest.mark.mips_task
@pytest.mark.parametrize("task", TASKS, ids=str)
def test_held_out(task, mips):
    mips(task)
