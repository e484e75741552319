"""The pipeline, one line a stage: task, dataset, network, machine, formulas, program, verdict."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from mips.distillation.arguments import check_method
from mips.distillation.distil import METHODS, distil
from mips.distillation.distilled import Listener
from mips.judging.explanation import cause, origin
from mips.judging.judge import judge, judge_machine
from mips.networks.projection import portrait
from mips.networks.storage import StoredNetwork, to_files
from mips.outcome import Outcome, StageFailure
from mips.program.emission import emit
from mips.symbolic.synthesis.synthesis import NOISE
from mips.tasks.arguments import check_seed, check_task
from mips.tasks.dataset import Dataset, covering, sample
from mips.tasks.rehearsal import rehearse, suspect
from mips.tasks.seeds import derived_seed
from mips.tasks.task import Task
from mips.training.report import training_facts, training_json
from mips.training.search import train

TRAINING_WORDS = 160_000
MONOTONOUS = 0.25  # share of them that keep to few symbols
FRESH_WORDS = 100_000
LEAST_DOUBT = 0.002  # share of answers that may be overruled once the network is known to err at all
JUDGE_SECONDS = 120.0  # for a task of ten steps of one number; the time of the tests grows with the words
DOUBT = 5  # times the share of wrong answers on fresh words is the share that may be overruled


def solve(
    task: Task,
    *,
    seed: int = 0,
    progress: Callable[[str], None] = lambda line: None,
    device: str = "cpu",
    method: str = "full",
    note: Callable[[Outcome], None] = lambda outcome: None,
) -> Outcome:
    """Train, distil, synthesize and judge `task` once. `progress` gets one line whenever something begins.

    The reference is called by `rehearse` and `sample`, before training, and by the judge, at the very end; between the
    two lie the network, the alphabet and the length of the training sequences. Where a network has not learnt the task
    and all has failed, `suspect` looks whether it could be learnt at all. Where the task is unsolved, the judge is also
    asked about the finite machine of the network; its word goes into `machine` and changes nothing. Training alone
    takes place on `device`. `method` is one of METHODS. `note` gets how good the best network is while training goes
    on, and what is known when it has ended, so that a network is not lost should the attempt be ended from outside.

    Raises ValueError when there is no such method, and TaskError when the task is wrong.
    """
    check_task(task)
    check_seed(seed)
    check_method(method, METHODS)
    clock = _Clock(progress)
    files: dict[str, bytes] = {}
    record: dict[str, Any] = {"files": files}
    try:
        clock.enter("trained", "drawing data")
        rehearse(task, seed)
        data = training_data(task, seed)
        fresh = sample(task, count=FRESH_WORDS, seed=derived_seed(seed, "fresh"))
        trained = train(
            data,
            fresh,
            seed=seed,
            device=device,
            progress=lambda line: progress(f"trained: {line}"),
            seen=lambda hidden, share: note(
                Outcome(status="unsolved", stage="trained", hidden_size=hidden, network_accuracy=share)
            ),
        )
        record |= training_facts(trained)
        files["training.json"] = training_json(trained, name=task.name, seed=seed)
        about = {"task": task.name, "seed": seed, "accuracy": trained.accuracy}
        try:
            stored = StoredNetwork(network=trained.network, inputs=task.inputs, length=task.length, about=about)
        except ValueError as error:  # weights that are no numbers
            raise StageFailure("trained", f"the network cannot be kept: {error}") from error
        files |= to_files(stored)
        files["hidden_states.json"] = portrait(trained.network, task.inputs, task.length, seed=seed)
        note(
            Outcome(status="unsolved", stage="trained", stage_seconds=clock.seconds(), **record | {"files": {**files}})
        )
        distilled = distil(
            trained.network,
            task.inputs,
            task.length,
            seed=seed,
            method=method,
            noise=doubt(trained.accuracy),
            rounded=True,
            listener=Listener(enter=clock.enter, keep=files.__setitem__, learn=record.__setitem__),
        )
        record["form"] = distilled.form
        program = emit(distilled.formulas)
        clock.enter("verified", "the judge compares program and reference")
        verdict = judge(program, task, seed=derived_seed(seed, "judge"), seconds=judging_seconds(task))
        record |= {"program_nodes": verdict.program_nodes, "program_accuracy": verdict.accuracy}
        record |= {"assurance": verdict.assurance, "solved_at_length": verdict.solved_at_length}
        record["program"] = emit(
            distilled.formulas, origin(task.name, seed, trained.network.hidden_size, trained.accuracy, verdict)
        )
        if not verdict.solved:
            counterexample = verdict.counterexample.to_json() if verdict.counterexample else None
            record["counterexample"] = counterexample
            raise StageFailure("verified", verdict.reason, machine=distilled.machine)
    except StageFailure as failure:
        if record.get("network_accuracy", 1.0) < 1:
            suspect(task, seed)
        if failure.machine is not None:
            clock.enter("verified", "the judge compares the finite machine and the reference")
            record["machine"] = judge_machine(
                failure.machine, task, seed=derived_seed(seed, "judge"), seconds=judging_seconds(task)
            )
        stage, reason = cause(failure, record.get("network_accuracy"), record.get("machine", ""), tolerated=NOISE)
        return Outcome(status="unsolved", stage=stage, reason=reason, stage_seconds=clock.seconds(), **record)
    return Outcome(status="solved", stage="verified", stage_seconds=clock.seconds(), **record)


def training_data(task: Task, seed: int) -> Dataset:
    """Return the examples that `task` is trained on under a root seed: all words are among them where they are few."""
    drawn = sample(task, count=TRAINING_WORDS, seed=derived_seed(seed, "training"), monotonous=MONOTONOUS)
    return covering(task, drawn)


def judging_seconds(task: Task) -> float:
    """Return how long a program of `task` may take to be judged, in seconds; it grows with the length of the words."""
    return JUDGE_SECONDS * max(1.0, task.length * task.inputs.width / 10)


def doubt(accuracy: float) -> float:
    """Return the share of a network's answers that may be overruled, given its share of right ones to fresh words."""
    return 0.0 if accuracy == 1 else min(NOISE, max(LEAST_DOUBT, DOUBT * (1 - accuracy)))


class _Clock:
    """Wall seconds by stage."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self._progress = progress
        self._spent: dict[str, float] = {}
        self._stage, self._since = "", time.perf_counter()

    def enter(self, stage: str, what: str) -> None:
        self.seconds()
        self._stage = stage
        self._progress(f"{stage}: {what}")

    def seconds(self) -> dict[str, float]:
        now = time.perf_counter()
        if self._stage:
            self._spent[self._stage] = self._spent.get(self._stage, 0.0) + now - self._since
        self._since = now
        return dict(self._spent)
