"""State variables by label propagation: an update term labels every state of a machine, or contradicts itself.

For a candidate update `s' = F(s, x)` and a start value, walking the machine forces the label of every state. F is a
homomorphism onto integers when no state gets two labels. Enumerating F by size finds what the states mean, without any
lattice. On a tree of words (a machine that never ends, unrolled) every F is consistent, and what counts is whether the
labels determine the outputs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mips.machines.mealy import MealyMachine
from mips.symbolic.regression.enumeration import Bank
from mips.symbolic.synthesis.budget import BUDGET, SynthesisBudget
from mips.symbolic.terms.formulas import NEW, StateVariable, input_names
from mips.symbolic.terms.term import Column

LABELS = range(-12, 33)  # labels a sieved candidate may give
STARTS = (0, 1, -1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Graph:
    """Transitions in an order in which a transition's source was reached by an earlier one, or is node 0, the start.

    `source`, `symbol_index`, `target` are (edges,), `symbols` (symbols, width), `outputs` (edges, outputs).
    """

    source: NDArray[np.int64]
    symbol_index: NDArray[np.int64]
    target: NDArray[np.int64]
    symbols: NDArray[np.int64]
    outputs: NDArray[np.int64]

    @property
    def nodes(self) -> int:
        return int(max(self.source.max(), self.target.max())) + 1

    @property
    def is_tree(self) -> bool:
        """Whether no two transitions lead to the same node."""
        return self.nodes == len(self.target) + 1

    def inputs(self) -> dict[str, Column]:
        """Return the columns (edges,) of the input numbers."""
        return {name: self.symbols[self.symbol_index, i] for i, name in enumerate(input_names(self.symbols.shape[1]))}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelling:
    """A state variable that is a function of the nodes: `labels` (nodes,).

    `variables` ends with it; the others are those that its update speaks of, directly or through others.
    """

    variables: tuple[StateVariable, ...]
    labels: Column

    @property
    def name(self) -> str:
        return self.variables[-1].name

    @property
    def size(self) -> int:
        """Nodes of all updates, and one for each variable."""
        return sum(state.update.size + 1 for state in self.variables)

    @property
    def classes(self) -> int:
        """How many different labels there are."""
        return len(np.unique(self.labels))


def graph_of_machine(machine: MealyMachine) -> Graph:
    """Return every transition of a machine whose states are numbered breadth-first, as `minimize` does."""
    states, symbols = machine.size, len(machine.symbols)
    return Graph(
        source=np.repeat(np.arange(states), symbols),
        symbol_index=np.tile(np.arange(symbols), states),
        target=np.array(machine.transitions, dtype=np.int64).ravel(),
        symbols=np.array(machine.symbols, dtype=np.int64),
        outputs=np.array(machine.outputs, dtype=np.int64).reshape(states * symbols, -1),
    )


def graph_of_words(words: NDArray[np.int64], outputs: NDArray[np.int64]) -> Graph:
    """Return the prefix tree of words (count, length, width) with their outputs (count, length, outputs)."""
    return tree_of_words(words, outputs)[0]


def tree_of_words(words: NDArray[np.int64], outputs: NDArray[np.int64]) -> tuple[Graph, NDArray[np.int64]]:
    """Return the prefix tree, and at which node (length + 1, count) each word is after 0, 1, ... symbols."""
    symbols, symbol_indices = np.unique(words.reshape(-1, words.shape[2]), axis=0, return_inverse=True)
    symbol_indices = symbol_indices.reshape(words.shape[:2])
    nodes: dict[tuple[int, int], int] = {}
    edges: list[tuple[int, int, int]] = []
    answers = []
    at = [0] * len(words)
    numbers = [list(at)]
    for t in range(words.shape[1]):
        for number in range(len(words)):
            key = (at[number], int(symbol_indices[number, t]))
            if key not in nodes:
                nodes[key] = len(nodes) + 1
                edges.append((*key, nodes[key]))
                answers.append(outputs[number, t])
            at[number] = nodes[key]
        numbers.append(list(at))
    source, symbol_index, target = np.array(edges, dtype=np.int64).T
    graph = Graph(source=source, symbol_index=symbol_index, target=target, symbols=symbols, outputs=np.array(answers))
    return graph, np.array(numbers, dtype=np.int64)


def labellings(
    graph: Graph, constants: Sequence[int], *, size: int, limit: int, name: str = "s", budget: SynthesisBudget = BUDGET
) -> Iterator[Labelling]:
    """Yield labellings with update terms up to `size` nodes, smaller terms first, each vector of labels once."""
    chosen = np.unique(np.linspace(0, len(graph.symbols) - 1, budget.sieve_symbols).astype(int))
    grid, symbol_indices = np.meshgrid(np.array(LABELS), np.arange(len(chosen)), indexing="ij")
    columns = {name: grid.ravel()}
    for i, x in enumerate(input_names(graph.symbols.shape[1])):
        columns[x] = graph.symbols[chosen][symbol_indices.ravel(), i]
    bank = Bank(columns, constants)
    sieve = _Sieve(graph, chosen)
    seen: set[bytes] = set()
    while bank.size <= size:
        size_now = bank.size
        for first in range(0, len(bank.level(size_now)), 20_000):
            block = bank.level(size_now)[first : first + 20_000].astype(np.int64)
            for start in STARTS:
                for index in sieve.survivors(block, start):
                    term = bank.term(size_now, first + index)
                    own = f"{name}{len(seen)}"
                    found = walk(graph, (StateVariable(name=own, start=start, update=term.rename({name: own})),))
                    if found is not None and found.labels.tobytes() not in seen and found.classes > 1:
                        seen.add(found.labels.tobytes())
                        yield found
        if bank.size == size or not bank.grow(limit):
            return


class _Sieve:
    """Which rows of a table of update values label the graph, over some symbols, without contradiction."""

    def __init__(self, graph: Graph, symbol_indices: NDArray[np.int64]) -> None:
        column = {int(symbol_index): i for i, symbol_index in enumerate(symbol_indices)}
        self._width = len(symbol_indices)
        self._edges = [
            (int(q), column[int(a)], int(r))
            for q, a, r in zip(graph.source, graph.symbol_index, graph.target, strict=True)
            if int(a) in column
        ]

    def survivors(self, table: NDArray[np.int64], start: int) -> list[int]:
        alive = np.arange(len(table))
        labels = {0: np.full(len(table), start, dtype=np.int64)}
        for source, symbol_index, target in self._edges:
            if source not in labels:
                continue
            cell = (labels[source] - LABELS.start) * self._width + symbol_index
            new = table[alive, cell]
            keep = (new >= LABELS.start) & (new < LABELS.stop)
            if target in labels:
                keep &= new == labels[target]
            if not keep.all():
                alive, new = alive[keep], new[keep]
                labels = {node: values[keep] for node, values in labels.items()}
            labels.setdefault(target, new)
            if not len(alive):
                break
        return alive.tolist()


def walk(graph: Graph, variables: tuple[StateVariable, ...], base: Labelling | None = None) -> Labelling | None:
    """Return the labelling of the last variable over the whole graph, or None at a contradiction."""
    own = variables[-1]
    labels = np.zeros(graph.nodes, dtype=np.int64)
    known = np.zeros(graph.nodes, dtype=bool)
    labels[0], known[0] = own.start, True
    columns = graph.inputs()
    if base is not None:
        columns |= {base.name: base.labels[graph.source], base.name + NEW: base.labels[graph.target]}
    pending = np.arange(len(graph.source))
    try:
        while len(pending):
            is_ready = known[graph.source[pending]]
            ready, pending = pending[is_ready], pending[~is_ready]
            if not len(ready):
                return None
            here = {name: column[ready] for name, column in columns.items()} | {own.name: labels[graph.source[ready]]}
            new = own.update.evaluate(here)
            targets = graph.target[ready]
            fresh = ~known[targets]
            labels[targets[fresh]] = new[fresh]
            known[targets[fresh]] = True
            if (labels[targets] != new).any():
                return None
    except ZeroDivisionError:
        return None
    return Labelling(variables=variables, labels=labels)
