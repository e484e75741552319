"""Positive controls: `make controls`, or `python -m benchmarks.controls --help`.

Networks that are known programs (known.py), exact weights, get a random basis of their hidden state and then noise on
every weight. From each the program must be recovered: formulas that answer like the exact network on words twice as
long as those that were looked at. The results go to `controls.md` and `controls.svg` in the folder `--out`.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from tabulate import tabulate

from benchmarks.known import KNOWN, change_of_basis, disguised
from benchmarks.roster import ROOT, at_least_one, parse, results_folder
from mips.networks.network import Layer, Network
from mips.outcome import StageFailure
from mips.pipeline import METHODS, derived_seed, distil, doubt
from mips.tasks.task import integers
from pytest_mips.runs.provenance import provenance
from pytest_mips.workers.executors import ONE_THREAD

LEVELS = (0.0, 1e-6, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
LENGTH = 10  # of the words that a method looks at
WORDS = 1_000  # twice as long, on which formulas and exact network are compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A known network, the seed from which those of its basis, noise and words come, and how large the noise is."""

    name: str
    seed: int
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What became of a case: whether the noisy network is still right, and by method, whether the program is back."""

    case: Case
    intact: bool
    recovered: dict[str, bool]
    seconds: float


def noisy(network: Network, level: float, seed: int) -> Network:
    """Return the network with a normal error on every weight and bias.

    Its deviation is `level` times the root mean square of the layer's weights.
    """
    rng = np.random.default_rng(seed)

    def layers(part: Sequence[Layer]) -> tuple[Layer, ...]:
        found = []
        for layer in part:
            size = level * float(np.sqrt(np.square(layer.weight).mean()))
            found.append(
                Layer(
                    weight=layer.weight + size * rng.normal(size=layer.weight.shape),
                    bias=layer.bias + size * rng.normal(size=layer.bias.shape),
                )
            )
        return tuple(found)

    return Network(cell=layers(network.cell), readout=layers(network.readout), initial=network.initial)


def measure(case: Case) -> Found:
    """Return what each method makes of a case."""
    began = time.process_time()
    exact, low, high = KNOWN[case.name]
    basis, noise_seed, words_seed = (derived_seed(case.seed, purpose) for purpose in ("basis", "noise", "words"))
    network = noisy(disguised(exact, change_of_basis(exact.hidden_size, basis)), case.level, noise_seed)
    words = np.random.default_rng(words_seed).integers(low, high, (WORDS, 2 * LENGTH, 1), endpoint=True)
    expected = exact.run(words)
    recovered = {}
    with np.errstate(all="ignore"):  # a ruined network may grow beyond all numbers
        right = (network.run(words[:, :LENGTH]) == expected[:, :LENGTH]).all(axis=2)
        noise = doubt(float(right.mean()))
        for method in METHODS:
            try:
                found = distil(network, integers(low, high), LENGTH, seed=case.seed, method=method, noise=noise)
                recovered[method] = bool(np.array_equal(found.formulas.run(words), expected))
            except (StageFailure, ZeroDivisionError):
                recovered[method] = False
    seconds = time.process_time() - began
    return Found(case=case, intact=bool(right.all()), recovered=recovered, seconds=seconds)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.controls", description=__doc__)
    add = parser.add_argument
    add("--seeds", type=int, default=2, help="bases and noises of each network and level (2)")
    add("--levels", type=float, nargs="+", default=LEVELS, help="sizes of the noise")
    add("--networks", nargs="+", default=list(KNOWN), choices=list(KNOWN), metavar="NAME", help="only these")
    options = parse(parser, arguments)
    at_least_one(parser, options, "seeds")
    for level in options.levels:
        if not (math.isfinite(level) and level >= 0):
            parser.error(f"--levels: found {level:g}, expected finite numbers of at least 0")
    out = results_folder(options, "controls")
    cases = [
        Case(name=name, seed=seed, level=level)
        for level in options.levels
        for name in options.networks
        for seed in range(options.seeds)
    ]
    os.environ.update(ONE_THREAD)
    found = []
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        for number, one in enumerate(pool.map(measure, cases), 1):
            found.append(one)
            told = ", ".join(f"{method} {'yes' if back else 'no'}" for method, back in one.recovered.items())
            print(f"({number}/{len(cases)}) {one.case.name}, noise {one.case.level:g}: {told}", flush=True)
    (out / "controls.md").write_text(report(found, out), encoding="utf-8")
    picture(found, out / "controls.svg")
    print(f"\n{table(found, 'simple')}\n\n{out / 'controls.md'}\n{out / 'controls.svg'}")
    return 0


def shares(found: Iterable[Found]) -> dict[float, dict[str, float]]:
    """Return for every level the share of networks that are still right, and of programs that each method recovers."""
    by_level: dict[float, list[Found]] = {}
    for one in found:
        by_level.setdefault(one.case.level, []).append(one)
    return {
        level: {
            "network right": float(np.mean([one.intact for one in some])),
            **{name: float(np.mean([one.recovered[name] for one in some])) for name in some[0].recovered},
        }
        for level, some in sorted(by_level.items())
    }


def table(found: Sequence[Found], style: str) -> str:
    """Return the shares, a level a row."""
    rows = [
        {"noise": f"{level:g}", **{name: f"{share:.0%}" for name, share in values.items()}}
        for level, values in shares(found).items()
    ]
    return tabulate(rows, headers="keys", tablefmt=style, disable_numparse=True, colalign=["right"] * len(rows[0]))


def lost(found: Sequence[Found]) -> str:
    """Return a table of the networks that were not recovered at each level, by method."""
    rows = []
    for level in shares(found):
        some = [one for one in found if one.case.level == level]
        for method in some[0].recovered:
            names = sorted({one.case.name for one in some if not one.recovered[method]})
            rows.append({"noise": f"{level:g}", "method": method, "not always recovered": ", ".join(names) or "none"})
    return tabulate(rows, headers="keys", tablefmt="github", disable_numparse=True)


def report(found: Sequence[Found], out: Path) -> str:
    """Return `controls.md`."""
    facts = provenance.commit(ROOT, but=out.resolve())
    changed = " with changes" if facts["dirty"] else ""
    count = len({one.case.name for one in found})
    per = len(found) // max(1, count * len(shares(found)))
    return (
        f"# Positive controls\n\nCommit {facts['commit'] or 'unknown'}{changed}. {count} known programs as networks, "
        f"{per} random bases each, {sum(one.seconds for one in found):.0f} core seconds.\n\n"
        f"{table(found, 'github')}\n\n"
        "`noise` is the deviation of a normal error on every weight and bias, in units of the root mean square of "
        "the layer's weights. `network right`: share of the networks without a mistake on "
        f"{WORDS:,} words of length {LENGTH}. `full` and `paper`: share of the networks from which the method recovers "
        f"formulas that give every answer of the exact program on {WORDS:,} words twice as long.\n\n"
        f"![recovery against noise](controls.svg)\n\n## What was lost\n\n{lost(found)}\n"
    )


def picture(found: Sequence[Found], path: Path) -> None:
    """Draw the shares against the noise."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams["svg.hashsalt"] = "controls"
    levels = shares(found)
    least = min((level for level in levels if level), default=1e-6) / 10
    figure, axes = pyplot.subplots(figsize=(7, 4))
    for number, name in enumerate(next(iter(levels.values()))):
        xs = [level or least for level in levels]
        axes.plot(xs, [100 * values[name] for values in levels.values()], marker="os^"[number % 3], label=name)
    axes.set_xscale("log")
    axes.set_xticks([level or least for level in levels], [f"{level:g}" for level in levels], rotation=45)
    axes.minorticks_off()
    axes.set_xlabel("noise on the weights, in units of the layer's root mean square")
    axes.set_ylabel("% of the networks")
    axes.set_ylim(-3, 103)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    sys.exit(main())
