"""The judge says yes to right programs and no to every kind of wrong one."""

import json
import signal
import threading
import time
from dataclasses import replace

import pytest

from mips.judging.judge import judge, judge_machine
from mips.judging.questions import Effort, fresh_words
from mips.machines.mealy import MealyMachine
from mips.program.source import load_program
from mips.tasks.task import Task, integers

SMALL = Effort(fresh=100, exhaustive=800, examples=60, pairs=2000, steps=20_000)


def add(carry, digits):
    carry, digit = divmod(carry + sum(digits), 2)
    return carry, digit


MAXIMUM = Task("Largest", step=lambda s, x: (max(s, x), max(s, x)), start=0, inputs=integers(0, 3), length=10)
ADDITION = Task("Adder", step=add, start=0, inputs=integers(0, 1, width=2), length=10)
TOTAL = Task("Total", step=lambda s, x: (s + x, s + x), start=0, inputs=integers(0, 9), length=6)
BEFORE = Task("Before", step=lambda s, x: (x, (s, x)), start=0, inputs=integers(0, 2), length=5)
COUNT = Task("Count", step=lambda s, x: (s + x % 2, s + x % 2), start=0, inputs=integers(0, 3), length=6)


def loop(body, opening="s = 0", target="x", before=""):
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    head = "\n".join(f"    {line}" for line in opening.splitlines())
    return f"{before}\ndef program(xs):\n{head}\n    ys = []\n    for {target} in xs:\n{lines}\n    return ys\n"


STEP = "s = max(s, x)\n"
RIGHT = {
    "walk": (MAXIMUM, loop(STEP + "ys.append(s)"), "proved"),
    "bools": (MAXIMUM, loop("b = b or x == 3\n" + STEP + "ys.append(3 if b else s)", "s = 0\nb = False"), "proved"),
    "two inputs": (ADDITION, loop("t = s + x0 + x1\ns = t // 2\nys.append(t % 2)", target="x0, x1"), "proved"),
    "affine": (TOTAL, loop("s += x\nys.append(s)"), "proved-affine"),
    "two outputs": (BEFORE, loop("ys.append((s, x))\ns = x"), "proved-affine"),
    "endless states": (COUNT, loop("s += x % 2\nys.append(s)"), "tested"),
    "no loop": (MAXIMUM, "def program(xs): return [max(xs[:i + 1]) for i in range(len(xs))]", "tested"),
    "own input changed": (
        TOTAL,
        "def program(xs):\n    for i in range(1, len(xs)):\n        xs[i] += xs[i - 1]\n    return xs",
        "tested",
    ),
}


@pytest.mark.parametrize(("task", "source", "assurance"), RIGHT.values(), ids=RIGHT)
def test_a_right_program_is_solved_and_its_assurance_said(task, source, assurance):
    verdict = judge(source, task, seed=0, effort=SMALL)
    assert (verdict.solved, verdict.reason, verdict.assurance) == (True, "", assurance)
    assert verdict.counterexample is None
    assert verdict.sequences > 160
    assert 0 < verdict.program_nodes < 100


