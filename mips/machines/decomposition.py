"""Which smaller machines run inside a machine: its congruences, from which it is put together again.

A partition of the states is a congruence when states of one block go, on every symbol, to states of one block. Its
blocks are then a machine of their own, an image. Machines whose partitions together tell all states apart do the work
of the whole side by side. Source: the partitions with substitution property of Hartmanis and Stearns, "Algebraic
Structure Theory of Sequential Machines" (1966), chapter 2.
"""

from __future__ import annotations

import itertools

from mips.machines.mealy import MealyMachine

Partition = tuple[int, ...]  # the block of every state, blocks numbered as they first occur

MOST_STATES = 64  # pairs of states are merged one by one: beyond this there are too many


def congruences(machine: MealyMachine, most: int) -> list[Partition]:
    """Return congruences of a machine, up to `most`, the fewest blocks first; one block alone is not among them.

    They are the least ones that make one block of two given states, what two of these generate together, and the finest
    one, in which every state is a block; what only three or more generate is not among them. Outputs are not looked at.
    """
    finest = tuple(range(machine.size))
    if machine.size > MOST_STATES:
        return [finest]
    basic = dict.fromkeys(_generated(machine, finest, pair) for pair in itertools.combinations(range(machine.size), 2))
    found = dict.fromkeys(partition for partition in basic if any(partition))
    for left, right in itertools.combinations(list(found), 2):
        if len(found) >= most:
            break
        both = _generated(machine, left, *((right.index(block), state) for state, block in enumerate(right)))
        if any(both):
            found.setdefault(both)
    return [*sorted(found, key=lambda partition: (max(partition), partition))[:most], finest]


def image(machine: MealyMachine, partition: Partition) -> MealyMachine:
    """Return the machine whose states are the blocks of a congruence; every output is the block that is reached.

    Raises ValueError when the partition is no congruence.
    """
    targets: dict[int, Partition] = {}
    for state, row in enumerate(machine.transitions):
        blocks = tuple(partition[target] for target in row)
        if targets.setdefault(partition[state], blocks) != blocks:
            raise ValueError(f"states of block {partition[state]} go to different blocks: {partition}")
    rows = tuple(targets[block] for block in range(len(targets)))
    return MealyMachine(
        symbols=machine.symbols,
        transitions=rows,
        outputs=tuple(tuple((block,) for block in row) for row in rows),
    )


def _generated(machine: MealyMachine, partition: Partition, *pairs: tuple[int, int]) -> Partition:
    """Return the finest congruence that is no finer than the partition and has each of the pairs in one block."""
    parent = [partition.index(block) for block in partition]

    def root(state: int) -> int:
        while parent[state] != state:
            state = parent[state]
        return state

    pending = list(pairs)
    while pending:
        left, right = map(root, pending.pop())
        if left == right:
            continue
        parent[max(left, right)] = min(left, right)
        pending += zip(machine.transitions[left], machine.transitions[right], strict=True)
    numbers: dict[int, int] = {}
    return tuple(numbers.setdefault(root(state), len(numbers)) for state in range(machine.size))
