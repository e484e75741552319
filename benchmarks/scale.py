"""Large networks distilled, with seconds and memory: `make scale`, or `python -m benchmarks.scale --help`.

Each network is trained for a short while on a small machine, kept in a file, and distilled in a process of its own, so
that its seconds and its largest memory are those of distilling alone. The marks are 10 minutes and 2 GiB. The events of
distilling are printed as they come.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tabulate import tabulate
from torch import Tensor, nn
from torch.nn import functional

import mips
from benchmarks.roster import results_folder
from benchmarks.zoo import first_difference
from benchmarks.zoo_networks import Made, Transformer, ZooTask, automaton, drawn
from mips.outcome import Event
from mips.program.source import program_nodes

MARK_SECONDS, MARK_MIB = 600, 2048
LETTERS = 64
BATCH, LOOK_EVERY = 64, 20  # words a step of training, and steps between two looks at the loss
SMALL_LOSS = 0.01  # nats an answer, at which training ends
MOST_STEPS = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A large network: what makes it of symbols and classes, its task, and the length of its words."""

    made: Callable[[int, int], Made]
    task: ZooTask
    length: int
    rate: float


def _reset_counter(count: int, letter: int) -> tuple[int, int]:
    """Count the letters of the upper half, modulo 4; letter 0 resets."""
    count = 0 if letter == 0 else (count + (letter >= LETTERS // 2)) % 4
    return count, count


def _group(before: int, letter: int) -> tuple[int, int]:
    """Say to which of 8 groups the last letter but one belongs."""
    return letter // 8, before


COUNTER = ZooTask(name="reset counter", inputs=mips.integers(0, LETTERS - 1), start=0, step=_reset_counter)
GROUP = ZooTask(name="group of the last but one", inputs=mips.integers(0, LETTERS - 1), start=0, step=_group)
FLIP_FLOP = ZooTask(
    name="flip-flop",
    inputs=mips.symbols("set reset keep wait"),
    start=0,
    step=lambda s, x: ({"set": 1, "reset": 0}.get(x, s),) * 2,
)


def _recurrent(kind: Any, hidden: int = 512) -> Callable[[int, int], Made]:
    def made(symbols: int, classes: int) -> Made:
        embedding = nn.Embedding(symbols, 64)
        module = kind(64, hidden, batch_first=True)
        return Made(module=module, head=nn.Linear(hidden, classes), embedding=embedding, reads_indices=True)

    return made


def _transformer(symbols: int, classes: int) -> Made:
    return Made(module=Transformer(symbols, classes, wide=64), reads_indices=True)


CASES = {
    "gru-512": Case(made=_recurrent(nn.GRU), task=COUNTER, length=20, rate=1e-3),
    "lstm-512": Case(made=_recurrent(nn.LSTM), task=GROUP, length=20, rate=1e-3),
    "transformer-64": Case(made=_transformer, task=FLIP_FLOP, length=30, rate=1e-3),
    "transformer-64-letters": Case(made=_transformer, task=GROUP, length=30, rate=1e-3),
}


def trained(case: Case, seed: int, most_steps: int) -> tuple[Made, float]:
    """Return the network of a case after some training, and its share of right answers on fresh words."""
    torch.manual_seed(seed)
    rng, table = np.random.default_rng(seed), automaton(case.task)
    made = case.made(case.task.inputs.count, int(table.said.max()) + 1)
    optimizer = torch.optim.Adam([weight for part in made.parts for weight in part.parameters()], lr=case.rate)

    def asked(count: int) -> tuple[Tensor, Tensor]:
        words = drawn(case.task, count, case.length, rng)
        return made.outputs(torch.from_numpy(words)).flatten(0, 1), torch.from_numpy(table.run(words)).flatten()

    for step in range(1, most_steps + 1):
        loss = functional.cross_entropy(*asked(BATCH))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % LOOK_EVERY == 0:
            sys.stderr.write(f"  training: step {step}, loss {float(loss.detach()):.4f}\n")
            if loss < SMALL_LOSS:
                break
    for part in made.parts:
        part.eval()
    with torch.no_grad():
        outputs, expected = asked(4 * BATCH)
    return made, float((outputs.argmax(dim=1) == expected).double().mean())


def distilled(name: str, file: Path) -> dict[str, Any]:
    """Distil the network of a case from a file of its weights; return what was found, with seconds and MiB."""
    case = CASES[name]
    table = automaton(case.task)
    made = case.made(case.task.inputs.count, int(table.said.max()) + 1)
    for part, weights in zip(made.parts, torch.load(file, weights_only=True), strict=True):
        part.load_state_dict(weights)
        part.eval()
    before = _peak()
    began, wall = time.process_time(), time.monotonic()

    def tell(event: Event) -> None:
        if event.text:
            sys.stderr.write(f"  {time.process_time() - began:6.1f} s, {_peak():5.0f} MiB: {event.text}\n")

    network = mips.from_torch(made.module, made.head, embedding=made.embedding, encode="index", decode="argmax")
    found = mips.distil(network, case.task.inputs, case.length, tell=tell)
    fidelity = found.fidelity
    seconds, wall = time.process_time() - began, time.monotonic() - wall
    exact = found.machine is not None and first_difference(found.machine, table) is None
    return {
        "exact": exact,
        "form": found.form,
        "nodes": program_nodes(found.program),
        "differs": str(fidelity.difference or ""),
        "core_seconds": round(seconds, 1),
        "seconds": round(wall, 1),
        "mib_before": round(before),
        "mib": round(_peak()),
        "program": found.program,
    }


def _peak() -> float:
    """Return the largest memory of this process so far, in MiB; the kernel counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and distil the cases; return 0 where all are within the marks and equal to their tasks, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES), metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--seed", type=int, default=0, help="of weights and words (0)")
    parser.add_argument("--steps", type=int, default=MOST_STEPS, help=f"of training at most ({MOST_STEPS})")
    parser.add_argument("--out", type=Path, help="folder of weights and `scale.json`; a temporary one if left out")
    parser.add_argument("--distil", nargs=2, metavar=("CASE", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.distil:
        print(json.dumps(distilled(options.distil[0], Path(options.distil[1]))))
        return 0
    folder, rows, is_good = results_folder(options, "scale"), {}, True
    for name in options.only:
        file = folder / f"{name}-{options.seed}.pt"
        print(f"{name}: {CASES[name].task.name}, words of {CASES[name].length} symbols", flush=True)
        if not file.is_file():
            made, right = trained(CASES[name], options.seed, options.steps)
            print(f"  trained: {right:.2%} of the answers right", flush=True)
            torch.save([part.state_dict() for part in made.parts], file)
        command = [sys.executable, "-m", "benchmarks.scale", "--distil", name, str(file)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            print("  no program", flush=True)
            is_good = False
            continue
        rows[name] = found = json.loads(done.stdout)
        is_good &= found["exact"] and found["core_seconds"] <= MARK_SECONDS and found["mib"] <= MARK_MIB
        (folder / "scale.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    heads = ("network", "machine exact", "form", "nodes", "differs on", "core s", "s", "MiB before", "MiB at most")
    print(tabulate([(name, *list(one.values())[:-1]) for name, one in rows.items()], heads, tablefmt="github"))
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