WRONG = {
    "start off by one": loop(STEP + "ys.append(s)", "s = 1"),
    "wrong beyond the training length": loop(STEP + "n += 1\nys.append(s if n <= 10 else 0)", "s = 0\nn = 0"),
    "wrong beyond the longest search": loop(STEP + "n += 1\nys.append(s if n <= 50 else 9)", "s = 0\nn = 0"),
    "wrong on the largest input": loop(STEP + "ys.append(min(s, 2))"),
    "right for 9 steps": loop(STEP + "n += 1\nys.append(s if n <= 9 else 9)", "s = n = 0"),
    "dict": loop("s = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 8: 8}[max(s, x)]\nys.append(s)"),
    "long list": loop("s = [0, 1, 2, 3, 4, 5, 6, 7, 8][max(s, x)]\nys.append(s)"),
    "long text": loop("s = int('012345678'[max(s, x)])\nys.append(s)"),
    "packed int": loop(f"s = max(s, x) + 0 * {2**70}\nys.append(s)"),
    "too many nodes": loop(STEP + "s = s + 0\n" * 60 + "ys.append(s)"),
    "float": loop(STEP + "ys.append(s / 1)"),
    "bool": loop(STEP + "ys.append(s if s != 1 else True)"),
    "exception": loop(STEP + "ys.append(s * (x - 2) // (x - 2))"),
    "exit": "def program(xs): raise SystemExit",
    "one too many": loop(STEP + "ys.append(s)").replace("return ys", "return [*ys, 0]"),
    "one too few": loop(STEP + "ys.append(s)").replace("return ys", "return ys[:-1]"),
    "generator": loop(STEP + "yield s"),
    "tuple": loop(STEP + "ys.append(s)").replace("return ys", "return tuple(ys)"),
    "pairs": loop(STEP + "ys.append((s,))"),
    "None": loop(STEP + "ys.append(s)").replace("return ys", "return None"),
    "remembers its inputs": loop(
        STEP + "ys.append(s)\nSEEN.add(tuple(xs))", "s = int(tuple(xs) in SEEN)", before="SEEN = set()"
    ),
    "remembers in an argument": loop("s.append(x)\nys.append(max(s))", "pass").replace("(xs)", "(xs, s=[])"),
    "counts its calls": loop(
        STEP + "ys.append(s)", "global calls\ncalls += 1\ns = 3 * (calls > 70)", before="calls = 0"
    ),
    "syntax error": "def program(xs) return xs",
    "no program": "def solve(xs): return xs",
    "top level raises": "1 // 0",
    "rare pattern": loop(STEP + "n = n + 1 if x == 3 else 0\nys.append(s if n < 30 else 0)", "s = 0\nn = 0"),
    "empty word": loop(STEP + "ys.append(s)").replace("return ys", "return ys or [0]"),
    "pair of symbols": loop("ys.append(max(s, x) - (s == 2) * (x == 1))\n" + STEP),
    "looks ahead": "def program(xs): return [max(xs)] * len(xs)",
    "reads no inputs": "def program(xs): return [3] * len(xs)",
    "not callable": "program = 3",
}


@pytest.mark.parametrize("source", WRONG.values(), ids=WRONG)
def test_a_wrong_program_is_refused(source):
    verdict = judge(source, MAXIMUM, seed=0, effort=SMALL)
    assert not verdict.solved
    assert verdict.assurance == ""
    assert verdict.reason and "\n" not in verdict.reason
    found = verdict.counterexample
    if verdict.sequences:
        assert (
            found is not None and list(found.expected) == MAXIMUM.run(found.inputs) and found.actual != found.expected
        )
        assert json.loads(json.dumps(found.to_json()))["inputs"] == list(found.inputs)


@pytest.mark.parametrize(
    ("source", "right"),
    [
        (RIGHT["walk"][1], True),
        (WRONG["wrong beyond the training length"], True),
        (WRONG["empty word"], True),
        (WRONG["right for 9 steps"], False),
        (WRONG["dict"], False),
        (WRONG["counts its calls"], False),
        (WRONG["syntax error"], False),
    ],
)
def test_it_is_said_whether_a_program_is_right_at_the_training_length(source, right):
    assert judge(source, MAXIMUM, seed=0, effort=SMALL).solved_at_length is right


def machine_for(states, step, numbers=range(4)):
    symbols = tuple((x,) for x in numbers)
    table = [[step(state, x) for (x,) in symbols] for state in range(states)]
    return MealyMachine(
        symbols=symbols,
        transitions=tuple(tuple(after for after, _ in row) for row in table),
        outputs=tuple(tuple((y,) for _, y in row) for row in table),
    )


def counts_to(limit):
    return Task("Far", step=lambda s, x: (s + x, int(s + x < limit)), start=0, inputs=integers(0, 1), length=6)


