"""Are two machines equal for ever? A walk over the pairs of states that they can be in at the same time.

A machine is a pair `(start, step)` with `step(state, x) -> (next state, y)`. Two deterministic machines give the same
outputs on every word of every length exactly if no pair of states that one word leads them to differs on one symbol;
so the equivalence test *is* the search for a counterexample (Hopcroft and Karp, "A linear algorithm for testing
equivalence of finite automata", 1971; here without union-find, so that the word found is the shortest one). The states
may be infinitely many: the walk then ends at a difference or at a bound.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from mips.machines.state_keys import state_key

Step = Callable[[Any, Any], tuple[Any, Any]]
Machine = tuple[Any, Step]
Key = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Equivalent:
    """The walk closed: the machines are equal on every word. `pairs` pairs of states can be reached."""

    pairs: int


@dataclass(frozen=True, slots=True)
class Different:
    """The machines differ on the last output of `word`, and on no word before it in the order by length and symbols."""

    word: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Undecided:
    """A bound was reached after `pairs` pairs, and no word tried so far tells the machines apart."""

    pairs: int


PAIR_BYTES = 120  # what a kept pair needs besides its two states: a tuple, a place in the list, one in the set


def distinguish(
    left: Machine,
    right: Machine,
    symbols: Iterable[Any],
    *,
    max_pairs: int,
    max_steps: int,
    max_bytes: float = math.inf,
    keys: tuple[Key, Key] | None = None,
) -> Equivalent | Different | Undecided:
    """Walk breadth-first over the pairs of states that `left` and `right` reach together, until an output differs.

    At most `max_pairs` pairs are kept, in about `max_bytes` bytes (states that grow without end need many), and at most
    `max_steps` times a pair meets a symbol (each costs one step of both machines). The word of `Different` is the first
    distinguishing word by length, then by the order of `symbols`. States are told apart by their `keys`, one function
    for each machine: by default by type and value. An error that a step function raises passes through,
    and RecursionError for states that are nested very deep.
    """
    (left_start, left_step), (right_start, right_step) = left, right
    alphabet = tuple(symbols)
    pairs = [(left_start, right_start)]
    left_key, right_key = keys or (state_key, state_key)
    seen = {(left_key(left_start), right_key(right_start))}
    arrivals = array("q", [-1])  # of every pair: index of the pair before it * len(alphabet) + index of the symbol
    steps, size = 0, 0
    for index, (left_state, right_state) in enumerate(pairs):  # the list grows while it is read: it is the queue
        for position, symbol in enumerate(alphabet):
            if steps == max_steps:
                return Undecided(len(pairs))
            steps += 1
            left_next, left_output = left_step(left_state, symbol)
            right_next, right_output = right_step(right_state, symbol)
            if left_output != right_output:
                return Different((*_word_to(index, arrivals, alphabet), symbol))
            pair = (left_key(left_next), right_key(right_next))
            if pair not in seen:
                size += PAIR_BYTES + _bytes(left_next) + _bytes(right_next)
                if len(pairs) == max_pairs or size > max_bytes:
                    return Undecided(len(pairs))
                seen.add(pair)
                pairs.append((left_next, right_next))
                arrivals.append(index * len(alphabet) + position)
    return Equivalent(len(pairs))


def _bytes(state: Any) -> int:
    """Return about how many bytes a state occupies; numbers that it shares with others are counted each time."""
    own = sys.getsizeof(state)
    return own + sum(map(_bytes, state)) if isinstance(state, tuple | frozenset) else own


def _word_to(index: int, arrivals: array[int], alphabet: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the word on which the walk came to the pair number `index`."""
    backwards = []
    while index:
        index, position = divmod(arrivals[index], len(alphabet))
        backwards.append(alphabet[position])
    return tuple(reversed(backwards))
