"""The files of a run as the page reads them: each may be missing, damaged or huge; the page says so in its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mips.machines.drawing.markup import Markup, tag

MOST_BYTES = 1 << 20  # of one file that is shown


class Unreadable(ValueError):
    """A file cannot be shown; the message says why, without its place."""


def content(path: Path) -> bytes | None:
    """Return the bytes of a file, None where there is no such file. Raises Unreadable."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Unreadable(f"{path.stat().st_size:,} bytes, at most {MOST_BYTES:,} are shown")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unreadable(error.strerror or type(error).__name__) from error
    except ValueError as error:  # a name that no file can have
        raise Unreadable(str(error)) from error


def text(path: Path) -> str | None:
    """Return the text of a file, what is no UTF-8 in it replaced, None where there is no such file."""
    found = content(path)
    return None if found is None else found.decode("utf-8", errors="replace")


def facts(path: Path) -> dict[str, Any] | None:
    """Return the object in a JSON file, None where there is no such file. Raises ValueError where it holds none."""
    read = content(path)
    if read is None:
        return None
    found = json.loads(read)
    if not isinstance(found, dict):
        raise Unreadable(f"found {type(found).__name__}, expected an object")
    return found


def shown(name: str, draw: Callable[[], Markup]) -> Markup:
    """Return what `draw` makes, or a line that `name` cannot be shown and why.

    Files of a run are data from elsewhere. Whatever is wrong with one, the rest of the page stands.
    """
    try:
        return draw()
    except Exception as error:
        told = " ".join(str(error).split())[:200]
        return tag("p", f"{name} cannot be shown: {told or type(error).__name__}", class_="missing")


def missing(name: str) -> Markup:
    """Return a line that a file is not there."""
    return tag("p", f"{name} is missing.", class_="missing")


def folder_of(root: Path, *names: str) -> Path:
    """Return a folder inside `root`. Raises Unreadable for names that would lead out of it."""
    if any(name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name for name in names):
        raise Unreadable("a name that is no folder's")
    return root.joinpath(*names)
