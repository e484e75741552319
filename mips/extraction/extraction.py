"""A Mealy machine from the answers of a network. A hidden state is only a point to continue several words from.

The method is Angluin's L* with the counterexamples of Maler and Pnueli (1995): when machine and network disagree on a
word, its suffixes become columns of the Hankel matrix. Of symbols that act alike only one is asked for.

The network is asked for words up to the horizon, its training length, and for no longer ones. The finite machine is
made from words shorter than the horizon; words of the full length then test it. A network that counts has no finite
machine: it has new states at every depth, or words of the full length contradict the machine. For such a network there
is the unrolled machine, made from all words up to the horizon. It is partial: a transition is missing where these words
do not determine its target.

Three facts follow. First, a new state does not make an earlier transition ambiguous, since it differs from the target
on a suffix that the row of the transition has too. Second, each disagreement on a word shorter than the horizon adds a
state or a class of symbols: somewhere along the word the row after a transition differs from the row of its target, on
a suffix short enough for both, since access words are shortest. Third, a finite machine that no longer changes is
therefore contradicted only by words of full length, and an unrolled machine by none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mips.extraction.budget import BUDGET, ExtractionBudget
from mips.extraction.hankel import NotFinite, States, Suffix, at_most, states
from mips.extraction.symbol_classes import Classes, rows_after, sampled_classes
from mips.extraction.words import all_words, planned_words, walking_words, words_of
from mips.machines.mealy import MealyMachine, UnrolledMachine, minimize
from mips.networks.network import Ints
from mips.networks.recurrent import Recurrent, run, take


def extract_machine(
    network: Recurrent,
    symbols: tuple[tuple[int, ...], ...],
    *,
    horizon: int,
    seed: int,
    planned: bool = False,
    budget: ExtractionBudget = BUDGET,
) -> MealyMachine:
    """Return the minimal Mealy machine that agrees with the network on words up to length `horizon`.

    All words are compared when there are at most `test_words`, else as many random ones, half of which
    keep to two symbols; if `planned`, also words of blocks and words through every state; `seed` draws them. Raises
    NotFinite when the states do not close within the horizon, are too many, or predict wrongly.
    """
    search = _Search(network, symbols, horizon, seed, budget)
    before: MealyMachine | None = None
    for _ in range(budget.rounds):
        found = search.states(horizon - 1, partly=False)
        machine = MealyMachine(
            symbols=symbols,
            transitions=search.spread(found.transitions),
            outputs=search.spread(found.outputs),
        )
        suffix = search.disagreement(machine)
        if suffix is None and planned:
            suffix = search.planned_disagreement(machine)
        if suffix is None:
            return minimize(machine)
        if machine == before:
            raise NotFinite(
                f"on words of length {len(suffix)} the network contradicts the machine of {machine.size} states "
                f"that its answers on words up to length {horizon - 1} suggest"
            )
        before = machine
        search.ask_more(suffix)
    raise NotFinite(f"still a new disagreement after {budget.rounds} rounds")


def unroll_machine(
    network: Recurrent,
    symbols: tuple[tuple[int, ...], ...],
    *,
    horizon: int,
    seed: int,
    budget: ExtractionBudget = BUDGET,
) -> UnrolledMachine:
    """Return the partial machine that agrees with the network on words up to length `horizon`, as far as it goes.

    The words compared are those of `extract_machine`. Where there would be too many states, the deeper ones are left
    out. Raises NotFinite when there are too many symbols, or still disagreements after many rounds.
    """
    search = _Search(network, symbols, horizon, seed, budget)
    for _ in range(budget.rounds):
        found = search.states(horizon, partly=True)
        machine = UnrolledMachine(
            symbols=symbols,
            transitions=search.spread(found.transitions),
            outputs=search.spread(found.outputs),
            horizon=horizon,
        )
        suffix = search.disagreement(machine)
        if suffix is None:
            return machine
        search.ask_more(suffix)
    raise NotFinite(f"still a new disagreement after {budget.rounds} rounds")


class _Search:
    """What is asked so far: classes of symbols, and suffixes, words of numbers of symbols."""

    def __init__(
        self,
        network: Recurrent,
        symbols: tuple[tuple[int, ...], ...],
        horizon: int,
        seed: int,
        budget: ExtractionBudget,
    ) -> None:
        self._budget = budget
        if len(symbols) > self._budget.most_transitions // 4:
            raise NotFinite(f"{len(symbols)} symbols are too many to try each in every state")
        self._network, self._horizon = network, horizon
        self._alphabet = np.array(symbols, dtype=np.int64)
        self._rng = np.random.default_rng(seed)
        self.classes: Classes = sampled_classes(network, self._alphabet, horizon, np.random.default_rng(seed), budget)
        self._suffixes: list[Suffix] = []
        self.ask_more(())

    def ask_more(self, word: Suffix) -> None:
        """Add the suffixes of a word, and the single symbols that represent classes."""
        tails = {word[start:] for start in range(len(word))}
        singles = {(symbol,) for symbol in self.classes.representatives.tolist()}
        self._suffixes = sorted({*self._suffixes, *singles, *tails}, key=lambda suffix: (len(suffix), suffix))

    def states(self, longest: int, *, partly: bool) -> States:
        """Return the states over the representatives, once in each of them all symbols of a class act alike."""
        while True:
            found = states(
                self._network,
                self._alphabet,
                self.classes.representatives,
                self._suffixes,
                longest,
                partly=partly,
                budget=self._budget,
            )
            classes = self.classes
            for depth, (layer, count) in enumerate(zip(found.layers, found.counts, strict=True)):
                if classes.is_finest:
                    break
                asked = at_most(self._suffixes, longest - depth - 1)
                for row in range(count):
                    state = take(layer, np.array([row]))
                    classes = classes.split(rows_after(self._network, self._alphabet, state, asked))
            if len(classes.representatives) == len(self.classes.representatives):
                return found
            self.classes = classes
            self.ask_more(())

    def spread(self, rows: Sequence[Sequence[Any]]) -> tuple[tuple[Any, ...], ...]:
        """Return rows with an entry for each symbol, given rows with one for each class."""
        return tuple(tuple(row[number] for number in self.classes.of) for row in rows)

    def disagreement(self, machine: MealyMachine | UnrolledMachine) -> Suffix | None:
        """Return the shortest beginning of a word whose last answer differs, or None; few words are all tried."""
        symbols, horizon = len(self._alphabet), self._horizon
        is_small = symbols**horizon <= self._budget.test_words
        words = (
            all_words(symbols, horizon)
            if is_small
            else words_of(self._network, symbols, self._budget.test_words, horizon, self._rng)
        )
        return self._first_difference(machine, words)

    def planned_disagreement(self, machine: MealyMachine) -> Suffix | None:
        """Return the shortest beginning of a planned word, or of one through a state, whose last answer differs."""
        symbols, horizon, most = len(self._alphabet), self._horizon, self._budget.planned_words
        if symbols**horizon <= self._budget.test_words:
            return None  # all words were tried
        ends = at_most(self._suffixes, horizon)
        walks = walking_words(np.array(machine.transitions), ends, horizon, 3 * most, self._rng)
        blocks = planned_words(symbols, horizon, most, self._rng)
        return self._first_difference(machine, np.concatenate([blocks, walks]))

    def _first_difference(self, machine: MealyMachine | UnrolledMachine, words: Ints) -> Suffix | None:
        """Return the shortest beginning of one of the words (count, length) whose last answer differs, or None."""
        answers: Ints = run(self._network, self._alphabet[words])
        outputs = np.array(machine.outputs)
        after = np.array([[-1 if target is None else target for target in row] for row in machine.transitions])
        state, first = np.zeros(len(words), dtype=np.int64), np.full(len(words), words.shape[1])
        for t, symbol in enumerate(words.T):
            differs = (outputs[state, symbol] != answers[:, t]).any(axis=1) & (state >= 0)
            first[differs & (first > t)] = t
            state = np.where(state < 0, -1, after[state, symbol])
        word = int(first.argmin())
        return tuple(words[word, : first[word] + 1].tolist()) if first[word] < words.shape[1] else None
