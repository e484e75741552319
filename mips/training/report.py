"""What training leaves in a record: the fields about the network, and `training.json`."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from typing import Any

from mips.networks.network import Network
from mips.training.search import Mistake, Trained


def training_facts(trained: Trained) -> dict[str, Any]:
    """Return the fields of `mips.outcome.Outcome` that are known as soon as training has ended."""
    return {
        "hidden_size": trained.network.hidden_size,
        "architecture": architecture(trained.network),
        "network_accuracy": trained.accuracy,
        "network_mistake": _mistake(trained.mistake),
        "training_core_seconds": trained.seconds,
    }


def architecture(network: Network) -> dict[str, int]:
    """Return the sizes of a network by name; `width` is that of the widest inner layer, 0 when there is none."""
    inner = [layer.weight.shape[1] for part in (network.cell, network.readout) for layer in part[:-1]]
    return {
        "hidden": network.hidden_size,
        "cell_depth": len(network.cell),
        "readout_depth": len(network.readout),
        "width": max(inner, default=0),
    }


def training_json(trained: Trained, *, name: str, seed: int) -> bytes:
    """Return `training.json`: the result of training and all trials, each with its curve of the loss.

    A loss that is not finite becomes null, since JSON has no such number.
    """
    trail = [dataclasses.asdict(trial) for trial in trained.trail]
    for trial in trail:
        trial["curve"] = [
            [step, length, loss if math.isfinite(loss) else None] for step, length, loss in trial["curve"]
        ]
    facts = {"task": name, "seed": seed, "accuracy": trained.accuracy, "seconds": trained.seconds}
    facts["mistake"] = _mistake(trained.mistake)
    return (json.dumps(facts | {"trail": trail}, allow_nan=False) + "\n").encode()


def _mistake(mistake: Mistake | None) -> dict[str, Any] | None:
    """Return the mistake in the form of a counterexample."""
    if mistake is None:
        return None
    return {name: _word(getattr(mistake, name)) for name in ("inputs", "expected", "actual")}


def _word(steps: Sequence[Sequence[int | str]]) -> list[Any]:
    """Return a sequence as a task has it: a number or a name a step where there is one, else a list."""
    return [_plain(step[0]) if len(step) == 1 else [*map(_plain, step)] for step in steps]


def _plain(value: int | str) -> int | str:
    return value if isinstance(value, str) else int(value)
