"""The tasks of the benchmark, and words over their alphabets."""

from __future__ import annotations

import importlib.util
from itertools import product
from pathlib import Path

import numpy as np

from mips import Task


def load_tasks() -> list[Task]:
    tasks: list[Task] = []
    for path in sorted((Path(__file__).parents[2] / "benchmark_tasks").glob("test_*.py")):
        spec = importlib.util.spec_from_file_location(f"benchmark_tasks_{path.stem}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        tasks += module.TASKS
    return tasks


TASKS = load_tasks()


def all_words(task: Task, limit: int = 1500) -> np.ndarray:
    """Return every word of the greatest length that has at most `limit` words: (count, length, width)."""
    length = 1
    while task.inputs.count ** (length + 1) <= limit:
        length += 1
    return np.array(list(product(task.inputs.symbols(), repeat=length))).reshape(-1, length, task.inputs.width)


def as_words(task: Task, inputs: np.ndarray) -> list[list]:
    if task.inputs.width == 1:
        return inputs[..., 0].tolist()
    return [[tuple(symbol) for symbol in word] for word in inputs.tolist()]
