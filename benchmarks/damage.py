"""Damage: `make damage`, or `python -m benchmarks.damage --help`.

The networks of a finished run get one answer in a hundred made wrong, by weights: beside the network runs a scrambler
of what it reads, and where that comes to one of its 97 numbers, every output is one too large. Our own method distils
them, and the program is held against the reference. Only tasks whose network is a finite machine are taken: others have
no majority that could outvote anything. The results go to `damage.md` in the folder `--out`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from tabulate import tabulate

from benchmarks.roster import ROOT, add_run, families, find, names, parse, results_folder
from mips.judging.judge import judge
from mips.networks.network import Floats, Layer, Network
from mips.networks.storage import load
from mips.outcome import StageFailure
from mips.pipeline import derived_seed, distil, doubt, judging_seconds
from mips.program.emission import emit
from pytest_mips.runs.archive import unpacked
from pytest_mips.runs.provenance import provenance
from pytest_mips.workers.executors import ONE_THREAD

NUMBERS = 97  # u' = (2 u + x . FACTORS + 23) % 97; where u is RARE, the outputs are one too large
FACTORS, OFFSET, RARE = (38, 59), 23, 50  # factors come again for wider inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What became of a damaged network: the share of its answers that are wrong, and why the program is, else ``."""

    task: str
    damage: float
    failure: str
    seconds: float


def damaged(network: Network, low: int, high: int) -> Network:
    """Return the network with about one answer in a hundred made wrong, for inputs from `low` to `high`.

    The scrambler is one hidden number more, the last. Its remainder is taken by two ramps for every multiple of 97 that
    can be passed; they lead through inner layers unchanged, being nowhere below zero.
    """
    size, width = network.hidden_size, network.input_width
    first, *others = _two_layers(network.cell)
    opening, *inner, last = _two_layers(network.readout)
    factors = np.resize(np.array(FACTORS, dtype=np.float64), width)
    shift = OFFSET - low * factors.sum()
    largest = 2 * (NUMBERS - 1) + OFFSET + (high - low) * int(factors.sum())
    bounds = range(NUMBERS, largest + 1, NUMBERS)
    ramps = np.array([0, *(bound - step for bound in bounds for step in (1, 0))], dtype=np.float64)
    signs = np.array([1, *(sign * NUMBERS for _ in bounds for sign in (-1, 1))], dtype=np.float64)

    entrance = np.zeros((size + 1 + width, first.weight.shape[1] + len(ramps)))
    entrance[:size, : -len(ramps)], entrance[size + 1 :, : -len(ramps)] = first.weight[:size], first.weight[size:]
    entrance[size, -len(ramps) :] = 2
    entrance[size + 1 :, -len(ramps) :] = factors[:, None]
    cell = [Layer(weight=entrance, bias=np.concatenate([first.bias, shift - ramps]))]
    cell += [_beside(layer, np.eye(len(ramps))) for layer in others[:-1]]
    cell.append(_beside(others[-1], signs[:, None]))

    spike = -np.array([RARE - 1.0, RARE, RARE + 1.0])
    opened = Layer(weight=_beside(opening, np.ones((1, 3))).weight, bias=np.concatenate([opening.bias, spike]))
    closed = np.vstack([last.weight, np.outer([1, -2, 1], np.ones(len(last.bias)))])
    readout = (opened, *(_beside(layer, np.eye(3)) for layer in inner), Layer(weight=closed, bias=last.bias))
    return Network(cell=tuple(cell), readout=readout, initial=np.concatenate([network.initial, [0.0]]))


