"""Other plugins and options of pytest change neither what is attempted nor what counts, or are refused in one line."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stage import Stage

from pytest_mips.cli.merge import merge

OneError = Callable[..., str]
DRAWN = "    return [rng.randrange(2) for _ in range(length)]\n"
NAMES = ("Easy", "Hard", "Simple", "Other", "Last")


def reports(stage: Stage) -> Path:
    return stage.pytester.path / "reports"


def read(stage: Stage, run: str, name: str) -> Any:
    return json.loads((reports(stage) / run / name).read_text())


def planned(stage: Stage, run: str) -> list[str]:
    return [task["task"] for task in read(stage, run, "run.json")["tasks"]]


def change_test(stage: Stage, before: str, after: str) -> None:
    """Put other text into the task file."""
    file = stage.pytester.path / "test_copy.py"
    assert before in file.read_text()
    file.write_text(file.read_text().replace(before, after))


# Order

ORDER = """
import os, random, pytest
@pytest.hookimpl({options})
def pytest_collection_modifyitems(items):
    {first}
    random.Random(os.environ["ORDER"]).shuffle(items)
    {last}
"""
HOOKS = {
    "plain": {"options": "", "first": "", "last": ""},
    "last": {"options": "trylast=True", "first": "", "last": ""},
    "around all": {"options": "wrapper=True, tryfirst=True", "first": "result = yield", "last": "return result"},
}


@pytest.mark.parametrize(
    ("hook", "place"),
    [
        *(pytest.param(HOOKS[name], place, id=f"{name}-{place}") for name, place in (("plain", "inner"), ("last", ""))),
        *(
            pytest.param(HOOKS[name], place, id=f"{name}-{place}", marks=pytest.mark.slow)
            for name, place in (("plain", ""), ("last", "inner"), ("around all", ""), ("around all", "inner"))
        ),
    ],
)
def test_parts_do_not_depend_on_the_order_of_tests(
    hook: dict[str, str], place: str, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook of a folder that is not named comes into play after all others."""
    stage.pytester.syspathinsert()  # where the solver is
    (stage.pytester.path / "inner").mkdir()
    for file, names in {"test_a": NAMES, "test_b": ("Second", "Third")}.items():
        stage.tasks(*names, file=file)
        (stage.pytester.path / f"{file}.py").rename(stage.pytester.path / "inner" / f"{file}.py")
    (stage.pytester.path / place / "conftest.py").write_text(ORDER.format(**hook))
    parts = []
    for number in (1, 2, 3):
        monkeypatch.setenv("ORDER", str(number))
        assert stage.run(f"--mips-run={number}", f"--mips-shard={number}/3", workers="0").ret == 0
        parts.append(planned(stage, str(number)))
        stage.run(f"--mips-run=quick{number}", "--mips-quick", workers="0")
        assert planned(stage, f"quick{number}") == ["Easy", "Second"]
    assert sorted(name for part in parts for name in part) == sorted((*NAMES, "Second", "Third"))
    orders = [read(stage, str(number), "run.json")["shard"]["roster"] for number in (1, 2, 3)]
    assert orders == [[*NAMES, "Second", "Third"]] * 3
    folders = [reports(stage) / str(number) for number in (1, 2, 3)]
    assert merge(random.Random(0).sample(folders, 3), reports(stage) / "all").score == "solved 6 of 7 (proved 6)"


def test_failed_first_changes_no_part(stage: Stage) -> None:
    stage.tasks(*NAMES)
    stage.run("--mips-run=before", "--mips-strict", workers="0")
    parts = []
    for number in (1, 2):
        stage.run(f"--mips-run={number}", f"--mips-shard={number}/2", *(["--ff"] if number == 1 else []), workers="0")
        parts += planned(stage, str(number))
    assert sorted(parts) == sorted(NAMES)


# Repetition


@pytest.mark.parametrize(
    "hook",
    [
        "def pytest_collection_modifyitems(items): items.extend(list(items))",
        "def pytest_collection_modifyitems(items): items.append(items[0])",
        "def pytest_generate_tests(metafunc):\n"
        "    metafunc.fixturenames.append('again')\n    metafunc.parametrize('again', range(2))",
    ],
)
def test_a_task_that_is_collected_twice_is_told_with_the_cure(hook: str, stage: Stage, one_error: OneError) -> None:
    stage.tasks("Easy", "Hard")
    stage.pytester.makeconftest(hook)
    said = one_error()
    assert said.startswith("ERROR: Task 'Easy' is collected twice, as test_copy.py::test_copy[")
    assert "\n" not in said
    assert "--count of pytest-repeat" in said and "--mips-seeds=N" in said


def test_two_tests_of_the_same_tasks(stage: Stage, one_error: OneError) -> None:
    stage.tasks("Easy", "Hard")
    source = (stage.pytester.path / "test_copy.py").read_text()
    test = source[source.index("@pytest.mark.mips_task") :]
    (stage.pytester.path / "test_copy.py").write_text(f"{source}\n{test.replace('test_copy', 'test_more')}")
    assert "as test_copy.py::test_copy[Easy] and as test_copy.py::test_more[Easy]" in one_error()


