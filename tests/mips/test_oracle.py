"""The networks of the reference run, distilled anew: the programs are those that the run kept, byte for byte.

Nothing is trained. A change that moves code leaves these programs as they are; one that means to change them renews
the reference run, in a commit of its own that says why.
"""

from __future__ import annotations

import ast
import json

import pytest
from kept_runs import unpacked_run

from mips.networks.storage import load
from mips.pipeline import distil, doubt
from mips.program.emission import emit

RUN = unpacked_run("reference")
RECORDS = {record["task"]: record for record in map(json.loads, (RUN / "results.jsonl").read_text().splitlines())}

# Tasks that take more than a second each; `make oracle` and `make slow` distil these, too.
SLOW = (
    *("Balanced_Parenthesis", "Base_3_Addition", "Base_4_Addition", "Base_5_Addition", "Base_6_Addition"),
    *("Base_7_Addition", "Bit_Palindrome", "Dithering", "Div_5", "Div_7", "Evens_Counter", "Majority_0_2"),
    *("Majority_0_3", "Max_Seen", "Perfect_Square_Detector", "Majority_0_1", "Abs_Diff", "Diff_Abs_Values"),
)


def test_every_solved_task_is_held() -> None:
    kept = {path.parent.name for path in RUN.glob("tasks/*/program.py")}
    assert kept == {name for name, record in RECORDS.items() if record["status"] == "solved"} and len(RECORDS) == 62
    assert kept >= {*SLOW}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in sorted(RECORDS)]
)
def test_the_program_is_the_one_that_was_kept(name: str) -> None:
    record, folder = RECORDS[name], RUN / "tasks" / name
    kept = (folder / "program.py").read_text(encoding="utf-8")
    stored = load(folder)
    distilled = distil(
        stored.network,
        stored.inputs,
        stored.length,
        seed=record["seed"],
        noise=doubt(record["network_accuracy"]),
        rounded=True,
    )
    (function,) = (node for node in ast.parse(kept).body if isinstance(node, ast.FunctionDef))
    assert emit(distilled.formulas, ast.get_docstring(function, clean=False) or "") == kept


def test_another_program_is_told_apart() -> None:
    """The comparison can say no."""
    kept = (RUN / "tasks" / "Sum_All" / "program.py").read_text(encoding="utf-8")
    other = load(RUN / "tasks" / "Max_Seen")
    assert emit(distil(other.network, other.inputs, other.length, seed=0, rounded=True).formulas) not in kept
