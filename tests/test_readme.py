"""What README.md and the pages in docs/ show works as it is written there; the numbers they quote are stored ones."""

from __future__ import annotations

import contextlib
import io
import json
import re
import statistics
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from guides import ROOT, Page, anchors, links, pages

import mips
from mips.program.source import load_program
from pytest_mips.__main__ import TOOLS, main

README = next(page for page in pages() if page.name == "README.md")
PAGES = [pytest.param(page, id=page.name) for page in pages()]
REFERENCE = ROOT / "reports" / "reference"
MOST_LINES = 150  # what a newcomer reads before the first try


def page_of(name: str) -> Page:
    """Return the page of that name, such as `docs/running.md`."""
    return next(page for page in pages() if page.name == name)


def everything() -> str:
    """Return the text of all pages."""
    return "\n".join(page.text for page in pages())


def reference_run() -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return what the reference run was asked for, and its records by task."""
    run = json.loads((REFERENCE / "run.json").read_text(encoding="utf-8"))
    records = [json.loads(line) for line in (REFERENCE / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    return run, {record["task"]: record for record in records}


def printed_by(code: str) -> str:
    """Return what a script prints."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        exec(compile(code, "example", "exec"), {"__name__": "example"})
    return told.getvalue()


def task_file(page: str) -> str:
    """Return the first example of a page, a test file with tasks."""
    return page_of(page).blocks("python")[0]


# The shape of the front page


def test_the_readme_is_short() -> None:
    assert len(README.text.splitlines()) <= MOST_LINES


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: Page) -> None:
    for target, anchor in links(page.text):
        file = (page.path.parent / target).resolve() if target else page.path
        assert file.exists(), f"{page.name} links to {target}, which is not there"
        assert not anchor or anchor in anchors(file.read_text(encoding="utf-8")), f"{page.name} links to #{anchor}"


def test_every_page_is_linked_from_the_readme() -> None:
    linked = {(ROOT / target).resolve() for target, _ in links(README.text) if target}
    assert [page.name for page in pages() if page.path not in linked and page.name != README.name] == []


def test_a_dead_link_would_be_seen() -> None:
    text = "[a](docs/nothing.md), [b](#no-such-heading), [c](https://example.org/x)"
    assert links(text) == [("docs/nothing.md", ""), ("", "no-such-heading")]
    assert anchors("# One\n\n## Two words, `code`\n") == {"one", "two-words-code"}


# Examples


def test_a_task_file_is_a_benchmark_that_the_plugin_takes(pytester: pytest.Pytester) -> None:
    files = {"README.md": "test_rising", "docs/tasks.md": "test_increasing"}
    pytester.makepyfile(**{name: task_file(page) for page, name in files.items()})
    names = [f"{name}.py" for name in files.values()]
    result = pytester.runpytest_subprocess("--mips-benchmark", "--collect-only", "-q", *names)
    result.stdout.fnmatch_lines(["*::test_rising?Rising?", "*::test_increasing?Strictly_Increasing?"])
    assert result.ret == 0
    assert all(f"{name}.py" in page_of(page).text for page, name in files.items())


@pytest.mark.parametrize(
    ("page", "outputs"), [("README.md", [0, 1, 1, 0, 0, 1, 0]), ("docs/tasks.md", [0, 0, 1, 1, 0, 0, 0])]
)
def test_the_task_of_a_file_means_what_its_line_says(page: str, outputs: list[int]) -> None:
    names: dict[str, Any] = {}
    exec(task_file(page), names)
    assert names["TASKS"][0].run([0, 1, 2, 2, 0, 1, 1] if page == "README.md" else [0, 1, 2, 4, 4, 0, 1]) == outputs


def test_the_program_of_the_readme_does_what_its_task_asks() -> None:
    names: dict[str, Any] = {}
    exec(task_file("README.md"), names)
    program = load_program(next(block for block in README.blocks("text") if "Rising" in block))
    word = [3, 3, 9, 0, 1, 5, 4, 4, 8]
    assert program(word) == names["TASKS"][0].run(word)


def scripts(page: Page) -> Iterator[tuple[str, str]]:
    """Yield each script of a page with the output that stands below it."""
    pattern = r"```python\n((?:(?!```).)*)```\n+```text\n((?:(?!```).)*)```"
    yield from ((code, output) for code, output in re.findall(pattern, page.text, flags=re.DOTALL) if "print(" in code)


