"""Where results come from: commit, machine, and the fingerprint of a task. No host name, no path."""

from __future__ import annotations

import hashlib
import inspect
import os
import platform
import subprocess
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import mips
from mips import Task
from pytest_mips.runs.provenance.canonical import canonical
from pytest_mips.runs.provenance.surroundings import CPUS, git, physical_cores

HASHED = {  # parts of which the words are known, and no more than a hash
    "task": "the task's declaration",
    "step": "the task's step, its file or what that imports",
    "library": "the library",
    "source": "the solver's source",
    "network": "the network's file",
}
SHARED = ("task", "step", "library", "versions")  # parts that a verdict on anybody's program depends on


def commit(root: Path, *, but: Path) -> dict[str, Any]:
    """Return the checked-out commit of `root` and whether anything differs from it; `but` is not looked at."""
    try:
        excluded = [f":(exclude,literal){but.relative_to(root)}"] if but.is_relative_to(root) else []
        revision = git(root, "rev-parse", "HEAD").strip()
        return {"commit": revision, "dirty": bool(git(root, "status", "--porcelain", "--", ".", *excluded).strip())}
    except (OSError, subprocess.SubprocessError):
        return {"commit": "", "dirty": False}


def machine() -> dict[str, Any]:
    """Return what the seconds of a run depend on."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count() or 1,
        "physical_cores": physical_cores(),
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "platform": f"{platform.system()} {platform.machine()}",
    }


@cache
def library() -> str:
    """Return a hash of the library's own sources: another pipeline may come to other results."""
    package = Path(mips.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def parts(
    task: Task,
    test: str,
    *,
    solver: str,
    source: str,
    device: str,
    method: str,
    versions: Mapping[str, str],
    network: str = "",
) -> dict[str, str]:
    """Return everything but the seed that our results for a task depend on; never time, order, path or host.

    `test` is a hash of the task's file, `source` one of the solver's, empty for the library's own, and `network` one
    of the network's, empty where one is trained.
    """
    functions = [task.step] if task.sample is None else [task.step, task.sample]
    told = [task.name, canonical(task.start), str(task.inputs), task.length, task.output_width]
    told += [str(task.outputs)] if task.outputs is not None else []
    return {
        "task": _hash(told),
        "step": _hash([test, *map(_source, functions)]),
        "library": library(),
        "versions": ", ".join(f"{name} {version}" for name, version in sorted(versions.items()) if name != "pytest"),
        "solver": solver,
        "source": source,
        "device": device,
        "method": method,
        **({"network": network} if network else {}),
    }


def fingerprint(parts: Mapping[str, str], *more: object) -> str:
    """Return a hash of parts and of what else a result depends on, such as its seed."""
    return _hash([sorted(parts.items()), *more])


def changes(before: Mapping[str, str], now: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """Return in words which of the named parts differ."""
    found = []
    for name in names:
        old, new = before.get(name, ""), now.get(name, "")
        if old == new:
            continue
        if name in HASHED:
            found.append(f"{HASHED[name]} has changed")
        elif name == "versions":
            found += [f"{one} is new" for one in new.split(", ") if one not in old.split(", ")] or ["versions differ"]
        else:
            found.append(f"{name} was {old}, is {new}")
    return found


def _cpu_model() -> str:
    try:
        lines = CPUS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _hash(parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _source(function: Callable[..., Any]) -> str:
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return ""
