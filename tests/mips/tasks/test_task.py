"""Tasks: laws, and one case for every mistake that is reported; alphabets: their symbols, listed and drawn."""

from __future__ import annotations

import itertools
import random
import re
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import cloudpickle
import pytest

import mips
from mips import Task, TaskError, integers


def add_modulo(modulus):
    def step(total, x):
        total = (total + x) % modulus
        return total, total

    return step


def make(**changes):
    parts = {"name": "Some_Task", "step": add_modulo(3), "start": 0, "inputs": integers(0, 3), "length": 5} | changes
    return Task(parts.pop("name"), **parts)


def test_running_a_task():
    assert make().run([1, 2, 3, 1]) == [1, 0, 0, 1]


def test_a_word_has_as_many_outputs_as_symbols():
    assert [len(make().run([1] * length)) for length in range(20)] == list(range(20))
    assert make().run([]) == []


def test_outputs_of_a_prefix_are_a_prefix_of_the_outputs():
    word = integers(0, 3).draw_word(random.Random(2), 30)
    ys = make().run(word)
    assert all(make().run(word[:end]) == ys[:end] for end in range(31))


def test_a_task_has_no_memory_between_words():
    task = make()
    assert task.run([1, 2, 2]) == task.run([1, 2, 2])


def test_a_task_counts_the_ints_of_an_output():
    assert make().output_width == 1
    assert make(step=lambda state, x: (state, (x, x, x))).output_width == 3


def test_a_task_reads_as_its_name():
    assert str(make()) == "Some_Task"


def test_a_task_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        make().length = 7


def test_a_task_is_hashable_and_equal_by_its_parts():
    step = add_modulo(3)
    assert make(step=step) == make(step=step)
    assert len({make(step=step), make(step=step)}) == 1
    assert make(step=step) != make(step=step, length=6)


def test_a_copy_with_a_change_is_checked_again():
    with pytest.raises(TaskError, match="length is 0"):
        replace(make(), length=0)


def test_making_a_task_runs_few_steps():
    counter = itertools.count()

    def step(state, x):
        next(counter)
        return state, x

    make(step=step, length=10)
    assert next(counter) < 400


def test_drawing_is_uniform_unless_the_task_knows_better():
    drawn = make().draw(random.Random(0), 1000)
    assert len(drawn) == 1000 and set(drawn) == {0, 1, 2, 3}
    own = make(sample=lambda rng, length: [rng.choice((1, 2))] * length)
    assert own.draw(random.Random(0), 4) in ([1] * 4, [2] * 4)


def test_a_tuple_drawn_by_a_task_becomes_a_list():
    word = make(sample=lambda rng, length: (rng.choice((1, 2)),) * length).draw(random.Random(0), 2)
    assert word in ([1, 1], [2, 2])


# Where a task was made


def test_where_is_the_line_of_the_task_in_its_file(tmp_path, monkeypatch):
    path = tmp_path / "folder" / "test_mine.py"
    path.parent.mkdir()
    path.write_text(
        "from mips import Task, integers\n\n"
        "TASKS = [\n"
        "    Task('Echo', step=lambda s, x: (s, x), start=0, inputs=integers(0, 1), length=3),\n"
        "]\n"
    )
    scope: dict = {}
    monkeypatch.chdir(tmp_path)
    exec(compile(path.read_text(), path, "exec"), scope)
    assert scope["TASKS"][0].where == str(Path("folder", "test_mine.py")) + ":4"
    monkeypatch.chdir(path.parent)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    exec(compile(path.read_text(), path, "exec"), scope)
    assert scope["TASKS"][0].where == f"{path}:4"


# Mistakes: each is reported when the task is made, with the name, the place, what was found and what was expected


def impure():
    counter = itertools.count()
    return lambda state, x: (state, next(counter))


