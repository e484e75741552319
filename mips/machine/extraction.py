"""A Mealy machine from what a network does, its hidden states used only to fork it.

Two hidden states are one state when the network answers alike from both on a set of suffixes, that is, when their rows
of the Hankel matrix agree (Myhill and Nerode). A word on which machine and network disagree lends its suffixes to the
set, as in Angluin's L* with the counterexample treatment of Maler and Pnueli (1995).

The network is trusted on words up to the horizon, its training length, and is asked nothing longer. The machine is made
from words shorter than the horizon only; words of the full length are left to try what it predicts. So after a word of
length d the network is asked suffixes of length horizon - 1 - d and less, and a row is as long as these. States are
found in order of depth: of two rows the newer is the shorter, and on its length they are compared. A transition counts
only when the row behind it agrees with the row of one state alone. Where it agrees with several, the horizon is too
short to say what the network does, and there is no machine. Counters come to this end, having new states at every
depth, or they mispredict: an answer that needs all of the horizon to be seen is one that no state was made for.

Two consequences. A later state never casts doubt on an earlier transition: it differs from the transition's target on
suffixes that the transition's row has too. And a disagreement on a word shorter than the horizon yields a state more:
somewhere on the word the row behind a transition differs from its target's, on a suffix that both may be asked, since
the machine's access words are shortest. So a machine that stays the same is contradicted by words of full length alone.
"""

from __future__ import annotations

import itertools
from collections import defaultdict

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
    """Return the minimal Mealy machine that agrees with the network on words up to length `horizon`.

    All words are compared when there are at most `TEST_WORDS`, else as many random ones; `seed` draws them. Raises
    NotFinite when the states do not close within the horizon, are too many, or predict wrongly.
    """
    if len(symbols) > MOST_TRANSITIONS // 4:
        raise NotFinite(f"{len(symbols)} symbols are too many to try each in every state")
    alphabet = np.array(symbols, dtype=np.int64)
    rng = np.random.default_rng(seed)
    suffixes: list[Suffix] = [(letter,) for letter in range(len(symbols))]
    before: MealyMachine | None = None
    for _ in range(ROUNDS):
        machine = _close(network, alphabet, symbols, suffixes, horizon - 1)
        suffix = _disagreement(network, alphabet, machine, horizon, rng)
        if suffix is None:
            return minimize(machine)
        if machine == before:
            raise NotFinite(
                f"on words of length {len(suffix)} the network contradicts the machine of {machine.size} states "
                f"that its answers on words up to length {horizon - 1} suggest"
            )
        before = machine
        tails = {suffix[start:] for start in range(len(suffix))}
        suffixes = sorted({*suffixes, *tails}, key=lambda word: (len(word), word))
    raise NotFinite(f"still a new disagreement after {ROUNDS} rounds")


def _close(
    network: Network, alphabet: Ints, symbols: tuple[tuple[int, ...], ...], suffixes: list[Suffix], longest: int
) -> MealyMachine:
    """Return the machine whose states are the distinct rows of the Hankel matrix over the suffixes, shortest first.

    No question is longer than `longest`.
    """
    frontier, depths = [network.start(1)[0]], [0]
    rows = [
        hankel_rows(network, alphabet, network.start(1), [suffix for suffix in suffixes if len(suffix) <= longest])[0]
    ]
    transitions, outputs = [], []
    depth, asked = 0, suffixes
    alike: dict[bytes, list[int]] = {}
    for state in itertools.count():
        if state == len(frontier):
            break
        if depths[state] + 1 > depth:
            depth = depths[state] + 1
            asked = [suffix for suffix in suffixes if len(suffix) <= longest - depth]
            alike = defaultdict(list)
            for number, row in enumerate(rows):
                alike[row[: len(asked)].tobytes()].append(number)
        after = network.step(np.repeat(frontier[state][None], len(alphabet), axis=0), alphabet)
        outputs.append(tuple(tuple(row) for row in network.answer(after).tolist()))
        targets = []
        for letter, row in enumerate(hankel_rows(network, alphabet, after, asked)):
            matches = alike[row.tobytes()]
            if not matches:
                matches.append(len(frontier))
                frontier.append(after[letter])
                depths.append(depth)
                rows.append(row)
            elif len(matches) > 1:
                raise NotFinite(
                    f"{len(frontier)} states, and within {longest} steps it cannot be told "
                    f"to which of {len(matches)} of them a word of length {depth} leads"
                )
            targets.append(matches[0])
        transitions.append(tuple(targets))
        if len(frontier) > MOST_STATES or len(frontier) * len(alphabet) > MOST_TRANSITIONS:
            raise NotFinite(f"more than {len(frontier) - 1} states over {len(alphabet)} symbols")
    return MealyMachine(symbols=symbols, transitions=tuple(transitions), outputs=tuple(outputs))


def hankel_rows(network: Network, alphabet: Ints, hidden: Floats, suffixes: list[Suffix]) -> Ints:
    """Return the rows (count, suffixes, outputs) of hidden states in the Hankel matrix: the last answer on a suffix."""
    rows = np.empty((len(hidden), len(suffixes), network.output_width), dtype=np.int64)
    for column, suffix in enumerate(suffixes):
        state = hidden
        for letter in suffix:
            state = network.step(state, np.repeat(alphabet[letter][None], len(state), axis=0))
        rows[:, column] = network.answer(state)
    return rows


def _disagreement(
    network: Network, alphabet: Ints, machine: MealyMachine, horizon: int, rng: np.random.Generator
) -> Suffix | None:
    """Return the shortest beginning of a word whose last answer differs, or None; few words are all tried."""
    if len(alphabet) ** horizon <= TEST_WORDS:
        letters = np.array(list(itertools.product(range(len(alphabet)), repeat=horizon)), dtype=np.int64)
    else:
        letters = rng.integers(0, len(alphabet), (TEST_WORDS, horizon))
    answers = network.run(alphabet[letters])
    expected = np.array([machine.run(word) for word in letters.tolist()])
    wrong = (answers != expected).any(axis=2)
    if not wrong.any():
        return None
    first = np.where(wrong.any(axis=1), wrong.argmax(axis=1), horizon)
    word = int(first.argmin())
    return tuple(letters[word, : first[word] + 1].tolist())
