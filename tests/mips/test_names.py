"""Tasks over names: a named task is the relabelled twin of a numbered one, for the task, its data, and the judge."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mips
from mips import Task, TaskError, integers, product, symbols
from mips.judging.judge import judge, judge_machine, why_table
from mips.judging.questions import Effort, Exam, names_in
from mips.judging.sandbox.choice import choose
from mips.judging.sandbox.verdict import Examiner
from mips.judging.weighing.weight import weigh
from mips.machines.mealy import MealyMachine
from mips.networks.encoding import Encoded, decoded, encoded, encoded_width, reading
from mips.networks.network import Layer, Network
from mips.networks.storage import load, save
from mips.tasks.alphabets import Alphabet, all_numbers, numbers_of, symbol_in_place, symbol_of
from mips.tasks.dataset import covering, sample
from mips.training.report import spelled
from mips.training.search import Mistake

MOVES, FILLS = ("push", "pop", "nop"), ("empty", "some", "full")
LIGHT = Effort(fresh=300, exhaustive=2_000, examples=100, long=4, longest=100)
"""So little that a verdict takes a moment."""


def stack(depth: int, move: int) -> tuple[int, int]:
    """Take a move by its place in MOVES on a stack of depth 3; answer 0 when it is empty, 2 when full, else 1."""
    depth = min(depth + 1, 3) if move == 0 else max(depth - 1, 0) if move == 1 else depth
    return depth, 0 if depth == 0 else 2 if depth == 3 else 1


def named_stack(depth: int, move: str) -> tuple[int, str]:
    depth, fill = stack(depth, MOVES.index(move))
    return depth, FILLS[fill]


NUMBERED = Task("Stack", step=stack, start=0, inputs=integers(0, 2), length=6)
NAMED = Task("Stack", step=named_stack, start=0, inputs=symbols(MOVES), outputs=symbols(FILLS), length=6)

PROGRAM = """
def program(xs):
    depth = 0
    ys = []
    for x in xs:
        if x == 0:
            depth = min(depth + 1, 3)
        elif x == 1:
            depth = max(depth - 1, 0)
        ys.append((0, 1, 1, 2)[depth])
    return ys
