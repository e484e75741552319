"""How a program was found: the steps of `derivation.json` as a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mips.machines.drawing.markup import Child, Markup, tag


def section(facts: Mapping[str, Any]) -> Markup:
    """Return the steps in their order: the route, what was tried, the best formulas and the ones taken."""
    return tag("ol", [tag("li", _step(step)) for step in facts["steps"]], class_="derivation")


def _step(step: Mapping[str, Any]) -> list[Child]:
    told: list[Child] = [tag("b", str(step["step"]))]
    details = [
        f"of {step['of']}" if "of" in step else "",
        f"{step['states']} states" if "states" in step else "",
        f"{step['codes']} codes, {step['rows']} rows" if "codes" in step and "rows" in step else "",
        str(step.get("found", "")),
        f"up to {step['allowed']:.2%} of the answers overruled" if step.get("allowed") else "",
        f"cost {step['size']}" if "size" in step else "",
        f"led nowhere: {step['failed']}" if "failed" in step else "",
    ]
    told.append(
        "".join(f", {detail}" if number else f": {detail}" for number, detail in enumerate(filter(None, details)))
    )
    if "tiers" in step:
        told.append(tag("ul", [tag("li", _tier(tier)) for tier in step["tiers"]]))
    best = step.get("best", ())
    if best:
        told.append(f"The best different ones of {step['fitting']} that fit:")
        told.append(tag("ul", [tag("li", f"cost {one['size']}: ", tag("code", str(one["formulas"]))) for one in best]))
    if "formulas" in step:
        told += [" ", tag("code", str(step["formulas"]))]
    return told


def _tier(tier: Mapping[str, Any]) -> str:
    tried, fitting = int(tier["tried"]), int(tier["fitting"])
    found = f"{tried} candidate{'' if tried == 1 else 's'}, {fitting} fit" if tried else "no candidate"
    return f"{tier['tier']}: {found}"
