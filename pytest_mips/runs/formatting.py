"""How numbers and sequences are said, the same everywhere."""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Callable, Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from mips.machines.drawing.markup import printable as printable

FITTING = "mips.fitting"  # how a stream is told to replace what its encoding lacks
PLAIN = {"\N{EN DASH}": "-", "\N{EM DASH}": "--", "\N{REPLACEMENT CHARACTER}": "?", "\N{HORIZONTAL ELLIPSIS}": "..."}
NONE = "\N{EN DASH}"
NAMED = 8  # tasks in a line

ELEMENT = re.compile(r"<(?=[A-Za-z/!?])")  # what may begin an element, a comment or an instruction of HTML
ENTITY = re.compile(r"&(?=#?\w+;)")  # what HTML would read as another character


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
    told = ": xs={inputs} expected={expected} got={actual}".format(**counterexample)
    return name + " ".join(told.split())


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


def encodable(text: str) -> str:
    """Return text in which each half of a pair, which no file holds, is written as Python would: `\\udce9`."""
    return text.encode("utf-8", errors="backslashreplace").decode("utf-8")


def each_text(change: Callable[[str], str], value: Any) -> Any:
    """Return a value of JSON in which every text is changed, also those that are names."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {each_text(change, name): each_text(change, inner) for name, inner in value.items()}
    if type(value) in (list, tuple):
        return type(value)(each_text(change, inner) for inner in value)
    return value


def fitting(text: str, encoding: str | None) -> str:
    """Return text that an encoding can take, None for any: what it has no sign for is replaced, or told by number."""
    return text.encode(encoding, FITTING).decode(encoding) if encoding else text


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(PLAIN.get(char) or char.encode("ascii", "backslashreplace").decode() for char in lost), error.end


codecs.register_error(FITTING, _replaced)


def prose(text: str) -> str:
    """Return text as one line of Markdown in which nothing is HTML, a link, a picture or the end of a cell.

    What could not be taken for any of these stays as it is.
    """
    line = " ".join(printable(text).split())
    line = ELEMENT.sub("&lt;", ENTITY.sub("&amp;", line))
    return line.replace("](", "]\\(").replace("|", "\\|")


def code_span(text: str) -> str:
    """Return text as one line of code in Markdown, or as prose where it has what could end the code or be HTML."""
    line = " ".join(printable(text).split())
    return prose(line) if "`" in line or ELEMENT.search(line) else f"`{line}`"
