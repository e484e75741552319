"""Networks of seven kinds on thirteen tasks, trained in plain torch and distilled: `make zoo`, or with --help.

Each network is trained until it is right on fresh words, or for a fixed number of steps, and distilled through
`mips.from_torch`. A network is *trained* when it gives at least 99 % of the right answers on fresh words of the
training length; others have not learned their task and are not distilled. A machine is *exact* when a walk over pairs
of states finds no difference from the task: then they are equal for ever. Where it differs, the shortest such word is
shown, and the machine is the *network's* where the network itself answers as the machine does. The program is run
beside the task on words up to five times as long.

The results are `zoo.json` and `zoo.md` in the folder `--out`. A network that is in `zoo.json` already, made by the same
code, is not made again, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tabulate import tabulate

import mips
from benchmarks import zoo_networks
from benchmarks.roster import ROOT, results_folder
from benchmarks.zoo_networks import KINDS, LENGTH, TASKS, Automaton, ZooTask, automaton, drawn, trained
from mips.machines.mealy import MealyMachine
from mips.networks.recurrent import run
from mips.program.source import program_nodes
from mips.tasks.alphabets import all_numbers, symbol_of
from pytest_mips.runs.provenance import provenance

LEARNED = 0.99  # share of right answers: with more mistakes than one in a hundred nothing is there to be found
WORDS, STRETCH = 200, 5  # words that programs are tried on, and how many times LENGTH they are long
EXACT, NETWORK, DIFFERENT, NONE, NOT_LEARNED = "exact", "the network's", "DIFFERENT", "no program", "not learned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one network; seconds are those of a core. `word` is the first on which the machine differs."""

    kind: str
    task: str
    accuracy: float
    steps: int
    verdict: str
    form: str = ""
    states: int = 0
    nodes: int = 0
    program_right: bool = False
    program: str = ""
    word: str = ""
    training_seconds: float = 0.0
    seconds: float = 0.0
    seed: int = 0
    code: str = ""


def first_difference(machine: MealyMachine, table: Automaton) -> list[int] | None:
    """Return the shortest word, as places in the alphabet, on which machine and task differ, or None for ever."""
    queue: list[tuple[int, int, list[int]]] = [(0, 0, [])]
    seen = {(0, 0)}
    for left, right, word in queue:
        for place in range(len(machine.symbols)):
            if machine.outputs[left][place] != (int(table.said[right, place]),):
                return [*word, place]
            pair = machine.transitions[left][place], int(table.after[right, place])
            if pair not in seen:
                seen.add(pair)
                queue.append((*pair, [*word, place]))
    return None


def measured(task: ZooTask, kind: str, seed: int, *, most_steps: int | None = None) -> Result:
    """Train a network of a kind on a task, distil it, and compare what comes out with the task."""
    began = time.process_time()
    made, accuracy, steps = trained(task, kind, seed, most_steps=most_steps)
    training = time.process_time() - began
    facts: dict[str, Any] = {"kind": kind, "task": task.name, "accuracy": accuracy, "steps": steps, "seed": seed}
    facts |= {"training_seconds": round(training, 2), "code": code()}
    if accuracy < LEARNED:
        return Result(verdict=NOT_LEARNED, **facts)
    began = time.process_time()
    encode = "index" if made.reads_indices else "one-hot"
    network = mips.from_torch(made.module, made.head, embedding=made.embedding, encode=encode, decode="argmax")
    try:
        found = mips.distil(network, task.inputs, LENGTH, seed=seed)
        program = found.program
    except mips.StageFailure as failure:
        return Result(verdict=NONE, word=failure.reason, seconds=round(time.process_time() - began, 2), **facts)
    facts["seconds"] = round(time.process_time() - began, 2)
    table, symbols = automaton(task), all_numbers(task.inputs)
    names = [symbol_of(task.inputs, numbers) for numbers in symbols]
    words = drawn(task, WORDS, STRETCH * LENGTH, np.random.default_rng(seed))
    right = all(
        found([names[place] for place in word]) == answers
        for word, answers in zip(words.tolist(), table.run(words).tolist(), strict=True)
    )
    verdict, word = NONE, "no finite machine"
    if found.machine is not None:
        differs = first_difference(found.machine, table)
        verdict, word = (
            (EXACT, "") if differs is None else (DIFFERENT, " ".join(str(names[place]) for place in differs))
        )
        if differs is not None:
            answers = run(network.for_inputs(task.inputs, LENGTH), np.array([[symbols[place] for place in differs]]))
            verdict = NETWORK if [tuple(y) for y in answers[0].tolist()] == found.machine.run(differs) else DIFFERENT
    return Result(
        verdict=verdict,
        form=found.form,
        states=found.machine.size if found.machine else 0,
        nodes=program_nodes(program),
        program_right=right,
        program=program,
        word=word,
        **facts,
    )


def code() -> str:
    """Return a hash of what results depend on: the library, the networks and this module."""
    own = b"\0".join(Path(str(file)).read_bytes() for file in (__file__, zoo_networks.__file__))
    return hashlib.sha256(provenance.library().encode() + own).hexdigest()[:16]


def stored(folder: Path) -> list[Result]:
    """Return the results that a folder holds, none if there are none."""
    path = folder / "zoo.json"
    if not path.is_file():
        return []
    return [Result(**one) for one in json.loads(path.read_text(encoding="utf-8"))["results"]]


