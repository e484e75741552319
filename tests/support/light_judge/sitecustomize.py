"""A judge that asks less, for child processes: Python imports this where the folder is on PYTHONPATH.

To draw and ask all words takes a child some seconds; tests of what becomes of a verdict need few. The judge is not
imported before the child asks for it. Whoever imports this as `light_judge.sitecustomize` gets the numbers alone.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

QUESTIONS = "mips.judging.questions"
FEWER = {"fresh": 300, "exhaustive": 500, "examples": 50}  # fields of mips.judging.questions.Effort


class Finder:
    """Finds the module of the judge's questions, and sets their number once it is loaded."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != QUESTIONS:
            return None
        spec = PathFinder.find_spec(name, path)
        assert spec is not None and spec.loader is not None
        load = spec.loader.exec_module

        def load_and_lighten(module: ModuleType) -> None:
            load(module)
            module.BINDING = replace(module.BINDING, **FEWER)

        spec.loader.exec_module = load_and_lighten
        return spec


if __name__ == "sitecustomize":  # in a child
    sys.meta_path.insert(0, Finder)
