"""The command that gives a process namespaces of its own, by bubblewrap, and the files that a program may see."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

SYSTEM = ("/usr", "/lib", "/lib64")


def prefix(folder: Path, more: Sequence[str] = ()) -> list[str]:
    """Return the beginning of a command that sees the interpreter, its libraries, and one folder and `more` alone.

    It is empty where bubblewrap is not installed.
    """
    tool = shutil.which("bwrap")
    if tool is None:
        return []
    command = [tool, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--dev", "/dev"]
    seen = (*SYSTEM, sys.base_prefix, str(folder))
    for place in dict.fromkeys(place for place in seen if os.path.exists(place)):
        command += ["--ro-bind", place, place]
    base = {"base": sys.base_prefix, "platbase": sys.base_prefix}
    for name in sorted({sysconfig.get_path(kind, vars=base) for kind in ("purelib", "platlib")}):
        command += ["--tmpfs", name] if os.path.isdir(name) else []
    for place in more:
        command += ["--ro-bind", place, place]
    return [*command, "--chdir", "/", "--"]


def numpy_folders() -> tuple[str, ...]:
    """Return the folder of numpy, and that of the shared libraries beside it, if there is one; none where it is not
    installed."""
    spec = importlib.util.find_spec("numpy")
    if spec is None or not spec.origin:
        return ()
    folder = Path(spec.origin).resolve().parent
    libraries = folder.with_name("numpy.libs")
    return (str(folder), *([str(libraries)] if libraries.is_dir() else []))
