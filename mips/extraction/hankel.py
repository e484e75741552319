"""Rows of a network's Hankel matrix, and the states that they are, in order of depth.

Two hidden states are one state when the network answers alike from both on a set of suffixes, that is, when their rows
agree (Myhill and Nerode). The network is trusted up to a longest question and asked nothing longer: a row behind a word
of length d is as long as the suffixes of at most `longest` - d symbols. Of two rows that of the longer word is the
shorter, and on its length they are compared. A transition counts only when the row behind it agrees with the row of one
state alone; where it agrees with several, the questions are too short to say what the network does.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mips.networks.network import Floats, Ints, Network

Suffix = tuple[int, ...]

MOST_STATES = 256
MOST_TRANSITIONS = 20_000


class NotFinite(Exception):
    """No finite machine explains the network within its horizon; the message says what was seen."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class States:
    """Distinct rows: a hidden state (states, n) with each, how many symbols lead to it, and what follows.

    `transitions[q][i]` is the state after letter number i of those that were asked, None where it is not clear which,
    and `outputs[q][i]` what is answered on the way.
    """

    hidden: Floats
    depths: tuple[int, ...]
    transitions: tuple[tuple[int | None, ...], ...]
    outputs: tuple[tuple[tuple[int, ...], ...], ...]


def hankel_rows(network: Network, alphabet: Ints, hidden: Floats, suffixes: Sequence[Suffix]) -> Ints:
    """Return the rows (count, suffixes, outputs) of hidden states in the Hankel matrix: the last answer on a suffix.

    A suffix is a word of numbers of symbols in the alphabet (symbols, numbers).
    """
    rows = np.empty((len(hidden), len(suffixes), network.output_width), dtype=np.int64)
    for column, suffix in enumerate(suffixes):
        state = hidden
        for letter in suffix:
            state = network.step(state, np.repeat(alphabet[letter][None], len(state), axis=0))
        rows[:, column] = network.answer(state)
    return rows


def at_most(suffixes: Sequence[Suffix], longest: int) -> list[Suffix]:
    """Return the suffixes of at most `longest` symbols."""
    return [suffix for suffix in suffixes if len(suffix) <= longest]


def states(
    network: Network,
    alphabet: Ints,
    letters: Ints,
    suffixes: Sequence[Suffix],
    longest: int,
    *,
    partly: bool = False,
) -> States:
    """Return the distinct rows over the suffixes, shortest first, that words over some letters lead to.

    No question is longer than `longest`. Raises NotFinite where it is not clear to which state a word leads, or where
    they are too many; if `partly`, such transitions are None instead.
    """
    most = min(MOST_STATES, MOST_TRANSITIONS // len(alphabet))
    frontier, depths = [network.start(1)[0]], [0]
    rows = [hankel_rows(network, alphabet, network.start(1), at_most(suffixes, longest))[0]]
    transitions: list[tuple[int | None, ...]] = []
    outputs = []
    depth, asked = 0, list(suffixes)
    alike: dict[bytes, list[int]] = {}
    for state in itertools.count():
        if state == len(frontier):
            break
        if depths[state] + 1 > depth:
            depth = depths[state] + 1
            asked = at_most(suffixes, longest - depth)
            alike = defaultdict(list)
            for number, row in enumerate(rows):
                alike[row[: len(asked)].tobytes()].append(number)
        after = network.step(np.repeat(frontier[state][None], len(letters), axis=0), alphabet[letters])
        outputs.append(tuple(tuple(row) for row in network.answer(after).tolist()))
        targets: list[int | None] = []
        for letter, row in enumerate(hankel_rows(network, alphabet, after, asked)):
            matches = alike[row.tobytes()]
            if not matches and len(frontier) < most:
                matches.append(len(frontier))
                frontier.append(after[letter])
                depths.append(depth)
                rows.append(row)
            if len(matches) == 1:
                targets.append(matches[0])
            elif partly:
                targets.append(None)
            elif matches:
                raise NotFinite(
                    f"{len(frontier)} states, and within {longest} steps it cannot be told "
                    f"to which of {len(matches)} of them a word of length {depth} leads"
                )
            else:
                raise NotFinite(f"more than {most} states over {len(alphabet)} symbols")
        transitions.append(tuple(targets))
    return States(
        hidden=np.array(frontier), depths=tuple(depths), transitions=tuple(transitions), outputs=tuple(outputs)
    )
