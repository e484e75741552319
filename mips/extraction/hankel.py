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

from mips.extraction.budget import BUDGET, ExtractionBudget
from mips.networks.network import Ints
from mips.networks.recurrent import Recurrent, count_of, take
from mips.networks.recurrent import States as NetworkStates

Suffix = tuple[int, ...]


class NotFinite(Exception):
    """No finite machine explains the network within its horizon; the message says what was seen."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class States:
    """The distinct rows of the Hankel matrix as states of a machine.

    `layers[d]` is one batch of network states: those with a new row that words of length d lead to. `counts[d]` is the
    number of states in it. `transitions[q][i]` is the state after symbol number i of those that were asked, None where
    several states have the same row, and `outputs[q][i]` is the output of that transition.
    """

    layers: tuple[NetworkStates, ...]
    counts: tuple[int, ...]
    transitions: tuple[tuple[int | None, ...], ...]
    outputs: tuple[tuple[tuple[int, ...], ...], ...]


def hankel_rows(network: Recurrent, alphabet: Ints, states: NetworkStates, suffixes: Sequence[Suffix]) -> Ints:
    """Return the rows (count, suffixes, outputs) of states in the Hankel matrix: the last answer on a suffix.

    A suffix is a word of numbers of symbols in the alphabet (symbols, numbers).
    """
    columns: dict[int, Ints] = {}
    _ask(network, alphabet, states, 0, list(enumerate(suffixes)), columns)
    if not columns:
        return np.zeros((count_of(states), 0, 1), dtype=np.int64)
    return np.stack([columns[number] for number in range(len(suffixes))], axis=1)


def _ask(
    network: Recurrent,
    alphabet: Ints,
    states: NetworkStates,
    depth: int,
    suffixes: Sequence[tuple[int, Suffix]],
    columns: dict[int, Ints],
) -> None:
    """Add the columns of numbered suffixes, `depth` symbols of which led to the states: common beginnings go once."""
    by_letter: dict[int, list[tuple[int, Suffix]]] = defaultdict(list)
    for number, suffix in suffixes:
        if len(suffix) > depth:
            by_letter[suffix[depth]].append((number, suffix))
    ended = [number for number, suffix in suffixes if len(suffix) == depth]
    if ended:
        columns |= dict.fromkeys(ended, network.answer(states))
    for letter, longer in by_letter.items():
        after = network.step(states, np.repeat(alphabet[letter][None], count_of(states), axis=0))
        _ask(network, alphabet, after, depth + 1, longer, columns)


def at_most(suffixes: Sequence[Suffix], longest: int) -> list[Suffix]:
    """Return the suffixes of at most `longest` symbols."""
    return [suffix for suffix in suffixes if len(suffix) <= longest]


def states(
    network: Recurrent,
    alphabet: Ints,
    symbol_indices: Ints,
    suffixes: Sequence[Suffix],
    longest: int,
    *,
    partly: bool = False,
    budget: ExtractionBudget = BUDGET,
) -> States:
    """Return the distinct rows over the suffixes, shortest first, that words over some symbols lead to.

    No question is longer than `longest`. Raises NotFinite where it is not clear to which state a word leads, or where
    they are too many; if `partly`, such transitions are None instead. The states behind words of one length are asked
    in one batch.
    """
    most = min(budget.most_states, budget.most_transitions // len(alphabet))
    layer, counts = network.start(1), [1]
    layers = [layer]
    rows = list(hankel_rows(network, alphabet, layer, at_most(suffixes, longest)))
    transitions: list[tuple[int | None, ...]] = []
    outputs: list[tuple[tuple[int, ...], ...]] = []
    for depth in itertools.count(1):
        asked = at_most(suffixes, longest - depth)
        alike: dict[bytes, list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            alike[row[: len(asked)].tobytes()].append(number)
        every = np.repeat(np.arange(counts[-1]), len(symbol_indices))
        after = network.step(take(layer, every), np.tile(alphabet[symbol_indices], (counts[-1], 1)))
        answers = network.answer(after).reshape(counts[-1], len(symbol_indices), -1)
        after_rows = hankel_rows(network, alphabet, after, asked)
        fresh: list[int] = []
        targets: list[int | None] = []
        for place, row in enumerate(after_rows):
            matches = alike[row.tobytes()]
            if not matches and len(rows) < most:
                matches.append(len(rows))
                fresh.append(place)
                rows.append(row)
            if len(matches) == 1:
                targets.append(matches[0])
            elif partly:
                targets.append(None)
            elif matches:
                raise NotFinite(
                    f"{len(rows)} states, and within {longest} steps it cannot be told "
                    f"to which of {len(matches)} of them a word of length {depth} leads"
                )
            else:
                raise NotFinite(f"more than {most} states over {len(alphabet)} symbols")
        transitions += [
            tuple(targets[i : i + len(symbol_indices)]) for i in range(0, len(targets), len(symbol_indices))
        ]
        outputs += [tuple(map(tuple, some)) for some in answers.tolist()]
        if not fresh:
            break
        layer = take(after, np.array(fresh))
        layers.append(layer)
        counts.append(len(fresh))
    return States(layers=tuple(layers), counts=tuple(counts), transitions=tuple(transitions), outputs=tuple(outputs))
