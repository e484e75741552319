"""Two scores for every system: at all lengths, and at the training length; right machines beside both, in neither."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from runs import make_run, record

from pytest_mips.report.page import page
from pytest_mips.scores.side_scores import all_the_same, machines, machines_text, right_at_length
from pytest_mips.scores.summary import Summary, load, markdown, table, to_json
from pytest_mips.session.terminal import Terminal
from pytest_mips.validation.check import faults_in

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
