"""Random Mealy machines, and the same behaviour under other numbers."""

from __future__ import annotations

import random

from mips.machines.mealy import MealyMachine


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
