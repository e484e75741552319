"""The questions are those that the interface promises, alike for every program; counterexamples are made small."""

from __future__ import annotations

import hashlib
import itertools
import json
import marshal
import os
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mips.judging.questions import BINDING, MOST_BITS, Effort, Exam, long_words, searched_words
from mips.judging.requests import HEADER
from mips.judging.shrinking import shrink
from mips.tasks.task import Task, integers

ROOT = Path(__file__).parents[3]
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
    fresh, short, searched, structured, far = (
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
    assert max(map(len, structured)) == 5 * task.length
    symbols = set(task.inputs.symbols())
    assert [len(word) for word in far][-1] == 2_000 and len(far) == 37
    assert 5 * task.length < len(far[0]) < len(far[-2]) == 50 * task.length
    assert all(x in symbols for word in fresh + searched + far for x in word)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda word: len(word) > 5 and all(b - a == 7 for a, b in pairwise(word)),
        lambda word: len(word) > 11 and all(a < b for a, b in pairwise(word)),
        lambda word: len(word) > 15 and list(word) == sorted(word, reverse=True),
        lambda word: len(word) > 21 and word == word[::-1] and len(set(word)) > 3,
        lambda word: len(word) > 61 and word != word[::-1] and word[:30] == word[::-1][:30],
    ],
    ids=["steps of seven", "climbing", "descending", "mirrored", "mirrored at its ends alone"],
)
def test_words_with_an_order_are_asked(wrong: Callable[[tuple[Any, ...]], bool]) -> None:
    """What goes wrong on such words alone is hardly ever found with random ones."""
    task = Task("Wide", step=lambda s, x: (s, x), start=0, inputs=integers(0, 99), length=10)
    structured, far = (
        [word for part in section.questions for word in part.words] for section in Exam(task, 0).sections[-2:]
    )
    assert any(map(wrong, far)) or any(wrong(word[:end]) for word in structured for end in range(len(word) + 1))


def test_a_long_word_ends_before_numbers_that_nobody_reads() -> None:
    doubling = Task("Doubling", step=lambda s, x: (2 * s, s + x), start=1, inputs=integers(0, 1), length=3)
    cases = list(long_words(doubling, BINDING, 0))
    assert cases and all(len(word) == len(expected) for word, expected in cases)
    assert max(y.bit_length() for _, expected in cases for y in expected) == MOST_BITS
    assert all(doubling.run(word) == expected for word, expected in cases)


SHOW_WORDS = """
import hashlib, sys
from dataclasses import replace
from mips.judging.questions import BINDING, searched_words, long_words
from mips.tasks.task import Task, integers
task = Task("Echo", step=lambda s, x: (s, x), start=0, inputs=integers(*map(int, sys.argv[1:])), length=10)
effort = replace(BINDING, examples=100)
words = [searched_words(task, effort, 5), list(long_words(task, effort, 5))]
print(hashlib.sha256(repr(words).encode()).hexdigest())
"""


def test_words_do_not_depend_on_what_is_imported(tmp_path: Path) -> None:
    low, high = -500, 500
    numbers = [*range(low, high + 1), *range(1 << 20, (1 << 20) + 3000), 1 << 256, (1 << 257) + 1]
    (tmp_path / "constants.py").write_text(
        f"NUMBERS = {numbers}\nBYTES = {[bytes([i % 256]) * i for i in range(99)]}\n"
    )

    def words(first: str) -> str:
        command = [sys.executable, "-c", first + SHOW_WORDS, str(low), str(high)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])}
        return subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True).stdout

    task = Task("Echo", step=lambda s, x: (s, x), start=0, inputs=integers(low, high), length=10)
    effort = replace(BINDING, examples=100)
    drawn = [searched_words(task, effort, 5), list(long_words(task, effort, 5))]
    here = hashlib.sha256(repr(drawn).encode()).hexdigest() + "\n"
    assert here == words("") == words("import constants")


def test_the_search_reaches_every_length_and_symbol() -> None:
    words = searched_words(DIGITS, BINDING, 0)
    assert len(words) == 2_000
    assert {len(word) for word in words} == set(range(31))
    assert {x for word in words for x in word} == set(range(10))
    counts = [sum(word.count(digit) for word in words) for digit in range(10)]
    assert min(counts) > 0.5 * sum(counts) / 10, "every symbol comes about as often"
    assert {-500, 500, 0, 1, -1} <= {
        x for word in searched_words(WIDE, replace(BINDING, examples=300), 0) for x in word
    }
    assert any(len(word) > 10 and len(set(word)) == 1 for word in words), "constant words are among them"


