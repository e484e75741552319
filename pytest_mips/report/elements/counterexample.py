"""Counterexamples: inputs, expected and found outputs one below the other, the first difference marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mips.machines.drawing.markup import Markup, tag

LONGEST = 40  # letters of one number
MOST_STEPS = 400


def drawing(counterexample: Mapping[str, Any], name: str = "Counterexample") -> Markup:
    """Return a counterexample as a table of three rows; an answer that is no list is told in words."""
    inputs, expected, actual = (counterexample.get(part) for part in ("inputs", "expected", "actual"))
    rows = [("inputs", inputs), ("expected", expected), ("got", actual)]
    lists = [(title, values) for title, values in rows if isinstance(values, list | tuple)]
    others = [(title, values) for title, values in rows if not isinstance(values, list | tuple)]
    length = max((len(values) for _, values in lists), default=0)
    at = first_difference(expected, actual)
    steps = range(min(length, MOST_STEPS))
    body = [
        tag("tr", tag("th", title, scope="row"), [_number(values, t, t == at and title != "inputs") for t in steps])
        for title, values in lists
    ]
    where = f"{name}: first difference at step {at + 1} of {length}" if at is not None else name
    cut = f", the first {MOST_STEPS} steps of {length}" if length > MOST_STEPS else ""
    told = [tag("p", tag("b", title), " ", _short(str(value), 400)) for title, value in others]
    table = tag("table", tag("caption", where + cut), tag("tbody", body), class_="example")
    return tag("div", tag("div", table, class_="wide", tabindex=0), told)


def first_difference(expected: Any, actual: Any) -> int | None:
    """Return the first step at which two answers differ, None where they are no lists or do not differ."""
    if not isinstance(expected, list | tuple) or not isinstance(actual, list | tuple):
        return None
    for t, (left, right) in enumerate(zip(expected, actual, strict=False)):
        if left != right:
            return t
    return min(len(expected), len(actual)) if len(expected) != len(actual) else None


def _number(values: Sequence[Any], t: int, marked: bool) -> Markup:
    if t >= len(values):
        return tag("td", "\N{EN DASH}", class_="differs" if marked else None)
    value = values[t]
    text = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return tag("td", tag("mark", _short(text)) if marked else _short(text), class_="differs" if marked else None)


def _short(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
