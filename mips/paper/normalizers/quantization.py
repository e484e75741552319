"""Quantization: all weights at once as rationals with a small common denominator."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from mips.networks.network import Floats, Layer, Network

LARGEST_DENOMINATOR = 12


def quantize(network: Network, keeps: Callable[[Network], bool]) -> Network:
    """Return the network with every weight a multiple of 1/d, for the least d at which it `keeps` its behaviour.

    A unit between two layers is first stretched, its weights behind it shrunk alike, until its largest incoming weight
    is 1: what a ReLU passes on does not depend on it. Raises ValueError when no denominator up to
    `LARGEST_DENOMINATOR` keeps the behaviour.
    """
    stretched = Network(cell=stretch(network.cell), readout=stretch(network.readout), initial=network.initial)
    for denominator in range(1, LARGEST_DENOMINATOR + 1):
        found = rounded(stretched, denominator)
        if keeps(found):
            return found
    raise ValueError(f"no common denominator up to {LARGEST_DENOMINATOR} keeps the outputs")


def stretch(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Return layers that compute the same, the largest weight of each unit but the last ones' of size 1."""
    done = list(layers)
    for index, (layer, after) in enumerate(pairwise(layers)):
        size = np.abs(done[index].weight).max(axis=0)
        size = np.where(size > 0, size, 1.0)
        done[index] = Layer(weight=done[index].weight / size, bias=layer.bias / size)
        done[index + 1] = Layer(weight=after.weight * size[:, None], bias=after.bias)
    return tuple(done)


def rounded(network: Network, denominator: int) -> Network:
    """Return the network with every weight, bias and number of h(0) the nearest multiple of 1/denominator."""

    def near(numbers: Floats) -> Floats:
        return np.asarray(np.rint(numbers * denominator) / denominator)

    def layers(part: tuple[Layer, ...]) -> tuple[Layer, ...]:
        return tuple(Layer(weight=near(layer.weight), bias=near(layer.bias)) for layer in part)

    return Network(cell=layers(network.cell), readout=layers(network.readout), initial=near(network.initial))
