"""What an attempt left in its folder, drawn: program, machine, hidden states, training curve, derivation, log."""

from __future__ import annotations

import base64
from pathlib import Path
from xml.etree import ElementTree

from mips.machines.drawing import code, machine
from mips.machines.drawing.markup import NOTHING, Markup, tag
from pytest_mips.report.elements import derivation, states
from pytest_mips.report.folder import content, facts, missing, shown, text
from pytest_mips.runs.records import Record

LOG_LINES = 30


def section(folder: Path, record: Record) -> Markup:
    """Return all that can be shown of an attempt's files, the program first."""
    drawings: list[Markup] = [
        shown("program.py", lambda: _program(folder, record)),
        shown("derivation.json", lambda: _derivation(folder)),
        shown("machine.json", lambda: _machine(folder)),
        shown("hidden_states.json", lambda: _states(folder)),
        shown("training.svg", lambda: _training(folder)),
        shown("log.txt", lambda: _log(folder, record)),
    ]
    return tag("div", drawings)


def _program(folder: Path, record: Record) -> Markup:
    source = text(folder / "program.py")
    if source is None:
        return missing("program.py") if record.program_sha256 else NOTHING
    return tag("div", tag("h3", "Program"), code.highlighted(source))


def _derivation(folder: Path) -> Markup:
    found = facts(folder / "derivation.json")
    return NOTHING if found is None else tag("div", tag("h3", "How it was found"), derivation.section(found))


def _machine(folder: Path) -> Markup:
    found = facts(folder / "machine.json")
    return NOTHING if found is None else tag("div", tag("h3", "State machine"), machine.described(found))


def _states(folder: Path) -> Markup:
    found = facts(folder / "hidden_states.json")
    return NOTHING if found is None else tag("div", tag("h3", "Hidden states"), states.drawn(found))


def _training(folder: Path) -> Markup:
    """Return the curves as an image: as one, its style stays inside, and whatever it holds, no script runs."""
    picture = content(folder / "training.svg")
    if picture is None:
        return NOTHING
    ElementTree.fromstring(picture)
    source = "data:image/svg+xml;base64," + base64.b64encode(picture).decode("ascii")
    curve = tag("img", src=source, alt="The loss in training", loading="lazy", class_="curve")
    return tag("div", tag("h3", "Training"), tag("div", curve, class_="wide", tabindex=0))


def _log(folder: Path, record: Record) -> Markup:
    """Return the end of what the attempt said, where it came to no verdict."""
    if record.status in ("solved", "unsolved", "not_run"):
        return NOTHING
    said = text(folder / "log.txt")
    if said is None:
        return missing("log.txt")
    lines = said.splitlines()
    return tag(
        "div", tag("h3", "End of the log"), tag("pre", "\n".join(lines[-LOG_LINES:]), class_="program", tabindex=0)
    )


def read_program(path: Path) -> str | None:
    """Return the text of a program, None where it cannot be read."""
    try:
        return text(path)
    except ValueError:
        return None
