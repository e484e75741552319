"""Waiting until a process has ended."""

from __future__ import annotations

import os
import time
from pathlib import Path


def gone(pid: int, tries: int = 100) -> bool:
    """Return whether a process ends within some seconds; one that nobody has reaped yet has ended."""
    for _ in range(tries):
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False