@pytest.mark.parametrize(
    ("code", "output"), list(scripts(page_of("docs/library.md"))), ids=["stored", "function", "admits"]
)
def test_a_network_of_ones_own_becomes_the_program_that_is_shown(code: str, output: str) -> None:
    assert printed_by(code) == output


def test_tasks_over_names_answer_as_their_page_shows() -> None:
    ((code, output),) = scripts(page_of("docs/tasks.md"))
    assert printed_by(code) == output


CALCULATOR = """
def program(xs):
    total = 0
    ys = []
    for operation, number in xs:
        total += number if operation == "add" else -number
        ys.append(total)
    return ys
"""


@pytest.mark.slow
def test_tasks_over_names_are_solved_and_judged() -> None:
    ((code, _),) = scripts(page_of("docs/tasks.md"))
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(code, "example", "exec"), names)
    outcome = mips.solve(names["STACK"])
    assert (outcome.status, outcome.assurance) == ("solved", "proved"), outcome.reason
    assert mips.judge(CALCULATOR, names["CALCULATOR"]).assurance == "tested"  # it counts without end
    assert mips.judge(CALCULATOR.replace('"add"', '"sub"'), names["CALCULATOR"]).counterexample is not None


@pytest.mark.slow
def test_the_readme_shows_what_distilling_judging_and_solving_print() -> None:
    ((code, output),) = scripts(README)
    assert printed_by(code) == output


@pytest.mark.slow
def test_the_task_file_of_the_readme_ends_with_the_program_that_is_shown(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_rising=task_file("README.md"))
    result = pytester.runpytest_subprocess("--mips-benchmark", "test_rising.py", "--mips-run=shown")
    said = "solved 1 of 1 (proved 1)"
    assert said in README.text
    result.stdout.fnmatch_lines([said])
    program = (pytester.path / "reports/shown/tasks/Rising/program.py").read_text(encoding="utf-8")
    assert program in README.blocks("text")


# Options, commands and files


def options_of_pytest(pytester: pytest.Pytester) -> dict[str, str]:
    """Return the help of each option of the plugin, by its name."""
    text = pytester.runpytest_subprocess("--help").stdout.str()
    found = re.findall(r"^  (--mips-[a-z-]+)(.*?)(?=^  -|^\S|\n\n)", text, flags=re.MULTILINE | re.DOTALL)
    return {name: " ".join(told.split()) for name, told in found}


def test_every_option_that_is_named_exists_and_every_option_is_explained(pytester: pytest.Pytester) -> None:
    options = options_of_pytest(pytester)
    assert {"--mips-benchmark", "--mips-strict"} <= set(options)
    assert sorted(set(re.findall(r"--mips-[a-z-]*[a-z]", everything())) - set(options)) == []
    rows = dict(re.findall(r"^\| `(--mips-[a-z-]+)[^|]*?(?:\\\|[^|]*)*` \|.*\| ([^|]*?) ?\|$",
                           page_of("docs/running.md").text, flags=re.MULTILINE))  # fmt: skip
    assert sorted(rows) == sorted(options)
    told = {name: found[-1] for name, text in options.items() if (found := re.findall(r"\(([^()]*)\)$", text))}
    plain = {name: default for name, default in told.items() if re.fullmatch(r"\d+( s)?|\w+", default)}
    shown = {"--mips-budget": "no limit", "--mips-workers": "auto"}
    assert {name: rows[name] for name in plain if name not in ("--mips-programs", "--mips-synthesizer")} == {
        name: default for name, default in plain.items() if name not in ("--mips-programs", "--mips-synthesizer")
    }
    assert {name: rows[name] for name in shown} == shown


def test_every_ini_option_that_is_named_exists(pytester: pytest.Pytester) -> None:
    text = pytester.runpytest_subprocess("--help").stdout.str()
    named = set(re.findall(r"`(mips_(?:paths|claims|solver|time_limit))", everything()))
    assert named == {"mips_paths", "mips_claims", "mips_solver", "mips_time_limit"}
    assert [name for name in sorted(named) if not re.search(rf"^  {name} ", text, flags=re.MULTILINE)] == []


def test_every_command_that_is_named_exists() -> None:
    text = everything()
    goals = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert goals
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, flags=re.MULTILINE))
    assert {"benchmark", "quick", "test", "comparison", "controls"} <= named <= set(goals[1].split())
    assert set(re.findall(r"python -m pytest_mips ([a-z]+)", text)) == {tool.NAME for tool in TOOLS}
    for module in re.findall(r"python -m (benchmarks\.\w+)", text):
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").exists()


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_named_exists(page: Page) -> None:
    assert page.missing_paths() == []