# Marks and tests that skip

MARKS = {
    "skip": "skip(reason='too slow')",
    "skipif": "skipif(True, reason='too slow')",
    "a condition in words": "skipif('sys.version_info > (3,)', reason='too slow')",
    "xfail": "xfail(run=False, reason='too slow')",
}


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
def test_what_marks_skip_is_not_attempted_and_stays_in_the_roster(mark: str, workers: str, stage: Stage) -> None:
    sample = f"def sampled(rng, length):\n    if in_child(): open('called', 'w').close()\n{DRAWN}"
    stage.tasks("Easy", "task('Slow', sampled)", before=sample)
    marked = f"[pytest.param(t, marks=pytest.mark.{mark}) if t.name == 'Slow' else t for t in TASKS]"
    change_test(stage, '"task", TASKS,', f'"task", {marked},')
    result = stage.run("--mips-run=mine", workers=workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED and not (stage.pytester.path / "called").exists()
    result.stdout.fnmatch_lines(["not run: Slow: its test is skipped: too slow", "solved 1 of 2 (proved 1)"])
    record = stage.records()["Slow"]
    assert (record["status"], record["reason"]) == ("not_run", "its test is skipped: too slow")
    assert "- **Slow** not_run: its test is skipped: too slow" in (stage.folder / "summary.md").read_text()
    lines = (stage.folder / "results.jsonl").read_text().splitlines()
    assert len(lines) == 2


SKIPS = {
    "in the test": ("    mips(task)", "    if task.name == 'Last': pytest.skip('now')\n    mips(task)"),
    "after the verdict": ("    mips(task)", "    mips(task)\n    if task.name == 'Last': pytest.skip('now')"),
    "xfail in the test": ("    mips(task)", "    if task.name == 'Last': pytest.xfail('now')\n    mips(task)"),
    "in a fixture": (
        "def test_copy(task, mips)",
        "def test_copy(task, skipping, mips)",
    ),
    "an import": ("    mips(task)", "    if task.name == 'Last': pytest.importorskip('no_such')\n    mips(task)"),
}
FIXTURE = "@pytest.fixture\ndef skipping(task):\n    if task.name == 'Last': pytest.skip('now')\n"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(change, id=name, marks=[pytest.mark.slow] * (name not in ("in the test", "in a fixture")))
        for name, change in SKIPS.items()
    ],
)
def test_a_test_that_skips_itself_leaves_nothing_to_chance(change: tuple[str, str], stage: Stage) -> None:
    slow = f"def slow(rng, length):\n    if in_child(): time.sleep(0.5)\n{DRAWN}"
    stage.tasks("Easy", "Hard", "task('Last', slow)", before=slow + FIXTURE)
    change_test(stage, *change)
    results = [stage.run(f"--mips-run=with{workers}", workers=workers) for workers in ("0", "1", "3")]
    assert {result.ret for result in results} == {0}
    found = [read(stage, f"with{workers}", "summary.json") for workers in ("0", "1", "3")]
    assert {one["solved"] for one in found} == {2} and {one["roster"] for one in found} == {3}
    assert len({one["results_hash"] for one in found}) == 1


def test_an_error_before_the_verdict_leaves_nothing_to_chance(stage: Stage) -> None:
    stage.tasks("Easy", "Last", before="@pytest.fixture\ndef ill(task):\n    assert task.name != 'Last'\n")
    change_test(stage, "def test_copy(task, mips)", "def test_copy(task, ill, mips)")
    for workers in ("0", "1"):
        assert stage.run(f"--mips-run=with{workers}", workers=workers).ret == pytest.ExitCode.TESTS_FAILED
        assert read(stage, f"with{workers}", "summary.json")["solved"] == 2


# Files that cannot be collected


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("pytest.importorskip('no_such_package')", "skipped: could not import 'no_such_package'"),
        ("pytest.skip('not here', allow_module_level=True)", "skipped: not here"),
    ],
)
def test_a_file_that_skips_itself_makes_a_partial_run(line: str, why: str, stage: Stage) -> None:
    stage.tasks("Easy")
    stage.tasks("Hidden", before=line, file="test_more")
    result = stage.run(workers="0")
    assert result.ret == 0
    told = ["not looked into for tasks: test_more.py: {why}*", "*1 of 1 (proved 1), a partial run"]
    result.stdout.fnmatch_lines([line.format(why=why) for line in told])
    (entry,) = stage.read("run.json")["uncollected"]
    assert entry["test"] == "test_more.py" and entry["why"].startswith(why)
    for name in ("summary.md", "report.html"):
        assert why in (stage.folder / name).read_text().replace("&#x27;", "'")


@pytest.mark.parametrize("fault", ["1 / 0", "task('Wrong', length=0)"])
def test_good_tasks_are_attempted_although_a_file_is_broken(fault: str, stage: Stage) -> None:
    stage.tasks("Easy", "Hard")
    stage.tasks("Hidden", before=fault, file="test_more")
    result = stage.run("--continue-on-collection-errors", workers="1")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=1, xfailed=1, errors=1)
    result.stdout.fnmatch_lines(["*1 of 2 (proved 1), a partial run"])
    (entry,) = stage.read("run.json")["uncollected"]
    assert entry["test"] == "test_more.py" and entry["why"].startswith("failed: ")


