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

from mips.machine.mealy import MealyMachine
from mips.symbolic.enumeration import Bank
from mips.symbolic.expression import Column, Term
from mips.symbolic.formulas import NEW, StateVariable, input_names

TRIED_LETTERS = 5  # letters whose transitions sieve the candidates; survivors face the whole alphabet
LABELS = range(-12, 33)  # labels a sieved candidate may give
STARTS = (0, 1, -1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Graph:
    """Transitions in an order in which a transition's source was reached by an earlier one, or is node 0, the start.

    `source`, `letter`, `target` are (edges,), `symbols` (letters, width), `outputs` (edges, outputs).
    """

    source: NDArray[np.int64]
    letter: NDArray[np.int64]
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
        return {name: self.symbols[self.letter, i] for i, name in enumerate(input_names(self.symbols.shape[1]))}


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
    states, letters = machine.size, len(machine.symbols)
    return Graph(
        source=np.repeat(np.arange(states), letters),
        letter=np.tile(np.arange(letters), states),
        target=np.array(machine.transitions, dtype=np.int64).ravel(),
        symbols=np.array(machine.symbols, dtype=np.int64),
        outputs=np.array(machine.outputs, dtype=np.int64).reshape(states * letters, -1),
    )


def graph_of_words(words: NDArray[np.int64], outputs: NDArray[np.int64]) -> Graph:
    """Return the prefix tree of words (count, length, width) with the outputs (count, length, outputs) on the way."""
    return tree_of_words(words, outputs)[0]


def tree_of_words(words: NDArray[np.int64], outputs: NDArray[np.int64]) -> tuple[Graph, NDArray[np.int64]]:
    """Return the prefix tree, and at which node (length + 1, count) each word is after 0, 1, ... symbols."""
    symbols, letters = np.unique(words.reshape(-1, words.shape[2]), axis=0, return_inverse=True)
    letters = letters.reshape(words.shape[:2])
    nodes: dict[tuple[int, int], int] = {}
    edges: list[tuple[int, int, int]] = []
    answers = []
    at = [0] * len(words)
    numbers = [list(at)]
    for t in range(words.shape[1]):
        for number in range(len(words)):
            key = (at[number], int(letters[number, t]))
            if key not in nodes:
                nodes[key] = len(nodes) + 1
                edges.append((*key, nodes[key]))
                answers.append(outputs[number, t])
            at[number] = nodes[key]
        numbers.append(list(at))
    source, letter, target = np.array(edges, dtype=np.int64).T
    graph = Graph(source=source, letter=letter, target=target, symbols=symbols, outputs=np.array(answers))
    return graph, np.array(numbers, dtype=np.int64)


def accumulators(graph: Graph, constants: Sequence[int]) -> list[Labelling]:
    """Return labellings that fold one function of the input into a number: sums, extremes, digits.

    These are updates `s + p(x)`, `max(s, p(x))` and the like, for terms p of few nodes and small values.
    """
    letters = {name: graph.symbols[:, i] for i, name in enumerate(input_names(graph.symbols.shape[1]))}
    bank = Bank(letters, constants)
    while bank.size < FOLDED_SIZE and bank.grow(FOLDED, partly=True):
        pass
    folded = [
        (size + 2 * int(np.abs(values).max()), size, i)
        for size in range(1, bank.size + 1)
        for i, values in enumerate(bank.level(size))
        if values.any()
    ]
    return _folds(graph, [bank.term(size, i) for _, size, i in sorted(folded)[:FOLDED]], (), STARTS, "a")


def last_inputs(graph: Graph) -> list[Labelling]:
    """Return one labelling for each input number: the last one read, 0 before the first; none where nodes forget it."""
    found = []
    for x in input_names(graph.symbols.shape[1]):
        labelling = _walk(graph, (StateVariable(name=f"{x}_1", start=0, update=Term(x)),))
        if labelling is not None:
            found.append(labelling)
    return found


def run_lengths(graph: Graph, before: Sequence[Labelling]) -> list[Labelling]:
    """Return labellings that count steps and begin anew: since an input was the same, larger or smaller than the one
    before, or was another than some letter; `before` are the last inputs."""
    found: list[Labelling] = []
    for base, x in zip(before, input_names(graph.symbols.shape[1]), strict=False):
        letters = np.unique(base.labels[graph.target])
        others = [Term(str(letter)) for letter in letters.tolist()] if len(letters) <= FEW_LETTERS else []
        conditions = [Term(head, (Term(x), Term(base.name))) for head in ("==", "<", "<=")]
        conditions += [Term("<", (Term(base.name), Term(x))), Term("<=", (Term(base.name), Term(x)))]
        conditions += [Term(head, (Term(x), other)) for other in others for head in ("==", "!=")]
        for condition in conditions:
            for add in (0, 1):
                name = f"r{len(found)}_{x}"
                own, one = Term(name), Term("1")
                kept = Term("+", (own, one)) if add else own
                update = Term("+", (Term("*", (condition, own)), one)) if not add else Term("*", (condition, kept))
                speaks = base.name in condition.variables()
                variables = (*(base.variables if speaks else ()), StateVariable(name=name, start=0, update=update))
                labelling = _walk(graph, variables, base)
                if labelling is not None and labelling.classes > 1:
                    found.append(labelling)
    return found


def letter_counts(graph: Graph) -> list[Labelling]:
    """Return one labelling for each letter: how often it came.

    Empty when a letter is more than one number, or on a cycle.
    """
    if graph.symbols.shape[1] > 1:
        return []
    found = []
    for letter in graph.symbols[:, 0].tolist():
        name = f"c{letter}" if letter >= 0 else f"c_{-letter}"
        update = Term("+", (Term(name), Term("==", (Term("x"), Term(str(letter))))))
        labelling = _walk(graph, (StateVariable(name=name, start=0, update=update),))
        if labelling is None:
            return []
        found.append(labelling)
    return found


def cascades(graph: Graph, bases: Sequence[Labelling]) -> list[Labelling]:
    """Return labellings that fold the new value of another labelling into a number: its extremes so far."""
    found = []
    for base in bases:
        found += _folds(
            graph, [Term(base.name + NEW)], base.variables, (base.variables[-1].start,), f"{base.name}_", base
        )
    return found


def weighted_sums(graph: Graph) -> list[Labelling]:
    """Return the labellings `s + x * w` for each input number x and weights w that count up, or double, each step."""
    found = []
    for weight, update in (("n", Term("+", (Term("n"), Term("1")))), ("d", Term("*", (Term("2"), Term("d"))))):
        base = _walk(graph, (StateVariable(name=weight, start=1, update=update),))
        if base is None:
            continue
        for x in input_names(graph.symbols.shape[1]):
            name = f"{weight}{x}"
            term = Term("+", (Term(name), Term("*", (Term(x), Term(weight)))))
            labelling = _walk(graph, (*base.variables, StateVariable(name=name, start=0, update=term)), base)
            if labelling is not None:
                found.append(labelling)
    return found


FEW_LETTERS = 5  # letters that a run may be one of
FOLDS = ("+", "max", "min", "digits")
FOLDED_SIZE = 5
FOLDED = 60


def _folds(
    graph: Graph,
    folded: Sequence[Term],
    before: tuple[StateVariable, ...],
    starts: Sequence[int],
    prefix: str,
    base: Labelling | None = None,
) -> list[Labelling]:
    found: dict[bytes, Labelling] = {}
    for term in folded:
        for fold in FOLDS if base is None else FOLDS[1:3]:
            for start in starts:
                name = f"{prefix}{len(found)}"
                own = Term(name)
                digits = Term("+", (Term("*", (Term("2"), own)), term))
                update = digits if fold == "digits" else Term(fold, (own, term))
                labelling = _walk(graph, (*before, StateVariable(name=name, start=start, update=update)), base)
                if labelling is not None and labelling.classes > 1:
                    found.setdefault(_centred(labelling.labels), labelling)
    return list(found.values())


def _centred(labels: Column) -> bytes:
    """Return a key that labels share exactly when they differ by a shift, a sign, or both."""
    centred = labels - labels[0]
    moved = np.flatnonzero(centred)
    return (centred * np.sign(centred[moved[0]]) if len(moved) else centred).tobytes()


def labellings(
    graph: Graph, constants: Sequence[int], *, size: int, limit: int, name: str = "s"
) -> Iterator[Labelling]:
    """Yield labellings with update terms up to `size` nodes, smaller terms first, each vector of labels once."""
    chosen = np.unique(np.linspace(0, len(graph.symbols) - 1, TRIED_LETTERS).astype(int))
    grid, letters = np.meshgrid(np.array(LABELS), np.arange(len(chosen)), indexing="ij")
    columns = {name: grid.ravel()}
    for i, x in enumerate(input_names(graph.symbols.shape[1])):
        columns[x] = graph.symbols[chosen][letters.ravel(), i]
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
                    found = _walk(graph, (StateVariable(name=own, start=start, update=term.rename({name: own})),))
                    if found is not None and found.labels.tobytes() not in seen and found.classes > 1:
                        seen.add(found.labels.tobytes())
                        yield found
        if bank.size == size or not bank.grow(limit):
            return


class _Sieve:
    """Which rows of a table of update values label the graph, over some letters, without contradiction."""

    def __init__(self, graph: Graph, letters: NDArray[np.int64]) -> None:
        column = {int(letter): i for i, letter in enumerate(letters)}
        self._width = len(letters)
        self._edges = [
            (int(q), column[int(a)], int(r))
            for q, a, r in zip(graph.source, graph.letter, graph.target, strict=True)
            if int(a) in column
        ]

    def survivors(self, table: NDArray[np.int64], start: int) -> list[int]:
        alive = np.arange(len(table))
        labels = {0: np.full(len(table), start, dtype=np.int64)}
        for source, letter, target in self._edges:
            if source not in labels:
                continue
            cell = (labels[source] - LABELS.start) * self._width + letter
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


def _walk(graph: Graph, variables: tuple[StateVariable, ...], base: Labelling | None = None) -> Labelling | None:
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
