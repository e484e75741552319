"""Events, kept as they come."""

from __future__ import annotations

from dataclasses import dataclass, field
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