# What pytest only shows, and what copies or repeats the process


@pytest.mark.parametrize("option", ["--setup-plan", "--setup-only", "--co", "--fixtures", "--fixtures-per-test"])
def test_what_is_only_shown_runs_no_solver_and_makes_no_folder(option: str, stage: Stage) -> None:
    stage.tasks("Easy")
    assert stage.run(option, workers="1").ret == 0
    assert not reports(stage).exists()


def test_the_setup_is_shown_while_a_run_goes_on(stage: Stage) -> None:
    stage.tasks("Easy")
    assert stage.run("--setup-show", workers="1").ret == 0
    assert stage.records()["Easy"]["status"] == "solved"


def test_copies_of_the_process_are_refused(stage: Stage, one_error: OneError) -> None:
    stage.tasks("Easy")
    plugin = "def pytest_addoption(parser):\n    parser.addoption('--forked', action='store_true')\n"
    plugin += "def pytest_configure(config):\n    config.addinivalue_line('markers', 'forked: in a process of its own')"
    stage.pytester.makepyfile(pytest_forked=plugin)
    stage.pytester.syspathinsert()
    assert "--forked of pytest-forked works on copies" in one_error("-p", "pytest_forked", "--forked")
    change_test(stage, "@pytest.mark.mips_task", "@pytest.mark.forked\n@pytest.mark.mips_task")
    assert "test_copy[Easy]: the marker `forked` works on copies" in one_error("-p", "pytest_forked")


def test_a_test_in_a_copy_of_the_process_ends_at_once(stage: Stage) -> None:
    """Nobody there hears of attempts, and to wait for them would be to wait for ever."""
    stage.tasks("Easy")
    forking = (
        "    if not os.fork():\n        try:\n            mips(task)\n        except BaseException as error:\n"
        "            open('said', 'w').write(str(error))\n        os._exit(0)\n    os.wait()\n    mips(task)"
    )
    change_test(stage, "    mips(task)", forking)
    result = stage.pytester.runpytest_subprocess("--mips-benchmark", "--mips-workers=1", "-W", "ignore", timeout=60)
    assert result.ret == 0
    assert "runs in a copy of the process that makes the attempts" in (stage.pytester.path / "said").read_text()


# pytest-xdist


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-n2", "--dist=each"], "--dist=each of pytest-xdist has every process make every attempt"),
        (["-d", "--tx=2*popen", "--mips-resume"], "--mips-resume does not work with --tx of pytest-xdist"),
        (["-d", "--tx=popen", "--mips-programs=x=."], "--mips-programs does not work with --tx of pytest-xdist"),
        (["--dist=load", "--tx=ssh=host"], "--tx: found 'ssh=host', expected popen or N*popen"),
        (["-d", "--tx=popen//python=python3.9"], "--tx: found 'popen//python=python3.9', expected popen"),
        (["-p", "xdist.looponfail", "-f"], "-f (--looponfail) of pytest-xdist repeats a run without end"),
    ],
)
def test_ways_of_dealing_out_that_cannot_be_are_refused(
    arguments: list[str], told: str, stage: Stage, one_error: OneError
) -> None:
    pytest.importorskip("xdist", reason="pytest-xdist is not installed")
    stage.tasks("Easy")
    assert told in one_error("-p", "xdist", *arguments)


@pytest.mark.slow
def test_tests_dealt_out_without_a_number_of_processes(stage: Stage) -> None:
    pytest.importorskip("xdist", reason="pytest-xdist is not installed")
    stage.tasks("Easy", "Hard", "task('Slow')")
    marked = "[pytest.param(t, marks=pytest.mark.skip(reason='slow')) if t.name == 'Slow' else t for t in TASKS]"
    change_test(stage, '"task", TASKS,', f'"task", {marked},')
    arguments = ("-p", "xdist", "--mips-benchmark", "-d", "--tx=2*popen", "--mips-run=mine", "--mips-fail-under=2")
    result = stage.pytester.runpytest_subprocess(*arguments, timeout=120)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*solved 1 of 3 (proved 1)*", "*--mips-fail-under: 1 of 3 solved, expected*"])
    lines = [json.loads(line) for line in (reports(stage) / "mine" / "results.jsonl").read_text().splitlines()]
    assert sorted((line["task"], line["status"]) for line in lines) == [
        ("Easy", "solved"), ("Hard", "unsolved"), ("Slow", "not_run")
    ]  # fmt: skip


@pytest.mark.slow
def test_mistakes_are_told_by_the_process_that_began_the_others(stage: Stage) -> None:
    pytest.importorskip("xdist", reason="pytest-xdist is not installed")
    stage.tasks("Easy", "Hard", "Easy")
    result = stage.pytester.runpytest_subprocess("-p", "xdist", "--mips-benchmark", "-n2", timeout=120)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["ERROR: Task 'Easy' is there twice: *; each name stands for one task: rename one*"])
    assert "INTERNALERROR" not in result.stdout.str() and not reports(stage).exists()
