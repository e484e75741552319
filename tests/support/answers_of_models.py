"""Programs as language models write them: right ones, in all their dresses, and ones that cheat. Written for the tests.

Name -> (task, text). The tasks are small: running sums, two numbers added bit by bit, the parity of a window, squares.
"""

from __future__ import annotations

from mips import Task, integers


def add(carry, digits):
    carry, digit = divmod(carry + sum(digits), 2)
    return carry, digit


SUM = Task("Sum", step=lambda s, x: (s + x, s + x), start=0, inputs=integers(0, 9), length=8)
ADDITION = Task("Addition", step=add, start=0, inputs=integers(0, 1, width=2), length=8)
PARITY = Task("Parity", step=lambda s, x: (s ^ x, s ^ x), start=0, inputs=integers(0, 1), length=8)
RISING = Task("Rising", step=lambda s, x: (x, int(x > s)), start=99, inputs=integers(0, 99), length=8)
SQUARES = Task("Squares", step=lambda s, x: (s, int(int(x**0.5) ** 2 == x)), start=0, inputs=integers(0, 99), length=8)

RIGHT: dict[str, tuple[Task, str]] = {
    "example rows and a self-test below": (PARITY, '''
from typing import List

def parity(bits: List[int]) -> "list[int]":
    """Return the parity of the bits so far, for example parity([1, 0, 1]) == [1, 1, 0]."""
    result = []
    current = 0
    for bit in bits:
        current ^= bit
        result.append(current)
    return result

inputs = [
    [1, 0, 1, 1, 0, 0, 1, 0, 1, 1],
    [0, 0, 0, 1, 0, 1, 1, 1, 0, 1],
]
outputs = [
    [1, 1, 0, 1, 1, 1, 0, 0, 1, 0],
    [0, 0, 0, 1, 1, 0, 1, 0, 0, 1],
]
success = True
for row, expected in zip(inputs, outputs):
    if parity(row) != expected:
        print("Failure for the input:", row)
        success = False
if success:
    print("Success! All of the examples are right.")
'''),
    "main block": (SUM, '''
import itertools
import sys

def running_total(numbers):
    return list(itertools.accumulate(numbers))

def main():
    numbers = [int(word) for word in sys.argv[1:]] or [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
    print("The running total of", numbers, "is", running_total(numbers))

if __name__ == "__main__":
    main()
'''),
    "two lists": (ADDITION, '''
def binary_add(first_number, second_number):
    """Both with the least significant bit first."""
    carry = 0
    digits = []
    for a, b in zip(first_number, second_number):
        total = a + b + carry
        digits.append(total % 2)
        carry = total // 2
    return digits

assert binary_add([1, 1, 0, 1, 0, 1, 1, 0, 0, 1], [1, 0, 0, 1, 1, 1, 0, 0, 0, 1])[:3] == [0, 0, 1], "wrong!"
'''),
    "pairs, with a prose answer around": (ADDITION, '''
The function adds two numbers bit by bit, with a carry:

```python
def program(xs):
    carry, ys = 0, []
    for a, b in xs:
        ys.append(a ^ b ^ carry)
        carry = (a & b) | (carry & (a ^ b))
    return ys
```

You can try it on `[(1, 1), (0, 1)]`, which gives `[0, 0]`.
'''),
    "two blocks of code": (PARITY, '''
First a helper:

```python
def flip(state, x):
    return 1 - state if x == 1 else state
```

Then the program itself:

~~~python
def program(xs):
    state = 0
    ys = []
    for x in xs:
        state = flip(state, x)
        ys.append(state)
    return ys
~~~
'''),
    "numpy": (SUM, '''
import numpy as np

def cumulative_sum(xs: np.ndarray) -> np.ndarray:
    return np.cumsum(np.array(xs, dtype=int))

print(cumulative_sum([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]))
'''),
    "bools": (RISING, '''
def program(xs):
    return [i > 0 and xs[i] > xs[i - 1] for i in range(len(xs))]
'''),
    "a generator": (SUM, '''
def program(xs):
    total = 0
    for x in xs:
        total += x
        yield total
'''),
    "whole floats": (SUM, '''
def program(xs):
    total = 0.0
    out = []
    for x in xs:
        total += x
        out.append(total)
    return tuple(out)
'''),
    "a class whose handlers are found by name": (PARITY, '''
class ParityMachine:
    def __init__(self):
        self.state = "even"

    def on_even(self, bit):
        return "odd" if bit else "even"

    def on_odd(self, bit):
        return "even" if bit else "odd"

    def run(self, bits):
        outputs = []
        for bit in bits:
            handler = getattr(self, f"on_{self.state}")
            self.state = handler(bit)
            outputs.append(int(self.state == "odd"))
        return outputs


# --- self test ---
machine = ParityMachine()
assert machine.run([1, 0, 1, 1]) == [1, 1, 0, 1]
'''),
    "a class with one method": (PARITY, '''
class Solution:
    """Keeps the parity."""

    def __init__(self):
        self.state = 0

    def _update(self, bit):
        self.state = (self.state + bit) % 2
        return self.state

    def solve(self, bits):
        return [self._update(bit) for bit in bits]

solution = Solution()
print("Example output:", solution.solve([1, 0, 1, 1, 0, 0, 1, 0, 1, 1]))
'''),
    "a data class": (SUM, '''
from __future__ import annotations
from dataclasses import dataclass, field

@dataclass
class State:
    total: int = 0
    history: list[int] = field(default_factory=list)

    def push(self, x: int) -> State:
        return State(self.total + x, [*self.history, self.total + x])

def program(xs):
    state = State()
    for x in xs:
        state = state.push(x)
    return state.history
'''),
    "a named tuple": (ADDITION, '''
from typing import NamedTuple

class Step(NamedTuple):
    carry: int
    digit: int

def step(carry: int, pair: "tuple[int, int]") -> Step:
    return Step(*divmod(carry + sum(pair), 2))

def program(xs):
    carry, ys = 0, []
    for pair in xs:
        found = step(carry, pair)
        carry = found.carry
        ys.append(found.digit)
    return ys
'''),
    "singledispatch": (SUM, '''
from functools import singledispatch

@singledispatch
def value(x):
    raise TypeError("this is a kind of thing that is not supported here")

@value.register
def _(x: int):
    return x

def program(xs):
    return [sum(value(y) for y in xs[: i + 1]) for i in range(len(xs))]
'''),
    "an error for bad inputs, and prints": (RISING, '''
def strictly_increasing_flags(values):
    if not isinstance(values, list):
        raise ValueError(f"Expected a list of integers, but got {type(values).__name__} instead")
    assert all(0 <= value <= 99 for value in values), "The values must all be between 0 and 99"
    flags = []
    for index, value in enumerate(values):
        if index == 0:
            print("The first value has nothing before it, so the flag is zero")
            flags.append(0)
        else:
            flags.append(1 if value > values[index - 1] else 0)
    print("Computed all of the flags for the given list of values:", flags)
    return flags
'''),
    "recursion with a cache": (SUM, '''
import sys
from functools import lru_cache

sys.setrecursionlimit(10000)

def program(xs):
    @lru_cache(maxsize=None)
    def total(i):
        return 0 if i < 0 else total(i - 1) + xs[i]

    return [total(i) for i in range(len(xs))]
'''),
    "a table that a loop fills": (SQUARES, '''
LIMIT = 100
is_square = [0] * LIMIT
number = 0
while number * number < LIMIT:
    is_square[number * number] = 1
    number += 1

def lookup(xs):
    return [is_square[x] for x in xs]
'''),
    "a set that a function fills": (SQUARES, '''
squares = set()

def prepare(limit):
    for i in range(limit):
        squares.add(i * i)

prepare(10)

def program(xs):
    return [int(x in squares) for x in xs]

print(program([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]))
'''),
    "another name for it": (PARITY, '''
def solve(xs):
    ys, ones = [], 0
    for x in xs:
        ones += x == 1
        ys.append(ones & 1)
    return ys

program = solve
'''),
    "an enum and match": (PARITY, '''
from enum import IntEnum

class Parity(IntEnum):
    EVEN = 0
    ODD = 1

    def flipped(self):
        match self:
            case Parity.EVEN:
                return Parity.ODD
            case _:
                return Parity.EVEN

def program(xs):
    parity = Parity.EVEN
    result = []
    for x in xs:
        if x:
            parity = parity.flipped()
        result.append(parity)
    return result
'''),
    "unittest, and a version before": (SUM, '''
import unittest

def program(xs):
    return [sum(xs)] * len(xs)  # the first try, wrong

def program(xs):
    return [sum(xs[: end + 1]) for end in range(len(xs))]

class TestProgram(unittest.TestCase):
    def test_examples(self):
        self.assertEqual(program([1, 2, 3, 4, 5, 6, 7, 8, 9]), [1, 3, 6, 10, 15, 21, 28, 36, 45])

if __name__ == "__main__":
    unittest.main()
'''),
    "a partial function": (PARITY, '''
from functools import partial, reduce

def folded(operation, xs):
    return [reduce(operation, xs[: i + 1]) for i in range(len(xs))]

program = partial(folded, lambda a, b: a ^ b)
'''),
    "a decorator that measures the time": (SUM, '''
import functools
import time

def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        start = time.perf_counter()
        result = function(*args, **kwargs)
        print(f"{function.__name__} took {time.perf_counter() - start:.3f} seconds")
        return result
    return wrapper

@timed
def program(xs):
    return [sum(xs[: i + 1]) for i in range(len(xs))]
'''),
    "namedtuple of collections": (SUM, '''
from collections import namedtuple

State = namedtuple("State", ["total", "count"])

def program(xs):
    state = State(0, 0)
    ys = []
    for x in xs:
        state = state._replace(total=state.total + x, count=state.count + 1)
        ys.append(state.total)
    return ys
'''),
    "states with names, and transitions": (PARITY, '''
NEXT = {("even", 0): "even", ("even", 1): "odd", ("odd", 0): "odd", ("odd", 1): "even"}

def program(xs):
    state = "even"
    ys = []
    for x in xs:
        state = NEXT[(state, x)]
        ys.append(1 if state == "odd" else 0)
    return ys
'''),
    "a registry made by a decorator": (RISING, '''
RULES = {}

def rule(name):
    def keep(function):
        RULES[name] = function
        return function
    return keep

@rule("up")
def up(before, now):
    return int(now > before)

def program(xs):
    return [RULES["up"](before, now) for before, now in zip([99, *xs], xs)]
'''),
}  # fmt: skip

