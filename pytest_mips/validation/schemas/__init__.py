"""JSON Schemas (draft 2020-12) of all files that a run writes; each stands alone and describes its fields."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

SUFFIX = ".schema.json"


def names() -> tuple[str, ...]:
    """Return the names of all schemas, sorted; `record` is that of a line of `results.jsonl`."""
    files = (entry.name for entry in resources.files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(SUFFIX) for name in files if name.endswith(SUFFIX)))


def read(name: str) -> dict[str, Any]:
    """Return the schema of that name. Raises KeyError when there is none."""
    if name not in names():
        raise KeyError(f"no schema is called {name!r}; there are {', '.join(names())}")
    schema: dict[str, Any] = json.loads((resources.files(__name__) / (name + SUFFIX)).read_text(encoding="utf-8"))
    return schema
