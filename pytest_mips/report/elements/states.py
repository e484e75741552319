"""The hidden states of a network as a scatter plot, coloured by what the network answers at them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from mips.machines.drawing.markup import Markup, tag

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 480, 320, 58, 14, 12, 44
KINDS = 10  # colours there are, told apart by the colour-blind too: Paul Tol's "muted", and a grey
TICKS = 5


def drawn(facts: Mapping[str, Any]) -> Markup:
    """Return the plot for the content of a `hidden_states.json`, with a legend of the outputs."""
    points = [(float(x), float(y)) for x, y in facts["points"]]
    outputs = [int(output) for output in facts["outputs"]]
    if len(points) != len(outputs) or not all(math.isfinite(number) for point in points for number in point):
        raise ValueError(f"{len(points)} points and {len(outputs)} outputs; expected equally many, and numbers")
    if not points:
        return tag("p", "No hidden state of this network is a number.", class_="missing")
    kinds = groups(outputs)
    place = {output: number for number, (low, high) in enumerate(kinds) for output in outputs if low <= output <= high}
    xs, ys = (_axis(values) for values in zip(*points, strict=True))
    parts = [*_grid(xs, ys), *_names(facts)]
    for (x, y), output in zip(points, outputs, strict=True):
        parts.append(tag("circle", cx=f"{_x(x, xs):.1f}", cy=f"{_y(y, ys):.1f}", r=3, class_=f"k{place[output]}"))
    told = f"{len(points)} hidden states of a network of hidden size {facts['hidden_size']}"
    svg = tag("svg", tag("title", told), parts, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", class_="states")
    legend = [
        tag("li", _dot(number), f" {low}" if low == high else f" {low} to {high}")
        for number, (low, high) in enumerate(kinds)
    ]
    return tag("div", svg, tag("ul", tag("li", "output:"), legend, class_="legend"), class_="plot")


def _dot(number: int) -> Markup:
    circle = tag("circle", cx=5, cy=5, r=4, class_=f"k{number}")
    return tag("svg", circle, viewBox="0 0 10 10", width=10, height=10, aria_hidden="true", class_="states")


def groups(outputs: Sequence[int]) -> list[tuple[int, int]]:
    """Return the outputs as ranges, both ends included: each its own if there are few, else KINDS of equal number."""
    values = sorted(set(outputs))
    count = min(KINDS, len(values))
    cuts = [len(values) * number // count for number in range(count + 1)]
    return [(values[begin], values[end - 1]) for begin, end in pairwise(cuts)]


def _names(facts: Mapping[str, Any]) -> list[Markup]:
    axes, explained = [str(name) for name in facts["axes"]], [float(share) for share in facts["explained"]]
    shares = [f" ({share:.0%} of the variance)" for share in explained] if len(explained) == 2 else ["", ""]
    across, up = (name + share for name, share in zip(axes, shares, strict=True))
    middle = TOP + (HEIGHT - TOP - BOTTOM) / 2
    return [
        tag("text", across, x=(LEFT + WIDTH - RIGHT) // 2, y=HEIGHT - 8, class_="soft middle"),
        tag("text", up, x=14, y=f"{middle:.0f}", transform=f"rotate(-90 14 {middle:.0f})", class_="soft middle"),
    ]


def _axis(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of an axis, a little beyond the values."""
    low, high = min(values), max(values)
    room = (high - low) * 0.04 or max(abs(low), 1.0) * 0.1
    return low - room, high + room


def _grid(xs: tuple[float, float], ys: tuple[float, float]) -> list[Markup]:
    parts = []
    for value in _ticks(*xs):
        x = f"{_x(value, xs):.1f}"
        parts.append(tag("line", x1=x, x2=x, y1=TOP, y2=HEIGHT - BOTTOM, class_="grid"))
        parts.append(tag("text", f"{value:g}", x=x, y=HEIGHT - BOTTOM + 15, class_="middle"))
    for value in _ticks(*ys):
        y = _y(value, ys)
        parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=f"{y:.1f}", y2=f"{y:.1f}", class_="grid"))
        parts.append(tag("text", f"{value:g}", x=LEFT - 6, y=f"{y + 4:.1f}", class_="end"))
    return parts


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers between the two."""
    rough = (high - low) / TICKS
    decade = 10.0 ** math.floor(math.log10(rough))
    stride = next(decade * times for times in (1, 2, 5, 10) if decade * times >= rough)
    first = math.ceil(low / stride)
    return [round(number * stride, 12) for number in range(first, math.floor(high / stride) + 1)]


def _x(value: float, axis: tuple[float, float]) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (value - axis[0]) / (axis[1] - axis[0])


def _y(value: float, axis: tuple[float, float]) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - axis[0]) / (axis[1] - axis[0])
