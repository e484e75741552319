"""What training leaves in a record: the fields about the network, and `training.json`."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from mips.networks.encoding import decoded
from mips.networks.network import Network
from mips.networks.recurrent import Recurrent
from mips.tasks.alphabets import Alphabet, Symbols, is_named, symbol_of
from mips.training.search import Mistake, Trained


def training_facts(trained: Trained) -> dict[str, Any]:
    """Return the fields of `mips.outcome.Outcome` that are known as soon as training has ended."""
    facts = network_facts(trained.network, trained.network.hidden_size, trained.accuracy, trained.mistake)
    return facts | {"training_core_seconds": trained.seconds}


def network_facts(network: Recurrent, hidden_size: int, accuracy: float, mistake: Mistake | None) -> dict[str, Any]:
    """Return the fields of `mips.outcome.Outcome` about a network, whether it was trained or given."""
    return {
        "hidden_size": hidden_size,
        "architecture": architecture(network) if isinstance(network, Network) else None,
        "network_accuracy": accuracy,
        "network_mistake": _mistake(mistake),
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


def spelled(mistake: Mistake | None, inputs: Alphabet, outputs: Symbols | None) -> Mistake | None:
    """Return a mistake with the names of its symbols and answers in the place of the numbers that networks have."""
    if mistake is None or not (is_named(inputs) or outputs is not None):
        return mistake
    read = np.array(mistake.inputs, dtype=np.int64)
    numbers = read if read.shape[-1] == inputs.width else decoded(inputs, read)
    names = outputs.names if outputs is not None else ()

    def named(answers: Sequence[Sequence[Any]]) -> tuple[tuple[Any, ...], ...]:
        return tuple(tuple(names[y] if 0 <= y < len(names) else y for y in answer) for answer in answers)

    symbols = [symbol_of(inputs, symbol) for symbol in numbers.tolist()]
    return Mistake(
        inputs=tuple(symbol if isinstance(symbol, tuple) else (symbol,) for symbol in symbols),
        expected=named(mistake.expected),
        actual=named(mistake.actual),
    )


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
