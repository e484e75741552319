"""The command that gives a process namespaces of its own, by bubblewrap: no network, and few files to see."""

from __future__ import annotations

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
