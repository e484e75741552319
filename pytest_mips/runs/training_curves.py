"""The training picture: the curves of `training.json` as one small self-contained SVG, for light and dark pages."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from pytest_mips.runs.formatting import percent

Point = tuple[float, float]  # step and the logarithm of the loss

WIDTH, LEFT, RIGHT, TOP, HEIGHT, ROW = 760, 62, 28, 44, 300, 17
LEAST = -16  # logarithm of the smallest loss that is told apart; below it lies the noise of double precision
COLUMN = 4.0  # of so many pixels a line shows the median, and a band from the least to the largest loss
TICKS = 6
LEGEND = ((LEFT, 46), (352, 68))  # for each column of the legend, where it begins and how many letters it has room for
COLOURS = ("#3b82f6", "#e8590c", "#2f9e44", "#c2409c", "#8b6cef", "#0c9aa8", "#a87b00", "#868e96")
STYLE = """
 text{font:12px sans-serif;fill:#24292f} .soft{fill:#6a737d} .title{font-weight:bold;font-size:14px}
 .row{font-size:11px} .end{font-weight:bold} .halo{font-weight:bold;stroke:#fff;stroke-width:3.5}
 .ground{fill:#fff} .grid{stroke:#d8dee4} .line{fill:none;stroke-width:1.5;stroke-linejoin:round} .band{opacity:.22}
 @media (prefers-color-scheme:dark){text{fill:#e6edf3} .soft{fill:#9198a1} .ground{fill:#0d1117} .grid{stroke:#30363d}
 .halo{stroke:#0d1117}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One trial: number and colour, its row of the legend, and its points; None where the loss was no number."""

    number: int
    colour: str
    label: tuple[str, ...]
    points: tuple[Point | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The logarithms of the loss around a step: the least, the median and the largest."""

    step: float
    low: float
    median: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The axes: the last step, and the lowest and the highest power of ten."""

    last: float
    low: int
    high: int

    def x(self, step: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * step / self.last

    def y(self, power: float) -> float:
        return TOP + HEIGHT * (self.high - power) / (self.high - self.low)


def draw(training: bytes) -> str:
    """Return the picture for the content of a `training.json`; empty when it holds no curve, or is something else."""
    try:
        facts = json.loads(training)
        curves = [
            Curve(
                number=number,
                colour=COLOURS[(number - 1) % len(COLOURS)],
                label=_label(trial),
                points=_points(trial["curve"]),
            )
            for number, trial in enumerate((trial for trial in facts["trail"] if trial["curve"]), start=1)
        ]
        title = f"{facts['task']}: the loss in training"
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""
    drawn = [curve for curve in curves if any(curve.points)]
    return _svg(title, drawn, _frame(drawn)) if drawn else ""


def columns(points: Sequence[Point | None], frame: Frame) -> list[list[Column]]:
    """Return what can be seen of the points, a column of the picture after the other; a None begins a new piece."""
    pieces: list[list[Column]] = []
    open_: list[Point] = []
    broken = True
    for point in (*points, None):
        if open_ and (point is None or frame.x(point[0]) // COLUMN != frame.x(open_[0][0]) // COLUMN):
            if broken:
                pieces.append([])
            powers = sorted(power for _, power in open_)
            middle = open_[len(open_) // 2][0]
            pieces[-1].append(Column(step=middle, low=powers[0], median=powers[len(powers) // 2], high=powers[-1]))
            open_, broken = [], False
        if point is None:
            broken = True
        else:
            open_.append(point)
    return pieces


def _points(curve: Sequence[Sequence[Any]]) -> tuple[Point | None, ...]:
    """Return step and logarithm; a loss too small to be told from 0 counts as the least one."""
    points: list[Point | None] = []
    for step, _, loss in curve:
        if not 0 <= step < math.inf:
            raise ValueError(f"found step {step}")
        if loss is None or not math.isfinite(loss):
            points.append(None)
        else:
            points.append((float(step), max(math.log10(loss), LEAST) if loss > 0 else LEAST))
    return tuple(points)


def _label(trial: Mapping[str, Any]) -> tuple[str, ...]:
    told = (
        f"{trial['architecture']} ({trial['method']})",
        f"{trial['steps']} steps, {trial['seconds']:.1f} s, {percent(trial['accuracy'])} right, {trial['why_stopped']}",
    )
    return tuple(
        text if len(text) <= room else text[: room - 1] + "…" for text, (_, room) in zip(told, LEGEND, strict=True)
    )


def _frame(curves: Sequence[Curve]) -> Frame:
    points = [point for curve in curves for point in curve.points if point]
    powers = [power for _, power in points]
    low, high = math.floor(min(powers)), math.ceil(max(powers))
    return Frame(last=max(step for step, _ in points) or 1.0, low=low, high=max(high, low + 1))


def _svg(title: str, curves: Sequence[Curve], frame: Frame) -> str:
    height = TOP + HEIGHT + 48 + ROW * len(curves) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
        f'<text class="title" x="{LEFT}" y="20">{escape(title)}</text>',
        f'<text class="soft" x="{LEFT}" y="36">logarithmic; it jumps up where the sequences become longer</text>',
        *_grid(frame),
    ]
    for curve in curves:
        parts += _line(curve, frame)
    parts += _ends(curves, frame)
    for row, curve in enumerate(curves):
        y = TOP + HEIGHT + 48 + ROW * row
        parts.append(f'<rect x="{LEFT - 46}" y="{y}" width="14" height="4" fill="{curve.colour}"/>')
        parts.append(f'<text class="row end" x="{LEFT - 26}" y="{y + 6}">{curve.number}</text>')
        for text, (x, _) in zip(curve.label, LEGEND, strict=True):
            parts.append(f'<text class="row" x="{x}" y="{y + 6}">{escape(text)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _grid(frame: Frame) -> list[str]:
    """Return both axes: lines at powers of ten and at round numbers of steps."""
    parts = []
    for power in range(frame.low, frame.high + 1, math.ceil((frame.high - frame.low) / TICKS)):
        y = frame.y(power)
        least = "≤" if power == LEAST else ""
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{least}10{_superscript(power)}</text>')
    rough = frame.last / TICKS
    decade = 10.0 ** math.floor(math.log10(rough))
    stride = max(1.0, next(decade * times for times in (1, 2, 5, 10) if decade * times >= rough))
    for number in range(int(frame.last // stride) + 1):
        x, y = frame.x(number * stride), TOP + HEIGHT
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{y}"/>')
        parts.append(f'<text x="{x:.1f}" y="{y + 16}" text-anchor="middle">{number * stride:.0f}</text>')
    middle = TOP + HEIGHT / 2
    parts.append(f'<text class="soft" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{TOP + HEIGHT + 33}">step</text>')
    parts.append(f'<text class="soft" x="14" y="{middle}" transform="rotate(-90 14 {middle})">loss</text>')
    return parts


def _line(curve: Curve, frame: Frame) -> list[str]:
    """Return the line through the medians and the band around it, broken where the loss was no number."""
    parts = []
    for piece in columns(curve.points, frame):
        xs = [frame.x(each.step) for each in piece]
        middle, upper, lower = (
            [f"{x:.1f},{frame.y(getattr(each, name)):.1f}" for x, each in zip(xs, piece, strict=True)]
            for name in ("median", "high", "low")
        )
        if len(piece) == 1:
            x, _, y = middle[0].partition(",")
            parts.append(f'<circle cx="{x}" cy="{y}" r="2.5" fill="{curve.colour}"/>')
        if upper != lower:
            outline = "L".join([*upper, *reversed(lower)])
            parts.append(f'<path class="band" fill="{curve.colour}" d="M{outline}z"/>')
        parts.append(f'<path class="line" stroke="{curve.colour}" d="M{"L".join(middle)}"/>')
    return parts


def _ends(curves: Sequence[Curve], frame: Frame) -> list[str]:
    """Return the number of every curve at its end, moved down where two would lie on each other."""
    ends = []
    for curve in curves:
        step, power = next(point for point in reversed(curve.points) if point)
        ends.append((frame.y(power), frame.x(step), curve))
    parts: list[str] = []
    placed: list[Point] = []
    for y, x, curve in sorted(ends, key=lambda end: end[:2]):
        while any(abs(x - other_x) < 12 and abs(y - other_y) < 11 for other_x, other_y in placed):
            y += 2
        placed.append((x, y))
        for style in ('class="halo"', f'class="end" style="fill:{curve.colour}"'):
            parts.append(f'<text x="{x + 5:.1f}" y="{y + 4:.1f}" {style}>{curve.number}</text>')
    return parts


def _superscript(power: int) -> str:
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
