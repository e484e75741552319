"""Automata learning as an author: AALpy asks the reference, and the Mealy machine that it finds becomes a program.

The learner is KV (Kearns and Vazirani, "An introduction to computational learning theory", 1994, chapter 8), which asks
for single words (Angluin, "Learning regular sets from queries and counterexamples", 1987) and keeps what tells states
apart in a tree. Whether a hypothesis is right is tried on random words and on all short ones. Both questions go to the
reference itself, which our own method never asks after its examples are drawn: an advantage of this author.

Bounds are counts, not seconds, so that a seed gives the same program everywhere. Beyond them the newest hypothesis is
what is written.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from aalpy.base import SUL, Oracle
from aalpy.learning_algs import run_KV

from mips import Task
from mips.machines.mealy import MealyMachine, minimize
from pytest_mips.baselines.encoding import as_tuple, encode, refuse_names

STATES = 256  # a hypothesis with more is not refined any further
STEPS = 3_000_000  # symbols that the reference may be asked to read
CELLS = 100_000  # different outputs times symbols: each output may be a state at once, before a hypothesis is shown
WORDS = 2_000  # random words without a difference that make a hypothesis a result, with
SHORT = 10_000  # words at most: all of the longest length that has no more
STRETCH = 5  # the longest word, in training lengths: as long as the judge's
FEW = 3  # symbols in a part of a word that keeps to few


class _Enough(Exception):
    """The reference has read as many symbols as it may, or its outputs grow without end."""


class _Reference(SUL):  # type: ignore[misc]  # AALpy has no types
    """The reference, as AALpy asks it: word by word while it learns, symbol by symbol while it tests."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task
        self.left = STEPS
        self.outputs: set[Any] = set()
        self.state: Any = task.start

    def query(self, word: Sequence[Any]) -> list[Any]:
        self.num_queries += 1
        self.left -= len(word)
        answers = self.task.run(word)
        self.outputs.update(answers)
        if self.left < 0 or (len(word) > 1 and len(self.outputs) * self.task.inputs.count > CELLS):
            raise _Enough
        return answers

    def pre(self) -> None:
        self.state = self.task.start

    def post(self) -> None:
        pass

    def step(self, letter: Any) -> Any:
        self.left -= 1
        self.state, answer = self.task.step(self.state, letter)
        return answer


class _RandomWords(Oracle):  # type: ignore[misc]  # AALpy has no types
    """Looks for a difference on random words; `machine` is the newest hypothesis that it was shown."""

    def __init__(self, reference: _Reference, alphabet: list[Any], seed: int, progress: Callable[[str], None]) -> None:
        super().__init__(alphabet, reference)
        self.rng = random.Random(f"{seed}, words")
        self.progress = progress
        self.machine = MealyMachine(symbols=((0,),), transitions=((0,),), outputs=(((0,),),))

    def find_cex(self, hypothesis: Any) -> tuple[Any, ...] | None:
        self.machine = _frozen(hypothesis, self.alphabet)
        self.progress(f"a machine of {self.machine.size} states; {self.sul.left} of {STEPS} steps are left")
        if self.machine.size > STATES:
            return None
        for word in self._words():
            if self.sul.left < len(word):
                return None
            hypothesis.reset_to_initial()
            self.sul.pre()
            self.num_queries += 1
            for place, letter in enumerate(word, start=1):
                if self.sul.step(letter) != hypothesis.step(letter):
                    return tuple(word[:place])
        return None

    def _words(self) -> Iterator[list[Any]]:
        """Yield words as drawn in training, words of any symbols and of two parts with few; then all short ones."""
        task = self.sul.task
        for number in range(WORDS):
            length = self.rng.randint(1, STRETCH * task.length)
            match number % 4:
                case 0:
                    yield task.draw(self.rng, task.length)
                case 1:
                    cut = self.rng.randint(0, length)
                    yield self._of_few(cut) + self._of_few(length - cut)
                case _:
                    yield self.rng.choices(self.alphabet, k=length)
        length = STRETCH * task.length
        while len(self.alphabet) ** length > SHORT:
            length -= 1
        yield from map(list, itertools.product(self.alphabet, repeat=length))

    def _of_few(self, length: int) -> list[Any]:
        count = self.rng.randint(1, min(FEW, len(self.alphabet)))
        return self.rng.choices(self.rng.sample(self.alphabet, count), k=length)


def write(task: Task, *, seed: int, progress: Callable[[str], None]) -> str:
    """Return the program that walks through the machine which AALpy learns for `task`. Raises NoProgram for names."""
    refuse_names(task, "the text of AALpy's machine")
    machine = learn(task, seed=seed, progress=progress)
    return encode(machine, task.inputs, f"{task.name}: a machine of {machine.size} states, learnt by asking for words.")


def learn(task: Task, *, seed: int, progress: Callable[[str], None]) -> MealyMachine:
    """Return the newest hypothesis, minimal: right on all words it was tried on, unless it came to a bound."""
    alphabet = list(task.inputs.symbols())
    oracle = _RandomWords(_Reference(task), alphabet, seed, progress)
    try:
        run_KV(alphabet, oracle.sul, oracle, "mealy", cache_and_non_det_check=False, print_level=0)
    except _Enough:
        progress("the machine grows without end, as far as can be seen")
    return minimize(oracle.machine)


def _frozen(hypothesis: Any, alphabet: Sequence[Any]) -> MealyMachine:
    """Return a copy of AALpy's machine: its states go on changing."""
    states = sorted(hypothesis.states, key=lambda state: state is not hypothesis.initial_state)
    numbers = {id(state): number for number, state in enumerate(states)}
    return MealyMachine(
        symbols=tuple(map(as_tuple, alphabet)),
        transitions=tuple(tuple(numbers[id(state.transitions[letter])] for letter in alphabet) for state in states),
        outputs=tuple(tuple(as_tuple(state.output_fun[letter]) for letter in alphabet) for state in states),
    )
