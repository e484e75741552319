"""How a network led to its formulas: the steps that were taken, the ones that led nowhere among them."""

from __future__ import annotations

import json
from typing import Any

from mips.outcome import Event, Tell


class Derivation:
    """Collects the steps of a derivation; each is written to `derivation.json` at once, so a failure keeps them."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._steps: list[dict[str, Any]] = []

    def took(self, step: str, **facts: Any) -> None:
        """Add a step with what came of it, in the form of JSON; `failed` is the reason of one that led nowhere."""
        self._steps.append({"step": step, **facts})
        self._tell(Event(files={"derivation.json": json.dumps({"steps": self._steps}).encode()}))
