"""Random Mealy machines and terms; linear networks of a recurrence, and the table of a network on random words."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mips.machines.mealy import MealyMachine
from mips.networks.network import Ints, Layer, Network
from mips.networks.trace import trace
from mips.paper.lattices.choice import choose_lattice
from mips.paper.lattices.table import TransitionTable
from mips.symbolic.terms.term import OPERATORS, Term, constant, variable


def random_machine(rng: random.Random, states: int, letters: int, values: int = 2) -> MealyMachine:
    return MealyMachine(
        symbols=tuple((letter,) for letter in range(letters)),
        transitions=tuple(tuple(rng.randrange(states) for _ in range(letters)) for _ in range(states)),
        outputs=tuple(tuple((rng.randrange(values),) for _ in range(letters)) for _ in range(states)),
    )


def shuffled(machine: MealyMachine, rng: random.Random) -> MealyMachine:
    """The same behaviour with other numbers: every state twice, in random order, the start first."""
    copies = list(range(1, 2 * machine.size))
    rng.shuffle(copies)
    names = [0, *copies]  # names[i] is the old number (modulo size) of new state i
    places: dict[int, list[int]] = {}
    for new, old in enumerate(names):
        places.setdefault(old % machine.size, []).append(new)
    return MealyMachine(
        symbols=machine.symbols,
        transitions=tuple(
            tuple(rng.choice(places[target]) for target in machine.transitions[old % machine.size]) for old in names
        ),
        outputs=tuple(machine.outputs[old % machine.size] for old in names),
    )


NAMES = ("s", "t", "x")


CONSTANTS = tuple(map(constant, (-2, -1, 0, 1, 2, 10)))


def random_term(rng: random.Random, names: tuple[str, ...] = NAMES, *, depth: int = 4) -> Term:
    """A term with any heads; what needs zeros and ones gets comparisons and connectives of them."""

    def number(depth: int) -> Term:
        kind = rng.random()
        if not depth or kind < 0.2:
            return variable(rng.choice(names)) if rng.random() < 0.7 else rng.choice(CONSTANTS)
        if kind < 0.3:
            return truth(depth)
        if kind < 0.4:
            return Term("if", (rng.choice((truth, number))(depth - 1), number(depth - 1), number(depth - 1)))
        if kind < 0.45:
            return Term("abs", (number(depth - 1),))
        return Term(rng.choice(list(OPERATORS)), (number(depth - 1), number(depth - 1)))

    def truth(depth: int) -> Term:
        kind = rng.random()
        if depth < 2 or kind < 0.4:
            return Term(rng.choice(("==", "!=", "<", "<=")), (number(max(depth - 1, 0)), number(max(depth - 1, 0))))
        if kind < 0.55:
            return Term("in", (number(depth - 1), *rng.sample(CONSTANTS, rng.randint(1, 3))))
        if kind < 0.7:
            return Term("not", (truth(depth - 1),))
        return Term(rng.choice(("and", "or")), tuple(truth(depth - 1) for _ in range(rng.randint(2, 3))))

    return number(depth)


# Networks


Array = np.ndarray


def linear_network(step: Array, entrance: Array, exit_: Array, offset: Array, rest: Array | None = None) -> Network:
    """h(t) = h(t-1) @ step + x @ entrance + offset, y = h @ exit + rest."""
    return Network(
        cell=(Layer(weight=np.vstack([step, entrance]), bias=offset),),
        readout=(Layer(weight=exit_, bias=np.zeros(exit_.shape[1]) if rest is None else rest),),
    )


def moving(weights: list[int], feedback: list[int], constant: int = 0) -> Network:
    """y(t) = sum of weights[j] x(t-j) + sum of feedback[i] y(t-1-i) + constant, as a network in another basis."""
    ahead, back = len(weights) - 1, len(feedback)
    size = 1 + ahead + back  # y(t), then x(t), ..., x(t-ahead+1), then y(t-1), ..., y(t-back)
    step, entrance, offset = np.zeros((size, size)), np.zeros((1, size)), np.zeros(size)
    entrance[0, 0], offset[0] = weights[0], constant
    for j in range(1, ahead + 1):
        step[j, 0] = weights[j]
        (entrance if j == 1 else step)[0 if j == 1 else j - 1, j] = 1
    for i in range(back):
        step[0 if i == 0 else ahead + i, 0] += feedback[i]
        step[0 if i == 0 else ahead + i, ahead + 1 + i] = 1
    basis = np.random.default_rng(size).normal(size=(size, size)) + 3 * np.eye(size)
    exit_ = np.zeros((size, 1))
    exit_[0] = 1
    other = np.linalg.inv(basis)
    return linear_network(other @ step @ basis, entrance @ basis, other @ exit_, offset @ basis)


def words(low: int, high: int, *, width: int = 1, count: int = 300, length: int = 12) -> np.ndarray:
    return np.random.default_rng(0).integers(low, high, (count, length, width), endpoint=True)


def lattice_table(network: Network, words: Ints) -> TransitionTable:
    """Return the steps that `network` takes on `words` (count, length, width), its hidden states read as integers.

    Raises StageFailure("extracted") when they lie on no lattice that is of use.
    """
    return choose_lattice(network, trace(network, words)).table()


@dataclass(frozen=True, kw_only=True)
class PlainNetwork:
    """A network with an affine cell, trained as the paper trains, that computes `weights` times the last symbols.

    `plain_networks.json` holds them: float32, PyTorch's own initial weights, AdamW with rate 3e-3 and no decay, the
    loss of the paper, 256 fresh words of ten digits a step, until no answer to 2,000 words is wrong, which is looked at
    every 100 steps. Nothing made their weights round: their recurrences are nilpotent to one or two digits.
    """

    name: str
    weights: tuple[int, ...]
    network: Network

    def answers(self, words: Ints) -> Ints:
        """Return the weighted sums (count, length, 1) of the last symbols of the words (count, length, 1)."""
        length = words.shape[1]
        late = [np.pad(words, ((0, 0), (lag, 0), (0, 0)))[:, :length] for lag in range(len(self.weights))]
        return sum((weight * part for weight, part in zip(self.weights, late, strict=True)), np.zeros_like(words))


def plain_networks() -> list[PlainNetwork]:
    """Return the stored ones: delays, and sums and differences of the last two to four digits."""
    found = []
    for entry in json.loads(Path(__file__).with_name("plain_networks.json").read_text(encoding="utf-8")):
        reach = entry["reach"]
        weights = {"delay": (*[0] * reach, 1), "sum": (1,) * (reach + 1), "diff": (1, -1)}[entry["kind"]]
        cell, readout = (Layer(weight=entry[part][0], bias=entry[part][1]) for part in ("cell", "readout"))
        name = f"{entry['kind']} {reach}, {entry['hidden']} units, seed {entry['seed']}"
        found.append(PlainNetwork(name=name, weights=weights, network=Network(cell=(cell,), readout=(readout,))))
    return found
