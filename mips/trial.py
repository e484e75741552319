"""A program is asked and its answers are held against the reference's: the part of the judge that touches both."""

from __future__ import annotations

import itertools
import operator
import reprlib
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mips.program import Program
from mips.task import Task

Word = tuple[Any, ...]
TOGETHER = 250  # words that a program which can take many is asked at once
TEXT_LENGTH = 200  # of an error or a strange answer in a counterexample


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    """Inputs on which the program is wrong, what the reference gives and what the program gave.

    `actual` is a text when that is no list of plain ints or tuples of plain ints, for instance the error raised.
    """

    inputs: Word
    expected: Word
    actual: Word | str

    def to_json(self) -> dict[str, Any]:
        """Return `{"inputs": [...], "expected": [...], "actual": [...] or a text}`."""
        actual = self.actual if isinstance(self.actual, str) else list(self.actual)
        return {"inputs": list(self.inputs), "expected": list(self.expected), "actual": actual}


class Trial:
    """One program and one task: asks the program, checks the form of its answers, counts the sequences."""

    def __init__(self, program: Program, task: Task) -> None:
        self.program, self.task = program, task
        self.word: Word | None = None  # the last one asked
        self.sequences = 0
        self.right = 0  # outputs on the fresh sequences

    def ask(self, word: Word) -> list[Any] | str:
        """Return the program's answer if it is a list of plain ints or of tuples of plain ints, else say what it is."""
        self.word = word
        try:
            answer = self.program(list(word))
        except (Exception, SystemExit) as error:
            answer = error
        return self._told(answer)

    def ask_all(self, words: list[Word]) -> list[list[Any] | str]:
        """Return the answers to words in turn, all at once where the program can: `many` takes a list of them.

        It returns an answer or an exception for each.
        """
        many = getattr(self.program, "many", None)
        if many is None:
            return [self.ask(word) for word in words]
        self.word = words[0]
        return [self._told(answer) for answer in many([list(word) for word in words])]

    def _told(self, answer: Any) -> list[Any] | str:
        if isinstance(answer, BaseException):
            return one_line(traceback.format_exception_only(answer)[-1])
        if type(answer) is list and (_plain(answer) or all(type(y) is tuple and _plain(y) for y in answer)):
            return answer
        return one_line(f"returned {reprlib.repr(answer)}; expected a list of plain ints or of tuples of plain ints")

    def compare(
        self, cases: Iterable[tuple[Word, list[Any]]], *, calls: int, score: bool
    ) -> tuple[int, int, Counterexample | None]:
        """Return how many of `cases` are wrong in one of `calls` calls, how many there are, and the first wrong one.

        If `score`, right outputs of the last call are counted.
        """
        total = wrong = 0
        first: Counterexample | None = None
        cases = iter(cases)
        together = TOGETHER if hasattr(self.program, "many") else 1
        while some := list(itertools.islice(cases, together)):
            words = [word for word, _ in some]
            rounds = [self.ask_all(words) for _ in range(calls)]
            for (word, expected), *answers in zip(some, *rounds, strict=True):
                different = next((answer for answer in answers if answer != expected), None)
                if different is not None:
                    wrong += 1
                    first = first or self.counterexample(word, different)
                if score:
                    self.right += _right(answers[-1], expected)
            total += len(some)
        self.sequences += total
        return wrong, total, self.cut(first) if first else None

    def cut(self, found: Counterexample) -> Counterexample:
        """Return the counterexample of the shortest prefix on which the program is wrong; `found` if now none is."""
        for length in range(len(found.inputs)):
            answer = self.ask(found.inputs[:length])
            if answer != list(found.expected[:length]):
                return self.counterexample(found.inputs[:length], answer)
        return found

    def check(self, word: Word) -> Counterexample | None:
        """Return the shortest counterexample among the prefixes of `word`, if there is one."""
        answer = self.ask(word)
        return None if answer == self.task.run(word) else self.cut(self.counterexample(word, answer))

    def counterexample(self, word: Word, answer: list[Any] | str) -> Counterexample:
        actual = answer if isinstance(answer, str) else tuple(answer)
        return Counterexample(inputs=word, expected=tuple(self.task.run(word)), actual=actual)


def _right(answer: list[Any] | str, expected: list[Any]) -> int:
    """Return how many outputs of an answer are right, none if it is not as long as it should be."""
    if isinstance(answer, str) or len(answer) != len(expected):
        return 0
    return sum(map(operator.eq, answer, expected))


def _plain(values: list[Any] | tuple[Any, ...]) -> bool:
    return set(map(type, values)) <= {int}


def one_line(text: str) -> str:
    """Return the text in one line, cut to a readable length."""
    line = " ".join(text.split())
    return line if len(line) <= TEXT_LENGTH else line[: TEXT_LENGTH - 1] + "…"
