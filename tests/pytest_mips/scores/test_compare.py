"""Two runs compared task by task, and the two scores of a system: at all lengths, and at the training length."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kept_runs import KEPT, REPORTS
from runs import EXAMPLE, SOURCE, make_run, record

from pytest_mips.__main__ import main
from pytest_mips.report.artefacts import read_program
from pytest_mips.report.page import page
from pytest_mips.scores.comparison import mcnemar
from pytest_mips.scores.differences import CHANGED, KINDS, SAME, SOLVED, UNSOLVED, Comparison, compare, one_sided
from pytest_mips.scores.differences import without_docstrings as bare
from pytest_mips.scores.side_scores import all_the_same, machines, machines_text, right_at_length
from pytest_mips.scores.summary import Summary, load, markdown, table, to_json
from pytest_mips.session.terminal import Terminal
from pytest_mips.validation.check import faults_in

TOLD = SOURCE.replace("(xs):\n", '(xs):\n    """T, seed 1.\n\n    Proved.\n    """\n')
OTHER = SOURCE.replace("total + x", "x + total")


def compared(before: Path, after: Path) -> list[Comparison]:
    return compare(load(before), load(after), (before, after), read_program)


def kinds(found: Comparison) -> dict[str, str]:
    return {each.after.task: each.kind for each in found.differences}


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """Two runs in which there is one task of every kind, and one each that the other run lacks."""
    lost = record("Lost", "unsolved", stage="verified", reason="wrong on 3", counterexample=EXAMPLE)
    before = [record(name) for name in ("Lost", "Edited", "Retold", "Same", "Old")]
    after = [record("Won"), lost, record("Edited", program_sha256="1"), record("Retold", program_sha256="2")]
    after += [record("Same"), record("Never", "timeout"), record("New")]
    before += [record("Won", "unsolved", reason="no formula"), record("Never", "unsolved")]
    programs = {"tasks/Edited/program.py": OTHER, "tasks/Retold/program.py": TOLD}
    return make_run(tmp_path / "a", before), make_run(tmp_path / "b", after, programs=programs)


def test_every_task_falls_into_its_kind(runs: tuple[Path, Path]) -> None:
    (found,) = compared(*runs)
    expected = {"Won": SOLVED, "Lost": UNSOLVED, "Edited": CHANGED, "Retold": SAME, "Same": SAME, "Never": SAME}
    assert kinds(found) == expected
    assert (found.only_before, found.only_after) == (("Old",), ("New",))
    assert found.solved == (4, 4) and found.p_value == mcnemar(1, 1) == 1.0


def test_a_changed_program_has_a_diff(runs: tuple[Path, Path]) -> None:
    (found,) = compared(*runs)
    (edited,) = found.of(CHANGED)
    lines = edited.diff.splitlines()
    assert [line for line in lines if line[0] == "-" and line[1] != "-"] == ["-        total = total + x"]
    assert [line for line in lines if line[0] == "+" and line[1] != "+"] == ["+        total = x + total"]
    assert all(each.diff == "" for kind in (SAME, SOLVED, UNSOLVED) for each in found.of(kind))


def test_the_other_way_round_all_is_the_other_way_round(runs: tuple[Path, Path]) -> None:
    (there,), (back,) = compared(*runs), compared(*reversed(runs))
    opposite = {SOLVED: UNSOLVED, UNSOLVED: SOLVED}
    assert kinds(back) == {task: opposite.get(kind, kind) for task, kind in kinds(there).items()}
    assert back.solved == there.solved[::-1] and back.p_value == there.p_value


@pytest.mark.parametrize("folder", KEPT, ids=lambda path: path.name)
def test_a_run_is_the_same_as_itself(folder: Path) -> None:
    summary, everything = load(folder), compared(folder, folder)
    assert {found.system for found in everything} == {each.name for each in summary.systems}
    for found in everything:
        assert len(found.of(SAME)) == len(found.differences) and found.p_value == 1
        judged = {each.task for each in summary.records if each.system == found.system}
        assert judged == {each.after.task for each in found.differences}


def test_real_runs_add_up() -> None:
    (found,) = compared(REPORTS / "reference-paper", REPORTS / "reference")
    assert found.solved == (57, 62) and sum(len(found.of(kind)) for kind in KINDS) == 62
    assert len(found.of(SOLVED)) == 5 and found.p_value == 2 / 2**5
    assert all(each.diff for each in found.of(CHANGED))


def test_a_missing_program_counts_as_changed_and_is_told(runs: tuple[Path, Path]) -> None:
    (runs[0] / "tasks/Edited/program.py").unlink()
    (found,) = compared(*runs)
    assert "A: a (no program kept)" in found.of(CHANGED)[0].diff


def test_systems_are_compared_one_by_one(tmp_path: Path) -> None:
    wrong = [record("T", "wrong", system="other", seed=seed) for seed in (0, 1)]
    right = [record("T", "wrong", system="other"), record("T", system="other", seed=1)]
    before = make_run(tmp_path / "a", [record("T"), *wrong, record("T", system="gone")])
    after = make_run(tmp_path / "b", [record("T", "unsolved"), *right, record("T", system="came")])
    ours, other = compared(before, after)
    assert (ours.system, kinds(ours)) == ("mips", {"T": UNSOLVED})
    assert (other.system, kinds(other)) == ("other", {"T": SOLVED})
    assert one_sided(load(before), load(after)) == (["gone"], ["came"])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (TOLD, SOURCE),
        (SOURCE, SOURCE),
        ('"""Module."""\nx = 1\n', "x = 1\n"),
        ('def f(): "doc"; return 1\n', 'def f(): "doc"; return 1\n'),
        ('def f():\n    "doc"\n', 'def f():\n    "doc"\n'),
        ('x = """no docstring"""\n', 'x = """no docstring"""\n'),
        ("def f(:", "def f(:"),
        ("\0", "\0"),
        ("(" * 1000, "(" * 1000),
        ('"\\d"\nx\n', "x\n"),
    ],
)
def test_what_is_left_without_docstrings(source: str, expected: str) -> None:
    assert bare(source) == expected


# The command


def test_the_command_tells_all(runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *map(str, runs)]) == 0
    told = capsys.readouterr().out
    for part in (
        "A: a: solved 5 of 7", "B: b: solved 5 of 7", "mips: A solved 4 of 6, B solved 4 of 6 that both have",
        "at the training length, longer sequences not asked for: A 6, B 6",
        "only B solves 1, only A solves 1; exact McNemar p = 1",
        "newly unsolved: 1\n    Lost (unsolved: verified: wrong on 3)",
        "counterexample: xs=[1, 0, 1] expected=[1, 1, 2] got=[1, 1, 0]", "newly solved: 1\n    Won",
        "changed program: 1\n    Edited\n", "+        total = x + total", "same: 3", "tasks only in A: Old",
        "tasks only in B: New",
    ):  # fmt: skip
        assert part in told
    assert "Retold" not in told


def test_the_page_shows_the_same(runs: tuple[Path, Path]) -> None:
    told = page(runs[1], against=runs[0])
    for part in ("newly unsolved (1)", "newly solved (1)", "changed program (1)", "Only in the first run: Old"):
        assert part in told


def test_a_program_cannot_speak_to_the_terminal(runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    (runs[1] / "tasks/Edited/program.py").write_text("x = '\x1b]0;title\x07'\n")
    assert main(["compare", *map(str, runs)]) == 0
    told = capsys.readouterr().out
    assert "title" in told and "\x1b" not in told and "\x07" not in told


@pytest.mark.parametrize(
    "tool",
    [["compare", "good", "bad"], ["compare", "bad", "good"], ["html", "bad"], ["show", "bad"],
     ["html", "good", "--against", "bad"]],
)  # fmt: skip
@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"tasks": 3, "arguments": {}}', '{"tasks": [3]}'])
def test_a_bad_folder_is_one_clear_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tool: list[str],
    content: str | None,
) -> None:
    monkeypatch.chdir(tmp_path)
    make_run(tmp_path / "good", [record("T")])
    if content is not None:
        (tmp_path / "bad").mkdir()
        (tmp_path / "bad" / "run.json").write_text(content)
    assert main(tool) == 4
    told = capsys.readouterr()
    assert told.out == "" and told.err.startswith("ERROR: bad is not the folder of a run") and told.err.count("\n") == 1
    assert not list(tmp_path.rglob("report.html*"))


def test_a_torn_line_in_the_middle_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_run(tmp_path / "run", [record("T"), record("U")])
    lines = (folder / "results.jsonl").read_text().splitlines()
    (folder / "results.jsonl").write_text(lines[0][:40] + "\n" + lines[1] + "\n")
    assert main(["html", str(folder)]) == 4
    assert "results.jsonl, line 1" in capsys.readouterr().err


def test_html_writes_where_it_is_told(runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    before, after = runs
    assert main(["html", str(after)]) == 0
    assert main(["html", str(after), "--against", str(before)]) == 0
    beside = after / f"report-against-{before.name}.html"
    assert beside.read_text(encoding="utf-8") == page(after, against=before)
    assert (after / "report.html").read_text(encoding="utf-8") == page(after)
    assert main(["html", str(before), "--out", str(after / "x.html")]) == 0
    assert (after / "x.html").read_text(encoding="utf-8") == page(before) and not (before / "report.html").exists()
    assert capsys.readouterr().out == f"{after / 'report.html'}\n{beside}\n{after / 'x.html'}\n"
    assert main(["html", str(before), "--out", str(after / "no" / "x.html")]) == 4
    assert capsys.readouterr().err.count("\n") == 1


def test_a_run_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_run(tmp_path / "reports" / "mine", [record("T")])
    monkeypatch.chdir(tmp_path)
    assert main(["html", "mine"]) == 0 and (tmp_path / "reports" / "mine" / "report.html").exists()


@pytest.mark.parametrize(
    "tool",
    [["compare", "run", "run"], ["html", "run"], ["show", "run"], ["merge", "new", "run"]],
    ids=lambda tool: tool[0],
)
def test_no_tool_needs_what_is_heavy(tmp_path: Path, tool: list[str]) -> None:
    make_run(tmp_path / "run", [record("T")])
    code = (
        f"import sys; from pytest_mips.__main__ import main; status = main({tool!r});"
        "heavy = {'torch', 'numpy', 'sympy', 'hypothesis', 'mips.pipeline', 'pytest'} & set(sys.modules);"
        "print(heavy, file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "set()\n")


# Scores side by side


SHORT = {"solved_at_length": True, "program_sha256": "0" * 64, "program_accuracy": 1.0}
NOTHING = {"program_accuracy": None}


@pytest.mark.parametrize(
    ("status", "changes", "right"),
    [
        ("solved", {}, True),
        ("unsolved", SHORT, True),
        ("wrong", SHORT | {"solved_at_length": False}, False),
        ("timeout", {"solved_at_length": True} | NOTHING, True),
        # lines of older runs
        ("wrong", {"program_accuracy": 1.0}, True),
        ("wrong", {"program_accuracy": 0.999}, False),
        ("unsolved", NOTHING, False),
        ("wrong", NOTHING | {"program_sha256": "0" * 64}, None),
        ("error", NOTHING, None),
        ("not_run", NOTHING, None),
    ],
)
def test_whether_a_program_is_right_at_the_training_length(
    status: str, changes: dict[str, Any], right: bool | None
) -> None:
    assert right_at_length(record("T", status, **changes)) is right


def test_right_machines_are_counted_beside_the_solved_ones() -> None:
    some = [record("A"), record("B", "unsolved", machine="exact"), record("C", "unsolved", machine="proved")]
    assert machines(some) == {"proved": 1, "exact": 1}
    assert machines_text(some) == "right machines without a formula, not counted as solved: 2 (1 proved, 1 exact)"
    assert machines_text(some[:1]) == ""
    assert [all_the_same(each) for each in [*some, record("D", "unsolved", machine="exact", **SHORT)]] == [
        "", "machine exact, right at the training length", "machine proved, right at the training length",
        "machine exact, right at the training length",
    ]  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Ours solve one task of three, one more at the training length, and have a right machine of the third."""
    wrong = {"program_accuracy": 0.5, "solved_at_length": False}
    return make_run(
        tmp_path / "mine",
        [
            record("A"),
            record("B", "unsolved", **SHORT),
            record("C", "unsolved", machine="proved", **NOTHING),
            *(record(task, "wrong", system="other", **(SHORT if task == "A" else wrong)) for task in "ABC"),
        ],
    )


