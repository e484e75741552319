"""A solver that trains nothing: the network of the kept reference run goes through the rest of the pipeline."""

from __future__ import annotations

from typing import Any

from kept_runs import unpacked_run

from mips import pipeline
from mips.networks.storage import load
from mips.outcome import Outcome
from mips.tasks.task import Task
from mips.training.search import Trained

BUDGET = pipeline.PipelineBudget(training_words=500, fresh_words=500)  # of words for what does not take place


def solve(task: Task, **arguments: Any) -> Outcome:
    """Return what `mips.pipeline.solve` finds where training would give the stored network of that task's name."""
    network = load(unpacked_run("reference") / "tasks" / task.name).network
    trained = Trained(network=network, accuracy=1.0, mistake=None, seconds=0.0, trail=())
    pipeline.train = lambda *data, **options: trained  # type: ignore[assignment]
    return pipeline.solve(task, **arguments, budget=BUDGET)
