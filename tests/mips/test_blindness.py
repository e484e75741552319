"""The library never sees the task: a spy in the place of the step function writes down who calls it, and when."""

from __future__ import annotations

import functools
import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import mips.pipeline
from benchmarks.known import NAMED, compiled
from mips.judging.judge import judge
from mips.judging.questions import Effort
from mips.pipeline import PipelineBudget, distil, solve
from mips.program.source import load_program
from mips.tasks.dataset import sample
from mips.tasks.task import Task, integers
from mips.training.search import Trained, train

LIBRARY = Path(mips.pipeline.__file__).parent
SMALL = Effort(fresh=100, exhaustive=100, examples=20, pairs=2_000, steps=5_000)  # a spied sum has no end
FEW = PipelineBudget(training_words=6000, fresh_words=500, judging=SMALL)
MAY_CALL = {
    *(f"tasks/{name}.py" for name in ("task", "rehearsal", "purity", "dataset")),
    *(f"judging/{name}.py" for name in ("comparison", "questions", "judge", "proof")),
}
PROOF = {"machines/affine.py", "machines/bisimulation.py"}  # what the proof hands the reference to


@functools.cache
def in_library(filename: str) -> str:
    """The place of a file inside the library, empty when it is not there."""
    path = Path(filename)
    return path.relative_to(LIBRARY).as_posix() if path.is_relative_to(LIBRARY) else ""


def library_files(frame: FrameType | None) -> list[str]:
    """The files of the library on the stack, the innermost first."""
    files = []
    while frame is not None:
        files.append(in_library(frame.f_code.co_filename))
        frame = frame.f_back
    return [file for file in dict.fromkeys(files) if file]


class Spy:
    """A step function that counts its callers, and the stage of the pipeline in which they called."""

    def __init__(self, step: Any) -> None:
        self.step = step
        self.stage = "before"
        self.callers: Counter[tuple[str, str]] = Counter()
        self.through: set[tuple[str, ...]] = set()

    def __call__(self, state: Any, x: Any) -> Any:
        files = library_files(sys._getframe(1))
        self.callers[self.stage, files[0]] += 1
        self.through.add(tuple(files))
        return self.step(state, x)

    def progress(self, line: str) -> None:
        self.stage = line.removeprefix("trained: ") if line.startswith("trained: drawing") else line.split(":")[0]


def copy(state: int, x: int) -> tuple[int, int]:
    return 0, x


def parity(state: int, x: int) -> tuple[int, int]:
    return state ^ x, state ^ x


def total(state: int, x: int) -> tuple[int, int]:
    return state + x, state + x


@pytest.mark.parametrize("step", [total, parity])
def test_the_reference_is_called_to_sample_and_to_judge_and_never_between(
    step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if step is parity:
        quick = Trained(network=compiled(NAMED["parity"][0]), accuracy=1.0, mistake=None, seconds=3.5, trail=())
        monkeypatch.setattr(mips.pipeline, "train", lambda data, fresh, **_: quick)
    spy = Spy(step)
    task = Task("Spied", step=spy, start=0, inputs=integers(0, 1), length=6)
    assert {caller for _, caller in spy.callers} == {"tasks/task.py"}
    spy.callers.clear()
    spy.through.clear()
    outcome = solve(task, seed=0, budget=FEW, progress=spy.progress)
    assert outcome.status == "solved"
    stages = {stage for stage, _ in spy.callers}
    assert stages == {"drawing data", "verified"}
    assert {caller for stage, caller in spy.callers if stage == "drawing data"} == {"tasks/task.py"}
    assert {caller for _, caller in spy.callers} <= MAY_CALL | PROOF
    for files in spy.through:
        assert set(files) <= MAY_CALL | PROOF | {
            "pipeline.py",
            "tasks/time_limit.py",
            "program/source.py",
            "program/loop_machine.py",
        }
        assert {"judging/judge.py", "tasks/dataset.py", "tasks/rehearsal.py"} & set(files)
        if set(files) & PROOF:
            assert "judging/proof.py" in files


def test_a_spy_finds_a_caller_that_peeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check above can say no: here the extraction asks the reference."""
    spy = Spy(parity)
    task = Task("Spied", step=spy, start=0, inputs=integers(0, 1), length=8)
    peep = compile("def peep(task): return task.step(0, 1)", str(LIBRARY / "extraction" / "extraction.py"), "exec")
    namespace: dict[str, Any] = {}
    exec(peep, namespace)
    spy.callers.clear()
    spy.stage = "extracted"
    namespace["peep"](task)
    assert spy.callers == {("extracted", "extraction/extraction.py"): 1}


def test_a_network_of_another_task_gives_the_program_of_that_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trained on the symbol before, judged as a copy: the program tells what the network learnt, whatever the name."""
    other = Task("Other", step=lambda s, x: (x, s), start=0, inputs=integers(0, 9), length=6)
    task = Task("Copies", step=copy, start=0, inputs=integers(0, 9), length=6)
    data, fresh = sample(other, count=6000, seed=0), sample(other, count=100, seed=1)
    trained = train(data, fresh, seed=0)
    assert trained.accuracy == 1.0
    monkeypatch.setattr(mips.pipeline, "train", lambda data, fresh, **_: trained)
    outcome = solve(task, seed=0, budget=FEW)
    assert (outcome.status, outcome.stage) == ("unsolved", "verified")
    word = [3, 1, 4, 1, 5, 9, 2, 6]
    assert load_program(outcome.program)(word) == other.run(word) != task.run(word)
    assert outcome.counterexample is not None
    assert outcome.counterexample["expected"] == task.run(outcome.counterexample["inputs"])
    assert judge(outcome.program, other, seed=0, effort=SMALL).solved


def test_distilling_the_same_network_again_gives_the_same_formulas() -> None:
    """It takes a network, an alphabet, a length and a seed: there is nothing else that it could depend on."""
    network = compiled(NAMED["delay"][0])
    first, second = (distil(network, integers(0, 4), 8, seed=0).formulas for _ in range(2))
    assert first == second
