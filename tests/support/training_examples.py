"""Small data sets and plans on which training is tried, and one network as torch differentiates it.

Seconds are enough to learn what can be learnt of the data sets.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from mips.networks.network import Network
from mips.tasks.dataset import Dataset
from mips.training.architectures import Plan
from mips.training.optimizers import Schedule
from mips.training.recurrent import Architecture

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


def plain(sizes: Architecture, row: Tensor, inputs: Tensor) -> Tensor:
    """One network on (length, batch, inputs), a layer at a time, as torch can differentiate it."""
    layers, position = [], 0
    for before, after in sizes.layers:
        weight = row[position : position + before * after].reshape(before, after)
        bias = row[position + before * after : position + (before + 1) * after]
        layers.append((weight, bias))
        position += (before + 1) * after
    assert position == len(row) == sizes.parameters

    def perceptron(part: list[tuple[Tensor, Tensor]], values: Tensor) -> Tensor:
        for number, (weight, bias) in enumerate(part):
            values = (torch.relu(values) if number else values) @ weight + bias
        return values

    hidden, answers = inputs.new_zeros(inputs.shape[1], sizes.hidden), []
    for symbols in inputs:
        hidden = perceptron(layers[: sizes.cell_depth], torch.cat([hidden, symbols], dim=1))
        answers.append(perceptron(layers[sizes.cell_depth :], hidden))
    return torch.stack(answers)
