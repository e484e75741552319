"""pytest-xdist deals the items out to processes of its own; the results are those of one process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from stage import Stage

pytest.importorskip("xdist", reason="pytest-xdist is not installed")


def run(stage: Stage, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "--mips-benchmark", *arguments]
    return subprocess.run(command, cwd=stage.pytester.path, capture_output=True, text=True)


def summary_of(stage: Stage, name: str) -> Any:
    return json.loads((Path(stage.pytester.path) / "reports" / name / "summary.json").read_text())


def test_results_are_the_same_with_two_processes(stage: Stage) -> None:
    stage.tasks("Easy", "Hard", "Simple", "Hard_Too", "Other")
    alone = run(stage, "--mips-run=alone")
    dealt = run(stage, "--mips-run=dealt", "-n", "2", "--mips-seeds=1")
    assert (alone.returncode, dealt.returncode) == (0, 0), dealt.stdout + dealt.stderr
    one, two = summary_of(stage, "alone"), summary_of(stage, "dealt")
    assert one["results_hash"] == two["results_hash"]
    assert [task["task"] for task in one["tasks"]] == [task["task"] for task in two["tasks"]]
    assert "solved 3 of 5 (proved 3)" in dealt.stdout and "2 xfailed" in dealt.stdout
    for told, name in ((alone, "alone"), (dealt, "dealt")):
        (line,) = [line for line in told.stdout.splitlines() if line.startswith("report: ")]
        assert line == f"report: reports/{name}/summary.md and reports/{name}/report.html"
        assert all((stage.pytester.path / place).exists() for place in line.split()[1::2])
    assert (stage.pytester.path / "reports" / "dealt" / "tasks" / "Other" / "program.py").exists()


def test_gates_hold_under_it_and_unsolved_stays_a_result(stage: Stage) -> None:
    stage.tasks("Easy", "Hard")
    strict = run(stage, "--mips-run=strict", "-n", "1", "--mips-strict")
    assert strict.returncode == pytest.ExitCode.TESTS_FAILED and "1 failed" in strict.stdout
    gate = run(stage, "--mips-run=gate", "-n", "1", "--mips-fail-under=2")
    assert gate.returncode == pytest.ExitCode.TESTS_FAILED
    assert "--mips-fail-under: 1 of 2 solved, expected at least 2" in gate.stdout


@pytest.mark.slow  # going on is what test_resume is about
def test_a_run_with_it_is_gone_on_with_alone(stage: Stage) -> None:
    ill = "def raising(rng, length):\n    assert os.path.exists('go') or not in_child()\n"
    ill += "    return rng.choices((0, 1), k=length)"
    stage.tasks("task('Ill', raising)", "Easy", before=ill)
    told = run(stage, "--mips-run=mine", "-n", "2", "--mips-time-limit=60")
    assert told.returncode == pytest.ExitCode.TESTS_FAILED
    (line,) = [line for line in told.stdout.splitlines() if line.startswith("to go on: ")]
    assert line == "to go on: pytest -p xdist --mips-benchmark -n 2 --mips-time-limit=60 --mips-resume=mine -n0"
    (stage.pytester.path / "go").touch()
    again = run(stage, *line.split()[6:])
    assert again.returncode == 0 and "going on with mine: 1 results stay" in again.stdout, again.stdout + again.stderr
    refused = run(stage, "--mips-resume=mine", "-n", "2")
    assert "--mips-resume does not work with -n of pytest-xdist" in refused.stderr


def test_what_does_not_go_with_it_is_told(stage: Stage) -> None:
    stage.tasks("Easy")
    result = run(stage, "-n", "2", "--mips-synthesizer=aalpy")
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--mips-synthesizer does not work with -n of pytest-xdist; use --mips-workers." in result.stderr
    assert not (stage.pytester.path / "reports").exists()


def test_without_the_flag_nothing_changes(stage: Stage) -> None:
    stage.tasks("Easy")
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "-n", "1"]
    result = subprocess.run(command, cwd=stage.pytester.path, capture_output=True, text=True)
    assert result.returncode == 0 and "1 skipped" in result.stdout
    assert not (stage.pytester.path / "reports").exists()
