"""The plugin as a person meets it: good manners, selection, statuses, exit codes, files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from stage import Stage

HEAVY = (
    *("torch", "sympy", "hypothesis", "numpy", "mips.pipeline", "mips.judging.judge", "tabulate"),
    *("pytest_mips.session.benchmark", "pytest_mips.options.settings"),
)


def test_without_the_flag_nothing_is_imported_written_or_printed(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        "import json, sys\n"
        "def pytest_unconfigure(config):\n"
        "    config.rootpath.joinpath('modules.json').write_text(json.dumps(list(sys.modules)))\n"
    )
    pytester.makepyfile("def test_nothing(): pass")
    outputs = []
    for plugin in ("mips", "no:mips"):
        environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        load = ["-p", "pytest_mips.plugin"] if plugin == "mips" else []
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *load]
        outputs.append(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
        modules = json.loads((pytester.path / "modules.json").read_text())
        assert ("pytest_mips.plugin" in modules) == (plugin == "mips")
        assert not [name for name in HEAVY if name in modules]
    assert {path.name for path in pytester.path.iterdir()} == {"conftest.py", "modules.json", f"{pytester._name}.py"}
    with_plugin, without = (output.splitlines()[:-1] for output in outputs)
    assert with_plugin == without


def test_a_task_is_skipped_without_the_flag(stage: Stage) -> None:
    stage.tasks("Easy")
    result = stage.pytester.runpytest_inprocess("-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*needs --mips-benchmark"])
    assert not (stage.pytester.path / "reports").exists()


def test_the_fixture_outside_a_task_is_skipped_without_the_flag(stage: Stage) -> None:
    stage.pytester.makepyfile("def test_mine(mips): mips(1)")
    stage.pytester.runpytest_inprocess().assert_outcomes(skipped=1)


def test_solved_passes_and_unsolved_is_a_result(stage: Stage) -> None:
    stage.tasks("Easy", "Hard")
    result = stage.run()
    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=1, xfailed=1)
    result.stdout.fnmatch_lines_random(
        [
            "[[]?/2[]] SOLVED   Easy *s  linear  proved",
            "[[]?/2[]] UNSOLVED Hard *s  synthesized: no formula fits  "
            "counterexample: xs=[[]1, 0[]] expected=[[]1, 1[]] got=[[]1, 0[]]",
            "solved 1 of 2 (proved 1)",
            "1 task was not solved: that is a result and no failure; with --mips-strict it fails",
            "report: reports/*/summary.md and reports/*/report.html",
        ]
    )
    assert not any(line.startswith("test_copy.py") for line in result.stdout.lines)


def test_verbose_words(stage: Stage) -> None:
    stage.tasks("Easy", "Hard")
    result = stage.run("-v", workers="0")
    result.stdout.fnmatch_lines(["*[[]Easy[]] SOLVED*", "*[[]Hard[]] UNSOLVED (synthesized*"])


@pytest.mark.parametrize("options", [("--mips-strict",), ("-o", "mips_strict=true")])
def test_strict_turns_unsolved_into_a_failure(stage: Stage, options: tuple[str, ...]) -> None:
    stage.tasks("Easy", "Hard")
    result = stage.run(*options, workers="0")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["Hard: unsolved: synthesized: no formula fits*"])
    result.stdout.no_fnmatch_line("*with --mips-strict it fails*")
    result.stdout.no_fnmatch_line("*Traceback*")


def test_runxfail_does_not_turn_unsolved_into_a_pass(stage: Stage) -> None:
    stage.tasks("Hard")
    stage.run("--runxfail", workers="0").assert_outcomes(xfailed=1)


def test_junit_xml_knows_unsolved_as_skipped(stage: Stage) -> None:
    stage.tasks("Hard")
    stage.run("--junitxml=junit.xml", workers="0")
    assert (
        'type="pytest.xfail" message="synthesized: no formula fits' in (stage.pytester.path / "junit.xml").read_text()
    )


def test_what_is_no_task_is_deselected(stage: Stage) -> None:
    stage.tasks("Easy")
    stage.pytester.makepyfile(test_other="def test_other(): raise AssertionError")
    stage.run(workers="0").assert_outcomes(passed=1, deselected=1)
    assert stage.read("run.json")["partial"] is False


def test_quick_takes_the_first_task_of_each_file(stage: Stage) -> None:
    stage.tasks("Easy", "Hard")
    stage.tasks("Second", "Third", file="test_more")
    result = stage.run("--mips-quick", workers="0")
    result.assert_outcomes(passed=2, deselected=2)
    assert [task["task"] for task in stage.read("run.json")["tasks"]] == ["Easy", "Second"]
    assert stage.read("run.json")["partial"] is True
    result.stdout.fnmatch_lines(["solved 2 of 2 (proved 2), a partial run"])


def test_a_selection_is_partial(stage: Stage) -> None:
    stage.tasks("Easy", "Hard")
    stage.run("-k", "Easy", workers="0").assert_outcomes(passed=1, deselected=1)
    assert stage.read("run.json")["partial"] is True


def test_nothing_selected(stage: Stage) -> None:
    stage.tasks("Easy")
    assert stage.run("-k", "Nowhere").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert not (stage.pytester.path / "reports").exists()


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("Binary_Adition", "Binary_Addition"),
        ("parity_al1", "Parity_All"),
        ("Simple and not Easy", ""),
        ("Additoin", "Addi"),
    ],
)
def test_names_near_what_was_asked_for_are_told(stage: Stage, asked: str, near: str) -> None:
    stage.tasks("Binary_Addition", "Parity_All", "Easy")
    result = stage.run("-k", asked)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines([f"-k '{asked}' fits none of the 3 tasks."])
    named = [line for line in result.outlines if line.startswith("names like that: ")]
    assert (near in named[0]) if near else not named


def test_a_folder_without_tasks_is_told(stage: Stage) -> None:
    stage.pytester.makepyfile(test_other="def test_other(): pass")
    result = stage.run()
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines(["no test with @pytest.mark.mips_task was found; *"])


def test_a_test_that_lacks_its_marker_is_told(stage: Stage) -> None:
    stage.tasks("Easy", "Hard")
    source = (stage.pytester.path / "test_copy.py").read_text().replace("@pytest.mark.mips_task\n", "")
    stage.pytester.makepyfile(test_copy=source, test_mine="def test_mine(mips): mips(1)")
    foreign = "import pytest\n@pytest.fixture\ndef mips(): return 1\ndef test_other(mips): pass"
    stage.pytester.makepyfile(test_foreign=foreign)
    result = stage.run()
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines(
        ["test_copy.py::test_copy[[]Easy[]], test_copy.py::test_copy[[]Hard[]], test_mine.py::test_mine use the "
         "fixture `mips` without @pytest.mark.mips_task: they are not run; a task is a test like *"]
    )  # fmt: skip
    result.stdout.no_fnmatch_line("*test_foreign.py::*")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--mips-quick",), "--mips-quick"),
        (("--mips-seeds", "3", "--mips-run=x"), "--mips-seeds, --mips-run"),
        (("--mips-resume", "-q"), "--mips-resume"),
    ],
)
def test_an_option_without_the_flag_is_told(stage: Stage, options: tuple[str, ...], named: str) -> None:
    stage.tasks("Easy")
    result = stage.pytester.runpytest_inprocess(*options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {named}: there is no --mips-benchmark, so nothing would be run; add it."])


def test_options_of_the_ini_file_wait_for_the_flag(stage: Stage) -> None:
    stage.tasks("Easy")
    stage.pytester.makeini("[pytest]\naddopts = --mips-workers=2 --mips-quick\nmips_quick = true\n")
    stage.pytester.runpytest_inprocess().assert_outcomes(skipped=1)


def test_collect_only_writes_nothing(stage: Stage) -> None:
    stage.tasks("Easy")
    assert stage.run("--co").ret == pytest.ExitCode.OK
    assert not (stage.pytester.path / "reports").exists()


def test_a_test_that_never_asks_for_the_verdict_does_not_pass(stage: Stage) -> None:
    stage.tasks("Hard")
    source = (stage.pytester.path / "test_copy.py").read_text().replace("    mips(task)", "    pass")
    stage.pytester.makepyfile(test_copy=source)
    result = stage.run(workers="0")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*the test ended without a call of mips(task)*"])


def test_a_test_cannot_ask_about_another_task(stage: Stage) -> None:
    stage.tasks("Easy", "Hard")
    source = (stage.pytester.path / "test_copy.py").read_text().replace("mips(task)", "mips(TASKS[0])")
    stage.pytester.makepyfile(test_copy=source)
    result = stage.run(workers="0")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["mips() got Easy, expected the test's own parameter Hard."])


def test_files_of_a_run(stage: Stage) -> None:
    stage.tasks("Easy", "Hard")
    stage.run("--mips-run=mine")
    assert stage.folder.name == "mine"
    run = stage.read("run.json")
    assert [task["test"] for task in run["tasks"]] == ["test_copy.py::test_copy[Easy]", "test_copy.py::test_copy[Hard]"]
    assert run["versions"]["python"] and run["machine"]["cores"] >= 1
    assert str(stage.pytester.path) not in (stage.folder / "run.json").read_text()
    easy, hard = (stage.folder / "tasks" / name for name in ("Easy", "Hard"))
    assert {path.name for path in easy.iterdir()} == {"program.py", "log.txt", "machine.json"}
    assert {path.name for path in hard.iterdir()} == {"log.txt", "counterexample.json"}
    assert "trained: a fake network" in (easy / "log.txt").read_text()
    record = stage.records()["Easy"]
    assert record["status"] == "solved" and len(record["program_sha256"]) == 64 and record["peak_mib"] > 0
    assert (stage.folder / "summary.md").read_text().startswith("# Run mine: solved 1 of 2 (proved 1)\n")


def test_show_prints_the_summary_without_torch(stage: Stage) -> None:
    stage.tasks("Easy")
    stage.run("--mips-run=mine", workers="0")
    code = (
        "import sys; from pytest_mips.__main__ import main; status = main(['show', 'mine']);"
        "assert not {'torch', 'numpy', 'pytest'} & set(sys.modules); sys.exit(status)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (shown.returncode, shown.stdout) == (0, (stage.folder / "summary.md").read_text())


def test_show_of_what_is_no_run(pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> None:
    from pytest_mips.__main__ import main

    assert main(["show", "nowhere"]) == 4
    assert capsys.readouterr().err.startswith("ERROR: nowhere is not the folder of a run")


def test_pytest_finds_the_plugin_once_the_package_is_installed() -> None:
    (entry,) = metadata.entry_points(group="pytest11", name="mips")
    assert entry.value == "pytest_mips.plugin"


def test_start_up_time_is_small(pytester: pytest.Pytester) -> None:
    """The law behind it: the plugin brings in nothing but two small modules of its own and the standard library."""
    code = (
        "import sys, pytest; before = set(sys.modules); import pytest_mips.plugin;"
        "print(sorted({m.partition('.')[0] for m in set(sys.modules) - before} - sys.stdlib_module_names))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "['pytest_mips']\n"
