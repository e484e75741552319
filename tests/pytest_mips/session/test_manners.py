"""Under `--mips-benchmark` options, terminals and pytest-xdist do as elsewhere; without it nothing is touched."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from runs import SOURCE, make_run, record
from stage import Stage

from pytest_mips.__main__ import main
from pytest_mips.runs.formatting import fitting
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


# Terminals that know few characters


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
@pytest.mark.parametrize(
    "tool",
    [
        ["show", "new"],
        ["compare", "old", "new"],
        ["compare", "new", "old"],
        ["html", "new", "--out", "é→.html"],
        ["merge", "\N{SNOWMAN}", "new"],
        ["doctor"],
        ["show", "nowhere \N{SNOWMAN}"],
    ],
    ids=lambda tool: " ".join(tool),
)
def test_tools_speak_in_any_encoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: list[str], encoding: str
) -> None:
    monkeypatch.chdir(tmp_path)
    programs = {"tasks/A/program.py": f"# caf\N{LATIN SMALL LETTER E WITH ACUTE} \N{SNOWMAN}\n{SOURCE}"}
    make_run(tmp_path / "old", [record("A"), record("B")])
    odd = record("B", "unsolved", reason="\N{SNOWMAN} \N{EN DASH} caf\xe9", counterexample=None)
    make_run(tmp_path / "new", [record("A", program_sha256="1"), odd], programs=programs)
    streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict") for _ in range(2)]
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])
    assert main(tool) == (4 if "nowhere" in tool[-1] else 0)
    for stream in streams:
        stream.flush()
    told = "".join(stream.buffer.getvalue().decode(encoding) for stream in streams)  # type: ignore[attr-defined]
    assert told.endswith("\n")
    if tool[0] == "show" and "new" in tool:
        assert ("\N{SNOWMAN}" if encoding == "utf-8" else r"\u2603") in told


def test_what_an_encoding_lacks_is_replaced() -> None:
    assert fitting("1 \N{EN DASH} é \N{SNOWMAN}\n", "ascii") == "1 - \\xe9 \\u2603\n"
    assert fitting("1 \N{EN DASH} é \N{SNOWMAN}\n", "latin-1") == "1 - é \\u2603\n"
    assert fitting("1 \N{EN DASH}", "utf-8") == fitting("1 \N{EN DASH}", None) == "1 \N{EN DASH}"


@pytest.mark.parametrize("variables", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}], ids=str)
def test_a_run_speaks_in_ascii(stage: Stage, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    """In lines: where pytest escapes a text, it escapes the ends of its lines as well."""
    for name, value in (variables | {"PYTHONCOERCECLOCALE": "0"}).items():
        monkeypatch.setenv(name, value)
    stage.tasks("Hard")
    solver = stage.pytester.path / "fake_solver.py"
    solver.write_text(solver.read_text().replace("no formula fits", "caf\\xe9 \\u2603"))
    result = stage.pytester.runpytest_subprocess("--mips-benchmark", "--mips-workers=1", "--mips-strict")
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["*UNSOLVED Hard*caf[\\]xe9 [\\]u2603*", "task  *", "Hard    unsolved *", "solved 0 of 1*"]
    )
    assert "caf\xe9" in (stage.folder / "summary.md").read_text(encoding="utf-8")


# pytest-xdist


def run(stage: Stage, *arguments: str) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("xdist", reason="pytest-xdist is not installed")
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "--mips-benchmark", *arguments]
    return subprocess.run(command, cwd=stage.pytester.path, capture_output=True, text=True)


def summary_of(stage: Stage, name: str) -> Any:
    return json.loads((Path(stage.pytester.path) / "reports" / name / "summary.json").read_text())


@pytest.mark.slow
def test_results_are_the_same_with_two_processes(stage: Stage) -> None:
    stage.tasks("Easy", "Hard", "Simple", "Hard_Too", "Other")
    alone = stage.run("--mips-run=alone", workers="0")
    dealt = run(stage, "--mips-run=dealt", "-n", "2", "--mips-seeds=1")
    assert (alone.ret, dealt.returncode) == (0, 0), dealt.stdout + dealt.stderr
    one, two = summary_of(stage, "alone"), summary_of(stage, "dealt")
    assert one["results_hash"] == two["results_hash"]
    assert [task["task"] for task in one["tasks"]] == [task["task"] for task in two["tasks"]]
    assert "solved 3 of 5 (proved 3)" in dealt.stdout and "2 xfailed" in dealt.stdout
    for told, name in ((alone.outlines, "alone"), (dealt.stdout.splitlines(), "dealt")):
        (line,) = [line for line in told if line.startswith("report: ")]
        assert line == f"report: reports/{name}/summary.md and reports/{name}/report.html"
        assert all((stage.pytester.path / place).exists() for place in line.split()[1::2])
    assert (stage.pytester.path / "reports" / "dealt" / "tasks" / "Other" / "program.py").exists()


@pytest.mark.slow  # the next test has another gate
def test_strict_holds_under_it(stage: Stage) -> None:
    stage.tasks("Easy", "Hard")
    strict = run(stage, "--mips-run=strict", "-n", "1", "--mips-strict")
    assert strict.returncode == pytest.ExitCode.TESTS_FAILED and "1 failed" in strict.stdout


@pytest.mark.slow
def test_gates_hold_under_it_and_unsolved_stays_a_result(stage: Stage) -> None:
    stage.tasks("Easy", "Hard")
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
    pytest.importorskip("xdist", reason="pytest-xdist is not installed")
    stage.tasks("Easy")
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "-n", "1"]
    result = subprocess.run(command, cwd=stage.pytester.path, capture_output=True, text=True)
    assert result.returncode == 0 and "1 skipped" in result.stdout
    assert not (stage.pytester.path / "reports").exists()