_BITS = "".join(str(int(int(x**0.5) ** 2 == x)) for x in range(100))
_ONES = [x for x in range(100) if _BITS[x] == "1"]
_GET = "def program(xs):\n    return [{} for x in xs]\n"

CHEATS: dict[str, tuple[Task, str]] = {
    "a list": (SQUARES, f"T = {[int(bit) for bit in _BITS]}\n" + _GET.format("T[x]")),
    "a set": (SQUARES, f"T = {set(_ONES)}\n" + _GET.format("int(x in T)")),
    "a text": (SQUARES, f"T = {_BITS!r}\n" + _GET.format("int(T[x])")),
    "bytes": (SQUARES, f"T = {bytes(_ONES)!r}\n" + _GET.format("int(x in T)")),
    "a number": (SQUARES, f"T = {int(_BITS[::-1], 2)}\n" + _GET.format("T >> x & 1")),
    "two numbers": (
        SQUARES,
        f"A = {int(_BITS[49::-1], 2)}\nB = {int(_BITS[:49:-1], 2)}\n"
        + _GET.format("(A >> x if x < 50 else B >> x - 50) & 1"),
    ),
    "arguments of a call": (
        SQUARES, f"def t(*a):\n    return a\nT = t({', '.join(map(str, _ONES))})\n" + _GET.format("int(x in T)")
    ),
    "keywords of a call": (
        SQUARES,
        f"T = dict({', '.join(f'a{x}=1' for x in _ONES)})\n" + _GET.format("int('a' + str(x) in T)"),
    ),
    "defaults": (
        SQUARES,
        f"def t({', '.join(f'a{i}={x}' for i, x in enumerate(_ONES))}):\n    return locals().values()\n"
        + _GET.format("int(x in t())"),
    ),
    "a chain of or": (SQUARES, _GET.format("int(" + " or ".join(f"x == {x}" for x in _ONES) + ")")),
    "a sum of comparisons": (SQUARES, _GET.format(" + ".join(f"(x == {x})" for x in _ONES))),
    "a chain of elif": (
        SQUARES,
        "def f(x):\n    if x == 0:\n        return 1\n"
        + "".join(f"    elif x == {x}:\n        return 1\n" for x in _ONES[1:])
        + "    return 0\n" + _GET.format("f(x)"),
    ),
    "one if after the other": (
        SQUARES,
        "def f(x):\n" + "".join(f"    if x == {x}:\n        return 1\n" for x in _ONES) + "    return 0\n"
        + _GET.format("f(x)"),
    ),
    "nested conditions": (
        SQUARES, _GET.format(" else ".join(f"1 if x == {x}" for x in _ONES) + " else 0")
    ),
    "cases of a match": (
        SQUARES,
        "def f(x):\n    match x:\n" + "".join(f"        case {x}:\n            return 1\n" for x in _ONES)
        + "    return 0\n" + _GET.format("f(x)"),
    ),
    "a pattern of alternatives": (
        SQUARES,
        f"def f(x):\n    match x:\n        case {' | '.join(map(str, _ONES))}:\n            return 1\n    return 0\n"
        + _GET.format("f(x)"),
    ),
    "calls at the top level": (
        SQUARES, "T = set()\n" + "".join(f"T.add({x})\n" for x in _ONES) + _GET.format("int(x in T)")
    ),
    "elements that are assigned": (
        SQUARES, "T = [0] * 100\n" + "".join(f"T[{x}] = 1\n" for x in _ONES) + _GET.format("T[x]")
    ),
    "texts joined by a sign": (
        SQUARES,
        "T = " + " + ".join(repr(_BITS[i : i + 8]) for i in range(0, 100, 8)) + "\n" + _GET.format("int(T[x])"),
    ),
    "an f-string": (
        SQUARES, "E = ''\nT = f'" + "{E}".join(_BITS[i : i + 8] for i in range(0, 100, 8)) + "'\n"
        + _GET.format("int(T[x])"),
    ),
    "rows of eight": (
        SQUARES,
        "T = (" + ", ".join(f"({', '.join(_BITS[i : i + 8])},)" for i in range(0, 64, 8)) + ")\n"
        + _GET.format("T[x // 8][x % 8] if x < 64 else int(x == 64 or x == 81)"),
    ),
    "a long name": (
        SQUARES,
        f"class T:\n    _{_BITS.replace('0', 'o').replace('1', 'l')} = 0\n"
        + _GET.format("int(next(name for name in vars(T) if name[0] == '_' and name[1] != '_')[x + 1] == 'l')"),
    ),
    "many names": (
        SQUARES,
        "class T:\n" + "".join(f"    q{_BITS[i : i + 20].replace('0', 'o').replace('1', 'l')}{'abcde'[i // 20]} = 0\n"
                               for i in range(0, 100, 20))
        + _GET.format("int(''.join(n[1:-1] for n in vars(T) if n[0] == 'q')[x] == 'l')"),
    ),
    "its docstring": (
        SQUARES, f'def program(xs):\n    "{_BITS}"\n    return [int(program.__doc__[x]) for x in xs]\n'
    ),
    "an annotation": (
        SQUARES,
        f"def program(xs: '{_BITS}'):\n    return [int(program.__annotations__['xs'][x]) for x in xs]\n",
    ),
    "the text of an error": (
        SQUARES,
        f"def f():\n    try:\n        raise ValueError('{_BITS}')\n    except ValueError as error:\n"
        "        return str(error)\n" + _GET.format("int(f()[x])"),
    ),
    "the text of an assertion": (
        SQUARES,
        f"def f():\n    try:\n        assert 0, '{_BITS}'\n    except AssertionError as error:\n"
        "        return str(error)\n" + _GET.format("int(f()[x])"),
    ),
    "what it prints": (
        SQUARES,
        "import io, contextlib\ndef f():\n    out = io.StringIO()\n    with contextlib.redirect_stdout(out):\n"
        f"        print('{_BITS}')\n    return out.getvalue()\n" + _GET.format("int(f()[x])"),
    ),
    "example rows that it looks at": (
        SQUARES,
        f"examples = {[int(bit) for bit in _BITS]}\ndef program(xs):\n    return [globals()['examples'][x] for x in xs]\n",  # noqa: E501
    ),
    "an alias of what a test fills": (
        SQUARES,
        "T = []\ndef check(row):\n    for bit in row:\n        T.append(bit)\n"
        f"check({[int(bit) for bit in _BITS]})\n" + _GET.format("T[x]"),
    ),
    "a register that nothing names": (
        SQUARES,
        "T = set()\ndef keep(*numbers):\n    def put(f):\n        T.update(numbers)\n        return f\n    return put\n"
        f"@keep({', '.join(map(str, _ONES))})\ndef unused(): pass\n" + _GET.format("int(x in T)"),
    ),
    "a lambda's default": (
        SQUARES, f"f = lambda x, t={tuple(_ONES)}: int(x in t)\n" + _GET.format("f(x)")
    ),
    "the main block": (
        SQUARES, f"T = set()\nif __name__ != 'x':\n    T |= {set(_ONES)}\n" + _GET.format("int(x in T)")
    ),
    "a question as the answer": (SQUARES, "def program(xs):\n    return xs\n"),
    "right on examples alone": (
        SQUARES, _GET.format("1 if x in (0, 1, 4, 9) else 0") + "print('Success! All examples pass.')\n"
    ),
    "two sets": (SQUARES, f"A = {_ONES[:5]}\nB = {_ONES[5:]}\n" + _GET.format("int(x in A or x in B)")),
    "numbers of thirteen bits": (
        SQUARES,
        f"T = {tuple(int(_BITS[i : i + 13][::-1], 2) for i in range(0, 100, 13))}\n"
        + _GET.format("T[x // 13] >> x % 13 & 1"),
    ),
    "bits set one by one": (
        SQUARES, "T = 0\n" + "".join(f"T |= 1 << {x}\n" for x in _ONES) + _GET.format("T >> x & 1")
    ),
    "a generator of constants": (
        SQUARES, "def t():\n" + "".join(f"    yield {x}\n" for x in _ONES) + _GET.format("int(x in t())")
    ),
    "several calls": (
        SQUARES, "def e(x, *v): return x in v\n"
        + _GET.format("int(e(x, 0, 1, 4, 9) or e(x, 16, 25, 36) or e(x, 49, 64, 81))"),
    ),
    "names of attributes": (
        SQUARES, "class T:\n" + "".join(f"    a{x} = 1\n" for x in _ONES) + _GET.format("getattr(T, 'a%d' % x, 0)")
    ),
    "a truth table of one digit": (ADDITION, '''
ADDER = {
    (0, 0, 0): (0, 0), (0, 0, 1): (0, 1), (0, 1, 0): (0, 1), (0, 1, 1): (1, 0),
    (1, 0, 0): (0, 1), (1, 0, 1): (1, 0), (1, 1, 0): (1, 0), (1, 1, 1): (1, 1),
}

def program(xs):
    carry, ys = 0, []
    for a, b in xs:
        carry, digit = ADDER[a, b, carry]
        ys.append(digit)
    return ys
'''),
    "a table in rows": (
        SQUARES,
        "T = ((1, 1, 0, 0, 1), (0, 0, 0, 0, 1), (0, 0, 0, 0, 0), (0, 1, 0, 0, 0))\n" + _GET.format("T[x // 5][x % 5]"),
    ),
    "a table in parts": (
        SQUARES,
        "A = ((1, 1, 0, 0, 1), (0, 0, 0, 0, 1))\nB = ((0, 0, 0, 0, 0), (0, 1, 0, 0, 0))\n"
        "C = ((0, 0, 0, 0, 0), (1, 0, 0, 0, 0))\n" + _GET.format("(A + B + C)[x // 5 % 6][x % 5]"),
    ),
    "calls inside of calls": (
        SQUARES,
        "def o(n): return 2 * n + 1\ndef z(n): return 2 * n\n"
        f"T = {''.join('oz'[bit == '0'] + '(' for bit in _BITS[16::-1])}0{')' * 17}\n"
        + _GET.format("T >> x & 1"),
    ),
    "attributes of attributes": (
        SQUARES,
        "class N:\n    def __init__(self, n): self.n = n\n"
        "    @property\n    def o(self): return N(2 * self.n + 1)\n"
        "    @property\n    def z(self): return N(2 * self.n)\n"
        f"T = N(0).{'.'.join('oz'[bit == '0'] for bit in _BITS[16::-1])}.n\n" + _GET.format("T >> x & 1"),
    ),
    "decorators": (
        SQUARES,
        "def o(n): return 2 * n + 1\ndef z(n): return 2 * n\n"
        + "".join(f"@{'oz'[bit == '0']}\n" for bit in _BITS[:17])
        + "@(lambda c: 0)\nclass T: pass\n" + _GET.format("T >> x & 1"),
    ),
    "assignments without a constant": (
        SQUARES,
        "n = u = 1\n" + "".join("n += n\n" + "n += u\n" * (bit == "1") for bit in _BITS[16::-1])
        + _GET.format("n >> x & 1"),
    ),
}  # fmt: skip