@pytest.fixture
def summary(run: Path) -> Summary:
    return load(run)


TWO_SCORES = "at the training length, longer sequences not asked for: 2 of 3; other 1 of 3"
RIGHT_MACHINES = "right machines without a formula, not counted as solved: 1 (1 proved)"


def test_both_scores_are_in_the_summary(summary: Summary) -> None:
    assert summary.score == "solved 1 of 3 (proved 1), other 0 of 3"
    assert summary.beside == [TWO_SCORES, RIGHT_MACHINES]
    text = markdown(summary)
    assert f"- {TWO_SCORES}\n- {RIGHT_MACHINES}\n" in text
    assert "| system   | solved   | at the training length   |" in text
    assert "| mips     | 1 of 3   | 2 of 3                   |" in text
    assert "| other    | 0 of 3   | 1 of 3                   |" in text
    statuses = [line.split("|")[2].strip() for line in table(summary, style="github").splitlines()[2:]]
    assert statuses == ["solved", "unsolved, right at the training length", "unsolved, machine proved"]


def test_both_scores_are_in_the_json_of_the_summary(summary: Summary) -> None:
    found = json.loads(json.dumps(to_json(summary)))
    assert faults_in(found, "summary") == []
    assert [(each["solved"], each["solved_at_length"]) for each in found["systems"]] == [(1, 2), (0, 1)]
    assert [(each["solved_at_length"], each["machine"]) for each in found["tasks"]] == [
        (True, ""), (True, ""), (False, "proved"),
    ]  # fmt: skip
    assert found["machines"] == {"proved": 1, "exact": 0} and found["solved"] == 1


def test_both_scores_are_on_the_page(run: Path) -> None:
    text = page(run)
    for part in (TWO_SCORES, RIGHT_MACHINES, "at the training length", "machine proved", "proved, without a formula"):
        assert part in text


def test_both_scores_are_on_the_terminal(summary: Summary) -> None:
    lines: list[str] = []

    class Reporter:
        def section(self, title: str) -> None: ...

        def write_line(self, line: str, **markup: bool) -> None:
            lines.append(line)

    terminal = Terminal.__new__(Terminal)
    terminal._reporter, terminal._verbosity = Reporter(), -1
    terminal.summary(summary, "reports/mine", strict=True)
    assert lines[:3] == [summary.score, TWO_SCORES, RIGHT_MACHINES]


def test_the_attempt_with_a_right_machine_is_the_best_of_the_unsolved(tmp_path: Path) -> None:
    attempts = [record("A", "unsolved", seed=seed, machine=found) for seed, found in enumerate(["", "exact", "proved"])]
    run = make_run(tmp_path / "mine", attempts, seeds=[0, 1, 2])
    assert load(run).lines[0].best.seed == 2
