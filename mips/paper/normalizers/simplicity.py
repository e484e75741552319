"""How simple the numbers of a network are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mips.networks.network import Network

EQUAL = 1e-6  # weights this near to each other, or to zero, count as one
LARGEST_DENOMINATOR = 100  # so that hardly any number is near a fraction by chance
FLOAT_BITS = 64.0  # of a weight that is no fraction with such a denominator


@dataclass(frozen=True, slots=True, kw_only=True)
class Simplicity:
    """Counts over all weights, biases and the initial state: all of them, those not zero, different ones, and bits.

    `bits` is the description length: of a fraction p/q the bits of |p| and q and one for the sign, of zero one bit, of
    any other number those of a float.
    """

    weights: int
    nonzero: int
    distinct: int
    bits: float


def simplicity(network: Network) -> Simplicity:
    """Return the measures of a network's numbers. Raises ValueError when one of them is not finite."""
    layers = (*network.cell, *network.readout)
    arrays = [array for layer in layers for array in (layer.weight, layer.bias)]
    numbers = np.concatenate([*(array.ravel() for array in arrays), network.initial])
    if not np.isfinite(numbers).all():
        raise ValueError(f"a weight is {numbers[~np.isfinite(numbers)][0]:g}; expected finite numbers")
    nonzero = numbers[np.abs(numbers) > EQUAL]
    return Simplicity(
        weights=len(numbers),
        nonzero=len(nonzero),
        distinct=len(np.unique(np.rint(numbers / EQUAL))),
        bits=len(numbers) - len(nonzero) + math.fsum(_bits(float(number)) for number in nonzero),  # in whatever order
    )


def _bits(number: float) -> float:
    near = Fraction(number).limit_denominator(LARGEST_DENOMINATOR)
    if abs(float(near) - number) > EQUAL:
        return FLOAT_BITS
    return 1 + math.log2(abs(near.numerator) + 1) + math.log2(near.denominator + 1)
