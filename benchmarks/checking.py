"""Whether a network is perfect, asked of ours and of the plain loop's alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mips.networks.network import Network
from mips.tasks.dataset import Dataset


def check(network: Network, parts: Sequence[Dataset]) -> tuple[int, int, float]:
    """Return how many sequences have an error, of how many, and the share of time steps without one."""
    with np.errstate(over="ignore", invalid="ignore"):  # a network that is not trained yet may explode
        right = [(network.run(part.inputs) == part.outputs).all(axis=2) for part in parts]
    steps = np.concatenate(right)
    return int((~steps.all(axis=1)).sum()), len(steps), float(steps.mean())


def sizes(network: Network) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the sizes of the layers of cell and readout, their inputs' first."""
    cell, readout = (
        (layers[0].weight.shape[0], *(layer.weight.shape[1] for layer in layers))
        for layers in (network.cell, network.readout)
    )
    return cell, readout
