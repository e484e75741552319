"""Small data sets and plans on which training is tried; seconds are enough to learn what can be learnt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mips.networks.network import Network
from mips.tasks.dataset import Dataset
from mips.training.architectures import Plan
from mips.training.optimizers import Schedule

Array = np.ndarray
EVOLVED = Plan(hidden=1, width=6, readout_depth=1, networks=48)
DESCENDED = Plan(hidden=1, width=8, networks=6, schedule=Schedule(steps=600, batch=64, rate=1e-2))
KINDS = {"evolved": EVOLVED, "descended": DESCENDED}


def data(function: Callable[[Array], Array], seed: int = 0, count: int = 3000, length: int = 3) -> Dataset:
    xs = np.random.default_rng(seed).integers(0, 2, (count, length, 2))
    return Dataset(inputs=xs, outputs=function(xs))


def both(xs: Array) -> Array:
    return xs.min(axis=2, keepdims=True)


def noise(xs: Array) -> Array:
    return np.random.default_rng(0).integers(0, 9, (*xs.shape[:2], 1))


def weights(network: Network) -> bytes:
    return b"".join(layer.weight.tobytes() + layer.bias.tobytes() for layer in (*network.cell, *network.readout))
