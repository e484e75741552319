"""Machines as Mermaid diagrams: every transition is on some arrow, and no other."""

from __future__ import annotations

import json
import re

import pytest

from benchmarks.known import NAMED, affine, machine_of, perceptron
from mips.extraction.extraction import unroll_machine
from mips.machines.mealy import MealyMachine, minimize
from mips.networks.network import Network
from pytest_mips.runs.machine_diagram import MOST_STATES, mermaid


def drawn(machine: MealyMachine) -> str:
    return mermaid(machine.to_json().encode())


def transitions(text: str) -> set[tuple[int, int, int, int]]:
    """Return what the arrows of a diagram say of single numbers: state, symbol, output, next state."""
    found = set()
    for source, target, label in re.findall(r"q(\d+) --> q(\d+): (.*)", text):
        for part in label.split("; "):
            symbols, output = part.split(" / ")
            for name in symbols.split(", "):
                first, _, last = name.partition("..")
                for symbol in range(int(first), int(last or first) + 1):
                    found.add((int(source), symbol, int(output), int(target)))
    return found


@pytest.mark.parametrize("name", NAMED)
def test_the_arrows_are_the_transitions(name: str) -> None:
    machine = minimize(NAMED[name][0])
    expected = {
        (state, symbol, output, target)
        for state, (row, outputs) in enumerate(zip(machine.transitions, machine.outputs, strict=True))
        for (symbol,), target, (output,) in zip(machine.symbols, row, outputs, strict=True)
    }
    assert transitions(drawn(machine)) == expected
    assert drawn(machine).startswith("stateDiagram-v2\n    [*] --> q0\n")


def test_long_labels_are_cut_and_pairs_are_named() -> None:
    machine = MealyMachine(
        symbols=tuple((x, y) for x in range(3) for y in range(3)),
        transitions=((0,) * 9,),
        outputs=(((1, 2),) * 9,),
    )
    assert drawn(machine).splitlines()[-1] == (
        "    q0 --> q0: (0 0), (0 1), (0 2), (1 0), (1 1), (1 2) and 3 more / (1 2)"
    )


def test_what_is_cut_off_leads_to_the_unknown() -> None:
    vote = Network(cell=affine([[1], [2]], [-1]), readout=perceptron([[1, 1]], [0, -1], [[1], [-1]], [0]))
    machine = unroll_machine(vote, ((0,), (1,)), horizon=4, seed=0)
    assert "--> unknown: 0, 1 / 0" in mermaid(machine.to_json().encode())


def test_too_many_states_and_none_are_not_drawn() -> None:
    def cycle(size: int) -> MealyMachine:
        return machine_of(size, range(2), lambda s, x: ((s + 1) % size, s))

    assert drawn(cycle(MOST_STATES)) and not drawn(cycle(MOST_STATES + 1))
    assert mermaid(json.dumps({}).encode()) == ""
