"""A finished run as the repository keeps it: `python -m benchmarks.keep RUN NAME`, or `--help`.

Writes `reports/NAME/`: `run.json`, `results.jsonl` and `summary.md`, the task folders packed in `tasks.zip` (not with
`--without-tasks`), and with `--whole` also `summary.json`, the page `report.html`, and `programs.md`, which shows
the programs in plain text so that a change of one can be reviewed.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.roster import ROOT
from pytest_mips.runs.archive import ARCHIVE, pack, unpacked
from pytest_mips.scores.summary import load

FILES = ("run.json", "results.jsonl", "summary.md")
WHOLE_FILES = ("summary.json", "report.html")


def keep(run: Path, folder: Path, *, whole: bool, tasks: bool = True, names: Sequence[str] = ()) -> None:
    """Write the kept form of a run to a folder, in the place of what the folder held.

    `whole` adds WHOLE_FILES and `programs.md`; `tasks` says whether task folders are packed, and `names` which files of
    each, all by default.
    """
    with unpacked(run) as source:
        packed = folder.with_name(f".{folder.name}.new")
        shutil.rmtree(packed, ignore_errors=True)
        packed.mkdir(parents=True)
        for name in (*FILES, *(WHOLE_FILES if whole else ())):
            shutil.copyfile(run / name, packed / name)
        if tasks:
            pack(source, packed / ARCHIVE, names)
        if whole:
            (packed / "programs.md").write_text(programs(source), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    packed.rename(folder)


def programs(run: Path) -> str:
    """Return the programs of a run as Markdown, in the order of its roster."""
    parts = [f"# Programs of the run {run.name}\n"]
    for planned in load(run).run["tasks"]:
        path = run / "tasks" / planned["task"] / "program.py"
        source = path.read_text(encoding="utf-8") if path.is_file() else "# none\n"
        parts.append(f"## {planned['task']}\n\n{planned['about']}\n\n```python\n{source}```\n")
    return "\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Keep a run; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.keep", description=__doc__)
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a finished run")
    parser.add_argument("name", metavar="NAME", help="folder in reports/ that is written, or replaced")
    parser.add_argument("--whole", action="store_true", help="keep summary.json, report.html and programs.md, too")
    packing = parser.add_mutually_exclusive_group()
    packing.add_argument("--files", nargs="+", default=(), metavar="FILE", help="pack only these of each task (all)")
    packing.add_argument("--without-tasks", action="store_true", help="keep no task folders, thus no programs")
    options = parser.parse_args(arguments)
    missing = [name for name in (*FILES, *WHOLE_FILES * options.whole) if not (options.run / name).is_file()]
    if missing:
        parser.error(f"RUN: {options.run} holds no {', '.join(missing)}; expected the folder of a finished run")
    if Path(options.name).name != options.name or options.name in (".", ".."):
        parser.error(f"NAME: found {options.name!r}, expected the name of a folder in reports/")
    folder = ROOT / "reports" / options.name
    keep(options.run, folder, whole=options.whole, tasks=not options.without_tasks, names=options.files)
    return 0


if __name__ == "__main__":
    sys.exit(main())
