"""The twenty further tasks a second time, as functions of whole words that know nothing of step functions.

A definition takes the word so far and returns its last output. The ten of development come first.
"""

from itertools import accumulate, groupby, takewhile


def value(digits, base):
    """Return the number with these digits, least significant first."""
    return sum(digit * base**place for place, digit in enumerate(digits))


def subtraction(xs):
    difference = value([x for x, _ in xs], 10) - value([x for _, x in xs], 10)
    return difference // 10 ** (len(xs) - 1) % 10


def division_by_6(xs):
    quotients = [int("".join(map(str, digits)) or "0") // 6 for digits in (xs[:-1], xs)]
    return quotients[1] - 10 * quotients[0]


def comparison(xs):
    left, right = (value(digits, 4) for digits in zip(*xs, strict=True))
    return (left > right) - (left < right)


def flip_flop(xs):
    """Find the last input that set or reset; what followed toggled or did nothing."""
    decisive = [place for place, (j, k) in enumerate(xs) if j != k]
    q, later = (xs[decisive[-1]][0], xs[decisive[-1] + 1 :]) if decisive else (0, xs)
    return (q + later.count((1, 1))) % 2


def shell_game(xs):
    """Swap the cups on the table and look under each; nobody follows the ball."""
    table = ["ball", "", ""]
    for x in xs:
        left, right = [(0, 1), (1, 2), (0, 2)][x]
        table[left], table[right] = table[right], table[left]
    return table.index("ball")


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
    "Decimal_Subtraction": subtraction,
    "Decimal_Div_6": division_by_6,
    "Compare_LSB_First": comparison,
    "Even_Ones_Zeros_By_3": lambda xs: int((xs.count(1) % 2, xs.count(0) % 3) == (0, 0)),
    "Gray_Code_Counter": lambda xs: [0b000, 0b001, 0b011, 0b010, 0b110, 0b111, 0b101, 0b100][sum(xs) % 8],
    "JK_Flip_Flop": flip_flop,
    "Shell_Game": shell_game,
    "Second_Largest": lambda xs: sorted([0, *xs])[-2],
    "Edge_Counter": lambda xs: len(list(groupby([0, *xs]))) - 1,
    "Run_Length": lambda xs: [len(list(run)) for _, run in groupby(xs)][-1],
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
    "Decimal_Subtraction": 2,
    "Decimal_Div_6": 6,
    "Compare_LSB_First": 3,
    "Even_Ones_Zeros_By_3": 6,
    "Gray_Code_Counter": 8,
    "JK_Flip_Flop": 2,
    "Shell_Game": 3,
    "Second_Largest": 55,
    "EAN_Checksum": 20,
    "Twos_Complement_Negation": 2,
    "Saturating_Counter": 4,
    "Local_Maximum": 19,
    "Median_Last3": 100,
    "Max_Last3": 100,
}  # how many states a step function of finite memory reaches; the others reach infinitely many

FIRST_STEPS = {
    "Decimal_Subtraction": ([(0, 1), (0, 0), (5, 9), (1, 1)], [9, 9, 5, 9]),
    "Decimal_Div_6": ([7, 4, 0, 9], [1, 2, 3, 4]),
    "Compare_LSB_First": ([(2, 2), (3, 1), (0, 0), (0, 1)], [0, 1, 1, -1]),
    "Even_Ones_Zeros_By_3": ([1, 1, 0, 0, 0, 1], [0, 1, 0, 0, 1, 0]),
    "Gray_Code_Counter": ([0, 1, 1, 1, 0, 1, 1, 1, 1, 1], [0, 1, 3, 2, 2, 6, 7, 5, 4, 0]),
    "JK_Flip_Flop": ([(0, 0), (1, 1), (1, 1), (1, 0), (1, 0), (0, 0), (0, 1), (0, 1)], [0, 1, 0, 1, 1, 1, 0, 0]),
    "Shell_Game": ([1, 0, 0, 2, 0, 1], [0, 1, 0, 2, 2, 1]),
    "Second_Largest": ([5, 3, 4, 9, 9, 7], [0, 3, 4, 5, 9, 9]),
    "Edge_Counter": ([0, 1, 1, 3, 0], [0, 1, 1, 2, 3]),
    "Run_Length": ([0, 0, 1, 1, 1, 2, 0], [1, 2, 1, 2, 3, 1, 1]),
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
