"""The questions are those that the interface promises, alike for every program, and as lines what they are as words."""

from __future__ import annotations

import itertools
import json

import pytest

from mips.exam import BINDING, Effort, Exam, searched_words
from mips.task import Task, integers

LITTLE = Effort(fresh=30, exhaustive=300, examples=40)
PAIRS = Task("Pairs", step=lambda s, x: (s + x[0], (s, x[1])), start=0, inputs=integers(-1, 1, width=2), length=4)
DIGITS = Task("Digits", step=lambda s, x: (s + x, s + x), start=0, inputs=integers(0, 9), length=6)
WIDE = Task("Wide", step=lambda s, x: (s, s), start=0, inputs=integers(-500, 500), length=6)
ALL = pytest.mark.parametrize("task", [PAIRS, DIGITS, WIDE], ids=str)


@ALL
def test_every_question_has_the_right_answer(task: Task) -> None:
    for section in Exam(task, 3, LITTLE).sections:
        for questions in section.questions:
            assert [task.run(word) for word in questions.words] == questions.expected


@ALL
def test_sections_hold_what_they_say(task: Task) -> None:
    fresh, short, searched = (
        [word for questions in section.questions for word in questions.words]
        for section in Exam(task, 0, LITTLE).sections
    )
    assert len(fresh) == 30 and {len(word) for word in fresh} == {task.length}
    longest = max(map(len, short))
    assert task.inputs.count**longest <= 300 < task.inputs.count ** (longest + 1)
    assert short == [
        word for length in range(longest + 1) for word in itertools.product(task.inputs.symbols(), repeat=length)
    ]
    assert 30 <= len(searched) <= 40 and max(map(len, searched)) <= 5 * task.length
    symbols = set(task.inputs.symbols())
    assert all(x in symbols for word in fresh + searched for x in word)


def test_the_search_reaches_every_length_and_symbol() -> None:
    words = searched_words(DIGITS, BINDING)
    assert len(words) == 2_000
    assert {len(word) for word in words} == set(range(31))
    assert {x for word in words for x in word} == set(range(10))
    counts = [sum(word.count(digit) for word in words) for digit in range(10)]
    assert min(counts) > 0.5 * sum(counts) / 10, "a byte tells every symbol about as often"
    assert {-500, 500} <= {x for word in searched_words(WIDE, BINDING) for x in word}


@ALL
def test_the_same_seed_asks_the_same_and_what_is_kept_can_be_read_again(task: Task) -> None:
    def words(exam: Exam) -> list[object]:
        return [word for section in exam.sections for questions in section.questions for word in questions.words]

    kept = Exam(task, 1, LITTLE, keep=True)
    first = words(kept)
    assert words(kept) == first == words(Exam(task, 1, LITTLE))
    assert words(Exam(task, 2, LITTLE)) != first


def test_lines_are_the_words_and_answers_as_json() -> None:
    for section in Exam(PAIRS, 0, LITTLE).sections:
        for questions in section.questions:
            assert json.loads(questions.line) == json.loads(json.dumps(questions.words))
            assert json.loads(questions.reply) == {"answers": json.loads(json.dumps(questions.expected))}
            assert questions.line.count(b"\n") == questions.reply.count(b"\n") == 1