MISTAKES = {
    "output is a float": (
        {"step": lambda state, x: (state, 0.5 if x == 2 else 0), "start": 3},
        "step(3, 2) returned output 0.5; outputs are ints or tuples of ints. Round it, or count in smaller units.",
    ),
    "first output is a float": (
        {"step": lambda state, x: (state, x / 2)},
        "step(0, 0) returned output 0.0; outputs are ints or tuples of ints. "
        "Write int(...) around it, or // in the place of /.",
    ),
    "output is a bool": (
        {"step": lambda state, x: (state, x > 1)},
        "step(0, 0) returned output False; outputs are ints or tuples of ints. Write int(...) around it.",
    ),
    "output is None": (
        {"step": lambda state, x: (state, None)},
        "step(0, 0) returned output None; outputs are ints or tuples of ints. "
        "Return a number also where there is nothing to say, such as 0.",
    ),
    "output is a list": (
        {"step": lambda state, x: (state, [x, x])},
        "step(0, 0) returned output [0, 0]; outputs are ints or tuples of ints. Write tuple(...) around it.",
    ),
    "output is a tuple of one": (
        {"step": lambda state, x: (state, (x,))},
        "step(0, 0) returned output (0,); outputs are ints or tuples of ints. One int needs no tuple around it.",
    ),
    "output has a float inside": (
        {"step": lambda state, x: (state, (x, 0.5))},
        "step(0, 0) returned output (0, 0.5); outputs are ints or tuples of ints. Round it, or count in smaller units.",
    ),
    "output becomes a tuple": (
        {"step": lambda state, x: (state, (x, x) if x == 3 else x)},
        "step(0, 3) returned output (3, 3); expected an int, as the first output was.",
    ),
    "output changes its size": (
        {"step": lambda state, x: (state, (x, x, x) if x == 3 else (x, x))},
        "step(0, 3) returned output (3, 3, 3); expected a tuple of 2 ints, as the first output was.",
    ),
    "state is unhashable": (
        {"step": lambda state, x: ([x], x)},
        "step(0, 0) returned state [0], which is not hashable; "
        "states are hashable and immutable. Write tuple(...) around it.",
    ),
    "start is unhashable": (
        {"start": [0]},
        "start is [0], which is not hashable; states are hashable. Write tuple(...) around it.",
    ),
    "step raises": (
        {"step": lambda state, x: (state, 6 // (x - 3))},
        "step(0, 3) raised ZeroDivisionError: integer division or modulo by zero (HERE).",
    ),
    "step returns one thing": (
        {"step": lambda state, x: x},
        "step(0, 0) returned 0; expected a pair (next state, output).",
    ),
    "step returns three things": (
        {"step": lambda state, x: (state, x, x)},
        "step(0, 0) returned (0, 0, 0); expected a pair (next state, output).",
    ),
    "step is no function": (
        {"step": 3},
        "step is 3; expected a function step(state, x) -> (next state, output).",
    ),
    "step is not pure": (
        {"step": impure(), "length": 1},
        "step(0, 0) returned (0, 2), and at another time (0, 4); step is a pure function of (state, x): "
        "nothing random, and no memory but the state.",
    ),
    "range is empty": (
        {"inputs": integers(3, 1)},
        "inputs is integers(3, 1): the range is empty, expected low <= high.",
    ),
    "range of floats": (
        {"inputs": integers(0, 1.5)},  # type: ignore[arg-type]
        "inputs is integers(0, 1.5): high is 1.5, expected an int. Round it, or count in smaller units.",
    ),
    "range from a bool": (
        {"inputs": integers(False, 1)},
        "inputs is integers(False, 1): low is False, expected an int. Write int(...) around it.",
    ),
    "width is 0": (
        {"inputs": integers(0, 1, width=0)},
        "inputs is integers(0, 1, width=0): width is 0, expected at least 1.",
    ),
    "inputs is a range": (
        {"inputs": range(4)},
        "inputs is range(0, 4); expected integers(low, high), symbols(...) or product(...). Write integers(0, 3): both "
        "ends are included.",
    ),
    "length is 0": ({"length": 0}, "length is 0; expected an int of at least 1."),
    "length is negative": ({"length": -1}, "length is -1; expected an int of at least 1."),
    "length is a float": (
        {"length": 10.0},
        "length is 10.0; expected an int of at least 1. Write int(...) around it, or // in the place of /.",
    ),
    "length is a bool": ({"length": True}, "length is True; expected an int of at least 1. Write int(...) around it."),
    "sample is no function": (
        {"sample": [0, 1]},
        "sample is [0, 1]; expected a function sample(rng, length) -> list of symbols.",
    ),
    "sample is too short": (
        {"sample": lambda rng, length: [0]},
        "sample(rng, 5) returned 1 symbols; expected 5.",
    ),
    "sample leaves the alphabet": (
        {"sample": lambda rng, length: [0, 9, 0, 0, 0]},
        "sample(rng, 5) returned 9 at position 1; expected a symbol of integers(0, 3).",
    ),
    "sample is no list": (
        {"sample": lambda rng, length: 7},
        "sample(rng, 5) returned 7; expected a list of 5 symbols. Write list(...) around it.",
    ),
    "sample raises": (
        {"sample": lambda rng, length: [][0]},
        "sample(rng, 5) raised IndexError: list index out of range (HERE).",
    ),
}


@pytest.mark.parametrize(("changes", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistake(changes, message):
    with pytest.raises(TaskError) as caught:
        make(**changes)
    place, _, found = str(caught.value).partition("): ")
    assert re.sub(r"tests/mips/tasks/test_task\.py:\d+|/\S*/test_task\.py:\d+", "HERE", found) == message
    assert place.startswith("Task 'Some_Task' (") and "test_task.py:" in place


@pytest.mark.parametrize("name", ["", "two words", "a/b", "..", "1st", "Sum-Last2", "größer", 7, None])
def test_a_name_must_be_a_plain_word(name):
    expected = "the name is not a word of ASCII letters, digits and underscores, like 'My_Task'."
    with pytest.raises(TaskError) as caught:
        make(name=name)
    assert str(caught.value).startswith(f"Task {name!r} (")
    assert str(caught.value).endswith(expected)


def test_a_mistake_beyond_the_first_words_is_reported_when_it_happens():
    task = make(step=lambda count, x: (count + 1, 0.5 if count == 100 else 0))
    with pytest.raises(TaskError, match=r"step\(100, 0\) returned output 0\.5"):
        task.run([0] * 101)


# Other processes


def in_another_process(script, data=b""):
    root = str(Path(mips.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", script], input=data, env={"PYTHONPATH": root}, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


def test_a_task_of_closures_can_be_sent_to_another_process():
    task = make(sample=lambda rng, length: [rng.choice((1, 2))] * length)
    script = (
        "import sys, random, cloudpickle; task = cloudpickle.load(sys.stdin.buffer);"
        "print(task, task.where, task.output_width, task.run([1, 2, 3, 1]), task.draw(random.Random(0), 3))"
    )
    expected = f"{task} {task.where} 1 [1, 0, 0, 1] {task.draw(random.Random(0), 3)}"
    assert in_another_process(script, cloudpickle.dumps(task)) == expected


def test_importing_the_library_loads_nothing_heavy():
    script = "import sys, mips; print({'numpy', 'torch', 'sympy', 'hypothesis', 'pytest'} & set(sys.modules))"
    assert in_another_process(script) == "set()"


HUGE = 10**5000  # with more digits than Python prints


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "n" * 101}, "the name has 101 letters; expected at most 100."),
        ({"inputs": integers(0, 2**64)}, "expected numbers of at most 2**53 in absolute value"),
        ({"inputs": integers(-(2**53) - 1, 0)}, "expected numbers of at most 2**53 in absolute value"),
        ({"inputs": integers(0, HUGE)}, "expected numbers of at most 2**53 in absolute value"),
        ({"inputs": integers(0, 1, width=HUGE)}, "expected at most 100,000"),
        ({"inputs": integers(0, 1, width=10**9)}, "expected at most 100,000"),
        ({"length": 10**20}, "more than 100,000 numbers a word"),
        ({"length": HUGE}, "more than 100,000 numbers a word"),
        ({"length": 1_000, "inputs": integers(0, 1, width=1_000)}, "more than 100,000 numbers a word"),
        ({"step": lambda state, x: (state, 2**53 + 1)}, "expected numbers of at most 2**53 in absolute value"),
        ({"step": lambda state, x: (state, (x, -HUGE))}, "expected numbers of at most 2**53 in absolute value"),
    ],
)
def test_numbers_that_no_machine_can_take_are_told_in_one_line(changes: dict[str, Any], told: str) -> None:
    parts = {"name": "T", "step": lambda state, x: (state, 0), "start": 0, "inputs": integers(0, 1), "length": 4}
    parts |= changes
    with pytest.raises(TaskError) as error:
        Task(parts.pop("name"), **parts)
    assert told in str(error.value) and len(str(error.value)) < 500


def test_numbers_as_large_as_they_may_be() -> None:
    inputs = integers(-(2**53), 2**53)
    assert Task("T", step=lambda state, x: (x, state), start=0, inputs=inputs, length=4).output_width == 1
    doubling = Task("T" * 100, step=lambda n, x: (2 * n, n), start=1, inputs=integers(0, 1), length=50)
    assert doubling.run([0] * 100)[-1] == 2**99  # beyond the training length, where only programs are held against it


ALPHABETS = [
    integers(0, 1),
    integers(-2, 3),
    integers(5, 5),
    integers(0, 1, width=2),
    integers(-1, 1, width=3),
]


@pytest.mark.parametrize("alphabet", ALPHABETS, ids=str)
def test_symbols_are_counted_sorted_distinct_and_inside(alphabet):
    symbols = list(alphabet.symbols())
    assert len(symbols) == alphabet.count
    assert symbols == sorted(set(symbols))
    assert all(symbol in alphabet for symbol in symbols)


@pytest.mark.parametrize("alphabet", ALPHABETS, ids=str)
def test_every_symbol_is_drawn_and_nothing_else(alphabet):
    rng = random.Random(0)
    assert {alphabet.draw(rng) for _ in range(1000)} == set(alphabet.symbols())
    assert set(alphabet.draw_word(rng, 1000)) == set(alphabet.symbols())


@pytest.mark.parametrize("alphabet", ALPHABETS, ids=str)
@pytest.mark.parametrize("length", [0, 1, 7])
def test_words_have_the_asked_length(alphabet, length):
    assert len(alphabet.draw_word(random.Random(1), length)) == length


def test_symbols_of_one_number_are_ints_and_of_more_are_tuples():
    assert list(integers(0, 2).symbols()) == [0, 1, 2]
    assert list(integers(0, 1, width=2).symbols()) == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_constant_symbols():
    assert integers(0, 7).constant(7) == 7
    assert integers(0, 7, width=2).constant(7) == (7, 7)


@pytest.mark.parametrize("symbol", [-1, 4, (0,), (0, 0), 1.0, True, "1", None])
def test_symbols_outside_a_range_of_ints(symbol):
    assert symbol not in integers(0, 3)


@pytest.mark.parametrize("symbol", [0, (0,), (0, 4), (0, -1), (0, 0, 0), [0, 0], (0, 1.0), (0, True)])
def test_symbols_outside_a_range_of_pairs(symbol):
    assert symbol not in integers(0, 3, width=2)


def test_an_alphabet_reads_as_it_is_written():
    assert str(integers(-1, 4)) == "integers(-1, 4)"
    assert str(integers(0, 1, width=2)) == "integers(0, 1, width=2)"
