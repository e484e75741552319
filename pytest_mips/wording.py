"""How numbers and sequences are said, the same everywhere."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any

NONE = "\N{EN DASH}"
NAMED = 8  # tasks in a line


def percent(share: float) -> str:
    """Return a share as a percentage, rounded down, with as many digits as show that it is not the whole."""
    exact = Decimal(repr(share)) * 100
    missing = 100 - exact
    digits = max(2, -missing.adjusted()) if missing else 2
    return f"{exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_FLOOR)}%"


def overruled_text(overruled: Mapping[str, int] | None) -> str:
    """Return how many of the answers that distillation looked at the program contradicts."""
    if not overruled:
        return ""
    share = overruled["answers"] / overruled["of"] if overruled["of"] else 0.0
    return f"{overruled['answers']:,} of {overruled['of']:,} answers ({share:.2%})"


def minimum_text(minimum: Mapping[str, Any] | None) -> str:
    """Return the theoretical minimum in words: `rank 5`, or bits and states."""
    if not minimum:
        return NONE
    value = minimum["value"]
    if minimum["kind"] != "states":
        return f"{minimum['kind']} {value}"
    bits = math.log2(value)
    return f"{bits:.4g} bit{'' if bits == 1 else 's'} ({value} state{'' if value == 1 else 's'})"


def counterexample_text(counterexample: Mapping[str, Any] | None, name: str = "counterexample") -> str:
    """Return a counterexample in one line, with what to call it in front; empty when there is none."""
    if not counterexample:
        return ""
    return name + ": xs={inputs} expected={expected} got={actual}".format(**counterexample)


def resumed_text(step: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return what became of the results when a run was gone on with, and for each reason what was made again."""
    again: dict[str, list[str]] = {}
    for each in step["again"]:
        again.setdefault(f"{each['system']}: {each['why']}", []).append(each["task"])
    told = f"{step['kept']} results stayed, {len(step['again'])} attempts were made again"
    if step.get("left_out"):
        told += f", {step['left_out']} results do not count any more"
    reasons = []
    for why, attempts in again.items():
        tasks = [*dict.fromkeys(attempts)]
        more = f" and {len(tasks) - NAMED} more tasks" if len(tasks) > NAMED else ""
        reasons.append(f"{why}: {', '.join(tasks[:NAMED])}{more}")
    return told, reasons


def printable(text: str) -> str:
    """Return text without what no page may hold and no terminal should get: control characters, halves of pairs."""
    return "".join(
        char if char in "\n\t" or (char >= " " and not "\x7f" <= char <= "\x9f" and not "\ud800" <= char <= "\udfff")
        else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )  # fmt: skip
