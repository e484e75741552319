"""State machines as pictures: drawn in SVG, and told to Mermaid and Graphviz.

In SVG a machine is an arc diagram: states in a row, arrows to the right above it, to the left below it. Every label
sits on the top of its arc. Two arcs have the same middle only if their heights differ, so no two labels lie on each
other, however many arrows there are. All functions take the content of a `machine.json`; where it has `names` and
`output_names`, arrows say these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mips.machines.drawing.markup import NOTHING, Markup, tag

MOST_STATES = 32  # more cannot be followed by eye
MOST_NAMED = 6  # symbols named on an arrow
UNTOLD = "unknown"
MEANT = re.compile(r'[:;#%"<>{}\[\]|\\\n\r\t]')  # in Mermaid's diagrams
RADIUS = 15  # of a state, in pixels: two digits fit into it
LETTER = 6.4  # width of one of a label, in pixels
LINE = 14  # height of a line of a label
STRIDE = 64  # least distance between two states
LONGEST = 22  # letters of a label that are shown; the rest is in its tooltip
MARGIN = 12  # around the picture, in pixels: lines and letters at its edge are not cut


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


def drawn(facts: Mapping[str, Any]) -> Markup:
    """Return the picture for the content of a `machine.json`, nothing where it has more states than one can follow."""
    states = len(facts["transitions"])
    if not 0 < states <= MOST_STATES:
        return NOTHING
    found = arrows(facts)
    open_ended = any(arrow.target is None for arrow in found)
    names = [str(state) for state in range(states)] + [UNTOLD] * open_ended
    shown = [[_cut(label) for label in arrow.labels] for arrow in found]
    stride = max([STRIDE, *(LETTER * len(label) + 14 for labels in shown for label in labels)])
    rise = LINE * max((len(labels) for labels in shown), default=1) + 4
    spans = [_span(arrow, states) for arrow in found]
    above = _height(max([0, *spans]), rise) + rise + MARGIN
    below = _height(-min([0, *spans]), rise) + rise + MARGIN if min([0, *spans]) < 0 else RADIUS + MARGIN
    left = max(stride / 2, MARGIN + RADIUS) + 30
    width, height = left * 2 - 30 + stride * (len(names) - 1), above + below
    parts = [_arrow(arrow, labels, span, left, stride, above, rise)
             for arrow, labels, span in zip(found, shown, spans, strict=True)]  # fmt: skip
    start = left + stride * facts["start"]
    parts.append(_head(start - RADIUS - 24, above, start - RADIUS - 2, above))
    for number, name in enumerate(names):
        x = left + stride * number
        if name is UNTOLD:
            parts.append(tag("text", "?", x=_n(x), y=_n(above + 5), class_="state soft"))
        else:
            parts.append(tag("circle", cx=_n(x), cy=_n(above), r=RADIUS, class_="state"))
            parts.append(tag("text", name, x=_n(x), y=_n(above + 4.5), class_="state"))
    told = f"State machine with {states} states and {len(found)} arrows, start {facts['start']}"
    svg = tag("svg", tag("title", told), parts, viewBox=f"0 0 {_n(width)} {_n(height)}",
              width=_n(width), height=_n(height), role="img", class_="machine")  # fmt: skip
    return tag("div", svg, class_="wide", tabindex=0)


def described(facts: Mapping[str, Any]) -> Markup:
    """Return the picture with a line that says how large the machine is, and what could not be drawn."""
    count, symbols = len(facts["transitions"]), len(facts["symbols"])
    told = f"{count} state{'' if count == 1 else 's'}, {symbols} symbols, start {facts['start']}"
    if "horizon" in facts:
        told += f", unrolled up to {facts['horizon']} steps; arrows to ? lead further than that"
    if count > MOST_STATES:
        told += f"; a machine of more than {MOST_STATES} states is not drawn"
    return Markup(drawn(facts) + tag("p", f"{told}. Arrows: input / output.", class_="note"))


def tip() -> Markup:
    """Return the tip of all arrows of a page; it stands outside of what can be folded, as a hidden one is not drawn."""
    triangle = tag("path", d="M0,0L7,3.5L0,7z")
    marker = tag("marker", triangle, id="tip", viewBox="0 0 7 7", refX=6, refY="3.5", markerWidth=7, markerHeight=7,
                 orient="auto")  # fmt: skip
    return tag("svg", tag("defs", marker), width=0, height=0, aria_hidden="true", class_="defs")


def _span(arrow: Arrow, states: int) -> int:
    """Return how many places to the right an arrow leads; where it is unknown is the last place of all."""
    return (states if arrow.target is None else arrow.target) - arrow.source


def _height(span: int, rise: float) -> float:
    """Return how high above the row the top of an arc of this span lies."""
    return RADIUS + 14 + rise * span


def _arrow(
    arrow: Arrow, labels: Sequence[str], span: int, left: float, stride: float, row: float, rise: float
) -> Markup:
    x, side = left + stride * arrow.source, 1 if span >= 0 else -1
    top = row - side * _height(abs(span), rise)
    if span:
        begin, end = x + side * RADIUS * 0.6, x + stride * span - side * (RADIUS * 0.6 + 1)
        edge = row - side * (RADIUS * 0.8 + 1)
        bend = (4 * top - edge) / 3  # of a cubic curve whose middle is at `top`
        path = f"M{_n(begin)},{_n(edge)}C{_n(begin)},{_n(bend)} {_n(end)},{_n(bend)} {_n(end)},{_n(edge)}"
    else:
        bend = (4 * top - (row - RADIUS)) / 3
        foot = _n(row - RADIUS)
        path = f"M{_n(x - 6)},{foot}C{_n(x - 26)},{_n(bend)} {_n(x + 26)},{_n(bend)} {_n(x + 6)},{foot}"
    middle = x + stride * span / 2
    first = top - 4 - LINE * (len(labels) - 1) if side > 0 else top + LINE - 1
    texts = [
        tag("text", label, x=_n(middle), y=_n(first + LINE * number), class_="label")
        for number, label in enumerate(labels)
    ]
    cut = tag("title", "; ".join(arrow.labels)) if list(labels) != list(arrow.labels) else None
    return tag("g", cut, tag("path", d=path, class_="arrow", marker_end="url(#tip)"), texts)


def _head(x: float, y: float, x2: float, y2: float) -> Markup:
    return tag("path", d=f"M{_n(x)},{_n(y)}L{_n(x2)},{_n(y2)}", class_="arrow", marker_end="url(#tip)")


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST else label[: LONGEST - 1] + "…"


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def mermaid(machine: bytes) -> str:
    """Return the Mermaid diagram of the content of `machine.json`, or nothing where it has too many states or none."""
    facts = json.loads(machine)
    return to_mermaid(facts) if 0 < len(facts.get("transitions", [])) <= MOST_STATES else ""


def to_mermaid(facts: Mapping[str, Any]) -> str:
    """Return a machine as a Mermaid state diagram, which code hosts and editors show as a picture.

    Arrows between the same two states are one. Where a machine is cut off at its horizon, arrows lead to a state
    `unknown`.
    """
    lines = ["stateDiagram-v2", f"    [*] --> q{facts['start']}"]
    for arrow in arrows(facts):
        target = UNTOLD if arrow.target is None else f"q{arrow.target}"
        lines.append(f"    q{arrow.source} --> {target}: {'; '.join(map(_safe, arrow.labels))}")
    return "\n".join(lines) + "\n"


def to_dot(facts: Mapping[str, Any]) -> str:
    """Return a machine as a graph for Graphviz, with the same arrows; each output has a line of its own."""
    lines = ["digraph machine {", "  rankdir=LR;", "  node [shape=circle];", '  "" [shape=point];']
    lines += [f"  q{state} [label={state}];" for state in range(len(facts["transitions"]))]
    if any(arrow.target is None for arrow in arrows(facts)):
        lines.append(f'  {UNTOLD} [label="?", shape=none];')
    lines.append(f'  "" -> q{facts["start"]};')
    for arrow in arrows(facts):
        target = UNTOLD if arrow.target is None else f"q{arrow.target}"
        label = "\\n".join(label.replace("\\", "\\\\").replace('"', '\\"') for label in arrow.labels)
        lines.append(f'  q{arrow.source} -> {target} [label="{label}"];')
    return "\n".join([*lines, "}"]) + "\n"


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