@ALL
def test_the_same_seed_asks_the_same_and_what_is_kept_can_be_read_again(task: Task) -> None:
    def words(exam: Exam) -> list[object]:
        return [word for section in exam.sections for questions in section.questions for word in questions.words]

    kept = Exam(task, 1, LITTLE, keep=True)
    first = words(kept)
    assert words(kept) == first == words(Exam(task, 1, LITTLE))
    assert words(Exam(task, 2, LITTLE)) != first


def test_requests_hold_the_words_and_replies_are_the_answers_as_one_line_of_json() -> None:
    for section in Exam(PAIRS, 0, LITTLE).sections:
        for questions in section.questions:
            length, words = int.from_bytes(questions.request[:HEADER]), questions.request[HEADER:]
            assert length == len(words) and marshal.loads(words) == questions.words
            assert questions.symbols == sum(map(len, questions.words))
            assert json.loads(questions.reply) == {"answers": json.loads(json.dumps(questions.expected))}
            assert questions.reply.count(b"\n") == 1


def test_the_search_leaves_nothing_in_the_working_directory(tmp_path: Path) -> None:
    """Though Hypothesis keeps what it has read in the sources of whoever asks."""
    (tmp_path / "asker.py").write_text(
        "import hypothesis.configuration as c\nfrom mips.judging.words import searched_rows\nNUMBER = 123456\n"
        "assert searched_rows([(0, 9)], 5, 20, 0)\nprint(c.storage_directory('x').path.parent.name)\n"
    )
    command = [sys.executable, "-B", "-c", "import asker"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert [path.name for path in tmp_path.iterdir()] == ["asker.py"]
    assert told == ".hypothesis\n"  # for those who use it otherwise


# Shrinking


Word = tuple[Any, ...]
FAILS: dict[str, Callable[[Word], bool]] = {
    "two twos": lambda word: word.count(2) >= 2,
    "a descent": lambda word: any(a > b for a, b in itertools.pairwise(word)),
    "five symbols": lambda word: len(word) >= 5,
    "a sum above seven": lambda word: sum(word) > 7,
    "one before two": lambda word: 1 in word and 2 in word[word.index(1) :],
}


def simpler(word: Word, low: int, high: int) -> list[Word]:
    """Return, written once more, all words with one symbol less, or one number one step nearer to zero."""
    shorter = [word[:place] + word[place + 1 :] for place in range(len(word))]
    nearer = [
        (*word[:place], x - (1 if x > 0 else -1), *word[place + 1 :])
        for place, x in enumerate(word)
        if x and low <= x - (1 if x > 0 else -1) <= high
    ]
    return shorter + nearer


@pytest.mark.parametrize("name", FAILS)
@pytest.mark.parametrize("seed", range(20))
def test_nothing_a_step_simpler_fails(name: str, seed: int) -> None:
    rng, fails = random.Random(seed), FAILS[name]
    word = tuple(rng.randint(0, 3) for _ in range(20))
    while not fails(word):
        word = tuple(rng.randint(0, 3) for _ in range(20))
    small = shrink(word, fails, integers(0, 3))
    assert fails(small) and len(small) <= len(word)
    assert not any(map(fails, simpler(small, 0, 3)))


def test_the_smallest_words_are_found_where_there_is_one_way_down() -> None:
    assert shrink((3, 2, 0, 1, 2), FAILS["two twos"], integers(0, 3)) == (2, 2)
    assert shrink((0,) * 9, FAILS["five symbols"], integers(0, 3)) == (0,) * 5
    assert shrink((7, 9, 8, 9), lambda word: len(word) > 1, integers(5, 9)) == (5, 5)
    assert shrink((-3,), lambda word: len(word) > 0 and abs(word[0]) > 1, integers(-3, 3)) == (2,)
    assert shrink((-3,), lambda word: len(word) > 0 and word[0] < -1, integers(-3, 3)) == (-2,)
    assert shrink(((4, -4), (0, 0)), lambda word: any(a > b for a, b in word), integers(-4, 4, width=2)) == ((0, -1),)


def test_a_long_word_gets_small_within_the_questions() -> None:
    rng = random.Random(0)
    word = tuple(rng.randint(0, 9) for _ in range(400))

    def fails(candidate: Word) -> bool:
        return candidate.count(7) >= 20

    assert shrink(word, fails, integers(0, 9)) == (7,) * 20


def test_questions_are_bounded_and_a_failing_word_comes_back() -> None:
    asked: list[Word] = []

    def fails(word: Word) -> bool:
        asked.append(word)
        return len(word) > 30

    small = shrink((1,) * 40, fails, integers(0, 1), most=7)
    assert len(small) == 31 and len(asked) <= 32 + 7
    assert shrink((), lambda word: True, integers(0, 1)) == ()
