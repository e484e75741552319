"""The page about what was distilled, its parts for notebooks, and the plot of its fidelity."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mips.distillation.fidelity import STRETCH, Agreement, Fidelity
from mips.machines.drawing.code import highlighted
from mips.machines.drawing.machine import described, tip
from mips.machines.drawing.markup import Child, Markup, facts, joined, tag
from mips.machines.drawing.style import document

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 560, 250, 52, 16, 40, 44  # pixels
TICKS = 5  # of an axis, about
STEPS = (1, 2, 5, 10)  # times a power of ten are round
LEAST_SPAN = 0.05  # of the shares on the axis: less would make a few words look like many


def page(title: str, known: Sequence[tuple[str, Child]], parts: Markup) -> str:
    """Return a whole page with a title, facts by name, and the parts that `parts_of` returns."""
    return document(title, [tip(), tag("main", tag("h1", title), facts(known), parts)])


def parts_of(program: str, machine: Mapping[str, Any] | None, formulas: str, fidelity: Fidelity | None) -> Markup:
    """Return program, picture of the machine, formulas and fidelity, each under its name."""
    return joined(
        [
            _named("Program", highlighted(program)),
            _named("State machine", described(machine)) if machine else None,
            _named("Formulas", tag("pre", tag("code", formulas), class_="program", tabindex=0)) if formulas else None,
            _named("Fidelity", fidelity_section(fidelity)) if fidelity else None,
        ]
    )


def _named(name: str, part: Markup) -> Markup:
    return tag("div", tag("h3", name), part)


def fidelity_section(fidelity: Fidelity) -> Markup:
    """Return the plot of how program and network agree, and the first word on which they differ."""
    shown = fidelity.difference
    told: Child = "No word was found on which network and program differ."
    if shown is not None:
        told = [
            "They differ first on ", tag("code", repr([*shown.word])), ": the network answers ",
            tag("code", repr(shown.network)), " after the last symbol, the program ", tag("code", repr(shown.program)),
            ".",
        ]  # fmt: skip
    return tag("div", tag("div", plot(fidelity), class_="plot"), tag("p", told))


def plot(fidelity: Fidelity) -> Markup:
    """Return the share of words on which network and program agree, by the length of words, as a picture in SVG.

    It is in one colour, that of the text around: a full dot where all words of a length were tried, else a ring for
    random words, with the 95 % interval as a line.
    """
    found = fidelity.by_length
    longest = found[-1].length
    lowest = min(each.interval[0] for each in found)
    bottom = max(0.0, min(1 - LEAST_SPAN, math.floor(lowest * 20) / 20))

    def x(length: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (length - 0.5) / longest

    def y(share: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (share - bottom) / (1 - bottom)

    parts: list[Markup] = []
    for share in _ticks(bottom, 1.0):
        parts.append(_line(LEFT, y(share), WIDTH - RIGHT, y(share), opacity="0.15"))
        parts.append(_text(f"{share:.6g}", LEFT - 6, y(share) + 4, "end"))
    for length in dict.fromkeys([1, *(math.ceil(tick) for tick in _ticks(1, longest))]):
        parts.append(_text(str(length), x(length), HEIGHT - BOTTOM + 16, "middle"))
    if (distilled_on := longest / STRETCH) >= 1:
        parts.append(_line(x(distilled_on), TOP - 16, x(distilled_on), HEIGHT - BOTTOM, stroke_dasharray="2 3"))
        parts.append(_text(f"distilled on {distilled_on:g} symbols", x(distilled_on) + 4, TOP - 9, "start"))
    radius = min(3.0, (WIDTH - LEFT - RIGHT) / longest / 2.6)
    parts += [mark for each in found for mark in _marks(each, x(each.length), y, radius)]
    legend = "symbols in a word (\N{BLACK CIRCLE} all words, \N{WHITE CIRCLE} random ones with 95 % interval)"
    parts.append(_text(legend, (LEFT + WIDTH) / 2, HEIGHT - 8))
    parts.append(_text("share of words that agree", 4, 12, "start"))
    agreeing = sum(each.agreeing == each.words for each in found)
    title = f"Network and program agree on all words tried at {agreeing} of {len(found)} lengths"
    return tag("svg", tag("title", title), parts, xmlns="http://www.w3.org/2000/svg",
               viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", fill="currentColor")  # fmt: skip


def _marks(each: Agreement, x: float, y: Callable[[float], float], radius: float) -> list[Markup]:
    low, high = each.interval
    place = {"cx": f"{x:.1f}", "cy": f"{y(each.share):.1f}", "r": f"{radius:.1f}"}
    dot = tag("circle", **place, fill="currentColor" if each.is_all else "none", stroke="currentColor")
    return [dot] if each.is_all else [_line(x, y(low), x, y(high)), dot]


def _line(x1: float, y1: float, x2: float, y2: float, **more: str) -> Markup:
    ends = {name: f"{value:.1f}" for name, value in (("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2))}
    return tag("line", **ends, stroke="currentColor", **more)


def _text(text: str, x: float, y: float, anchor: str = "middle") -> Markup:
    return tag("text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, font_size=11, font_family="sans-serif")


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers from low to high."""
    rough = (high - low) / TICKS or 1.0
    decade = 10.0 ** math.floor(math.log10(rough))
    stride = next(decade * times for times in STEPS if decade * times >= rough * (1 - 1e-9))
    first = math.ceil(low / stride - 1e-9)
    return [number * stride for number in range(first, math.floor(high / stride + 1e-9) + 1)]