"""
CHANGES = {  # of the program: none, a wrong limit, a wrong answer, another symbol, none at all
    "right": ("", ""),
    "too deep": ("depth + 1, 3", "depth + 1, 4"),
    "too shallow": ("depth + 1, 3", "depth + 1, 2"),
    "wrong answer": ("(0, 1, 1, 2)", "(0, 1, 2, 2)"),
    "wrong symbol": ("x == 1", "x == 2"),
    "late": ("depth + 1, 3)", "depth + 1, 3) if len(ys) < 20 else 0"),
}


def relabelled(source: str) -> str:
    """Return the program with names in the place of their numbers, where it compares symbols and where it answers."""
    for number, name in enumerate(MOVES):
        source = source.replace(f"x == {number}", f'x == "{name}"')
    start = source.index("ys.append((") + len("ys.append((")
    end = source.index(")", start)
    answers = ", ".join(f'"{FILLS[int(number)]}"' for number in source[start:end].split(", "))
    return source[:start] + answers + source[end:]


# The judge


@pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)
def test_a_program_and_its_relabelled_twin_get_the_same_verdict(old: str, new: str) -> None:
    source = PROGRAM.replace(old, new) if old else PROGRAM
    one, other = judge(source, NUMBERED, effort=LIGHT), judge(relabelled(source), NAMED, effort=LIGHT)
    facts = ("solved", "reason", "assurance", "program_nodes", "sequences", "accuracy", "solved_at_length")
    assert [getattr(one, name) for name in facts] == [getattr(other, name) for name in facts]
    assert one.solved == (not old)
    if old:
        assert one.counterexample and other.counterexample
        assert len(one.counterexample.inputs) == len(other.counterexample.inputs)
        assert set(other.counterexample.inputs) <= {*MOVES} and set(other.counterexample.expected) <= {*FILLS}


def test_the_words_of_the_judge_are_those_of_the_twin() -> None:
    exams = [Exam(task, 3, LIGHT).sections for task in (NUMBERED, NAMED)]
    for numbered, named in zip(*exams, strict=True):
        one = [(word, ys) for some in numbered.questions for word, ys in zip(some.words, some.expected, strict=True)]
        other = [(word, ys) for some in named.questions for word, ys in zip(some.words, some.expected, strict=True)]
        told = [(tuple(MOVES[x] for x in word), [FILLS[y] for y in ys]) for word, ys in one]
        assert told == other


@pytest.mark.parametrize(
    "inputs",
    [product(symbols("a b"), integers(-2, 3)), product(integers(0, 1), integers(0, 9)), symbols("a b c d"),
     product(symbols("a b"), integers(0, 1, width=2)), product(integers(-(2**53), 2**53), integers(0, 2**53))],
    ids=str,
)  # fmt: skip
def test_all_words_are_made_of_symbols_of_the_alphabet(inputs: Alphabet) -> None:
    task = Task("T", step=lambda state, x: (state, 0), start=0, inputs=inputs, length=4)
    words = [word for section in Exam(task, 0, LIGHT).sections for some in section.questions for word in some.words]
    assert all(symbol in inputs for word in words for symbol in word)
    seen = {symbol for word in words for symbol in word}
    assert len(seen) == inputs.count if inputs.count < 50 else len(seen) > 50
    assert len(words[-1]) == LIGHT.longest


def test_names_weigh_as_their_places_and_others_as_texts() -> None:
    numbered, named = weigh(PROGRAM), weigh(relabelled(PROGRAM), names=names_in(NAMED))
    assert named.group == numbered.group and named.nodes == numbered.nodes
    assert abs(named.bits - numbered.bits) <= 20
    long = ("the_first_of_two_long_names", "the_second_of_two_long_names")
    source = f"def program(xs):\n    return [int(x == '{long[0]}') for x in xs]\n"
    assert long[0] in weigh(source, names=long).text and not why_table(weigh(source, names=long))
    assert long[0] not in weigh(source).text  # a text of the program's own that is only compared gets a short one
    table = "def program(xs):\n    return ['01101001100101'[x] for x in xs]\n"
    assert why_table(weigh(table, names=long))


@pytest.mark.parametrize("answers", [FILLS, ("empty", "some", "fulL")], ids=["right", "another name"])
def test_a_machine_is_judged_by_the_names_it_stands_for(answers: tuple[str, ...]) -> None:
    rows = [[stack(depth, move) for move in range(3)] for depth in range(4)]
    machine = MealyMachine(
        symbols=((0,), (1,), (2,)),
        transitions=tuple(tuple(after for after, _ in row) for row in rows),
        outputs=tuple(tuple((answer,) for _, answer in row) for row in rows),
    )
    task = Task(
        "Stack",
        step=lambda depth, move: (stack(depth, MOVES.index(move))[0], answers[stack(depth, MOVES.index(move))[1]]),
        start=0,
        inputs=symbols(MOVES),
        outputs=symbols(answers),
        length=6,
    )
    assert judge_machine(machine, task, seed=0, effort=LIGHT) == "proved"
    wrong = MealyMachine(symbols=machine.symbols, transitions=machine.transitions, outputs=(machine.outputs[1],) * 4)
    assert judge_machine(wrong, task, seed=0, effort=LIGHT) == ""


STATES_OF_TEXTS = """
def program(xs):
    previous = "nop"
    ys = []
    for x in xs:
        ys.append(int(x == previous))
        previous = x
    return ys
