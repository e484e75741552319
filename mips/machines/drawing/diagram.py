"""`machine.mmd`: a machine drawn as a Mermaid state diagram, which code hosts and editors show as a picture."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

MOST_STATES = 32  # more cannot be followed by eye
MOST_NAMED = 6  # symbols named on an arrow
UNTOLD = "unknown"
MEANT = re.compile(r'[:;#%"<>{}\[\]|\\\n\r\t]')  # in Mermaid's diagrams


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """All transitions from one state to another, None where it is unknown: `symbols / output` for each output."""

    source: int
    target: int | None
    labels: tuple[str, ...]


def arrows(facts: Mapping[str, Any]) -> list[Arrow]:
    """Return the arrows of the content of `machine.json`; runs of three numbers and more are written `0..9`.

    Symbols and outputs are told by their names where they have any.
    """
    names, answers = facts.get("names"), facts.get("output_names")
    symbols = facts["symbols"] if names is None else names

    def said(output: tuple[int, ...]) -> str:
        return answers[output[0]] if answers and 0 <= output[0] < len(answers) else _symbol(output)

    found = []
    for state, targets in enumerate(facts["transitions"]):
        grouped: dict[int | None, dict[tuple[int, ...], list[Any]]] = {}
        for symbol, target, output in zip(symbols, targets, facts["outputs"][state], strict=True):
            grouped.setdefault(target, {}).setdefault(tuple(output), []).append(symbol)
        for target, by_output in grouped.items():
            labels = tuple(f"{_symbols(some)} / {said(output)}" for output, some in by_output.items())
            found.append(Arrow(source=state, target=target, labels=labels))
    return found


def mermaid(machine: bytes) -> str:
    """Return the diagram of the content of `machine.json`, or nothing where it has too many states or none.

    Arrows between the same two states are one. Where a machine is cut off at its horizon, arrows lead to a state
    `unknown`.
    """
    facts = json.loads(machine)
    if not 0 < len(facts.get("transitions", [])) <= MOST_STATES:
        return ""
    lines = ["stateDiagram-v2", f"    [*] --> q{facts['start']}"]
    for arrow in arrows(facts):
        target = UNTOLD if arrow.target is None else f"q{arrow.target}"
        lines.append(f"    q{arrow.source} --> {target}: {'; '.join(map(_safe, arrow.labels))}")
    return "\n".join(lines) + "\n"


def _safe(label: str) -> str:
    """Return a label with the signs that mean something to Mermaid told by their numbers."""
    return MEANT.sub(lambda found: f"#{ord(found[0])};", label)


def _symbols(symbols: Sequence[Any]) -> str:
    is_number = not isinstance(symbols[0], str) and len(symbols[0]) == 1
    names = _runs([x for (x,) in symbols]) if is_number else [_symbol(symbol) for symbol in symbols]
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _runs(numbers: list[int]) -> list[str]:
    """Return the sorted numbers as texts, three neighbours and more as `first..last`."""
    runs = [[numbers[0]]]
    for before, number in pairwise(numbers):
        if number == before + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [text for run in runs for text in ([f"{run[0]}..{run[-1]}"] if len(run) > 2 else map(str, run))]


def _symbol(symbol: Any) -> str:
    if isinstance(symbol, str):
        return symbol
    return str(symbol[0]) if len(symbol) == 1 else f"({' '.join(map(str, symbol))})"
