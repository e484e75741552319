"""What a run takes place in: the cores it may use, the versions of packages, and what git says of its checkout."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path

CPUS = Path("/proc/cpuinfo")


def physical_cores() -> int:
    """Return how many physical cores this process may use: hyper-threads of one core do not train side by side."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        blocks = CPUS.read_text(encoding="utf-8", errors="replace").split("\n\n")
    except OSError:
        return usable
    cores = {tuple(re.findall(r"^(?:physical id|core id)\s*: (\d+)$", block, re.MULTILINE)) for block in blocks} - {()}
    return min(usable, len(cores)) if cores else usable


PACKAGES = ("mips", "torch", "numpy", "sympy", "hypothesis")


def installed(*more: str) -> dict[str, str]:
    """Return the versions of Python, of the packages that shape results, and of `more` packages."""
    found = {"python": platform.python_version()}
    for package in (*PACKAGES, *more):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


GIT_SECONDS = 30  # a large checkout on a slow disk


def git(root: Path, *arguments: str) -> str:
    """Return what a command of git prints in a folder. Raises OSError or subprocess.SubprocessError."""
    command = ["git", "-C", str(root), *arguments]
    return os.fsdecode(subprocess.run(command, check=True, capture_output=True, timeout=GIT_SECONDS).stdout)


def tracked(path: Path) -> bool:
    """Return whether a file is in the index of a checkout; not where there is no git to ask."""
    try:
        return bool(git(path.parent, "ls-files", "-z", "--", f":(literal){path.name}"))
    except (OSError, subprocess.SubprocessError):
        return False