MACHINES = {
    "equal for ever": (MAXIMUM, machine_for(4, MAXIMUM.step), "proved"),
    "equal on words that are short enough": (
        counts_to(10**6), machine_for(1, lambda s, x: (0, 1), range(2)), "exact"
    ),
    "different": (MAXIMUM, machine_for(4, lambda s, x: (x, x)), ""),
    "different on words longer than any that is asked": (
        counts_to(2**10), machine_for(1, lambda s, x: (0, 1), range(2)), ""
    ),
    "two numbers in and out": (
        Task("Swap", step=lambda s, x: (0, (x[1], x[0])), start=0, inputs=integers(0, 1, width=2), length=4),
        MealyMachine(
            symbols=((0, 0), (0, 1), (1, 0), (1, 1)),
            transitions=((0,) * 4,),
            outputs=(((0, 0), (1, 0), (0, 1), (1, 1)),),
        ),
        "proved",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("task", "machine", "found"), MACHINES.values(), ids=MACHINES)
def test_a_machine_is_held_against_the_reference(task, machine, found):
    assert judge_machine(machine, task, seed=0, effort=SMALL) == found


def test_the_counterexample_is_cut_to_the_shortest_failing_prefix():
    verdict = judge(WRONG["start off by one"], MAXIMUM, seed=0, effort=SMALL)
    assert verdict.counterexample.to_json() == {"inputs": [0], "expected": [0], "actual": [1]}
    assert verdict.reason.startswith("differs from the reference on ")
    assert verdict.reason.endswith(" of 100 fresh sequences of length 10")


def test_the_proof_finds_what_tests_cannot():
    for task, source, length in (
        (MAXIMUM, WRONG["wrong beyond the longest search"], 51),
        (TOTAL, loop("s += x\nys.append(s + n // 40)\nn += 1", "s = 0\nn = 0"), 41),
    ):
        few = Effort(fresh=10, exhaustive=10, examples=1, stretch=1, long=0, longest=0)
        verdict = judge(source, task, seed=0, effort=few)
        assert verdict.reason == f"differs from the reference on a sequence of length {length} found by proof"
        assert len(verdict.counterexample.inputs) == length


def test_a_program_that_is_wrong_only_on_long_words_is_refused():
    for first in (60, 250, 1_500):  # there is no proof of a count: the words have to show it
        source = loop(f"n += 1\ns += x % 2\nys.append(s if n < {first} else 0)", "s = 0\nn = 0")
        verdict = judge(source, COUNT, seed=0, effort=replace(SMALL, pairs=10))
        assert not verdict.solved and verdict.counterexample is not None
        assert len(verdict.counterexample.inputs) == first


def test_the_text_of_an_error_is_the_actual_answer():
    verdict = judge(WRONG["exception"], MAXIMUM, seed=0, effort=SMALL)
    assert verdict.counterexample.inputs[-1:] == (2,)
    assert verdict.counterexample.actual == "ZeroDivisionError: integer division or modulo by zero"


@pytest.mark.parametrize("body", ["while True: pass", "while True:\n    try: x = [[]]\n    except Exception: pass"])
def test_an_endless_loop_is_ended_and_handler_and_timer_are_put_back(body):
    rings = []
    previous = signal.signal(signal.SIGALRM, lambda *_: rings.append(1))
    signal.setitimer(signal.ITIMER_REAL, 60)
    try:
        began = time.monotonic()
        verdict = judge(loop(body), MAXIMUM, seed=0, seconds=0.2, effort=SMALL)
        assert time.monotonic() - began < 5
        assert 30 < signal.getitimer(signal.ITIMER_REAL)[0] <= 60
        signal.getsignal(signal.SIGALRM)(0, None)
        assert rings == [1]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert (verdict.solved, verdict.reason) == (False, "no answer within 0.2 s")
    assert verdict.counterexample.actual == "no answer within 0.2 s"


def test_code_in_a_docstring_is_not_run():
    body = "total, ys = 0, []\\nfor x in xs:\\n    total += x\\n    ys.append(total)\\n"
    source = f"def program(xs):\n    '{body}'\n    found = dict(xs=xs)"
    source += "\n    exec(program.__doc__, found)\n    return found['ys']"
    assert load_program(source)([1, 2]) == [1, 3]
    verdict = judge(source, TOTAL, seed=0, effort=Effort(literal=1000, bits=1000))
    assert not verdict.solved and verdict.counterexample.actual.startswith("TypeError")


def test_what_is_known_to_be_wrong_stays_so_when_time_ends():
    source = "def program(xs):\n    while len(xs) < 10: pass\n    return [-1] * 10"
    verdict = judge(source, MAXIMUM, seed=0, seconds=0.5, effort=SMALL)
    assert verdict.reason.startswith("differs from the reference on 100 of 100 fresh sequences")
    assert verdict.counterexample.actual == (-1,) * 10


def test_off_the_main_thread_it_judges_without_the_limit():
    verdicts = []
    thread = threading.Thread(target=lambda: verdicts.append(judge(RIGHT["walk"][1], MAXIMUM, seed=0, effort=SMALL)))
    thread.start()
    thread.join()
    assert [verdict.assurance for verdict in verdicts] == ["proved"]


def test_the_same_seed_gives_the_same_verdict():
    first, second = (judge(WRONG["rare pattern"], MAXIMUM, seed=3, effort=SMALL) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(("task", "source", "assurance"), RIGHT.values(), ids=RIGHT)
def test_a_right_program_is_right_on_all_fresh_sequences(task, source, assurance):
    assert judge(source, task, seed=0, effort=SMALL).accuracy == 1.0


def test_the_accuracy_of_a_wrong_program_is_its_share_of_right_outputs():
    """Counted here once more: from the fourth output on, that of four numbers in which the last is no new one."""
    wrong = loop(STEP + "n += 1\nys.append(s if n <= 3 else 0)", "s = n = 0")
    verdict = judge(wrong, MAXIMUM, seed=0, effort=SMALL)
    asked = [word for word, _ in fresh_words(MAXIMUM, 0, SMALL.fresh)]
    right = sum(max(word[: t + 1]) == 0 for word in asked for t in range(3, 10))
    assert verdict.accuracy == (3 * len(asked) + right) / (10 * len(asked)) < 1
    assert verdict.reason.startswith("differs from the reference on ")


@pytest.mark.parametrize(
    ("name", "accuracy"),
    [
        ("one too many", 0.0),
        ("one too few", 0.0),
        ("exit", 0.0),
        ("float", 0.0),
        ("empty word", 1.0),
        ("wrong beyond the training length", 1.0),
        ("too many nodes", None),
        ("dict", None),
        ("syntax error", None),
        ("top level raises", None),
    ],
)
def test_what_counts_as_right(name, accuracy):
    """An answer of another form or length has no right output; what was never called has no accuracy."""
    assert judge(WRONG[name], MAXIMUM, seed=0, effort=SMALL).accuracy == accuracy


def test_answers_that_never_came_are_wrong():
    body = "while len(SEEN) > 50: pass\n"
    source = loop(STEP + body + "SEEN.append(0)\nys.append(s)", before="SEEN = []")
    verdict = judge(source, MAXIMUM, seed=0, seconds=1.0, effort=SMALL)
    assert verdict.reason == "no answer within 1 s"
    assert 0 < verdict.accuracy < 0.1


def test_the_binding_effort():
    assert Effort() == Effort(
        nodes=200,
        literal=8,
        bits=128,
        fresh=10_000,
        exhaustive=100_000,
        examples=2_000,
        stretch=5,
        long=36,
        far=50,
        longest=2_000,
        pairs=2_000_000,
        steps=4_000_000,
    )