def keep(folder: Path, results: Sequence[Result]) -> None:
    """Write `zoo.json` and `zoo.md`."""
    facts = provenance.commit(ROOT, but=folder.resolve())
    text = json.dumps({**facts, "results": [asdict(one) for one in results]}, indent=1)
    for name, content in (("zoo.json", f"{text}\n"), ("zoo.md", report(results, facts))):
        (folder / f"{name}.new").write_text(content, encoding="utf-8")
        (folder / f"{name}.new").replace(folder / name)


def summary(results: Sequence[Result]) -> str:
    """Return a row for each kind: how many were trained, with which verdict, forms, nodes and seconds."""
    rows = []
    for kind in [*KINDS, "all"]:
        some = [one for one in results if kind in (one.kind, "all")]
        taken = [one for one in some if one.verdict != NOT_LEARNED]
        if not some:
            continue
        seconds = [one.seconds for one in taken]
        nodes = [one.nodes for one in taken if one.form]
        rows.append(
            [
                kind,
                f"{len(taken)} of {len(some)}",
                *(sum(one.verdict == verdict for one in taken) for verdict in (EXACT, NETWORK, DIFFERENT, NONE)),
                sum(one.program_right for one in taken),
                sum(one.form == "machine" for one in taken),
                statistics.median(nodes) if nodes else "",
                f"{statistics.median(seconds):.1f}" if seconds else "",
                f"{max(seconds):.1f}" if seconds else "",
            ]
        )
    heads = ["kind", "trained", EXACT, NETWORK, "different", "none", "program right", "machine form", "nodes, median"]
    return str(tabulate(rows, [*heads, "core s, median", "core s, longest"], tablefmt="github", disable_numparse=True))


def report(results: Sequence[Result], facts: dict[str, Any]) -> str:
    """Return `zoo.md`."""
    rows = [
        [
            one.kind,
            one.task,
            f"{one.accuracy:.2%}",
            one.verdict + (f" ({one.states} states)" if one.states else ""),
            one.form,
            one.nodes or "",
            ("right" if one.program_right else "errs") if one.form else "",
            f"{one.training_seconds:.1f}",
            f"{one.seconds:.1f}" if one.verdict != NOT_LEARNED else "",
            one.word,
        ]
        for one in results
    ]
    heads = ["kind", "task", "answers right", "machine", "form", "nodes", "program", "training, core s"]
    heads += ["distilling, core s", "first differing word, or why there is none"]
    changed = " with changes" if facts["dirty"] else ""
    return (
        f"# The zoo: seven kinds of networks on {len(TASKS)} tasks\n\n"
        f"Commit {facts['commit'] or 'unknown'}{changed}. Made by `make zoo`; `python -m benchmarks.zoo --help` says "
        f"what the words mean. Words of {LENGTH} symbols; answers right: on fresh words of that length. "
        f"{len(results)} of {len(KINDS) * len(TASKS)} networks are here.\n\n"
        f"{summary(results)}\n\n{tabulate(rows, heads, tablefmt='github', disable_numparse=True)}\n"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and distil what is asked for and not yet there; return 0, or 1 where a program is not the network's."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.zoo", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", default=[""], metavar="TEXT", help="parts of `kind/task`, as in gru/parity"
    )
    parser.add_argument("--seed", type=int, default=0, help="of data, weights and training (0)")
    parser.add_argument("--steps", type=int, default=None, help="of training at most")
    parser.add_argument("--out", type=Path, help="folder of the results; a new temporary one if left out")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)  # networks this small gain nothing from threads
    folder, now = results_folder(options, "zoo"), code()
    every = [(kind, task) for kind in KINDS for task in TASKS]
    asked = [(kind, task) for kind, task in every if any(text in f"{kind}/{task.name}" for text in options.only)]
    if not asked:
        parser.error(f"--only: nothing is called {' '.join(options.only)}; there are {', '.join(KINDS)} and the tasks")
    names = {(kind, task.name) for kind, task in asked}
    known = {(one.kind, one.task): one for one in stored(folder)}
    for number, (kind, task) in enumerate(asked, 1):
        one = known.get((kind, task.name))
        is_known = one is not None and (one.seed, one.code) == (options.seed, now)
        if one is None or not is_known:
            one = measured(task, kind, options.seed, most_steps=options.steps)
            known[kind, task.name] = one
            keep(folder, [known[key] for key in ((kind, task.name) for kind, task in every) if key in known])
        line = f"({number}/{len(asked)}) {kind:12} {task.name:19} {one.accuracy:7.2%} {one.verdict:14} {one.form:9}"
        line += f" {one.nodes:4} nodes {one.training_seconds:5.1f} + {one.seconds:4.1f} s{' (kept)' * is_known}"
        print(f"{line}  {one.word}", flush=True)
    chosen = [one for key, one in known.items() if key in names]
    keep(folder, [known[key] for key in ((kind, task.name) for kind, task in every) if key in known])
    print(f"\n{summary(chosen)}\n\n{folder / 'zoo.md'}")
    return 1 if any(one.verdict == DIFFERENT for one in chosen) else 0


if __name__ == "__main__":
    sys.exit(main())
