"""One measurement in a process of its own: `python -m benchmarks.child JOB`, the job as JSON.

On standard output comes a JSON object a line: `{"progress": ...}` and at last `{"result": ...}`.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import torch

from benchmarks.flops import SIZES, rate
from benchmarks.plain import train_plainly
from benchmarks.records import Plain, Ratio, Training
from benchmarks.roster import families, find
from benchmarks.settings import Shape
from mips.networks.network import Network
from mips.pipeline import derived_seed, training_data
from mips.tasks.dataset import Dataset, sample
from mips.tasks.task import Task
from mips.training.search import train

PART = 10_000  # sequences drawn and checked at a time
FEW = 1_000


def main() -> None:
    torch.set_num_threads(1)
    job = json.loads(sys.argv[1])
    result = {"train": _train, "ratio": _ratio, "rates": _rates}[job["kind"]](job)
    print(json.dumps({"result": result}), flush=True)


def say(line: str) -> None:
    print(json.dumps({"progress": line}), flush=True)


def _train(job: dict[str, Any]) -> dict[str, Any]:
    return asdict(_ours(job)[0])


def _ratio(job: dict[str, Any]) -> dict[str, Any]:
    ours, parts = _ours(job)
    return asdict(Ratio(ours=ours, plain=_plain(job, ours, parts) if ours.perfect else None))


def _rates(job: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for size in SIZES:
        say(str(size))
        found.append(asdict(rate(size, torch.float32, job["seconds"])))
    return found


def _ours(job: dict[str, Any]) -> tuple[Training, Sequence[Dataset]]:
    """Run `train` on data such as the pipeline gives it, and check its network afterwards; drawing is not counted.

    In `train` it gets all fresh sequences, and what it does with them is counted. In `ratio` it gets few of them, so
    that the time of the long check is counted neither for ours nor for the plain loop.
    """
    family, task = find(families(), job["task"])
    seed, count = job["seed"], job["checked"]
    data = training_data(task, seed)
    told = count if job["kind"] == "train" else min(count, FEW)
    fresh = sample(task, count=told, seed=derived_seed(seed, "fresh"))
    began = time.process_time()
    trained = train(data, fresh, seed=seed, progress=say)
    seconds, peak = time.process_time() - began, _peak_mib()
    say(f"trained in {seconds:.2f} s; checking on {count} fresh sequences")
    parts = [fresh] if told == count else list(drawn(task, count, seed, "benchmark"))
    wrong, checked, accuracy = check(trained.network, parts)
    cell, readout = sizes(trained.network)
    ours = Training(
        task=task.name,
        family=family,
        seed=seed,
        seconds=seconds,
        peak_mib=peak,
        accuracy=accuracy,
        wrong=wrong,
        checked=checked,
        cell=cell,
        readout=readout,
        trials=len(trained.trail),
        why_stopped=trained.trail[-1].why_stopped if trained.trail else "",
    )
    return ours, parts


def _plain(job: dict[str, Any], ours: Training, parts: Sequence[Dataset]) -> Plain:
    task = find(families(), job["task"])[1]
    cell, readout = ours.cell, ours.readout
    if job["layers"]:
        shape = Shape(*job["layers"])
        cell = (shape.hidden + task.inputs.width, *[shape.width] * (shape.cell_depth - 1), shape.hidden)
        readout = (shape.hidden, *[shape.width] * (shape.readout_depth - 1), task.output_width)
    say(f"drawing {job['words']} sequences for the plain loop")
    inputs, outputs = _tensors(drawn(task, job["words"], job["seed"], "plain"))
    return train_plainly(
        cell,
        readout,
        inputs,
        outputs,
        lambda network: check(network, parts),
        glance=_tensors(parts[:1]),
        seed=job["seed"],
        seconds=min(job["seconds"], job["times"] * ours.seconds),
        steps=job["steps"],
        progress=say,
    )


def drawn(task: Task, count: int, seed: int, purpose: str) -> Iterator[Dataset]:
    """Yield `count` random sequences in parts, so that no large list of Python numbers is ever held."""
    for start in range(0, count, PART):
        yield sample(task, count=min(PART, count - start), seed=derived_seed(seed, f"{purpose} {start}"))


def _tensors(parts: Iterable[Dataset]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return inputs and outputs of all parts, float32, each (count, length, width)."""
    pairs = [(part.inputs.astype(np.float32), part.outputs.astype(np.float32)) for part in parts]
    inputs, outputs = (torch.from_numpy(np.concatenate(arrays)) for arrays in zip(*pairs, strict=True))
    return inputs, outputs


def _peak_mib() -> float:
    """Return the largest resident size of this process; the parent's counts too (fork), so the parent stays small."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def check(network: Network, parts: Sequence[Dataset]) -> tuple[int, int, float]:
    """Return how many sequences have an error, of how many, and the share of time steps without one."""
    with np.errstate(over="ignore", invalid="ignore"):  # a network that is not trained yet may explode
        right = [(network.run(part.inputs) == part.outputs).all(axis=2) for part in parts]
    steps = np.concatenate(right)
    return int((~steps.all(axis=1)).sum()), len(steps), float(steps.mean())


def sizes(network: Network) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the sizes of the layers of cell and readout, their inputs' first."""
    cell, readout = (
        (layers[0].weight.shape[0], *(layer.weight.shape[1] for layer in layers))
        for layers in (network.cell, network.readout)
    )
    return cell, readout


if __name__ == "__main__":
    main()
