"""How many cores of this machine a run may use."""

from __future__ import annotations

import os
import re
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
