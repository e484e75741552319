"""What of a program is judged and what it weighs: nothing that never runs, and everything that does."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from answers_of_models import CHEATS, RIGHT
from kept_runs import unpacked_run

from mips.judging.judge import judge, why_table
from mips.judging.questions import Effort
from mips.judging.reading.entry_point import Entry, NoEntryPoint
from mips.judging.weighing.weight import longest_literal, weigh
from mips.program.source import ProgramError, program_nodes

STORED = sorted(unpacked_run("reference").glob("tasks/*/program.py"))
SMALL = Effort(fresh=60, exhaustive=300, examples=20, pairs=500, steps=5_000)
LOOP = "def program(xs):\n    return [f(x) for x in xs]\n"


def kept(source: str, width: int = 1) -> str:
    return weigh(source, width=width, anywhere=True).text


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.parent.name)
def test_of_our_own_programs_everything_is_weighed_but_the_docstring(path: Path) -> None:
    source = path.read_text()
    weighed = weigh(source)
    assert weighed.nodes == program_nodes(source) and not why_table(weighed)
    assert program_nodes(weighed.text) == weighed.nodes


@pytest.mark.parametrize("name", RIGHT)
def test_an_honest_answer_is_no_table_and_weighs_little(name: str) -> None:
    task, source = RIGHT[name]
    weighed = weigh(source, width=task.inputs.width, anywhere=True)
    assert why_table(weighed) == "" and weighed.bits <= 100 and weighed.group <= 8
    for told in ("xample", "wrong", "uccess", "Failure", "__main__", "unittest", "print("):
        assert told not in weighed.text.replace("unittest_", "")


LOOKS = ("its docstring", "the text of an error", "the text of an assertion", "what it prints")
WRONG = ("a question as the answer", "right on examples alone")


@pytest.mark.parametrize("name", [name for name in CHEATS if name not in {*LOOKS, *WRONG}])
def test_a_table_in_any_dress_is_one(name: str) -> None:
    task, source = CHEATS[name]
    assert why_table(weigh(source, anywhere=True)).startswith("a table, not a formula: ")
    verdict = judge(source, task, seed=0, effort=SMALL)
    assert not verdict.solved and verdict.sequences == 0


@pytest.mark.parametrize("name", [*LOOKS, *WRONG])
def test_what_is_not_weighed_is_not_there(name: str) -> None:
    task, source = CHEATS[name]
    verdict = judge(source, task, seed=0, effort=SMALL)
    assert not verdict.solved and verdict.sequences > 0


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("y = x", 0),
        ('"""a long docstring"""\ny = 1', 1),
        ("y = [1, 2, [1, 2, 3]]", 3),
        ("y = (1,) * 9", 2),
        ("y = {1: 2, 3: 4}", 2),
        ("y = {1, 2, 3}", 3),
        ("y = 'abcdefghi'", 9),
        ("y = b'abc'", 3),
        ("a, b, c = x", 0),
        (f"y = {2**64 - 1}", 1),
        ("y = 1000000007", 3),
        ("y = 123456789", 9),
        ("y = 0.1234567891", 10),
        (f"y = {2**64}", 9),
        (f"y = {'a' * 40}", 0),
        (f"y = {'a' * 41}", 41),
        (f"def {'f' * 50}(): pass", 50),
        (f"y = x.{'a' * 60}", 60),
        (f"f({'k' * 41}=1)", 41),
        (f"import {'m' * 41} as m", 41),
        ("def f():\n    global a, b, c, d", 4),
        ("f(a, b, c=d)", 3),
        ("f = lambda a=x, *, b=y: a", 2),
        ("y = 1 < x < 5 < z < 9", 3),
        ("y = a + b + c + d", 0),
        ("y = 2 * a + 3 * b + (c + 5 * d)", 3),
        ("y = a == 1 or (b == 2 or c == 3)", 3),
        ("y = f'{a}bc{d}'", 4),
        ("y = 'ab' + 'cd' + 'ef'", 6),
        ("y = 1 if a == 1 else 2 if a == 2 else 3", 2),
        ("if a == 1: pass\nelif a == 2: pass\nelif a == 3: pass", 3),
        ("if a == 1: pass\nif a == 2: pass", 2),
        ("t[0] = 1\nt[1] = 2\nt[2] = 3", 3),
        ("t.add(1)\nt.add(2)\nt.add(3)", 3),
        ("match a:\n    case 1: pass\n    case 2 | 3 | 4: pass", 3),
        ("y = 1000 >> x", 10),
        ("m = 1000\ny = m >> x & 1", 10),
        ("y = x >> 3", 1),
        ("y = 6", 1),
        ("y = bin(1000)[x]", 10),
        ("y = [1234, 5678, 1234]", 6),
        ("y = ((1, 2, 3, 4, 5), (1, 2, 3, 4, 5))", 5),
        ("y = ((1,2,3,4,5,6,7),(1,2,3,4,5,6,7),(1,2,3,4,5,6,7),(1,2,3,4,5,6,7))", 14),
        ("y = (" + "(1,2,3,4,5,6,7,8)," * 6 + ")", 24),
        ("@f(1)\n@f(2)\n@f(3)\ndef g(): pass", 3),
    ],
)
def test_the_longest_group_of_constants(text: str, size: int) -> None:
    assert longest_literal(text) == size


ENTRIES = {
    "program before all": ("def f(xs): return xs\ndef program(xs): return xs\n", 1, Entry(name="program")),
    "program, otherwise made": ("from f import g as program\n", 1, Entry(name="program")),
    "one that others do not call": ("def g(xs): return xs\ndef f(xs): return g(xs)\n", 1, Entry(name="f")),
    "two that are tests": (
        "def f(xs): return xs\ndef test(xs): assert f(xs)\ndef main(): return f([1])\n", 1, Entry(name="f")
    ),
    "one of which numbers are made first": ("def f(xs, n): return xs\ndef g(xs): return xs", 1, Entry(name="g")),
    "a lambda": ("f = lambda xs: xs\n", 1, Entry(name="f")),
    "defaults are given": ("def f(xs, start=0): return xs\n", 1, Entry(name="f")),
    "one list for each number": ("def f(a, b): return a\n", 2, Entry(name="f", columns=2)),
    "lists, and a carry": ("def f(a, b, carry=0): return a\n", 2, Entry(name="f", columns=2)),
    "any number of lists": ("def f(*lists): return lists\n", 2, Entry(name="f", columns=2)),
    "any number of words": ("def f(*words): return words\n", 1, Entry(name="f")),
    "one word of pairs": ("def f(pairs): return pairs\n", 2, Entry(name="f")),
    "one word of pairs, and a start": ("def f(pairs, start=0): return pairs\n", 2, Entry(name="f")),
    "program of lists": ("def program(a, b): return a\n", 2, Entry(name="program", columns=2)),
    "program is another": ("def f(a, b): return a\nprogram = f\n", 2, Entry(name="program", columns=2)),
    "a method": ("class A:\n    def f(self, xs): return xs\n", 1, Entry(name="f", owner="A")),
    "a method of lists": ("class A:\n    def f(self, a, b): return a\n", 2, Entry(name="f", owner="A", columns=2)),
    "a method that no other calls": (
        "def bit(x): return x\nclass A:\n    def g(self, x): return bit(x)\n    def f(self, xs): return self.g(xs)\n",
        1, Entry(name="f", owner="A"),
    ),
    "an object that is called": ("class A:\n    def __call__(self, xs): return xs\n", 1, Entry(name="__call__", owner="A")),  # noqa: E501
    "a function that changes its list": ("def f(xs):\n    xs.reverse()\n", 1, Entry(name="f")),
}  # fmt: skip


@pytest.mark.parametrize(("source", "width", "entry"), ENTRIES.values(), ids=ENTRIES)
def test_the_entry_point(source: str, width: int, entry: Entry) -> None:
    assert weigh(source, width=width, anywhere=True).entry == entry


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("x = 1\n", "found no function at the top level; expected `def program"),
        ("", "found no function"),
        ("def f(xs): return xs\ndef g(xs): return xs\n", "found f, g, which all take a word"),
        ("def f(a, b): return a\n", "found f(a, b), none of which takes a word"),
        ("class A:\n    def __init__(self, n): pass\n    def f(self, xs): return xs\n", "found class A, none"),
        ("rows = [[1, 0]]\nfor row in rows:\n    print([1 - x for x in row])\n", "found no function"),
        ("if __name__ == '__main__':\n    def program(xs): return xs\n", "found no function"),
    ],
)
def test_no_entry_point_says_what_was_found(source: str, told: str) -> None:
    with pytest.raises(NoEntryPoint) as caught:
        weigh(source, anywhere=True)
    assert str(caught.value).startswith(told) and "expected `def program(xs):`" in str(caught.value)


def test_our_own_programs_are_called_program() -> None:
    with pytest.raises(NoEntryPoint, match="defines no function `program`"):
        weigh("def f(xs): return xs\n")
    with pytest.raises(ProgramError, match="no Python"):
        weigh("```python\ndef program(xs): return xs\n```\n")


STAYS = {
    "constants, and what they are made of": "N = 3\nM = N + 1\n" + LOOP.replace("f(x)", "x % M"),
    "a loop that fills a table": "T = []\nfor i in range(9):\n    T.append(i * i)\n" + LOOP.replace("f(x)", "T[x]"),
    "elements": "T = {}\nT[0] = 1\n" + LOOP.replace("f(x)", "T.get(x, 0)"),
    "rows of a table": "T = [[0], [0]]\nfor row in T:\n    row.append(1)\n" + LOOP.replace("f(x)", "T[x][1]"),
    "by another name": "T = []\nS = T\nS.append(4)\n" + LOOP.replace("f(x)", "T[0]"),
    "a function that fills it": "T = []\n\ndef g():\n    T.append(4)\ng()\n" + LOOP.replace("f(x)", "T[0]"),
    "a function that fills what it is given": "T = []\n\ndef g(t):\n    t.append(4)\ng(T)\n" + LOOP.replace("f(x)", "T[0]"),  # noqa: E501
    "a global that a function sets": "N = 0\n\ndef g():\n    global N\n    N = 4\ng()\n" + LOOP.replace("f(x)", "N + x"),  # noqa: E501
    "an attribute": "def f(x):\n    return f.n\nf.n = 3\n" + LOOP,
    "setattr": "def f(x):\n    return f.n\nsetattr(f, 'n', 3)\n" + LOOP,
    "an import in a try": "try:\n    from math import lcm as f\nexcept ImportError:\n    f = abs\n" + LOOP,
    "all of a module": "from math import *\n" + LOOP.replace("f(x)", "gcd(x, 4)"),
    "a base and its methods": "class A:\n\n    def f(self, x):\n        return x\n\nclass B(A):\n    pass\n" + LOOP.replace("f(x)", "B().f(x)"),  # noqa: E501
    "classes that make themselves known": (
        "class A:\n    known = []\n\n    def __init_subclass__(cls):\n        A.known.append(cls)\n\nclass B(A):\n    n = 2\n"  # noqa: E501
        + LOOP.replace("f(x)", "A.known[0].n")
    ),
    "a decorator of one's own": "def d(g):\n    return lambda x: g(x) + 1\n\n@d\ndef f(x):\n    return x\n" + LOOP,
    "looking around": "a = 1\nb = 2\n" + LOOP.replace("f(x)", "globals()['a']"),
    "a print that does something": "def program(xs):\n    print(xs.pop())\n    return xs\n",
    "an assertion in a try": "def program(xs):\n    try:\n        assert xs\n    except AssertionError:\n        return []\n    return xs\n",  # noqa: E501
    "a function that is made again later, and used before": (
        "def f(x):\n    return 1\nn = f(0)\n\ndef f(x):\n    return n\n" + LOOP
    ),
}  # fmt: skip


@pytest.mark.parametrize("source", STAYS.values(), ids=STAYS)
def test_what_is_reached_stays(source: str) -> None:
    assert ast.dump(ast.parse(kept(source))) == ast.dump(ast.parse(source))


GOES = {
    "imports": ("import sys, math\nfrom random import random, seed\n", LOOP.replace("f(x)", "math.gcd(x)"), "import math\n"),  # noqa: E501
    "a main block": ("", LOOP.replace("f(x)", "x") + "if __name__ == '__main__':\n    print(program([1]))\n", ""),
    "tests": ("", LOOP.replace("f(x)", "x") + "assert program([1]) == [1]\nfor i in (1, 2):\n    program([i])\n", ""),
    "a test that fills its own list": ("", LOOP.replace("f(x)", "x") + "out = []\nfor i in (1, 2):\n    out.append(program([i]))\n", ""),  # noqa: E501
    "names that are local in the program": ("xs = [1, 2, 3]\nx = 4\n", LOOP.replace("f(x)", "x"), ""),
    "functions": ("def g(): pass\nclass C: pass\n", LOOP.replace("f(x)", "x"), ""),
    "a function that calls it": ("", LOOP.replace("f(x)", "x") + "def main():\n    print(program([1]))\nmain()\n", ""),
    "waiting for input": ("n = int(input())\n", LOOP.replace("f(x)", "x"), ""),
    "a failing test": ("", LOOP.replace("f(x)", "x") + "assert program([1]) == [2], 'no'\nraise SystemExit\n", ""),
    "a version before": (LOOP.replace("f(x)", "x + 1"), LOOP.replace("f(x)", "x"), ""),
}  # fmt: skip


@pytest.mark.parametrize(("before", "source", "stays"), GOES.values(), ids=GOES)
def test_what_is_not_reached_goes(before: str, source: str, stays: str) -> None:
    program = source[: source.index("in xs]\n") + 7]
    assert ast.dump(ast.parse(kept(before + source))) == ast.dump(ast.parse(stays + program))


def test_readers_are_spoken_to_in_vain() -> None:
    source = (
        'def program(xs: "list[int]") -> "list[int]":\n    """About it."""\n    n: int = 0\n    m: "a"\n'
        "    print('so far')\n    assert xs, 'none'\n    if not xs:\n        print('none')\n"
        "    if n:\n        raise ValueError(f'found {n}', n)\n    return xs\n"
    )
    assert kept(source) == (
        "def program(xs):\n    n = 0\n    if not xs:\n        pass\n    if n:\n        raise ValueError('', n)\n    return xs\n"  # noqa: E501
    )


def test_methods_that_nothing_calls_go() -> None:
    source = (
        "class A:\n    def test(self):\n        return self.f([1, 2])\n    def g(self, x):\n        return x\n"
        "    def f(self, xs):\n        return [self.g(x) for x in xs]\n"
    )
    assert "test" not in kept(source.replace("test(self)", "test(self, a, b)")) and "def g" in kept(source)


def test_how_an_object_looks_goes_unless_it_is_looked_at() -> None:
    source = "class A:\n    def __repr__(self): return 'an object of A'\n    def f(self, xs): return xs\n"
    assert "__repr__" not in kept(source) and "__repr__" in kept(source.replace("return xs", "return str(self)"))


def test_a_log_is_for_readers() -> None:
    source = "import logging\nlogging.basicConfig()\nlogger = logging.getLogger(__name__)\ndef program(xs):\n    logger.{}(xs)\n    return xs\n"  # noqa: E501
    assert kept(source.format("info")) == "def program(xs):\n    return xs\n"
    assert "getLogger" in kept(source.format("add"))


def test_a_line_is_told_as_it_stood() -> None:
    source = (
        "import math\n\n\n# one\nrows = [1]\n\ndef program(xs):\n    print('x')\n\n    return [1 // x for x in xs]\n"
    )
    weighed = weigh("Text.\n```\n" + source + "```\n", anywhere=True)
    assert weighed.told_line(2) == "line 12: return [1 // x for x in xs]"


def test_names_weigh_more_where_they_can_be_read() -> None:
    plain = "def program(xs):\n    class Abcdefgh: pass\n    return xs\n"
    assert weigh(plain).bits == 3
    for read in ("Abcdefgh.__name__", "repr(Abcdefgh)", "vars()", "str(Abcdefgh)", "dict(a=1)"):
        assert weigh(plain.replace("return xs", f"return {read}")).bits >= 50


@pytest.mark.parametrize(
    "text", ["(" * 300 + ")" * 300, "x = '\ud800'", "-" * 40000 + "1", "def f(:", "return 1", "\0"]
)
def test_what_cannot_be_read_is_no_program(text: str) -> None:
    with pytest.raises((ProgramError, NoEntryPoint)):
        weigh(text + "\ndef program(xs):\n    return xs.\n", anywhere=True)
