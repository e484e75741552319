"""The ten further tasks of development a second time, as functions of whole words that know nothing of step functions.

A definition takes the word so far and returns its last output.
"""

from itertools import groupby


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
}