"""


def test_a_loop_that_hands_on_texts_is_proved_and_told_from_one_that_hands_on_bools() -> None:
    def repeated(previous: str, x: str) -> tuple[str, int]:
        return x, int(x == previous)

    task = Task("Repeated", step=repeated, start="nop", inputs=symbols(MOVES), length=6)
    assert judge(STATES_OF_TEXTS, task, effort=LIGHT).assurance == "proved"
    names = symbols("True False")
    task = Task("Repeated", step=repeated, start="True", inputs=names, length=6)
    assert judge(STATES_OF_TEXTS.replace("nop", "True"), task, effort=LIGHT).assurance == "proved"
    assert not judge(STATES_OF_TEXTS.replace('"nop"', "True"), task, effort=LIGHT).solved


def test_nothing_is_proved_where_a_name_may_format() -> None:
    task = Task("T", step=lambda s, x: (s, int(x == "%s")), start=0, inputs=symbols("%s b"), length=4)
    source = "def program(xs):\n    ys = []\n    for x in xs:\n        ys.append(int(x != 'b'))\n    return ys\n"
    assert judge(source, task, effort=LIGHT).assurance == "tested"


FOREIGN = {
    "texts": (relabelled(PROGRAM), "solved", 0),
    "a tuple of texts": (relabelled(PROGRAM).replace("return ys", "return tuple(ys)"), "solved", 1),
    "numbers": (PROGRAM.replace("x == 0", 'x == "push"'), "protocol", 0),
    "another name": (relabelled(PROGRAM).replace('"full"', '"ful"'), "wrong", 0),
    "half a pair": (relabelled(PROGRAM).replace('"full"', '"\\udc80"'), "wrong", 0),
    "a list of lists": (relabelled(PROGRAM).replace("return ys", "return [[y] for y in ys]"), "protocol", 0),
    "a long text": (relabelled(PROGRAM).replace("return ys", "return [y * 999 for y in ys]"), "protocol", 0),
}


@pytest.mark.parametrize(("source", "status", "lenient"), FOREIGN.values(), ids=FOREIGN)
def test_programs_of_others_get_and_give_texts(source: str, status: str, lenient: int) -> None:
    found = Examiner(NAMED, root_seed=0, effort=LIGHT).judge(source, choose("auto"))
    assert (found.status, bool(found.lenient)) == (status, bool(lenient))
    if status == "wrong":
        assert found.counterexample and set(found.counterexample["inputs"]) <= {*MOVES}


# Tasks


def test_data_of_a_named_task_is_that_of_its_twin() -> None:
    one, other = sample(NUMBERED, count=200, seed=4), sample(NAMED, count=200, seed=4)
    assert np.array_equal(one.inputs, other.inputs) and np.array_equal(one.outputs, other.outputs)


@pytest.mark.parametrize("inputs", [symbols("a b"), product(symbols("a b"), integers(3, 4)), integers(2, 3)], ids=str)
def test_all_words_are_among_the_examples_where_they_are_few(inputs: Alphabet) -> None:
    task = Task("T", step=lambda state, x: (state, 0), start=0, inputs=inputs, length=3)
    data = covering(task, sample(task, count=2 * inputs.count**3, seed=0))
    assert len({word.tobytes() for word in data.inputs}) == inputs.count**3


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown name": (
        {"step": lambda s, x: (s, "ful")},
        "output 'ful'; expected a name of outputs=symbols('empty some full'). Add 'ful' to the names",
    ),
    "another spelling": ({"step": lambda s, x: (s, "FULL")}, "Write 'full'."),
    "an int": ({"step": lambda s, x: (s, 2)}, "Write 'full' for 2, or NAMES[...] around it."),
    "outputs that are a list": ({"outputs": ["a", "b"]}, "expected symbols(...), or nothing where outputs are ints."),
    "outputs that are a range": ({"outputs": integers(0, 1)}, "Outputs that are ints need no outputs=."),
    "names that were not promised": ({"outputs": None}, "Number the texts, or name them all: outputs=symbols(...)."),
    "a sample outside": (
        {"sample": lambda rng, length: ["dup"] * length},
        "returned 'dup' at position 0; expected a symbol of symbols('push pop nop'). Add 'dup' to the names",
    ),
    "a sample of numbers": ({"sample": lambda rng, length: [0] * length}, "Write 'push' for 0"),
}


@pytest.mark.parametrize(("changes", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_with_names_are_told_with_their_cure(changes: dict[str, Any], expected: str) -> None:
    parts = {"step": named_stack, "start": 0, "inputs": symbols(MOVES), "outputs": symbols(FILLS), "length": 6}
    with pytest.raises(TaskError) as caught:
        Task("Stack", **parts | changes)
    assert expected in str(caught.value) and "\n" not in str(caught.value)


def test_a_part_of_a_symbol_that_is_missing_is_told_with_an_example() -> None:
    inputs = product(symbols("add sub"), integers(0, 9))
    with pytest.raises(TaskError, match=r"A symbol is a tuple of 2 parts, such as \('add', 0\)\."):
        Task("T", step=lambda s, x: (s, 0), start=0, inputs=inputs, length=2, sample=lambda rng, n: ["add"] * n)


# Alphabets and what networks read


ALPHABETS = [symbols("a b c"), symbols("a"), product(symbols("a b"), integers(2, 4)), product(integers(0, 1),
             integers(5, 7)), product(symbols("a"), symbols("b c d"), integers(0, 1, width=2))]  # fmt: skip


@pytest.mark.parametrize("alphabet", ALPHABETS, ids=str)
def test_places_numbers_and_symbols_belong_together(alphabet: Alphabet) -> None:
    every = list(alphabet.symbols())
    assert len({*every}) == len(every) == alphabet.count and all(symbol in alphabet for symbol in every)
    assert [*map(symbol_in_place(alphabet), range(alphabet.count))] == every
    assert [symbol_of(alphabet, numbers) for numbers in all_numbers(alphabet)] == every
    assert [numbers_of(alphabet, symbol) for symbol in every] == [*all_numbers(alphabet)]
    drawn = alphabet.draw_word(random.Random(0), 500)
    assert {*drawn} == {*every} and {*alphabet.some()} <= {*every}


@pytest.mark.parametrize("alphabet", ALPHABETS, ids=str)
def test_what_a_network_reads_can_be_read_back_and_gives_names_no_order(alphabet: Alphabet) -> None:
    numbers = np.array(all_numbers(alphabet), dtype=np.int64)
    rows = encoded(alphabet, numbers)
    assert rows.shape == (alphabet.count, encoded_width(alphabet))
    assert np.array_equal(decoded(alphabet, rows), numbers)
    if alphabet == symbols("a b c"):
        assert rows.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def network_of(width: int) -> Network:
    rng = np.random.default_rng(0)
    cell = Layer(weight=rng.normal(size=(2 + width, 2)), bias=rng.normal(size=2))
    return Network(cell=(cell,), readout=(Layer(weight=rng.normal(size=(2, 1)), bias=[0.0]),))


@pytest.mark.parametrize("alphabet", ALPHABETS, ids=str)
@pytest.mark.parametrize("size", [lambda one: one.width, encoded_width], ids=["places", "ones"])
def test_a_stored_network_remembers_how_it_reads_its_alphabet(
    alphabet: Alphabet, size: Callable[[Alphabet], int], tmp_path: Any
) -> None:
    network = network_of(size(alphabet))
    save(network, tmp_path, inputs=alphabet, length=5)
    stored = load(tmp_path)
    assert stored.inputs == alphabet
    numbers = np.array(all_numbers(alphabet), dtype=np.int64)
    read, again = reading(network, alphabet), reading(stored.network, stored.inputs)
    assert isinstance(read, Encoded) == (network.input_width != alphabet.width)
    given = numbers if network.input_width == alphabet.width else encoded(alphabet, numbers)
    expected = network.answer(network.step(network.start(len(numbers)), given))
    for each in (read, again):
        assert np.array_equal(each.answer(each.step(each.start(len(numbers)), numbers)), expected)


def test_a_network_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="expected width 4, as the network"):
        mips.distil(network_of(4), symbols("a b c"))


def test_a_network_that_reads_ones_is_distilled_to_names() -> None:
    """A network that answers 1 for the second name: its first hidden number is the second column."""
    cell = Layer(weight=[[0, 0], [0, 0], [0, 0], [1, 0], [0, 0]], bias=[0, 0])
    network = Network(cell=(cell,), readout=(Layer(weight=[[1], [0]], bias=[0]),))
    distilled = mips.distil(network, symbols("a b c"), 6, outputs=symbols("no yes"))
    assert 'x == "b"' in distilled.program
    assert distilled(["a", "b", "c", "b"]) == ["no", "yes", "no", "yes"]
    with pytest.raises(mips.outcome.StageFailure, match="reads numbers, and the inputs are"):
        mips.distil(network, symbols("a b c"), 6, method="paper")


def test_a_mistake_of_a_network_is_told_by_names() -> None:
    mistake = Mistake(inputs=((1, 0, 0), (0, 0, 1)), expected=((1,), (0,)), actual=((2,), (7,)))
    told = spelled(mistake, symbols(MOVES), symbols(FILLS))
    assert told == Mistake(inputs=(("push",), ("nop",)), expected=(("some",), ("empty",)), actual=(("full",), (7,)))
