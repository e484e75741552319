"""No result is lost, and however a run was made, in one go or in parts, its results are the same."""

from __future__ import annotations

import errno
import html
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from runs import make_run, record
from stage import Stage

from pytest_mips.__main__ import main
from pytest_mips.cli.merge import MergeError, merge
from pytest_mips.options import parsing
from pytest_mips.runs import records
from pytest_mips.runs.attempts import SolverJob
from pytest_mips.runs.latest import run_to_go_on_with
from pytest_mips.runs.lines import append, mend
from pytest_mips.runs.provenance import provenance, surroundings
from pytest_mips.runs.records import Record, read
from pytest_mips.runs.records import append as append_record
from pytest_mips.runs.resuming import ResumeError
from pytest_mips.session import planning
from pytest_mips.session.durations import Durations

NAMES = ("Easy", "Hard", "Simple", "Hard_Too", "Other")
SLOW = """
def slow(rng, length):
    if in_child() and not os.path.exists("go"):
        open("waiting", "w").close()
        time.sleep(1000)
    return rng.choices((0, 1), k=length)
"""


def summary_of(folder: Path) -> Any:
    return json.loads((folder / "summary.json").read_text())


def reports(stage: Stage) -> Path:
    return stage.pytester.path / "reports"


def wait_for(place: Path) -> None:
    for _ in range(600):
        if place.exists():
            return
        time.sleep(0.05)
    raise AssertionError(f"{place.name} never came")


@pytest.mark.slow
def test_five_ways_to_the_same_results(stage: Stage) -> None:
    stage.tasks(*NAMES)
    assert stage.run("--mips-run=serial", workers="0").ret == 0
    assert stage.run("--mips-run=parallel", workers="2").ret == 0
    stage.run("--mips-run=resumed", "-k", "Easy or Hard", workers="1")
    results = reports(stage) / "resumed" / "results.jsonl"
    results.write_bytes(results.read_bytes() + b'{"task": "Oth')
    assert stage.run("--mips-resume=resumed", workers="1").ret == 0
    for number in (1, 2, 3):
        assert stage.run(f"--mips-run=shard{number}", f"--mips-shard={number}/3", workers="1").ret == 0
    whole = merge([reports(stage) / f"shard{number}" for number in (3, 1, 2)], reports(stage) / "merged")
    found = [summary_of(reports(stage) / name) for name in ("serial", "parallel", "resumed", "merged")]
    assert len({one["results_hash"] for one in found}) == 1
    assert {one["roster"] for one in found} == {5} and {one["partial"] for one in found} == {False}
    assert [[task["task"] for task in one["tasks"]] for one in found] == [[*NAMES]] * 4
    assert whole.score == "solved 3 of 5 (proved 3)"
    assert (reports(stage) / "merged" / "tasks" / "Other" / "program.py").exists()
    assert summary_of(reports(stage) / "shard1")["results_hash"] != found[0]["results_hash"]


def test_after_a_kill_of_everything_only_what_is_missing_is_run(stage: Stage) -> None:
    stage.tasks("Easy", "Hard", "task('Slow', slow)", before=SLOW)
    command = [sys.executable, "-m", "pytest", "--mips-benchmark", "--mips-workers=1", "--mips-run=mine"]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    wait_for(stage.pytester.path / "waiting")
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    before = (reports(stage) / "mine" / "results.jsonl").read_text()
    assert [json.loads(line)["task"] for line in before.splitlines()] == ["Easy", "Hard"]
    (stage.pytester.path / "go").touch()
    result = stage.run("--mips-resume", workers="1")
    assert result.ret == 0
    result.assert_outcomes(passed=2, xfailed=1)
    result.stdout.fnmatch_lines(["going on with mine: 2 results stay", "*again: Slow mips 0: no result"])
    after = (reports(stage) / "mine" / "results.jsonl").read_text()
    assert after.startswith(before) and len(after.splitlines()) == 3
    (step,) = json.loads((reports(stage) / "mine" / "run.json").read_text())["resumed"]
    assert step["kept"] == 2 and [one["task"] for one in step["again"]] == ["Slow"]


