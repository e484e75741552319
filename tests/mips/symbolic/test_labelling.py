"""Labellings against a walk that carries the value itself from word to word."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from benchmarks.known import NAMED, machine_of
from mips.machines.mealy import MealyMachine, minimize
from mips.symbolic.synthesis.accumulators import (
    accumulators,
    cascades,
    last_inputs,
    run_lengths,
    symbol_counts,
    weighted_sums,
)
from mips.symbolic.synthesis.labelling import Graph, Labelling, graph_of_machine, graph_of_words, labellings
from mips.symbolic.terms.formulas import NEW, StateVariable, input_names
from mips.symbolic.terms.term import Term, constant, variable

CONSTANTS = (0, 1, 2)


def values_along(variables: tuple[StateVariable, ...], word: list[tuple[int, ...]]) -> list[int]:
    """The values of the last variable before, between and after the symbols of a word, by plain interpretation."""
    values = {one.name: np.array([one.start]) for one in variables}
    seen = [int(values[variables[-1].name][0])]
    for symbol in word:
        columns = values | {name: np.array([x]) for name, x in zip(input_names(len(symbol)), symbol, strict=True)}
        for one in variables:
            columns[one.name + NEW] = one.update.evaluate(columns)
        values = {one.name: columns[one.name + NEW] for one in variables}
        seen.append(int(values[variables[-1].name][0]))
    return seen


def forced(update: Term, start: int, machine: MealyMachine, longest: int) -> list[int] | None:
    """The label of every state by walking all words, or None when some state gets two."""
    labels: dict[int, int] = {0: start}
    pairs = {(0, start)}
    for _ in range(longest):
        further = set()
        for state, value in pairs:
            for letter, (x,) in enumerate(machine.symbols):
                after = int(update.evaluate({"s": np.array([value]), "x": np.array([x])})[0])
                further.add((machine.transitions[state][letter], after))
        for state, value in further:
            if labels.setdefault(state, value) != value:
                return None
        pairs = further - pairs
    return [labels[state] for state in range(machine.size)]


def check(graph: Graph, labelling: Labelling, words: np.ndarray) -> None:
    """Along every word, the labels of the nodes are the values of the variable."""
    step = {(int(q), int(a)): int(r) for q, a, r in zip(graph.source, graph.symbol_index, graph.target, strict=True)}
    number = {tuple(symbol): i for i, symbol in enumerate(graph.symbols.tolist())}
    for word in words.tolist():
        nodes = [0]
        for symbol in word:
            nodes.append(step[nodes[-1], number[tuple(symbol)]])
        assert labelling.labels[nodes].tolist() == values_along(labelling.variables, [tuple(x) for x in word])


@pytest.mark.parametrize("name", NAMED)
def test_the_labels_of_a_machine_are_the_values_along_every_word(name: str) -> None:
    machine = minimize(NAMED[name][0])
    graph = graph_of_machine(machine)
    rng = np.random.default_rng(0)
    words = graph.symbols[rng.integers(0, len(graph.symbols), (20, 15))]
    found = list(itertools.islice(labellings(graph, CONSTANTS, size=5, limit=2000), 30))
    assert len({labelling.name for labelling in found}) == len(found)
    assert len({labelling.labels.tobytes() for labelling in found}) == len(found)
    for labelling in found:
        assert labelling.classes > 1
        assert labelling.size == sum(one.update.size + 1 for one in labelling.variables)
        check(graph, labelling, words)


@pytest.mark.parametrize(
    ("name", "update"),
    [
        ("parity", "s != x"),
        ("addition", "4 < s + x"),
        ("maximum", "max(s, x)"),
        ("sum modulo 8", "(s + x) % 8"),
        ("delay", "x"),
        ("position", "1 - s"),
    ],
)
def test_the_meaning_of_a_known_machine_is_found(name: str, update: str) -> None:
    machine = minimize(NAMED[name][0])
    graph = graph_of_machine(machine)
    grid = list(itertools.product(range(max(machine.size, 2)), graph.symbols[:, 0].tolist()))

    def table(text: str) -> list[int]:
        return [int(eval(text, {}, {"s": s, "x": x})) for s, x in grid]

    found = labellings(graph, (*CONSTANTS, 4, 8), size=5, limit=60_000)
    texts = (str(one.variables[-1].update.rename({one.name: "s"})) for one in found)
    assert any(table(text) == table(update) for text in itertools.islice(texts, 200))


def test_every_consistent_update_is_yielded_and_no_other() -> None:
    machine = machine_of(3, range(2), lambda s, x: ((s + x) % 3, s))
    graph = graph_of_machine(minimize(machine))
    s, x = variable("s"), variable("x")
    atoms = [s, x, *map(constant, CONSTANTS)]
    candidates = [
        *atoms,
        *(Term(head, pair) for head in ("+", "-", "*", "max", "==") for pair in itertools.product(atoms, atoms)),
    ]
    expected = {
        tuple(labels)
        for update in candidates
        for start in (0, 1)
        if (labels := forced(update, start, machine, 6)) is not None and len(set(labels)) > 1
    }
    found = {tuple(one.labels.tolist()) for one in labellings(graph, CONSTANTS, size=3, limit=10_000)}
    assert expected <= found
    for one in labellings(graph, CONSTANTS, size=5, limit=10_000):
        update = one.variables[-1].update.rename({one.name: "s"})
        assert forced(update, one.variables[-1].start, machine, 6) == one.labels.tolist()
    assert (0, 1, 2) in {tuple(one.labels.tolist()) for one in labellings(graph, (*CONSTANTS, 3), size=5, limit=10_000)}


def test_contradictions_are_refused() -> None:
    """In a machine with a cycle nothing can count for ever."""
    graph = graph_of_machine(minimize(NAMED["parity"][0]))
    assert symbol_counts(graph) == []
    assert weighted_sums(graph) == []
    for one in labellings(graph, CONSTANTS, size=5, limit=10_000):
        assert one.classes == 2
    counted = [one for one in accumulators(graph, CONSTANTS) if one.variables[-1].update.head == "+"]
    assert counted == []


def all_words(low: int, high: int, length: int, width: int = 1) -> np.ndarray:
    count = (high - low + 1) ** (length * width)
    return np.array(list(itertools.product(range(low, high + 1), repeat=length * width))).reshape(count, length, width)


def test_the_prefix_tree_holds_every_prefix_once_and_its_answer() -> None:
    words = all_words(0, 2, 4)[::2]
    outputs = np.cumsum(words, axis=1)
    graph = graph_of_words(words, outputs)
    prefixes = {tuple(word[:t, 0].tolist()) for word in words for t in range(5)}
    assert graph.nodes == len(prefixes) == len(graph.source) + 1
    assert graph.source[0] == 0 and set(graph.target.tolist()) == set(range(1, graph.nodes))
    assert all(q == 0 or q in graph.target[:i] for i, q in enumerate(graph.source.tolist()))
    totals = {0: 0}
    for q, a, r, y in zip(graph.source.tolist(), graph.symbol_index, graph.target.tolist(), graph.outputs, strict=True):
        totals[r] = totals[q] + int(graph.symbols[a, 0])
        assert y.tolist() == [totals[r]]
    assert np.array_equal(graph.inputs()["x"], graph.symbols[graph.symbol_index, 0])


@pytest.mark.parametrize(("low", "high", "width"), [(0, 2, 1), (-1, 1, 1), (0, 1, 2)])
def test_folds_of_the_input_on_a_tree(low: int, high: int, width: int) -> None:
    words = all_words(low, high, 4 if width == 1 else 3, width)
    graph = graph_of_words(words, words[:, :, :1])
    folds = accumulators(graph, CONSTANTS)
    sums = [one for one in folds if one.variables[-1].update.head == "+"]
    runs = run_lengths(graph, last_inputs(graph))
    found = [*folds, *weighted_sums(graph), *symbol_counts(graph), *cascades(graph, sums[:4]), *last_inputs(graph)]
    found += [*runs, *cascades(graph, runs[:4])]
    assert len({one.name for one in found}) == len(found) > 20
    for one in found:
        check(graph, one, words[:: max(1, len(words) // 20)])
    labels = {one.labels.tobytes() for one in found}
    column = words[:, :, 0]
    ends = np.array([node_of(graph, word) for word in words.tolist()])
    for expected in (
        column.sum(axis=1),
        column @ np.arange(1, words.shape[1] + 1),
        column @ 2 ** np.arange(words.shape[1]),
    ):
        assert any(np.array_equal(np.frombuffer(one, dtype=np.int64)[ends], expected) for one in labels)
    if width == 1:
        running = np.maximum.accumulate(np.cumsum(np.pad(column, ((0, 0), (1, 0))), axis=1), axis=1)[:, -1]
        assert any(np.array_equal(np.frombuffer(one, dtype=np.int64)[ends], running) for one in labels)
        counts = symbol_counts(graph)
        assert [one.labels[ends].tolist() for one in counts] == [
            (column == letter).sum(axis=1).tolist() for letter in range(low, high + 1)
        ]
    else:
        assert symbol_counts(graph) == []


def node_of(graph: Graph, word: list[list[int]]) -> int:
    step = {(int(q), int(a)): int(r) for q, a, r in zip(graph.source, graph.symbol_index, graph.target, strict=True)}
    number = {tuple(symbol): i for i, symbol in enumerate(graph.symbols.tolist())}
    node = 0
    for symbol in word:
        node = step[node, number[tuple(symbol)]]
    return node


def test_an_update_that_divides_by_zero_labels_nothing() -> None:
    graph = graph_of_machine(minimize(NAMED["sum modulo 8"][0]))
    for one in labellings(graph, CONSTANTS, size=3, limit=10_000):
        update = one.variables[-1].update
        assert update.head not in ("//", "%") or update.args[1].constant is not None


def test_runs_of_equal_inputs_are_counted_on_a_tree() -> None:
    words = all_words(0, 2, 5)
    graph = graph_of_words(words, words)
    ends = np.array([node_of(graph, word) for word in words.tolist()])
    expected = [max(i for i in range(1, 6) if len(set(word[-i:, 0].tolist())) == 1) for word in words]
    runs = [one.labels[ends].tolist() for one in run_lengths(graph, last_inputs(graph))]
    assert expected in runs


def test_a_machine_that_forgets_its_last_input_has_no_label_for_it() -> None:
    assert last_inputs(graph_of_machine(minimize(NAMED["parity"][0]))) == []
    (last,) = last_inputs(graph_of_machine(minimize(NAMED["delay"][0])))
    assert sorted(last.labels.tolist()) == [0, 1, 2, 3, 4]
