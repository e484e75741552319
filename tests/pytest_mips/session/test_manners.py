"""Under `--mips-benchmark` pytest's own options mean what they mean elsewhere; without it nothing is touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from stage import Stage

from pytest_mips.runs.provenance.provenance import machine


def pytest_in(folder: Path, *arguments: str, answers: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, input=answers, timeout=120)


def test_exitfirst_stops_at_a_failure_and_not_at_a_result(stage: Stage) -> None:
    stage.tasks("Hard", "Easy", "Simple")
    stage.run("-x", "--mips-run=mild", workers="0").assert_outcomes(xfailed=1, passed=2)
    result = stage.run("-x", "--mips-strict", "--mips-run=strict", workers="0")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["to go on: pytest --mips-benchmark *--mips-resume=strict"])
    lines = (stage.pytester.path / "reports" / "strict" / "results.jsonl").read_text().splitlines()
    assert [json.loads(line)["status"] for line in lines] == ["unsolved", "not_run", "not_run"]


def test_last_failed_runs_what_failed(stage: Stage) -> None:
    stage.tasks("Hard", "Easy")
    stage.run("--mips-strict", workers="0").assert_outcomes(failed=1, passed=1)
    again = stage.run("--mips-strict", "--lf", "--mips-run=again", workers="0")
    again.assert_outcomes(failed=1)
    assert json.loads((stage.pytester.path / "reports" / "again" / "run.json").read_text())["partial"] is True


def test_quiet_says_the_score_and_little_else(stage: Stage) -> None:
    stage.tasks("Easy", "Hard")
    quiet, usual = (stage.run(*options, workers="0").outlines for options in (["-q"], []))
    assert "solved 1 of 2 (proved 1)" in quiet and len(quiet) < len(usual)
    assert not any(line.startswith("task ") for line in quiet)


def test_markers_and_names_select(stage: Stage) -> None:
    stage.tasks("Easy", "Hard", "Simple")
    stage.run("-m", "mips_task", "-k", "not Hard", workers="0").assert_outcomes(passed=2, deselected=1)


def test_a_task_by_its_node_is_a_part(stage: Stage) -> None:
    stage.tasks("Easy", "Hard")
    stage.run("test_copy.py::test_copy[Hard]", workers="0").assert_outcomes(xfailed=1)
    assert stage.read("run.json")["partial"] is True


def test_a_debugger_stops_inside_the_solver(stage: Stage) -> None:
    stage.pytester.makepyfile(
        fake_solver="def solve(task, *, seed, progress):\n    found = 6 * 7\n    raise KeyError(found)"
    )
    stage.tasks("Easy")
    folder = stage.pytester.path
    result = pytest_in(folder, "--mips-benchmark", "--mips-workers=0", "--pdb", answers="p found\nq\n")
    assert "KeyError: 42" in result.stdout and "(Pdb) 42" in result.stdout
    assert result.returncode == pytest.ExitCode.INTERRUPTED


def test_it_can_be_left_out(stage: Stage) -> None:
    stage.tasks("Easy")
    stage.pytester.makepyfile(test_other="def test_other(): pass")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTEST_PLUGINS")
        patch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
        result = pytest_in(stage.pytester.path, "-p", "no:mips", "-c", os.devnull, "--rootdir=.", "test_other.py")
    assert result.returncode == 0 and "1 passed" in result.stdout


def test_tasks_of_a_foreign_root(stage: Stage, tmp_path: Path) -> None:
    """Tasks elsewhere, an ini file elsewhere, and the report where the person is."""
    stage.tasks("Easy")
    ini = tmp_path / "other.ini"
    ini.write_text("[pytest]\nmips_solver = fake_solver:solve\n")
    here = tmp_path / "here"
    here.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(stage.pytester.path))
        result = pytest_in(
            here, "--mips-benchmark", "-c", str(ini), f"--rootdir={tmp_path}", str(stage.pytester.path / "test_copy.py")
        )
    assert result.returncode == 0, result.stdout + result.stderr
    (run,) = (here / "reports").iterdir()
    assert "solved 1 of 1" in (run / "summary.md").read_text()
    assert str(stage.pytester.path) not in (run / "run.json").read_text()


def test_a_tree_that_cannot_be_written_is_told_before_anything_runs(stage: Stage) -> None:
    stage.tasks("Easy")
    result = stage.run("--mips-report-dir=/proc/reports")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --mips-report-dir: /proc/reports/* cannot be written: *"])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_without_the_flag_a_read_only_tree_is_no_trouble(stage: Stage) -> None:
    stage.tasks("Easy")
    stage.pytester.path.chmod(0o555)
    try:
        result = pytest_in(stage.pytester.path, "-p", "no:cacheprovider")
    finally:
        stage.pytester.path.chmod(0o755)
    assert result.returncode == 0 and "1 skipped" in result.stdout and not result.stderr


def test_no_host_and_no_path_are_told(stage: Stage) -> None:
    assert {"cpu", "cores", "physical_cores", "memory_mib", "platform"} == machine().keys()
    assert os.uname().nodename not in json.dumps(machine())
