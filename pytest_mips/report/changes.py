"""A run beside another one: what is newly solved, newly unsolved, and which programs changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mips.machines.drawing import code
from mips.machines.drawing.markup import NOTHING, Cell, Child, Markup, table, tag
from pytest_mips.report.artefacts import read_program
from pytest_mips.report.elements.counterexample import drawing
from pytest_mips.report.folder import shown
from pytest_mips.scores.differences import CHANGED, KINDS, SAME, SOLVED, UNSOLVED, Comparison, Difference, compare
from pytest_mips.scores.side_scores import AT_LENGTH
from pytest_mips.scores.summary import Summary


def section(runs: tuple[Summary, Summary], folders: tuple[Path, Path]) -> Markup:
    """Return how the second run differs from the first, system by system."""
    found = compare(*runs, folders, read_program)
    names = [str(run.run["run"]) for run in runs]
    rows: list[dict[str, Child | Cell]] = [
        {
            "system": each.system,
            "tasks of both": len(each.differences),
            f"A: {names[0]}": each.solved[0],
            f"B: {names[1]}": each.solved[1],
            AT_LENGTH: "A {}, B {}".format(*each.at_length),
            **{kind: len(each.of(kind)) for kind in KINDS},
            "p (exact McNemar)": f"{each.p_value:.2g}",
        }
        for each in found
    ]
    told = table(rows, right=list(rows[0])[1:] if rows else ()) or tag("p", "The runs have no system in common.")
    return tag(
        "section", tag("h2", f"Against {names[0]}"), told, [_system(each, len(found) > 1) for each in found],
        id="changes",
    )  # fmt: skip


def _system(found: Comparison, named: bool) -> Markup:
    parts: list[Child] = [tag("h3", found.system)] if named else []
    for kind in (UNSOLVED, SOLVED, CHANGED):
        some = found.of(kind)
        if some:
            parts += [tag("h4", f"{kind} ({len(some)})"), [_difference(each) for each in some]]
    if len(found.of(SAME)) == len(found.differences):
        parts.append(tag("p", "The same in both runs, to the letter of the code."))
    parts += [_only(found.only_before, "first"), _only(found.only_after, "second")]
    return tag("div", parts)


def _difference(each: Difference) -> Markup:
    after = each.after
    gist = (
        after.why
        if each.kind == UNSOLVED
        else f"was {each.before.status}: {each.before.why}"
        if each.kind == SOLVED
        else ""
    )
    counterexample = after.counterexample if each.kind == UNSOLVED else None
    parts: list[Child] = []
    if counterexample:
        parts.append(shown("The counterexample", lambda: drawing(counterexample)))
    if each.diff:
        parts.append(code.difference(each.diff))
    head = [tag("span", after.task, class_="name"), " ", tag("span", gist, class_="gist")]
    return tag("details", tag("summary", head), parts, class_="foreign") if parts else tag("p", head)


def _only(tasks: Sequence[str], which: str) -> Markup:
    return tag("p", f"Only in the {which} run: {', '.join(tasks)}") if tasks else NOTHING
