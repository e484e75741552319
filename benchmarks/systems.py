"""All kinds of systems in one run: `make comparison`, or `python -m benchmarks.systems --help`.

Ours, the stored programs of another run as a recorded baseline, a live endpoint (a scripted one on this machine, see
guesser.py, with and without counterexamples) and the synthesizers AALpy and gplearn, over all tasks, in one table.
Arguments after `--` go to pytest.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.guesser import serving
from benchmarks.roster import ROOT
from pytest_mips.runs.archive import unpacked


def recorded(run: Path, folder: Path) -> Path:
    """Return a folder with the programs that a run has stored, as a recorded baseline."""
    with unpacked(run) as place:
        for program in sorted((place / "tasks").glob("*/program.py")):
            shutil.copyfile(program, folder / f"{program.parent.name}.py")
    return folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; return the exit status of the run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.systems", description=__doc__)
    parser.add_argument(
        "--run", type=Path, default=ROOT / "reports" / "reference-paper", help="its programs are judged"
    )
    parser.add_argument("--name", default="paper-method", help="what the system that wrote them is called")
    parser.add_argument("rest", nargs="*", help="arguments for pytest, after --")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, serving() as url:
        command = [
            *(sys.executable, "-m", "pytest", "--mips-benchmark"),
            f"--mips-programs={options.name}={recorded(options.run, Path(folder))}",
            *("--mips-llm=scripted", f"--mips-llm-base-url={url}", "--mips-llm-samples=2", "--mips-llm-rounds=2"),
            *("--mips-synthesizer=aalpy", "--mips-synthesizer=gplearn"),
            *options.rest,
        ]
        return subprocess.run(command, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
