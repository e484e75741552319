"""The machine of the majority: a finite machine for a network some of whose answers are wrong.

States are groups of hidden states whose rows of the Hankel matrix nearly agree. A group is split where a column is
divided more than wrong answers could divide it; then every hidden state joins the group whose most frequent answers its
row is nearest to (k-modes: Huang, "Extensions to the k-means algorithm", 1998). Transitions and outputs are what most
members of a group say, so that a wrong answer is outvoted by the right ones to other words that lead to the same state.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mips.extraction.budget import BUDGET, ExtractionBudget
from mips.extraction.hankel import NotFinite, Suffix, hankel_rows
from mips.extraction.words import planned_words, words_of
from mips.machines.mealy import MealyMachine, minimize
from mips.networks.network import Ints
from mips.networks.recurrent import Recurrent, States, count_of, run, take


def majority_machine(
    network: Recurrent,
    symbols: tuple[tuple[int, ...], ...],
    *,
    horizon: int,
    seed: int,
    noise: float,
    planned: bool = False,
    budget: ExtractionBudget = BUDGET,
) -> MealyMachine:
    """Return the minimal machine that agrees with the network on all but a share `noise` of its answers.

    The answers are those on words up to length `horizon`, random ones and ones that keep to two symbols; `seed` draws
    them. If `planned`, words of blocks are among them, and states are told apart by repeated symbols, too, up to half
    the horizon: so a counter is seen that only such words fill. Raises NotFinite when groups are too many or the
    machine disagrees more often, on one kind of words or at one time step: a machine that never ends is wrong ever more
    often, wrong answers of a network come at any time.
    """
    alphabet, rng = np.array(symbols, dtype=np.int64), np.random.default_rng(seed)
    longest = min(budget.longest_suffix, (horizon - 1) // 2)
    if longest < 1:
        raise NotFinite(f"words of length {horizon} are too short to ask what comes after them")
    suffixes = _suffixes(len(symbols), longest, rng, budget.suffixes)
    count = budget.grouped_words if noise > budget.few_odd else budget.few_grouped_words
    if planned:
        longest = max(longest, horizon // 2 - 1)
        repeated = [(symbol,) * size for size in range(2, longest + 1) for symbol in rng.permutation(len(symbols))]
        suffixes += repeated[: budget.suffixes // 2]
    begun = words_of(network, len(symbols), count, horizon - 1 - longest, rng)
    if planned:
        begun = np.concatenate([begun, planned_words(len(symbols), horizon - 1 - longest, count // 3, rng)])
    visited = _visited(network, alphabet, begun)
    answered = np.concatenate([_answers(network, alphabet, states, suffixes) for states in visited])
    known = np.unique(answered)
    rows = _numbered(answered, known)
    modes, group = _grouped(rows, noise, budget)
    if len(modes) * len(symbols) > budget.most_transitions:
        raise NotFinite(f"{len(modes)} groups of states over {len(symbols)} symbols are too many")
    transitions, outputs = [], []
    for number in range(len(modes)):
        members = np.flatnonzero(group == number)[: budget.voters]
        rows_after, answers = _after(network, alphabet, visited, members, suffixes)
        nearest = _nearest(_numbered(rows_after, known), modes).reshape(len(members), -1)
        transitions.append(tuple(int(np.bincount(votes).argmax()) for votes in nearest.T))
        outputs.append(tuple(_most_frequent(answers[:, symbol]) for symbol in range(len(symbols))))
    table = _Table(start=int(group[0]), transitions=np.array(transitions), outputs=np.array(outputs))
    words = words_of(network, len(symbols), budget.test_words, horizon, rng)
    answers = run(network, alphabet[words])
    table = _joined(table, modes, words, answers, budget)
    wrong = table.wrong(words, answers)
    kinds = {
        "random words": wrong[1::2],
        "words of two symbols": wrong[::2],
        "their second half": wrong[:, horizon // 2 :],
    }
    for kind, part in {"all": wrong, **kinds}.items():
        allowed = noise if kind == "all" else 2 * noise
        if part.mean() > allowed:
            raise NotFinite(
                f"the machine of the majority is contradicted by {part.mean():.2%} of the answers ({kind}); "
                f"{allowed:.2%} may be overruled"
            )
    return table.machine(symbols)


def contradicted(
    network: Recurrent, machine: MealyMachine, length: int, seed: int, budget: ExtractionBudget = BUDGET
) -> float:
    """Return the share of a network's answers on words of a length, random ones and planned ones, that a machine does
    not give, from 0 to 1; the larger one of both kinds of words."""
    alphabet, rng = np.array(machine.symbols, dtype=np.int64), np.random.default_rng(seed)
    table = _Table(start=0, transitions=np.array(machine.transitions), outputs=np.array(machine.outputs))
    shares = []
    for words in (
        words_of(network, len(alphabet), budget.planned_words, length, rng),
        planned_words(len(alphabet), length, budget.planned_words, rng),
    ):
        shares.append(float(table.wrong(words, run(network, alphabet[words])).mean()))
    return max(shares)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Table:
    """Transitions (states, symbols) and outputs (states, symbols, numbers)."""

    start: int
    transitions: Ints
    outputs: Ints

    def wrong(self, words: Ints, answers: Ints) -> NDArray[np.bool_]:
        """Return at which steps (count, length) of words it disagrees with answers (count, length, numbers)."""
        state, found = np.full(len(words), self.start), []
        for t, symbol in enumerate(words.T):
            found.append((self.outputs[state, symbol] != answers[:, t]).any(axis=1))
            state = self.transitions[state, symbol]
        return np.stack(found, axis=1)

    def joined(self, kept: int, left_out: int) -> _Table:
        """Return the table in which whatever leads to one state leads to another."""
        transitions = np.where(self.transitions == left_out, kept, self.transitions)
        start = kept if self.start == left_out else self.start
        return _Table(start=start, transitions=transitions, outputs=self.outputs)

    def machine(self, symbols: tuple[tuple[int, ...], ...]) -> MealyMachine:
        """Return the minimal machine."""
        order = [self.start, *(state for state in range(len(self.transitions)) if state != self.start)]
        place = np.argsort(order)
        return minimize(
            MealyMachine(
                symbols=symbols,
                transitions=tuple(map(tuple, place[self.transitions[order]].tolist())),
                outputs=tuple(tuple(map(tuple, row)) for row in self.outputs[order].tolist()),
            )
        )


def _joined(table: _Table, modes: Ints, words: Ints, answers: Ints, budget: ExtractionBudget) -> _Table:
    """Return the table with states joined that nearly agree, as long as no more answers are contradicted."""
    distance = (modes[:, None] != modes[None]).sum(axis=2)
    sizes = np.bincount(table.transitions.ravel(), minlength=len(modes))
    pairs = [(int(distance[a, b]), a, b) for a in range(len(modes)) for b in range(a)]
    least = table.wrong(words, answers).sum()
    for _, a, b in sorted(pairs)[: budget.most_joined]:
        kept, left_out = (a, b) if sizes[a] > sizes[b] else (b, a)
        other = table.joined(kept, left_out)
        count = other.wrong(words, answers).sum()
        if count <= least:
            table, least = other, count
    return table


def _grouped(rows: Ints, noise: float, budget: ExtractionBudget) -> tuple[Ints, Ints]:
    """Return the most frequent answers (groups, columns) of each group, and the group (count,) of each row."""
    group = np.zeros(len(rows), dtype=np.int64)
    modes = _modes(rows, group)
    while len(modes) <= budget.most_groups:
        wrong = rows != modes[group]
        best: tuple[float, int, int] | None = None
        for number in range(len(modes)):
            own = wrong[group == number]
            counts = own.sum(axis=0)
            column = int(counts.argmax())
            expected = noise * len(own)
            if counts[column] > expected + budget.split_deviations * np.sqrt(expected) + budget.split_least:
                best = max(best or (0.0, 0, 0), (float(counts[column]), number, column))
        if best is None:
            return modes, group
        _, number, column = best
        group[(group == number) & wrong[:, column]] = len(modes)
        for _ in range(budget.settling_rounds):
            modes = _modes(rows, group)
            group = _nearest(rows, modes)
            group = np.unique(group, return_inverse=True)[1]  # groups that nothing joined are no more
        modes = _modes(rows, group)
        if len(modes) <= number:
            break
    raise NotFinite(f"more than {budget.most_groups} groups of states")


def _modes(rows: Ints, group: Ints) -> Ints:
    """Return the most frequent answer of each group in each column."""
    return np.stack(
        [
            np.array([np.bincount(column).argmax() for column in rows[group == number].T])
            for number in range(int(group.max()) + 1)
        ]
    )


def _nearest(rows: Ints, modes: Ints) -> Ints:
    """Return for each row the group whose most frequent answers it differs from in the fewest columns."""
    groups: Ints = np.stack([(rows != mode).sum(axis=1) for mode in modes]).argmin(axis=0)
    return groups


def _answers(network: Recurrent, alphabet: Ints, states: States, suffixes: list[Suffix]) -> Ints:
    """Return one number (count, suffixes) for the answer to the last symbol of each suffix, of all its numbers."""
    answers = hankel_rows(network, alphabet, states, suffixes)
    keys = np.random.default_rng(0).integers(1, 1 << 62, answers.shape[2], dtype=np.int64) | 1
    with np.errstate(over="ignore"):
        return answers @ keys


def _numbered(answers: Ints, known: Ints) -> Ints:
    """Return the place of each answer among the known ones, sorted; those that are not known share the place after."""
    places = np.minimum(np.searchsorted(known, answers), len(known) - 1)
    return np.where(known[places] == answers, places, len(known))


def _visited(network: Recurrent, alphabet: Ints, words: Ints) -> list[States]:
    """Return the states before, between and after the symbols of words (count, length), a batch a time step."""
    visited = [network.start(len(words))]
    for indices in words.T:
        visited.append(network.step(visited[-1], alphabet[indices]))
    return visited


def _after(
    network: Recurrent, alphabet: Ints, visited: list[States], members: Ints, suffixes: list[Suffix]
) -> tuple[Ints, Ints]:
    """Return what follows each symbol after some of the visited states: rows (members * symbols, suffixes) and answers
    (members, symbols, numbers). Members are numbered through all batches, in ascending order."""
    size = count_of(visited[0])
    rows, answers = [], []
    for time in np.unique(members // size).tolist():
        chosen = members[members // size == time] % size
        states = take(visited[time], np.repeat(chosen, len(alphabet)))
        after = network.step(states, np.tile(alphabet, (len(chosen), 1)))
        rows.append(_answers(network, alphabet, after, suffixes))
        answers.append(network.answer(after).reshape(len(chosen), len(alphabet), -1))
    return np.concatenate(rows), np.concatenate(answers)


def _suffixes(symbols: int, longest: int, rng: np.random.Generator, count: int) -> list[Suffix]:
    suffixes: list[Suffix] = [(symbol,) for symbol in rng.permutation(symbols)[: count // 2].tolist()]
    for _ in range(count - len(suffixes) if longest > 1 else 0):
        suffixes.append(tuple(rng.integers(0, symbols, rng.integers(2, longest + 1)).tolist()))
    return suffixes


def _most_frequent(answers: Ints) -> tuple[int, ...]:
    kinds, counts = np.unique(answers, axis=0, return_counts=True)
    return tuple(kinds[counts.argmax()].tolist())
