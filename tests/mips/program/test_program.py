"""Programs as text: sizes, loading, and the state machine of a loop."""

import itertools

import pytest

from mips.program.source import NotProvable, ProgramError, load_program, loop_machine, program_nodes


def program(body, opening="s = 0", before="", after="return ys", target="x"):
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    head = "\n".join(f"    {line}" for line in opening.splitlines())
    return f"{before}\ndef program(xs):\n{head}\n    ys = []\n    for {target} in xs:\n{lines}\n    {after}\n"


def test_nodes_count_neither_docstrings_nor_contexts():
    plain = "def program(xs):\n    return xs"
    assert program_nodes(plain) == 6  # Module, FunctionDef, arguments, arg, Return, Name
    assert program_nodes('"""module"""\ndef program(xs):\n    """function"""\n    return xs') == 6
    assert program_nodes(plain + "[0]") == 8


def test_docstrings_are_there_unless_they_must_not_be():
    text = '"""module"""\ndef program(xs):\n    """function"""\n'
    looks = text + "    return [program.__doc__, globals().get('__doc__')]"
    assert load_program(looks)([]) == ["function", "module"]
    assert load_program(looks, docstrings=False)([]) == [None, None]
    assert load_program(text, docstrings=False)([]) is None


def test_a_text_of_megabytes_is_not_read():
    assert program_nodes("#" * 2**16) == 1
    with pytest.raises(ProgramError, match="65537 characters; at most 65536"):
        program_nodes("#" * (2**16 + 1))


def test_a_program_is_loaded():
    assert load_program("import math\ndef program(xs):\n    return [math.gcd(x, 6) for x in xs]")([4, 9]) == [2, 3]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("def program(xs:", "no Python: SyntaxError"),
        ("x = '\0'", "no Python"),
        ("y = 1", "defines no function `program`"),
        ("program = 3", "defines no function `program`"),
        ("1 // 0", "raised ZeroDivisionError"),
        ("raise SystemExit", "raised SystemExit"),
        ("import numpy", "imports 'numpy'"),
        ("from . import x", "imports '.'"),
    ],
)
def test_what_is_no_program_is_refused_with_the_cause(text, cause):
    with pytest.raises(ProgramError, match=cause):
        load_program(text)


PLAIN = {
    "carry": program("t = s + x\ns = t // 2\nys.append(t % 2)"),
    "two variables": program("a, b = b, a + x\nys.append(a)", "a = b = 0"),
    "code after the append": program("ys.append(s)\ns = x"),
    "branch": program("if x:\n    s += 1\nelif s > 3:\n    s = 0\nelse:\n    s = s + 2\nys.append(s % 5)"),
    "bool state": program("s = s or x == 1\nys.append(s + 0)", "s = False"),
    "tuple state": program("s = (s[1], x)\nys.append(sum(s))", "s = (0, 0)"),
    "no state": program("ys.append(1 - x)", "pass"),
    "math": program("s = math.gcd(s, x)\nys.append(s)", before="import math"),
    "function of math": program("s = g(s, x)\nys.append(s)", before="from math import gcd as g"),
    "comprehension": program("s = sum(i for i in (s, x) if i)\nys.append(s)"),
    "inner loops": program("t = x\nfor i in range(3):\n    t += i\nwhile t > 3:\n    t -= 3\ns += t\nys.append(s)"),
    "docstring and annotations": '"""m"""\ndef program(xs: list[int]) -> list[int]:\n    """f"""\n    s: int = 0\n'
    "    ys: list[int] = []\n    for x in xs:\n        s = s ^ x\n        ys.append(s)\n    return ys",
    "odd names": program("_, __ = x, _\nys.append(__)", "_ = 0"),
}


@pytest.mark.parametrize("source", PLAIN.values(), ids=PLAIN)
def test_the_machine_of_a_plain_loop_is_the_program(source):
    machine, run = loop_machine(source), load_program(source)
    for word in itertools.chain.from_iterable(itertools.product((0, 1, 2), repeat=n) for n in range(6)):
        state, outputs = machine.start, []
        for x in word:
            state, y = machine.step(state, x)
            outputs.append(y)
        assert outputs == run(list(word))


def test_the_state_are_the_names_that_live_from_round_to_round():
    machine = loop_machine(program("t = s + x0 * x1\ns = t\nys.append(t)", "s = 0\nt = 5\nu = 7", target="x0, x1"))
    assert (machine.names, machine.start) == (("s",), (0,))
    assert machine.step((3,), (2, 2)) == ((7,), 7)


