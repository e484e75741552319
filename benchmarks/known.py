"""Networks whose right program is known: machines compiled into weights, and small cells written by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mips.machines.mealy import MealyMachine
from mips.networks.network import Layer, Network

Symbols = tuple[tuple[int, ...], ...]


def compiled(machine: MealyMachine) -> Network:
    """Return a ReLU network that does what the machine does, exactly, on symbols of one number a step.

    Hidden are the states but 0, one-hot, and the last output. The first layer holds three ramps a symbol, whose sum is
    1 at the symbol and 0 at every other integer; the second one unit for each state and symbol, 1 when both are there.
    """
    states, letters, width = machine.size, len(machine.symbols), len(machine.outputs[0][0])
    hidden, others = states - 1 + width, states - 1
    first = np.zeros((hidden + 1, others + 3 * letters))
    ramps = np.zeros(others + 3 * letters)
    first[:others, :others] = np.eye(others)
    second = np.zeros((others + 3 * letters, states * letters))
    both = np.zeros(states * letters)
    third = np.zeros((states * letters, hidden))
    for letter, (symbol,) in enumerate(machine.symbols):
        at = others + 3 * letter
        first[hidden, at : at + 3] = 1
        ramps[at : at + 3] = (1 - symbol, -symbol, -1 - symbol)
        for state in range(states):
            unit = state * letters + letter
            second[at : at + 3, unit] = (1, -2, 1)
            if state:
                second[state - 1, unit], both[unit] = 1, -1
            else:
                second[:others, unit] = -1
            if target := machine.transitions[state][letter]:
                third[unit, target - 1] = 1
            third[unit, others:] = machine.outputs[state][letter]
    readout = np.vstack([np.zeros((others, width)), np.eye(width)])
    return Network(
        cell=(
            Layer(weight=first, bias=ramps),
            Layer(weight=second, bias=both),
            Layer(weight=third, bias=np.zeros(hidden)),
        ),
        readout=(Layer(weight=readout, bias=np.zeros(width)),),
    )


def machine_of(states: int, symbols: range, step: Callable[[int, int], tuple[int, int]]) -> MealyMachine:
    """The machine whose step(state, x) gives (state, y)."""
    table = [[step(state, x) for x in symbols] for state in range(states)]
    return MealyMachine(
        symbols=tuple((x,) for x in symbols),
        transitions=tuple(tuple(after for after, _ in row) for row in table),
        outputs=tuple(tuple((int(y),) for _, y in row) for row in table),
    )


NAMED = {
    "parity": (machine_of(2, range(2), lambda s, x: (s ^ x, s ^ x)), 2),
    "copy": (machine_of(1, range(8), lambda s, x: (s, x)), 1),
    "delay": (machine_of(5, range(5), lambda s, x: (x, s)), 5),
    "sum modulo 8": (machine_of(8, range(8), lambda s, x: ((s + x) % 8, (s + x) % 8)), 8),
    "division by 7": (machine_of(7, range(2), lambda s, x: ((2 * s + x) % 7, 2 * s + x >= 7)), 7),
    "dithering": (machine_of(15, range(16), lambda s, x: ((s + x) % 15, s + x >= 15)), 15),
    "0101 or 1010": (machine_of(8, range(2), lambda s, x: ((2 * s + x) % 8, 2 * s + x in (5, 10))), 6),
    "parity of the last 4": (machine_of(8, range(2), lambda s, x: ((2 * s + x) % 8, (2 * s + x).bit_count() % 2)), 8),
    "maximum": (machine_of(16, range(16), lambda s, x: (max(s, x), max(s, x))), 16),
    "position": (machine_of(2, range(2), lambda s, x: (1 - s, s)), 2),
    "addition": (machine_of(2, range(9), lambda s, x: (s + x >= 5, (s + x) % 5)), 2),
}


def counter(low: int, high: int) -> tuple[Network, Symbols]:
    sums = Network(
        cell=(Layer(weight=np.ones((2, 1)), bias=np.zeros(1)),), readout=(Layer(weight=np.eye(1), bias=np.zeros(1)),)
    )
    return sums, tuple((x,) for x in range(low, high + 1))


def perceptron(first: ArrayLike, bias: ArrayLike, second: ArrayLike, offset: ArrayLike) -> tuple[Layer, Layer]:
    """Return the layers of v -> relu(v @ first + bias) @ second + offset."""
    return (
        Layer(weight=np.array(first), bias=np.array(bias)),
        Layer(weight=np.array(second), bias=np.array(offset)),
    )


def affine(weight: ArrayLike, bias: ArrayLike) -> tuple[Layer]:
    return (Layer(weight=np.array(weight), bias=np.array(bias)),)


def disguised(network: Network, change: NDArray[np.float64]) -> Network:
    """Return the network with hidden states h @ change."""
    back = np.linalg.inv(change)
    hidden = network.hidden_size
    first, last = network.cell[0], network.cell[-1]
    entrance = Layer(weight=np.vstack([back @ first.weight[:hidden], first.weight[hidden:]]), bias=first.bias)
    if len(network.cell) == 1:
        cell: tuple[Layer, ...] = (Layer(weight=entrance.weight @ change, bias=entrance.bias @ change),)
    else:
        leaving = Layer(weight=last.weight @ change, bias=last.bias @ change)
        cell = (entrance, *network.cell[1:-1], leaving)
    read = network.readout[0]
    return Network(cell=cell, readout=(Layer(weight=back @ read.weight, bias=read.bias), *network.readout[1:]))


def change_of_basis(size: int, seed: int) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    return np.linalg.qr(rng.normal(size=(size, size)))[0] * rng.uniform(0.3, 3.0, size)


COUNTER = Network(cell=affine([[1], [1]], [0]), readout=affine([[1]], [0]))
SATURATING = Network(  # s' = min(s + x, 3), y = 1 at 3
    cell=perceptron([[-1], [-1]], [3], [[-1]], [3]), readout=perceptron([[1]], [-2], [[1]], [0])
)
MODULO = Network(  # s' = (s + x) % 3, y = s'
    cell=perceptron([[1, 1], [1, 1]], [0, -2], [[1], [-3]], [0]), readout=affine([[1]], [0])
)
HIGHEST_AND_SUM = Network(  # s0' = max(s0, x), s1' = s1 + x for x >= 0; y = s1' - s0'
    cell=perceptron([[1, -1, 0], [0, 0, 1], [0, 1, 1]], [0, 0, 0], [[1, 0], [1, 0], [0, 1]], [0, 0]),
    readout=affine([[-1], [1]], [0]),
)


PREVIOUS_BUT_ONE = Network(  # h' = (x, h0), y = h1
    cell=affine([[0, 1], [0, 0], [1, 0]], [0, 0]), readout=affine([[0], [1]], [0])
)
SPRING = Network(  # position and velocity under a force x: v' = v - q + x, q' = q + v'
    cell=affine([[0, -1], [1, 1], [1, 1]], [0, 0]), readout=affine([[1], [0]], [0])
)

# Name -> network, smallest and largest input.
KNOWN: dict[str, tuple[Network, int, int]] = {
    **{
        name: (compiled(machine), machine.symbols[0][0], machine.symbols[-1][0]) for name, (machine, _) in NAMED.items()
    },
    "counter": (COUNTER, -3, 3),
    "saturating counter": (SATURATING, 0, 1),
    "counter modulo 3": (MODULO, 0, 1),
    "sum minus maximum": (HIGHEST_AND_SUM, 0, 9),
    "previous but one": (PREVIOUS_BUT_ONE, -9, 9),
    "spring": (SPRING, -5, 5),
}
