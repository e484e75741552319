"""The ten further tasks held out a second time, as functions of whole words that know nothing of step functions.

A definition takes the word so far and returns its last output.
"""

from itertools import accumulate, takewhile


def negation(xs):
    number = int("".join(map(str, reversed(xs))), 2)
    return (2 ** len(xs) - number) >> (len(xs) - 1) & 1


def saturation(xs):
    """Unroll min and max: the counter was at 0 at some moment, and at most 3 at every moment after it."""
    heights = [0, *accumulate(xs)]
    end = heights[-1]
    return max(
        min([end - heights[zero], *(3 + end - height for height in heights[zero + 1 :])])
        for zero in range(len(heights))
    )


def local_maximum(xs):
    before, middle, after = [0, 0, *xs][-3:]
    return int(middle == max(before, middle, after) and (before, middle, after).count(middle) == 1)


def median(xs):
    window = [0, 0, *xs][-3:]
    return sum(window) - min(window) - max(window)


def sign_switched_sum(xs):
    return sum((-1) ** xs[:place].count(0) * x for place, x in enumerate(xs))


DEFINITIONS = {
    "EAN_Checksum": lambda xs: (sum(xs[::2]) + 3 * sum(xs[1::2])) % 10,
    "Twos_Complement_Negation": negation,
    "Saturating_Counter": saturation,
    "Local_Maximum": local_maximum,
    "Median_Last3": median,
    "Max_Last3": lambda xs: sorted(xs[-3:])[-1],
    "Ones_Since_Two": lambda xs: list(takewhile(lambda x: x < 2, reversed(xs))).count(1),
    "Stack_Depth": lambda xs: max(xs[start:].count(0) - xs[start:].count(1) for start in range(len(xs) + 1)),
    "Sign_Switched_Sum": sign_switched_sum,
    "Sum_Abs_Values": lambda xs: sum(x for x in xs if x > 0) - sum(x for x in xs if x < 0),
}

STATES = {
    "EAN_Checksum": 20,
    "Twos_Complement_Negation": 2,
    "Saturating_Counter": 4,
    "Local_Maximum": 19,
    "Median_Last3": 100,
    "Max_Last3": 100,
}  # how many states a step function of finite memory reaches; the others reach infinitely many

FIRST_STEPS = {
    "EAN_Checksum": ([4, 0, 0, 6, 3], [4, 4, 4, 2, 5]),
    "Twos_Complement_Negation": ([0, 0, 1, 1, 0, 1], [0, 0, 1, 0, 1, 0]),
    "Saturating_Counter": ([-1, 1, 1, 0, 1, 1, -1], [0, 1, 2, 2, 3, 3, 2]),
    "Local_Maximum": ([3, 1, 5, 5, 2, 9, 0], [0, 1, 0, 0, 0, 0, 1]),
    "Median_Last3": ([5, 3, 9, 4, 4], [0, 3, 5, 4, 4]),
    "Max_Last3": ([5, 3, 2, 2, 9], [5, 5, 5, 3, 9]),
    "Ones_Since_Two": ([1, 0, 1, 2, 0, 1, 2, 2], [1, 1, 2, 0, 0, 1, 0, 0]),
    "Stack_Depth": ([0, 0, 1, 1, 1, 0], [1, 2, 1, 0, 0, 1]),
    "Sign_Switched_Sum": ([3, 5, 0, 4, 1, 0, 2], [3, 8, 8, 4, 3, 3, 5]),
    "Sum_Abs_Values": ([-10, 0, 3], [10, 10, 13]),
}
