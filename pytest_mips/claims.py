"""Published scores without programs: shown beside what was judged, marked as claimed, and never counted with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class ClaimsError(ValueError):
    """A file of claims cannot be read; one line says what was found and expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What was published about a system: how many tasks of how many it solves, and which, where that is known."""

    system: str
    source: str
    total: int
    of: int
    solved: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "system": self.system, "source": self.source, "total": self.total, "of": self.of, "solved": [*self.solved]
        }  # fmt: skip


def read(path: Path) -> list[Claim]:
    """Return the claims in a JSON file: a list of objects with `system`, `source`, `of` and `solved`, or `total`.

    Raises ClaimsError.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ClaimsError(f"{path.name}: {error.strerror}; expected a JSON file") from error
    except ValueError as error:
        raise ClaimsError(f"{path.name}: no JSON: {error}") from error
    if not isinstance(entries, list):
        raise ClaimsError(f"{path.name}: found {type(entries).__name__}, expected a list of claims")
    return [_claim(entry, f"{path.name}, claim {number}") for number, entry in enumerate(entries, 1)]


def from_run(run: Mapping[str, Any]) -> list[Claim]:
    """Return the claims that `run.json` holds."""
    return [_claim(entry, "run.json") for entry in run.get("claims", ())]


def rows(claims: Sequence[Claim]) -> list[dict[str, str]]:
    """Return the rows of the table of systems that show claims."""
    return [
        {"system": f"{each.system} (claimed)", "solved": f"{each.total} of {each.of}", "statuses": each.source}
        for each in claims
    ]


def _claim(entry: Any, where: str) -> Claim:
    match entry:
        case {"system": str(system), "source": str(source), "of": int(of), **rest}:
            solved: Any = rest.get("solved", [])
            named = isinstance(solved, list) and all(isinstance(task, str) for task in solved)
            total = rest.get("total", len(solved) if named and solved else None)
            if named and isinstance(total, int) and (not solved or total == len(solved)) and 0 <= total <= of:
                return Claim(system=system, source=source, total=total, of=of, solved=tuple(solved))
    raise ClaimsError(
        f"{where}: found {str(entry)[:80]!r}, expected system, source, of, and solved (a list of tasks) or total"
    )
