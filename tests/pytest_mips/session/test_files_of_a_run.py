"""All files of a quick run are those that were kept, but for times, sizes, hosts, versions and hashes.

The run trains nothing: `stored_networks` puts the networks of the reference run in the place of training. A change of
what a run writes renews `tests/support/quick_run.json`, in a commit that says what changed:
`MIPS_RENEW=1 .venv/bin/python -m pytest -m slow tests/pytest_mips/session/test_files_of_a_run.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from masked import digests, masked

ROOT = Path(__file__).parents[3]
KEPT = ROOT / "tests" / "support" / "quick_run.json"


@pytest.mark.slow
def test_the_files_of_a_quick_run_are_those_that_were_kept(tmp_path: Path) -> None:
    options = [
        "--mips-benchmark",
        "--mips-quick",
        "--mips-run=quick",
        "-o",
        "mips_solver=stored_networks:solve",
        f"--mips-report-dir={tmp_path}",
    ]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "--mips-benchmark",
        "--mips-run=quick",
        *options,
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests" / "support")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    found = digests(masked(tmp_path / "quick"))
    if os.environ.get("MIPS_RENEW"):
        KEPT.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    assert len(found) > 100
    different = sorted(path for path in {*found, *kept} if found.get(path) != kept.get(path))
    assert not different, f"masked files differ; `python tests/support/masked.py {tmp_path}/quick OUT` writes them"


def test_masks_hide_what_differs_from_run_to_run_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"machine": {"cpu": "A Fast One", "cores": 2}, "dirty": true}')

    def digest(name: str, text: str) -> str:
        (tmp_path / name).write_text(text)
        return digests(masked(tmp_path))[name]

    line = '{"task": "Sum", "seconds": 1.5, "fingerprint": "36ef9e97"}\n'
    other = '{"task": "Max", "seconds": 20.25, "fingerprint": "aa00e9e1"}\n'
    assert digest("a.jsonl", line) == digest("a.jsonl", line.replace("1.5", "17").replace("36ef9e97", "07ef9e9f"))
    assert digest("a.jsonl", line + other) == digest("a.jsonl", other + line)
    assert digest("a.jsonl", line) != digest("a.jsonl", other)
    assert digest("log.txt", "[    1.0 s] trained: of 3") == digest("log.txt", "[   22.0 s] trained: of 12")
    assert digest("log.txt", "[    1.0 s] trained: of 3") != digest("log.txt", "[    1.0 s] learnt: of 3")
    assert digest("summary.md", "A Fast One, 2 cores") == digest("summary.md", "machine, 16 cores")
    assert digest("summary.md", "|  2.5 |") == digest("summary.md", "| 12.5 |") != digest("summary.md", "| 2.5 | 1 |")
    assert digest("program.py", "x = 1") != digest("program.py", "x = 2"), "programs are compared to the last digit"
    assert digest("network.safetensors", "1") != digest("network.safetensors", "2")
