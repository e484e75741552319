"""State variables that a machine tells by itself: what it would answer next, and differences of such answers.

The answer to a fixed symbol is a function of the state, a column of the Hankel matrix. Where such functions determine
one another a step later, and the outputs, they are state variables, and often those that a person would name: what a
maximum answers to the least symbol is the maximum so far. No update has to be guessed to find them; it is read off
afterwards, as a function of known numbers. Labellings, whose updates are known already, may join them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mips.symbolic.regression.budget import Effort
from mips.symbolic.regression.columns import regress
from mips.symbolic.synthesis.accumulators import last_inputs
from mips.symbolic.synthesis.budget import BUDGET, SynthesisBudget
from mips.symbolic.synthesis.joint_labellings import rows_needed
from mips.symbolic.synthesis.labelling import Graph, Labelling
from mips.symbolic.synthesis.linear import delayed
from mips.symbolic.terms.formulas import NEW, Formulas, StateVariable, output_names
from mips.symbolic.terms.term import Column, variable

FEW_SYMBOLS = 8  # up to so many, every symbol is a probe; else those at the ends, in the middle, and near zero


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Function:
    """A number (nodes,) that is a function of a graph's nodes. Its update is known where there are `variables`.

    The last of these is the function itself; an output that is remembered says so by `is_output`.
    """

    labels: Column
    variables: tuple[StateVariable, ...] = ()
    is_output: bool = False

    @property
    def size(self) -> int:
        """Nodes of the updates, as far as they are known."""
        return sum(state.update.size + 1 for state in self.variables) or 3

    @property
    def bits(self) -> float:
        """How much the function tells of a node at most."""
        return math.log2(1 + len(np.unique(self.labels)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observed:
    """A graph and functions of its nodes, simplest first."""

    graph: Graph
    functions: tuple[Function, ...]


def observed(
    graph: Graph, answers: NDArray[np.int64], pool: Sequence[Labelling], budget: SynthesisBudget = BUDGET
) -> Observed:
    """Return functions of a graph's nodes: what would be answered there, the last output and input, and labellings.

    `answers` is (nodes, probes). Of functions that tell the same nodes apart the simplest stays; constants leave.
    """
    remembered = [*_last_outputs(graph), *map(_known, last_inputs(graph))]
    single = [Function(labels=labels) for labels in answers.T]
    pairs = [Function(labels=left.labels - right.labels) for right, left in itertools.combinations(single, 2)]
    found: dict[bytes, Function] = {}
    for function in sorted((*remembered, *single, *pairs, *map(_known, pool)), key=lambda function: function.size):
        if np.ptp(function.labels):
            found.setdefault(_partition(function.labels), function)
    return Observed(graph=graph, functions=tuple(found.values())[: budget.functions])


def answers_of_machine(graph: Graph) -> NDArray[np.int64]:
    """Return what a machine answers (nodes, probes) in each state to the probing symbols.

    The graph has every transition, state by state.
    """
    answers = graph.outputs.reshape(graph.nodes, len(graph.symbols), -1)[:, _places(graph.symbols)]
    return answers.reshape(graph.nodes, -1)


def probing_symbols(low: int, high: int, width: int) -> NDArray[np.int64]:
    """Return the symbols (probes, width) to whose answers one listens, out of all with numbers from `low` to `high`."""
    if (high - low + 1) ** width <= FEW_SYMBOLS:
        return np.array(list(itertools.product(range(low, high + 1), repeat=width)), dtype=np.int64)
    return np.repeat(np.array(_places_between(low, high))[:, None], width, axis=1)


def closed_groups(
    seen: Observed, noise: float = 0.0, budget: SynthesisBudget = BUDGET
) -> Iterator[tuple[Function, ...]]:
    """Yield small groups of functions that, with the symbol, determine the outputs and their own next values.

    What is to be determined is held as pairs of transitions on the same symbol that differ in it; a group must tell the
    sources of every such pair apart, but for a share `noise`. Pairs are all tried; larger groups grow depth-first, by
    the functions that tell most for their bits. Those with the fewest distinct rows come first.
    """
    graph, functions = seen.graph, seen.functions
    if not functions:
        return
    labels = np.stack([function.labels for function in functions])
    after = labels[:, graph.target]
    rng = np.random.default_rng(0)
    left, right = rng.integers(0, len(graph.symbol_index), (2, 60 * budget.answer_clashes))
    same = graph.symbol_index[left] == graph.symbol_index[right]
    left, right = left[same], right[same]
    differs: NDArray[np.bool_] = labels[:, graph.source[left]] != labels[:, graph.source[right]]
    bits = np.array([function.bits for function in functions])

    def told(clash: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return differs[:, np.flatnonzero(clash)[: budget.answer_clashes]]

    of_outputs = told((graph.outputs[left] != graph.outputs[right]).any(axis=1))
    of_each = {
        number: told(after[number, left] != after[number, right])
        for number, function in enumerate(functions)
        if not function.variables
    }

    def grown(group: tuple[int, ...], most: int) -> Iterator[tuple[int, ...]]:
        for wanted in (of_outputs, *(of_each[i] for i in group if i in of_each)):
            missing = ~wanted[list(group)].any(axis=0)
            if missing.sum() <= 4 * noise * wanted.shape[1]:
                continue
            if len(group) < most:
                gains = wanted[:, missing].sum(axis=1) / bits
                for one in np.argsort(-gains, kind="stable")[
                    : budget.branches if most > budget.exhaustive_group else None
                ]:
                    if gains[one]:
                        yield from grown((*group, int(one)), most)
            return
        yield tuple(sorted(group))

    ranked = []
    sized = (itertools.islice(grown((), most), budget.answer_groups) for most in range(1, budget.answer_variables + 1))
    for group in dict.fromkeys(itertools.chain.from_iterable(sized)):
        members = tuple(functions[i] for i in group)
        rows = rows_needed(graph, members, noise, budget)
        if rows is not None:
            ranked.append((rows, sum(function.size for function in members), group, members))
    for _, _, _, members in sorted(ranked, key=lambda entry: entry[:3]):
        yield members


def formulas_of(
    graph: Graph, group: Sequence[Function], constants: Sequence[int], efforts: Sequence[Effort]
) -> Formulas | None:
    """Return formulas whose state variables are a group of functions, or None where an update or an output has none.

    Each update is sought with the first of the `efforts`, then with the next; an update may speak of the new values of
    variables that are known by then.
    """
    names = {number: one.variables[-1].name if one.variables else f"p{number}" for number, one in enumerate(group)}
    old = graph.inputs() | {names[i]: one.labels[graph.source] for i, one in enumerate(group)}
    new = {
        names[i] + NEW: one.labels[graph.target] for i, one in enumerate(group) if one.variables and not one.is_output
    }
    states = {state.name: state for one in group for state in one.variables}
    wanted = {names[i]: one for i, one in enumerate(group) if not one.variables}
    for effort in efforts:
        for _ in range(len(wanted)):
            known = len(states)
            for name, function in [(name, one) for name, one in wanted.items() if name not in states]:
                after = function.labels[graph.target]
                found = regress({**old, **new}, [after], constants, effort)
                if found is not None:
                    states[name] = StateVariable(name=name, start=int(function.labels[0]), update=found[0])
                    new[name + NEW] = after
            if len(states) == known:
                break
    if any(name not in states for name in wanted):
        return None
    fixed = {names[i]: old[names[i]] for i, one in enumerate(group) if one.is_output}
    choices = ({**graph.inputs(), **fixed, **new}, old)
    answers = [
        terms for columns in choices if (terms := regress(columns, list(graph.outputs.T), constants, efforts[-1]))
    ]
    if not answers:
        return None
    outputs = min(answers, key=lambda terms: sum(term.cost for term in terms))
    return Formulas(width=graph.symbols.shape[1], states=tuple(states.values()), outputs=tuple(outputs))


def _partition(labels: Column) -> bytes:
    """Return a key that labels share exactly when they tell the same nodes apart."""
    _, first, block = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[block].tobytes()


def _known(labelling: Labelling) -> Function:
    return Function(labels=labelling.labels, variables=labelling.variables)


def _last_outputs(graph: Graph) -> Iterator[Function]:
    """Yield the last output at each node, number by number, where every way to a node ends with the same."""
    count = graph.outputs.shape[1]
    for i, name in enumerate(output_names(count)):
        labels = np.zeros(graph.nodes, dtype=np.int64)
        labels[graph.target] = graph.outputs[:, i]
        if np.array_equal(labels[graph.target], graph.outputs[:, i]):
            state = StateVariable(name=delayed(name, 1), start=int(labels[0]), update=variable(name))
            yield Function(labels=labels, variables=(state,), is_output=True)


def _places(symbols: NDArray[np.int64]) -> list[int]:
    if len(symbols) <= FEW_SYMBOLS:
        return list(range(len(symbols)))
    wanted = _places_between(int(symbols.min()), int(symbols.max()))
    numbers = [np.flatnonzero((symbols == number).all(axis=1)) for number in wanted]
    return sorted({int(found[0]) for found in numbers if len(found)})


def _places_between(low: int, high: int) -> list[int]:
    """Return the ends, the middle, and what is near zero."""
    return sorted({low, high, (low + high) // 2, *(number for number in (0, 1, -1) if low <= number <= high)})
