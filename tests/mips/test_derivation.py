"""The derivation: every step that was taken, also of a distillation that failed, and nothing about time."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from observing import Kept

from benchmarks.known import NAMED, affine, compiled, counter, perceptron
from mips.networks.network import Layer, Network
from mips.outcome import StageFailure
from mips.pipeline import distil
from mips.symbolic.synthesis.candidates import TOLD, text_of
from mips.tasks.task import Integers, integers

VOTE = Network(cell=affine([[1], [2]], [-1]), readout=perceptron([[1, 1]], [0, -1], [[1], [-1]], [0]))


def derived(network: Network, alphabet: Integers, **arguments: Any) -> tuple[list[dict[str, Any]], str]:
    """Return the steps, and the formulas in one line, empty where there are none."""
    kept: dict[str, bytes] = {}
    try:
        found = text_of(distil(network, alphabet, 8, seed=0, tell=Kept(files=kept), **arguments).formulas)
    except StageFailure:
        found = ""
    return json.loads(kept["derivation.json"])["steps"], found


@pytest.mark.parametrize(("name", "method"), [("parity", "full"), ("delay", "full"), ("parity", "paper")])
def test_it_ends_with_the_formulas_that_were_taken(name: str, method: str) -> None:
    symbols = NAMED[name][0].symbols
    alphabet = integers(symbols[0][0], symbols[-1][0])
    steps, found = derived(compiled(NAMED[name][0]), alphabet, method=method)
    assert steps[-1]["step"] == "formulas taken" and steps[-1]["formulas"] == found
    (search,) = [step for step in steps if step["step"] == "search for formulas"]
    assert search["fitting"] == sum(tier["fitting"] for tier in search["tiers"]) > 0
    assert all(tier["fitting"] <= tier["tried"] for tier in search["tiers"])
    best = search["best"]
    assert 0 < len(best) <= min(TOLD, search["fitting"])
    assert [each["size"] for each in best] == sorted(each["size"] for each in best)
    assert len({each["formulas"] for each in best}) == len(best)
    assert steps == derived(compiled(NAMED[name][0]), alphabet, method=method)[0]


def test_the_route_is_told() -> None:
    steps, _ = derived(counter(0, 9)[0], integers(0, 9))
    assert [step["step"] for step in steps] == ["linear realization", "formulas taken"]
    steps, _ = derived(compiled(NAMED["parity"][0]), integers(0, 1))
    assert steps[0] == {"step": "machine of the behaviour", "states": NAMED["parity"][0].size}
    steps, _ = derived(VOTE, integers(0, 1))
    assert steps[0]["step"] == "machine of the behaviour" and "failed" in steps[0]
    assert any(step.get("of") == "a machine without end" for step in steps)


@pytest.mark.slow
def test_a_distillation_that_fails_leaves_its_steps() -> None:
    nonsense = Network(
        cell=(Layer(weight=np.array([[3.7], [0.9]]), bias=np.array([0.3])), Layer(weight=-np.eye(1), bias=np.ones(1))),
        readout=(Layer(weight=np.array([[7.3]]), bias=np.array([0.2])),),
    )
    steps, found = derived(nonsense, integers(0, 9), method="paper", rounded=True)
    assert found == "" and all("failed" in step for step in steps)
    assert {step["step"] for step in steps} == {"linear lattice", "GCD lattice", "Boolean"}
