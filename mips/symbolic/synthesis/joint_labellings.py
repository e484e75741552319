"""Several labellings of one machine together: which groups determine the outputs, the smallest first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mips.symbolic.regression.votes import vote
from mips.symbolic.synthesis.budget import BUDGET, SynthesisBudget
from mips.symbolic.synthesis.labelling import Graph, Labelling
from mips.symbolic.terms.term import Column


class Labelled(Protocol):
    """Anything that is a number for each node."""

    @property
    def labels(self) -> Column: ...


def joint_labellings(
    graph: Graph, pool: Sequence[Labelling], noise: float, budget: SynthesisBudget = BUDGET
) -> Iterator[list[Labelling]]:
    """Yield pairs, triples and quadruples that determine the outputs together, the fewest distinct rows first."""
    if len(pool) < 2:
        return
    small = sorted(pool, key=lambda one: (one.size, one.classes))
    edges = graph.symbol_index
    rng = np.random.default_rng(0)
    left, right = rng.integers(0, len(edges), (2, budget.drawn_pairs))
    clash = (edges[left] == edges[right]) & (graph.outputs[left] != graph.outputs[right]).any(axis=1)
    left, right = left[clash][: budget.clashing_pairs], right[clash][: budget.clashing_pairs]
    told = np.stack([(one.labels[graph.source])[left] != (one.labels[graph.source])[right] for one in small])
    missed = (~told).astype(np.float32)
    allowed = 4 * noise * len(left)
    for size in (2, 3, 4):
        groups: list[tuple[int, ...]]
        if size == 2:
            groups = [(int(a), int(b)) for a, b in np.argwhere(np.triu(missed @ missed.T <= allowed, 1))]
        else:
            groups = _grown(missed, size, allowed)
        groups.sort(key=lambda group: (sum(math.log(small[i].classes) for i in group), group))
        scored = []
        for group in groups[: budget.scored_groups]:
            members = [small[i] for i in group]
            count = rows_needed(graph, members, noise, budget)
            if count is not None:
                scored.append((count, sum(one.size for one in members), group))
        for _, _, group in sorted(scored):
            yield [small[i] for i in group]
        if scored:
            return


def _grown(missed: NDArray[np.float32], size: int, allowed: float) -> list[tuple[int, ...]]:
    """Return groups that leave no clash, grown greedily from each member by the one that tells most of what is left."""
    groups = set()
    for first in range(len(missed)):
        group, left = [first], missed[first]
        while len(group) < size and left.sum() > allowed:
            group.append(int((missed @ left).argmin()))
            left = left * missed[group[-1]]
        if left.sum() <= allowed:
            groups.add(tuple(sorted(set(group))))
    return sorted(groups)


def rows_needed(graph: Graph, group: Sequence[Labelled], noise: float, budget: SynthesisBudget = BUDGET) -> int | None:
    """Return how many distinct (labels, symbol) there are, or None when they do not determine the outputs.

    None also when the graph is a tree and most transitions have a row of their own: such labels write words down.
    """
    columns = {str(i): one.labels[graph.source] for i, one in enumerate(group)} | {"symbol": graph.symbol_index}
    table = vote(columns, list(graph.outputs.T), noise)
    if table is None or (graph.is_tree and table.rows > budget.most_rows * len(graph.source)):
        return None
    return table.rows
