"""What a test observes: the events of a solver, and the end of a process."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mips.outcome import Event


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Takes events and keeps their facts and files, the last of each name, and the stages in their order."""

    facts: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    stages: list[str] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        self.facts.update(event.facts)
        self.files.update(event.files)
        self.stages.extend([event.stage] * bool(event.stage))


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
