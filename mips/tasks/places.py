"""Places in the user's files, `file:line`, relative to the working directory when inside."""

from __future__ import annotations

import os
import sys
import sysconfig
import traceback
from types import FrameType, TracebackType

LIBRARIES = (  # files that are not the user's
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep,
    *(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")),
)


def place_of_caller() -> str:
    """Return the place of the nearest caller in a file of the user's own, else the nearest outside of this package."""
    frame: FrameType | None = sys._getframe()
    nearest = ""
    while frame is not None:
        name, file = str(frame.f_globals.get("__name__")), frame.f_code.co_filename
        if name.partition(".")[0] != __name__.partition(".")[0]:
            nearest = nearest or f"{_shown(file)}:{frame.f_lineno}"
            if not file.startswith(LIBRARIES):
                return f"{_shown(file)}:{frame.f_lineno}"
        frame = frame.f_back
    return nearest


def place_in(trace: TracebackType | None, otherwise: str) -> str:
    """Return the deepest place of a traceback in the first of the user's own files that occurs in it, else `otherwise`.

    A function that came from another process does not know its file, but its module does.
    """
    own, place = "", otherwise
    for frame, line in traceback.walk_tb(trace):
        file = frame.f_code.co_filename
        if file.startswith("<"):
            file = str(frame.f_globals.get("__file__") or file)
        if file.startswith(("<", *LIBRARIES)) or (own and file != own):
            continue
        own, place = file, f"{_shown(file)}:{line}"
    return place


def said(error: BaseException) -> str:
    """Return the type and the text of an error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split()).rstrip(".:")


def _shown(file: str) -> str:
    path = os.path.abspath(file)
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative
