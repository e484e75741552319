"""State variables for the images of a machine: numbers for the blocks of a congruence, with an update of their own."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from mips.machines.decomposition import congruences, image
from mips.machines.mealy import MealyMachine
from mips.symbolic.regression.budget import Effort
from mips.symbolic.regression.columns import regress
from mips.symbolic.regression.linear import solve_modulo
from mips.symbolic.synthesis.budget import BUDGET, SynthesisBudget
from mips.symbolic.synthesis.labelling import Graph, Labelling, graph_of_machine, labellings
from mips.symbolic.terms.formulas import StateVariable, input_names
from mips.symbolic.terms.simplicity import preference
from mips.symbolic.terms.term import Column, Term, constant, variable

SMALL = Effort(size=5, form_size=5, limit=20_000, branches=0)


def image_labellings(
    machine: MealyMachine,
    constants: Sequence[int],
    budget: SynthesisBudget = BUDGET,
    *,
    counters_only: bool = False,
) -> Iterator[Labelling]:
    """Yield labellings of a machine's states that number the blocks of its congruences, the fewest blocks first.

    Blocks are numbered as a counter modulo their number, in every way if they are few, and by label propagation; for
    each image the labelling with the preferred update comes first. `counters_only` leaves it at the first.
    """
    for number, partition in enumerate(congruences(machine, budget.images)):
        small = graph_of_machine(image(machine, partition))
        name = f"i{number}"
        found = list(_counters(small, name, budget.largest_modulus))
        if counters_only:
            yield from (Labelling(variables=one.variables, labels=one.labels[np.array(partition)]) for one in found)
            continue
        if small.nodes <= budget.numbered_states:
            found += numberings(small, name, constants, SMALL, itertools.permutations(range(small.nodes)))
        own = tuple(dict.fromkeys((*constants[:3], small.nodes, small.nodes - 1)))
        found += itertools.islice(
            labellings(small, own, size=budget.image_term_size, limit=budget.image_terms, name=name, budget=budget),
            budget.image_labellings,
        )
        found = [one for one in found if one.classes == small.nodes]
        found.sort(key=lambda one: preference(one.variables[-1].update))
        for one in found[: budget.image_labellings]:
            yield Labelling(variables=one.variables, labels=one.labels[np.array(partition)])


def _counters(graph: Graph, name: str, largest: int) -> Iterator[Labelling]:
    """Yield labellings `s' = (a * s + p(x)) % m` of all m nodes, found as solutions of linear equations modulo m.

    The equations are l(target) = a l(source) + p(symbol) for every transition; l(start) = 0, and one other label is a
    divisor of m, as the others are multiples of these by what has an inverse.
    """
    modulus, symbols = graph.nodes, len(graph.symbols)
    if not 2 <= modulus <= largest:
        return
    inputs = {x: graph.symbols[:, i] for i, x in enumerate(input_names(graph.symbols.shape[1]))}
    edges = np.arange(len(graph.source))
    for factor in dict.fromkeys((1, modulus - 1, *range(2, modulus))):
        matrix = np.zeros((len(edges) + 2, modulus + symbols), dtype=np.int64)
        np.add.at(matrix, (edges, graph.target), 1)
        np.add.at(matrix, (edges, graph.source), -factor)
        matrix[edges, modulus + graph.symbol_index] -= 1
        matrix[-2, 0] = matrix[-1, int(graph.target[graph.target > 0].min(initial=modulus - 1))] = 1
        for divisor in (d for d in range(1, modulus) if modulus % d == 0):
            values = np.zeros(len(matrix), dtype=np.int64)
            values[-1] = divisor
            solution = solve_modulo(matrix % modulus, values, modulus)
            if solution is None or len(set(solution[:modulus].tolist())) < modulus:
                continue
            steps = [
                (solution * unit % modulus, steps)
                for unit in range(1, modulus)
                if math.gcd(unit, modulus) == 1
                for steps in _signed(solution[modulus:] * unit % modulus, modulus)
            ]
            terms = []
            for solved, target in steps:
                found = regress(inputs, [target], (0, 1, 2), SMALL)
                if found is not None:
                    terms.append((preference(found[0]), found[0], solved))
            if terms:
                _, step, solved = min(terms, key=lambda entry: entry[0])
                yield _counter(name, factor, step, solved[:modulus], modulus)


def _signed(steps: Column, modulus: int) -> tuple[Column, Column]:
    """Return steps modulo a number as they are, and with the larger half made negative."""
    return steps, np.where(2 * steps > modulus, steps - modulus, steps)


def _counter(name: str, factor: int, step: Term, labels: Column, modulus: int) -> Labelling:
    own = variable(name)
    scaled = own if factor == 1 else Term("*", (constant(factor), own))
    if factor == modulus - 1 and factor > 1:
        total = Term("-", (step, own))
    else:
        total = scaled if step == constant(0) else Term("+", (scaled, step))
    update = Term("%", (total, constant(modulus)))
    return Labelling(variables=(StateVariable(name=name, start=0, update=update),), labels=labels)


def numberings(
    graph: Graph, name: str, constants: Sequence[int], effort: Effort, orders: Iterable[tuple[int, ...]]
) -> Iterator[Labelling]:
    """Yield the labellings, out of the given `orders` of numbers of the nodes, whose update has a term."""
    for labels in map(np.array, orders):
        columns = {**graph.inputs(), name: labels[graph.source]}
        update = regress(columns, [labels[graph.target]], constants, effort)
        if update is not None:
            state = StateVariable(name=name, start=int(labels[0]), update=update[0])
            yield Labelling(variables=(state,), labels=labels)
