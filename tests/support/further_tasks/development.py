"""Ten further tasks, looked at while the system was developed."""

import pytest

from mips import Task, integers


def subtract_decimal(borrow, digits):
    left, right = digits
    difference = left - right - borrow
    return int(difference < 0), difference % 10


def divide_decimal_by_6(remainder, digit):
    quotient, remainder = divmod(10 * remainder + digit, 6)
    return remainder, quotient


def compare(order, digits):
    left, right = digits
    if left != right:
        order = 1 if left > right else -1
    return order, order


def even_ones_and_zeros_by_3(counts, bit):
    ones, zeros = counts
    ones, zeros = (ones + bit) % 2, (zeros + 1 - bit) % 3
    return (ones, zeros), int(ones == zeros == 0)


def count_in_gray_code(count, pulse):
    count = (count + pulse) % 8
    return count, count ^ count // 2


def flip_flop(q, inputs):
    j, k = inputs
    q = 1 - k if q else j
    return q, q


def swap_cups(ball, swap):
    cups = ((0, 1), (1, 2), (0, 2))[swap]
    if ball in cups:
        ball = sum(cups) - ball
    return ball, ball


def second_largest(largest_two, x):
    second, largest = sorted((*largest_two, x))[1:]
    return (second, largest), second


def count_edges(memory, x):
    previous, edges = memory
    edges += x != previous
    return (x, edges), edges


def run_length(run, x):
    symbol, length = run
    length = length + 1 if x == symbol else 1
    return (x, length), length


TASKS = [
    Task(
        "Decimal_Subtraction",
        step=subtract_decimal,
        start=0,
        inputs=integers(0, 9, width=2),
        length=10,
        about="Subtract two decimal numbers digit by digit, least significant digit first; the last borrow is lost.",
    ),
    Task(
        "Decimal_Div_6",
        step=divide_decimal_by_6,
        start=0,
        inputs=integers(0, 9),
        length=10,
        about="Long division of a decimal number by 6, most significant digit first: the digits of the quotient.",
    ),
    Task(
        "Compare_LSB_First",
        step=compare,
        start=0,
        inputs=integers(0, 3, width=2),
        length=10,
        about="Compare two numbers in base 4, least significant digit first: 1 for >, -1 for <, 0 for =.",
    ),
    Task(
        "Even_Ones_Zeros_By_3",
        step=even_ones_and_zeros_by_3,
        start=(0, 0),
        inputs=integers(0, 1),
        length=10,
        about="1 if the number of ones so far is even and the number of zeros divisible by 3, else 0.",
    ),
    Task(
        "Gray_Code_Counter",
        step=count_in_gray_code,
        start=0,
        inputs=integers(0, 1),
        length=10,
        about="The number of ones so far mod 8, in the Gray code of three bits, read as a number.",
    ),
    Task(
        "JK_Flip_Flop",
        step=flip_flop,
        start=0,
        inputs=integers(0, 1, width=2),
        length=10,
        about="A bit that (1, 0) sets, (0, 1) resets, (1, 1) toggles and (0, 0) leaves as it is; 0 at first.",
    ),
    Task(
        "Shell_Game",
        step=swap_cups,
        start=0,
        inputs=integers(0, 2),
        length=10,
        about="Under which cup the ball is, at first 0: 0 swaps cups 0 and 1, 1 swaps 1 and 2, 2 swaps 0 and 2.",
    ),
    Task(
        "Second_Largest",
        step=second_largest,
        start=(0, 0),
        inputs=integers(0, 9),
        length=10,
        about="The second largest number so far, the largest itself if it came twice; 0 at first.",
    ),
    Task(
        "Edge_Counter",
        step=count_edges,
        start=(0, 0),
        inputs=integers(0, 3),
        length=10,
        about="How many numbers so far differed from the one before; the number before the first is 0.",
    ),
    Task(
        "Run_Length",
        step=run_length,
        start=(0, 0),
        inputs=integers(0, 2),
        length=10,
        about="How many times in a row the current number has come.",
    ),
]


@pytest.mark.mips_task
@pytest.mark.parametrize("task", TASKS, ids=str)
def test_development(task, mips):
    mips(task)
