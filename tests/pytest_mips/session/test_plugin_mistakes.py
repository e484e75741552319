"""Wrong use ends in one clear line a mistake, with exit status 4 and nothing written."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from pytest_mips.__main__ import main

if TYPE_CHECKING:
    from stage import Stage

OneError = Callable[..., str]


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("--mips-seeds=0", "found '0', expected a whole number of at least 1."),
        ("--mips-seeds=many", "found 'many', expected a whole number of at least 1."),
        ("--mips-seed=-1", "found '-1', expected a whole number from 0 to 2**64 - 1."),
        (f"--mips-seed={2**64}", f"found '{2**64}', expected a whole number from 0 to 2**64 - 1."),
        (f"--mips-seed={'9' * 5000}", f"found '{'9' * 5000}', expected a whole number from 0 to 2**64 - 1."),
        ("--mips-time-limit=-1", "found '-1', expected a duration such as 90s, 30m or 1h30m."),
        ("--mips-time-limit=nan", "found 'nan', expected a duration such as 90s, 30m or 1h30m."),
        ("--mips-workers=x", "found 'x', expected a whole number of at least 0, or auto."),
        ("--mips-device=gpu", "found 'gpu', expected cpu, cuda or cuda:N."),
        ("--mips-device=cuda:-1", "found 'cuda:-1', expected cpu, cuda or cuda:N."),
        ("--mips-method=half", "found 'half', expected full or paper."),
        ("--mips-device=", "found '', expected cpu, cuda or cuda:N."),
        ("--mips-run=../up", "found '../up', expected letters, digits, dots, dashes or underscores."),
    ],
)
def test_wrong_option_values(stage: Stage, one_error: OneError, option: str, expected: str) -> None:
    stage.tasks("Easy")
    assert one_error(option) == f"ERROR: {option.partition('=')[0]}: {expected}"


def test_seeds_that_count_on_beyond_the_last_one(stage: Stage, one_error: OneError) -> None:
    stage.tasks("Easy")
    said = one_error(f"--mips-seed={2**64 - 2}", "--mips-seeds=3")
    assert said == f"ERROR: --mips-seeds: 3 seeds from {2**64 - 2} on go beyond 2**64 - 1, the last there is."


def test_the_last_seeds_there_are(stage: Stage) -> None:
    stage.tasks("Easy")
    result = stage.run(f"--mips-seed={2**64 - 2}", "--mips-seeds=2", workers="0")
    assert result.ret == pytest.ExitCode.OK
    assert [line["seed"] for line in map(json.loads, (stage.folder / "results.jsonl").read_text().splitlines())] == [
        2**64 - 2, 2**64 - 1
    ]  # fmt: skip


def test_a_wrong_ini_value_is_named_as_such(stage: Stage, one_error: OneError) -> None:
    stage.tasks("Easy")
    said = one_error("-o", "mips_time_limit=soon")
    assert said == "ERROR: ini option mips_time_limit: found 'soon', expected a duration such as 90s, 30m or 1h30m."


def test_an_unknown_option_is_refused(stage: Stage) -> None:
    stage.tasks("Easy")
    assert stage.run("--mips-wrokers=2").ret == pytest.ExitCode.USAGE_ERROR


def test_a_report_directory_that_cannot_be_written(stage: Stage, one_error: OneError) -> None:
    stage.tasks("Easy")
    stage.pytester.makefile(".txt", file="in the way")
    said = one_error("--mips-report-dir=file.txt/below", "--mips-run=mine")
    assert said == (
        f"ERROR: --mips-report-dir: {stage.pytester.path / 'file.txt/below/mine'} cannot be written: Not a directory."
    )


def test_a_name_of_a_run_that_is_taken(stage: Stage) -> None:
    stage.tasks("Easy")
    stage.run("--mips-run=mine", workers="0")
    before = (stage.folder / "results.jsonl").read_text()
    result = stage.run("--mips-run=mine", workers="0")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --mips-run: *mine exists already; choose another name, remove it, or go on*"])
    assert (stage.folder / "results.jsonl").read_text() == before


def test_default_paths_that_are_not_there(stage: Stage, one_error: OneError) -> None:
    assert "mips_paths names 'nowhere', which is not in" in one_error("-o", "mips_paths=nowhere")


def test_a_folder_in_an_option_that_pytest_takes_for_the_root(
    stage: Stage, one_error: OneError, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("reports")
    said = one_error("--mips-report-dir", str(other))
    assert f"which is not in {other.parent}" in said
    assert said.endswith("that is not this project: write options with a path as --option=PATH.")


MISTAKES = {
    "an output that is no int": (
        "step=lambda s, x: (s, x / 2)",
        "returned output 0.0; outputs are ints or tuples of ints.",
    ),
    "an unhashable state": ("step=lambda s, x: ([s], x)", "not hashable"),
    "an empty range": ("inputs=integers(3, 1)", "empty"),
    "a length below 1": ("length=0", "length is 0; expected an int of at least 1."),
    "a step that raises": ("step=lambda s, x: (s, 1 // x)", "step(0, 0) raised ZeroDivisionError"),
}


@pytest.mark.parametrize(("change", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_in_a_task_file(stage: Stage, one_error: OneError, change: str, expected: str) -> None:
    stage.tasks("Easy", file="test_good")
    stage.tasks(f"task('Wrong', {change})")
    said = one_error()
    assert said.startswith("ERROR: Task 'Wrong' (test_copy.py:") and expected in said
    assert said.count("\n") == 0


def test_all_mistaken_files_are_named_at_once(stage: Stage, one_error: OneError) -> None:
    stage.tasks("task('Wrong', length=0)")
    stage.tasks("task('Wronger', length=-1)", file="test_more")
    assert [line.split("'")[1] for line in one_error().splitlines()] == ["Wrong", "Wronger"]


@pytest.mark.parametrize(
    "tasks", ["task('Wrong', length=0)", "*[task('Same') for _ in range(2)]", "task('Locked', step=locked)"]
)
def test_mistakes_stand_before_the_word_that_no_tests_ran(stage: Stage, tasks: str) -> None:
    before = "import threading\nLOCK = threading.Lock()\ndef locked(state, x):\n    with LOCK:\n        return state, x"
    stage.tasks(tasks + "," if tasks.startswith("*") else tasks, before=before)
    command = [sys.executable, "-m", "pytest", "--mips-benchmark"]
    told = subprocess.run(command, cwd=stage.pytester.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert told.returncode == pytest.ExitCode.USAGE_ERROR
    lines = told.stdout.splitlines()
    (mistake,) = [number for number, line in enumerate(lines) if line.startswith("ERROR: ")]
    (end,) = [number for number, line in enumerate(lines) if "no tests ran" in line]
    assert mistake < end


@pytest.mark.parametrize(("text", "seconds"), [("10m", 600), ("1h30m", 5400), ("45", 45), ("1.5hours", 5400)])
def test_durations_are_read_alike(stage: Stage, text: str, seconds: int) -> None:
    stage.tasks("Easy")
    stage.run(f"--mips-time-limit={text}", f"--mips-budget={text}", workers="0")
    arguments = stage.read("run.json")["arguments"]
    assert (arguments["time_limit"], arguments["budget"]) == (seconds, seconds)


@pytest.mark.parametrize("option", ["--mips-time-limit", "--mips-budget"])
@pytest.mark.parametrize("text", ["soon", "10x", "m", "1h 30", "", "-5m", "inf"])
def test_what_is_no_duration_is_told_with_examples(stage: Stage, one_error: OneError, option: str, text: str) -> None:
    stage.tasks("Easy")
    assert one_error(f"{option}={text}") == (
        f"ERROR: {option}: found {text!r}, expected a duration such as 90s, 30m or 1h30m."
    )


def test_a_task_error_that_names_no_file_gets_its_line(stage: Stage, one_error: OneError) -> None:
    stage.tasks("Easy", before="from mips import TaskError\nraise TaskError('out of tasks')")
    (line,) = (
        n
        for n, text in enumerate((stage.pytester.path / "test_copy.py").read_text().splitlines(), 1)
        if "raise" in text
    )
    assert one_error() == f"ERROR: test_copy.py:{line}: out of tasks"


def test_a_name_used_twice_names_both_places(stage: Stage, one_error: OneError) -> None:
    stage.tasks("Same")
    stage.tasks("Same", file="test_more")
    said = one_error()
    assert said.startswith("ERROR: Task 'Same' is there twice: test_copy.py:")
    assert "(test_copy.py::test_copy[Same]) and test_more.py:" in said
    assert said.endswith("(test_more.py::test_copy[Same]); each name stands for one task: rename one of them.")


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("def test_it(mips): mips(1)", "found 0 parameters that are a mips.Task, expected exactly one"),
        ("@pytest.mark.parametrize('task', [1])\ndef test_it(task, mips): mips(1)", "found 0 parameters"),
        ("@pytest.mark.parametrize('task', [EASY], ids=str)\ndef test_it(task): pass", "found no fixture `mips`"),
    ],
)
def test_items_that_are_no_task(stage: Stage, one_error: OneError, test: str, expected: str) -> None:
    stage.tasks(
        "EASY := task('Easy')", before=f"EASY = task('First')\n@pytest.mark.mips_task\n{test}\n".replace("@@", "@")
    )
    said = one_error()
    assert said.startswith("ERROR: test_copy.py::test_it") and expected in said


def test_an_error_that_is_no_task_error_keeps_its_traceback(stage: Stage) -> None:
    stage.tasks("Easy", before="1 / 0")
    result = stage.run()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*ZeroDivisionError*"])
    assert not (stage.pytester.path / "reports").exists()


def test_a_task_that_cannot_leave_the_process(stage: Stage, one_error: OneError) -> None:
    before = "import threading\nLOCK = threading.Lock()\ndef locked(state, x):\n    with LOCK:\n        return state, x"
    stage.tasks("task('Locked', step=locked)", before=before)
    assert "Task 'Locked' (test_copy.py:" in (said := one_error()) and "cannot be sent to another process" in said


LONG = "n" * 300


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (f"--mips-run={LONG}", "--mips-run: found a name of 300 bytes, expected at most 100: nnn"),
        (f"--mips-programs={LONG}=x", "--mips-programs: found a name of 300 bytes, expected at most 100: nnn"),
        (f"--mips-programs=mod{'è' * 60}le=x", "--mips-programs: found a name of 125 bytes, expected at most 100"),
        (f"--mips-programs=x={LONG}", "File name too long; expected a folder or a JSONL file"),
        (f"--mips-llm={LONG}", "--mips-llm: found a name of 300 bytes, expected at most 100: nnn"),
        (f"--mips-resume={LONG}", "--mips-resume: found 'nnn"),
        (f"--mips-compare={LONG}", "--mips-compare: found 'nnn"),
        (f"--mips-report-dir={LONG}", "cannot be written: File name too long"),
    ],
    ids=lambda text: text[:20],
)
def test_a_name_too_long_for_a_file_is_found_before_anything_runs(
    stage: Stage, one_error: Callable[..., str], option: str, told: str
) -> None:
    stage.tasks("Easy")
    assert told in one_error(option)


@pytest.mark.parametrize("tool", ["show", "html", "compare", "merge", "verify"])
def test_a_tool_says_that_there_is_no_run_of_so_long_a_name(tool: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([tool, LONG, *([LONG] if tool in ("compare", "merge") else [])]) == 4
    told = capsys.readouterr().err
    assert told.startswith("ERROR: ") and told.count("\n") == 1
