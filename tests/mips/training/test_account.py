"""What an attempt tells about its network: sizes, mistake, trail; JSON that is JSON."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from mips.networks.network import Layer, Network
from mips.training.report import architecture, training_facts, training_json
from mips.training.search import Mistake, Trained, Trial


def network(*cell: int, readout: tuple[int, ...] = (1,), inputs: int = 1) -> Network:
    """A network whose layers have so many outputs each, all zeros."""

    def layers(first: int, sizes: tuple[int, ...]) -> tuple[Layer, ...]:
        pairs = zip((first, *sizes), sizes, strict=False)
        return tuple(Layer(weight=np.zeros(pair), bias=np.zeros(pair[1])) for pair in pairs)

    return Network(cell=layers(cell[-1] + inputs, cell), readout=layers(cell[-1], readout))


@pytest.mark.parametrize(
    ("made", "sizes"),
    [
        (network(5), (5, 1, 1, 0)),
        (network(16, 2, readout=(16, 1)), (2, 2, 2, 16)),
        (network(64, 32, 8, readout=(3,)), (8, 3, 1, 64)),
        (network(4, readout=(7, 9, 2), inputs=2), (4, 1, 3, 9)),
    ],
)
def test_sizes_are_read_off_the_layers(made: Network, sizes: tuple[int, ...]) -> None:
    assert tuple(architecture(made).values()) == sizes
    assert list(architecture(made)) == ["hidden", "cell_depth", "readout_depth", "width"]


def trial(seconds: float, curve: Any = ()) -> Trial:
    return Trial(
        method="Adam", architecture="small", steps=10, seconds=seconds, accuracy=0.5, why_stopped="time", curve=curve
    )


def trained(mistake: Mistake | None, *trail: Trial) -> Trained:
    return Trained(network=network(2), accuracy=0.75 if mistake else 1.0, mistake=mistake, seconds=3.5, trail=trail)


def test_core_seconds_are_those_of_all_of_training() -> None:
    assert training_facts(trained(None, trial(1.5), trial(0.25)))["training_core_seconds"] == 3.5
    assert training_facts(trained(None))["network_mistake"] is None


def test_a_mistake_is_told_as_a_task_has_its_words() -> None:
    """One number a step is a number, several are a list, also when NumPy made them."""
    two = tuple((np.int64(i), i + 1) for i in range(2))
    mistake = Mistake(inputs=two, expected=((1,), (0,)), actual=((1,), (1,)))  # type: ignore[arg-type]
    told = training_facts(trained(mistake))["network_mistake"]
    assert told == {"inputs": [[0, 1], [1, 2]], "expected": [1, 0], "actual": [1, 1]}
    assert json.loads(json.dumps(told)) == told


def test_the_trail_is_kept_whole_and_is_json() -> None:
    """NaN and infinity have no place in JSON; every field of a trial has one."""
    one = trial(1.0, ((0, 2, 1.0), (5, 3, float("nan")), (5, 3, float("inf")), (6, 3, 0.0)))
    text = training_json(trained(None, one), name="T", seed=4)

    def refuse(word: str) -> None:
        raise AssertionError(word)

    told = json.loads(text, parse_constant=refuse)
    assert (told["task"], told["seed"], told["accuracy"], told["mistake"]) == ("T", 4, 1.0, None)
    (kept,) = told["trail"]
    assert list(kept) == [each.name for each in dataclasses.fields(Trial)]
    assert kept["curve"] == [[0, 2, 1.0], [5, 3, None], [5, 3, None], [6, 3, 0.0]]
