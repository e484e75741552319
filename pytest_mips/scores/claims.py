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
class Checked:
    """The tasks that the programs behind a claim solve under the judge: at the training length alone, and at all
    lengths; and how that was found."""

    at_length: tuple[str, ...]
    at_all_lengths: tuple[str, ...]
    source: str

    def to_json(self) -> dict[str, Any]:
        return {
            "checked_at_length": [*self.at_length],
            "checked_at_all_lengths": [*self.at_all_lengths],
            "checked_source": self.source,
        }

    @property
    def told(self) -> str:
        """What was found, in one line."""
        return (
            f"checked: {len(self.at_length)} at the training length, {len(self.at_all_lengths)} at all lengths "
            f"({self.source})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What was published about a system: how many tasks of how many it solves, and which, where that is known.

    `checked` is what its programs were found to solve when somebody judged them, where that was done.
    """

    system: str
    source: str
    total: int
    of: int
    solved: tuple[str, ...] = ()
    checked: Checked | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "system": self.system, "source": self.source, "total": self.total, "of": self.of, "solved": [*self.solved],
            **(self.checked.to_json() if self.checked else {}),
        }  # fmt: skip


def read(path: Path) -> list[Claim]:
    """Return the claims in a JSON file: a list of objects with `system`, `source`, `of` and `solved`, or `total`.

    What was measured may stand beside: `checked_at_length`, `checked_at_all_lengths` (tasks) and `checked_source`.
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
    """Return the rows of the table of systems that show claims, with what was checked of them."""
    return [
        {
            "system": f"{each.system} (claimed)",
            "solved": f"{each.total} of {each.of}",
            "statuses": "; ".join([each.source, *([each.checked.told] if each.checked else [])]),
        }
        for each in claims
    ]


def _claim(entry: Any, where: str) -> Claim:
    match entry:
        case {"system": str(system), "source": str(source), "of": int(of), **rest}:
            solved: Any = rest.get("solved", [])
            named = _are_tasks(solved)
            total = rest.get("total", len(solved) if named and solved else None)
            if named and isinstance(total, int) and (not solved or total == len(solved)) and 0 <= total <= of:
                checked = _checked(rest, where)
                return Claim(system=system, source=source, total=total, of=of, solved=tuple(solved), checked=checked)
    raise ClaimsError(
        f"{where}: found {str(entry)[:80]!r}, expected system, source, of, and solved (a list of tasks) or total"
    )


def _checked(entry: Mapping[Any, Any], where: str) -> Checked | None:
    match entry:
        case {"checked_at_length": here, "checked_at_all_lengths": everywhere, "checked_source": str(source)}:
            if _are_tasks(here) and _are_tasks(everywhere) and {*everywhere} <= {*here}:
                return Checked(at_length=tuple(here), at_all_lengths=tuple(everywhere), source=source)
    found = {name: value for name, value in entry.items() if str(name).startswith("checked")}
    if not found:
        return None
    raise ClaimsError(
        f"{where}: found {str(found)[:80]!r}, expected checked_at_length, checked_at_all_lengths (lists of tasks, "
        "those of the second all in the first) and checked_source (a text)"
    )


def _are_tasks(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(task, str) for task in value)
