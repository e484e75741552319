"""Where results come from: commit, machine, and the fingerprint of a task. No host name, no path."""

from __future__ import annotations

import hashlib
import inspect
import os
import platform
import subprocess
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import mips
from mips import Task
from pytest_mips.values import physical_cores


def commit(root: Path, *, but: Path) -> dict[str, Any]:
    """Return the checked-out commit of `root` and whether anything differs from it; `but` is not looked at."""
    try:
        excluded = [f":(exclude){but.relative_to(root)}"] if but.is_relative_to(root) else []
        revision = _git(root, "rev-parse", "HEAD").strip()
        return {"commit": revision, "dirty": bool(_git(root, "status", "--porcelain", "--", ".", *excluded).strip())}
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


def fingerprint(
    task: Task, test_file: Path, *, seed: int, solver: str, device: str, method: str, versions: Mapping[str, str]
) -> str:
    """Return a hash of everything a result depends on; never of time, order, path or host."""
    functions = [task.step] if task.sample is None else [task.step, task.sample]
    parts = [
        task.name, repr(task.start), str(task.inputs), task.length, task.outputs, seed, solver, device, method,
        library(), sorted((name, version) for name, version in versions.items() if name != "pytest"),
        hashlib.sha256(test_file.read_bytes()).hexdigest(), [_source(function) for function in functions],
    ]  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _source(function: Callable[..., Any]) -> str:
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return ""
