"""Right programs of other systems are solved whatever they are dressed in, and what cheats is not: sandboxed."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest
from answers_of_models import ADDITION, CHEATS, PARITY, RIGHT, SUM

from mips import Task, integers
from mips.judging.questions import Effort
from mips.judging.sandbox.bubblewrap import numpy_folders
from mips.judging.sandbox.choice import choose, probe
from mips.judging.sandbox.endings import ForeignError, Limits
from mips.judging.sandbox.foreign import BWRAP, LANDLOCK, PROCESS, ForeignProgram
from mips.judging.sandbox.verdict import Examiner, ForeignVerdict

LITTLE = Effort(fresh=20, exhaustive=30, examples=10, long=0, longest=0)
LIMITS = Limits(seconds=20, answer_seconds=5.0)


def judged(source: str, task: Task = SUM, layer: str = PROCESS, effort: Effort = LITTLE) -> ForeignVerdict:
    return Examiner(task, root_seed=0, limits=LIMITS, effort=effort).judge(source, layer)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_is_solved(name: str) -> None:
    task, source = RIGHT[name]
    found = judged(source, task, choose("auto"))
    assert (found.status, found.reason) == ("solved", "")


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_is_not(name: str) -> None:
    task, source = CHEATS[name]
    assert judged(source, task).status in ("table", "wrong", "exception")


def answer(expression: str, head: str = "") -> str:
    return f"{head}def program(xs):\n    from itertools import accumulate\n    ys = [*accumulate(xs)]\n    return {expression}\n"  # noqa: E501


NUMPY = "import numpy as np\n"
LENIENT = {
    "tuple": answer("tuple(ys)"),
    "iterator": answer("iter(ys)"),
    "map": answer("map(int, ys)"),
    "deque": answer("deque(ys)", "from collections import deque\n"),
    "array": answer("array('l', ys)", "from array import array\n"),
    "floats": answer("[float(y) for y in ys]"),
    "a bool for one": answer("[True if y == 1 else y for y in ys]"),
    "numbers of numpy": answer("[np.int64(y) for y in ys]", NUMPY),
    "floats of numpy": answer("[np.float32(y) for y in ys]", NUMPY),
    "array of numpy": answer("np.array(ys, dtype=float)", NUMPY),
}


@pytest.mark.parametrize("source", LENIENT.values(), ids=LENIENT)
def test_what_a_person_would_take_is_taken_and_counted(source: str) -> None:
    found = judged(source)
    assert found.status == "solved" and found.lenient > 0


def test_plain_answers_are_not_counted() -> None:
    assert judged(answer("ys")).lenient == 0


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("[y + 0.5 for y in ys]", "returned 0.5 in a list; expected plain ints or tuples of plain ints"),
        ("[float('nan')] * len(xs)", "returned nan in a list"),
        ("[float('-inf')] * len(xs)", "returned -inf in a list"),
        ("[str(y) for y in ys]", "returned '0' in a list"),
        ("[None] * len(xs)", "returned a NoneType in a list"),
        ("str(ys)", "returned a str; expected a list"),
        ("dict.fromkeys(xs)", "returned a dict; expected a list"),
        ("None", "returned a NoneType; expected a list"),
        ("ys + [1]", "returned 1 outputs for 0 inputs"),
        ("(y for y in iter(int, 1))", "returned 1 or more outputs for 0 inputs"),
        ("[ys[i] if i else (0,) for i in range(len(xs))]", "returned a list of numbers and tuples"),
    ],
)
def test_what_nobody_would_take_is_said(expression: str, told: str) -> None:
    found = judged(answer(expression))
    assert found.status == "protocol" and found.reason.startswith(told)


def test_lists_of_outputs_stand_for_tuples() -> None:
    pairs = Task("Swap", step=lambda s, x: (s, (x[1], x[0])), start=0, inputs=integers(0, 3, width=2), length=4)
    assert judged("def program(xs):\n    return [[b, a] for a, b in xs]\n", pairs).status == "solved"


def test_a_column_of_numbers_is_a_list() -> None:
    source = "def f(a, b):\n    if not isinstance(a, list):\n        raise TypeError\n" + (
        "    c, ys = 0, []\n    for i in range(len(a)):\n        c, y = divmod(a[i] + b[i] + c, 2)\n        ys.append(y)\n"  # noqa: E501
    )
    assert judged(source + "    return ys\n", ADDITION).status == "solved"


def test_a_new_object_is_made_for_every_word() -> None:
    source = (
        "class A:\n    def __init__(self):\n        self.s = 0\n    def f(self, xs):\n        ys = []\n"
        "        for x in xs:\n            self.s += x\n            ys.append(self.s)\n        return ys\n"
    )
    assert judged(source).status == "solved"


def test_recursion_reaches_the_end_of_two_thousand_symbols() -> None:
    recursive = "def program(xs):\n    def go(i, s):\n        return [] if i == len(xs) else [s + xs[i]] + go(i + 1, s + xs[i])\n"  # noqa: E501
    cached = (
        "from functools import lru_cache\ndef program(xs):\n    @lru_cache(None)\n    def go(i):\n"
        "        return xs[i] + (go(i - 1) if i else 0)\n    return [go(i) for i in range(len(xs))][:0] or "
        "[go(len(xs) - 1 - i) for i in range(len(xs))][::-1]\n"
    )
    for source in (recursive + "    return go(0, 0)\n", cached.replace("[go(i) for i in range(len(xs))][:0] or ", "")):
        with ForeignProgram(source, PROCESS, LIMITS) as program:
            assert program([1] * 2000) == list(range(1, 2001))


@pytest.mark.parametrize("layer", [LANDLOCK, BWRAP])
@pytest.mark.skipif(not numpy_folders(), reason="numpy is not installed")
def test_of_all_that_is_installed_numpy_alone_is_seen_and_only_where_it_is_imported(layer: str) -> None:
    if probe(layer):
        pytest.skip(probe(layer))
    folder = numpy_folders()[0]
    beside = next(
        str(place) for place in sorted(Path(folder).parent.glob("*/__init__.py")) if place.parent.name != "numpy"
    )
    reads = "def program(xs):\n    return [len(open({!r}).read()) for x in xs]\n"
    for source, numpy, readable in (
        (reads.format(f"{folder}/__init__.py"), True, True),
        (reads.format(f"{folder}/__init__.py"), False, False),
        (reads.format(beside), True, False),
    ):
        with ForeignProgram(source, layer, LIMITS, numpy=numpy) as program:
            if readable:
                assert program([1])[0] > 0
            else:
                with pytest.raises(ForeignError, match="Error"):
                    program([1])


def test_an_error_names_the_line_of_the_text_that_was_given() -> None:
    source = "# one\n\ndef helper(n):\n    # three\n    return 1 // n\n\ndef program(xs):\n    return [helper(x - 3) for x in xs]\n"  # noqa: E501
    found = judged(source)
    assert found.status == "exception"
    assert found.reason == "ZeroDivisionError: integer division or modulo by zero (line 5: return 1 // n)"
    top = judged("import math\n\nT = [1][3]\ndef program(xs):\n    return [T for x in xs]\n")
    assert (top.status, top.reason) == ("exception", "IndexError: list index out of range (line 3: T = [1][3])")


def test_half_a_character_in_an_error_can_be_written_down() -> None:
    for body in ("raise KeyError(chr(0xdce9))", "return [chr(0xdce9)]", "return chr(0xdce9)"):
        found = judged(f"def program(xs):\n    {body}\n")
        found.reason.encode()
        str(found.counterexample).encode()
        assert found.status in ("exception", "protocol")


def test_more_open_files_than_select_knows_are_no_trouble() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 1200:
        pytest.skip(f"only {hard} files may be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1200), hard))
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        assert judged(answer("ys")).status == "solved"
    finally:
        for one in held:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_program_is_compiled_without_the_flags_of_the_judge() -> None:
    source = (
        "def f(x: int): pass\ndef program(xs):\n    return [sum(xs[: i + 1]) for i in range(len(xs))] if {} else 0\n"
    )
    assert judged(source.format("f.__annotations__['x'] is int")).status == "solved"
    assert judged(source.format("__import__('sys').modules[__name__].f is f")).status == "solved"


# Shapes of scripts as they are found in folders of recorded answers; written for this test

SUMS = "def {}({}):\n    total, ys = 0, []\n    for x in {}:\n        total += x\n        ys.append(total)\n    return ys\n"  # noqa: E501
ROWS = "rows = [[1, 2, 3, 4, 5, 6, 7, 8, 9, 1], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]]\n"
CHECK = (
    "for row in rows:\n    if {}(row) != [0]:\n        print('Failure')\n        break\nelse:\n    print('Success')\n"
)
SHAPES: dict[str, tuple[str, str]] = {
    "rows and a loop that tests them": (ROWS + SUMS.format("sums", "xs", "xs") + CHECK.format("sums"), "solved"),
    "several functions, and a main one": (
        "def plus(a, b):\n    return a + b\ndef solve(xs):\n    s, ys = 0, []\n    for x in xs:\n        s = plus(s, x)\n"  # noqa: E501
        "        ys.append(s)\n    return ys\ndef main():\n    print(solve([1, 2]))\nmain()\n", "solved"
    ),
    "numpy": (NUMPY + "def f(row):\n    return np.cumsum(np.array(row, dtype=int))\n" + ROWS + CHECK.format("f"), "solved"),  # noqa: E501
    "a function of texts": ("def f(text):\n    return ' '.join(word for word in text.split())\nprint(f('1 2'))\n", "exception"),  # noqa: E501
    "a function of one row": (SUMS.format("row_sums", "row", "row") + ROWS + "out = [row_sums(row) for row in rows]\n", "solved"),  # noqa: E501
    "a function of one element": ("def f(x):\n    return x % 2\n" + ROWS + "print([[f(x) for x in row] for row in rows])\n", "wrong"),  # noqa: E501
    "a function of all rows": ("def f(rows):\n    return [[x for x in row] for row in rows]\n" + ROWS + "f(rows)\n", "exception"),  # noqa: E501
    "a function of two lists": ("def f(a, b):\n    return [x + y for x, y in zip(a, b)]\n", "no_entry_point"),
    "a class with one method": (
        "class Solver:\n    def solve(self, xs):\n        return [sum(xs[: i + 1]) for i in range(len(xs))]\n"
        "print(Solver().solve([1, 2, 3]))\n", "solved"
    ),
    "a main block": (SUMS.format("f", "xs", "xs") + "if __name__ == '__main__':\n    print('Success', f([1]))\n", "solved"),  # noqa: E501
    "Success is printed, and it is wrong": ("def f(xs):\n    return xs\nprint('Success')\n", "wrong"),
    "an assertion that fails": (SUMS.format("f", "xs", "xs") + "assert f([1, 2]) == [1, 2], 'Failure'\n", "solved"),
    "it waits for input": ("xs = [int(x) for x in input().split()]\n" + SUMS.format("f", "xs", "xs"), "solved"),
    "no function": (ROWS + "for row in rows:\n    s = 0\n    for x in row:\n        s += x\n        print(s)\n", "no_entry_point"),  # noqa: E501
    "no Python": ("def f(xs:\n    return xs\n", "exception"),
    "an endless loop below": (SUMS.format("f", "xs", "xs") + "while True:\n    f([1])\n", "solved"),
    "an endless loop inside": ("def f(xs):\n    while True:\n        pass\n    return xs\n", "timeout"),
    "a rule that is looked for when it starts": (
        "best = None\nfor a in range(3):\n    if a == 1:\n        best = a\n"
        "def f(xs):\n    return [best * sum(xs[: i + 1]) for i in range(len(xs))]\n", "solved"
    ),
    "texts of the rows": ("rows = '''1 2 3 4 5 6'''\n" + SUMS.format("f", "xs", "xs") + "print(f(rows))\n", "solved"),
    "nothing but prose": ("I am sorry, but no rule fits these rows.\n", "exception"),
    "two functions, either of which may be meant": ("def f(xs):\n    return xs\ndef g(xs):\n    return xs\n", "no_entry_point"),  # noqa: E501
    "prints in the place of an answer": ("def f(xs):\n    for x in xs:\n        print(x)\n", "protocol"),
}  # fmt: skip


@pytest.mark.parametrize(("source", "status"), SHAPES.values(), ids=SHAPES)
def test_each_shape_of_script_has_a_clear_status(source: str, status: str) -> None:
    limits = Limits(seconds=20, answer_seconds=1.0)
    found = Examiner(SUM, root_seed=0, limits=limits, effort=LITTLE).judge(source, PROCESS)
    assert found.status == status, found
    assert (found.reason == "") == (status == "solved")


ELEMENTWISE = Task("Odd", step=lambda s, x: (s, x % 2), start=0, inputs=integers(0, 9), length=4)
PAIRWISE = Task("Xor", step=lambda s, x: (s, x[0] ^ x[1]), start=0, inputs=integers(0, 1, width=2), length=4)
PAIRS = "rows = [[[0, 1], [1, 1]], [[1, 0], [0, 0]]]\n"
ODD = "def f(x):\n    return x % 2\n" + ROWS
UNEQUAL = "def f(pair):\n    return int(pair != [0, 0] and pair != [1, 1])\n" + PAIRS
OF_SYMBOLS = {
    "a comprehension over rows": (ELEMENTWISE, ODD + "for row in rows:\n    print([f(x) for x in row])"),
    "an index into a row": (
        ELEMENTWISE,
        ODD + "for i in (0, 1):\n    for j in range(9):\n        print(f(rows[i][j]))",
    ),
    "rows and answers side by side": (
        ELEMENTWISE,
        ODD + "for n, (row, y) in enumerate(zip(rows, rows)):\n    ok = [f(x) for x in row] == y\n",
    ),
    "a pair": (PAIRWISE, UNEQUAL + "print([[f(x) for x in row] for row in rows])"),
    "the numbers of a pair": (
        PAIRWISE,
        "def f(a, b):\n    return a ^ b\n" + PAIRS + "for row in rows:\n    print([f(a, b) for a, b in row])",
    ),
    "rows of lists": (
        PAIRWISE,
        "def f(row):\n    return [int(x in ([0, 1], [1, 0])) for x in row]\n"
        + PAIRS
        + "print([f(row) for row in rows])",
    ),
    "lists by column": (PAIRWISE, "def f(a, b):\n    return [x ^ y for x, y in zip(a, b)]\nprint(f([0, 1], [1, 1]))"),
    "some of the rows": (
        ELEMENTWISE,
        "def f(row):\n    return [x % 2 for x in row]\n" + ROWS + "for row in rows[:1]:\n    print(f(row))",
    ),
}


@pytest.mark.parametrize(("task", "source"), OF_SYMBOLS.values(), ids=OF_SYMBOLS)
def test_a_function_is_called_as_the_code_below_it_calls_it(task: Task, source: str) -> None:
    assert judged(source, task).status == "solved"


def test_names_of_any_length_and_fields_are_no_table() -> None:
    long = "def parity_of_all_the_bits_that_were_seen_up_to_here(bits):\n    return sum(bits) % 2\n"
    call = "    return [parity_of_all_the_bits_that_were_seen_up_to_here(xs[: i + 1]) for i in range(len(xs))]\n"
    assert judged(long + "def program(xs):\n" + call, PARITY).status == "solved"
    slots = (
        "class Parity:\n    __slots__ = ('value', 'count')\n    def __init__(self):\n        self.value = 0\n"
        "        self.count = 0\n    def update(self, bit):\n        self.value ^= bit\n        self.count += 1\n"
        "        return self.value\ndef program(xs):\n    p = Parity()\n    return [p.update(x) for x in xs]\n"
    )
    assert judged(slots, PARITY).status == "solved"
    fields = (
        "from collections import namedtuple\nState = namedtuple('State', 'parity position')\ndef program(xs):\n"
        "    state, ys = State(0, 0), []\n    for x in xs:\n        state = State(state[0] ^ x, state.position + 1)\n"
        "        ys.append(state.parity)\n    return ys\n"
    )
    assert judged(fields, PARITY).status == "solved"


def test_texts_that_are_only_compared_are_no_table() -> None:
    named = (
        "def program(xs):\n    state, ys = 'an even number', []\n    for x in xs:\n        if x:\n"
        "            state = 'an odd number' if state == 'an even number' else 'an even number'\n"
        "        ys.append({'an odd number': 1, 'an even number': 0}[state])\n    return ys\n"
    )
    assert judged(named, PARITY).status == "solved"
    read = "def program(xs):\n    table = '0123456789abc'\n    return [int(table[x]) for x in xs]\n"
    assert judged(read, PARITY).status == "table"
    hidden = "def table():\n    return '0123456789abc'\ndef program(xs):\n    return [int(table()[x]) for x in xs]\n"
    assert judged(hidden, PARITY).status == "table"


def test_a_function_of_one_element_that_is_tried_on_a_row_of_numbers_is_asked_about_words() -> None:
    for body in ("return x ^ 1", "return x", "return 1 if x else 0", "return int(x)"):
        source = f"def f(x):\n    {body}\nprint([f(x) for x in [1, 0, 1]])\n"
        assert judged(source, PARITY).status != "solved"
