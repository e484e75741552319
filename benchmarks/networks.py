"""Networks that other people trained, distilled and held against the automata that they were trained on.

`python -m benchmarks.networks FOLDER` reads `FOLDER/index.csv` (target, cell, file, letters, kind, ...), the weights of
every network (a state_dict with one-hot inputs and the argmax of a linear layer) and `FOLDER/<target>/truth.dot`. It
prints a line for each network and a table by cell and by kind of target. A machine is *equal* when a walk over pairs of
states finds no difference from the truth, up to the names of the outputs: then they are equal for ever. Where they
differ, the shortest word is shown on which the network itself differs from the truth, if the machine's word is one.
"""

from __future__ import annotations

import argparse
import csv
import re
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tabulate import tabulate

import mips
from mips.machines.mealy import MealyMachine
from mips.networks.recurrent import run
from mips.program.source import program_nodes

LENGTH = 20  # symbols; the networks were trained on words of up to 14
EQUAL, DIFFERENT, NETWORK_ERRS, NONE = "equal", "DIFFERENT", "network errs", "NO MACHINE"
MARK_EQUAL, MARK_MEDIAN, MARK_LONGEST = 0.95, 2.0, 60.0  # what is to be reached: share, seconds, seconds


@dataclass(frozen=True, slots=True)
class Truth:
    """An automaton: `after[state][letter]` and the output `said[state][letter]` on the way; the start is state 0."""

    after: tuple[tuple[int, ...], ...]
    said: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one network."""

    target: str
    cell: str
    kind: str
    verdict: str
    form: str
    states: int
    nodes: int
    seconds: float
    word: str


def read_truth(path: Path, letters: Sequence[str]) -> Truth:
    """Return the automaton of a dot file, its letters in the order of the network's inputs."""
    text = path.read_text(encoding="utf-8")
    states: dict[str, str] = {}
    for name, attributes in re.findall(r"^\s*(\w+)\s*\[(.*)\];?\s*$", text, re.MULTILINE):
        label = re.search(r'label="?([^",\]]*)"?', attributes)
        said = (
            label[1].partition("|")[2].strip(" {}") if label and "|" in label[1] else str("doublecircle" in attributes)
        )
        states[name] = said
    lines = re.findall(r'^\s*(\w+)\s*->\s*(\w+)\s*\[label=("[^"]*"|[^\],\s]*)', text, re.MULTILINE)
    edges = [(source, target, label.strip('"')) for source, target, label in lines]
    start = next(target for source, target, _ in edges if source.startswith("__start"))
    after: dict[tuple[str, str], tuple[str, str]] = {}
    for source, target, label in edges:
        letter, slash, said = label.partition("/")
        after[source, letter.strip()] = target, said.strip() if slash else states[target]
    order = [start]
    for state in order:
        order += dict.fromkeys(next_ for letter in letters if (next_ := after[state, letter][0]) not in order)
    place = {state: number for number, state in enumerate(order)}
    return Truth(
        after=tuple(tuple(place[after[state, letter][0]] for letter in letters) for state in order),
        said=tuple(tuple(after[state, letter][1] for letter in letters) for state in order),
    )


def difference(machine: MealyMachine, truth: Truth) -> tuple[int, ...] | None:
    """Return the first word, by length, on which a machine and the truth differ, or None where they never do.

    Which output of one is which of the other is what the first meeting says.
    """
    there: dict[object, str] = {}
    back: dict[str, object] = {}
    queue: list[tuple[int, int, tuple[int, ...]]] = [(0, 0, ())]
    seen = {(0, 0)}
    for left, right, word in queue:
        for letter in range(len(machine.symbols)):
            output, said = machine.outputs[left][letter], truth.said[right][letter]
            if there.setdefault(output, said) != said or back.setdefault(said, output) != output:
                return (*word, letter)
            pair = machine.transitions[left][letter], truth.after[right][letter]
            if pair not in seen:
                seen.add(pair)
                queue.append((*pair, (*word, letter)))
    return None


def measured(row: Mapping[str, str], folder: Path, seed: int) -> Result:
    """Distil one network of the index and compare its machine with the truth."""
    letters = row["letters"].split()
    began = time.perf_counter()
    network = mips.from_state_dict(folder / row["file"], cell=row["cell"], encode="one-hot", decode="argmax")
    inputs = mips.symbols(letters)
    form, machine, nodes, word = "", None, 0, ""
    try:
        found = mips.distil(network, inputs, LENGTH, seed=seed)
        form, machine, nodes = found.form, found.machine, program_nodes(found.program)
    except mips.StageFailure as failure:
        word = failure.reason
    seconds = time.perf_counter() - began
    verdict = NONE
    if machine is not None:
        truth = read_truth(folder / row["target"] / "truth.dot", letters)
        differs = difference(machine, truth)
        verdict = EQUAL if differs is None else DIFFERENT
        if differs is not None:
            fitted = network.for_inputs(inputs, LENGTH)
            answers = run(fitted, np.array(differs)[None, :, None])[0]
            agrees = [tuple(answer) for answer in answers.tolist()] == machine.run(differs)
            verdict = NETWORK_ERRS if agrees else DIFFERENT
            word = " ".join(letters[letter] for letter in differs)
    return Result(
        target=row["target"],
        cell=row["cell"],
        kind=row["kind"],
        verdict=verdict,
        form=form,
        states=machine.size if machine else 0,
        nodes=nodes,
        seconds=seconds,
        word=word,
    )


def table(results: Sequence[Result], key: str) -> str:
    """Return the results by a field as a table."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(getattr(result, key), []).append(result)
    rows = [
        [
            name,
            len(some),
            *(sum(result.verdict == verdict for result in some) for verdict in (EQUAL, NETWORK_ERRS, DIFFERENT, NONE)),
            sum(result.form == "machine" for result in some),
            statistics.median(result.nodes for result in some),
            round(statistics.median(result.seconds for result in some), 2),
            round(max(result.seconds for result in some), 1),
        ]
        for name, some in [*sorted(groups.items()), ("all", list(results))]
    ]
    heads = [
        key,
        "networks",
        "equal",
        "network errs",
        "different",
        "none",
        "machine form",
        "nodes",
        "median s",
        "max s",
    ]
    return str(tabulate(rows, heads, tablefmt="github"))


def main(arguments: Sequence[str]) -> int:
    """Print a line for each network and the tables; return 0 where the marks are reached, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.networks", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="part of the file names to keep to")
    given = parser.parse_args(arguments)
    with (given.folder / "index.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if given.only in row["file"]]
    results = []
    for row in rows:
        one = measured(row, given.folder, given.seed)
        results.append(one)
        line = (
            f"{one.target:34} {one.cell:5} {one.verdict:13} {one.form:9} {one.states:4} states (truth {row['states']})"
        )
        print(f"{line} {one.nodes:5} nodes {one.seconds:6.1f} s  {one.word}", flush=True)
    for key in ("cell", "kind"):
        print("", table(results, key), sep="\n")
    share = sum(one.verdict == EQUAL for one in results) / max(1, len(results))
    seconds = [one.seconds for one in results]
    good = share >= MARK_EQUAL and statistics.median(seconds) <= MARK_MEDIAN and max(seconds) <= MARK_LONGEST
    print(f"\n{share:.1%} equal to the truth for ever; marks {'reached' if good else 'NOT reached'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
