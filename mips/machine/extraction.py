"""A Mealy machine from what a network does, its hidden states used only to fork it.

Two hidden states are one state when the network answers alike from both on a set of suffixes, that is, when their rows of
the Hankel matrix agree (Myhill and Nerode). A word on which machine and network disagree lends its suffixes to the set, as
in Angluin's L* with the counterexample treatment of Maler and Pnueli (1995). The network is trusted up to its training
length only, so no question is longer than that.
"""

from __future__ import annotations

import itertools

import numpy as np

from mips.machine.mealy import MealyMachine, minimize
from mips.network import Floats, Ints, Network

MOST_STATES = 256
MOST_TRANSITIONS = 20_000
ROUNDS = 40
TEST_WORDS = 2_000
Suffix = tuple[int, ...]


class NotFinite(Exception):
    """No finite machine explains the network within its horizon; the message says what was seen."""


def extract_machine(network: Network, symbols: tuple[tuple[int, ...], ...], *, horizon: int, seed: int) -> MealyMachine:
    """Return the minimal Mealy machine that agrees with the network on random words up to length `horizon`.

    Raises NotFinite when the states do not close within the horizon, or are too many.
    """
    if len(symbols) > MOST_TRANSITIONS // 4:
        raise NotFinite(f"{len(symbols)} symbols are too many to try each in every state")
    alphabet = np.array(symbols, dtype=np.int64)
    rng = np.random.default_rng(seed)
    suffixes: list[Suffix] = [(letter,) for letter in range(len(symbols))]
    for _ in range(ROUNDS):
        machine = _close(network, alphabet, symbols, suffixes, horizon)
        suffix = _disagreement(network, alphabet, machine, horizon, rng)
        if suffix is None:
            return minimize(machine)
        added = [suffix[start:] for start in range(len(suffix)) if suffix[start:] not in suffixes]
        if not added:
            raise NotFinite("the network contradicts every finite machine that its answers suggest")
        suffixes.extend(added)
    raise NotFinite(f"still a new disagreement after {ROUNDS} rounds")


def _close(
    network: Network, alphabet: Ints, symbols: tuple[tuple[int, ...], ...], suffixes: list[Suffix], horizon: int
) -> MealyMachine:
    """Return the machine whose states are the distinct rows of the Hankel matrix over the suffixes."""
    longest = max(map(len, suffixes))
    hidden = network.start(1)
    numbers = {_rows(network, alphabet, hidden, suffixes)[0]: 0}
    depths, transitions, outputs = [0], [], []
    frontier = [hidden[0]]
    for state in itertools.count():
        if state == len(frontier):
            break
        if depths[state] + 1 + longest > horizon and state and depths[state] + 1 > horizon - min(longest, horizon - 1):
            raise NotFinite(
                f"new states keep appearing up to depth {depths[state]} of {horizon}: {len(frontier)} so far"
            )
        after = network.step(np.repeat(frontier[state][None], len(alphabet), axis=0), alphabet)
        outputs.append(tuple(tuple(row) for row in network.answer(after).tolist()))
        targets = []
        for letter, row in enumerate(_rows(network, alphabet, after, suffixes)):
            if row not in numbers:
                numbers[row] = len(frontier)
                frontier.append(after[letter])
                depths.append(depths[state] + 1)
            targets.append(numbers[row])
        transitions.append(tuple(targets))
        if len(frontier) > MOST_STATES or len(frontier) * len(alphabet) > MOST_TRANSITIONS:
            raise NotFinite(f"more than {len(frontier) - 1} states over {len(alphabet)} symbols")
    return MealyMachine(symbols=symbols, transitions=tuple(transitions), outputs=tuple(outputs))


def _rows(network: Network, alphabet: Ints, hidden: Floats, suffixes: list[Suffix]) -> list[bytes]:
    """Return the row of each hidden state in the Hankel matrix: the last answers on all suffixes."""
    answers = []
    for suffix in suffixes:
        state = hidden
        for letter in suffix:
            state = network.step(state, np.repeat(alphabet[letter][None], len(state), axis=0))
        answers.append(network.answer(state))
    return [row.tobytes() for row in np.concatenate(answers, axis=1)]


def _disagreement(
    network: Network, alphabet: Ints, machine: MealyMachine, horizon: int, rng: np.random.Generator
) -> Suffix | None:
    """Return the shortest beginning of a random word whose last answer differs, or None."""
    letters = rng.integers(0, len(alphabet), (TEST_WORDS, horizon))
    answers = network.run(alphabet[letters])
    expected = np.array([machine.run(word) for word in letters.tolist()])
    wrong = (answers != expected).any(axis=2)
    if not wrong.any():
        return None
    first = np.where(wrong.any(axis=1), wrong.argmax(axis=1), horizon)
    word = int(first.argmin())
    return tuple(letters[word, : first[word] + 1].tolist())
