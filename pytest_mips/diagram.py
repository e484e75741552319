"""`machine.mmd`: a machine drawn as a Mermaid state diagram, which code hosts and editors show as a picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise

MOST_STATES = 32  # more cannot be followed by eye
MOST_NAMED = 6  # symbols named on an arrow
UNTOLD = "unknown"


def mermaid(machine: bytes) -> str:
    """Return the diagram of the content of `machine.json`, or nothing where it has too many states or none.

    Arrows between the same two states are one, labelled `symbols / output` for each output; runs of three numbers and
    more are written `0..9`. Where a machine is cut off at its horizon, arrows lead to a state `unknown`.
    """
    facts = json.loads(machine)
    transitions = facts.get("transitions", [])
    if not 0 < len(transitions) <= MOST_STATES:
        return ""
    lines = ["stateDiagram-v2", f"    [*] --> q{facts['start']}"]
    for state, targets in enumerate(transitions):
        arrows: dict[int | None, dict[tuple[int, ...], list[tuple[int, ...]]]] = {}
        for symbol, target, output in zip(facts["symbols"], targets, facts["outputs"][state], strict=True):
            arrows.setdefault(target, {}).setdefault(tuple(output), []).append(tuple(symbol))
        for target, by_output in arrows.items():
            told = "; ".join(f"{_symbols(some)} / {_symbol(output)}" for output, some in by_output.items())
            lines.append(f"    q{state} --> {UNTOLD if target is None else f'q{target}'}: {told}")
    return "\n".join(lines) + "\n"


def _symbols(symbols: Sequence[tuple[int, ...]]) -> str:
    names = _runs([x for (x,) in symbols]) if len(symbols[0]) == 1 else [_symbol(symbol) for symbol in symbols]
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


def _symbol(symbol: Sequence[int]) -> str:
    return str(symbol[0]) if len(symbol) == 1 else f"({' '.join(map(str, symbol))})"
