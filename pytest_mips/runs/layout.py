"""Where runs are, and where a run keeps the program of each attempt."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pytest_mips.runs.attempts import SYSTEM, Key


def newest(reports: Path, name: str) -> list[Path]:
    """Return the files of that name in the folders of all runs, the newest last; what cannot be looked at is none."""
    found = []
    with suppress(OSError):
        for folder in reports.iterdir():
            with suppress(OSError):
                if stat.S_ISREG((status := (folder / name).stat()).st_mode):
                    found.append((status.st_mtime, folder.name, folder / name))
    return [path for _, _, path in sorted(found)]


def program_file(key: Key, seeds: Sequence[int]) -> Path:
    """Return it relative to the folder of the run; `seeds` are those of the run, in their order.

    `tasks/<Task>/` belongs to the first seed and `tasks/<Task>/seed-<seed>/` to each other one; programs of other
    systems are in `baselines/<system>/<Task>/`, by the number of the sample.
    """
    task, system, seed = key
    if system != SYSTEM:
        return Path("baselines", system, task, f"{seed}.py")
    own = Path("tasks", task)
    return (own if not seeds or seed == seeds[0] else own / f"seed-{seed}") / "program.py"
