"""Random Mealy machines, the same behaviour under other numbers, and random terms."""

from __future__ import annotations

import random

from mips.machines.mealy import MealyMachine
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