def test_a_file_that_does_not_exist_would_be_seen() -> None:
    page = Page(
        path=ROOT / "docs" / "x.md", text="see `mips/nothing.py`, `mips/task/`, `mips/pipeline.py` and `a/b/c.py`"
    )
    assert page.missing_paths() == ["mips/nothing.py", "mips/task/"]


# Numbers


def test_the_readme_quotes_the_reference_run_and_no_other() -> None:
    run, _ = reference_run()
    commits = re.findall(r"commit ([0-9a-f]{7,40})\b", README.text)
    assert commits and all(run["commit"].startswith(commit) for commit in commits)
    assert set(re.findall(r"reports/([\w-]+)", README.text)) == {"reference"}


def test_the_readme_shows_how_the_summary_of_the_reference_run_begins(capsys: pytest.CaptureFixture[str]) -> None:
    assert "pytest_mips show reports/reference" in README.text
    assert main(["show", str(REFERENCE)]) == 0
    assert capsys.readouterr().out.startswith(README.blocks("text")[0])


def families() -> dict[str, list[dict[str, Any]]]:
    """Return the records of the reference run, family by family."""
    run, records = reference_run()
    found: dict[str, list[dict[str, Any]]] = {}
    for task in run["tasks"]:
        family = re.search(r"test_(\w+)\.py", task["test"])
        assert family
        found.setdefault(family[1], []).append(records[task["task"]])
    return found


def test_the_table_of_the_readme_is_the_reference_run() -> None:
    rows = [
        f"| {family} | {len(records)} | {sum(each['status'] == 'solved' for each in records)} "
        f"| {sum(each['assurance'].startswith('proved') for each in records)} "
        f"| {statistics.median(each['program_nodes'] for each in records):g} "
        f"| {max(each['seconds'] for each in records):.1f} |"
        for family, records in families().items()
    ]
    assert "\n".join(rows) in README.text


def test_the_numbers_of_the_reference_run_are_its_own() -> None:
    _, found = reference_run()
    records = list(found.values())
    solved = sum(each["status"] == "solved" for each in records)
    proved = sum(each["assurance"].startswith("proved") for each in records)
    nodes = [each["program_nodes"] for each in records]
    distilled = [sum(each["stage_seconds"].get(stage, 0) for stage in ("extracted", "synthesized")) for each in records]
    judged = statistics.median(each["stage_seconds"]["verified"] for each in records)
    minutes = sum(each["seconds"] for each in records) / 2 / 60  # two workers
    training = [each["training_core_seconds"] for each in records]
    text = README.text.replace("\n", " ")
    assert f"solved {solved} of {len(records)} tasks and proved {proved} programs" in text
    assert f"tested, not proved: {solved - proved} of the {len(records)} here" in text
    assert minutes < 9 and "two cores, 9 minutes" in text
    method = page_of("docs/method.md").text.replace("\n", " ")
    for number in (
        f"{solved} of {len(records)} solved, {proved} of them proved, in 9 minutes",
        f"took {sum(training):.0f} core seconds, the longest {max(training):.0f} (Bit_Palindrome)",
        f"more than {max(each['peak_mib'] for each in records)} MiB",
        f"took {statistics.median(distilled):.1f} s in the median and {max(distilled):.0f} s at the most",
        f"judging its program {judged:.1f} s in the median",
        f"{statistics.median(nodes):g} syntax nodes in the median, {max(nodes)} at the most",
    ):
        assert number in method, number
    assert all(each["network_accuracy"] == 1 for each in records)


@pytest.mark.parametrize("name", ["Bit_Palindrome", "Base_5_Addition"])
def test_a_program_that_is_shown_is_a_stored_one(name: str) -> None:
    with zipfile.ZipFile(REFERENCE / "tasks.zip") as archive:
        (file,) = [each for each in archive.namelist() if each.endswith(f"{name}/program.py")]
        assert archive.read(file).decode() in page_of("docs/method.md").blocks("text")