def _two_layers(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Return the layers, a single one as two, between which is what is above zero and what is below."""
    if len(layers) > 1:
        return layers
    (only,) = layers
    count = len(only.bias)
    split = Layer(weight=np.hstack([only.weight, -only.weight]), bias=np.concatenate([only.bias, -only.bias]))
    return split, Layer(weight=np.vstack([np.eye(count), -np.eye(count)]), bias=np.zeros(count))


def _beside(layer: Layer, more: Floats) -> Layer:
    """Return the layer with a second one, without bias, at its side: neither sees the other."""
    rows, columns = layer.weight.shape
    weight = np.zeros((rows + more.shape[0], columns + more.shape[1]))
    weight[:rows, :columns], weight[rows:, columns:] = layer.weight, more
    return Layer(weight=weight, bias=np.concatenate([layer.bias, np.zeros(more.shape[1])]))


def measure(name: str, run: Path) -> Found:
    """Return what our method makes of the damaged network of a task."""
    began = time.process_time()
    task = find(families(), name)[1]
    stored = load(run / "tasks" / name)
    seed = int(stored.about["seed"])
    network = damaged(stored.network, stored.inputs.low, stored.inputs.high)
    shape = (2_000, stored.length, stored.inputs.width)
    words = np.random.default_rng(0).integers(stored.inputs.low, stored.inputs.high, shape, endpoint=True)
    damage = float((network.run(words) != stored.network.run(words)).any(axis=2).mean())
    try:
        found = distil(network, stored.inputs, stored.length, seed=seed, noise=doubt(1 - damage))
        verdict = judge(emit(found.formulas), task, seed=derived_seed(seed, "judge"), seconds=judging_seconds(task))
        failure = "" if verdict.solved else f"verified: {verdict.reason}"
    except StageFailure as reason:
        failure = str(reason)
    return Found(task=name, damage=damage, failure=failure, seconds=time.process_time() - began)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.damage", description=__doc__)
    add_run(parser)
    parser.add_argument(
        "--tasks", nargs="+", default=None, choices=names(families()), metavar="NAME", help="only these"
    )
    options = parse(parser, arguments)
    with unpacked(options.run) as run:
        return damage_all(parser, options, run)


def damage_all(parser: argparse.ArgumentParser, options: argparse.Namespace, run: Path) -> int:
    """Damage and distil the networks of the run in a folder, write the report; return the exit status."""
    chosen = options.tasks or [name for name in names(families()) if is_finite(run / "tasks" / name)]
    missing = [name for name in chosen if not (run / "tasks" / name / "network.json").is_file()]
    if missing or not chosen:
        parser.error(f"--run: {options.run} holds no network of {', '.join(missing) or 'any finite machine'}")
    out = results_folder(options, "damage")
    os.environ.update(ONE_THREAD)
    found = []
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        for number, one in enumerate(pool.map(measure, chosen, [run] * len(chosen)), 1):
            found.append(one)
            print(f"({number}/{len(chosen)}) {one.task}: {one.failure or 'solved'}", flush=True)
    (out / "damage.md").write_text(report(found, out), encoding="utf-8")
    print(f"\n{table(found, 'simple')}\n\n{out / 'damage.md'}")
    return 0


def is_finite(folder: Path) -> bool:
    """Does a task's folder hold a finite machine?"""
    path = folder / "machine.json"
    return path.is_file() and "horizon" not in json.loads(path.read_text(encoding="utf-8"))


def table(found: Sequence[Found], style: str) -> str:
    """Return a row a task, and how many are solved."""
    rows = [(one.task, f"{one.damage:.2%}", one.failure or "solved", f"{one.seconds:.1f}") for one in found]
    listed = tabulate(rows, headers=("task", "wrong answers", "program", "core s"), tablefmt=style)
    return f"{listed}\n\nSolved: {sum(not one.failure for one in found)} of {len(found)}."


def report(found: Sequence[Found], out: Path) -> str:
    """Return `damage.md`."""
    facts = provenance.commit(ROOT, but=out.resolve())
    changed = " with changes" if facts["dirty"] else ""
    return (
        f"# Damaged networks\n\nCommit {facts['commit'] or 'unknown'}{changed}. Of every network of a finite machine "
        f"about one answer in a hundred is made wrong; the program is judged against the reference.\n\n"
        f"{table(found, 'github')}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
