"""A state machine drawn as an arc diagram: states in a row, arrows to the right above it, to the left below it.

Every label sits on the top of its arc. Two arcs have the same middle only if their heights differ, so no two labels
lie on each other, however many arrows there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mips.machines.drawing.diagram import MOST_STATES, UNTOLD, Arrow, arrows
from mips.machines.drawing.markup import NOTHING, Markup, tag

RADIUS = 15
LETTER = 6.4  # width of one of a label, in pixels
LINE = 14  # height of a line of a label
STRIDE = 64  # least distance between two states
LONGEST = 22  # letters of a label that are shown; the rest is in its tooltip
MARGIN = 12


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
