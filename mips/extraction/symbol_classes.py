"""Symbol classes: input symbols after which a network does the same, whatever came before.

One symbol of a class stands for all. Classes begin coarse, from a sample of what may come before and after, and are
split where two of their symbols are found to differ (abstraction refinement for alphabets: Howar, Steffen and Merten,
"Automata learning with automated alphabet abstraction refinement", 2011).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mips.extraction.budget import BUDGET, ExtractionBudget
from mips.extraction.hankel import Suffix, hankel_rows
from mips.networks.network import Ints
from mips.networks.recurrent import Recurrent, States, take


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Classes:
    """`of` (symbols,) is the number of each symbol's class, `representatives` (classes,) a symbol of each."""

    of: Ints
    representatives: Ints

    @property
    def is_finest(self) -> bool:
        """Is every symbol a class of its own?"""
        return len(self.of) == len(self.representatives)

    def split(self, rows: Ints) -> Classes:
        """Return classes in which symbols with different rows (symbols, numbers) are apart.

        Representatives stay what they were, with the numbers of their classes; new classes come after them.
        """
        kinds: dict[tuple[int, bytes], int] = {
            (number, rows[symbol].tobytes()): number for number, symbol in enumerate(self.representatives)
        }
        representatives = self.representatives.tolist()
        of = np.empty_like(self.of)
        for symbol, number in enumerate(self.of.tolist()):
            of[symbol] = kinds.setdefault((number, rows[symbol].tobytes()), len(representatives))
            if of[symbol] == len(representatives):
                representatives.append(symbol)
        return Classes(of=of, representatives=np.array(representatives))


def sampled_classes(
    network: Recurrent, alphabet: Ints, horizon: int, rng: np.random.Generator, budget: ExtractionBudget = BUDGET
) -> Classes:
    """Return classes of symbols (symbols, numbers) that act alike in a sample: none is smaller than the true ones.

    No question is longer than the horizon.
    """
    classes = Classes(of=np.zeros(len(alphabet), dtype=np.int64), representatives=np.zeros(1, dtype=np.int64))
    states = network.start(budget.class_words)
    for before in range(horizon):
        chosen = rng.permutation(len(alphabet))[: budget.class_suffixes].tolist() if before + 2 <= horizon else ()
        for row in range(budget.class_words if before else 1):
            state = take(states, np.array([row]))
            classes = classes.split(rows_after(network, alphabet, state, [(symbol,) for symbol in chosen]))
            if classes.is_finest:
                return classes
        states = network.step(states, alphabet[rng.integers(0, len(alphabet), budget.class_words)])
    return classes


def rows_after(network: Recurrent, alphabet: Ints, state: States, suffixes: Iterable[Suffix]) -> Ints:
    """Return for each symbol (symbols, answers) what the network answers to it and to the suffixes after it.

    `state` is a single one, a batch of one word.
    """
    after = network.step(take(state, np.zeros(len(alphabet), dtype=np.int64)), alphabet)
    rows = hankel_rows(network, alphabet, after, list(suffixes))
    return np.concatenate([network.answer(after), rows.reshape(len(alphabet), -1)], axis=1)