def test_true_and_one_are_two_states():
    machine = loop_machine(program("ys.append(s)\ns = True", "s = 1"))
    state, first = machine.step(machine.start, 0)
    assert first == 1 and type(first) is int
    assert state != machine.start
    assert machine.step(state, 0)[1] is True


@pytest.mark.parametrize("value", ["[x]", "x / 2", "(s, [1])", "range(x)"])
def test_a_state_that_is_not_made_of_ints_is_refused_when_it_appears(value):
    machine = loop_machine(program(f"ys.append(0 if s == 0 else 1)\ns = {value}"))
    with pytest.raises(NotProvable):
        machine.step(machine.start, 1)


NOT_PLAIN = {
    "ys read": program("ys.append(ys[-1] + x if ys else x)"),
    "ys aliased": program("ys.append(len(zs))", "zs = 0").replace("ys = []", "ys = zs = []"),
    "ys assigned again": program("ys = []\nys.append(x)"),
    "ys not empty": program("ys.append(x)").replace("[]", "[0]"),
    "xs read": program("ys.append(len(xs))"),
    "xs assigned": program("ys.append(x)", "xs = [1]"),
    "xs sliced": program("ys.append(x)").replace("in xs:", "in xs[1:]:"),
    "two appends": program("ys.append(x)\nys.append(x)"),
    "no append": program("s = x"),
    "append in a branch": program("if x:\n    ys.append(x)"),
    "early return": program("ys.append(x)\nif x:\n    return ys"),
    "break": program("ys.append(x)\nif x:\n    break"),
    "continue": program("ys.append(x)\ncontinue"),
    "else of the loop": program("ys.append(x)", after="else:\n        pass\n    return ys"),
    "reversed answer": program("ys.append(x)", after="return ys[::-1]"),
    "code after the loop": program("ys.append(x)", after="ys = []\n    return ys"),
    "walrus": program("ys.append((s := s + x))"),
    "lambda": program("ys.append((lambda: x)())"),
    "nested function": program("ys.append(f(x))", "def f(x): return x"),
    "global": program("s += x\nys.append(s)", "global s", "s = 0"),
    "global read": program("ys.append(x + s)", "pass", "s = 0"),
    "helper function": program("ys.append(f(x))", before="def f(x): return x"),
    "shadowed builtin": program("ys.append(max(s, x))", "s = 0\nmax = min"),
    "shadowed by an argument": program("ys.append(max(s, x))", before="").replace("(xs)", "(xs, max=min)"),
    "shadowed in an annotation": program("ys.append(abs(x))").replace("(xs)", "(xs: (abs := int))"),
    "shadowed by an import": program("ys.append(x)", before="from math import gcd as program"),
    "default argument": program("ys.append(x)").replace("(xs)", "(xs, memory=[])"),
    "decorator": program("ys.append(x)", before="import math\n@math.floor"),
    "mutable state": program("s = s + [x]\nys.append(len(s))", "s = [0]"),
    "element assigned": program("s[0] = x\nys.append(s[0])", "s = [0]"),
    "method": program("ys.append(x.bit_length())"),
    "unknown call": program("ys.append(id(x))"),
    "identity": program("ys.append(int(x is s))"),
    "other import": program("ys.append(random.randrange(x))", before="import random"),
    "star import": program("ys.append(x)", before="from math import *"),
    "read before assigned": program("ys.append(t)\nt = x"),
    "assigned in one branch": program("if x:\n    t = 1\nys.append(t)"),
    "assigned in an inner loop": program("for i in range(x):\n    t = i\nys.append(t)"),
    "comprehension variable outside": program("t = [i for i in (x,)]\nys.append(i)"),
    "state unassigned at the start": program("ys.append(s)\ns = x", "if False:\n    s = 0"),
    "try": program("try:\n    s = x\nexcept: pass\nys.append(s)"),
    "del": program("ys.append(s)\ndel s"),
    "assert": program("assert x\nys.append(s)"),
    "text that formats": program("ys.append(len('%s' % zip(xs)))".replace("xs", "(x,)")),
    "text that may format": program("s = '%s'\nys.append(len(s % zip((x,))))"),
    "start raises": program("ys.append(s)", "s = 1 // 0"),
    "generator": program("yield x\nys.append(x)"),
    "two programs": program("ys.append(x)") + program("ys.append(1)"),
    "another name": program("ys.append(x)").replace("program", "main"),
    "top-level code": program("ys.append(x)") + "\nprogram = len\n",
    "no Python": "def",
}


@pytest.mark.parametrize("source", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_what_is_not_visibly_a_plain_loop_has_no_machine(source):
    assert loop_machine(source) is None
