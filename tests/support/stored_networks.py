"""A solver that trains nothing: the network of the kept reference run goes through the rest of the pipeline."""

from __future__ import annotations

from typing import Any

from kept_runs import unpacked_run

from mips import pipeline
from mips.networks.storage import load
from mips.outcome import Outcome
from mips.tasks.task import Task
from mips.training.search import Trained

WORDS = 500  # for training and checking, which do not take place


def solve(task: Task, **arguments: Any) -> Outcome:
    """Return what `mips.pipeline.solve` finds where training would give the stored network of that task's name."""
    network = load(unpacked_run("reference") / "tasks" / task.name).network
    trained = Trained(network=network, accuracy=1.0, mistake=None, seconds=0.0, trail=())
    pipeline.TRAINING_WORDS = pipeline.FRESH_WORDS = WORDS
    pipeline.train = lambda *data, **options: trained  # type: ignore[assignment]
    return pipeline.solve(task, **arguments)