def test_what_is_broken_or_changed_is_done_again(stage: Stage) -> None:
    stage.tasks("Easy", "Hard")
    stage.run("--mips-run=mine", workers="0")
    results = reports(stage) / "mine" / "results.jsonl"
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    for status in ("error", "timeout", "memory", "not_run"):
        results.write_text("".join(json.dumps(line | {"status": status}) + "\n" for line in lines[:1]))
        stage.run("--mips-resume=mine", workers="0").stdout.fnmatch_lines([f"*again: Easy mips 0: {status}"])
    stage.run("--mips-resume=mine", workers="0").stdout.fnmatch_lines(["going on with mine: 2 results stay"])
    source = (stage.pytester.path / "test_copy.py").read_text()
    (stage.pytester.path / "test_copy.py").write_text(source.replace("return state, x\n", "return x, x\n"))
    result = stage.run("--mips-resume=mine", workers="0")
    result.stdout.fnmatch_lines(
        ["going on with mine: 0 results stay", "*again: Easy mips 0: the task's step, its file or what*has changed"]
    )
    result = stage.run("--mips-resume=mine", "--mips-seed=7", workers="0")
    result.stdout.fnmatch_lines(["*2 results do not count any more*", "*again: Easy mips 7: no result"])
    assert result.ret == 0 and summary_of(reports(stage) / "mine")["tasks"][0]["seed"] == 7
    for name in ("summary.md", "report.html"):
        text = (reports(stage) / "mine" / name).read_text()
        assert "0 results stayed, 2 attempts were made again, 2 results do not count any more" in text
        assert "mips: no result: Easy, Hard" in text


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("a helper of the task", "the task's step, its file or what that imports has changed"),
        ("a helper of that helper", "the task's step, its file or what that imports has changed"),
        ("the solver", "the solver's source has changed"),
        ("what the solver imports", "the solver's source has changed"),
        ("a package", "torch 99 is new"),
        ("the library", "the library has changed"),
        ("the method", "method was full, is paper"),
        ("the length", "the task's declaration has changed; the task's step, its file"),
        ("an old run", "the task, the settings, the versions or the code have changed"),
        ("nothing", ""),
        ("what nobody imports", ""),
    ],
)
def test_why_a_result_is_made_again_is_told(
    change: str, told: str, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = stage.pytester.path
    stage.pytester.makepyfile(
        helper_one="def here():\n    from package_of_one import helper_two", unused="", part_of_solver=""
    )
    place = stage.pytester.mkpydir("package_of_one")
    (place / "helper_two.py").write_text("from . import helper_three\n")
    (place / "helper_three.py").write_text("")
    stage.tasks("Easy", before="import helper_one")
    solver = (folder / "fake_solver.py").read_text().replace("progress):", "progress, method=''):")
    (folder / "fake_solver.py").write_text("import part_of_solver\n" + solver)
    assert stage.run("--mips-run=mine", workers="0").ret == 0
    options = ["--mips-resume=mine"]
    file = {
        "a helper of the task": "helper_one.py",
        "a helper of that helper": "package_of_one/helper_three.py",
        "the solver": "fake_solver.py",
        "what the solver imports": "part_of_solver.py",
        "what nobody imports": "unused.py",
        "the length": "test_copy.py",
    }.get(change)
    if file:
        text = (folder / file).read_text()
        (folder / file).write_text(text.replace('"length": 4', '"length": 5') + "\nthis = 1\n")
    if change == "the method":
        options.append("--mips-method=paper")
    if change == "the library":
        monkeypatch.setattr(provenance, "library", lambda: "0" * 64)
    if change == "a package":
        monkeypatch.setattr(planning, "installed", lambda *names: surroundings.installed(*names) | {"torch": "99"})
    if change == "an old run":
        run = json.loads((reports(stage) / "mine" / "run.json").read_text())
        del run["tasks"][0]["parts"]
        (reports(stage) / "mine" / "run.json").write_text(json.dumps(run))
        (folder / "fake_solver.py").write_text("import part_of_solver\n" + solver + "\n")
    result = stage.run(*options, workers="0")
    assert result.ret == 0
    page = html.unescape((reports(stage) / "mine" / "report.html").read_text())
    if told:
        assert f"<li>mips: {told}" in page and "again: Easy mips 0: " in result.stdout.str()
    else:
        assert "1 results stayed, 0 attempts" in page


def test_who_goes_on_with_other_settings_by_mistake_loses_nothing(stage: Stage) -> None:
    """What was not run hides no result."""
    stage.tasks("Easy", "Hard")
    stage.run("--mips-run=mine", workers="0")
    results = reports(stage) / "mine" / "results.jsonl"
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    results.write_text("".join(json.dumps(line | {"seconds": 100.0}) + "\n" for line in lines))
    before = summary_of(reports(stage) / "mine")["results_hash"]
    wrong = stage.run("--mips-resume=mine", "--mips-method=paper", "--mips-budget=1s", workers="0")
    wrong.stdout.fnmatch_lines(["*again: Easy mips 0: method was full, is paper", "*solved 0 of 2*"])
    right = stage.run("--mips-resume=mine", workers="0")
    right.stdout.fnmatch_lines(["going on with mine: 2 results stay", "*solved 1 of 2*"])
    assert right.ret == 0 and summary_of(reports(stage) / "mine")["results_hash"] == before


def test_tasks_of_one_run_are_made_in_one_way(stage: Stage) -> None:
    stage.tasks("Easy", "Hard")
    stage.run("--mips-run=mine", "--mips-seeds=2", workers="0")
    for option, told in {
        "--mips-seeds=1": "seeds [0, 1], now [0]",
        "--mips-method=paper": "method full, now paper",
    }.items():
        options = {"--mips-seeds=2"} - {option.replace("1", "2")} | {option}
        refused = stage.run("--mips-resume=mine", "-k", "Easy", *sorted(options), workers="0")
        assert refused.ret == pytest.ExitCode.USAGE_ERROR
        assert f"ERROR: --mips-resume: mine was made with {told} for 1 of its 2 tasks; ask" in refused.stderr.str()
        assert "to go on" not in refused.stdout.str()
    refused = stage.run("--mips-resume=mine", "--mips-seeds=2", "--mips-baselines-only", "--mips-programs=x=.")
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    assert stage.run("--mips-resume=mine", "-k", "Easy", "--mips-seeds=2", workers="0").ret == 0
    moved = stage.run("--mips-resume=mine", "--mips-seed=1", workers="0")
    moved.stdout.fnmatch_lines(["*2 results do not count*", "*again: Easy mips 1: the first seed is another*"])


@pytest.mark.slow
def test_a_run_goes_on_with_the_same_systems_only(stage: Stage) -> None:
    """Else a score would be of no system at all."""
    stage.tasks("Easy", "Simple")
    right, wrong = "def program(xs):\n    return xs\n", "def program(xs):\n    return [2 for x in xs]\n"
    for folder, texts in {"a": {"Easy": right, "Simple": wrong}, "b": {"Simple": right}}.items():
        place = stage.pytester.mkdir(folder)
        for name, text in texts.items():
            place.joinpath(f"{name}.py").write_text(text)
    options = ("--mips-run=mine", "--mips-baselines-only")
    assert "x 1 of 2" in stage.run(*options, "--mips-programs=x=a").stdout.str()
    refused = stage.run("--mips-resume=mine", "--mips-baselines-only", "--mips-programs=y=a")
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    assert "mine has programs of x, which are not asked for now" in refused.stderr.str()
    more = ("--mips-programs=x=a", "--mips-programs=y=a")
    partly = stage.run("--mips-resume=mine", "--mips-baselines-only", "-k", "Easy", *more)
    assert partly.ret == pytest.ExitCode.USAGE_ERROR and "y would come to 1 of the tasks" in partly.stderr.str()
    other = stage.run("--mips-resume=mine", "--mips-baselines-only", "--mips-programs=x=b").stdout.str()
    assert "x 1 of 2" in other and "no program for 1" in other  # what it solved before is not its own any more


def test_the_line_to_go_on_is_the_command_of_the_run(stage: Stage) -> None:
    stage.tasks(
        "task('Ill', raising)",
        before="def raising(rng, length):\n    assert not in_child()\n    return rng.choices((0, 1), k=length)",
    )
    (stage.pytester.path / "the reports").mkdir()
    told = stage.run("-k", "Ill or Simple", "--mips-report-dir=the reports", "--mips-run", "mine").stdout
    told.fnmatch_lines(
        ["to go on: pytest --mips-benchmark --mips-workers=2 -k 'Ill or Simple' '--mips-report-dir=the reports' "
         "--mips-resume=mine"]
    )  # fmt: skip


def test_no_line_to_go_on_where_there_is_nothing_to_go_on_with(stage: Stage) -> None:
    stage.tasks("Easy")
    (stage.pytester.path / "reports").write_text("no folder")
    wrong = (["--mips-report-dir=reports"], ["--mips-executor=nowhere:factory", "--mips-report-dir=others"])
    for arguments in wrong:
        result = stage.run(*arguments)
        assert result.ret == pytest.ExitCode.USAGE_ERROR and "to go on" not in result.stdout.str()


def test_one_process_at_a_time_writes_into_a_run(stage: Stage) -> None:
    stage.tasks("Easy", "task('Slow', slow)", before=SLOW)
    command = [sys.executable, "-m", "pytest", "--mips-benchmark", "--mips-workers=1", "--mips-run=mine"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as run:
        wait_for(stage.pytester.path / "waiting")
        before = [path.read_bytes() for path in sorted((reports(stage) / "mine").glob("*.json*"))]
        result = stage.run("--mips-resume=mine", workers="1")
        assert result.ret == pytest.ExitCode.USAGE_ERROR and "to go on" not in result.stdout.str()
        result.stderr.fnmatch_lines(["ERROR: --mips-resume: another process writes into reports/mine; *"])
        assert before == [path.read_bytes() for path in sorted((reports(stage) / "mine").glob("*.json*"))]
        run.kill()
    (stage.pytester.path / "go").touch()
    assert stage.run("--mips-resume=mine", workers="1").ret == 0


def test_a_full_disk_ends_the_run_and_keeps_what_there_is(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.tasks("Easy", "Simple", "Other")
    append, calls = records.append, []

    def full(path: Path, record: records.Record) -> None:
        calls.append(record.task)
        if len(calls) > 1:
            with path.open("ab") as stream:
                stream.write(b'{"schema": 1, "ta')
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        append(path, record)

    with monkeypatch.context() as patch:
        patch.setattr(records, "append", full)
        result = stage.run("--mips-run=mine", workers="0")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(
        ["ERROR: reports/mine cannot be written: No space left*", "to go on: *--mips-resume=mine"]
    )
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    assert stage.run("--mips-resume=mine", workers="0").ret == 0
    assert summary_of(reports(stage) / "mine")["solved"] == 3


def test_a_line_is_added_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    """What a full disk has taken of a line is cut off, at once or before another is written."""
    place = tmp_path / "results.jsonl"
    append(place, b"first\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
        with pytest.raises(OSError):
            append(place, b"second\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert place.read_bytes() == b"first\n"
    place.write_bytes(b"first\nsec" + b"o" * 100_000)
    append(place, b"third\n")
    assert place.read_bytes() == b"first\nthird\n"


def test_a_torn_line_is_cut_off_and_no_other(tmp_path: Path) -> None:
    place = tmp_path / "results.jsonl"
    for content in (b"", b"{}\n", b"{}\n{}\n"):
        place.write_bytes(content)
        mend(place)
        assert place.read_bytes() == content
        place.write_bytes(content + b'{"torn"')
        mend(place)
        assert place.read_bytes() == content
    mend(tmp_path / "none")


LEFT = record("B", "timeout")


def test_without_a_name_the_newest_run_that_is_unfinished_is_gone_on_with(tmp_path: Path) -> None:
    def made(name: str, *results: Record, age: float) -> Path:
        folder = make_run(tmp_path / name, results, tasks=("A", "B"))
        os.utime(folder / "run.json", (age, age))
        return folder

    with pytest.raises(ResumeError, match="there is no run in"):
        run_to_go_on_with(tmp_path)
    for command in ("init -q", "config user.name n", "config user.email e"):
        subprocess.run(["git", "-C", str(tmp_path), *command.split()], check=True)
    made("reference", record("A"), LEFT, age=4)
    subprocess.run(["git", "-C", str(tmp_path), "add", "."], check=True)
    with pytest.raises(ResumeError, match=r"the newest run in .* is reference, which is committed in git.*=reference$"):
        run_to_go_on_with(tmp_path)
    made("mine", record("A"), record("B", "unsolved"), age=5)
    with pytest.raises(ResumeError, match="is mine, which is finished; to go on with it all the same, name it"):
        run_to_go_on_with(tmp_path)
    for name, results, age in (("limited", [record("A"), LEFT], 1), ("stopped", [record("A")], 2)):
        folder = made(name, *results, age=age)
        assert run_to_go_on_with(tmp_path) == folder
    damaged = made("damaged", age=3)
    (damaged / "run.json").write_text("{")
    os.utime(damaged / "run.json", (3, 3))
    assert run_to_go_on_with(tmp_path) == damaged  # whoever reads it says what is wrong


FIELDS = json.loads(json.dumps(record("A").to_json()))
KINDS = {"seconds": "7", "task": ["A"], "seed": None, "system": {}, "status": 3, "network_accuracy": []}
OTHER_LINES = [
    *(json.dumps(FIELDS | {name: value}).encode() for name, value in [*KINDS.items(), ("seconds", float("nan"))]),
    *(b"[" * 100_000, b"[]", b"3", b"{}", b"\xff", b'{"task": "A"'),
]


@pytest.mark.parametrize("line", OTHER_LINES, ids=range(len(OTHER_LINES)))
def test_durations_are_learned_from_what_can_be_read(tmp_path: Path, line: bytes) -> None:
    place = make_run(tmp_path / "old", [record("A", seconds=7.0)]) / "results.jsonl"
    place.write_bytes(place.read_bytes() + line + b"\n")
    append_record(place, record("B", seconds=9.0))
    (tmp_path / "loop").mkdir()
    (tmp_path / "loop" / "results.jsonl").symlink_to("results.jsonl")
    (tmp_path / "folder" / "results.jsonl").mkdir(parents=True)
    known = Durations(tmp_path)
    jobs = [SolverJob(task=name, seed=0, payload=b"", solver="a:b", time_limit=60.0) for name in "AB"]
    assert [known.expected(job) for job in jobs] == [7.0, 9.0]
    with pytest.raises(ValueError, match=r"results.jsonl, line 2: found"):
        read(place)


def test_what_cannot_be_gone_on_with(stage: Stage, one_error: Any) -> None:
    stage.tasks("Easy")
    assert "there is no run in" in one_error("--mips-resume")
    assert "found 'nowhere', expected the name of a run" in one_error("--mips-resume=nowhere")
    assert "write --mips-resume=RUN" in one_error("--mips-resume", "test_copy.py")
    stage.run("--mips-run=mine", workers="0")
    (reports(stage) / "mine" / "run.json").write_text("{")
    result = stage.run("--mips-resume=mine", workers="0")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --mips-resume: mine: run.json or results.jsonl is damaged*"])


# Shards


def test_an_empty_shard_is_a_success(stage: Stage) -> None:
    stage.tasks("Easy")
    assert stage.run("--mips-run=second", "--mips-shard=2/2").ret == 0
    assert json.loads((reports(stage) / "second" / "run.json").read_text())["shard"]["roster"] == ["Easy"]
    stage.run("--mips-run=first", "--mips-shard=1/2")
    assert merge([reports(stage) / "second", reports(stage) / "first"], reports(stage) / "all").score.startswith(
        "solved 1 of 1"
    )


def test_a_missing_shard_is_seen(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.tasks("Easy", "Simple")
    stage.run("--mips-run=one", "--mips-shard=1/2")
    capsys.readouterr()
    assert main(["merge", "whole", "one"]) == 1
    assert capsys.readouterr().out.startswith("solved 1 of 2")
    assert summary_of(reports(stage) / "whole")["tasks"][1]["why"] == "no verdict"


def test_what_does_not_belong_together_is_refused(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.tasks("Easy", "Simple")
    stage.run("--mips-run=a")
    stage.run("--mips-run=b", "--mips-seed=1")
    with pytest.raises(MergeError, match=r"b: found seeds \[1\], expected \[0\] as in"):
        merge([reports(stage) / "a", reports(stage) / "b"], reports(stage) / "c")
    shutil.copytree(reports(stage) / "a", reports(stage) / "d")
    results = reports(stage) / "d" / "results.jsonl"
    results.write_text(results.read_text().replace('"fingerprint": "', '"fingerprint": "f'))
    with pytest.raises(MergeError, match=r"d: \w+ was attempted with other settings"):
        merge([reports(stage) / "a", reports(stage) / "d"], reports(stage) / "c")
    assert main(["merge", "a", "b"]) == 4 and "exists already" in capsys.readouterr().err
    assert main(["merge", "c", "nowhere"]) == 4 and "expected the folder of a run" in capsys.readouterr().err
    assert not (reports(stage) / "c").exists()


# Order and budget


def test_the_longest_begins_first(stage: Stage) -> None:
    stage.tasks(*NAMES)
    stage.run("--mips-run=old", workers="0")
    results = reports(stage) / "old" / "results.jsonl"
    seconds = dict(zip(NAMES, (1.0, 5.0, 3.0, 2.0, 4.0), strict=True))
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    results.write_text("".join(json.dumps(line | {"seconds": seconds[line["task"]]}) + "\n" for line in lines))
    stage.run("--mips-run=new", workers="1")
    order = [record.task for record in read(reports(stage) / "new" / "results.jsonl")]
    assert order == sorted(NAMES, key=lambda name: -seconds[name])


def test_what_nobody_knows_takes_the_median(tmp_path: Path) -> None:
    jobs = [SolverJob(task=name, seed=0, payload=b"", solver="", time_limit=100) for name in "abcd"]
    durations = Durations(tmp_path)
    assert durations.expected(*jobs) == 0
    for job, seconds in zip(jobs, (1.0, 9.0, 500.0), strict=False):
        durations.learn(job, seconds)
    assert [durations.expected(job) for job in jobs] == [1.0, 9.0, 100.0, 9.0]
    assert [durations.expected(job, cautious=True) for job in jobs] == [1.0, 9.0, 100.0, 100.0]  # at its limit
    assert [[job.task for job in group] for group in durations.longest_first([[job] for job in jobs])] == [
        ["c"], ["b"], ["d"], ["a"]
    ]  # fmt: skip


@pytest.mark.parametrize("workers", ["0", "1"])
def test_beyond_the_budget_nothing_begins(workers: str, stage: Stage) -> None:
    stage.tasks("Easy", "Simple")
    stage.run("--mips-run=old", workers="0")
    results = reports(stage) / "old" / "results.jsonl"
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    results.write_text(
        "".join(json.dumps(line | {"seconds": 100.0 * (line["task"] == "Easy")}) + "\n" for line in lines)
    )
    result = stage.run("--mips-run=new", "--mips-budget=1m", workers=workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    found = {record.task: record for record in read(reports(stage) / "new" / "results.jsonl")}
    assert found["Simple"].status == "solved" and found["Easy"].status == "not_run"
    assert found["Easy"].reason.endswith("it is expected to take 100 s: beyond the budget of 60 s")
    assert stage.run("--mips-resume=new", workers=workers).ret == 0


# Gates


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--mips-fail-under=2"], "--mips-fail-under: 1 of 2 solved, expected at least 2"),
        (["--mips-fail-under=51%"], "--mips-fail-under: 1 of 2 solved, expected at least 2"),
        (["--mips-fail-under=50%"], ""),
        (["--mips-fail-under=1"], ""),
        (["--mips-compare=old"], ""),
        (["--mips-compare=old", "--mips-fail-on-regression"], "--mips-fail-on-regression: no longer solved: Swap"),
    ],
)
def test_gates(options: list[str], told: str, stage: Stage) -> None:
    stage.tasks("Easy", "Swap")
    stage.run("--mips-run=old", workers="0")
    solver = (stage.pytester.path / "fake_solver.py").read_text().replace('startswith("Hard")', 'startswith("Swap")')
    stage.pytester.makepyfile(fake_solver=solver)
    sys.modules.pop("fake_solver", None)
    result = stage.run("--mips-run=new", *options, workers="1")
    assert result.ret == (pytest.ExitCode.TESTS_FAILED if told else 0)
    if told:
        result.stdout.fnmatch_lines([f"ERROR: {told}"])
    if "old" in options[0]:
        result.stdout.fnmatch_lines(
            ["since old, mips: 2 of 2 solved, now 1", "  newly unsolved: Swap  counterexample: xs=*"]
        )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--mips-fail-on-regression"], "there is nothing to compare with; give --mips-compare=RUN"),
        (["--mips-compare=nowhere"], "--mips-compare: found 'nowhere', expected the name of a run"),
        (["--mips-fail-under=101%"], "expected a number of tasks, or a share such as 95%"),
        (["--mips-budget=soon"], "expected a duration such as 90s, 30m or 1h30m"),
        (["--mips-shard=3/2"], "expected I/N"),
        (["--mips-memory-limit=1"], "expected MiB, at least 64"),
    ],
)
def test_wrong_values_are_told(arguments: list[str], told: str, stage: Stage, one_error: Any) -> None:
    stage.tasks("Easy")
    assert told in one_error(*arguments)


def test_durations_and_shares_are_read() -> None:
    texts = {"90": 90, "90s": 90, "1.5m": 90, "1h30m": 5400, "2d": 172800}
    assert {text: parsing.duration(text) for text in texts} == texts
    for text in ("", "m", "-3s", "1h 30m", "1h30", "0"):
        with pytest.raises(ValueError):
            parsing.duration(text)
    assert [parsing.least("50%").of(count) for count in (0, 1, 2, 3, 62)] == [0, 1, 1, 2, 31]
    assert parsing.least("40").of(62) == 40
