"""A program is asked and its answers are held against the reference's: the part of the judge that touches both."""

from __future__ import annotations

import operator
import reprlib
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mips.judging.questions import Questions, Section, Word
from mips.judging.shrinking import shrink
from mips.program.source import Program
from mips.tasks.task import Task
from mips.tasks.time_limit import OutOfTime

TEXT_LENGTH = 200  # of an error or a strange answer in a counterexample


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    """Inputs on which the program is wrong, what the reference gives and what the program gave.

    `actual` is a text when that is no list of plain ints, tuples of plain ints, or texts where outputs have names, for
    instance the error raised.
    `status` says what kind of answer it is: `wrong`, `exception` for an error that was raised, `protocol` for an answer
    of another form.
    """

    inputs: Word
    expected: Word
    actual: Word | str
    status: str = "wrong"

    def to_json(self) -> dict[str, Any]:
        """Return `{"inputs": [...], "expected": [...], "actual": [...] or a text}`."""
        actual = self.actual if isinstance(self.actual, str) else list(self.actual)
        return {"inputs": list(self.inputs), "expected": list(self.expected), "actual": actual}


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """What came in the place of an answer, in one line; `status` as in Counterexample."""

    text: str
    status: str


class Trial:
    """One program and one task: asks the program, checks the form of its answers, counts the sequences."""

    def __init__(self, program: Program, task: Task) -> None:
        self.program, self.task = program, task
        self._endings: tuple[type[BaseException], ...] = (OutOfTime, *getattr(program, "endings", ()))
        self.word: Word | None = None  # the last one asked
        self.sequences = 0
        self.right = 0  # outputs on the fresh sequences
        self.right_at_length = False  # whether all of them are, in every round
        self.unsteady = False  # whether the difference came with another call of the same sequence only

    def ask(self, word: Word) -> list[Any] | NoAnswer:
        """Return the program's answer if it is a list of plain ints or of tuples of plain ints, else what it is.

        Where outputs have names it is a list of texts.
        """
        self.word = word
        try:
            answer = self.program(list(word))
        except (Exception, SystemExit) as error:
            answer = error
        return self._told(answer)

    def ask_all(self, questions: Questions) -> list[Any]:
        """Return the answers to all words, asked at once where the program can: its `many` takes Questions.

        It returns an answer or an exception for each, and `expected` itself if it knows that all are right.
        """
        if not hasattr(self.program, "many"):
            return [self.ask(word) for word in questions.words]
        self.word = questions.words[0]
        answers = self.program.many(questions)
        return answers if answers is questions.expected else [self._told(answer) for answer in answers]

    def _told(self, answer: Any) -> list[Any] | NoAnswer:
        if isinstance(answer, BaseException):
            status = getattr(answer, "status", None)
            if isinstance(status, str):  # of a program in a child, which told its error as a text
                return NoAnswer(one_line(str(answer)), status)
            return NoAnswer(one_line(traceback.format_exception_only(answer)[-1]), "exception")
        if type(answer) is list and self._is_plain(answer):
            return answer
        expected = "plain ints or of tuples of plain ints"
        if self.task.outputs is not None:
            expected = f"texts, those of {self.task.outputs}"
        found = f"returned {reprlib.repr(answer)}; expected a list of {expected}"
        return NoAnswer(one_line(found), "protocol")

    def _is_plain(self, answer: list[Any]) -> bool:
        if self.task.outputs is not None:
            return set(map(type, answer)) <= {str}
        return _plain(answer) or all(type(y) is tuple and _plain(y) for y in answer)

    def compare(self, section: Section) -> tuple[int, int, Counterexample | None]:
        """Return on how many words of a section the program is wrong in one call, of how many, and one, made small.

        Once it has been wrong, its end (`OutOfTime`, or one of `program.endings`) ends the count and is not passed on.
        """
        total = wrong = 0
        first: Counterexample | None = None
        try:
            for questions in section.questions if hasattr(self.program, "many") else _singly(section.questions):
                rounds = [self.ask_all(questions) for _ in range(section.calls)]
                total += len(questions.words)
                if section.score:
                    self.right += sum(map(_right, rounds[-1], questions.expected))
                if all(answers == questions.expected for answers in rounds):
                    continue
                for word, expected, *answers in zip(questions.words, questions.expected, *rounds, strict=True):
                    different = next((answer for answer in answers if answer != expected), None)
                    if different is not None:
                        wrong += 1
                        self.unsteady |= first is None and answers[0] == expected
                        first = first or self.counterexample(word, different)
        except self._endings:
            if first is None:
                raise
        self.sequences += total
        self.right_at_length |= section.score and first is None
        return wrong, total, self.shrunk(first) if first else None

    def shrunk(self, found: Counterexample) -> Counterexample:
        """Return a counterexample as small as it can be made, of the same kind: a wrong answer, or none of a form.

        The end of the program meanwhile ends the search and is not passed on.
        """
        smallest = found

        def fails(word: Word) -> bool:
            nonlocal smallest
            answer = self.ask(word)
            if answer == self.task.run(word) or isinstance(answer, NoAnswer) != isinstance(found.actual, str):
                return False
            smallest = self.counterexample(word, answer)
            return True

        with suppress(*self._endings):
            fails(found.inputs[: _first_difference(found) + 1])
            shrink(smallest.inputs, fails, self.task.inputs)
        return smallest

    def check(self, word: Word) -> Counterexample | None:
        """Return a counterexample made small from `word`, if the program is wrong on it."""
        answer = self.ask(word)
        return None if answer == self.task.run(word) else self.shrunk(self.counterexample(word, answer))

    def counterexample(self, word: Word, answer: list[Any] | NoAnswer) -> Counterexample:
        expected = tuple(self.task.run(word))
        if isinstance(answer, NoAnswer):
            return Counterexample(inputs=word, expected=expected, actual=answer.text, status=answer.status)
        return Counterexample(inputs=word, expected=expected, actual=tuple(answer))


def _first_difference(found: Counterexample) -> int:
    """Return the place of the first wrong output, that of the last symbol where the answer is no list of outputs."""
    places = zip(found.expected, found.actual, strict=False)
    wrong = (place for place, (expected, actual) in enumerate(places) if expected != actual)
    return len(found.inputs) if isinstance(found.actual, str) else next(wrong, len(found.inputs))


def _singly(questions: Iterable[Questions]) -> Iterator[Questions]:
    for some in questions:
        for word, expected in zip(some.words, some.expected, strict=True):
            yield Questions([word], [expected])


def _right(answer: list[Any] | NoAnswer, expected: list[Any]) -> int:
    """Return how many outputs of an answer are right, none if it is not as long as it should be."""
    if isinstance(answer, NoAnswer) or len(answer) != len(expected):
        return 0
    return sum(map(operator.eq, answer, expected))


def _plain(values: list[Any] | tuple[Any, ...]) -> bool:
    return set(map(type, values)) <= {int}


def one_line(text: str) -> str:
    """Return the text in one line, cut to a readable length."""
    line = " ".join(text.split())
    return line if len(line) <= TEXT_LENGTH else line[: TEXT_LENGTH - 1] + "…"