def table_rows(text: str) -> list[list[str]]:
    """Return the cells of all rows of the tables of a text."""
    return [
        [" ".join(cell.split()) for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("| ") and "---" not in line
    ]


@pytest.mark.parametrize(
    ("page", "report", "columns", "count"),
    [
        ("docs/reports.md", "reference/summary.md", range(9), 8),
        ("docs/paper.md", "ablation/ablation.md", range(2), 13),
        ("docs/paper.md", "controls/controls.md", range(4), 9),
        ("docs/baselines.md", "comparison/summary.md", (0, 1, 2, 3, 5, 6), 7),
    ],
)
def test_a_quoted_table_has_the_rows_of_its_report(page: str, report: str, columns: Any, count: int) -> None:
    stored = table_rows((ROOT / "reports" / report).read_text(encoding="utf-8"))
    known = {tuple(row[place] for place in columns) for row in stored if len(row) > max(columns)}
    quoted = [row for row in table_rows(page_of(page).text) if tuple(row) in known]
    assert len(quoted) >= count, quoted


@pytest.mark.parametrize("page", PAGES)
def test_a_quoted_folder_stands_beside_its_commit(page: Page) -> None:
    """`reports/<folder>/` (root seed 0, commit abc1234): as `reports/README.md` has it."""
    text = (ROOT / "reports" / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([\w-]+)/` \|.*\| ([^|]+) \|$", text, flags=re.MULTILINE))
    for folder, commit in re.findall(r"`reports/([\w-]+)/`[^`]*?commit ([0-9a-f]{7})", page.text):
        assert commit in listed[folder], f"{page.name}: reports/{folder}"


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("reference-paper", "57 of 62 solved, 56 of them proved"),
        ("reference-seed-1", "62 of 62 solved, 56 of them proved"),
        ("reference-seed-2", "62 of 62 solved, 56 of them proved"),
        ("further", "9 of 10 and 9 of 10 solved"),
    ],
)
def test_the_scores_of_other_runs_are_their_own(folder: str, said: str) -> None:
    first = (ROOT / "reports" / folder / "summary.md").read_text(encoding="utf-8").splitlines()[0]
    found = re.search(r"solved (\d+) of (\d+) \(proved (\d+)\)", first)
    assert found
    solved, count, proved = found.groups()
    if folder == "further":
        assert (solved, count) == ("18", "20")
    else:
        assert said == f"{solved} of {count} solved, {proved} of them proved"
    assert said in everything().replace("\n", " ")


# The version


def versions() -> dict[str, str]:
    """Return the version that each file gives, by the name of the file."""
    patterns = {
        "pyproject.toml": r'^version = "(.*)"$',
        "CITATION.cff": r"^version: (.*)$",
        "CHANGELOG.md": r"^## (\d\S*),",
    }
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in patterns}
    return {name: re.findall(pattern, texts[name], flags=re.MULTILINE)[0] for name, pattern in patterns.items()}


def test_all_files_give_one_version() -> None:
    assert len(set(versions().values())) == 1, versions()


def test_the_changelog_has_a_place_for_what_comes_next_and_dates_what_was() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert [each for each in headings[1:] if not re.fullmatch(r"\d+\.\d+\.\d+, \d{4}-\d\d-\d\d", each)] == []


def test_the_workflow_runs_the_checks_and_names_no_host() -> None:
    text = (ROOT / ".github" / "workflows" / "checks.yml").read_text(encoding="utf-8")
    assert "run: .ci/run" in text and '["3.11", "3.12", "3.13"]' in text
    assert "://" not in text


# Types


EVERY_PAGE = (ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md")))
EXAMPLE = re.compile(r"^```python\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)

# An example may leave its own functions without types, as a newcomer does, and nothing else.
LENIENT = "# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls"
WRONG = """
from mips import Network, Task, integers, load

task: Task = integers(0, 9)
network: Network = load(3).network
"""


def padded(example: str, line: int) -> str:
    """The text of a file in which an example begins at the line at which it begins on its page."""
    return LENIENT + "\n" * (line - 1) + example


def test_the_examples_have_the_types_that_the_library_asks_for(tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="mypy is not installed")
    files = []
    for page in EVERY_PAGE:
        text = page.read_text(encoding="utf-8")
        for match in EXAMPLE.finditer(text):
            line = text.count("\n", 0, match.start(1)) + 1
            files.append(tmp_path / f"{page.stem}_{line}.py".replace("-", "_"))
            files[-1].write_text(padded(match[1], line), encoding="utf-8")
    assert {file.name.partition("_")[0] for file in files} >= {"README"}
    wrong = tmp_path / "wrong.py"  # in the same call, which shows that it can say no
    wrong.write_text(padded(WRONG, 1), encoding="utf-8")
    found = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", "--hide-error-context", *map(str, files), str(wrong)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    errors = [line for line in found.stdout.splitlines() if ": error: " in line]
    assert [line.rpartition("[")[2] for line in errors if "wrong.py" in line] == ["assignment]", "arg-type]"]
    assert [line for line in errors if "wrong.py" not in line] == [], found.stdout
    assert found.stderr == ""
