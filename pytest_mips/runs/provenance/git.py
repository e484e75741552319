"""What git says of a checkout; names of files in it may be no text."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SECONDS = 30  # a large checkout on a slow disk


def git(root: Path, *arguments: str) -> str:
    """Return what a command of git prints in a folder. Raises OSError or subprocess.SubprocessError."""
    command = ["git", "-C", str(root), *arguments]
    return os.fsdecode(subprocess.run(command, check=True, capture_output=True, timeout=SECONDS).stdout)


def tracked(path: Path) -> bool:
    """Return whether a file is in the index of a checkout; not where there is no git to ask."""
    try:
        return bool(git(path.parent, "ls-files", "-z", "--", f":(literal){path.name}"))
    except (OSError, subprocess.SubprocessError):
        return False
