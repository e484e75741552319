"""Merges rows with equal inputs into one; the most frequent target wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mips.symbolic.terms.term import Column


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """One row of each kind: columns by variable, the targets, and how many observations were overruled."""

    columns: dict[str, Column]
    targets: list[Column]
    overruled: int

    @property
    def rows(self) -> int:
        return len(self.targets[0])


def vote(columns: Mapping[str, Column], targets: Sequence[Column], noise: float) -> Table | None:
    """Return the table in which every combination of columns has the targets that most of its observations have.

    None when more than a share `noise` of the observations would be overruled: the columns do not determine the
    targets.
    """
    values = np.stack([*columns.values(), *targets], axis=1)
    kinds, counts = np.unique(values, axis=0, return_counts=True)
    keys = kinds[:, : len(columns)]
    order = np.lexsort([-counts, *keys.T[::-1]])
    kinds, counts, keys = kinds[order], counts[order], keys[order]
    first = np.concatenate([[True], (keys[1:] != keys[:-1]).any(axis=1)])
    overruled = int(counts[~first].sum())
    if overruled > noise * len(values):
        return None
    kept = kinds[first]
    return Table(
        columns={name: kept[:, i] for i, name in enumerate(columns)},
        targets=[kept[:, i] for i in range(len(columns), values.shape[1])],
        overruled=overruled,
    )
