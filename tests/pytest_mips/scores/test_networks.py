"""The networks in the summary: sizes beside the theoretical minimum, accuracy never rounded up, mistakes shown."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from summaries import EXAMPLE, RUN, record, rows

from pytest_mips.runs.formatting import minimum_text, percent
from pytest_mips.runs.records import append
from pytest_mips.scores import networks
from pytest_mips.scores.summary import markdown, results_hash, summarize, table, to_json

SIZES = {"hidden": 4, "cell_depth": 2, "readout_depth": 2, "width": 32}
NETWORK: dict[str, Any] = {
    "hidden_size": 4, "architecture": SIZES, "network_accuracy": 1.0, "program_accuracy": 1.0,
    "training_core_seconds": 12.34, "peak_mib": 400, "minimum": {"kind": "states", "value": 8},
}  # fmt: skip
ERRING = NETWORK | {"network_accuracy": 0.999999, "network_mistake": EXAMPLE}


def test_the_table_of_networks() -> None:
    linear = NETWORK | {
        "hidden_size": 5, "minimum": {"kind": "rank", "value": 5},
        "architecture": {"hidden": 5, "cell_depth": 1, "readout_depth": 1, "width": 0},
    }  # fmt: skip
    endless = NETWORK | {"minimum": None}
    text = markdown(summarize(RUN, [record("A", **NETWORK), record("B", **linear), record("C", **endless)]))
    found = rows(text, "## Networks")
    assert found["task"] == ["hidden", "layers", "width", "minimum", "network", "core s", "peak MiB"]
    assert found["A"] == ["4", "2+2", "32", "3 bits (8 states)", "100.00%", "12.3", "400"]
    assert found["B"] == ["5", "1+1", "–", "rank 5", "100.00%", "12.3", "400"]  # noqa: RUF001
    assert found["C"][3] == "–"  # noqa: RUF001
    assert "Perfect networks: 3 of 3. Training: 37.0 core seconds in all, the longest 12.3 core seconds (A)." in text
    assert "Largest peak: 400 MiB (A)." in text
    assert "## Imperfect networks" not in text


def test_an_imperfect_network_is_listed_with_its_mistake_and_counted_out_of_the_roster() -> None:
    unsolved = record("B", "unsolved", stage="synthesized", reason="none", **ERRING | {"network_accuracy": 0.9986})
    text = markdown(summarize(RUN, [record("A", **ERRING), unsolved]))
    assert "Perfect networks: 0 of 3." in text
    imperfect = text.partition("## Imperfect networks")[2]
    told = "`first wrong sequence: xs=[1, 0] expected=[1, 1] got=[1, 0]`"
    assert f"- **A** 99.9999%\n  {told}\n- **B** 99.86%\n  {told}\n- **C** no network (error)\n" in imperfect
    assert rows(text, "## Networks")["C"] == [""] * 7


@pytest.mark.parametrize(
    ("status", "changes"),
    [("solved", ERRING), ("unsolved", NETWORK), ("solved", NETWORK | {"network_mistake": EXAMPLE})],
)
def test_a_minimum_of_what_may_be_another_machine_stands_in_brackets(status: str, changes: dict[str, Any]) -> None:
    summary = summarize(RUN, [record("A", status, **changes)])
    assert rows(markdown(summary), "## Networks")["A"][3] == "[3 bits (8 states)]"
    assert not networks.perfect(summary.lines[0].best) or status == "unsolved"


def test_network_and_program_stand_side_by_side() -> None:
    wrong = record("B", "unsolved", stage="verified", reason="differs", **ERRING | {"program_accuracy": 0.75})
    refused = record("C", "unsolved", stage="verified", reason="a table", **NETWORK | {"program_accuracy": None})
    text = table(summarize(RUN, [record("A", **NETWORK), wrong, refused]), style="github")
    found = rows("##\n" + text, "##")
    place = found["task"].index("network")
    assert found["task"][place : place + 3] == ["network", "program", "nodes"]
    assert [found[name][place : place + 2] for name in "ABC"] == [
        ["100.00%", "100.00%"], ["99.9999%", "75.00%"], ["100.00%", ""],
    ]  # fmt: skip


def test_the_json_says_the_same() -> None:
    told = to_json(summarize(RUN, [record("A", **NETWORK), record("B", **ERRING)]))
    assert told["networks"] == {
        "perfect": 1, "roster": 3, "training_core_seconds": 24.7, "largest_training_core_seconds": 12.3,
        "largest_peak_mib": 400,
    }  # fmt: skip
    first, second, third = told["tasks"]
    assert {name: first[name] for name in NETWORK} == NETWORK
    assert (second["network_mistake"], third["architecture"], third["minimum"]) == (EXAMPLE, None, None)
    assert json.loads(json.dumps(told)) == told


def test_nothing_about_the_network_is_in_the_results_hash() -> None:
    plain = record("A")
    richer = dataclasses.replace(plain, architecture=SIZES, minimum={"kind": "rank", "value": 1}, program_accuracy=1.0)
    assert results_hash([richer]) == results_hash([plain])


def test_an_older_run_is_shown(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps(RUN))
    append(tmp_path / "results.jsonl", record("A", hidden_size=2, network_accuracy=1.0))
    fields = json.loads((tmp_path / "results.jsonl").read_text())
    old = {name: fields[name] for name in list(fields)[: list(fields).index("fingerprint") + 1]}
    (tmp_path / "results.jsonl").write_text(json.dumps(old) + "\n")
    shown = subprocess.run([sys.executable, "-m", "pytest_mips", "show", tmp_path], capture_output=True, text=True)
    assert shown.returncode == 0 and shown.stderr == ""
    assert rows(shown.stdout, "## Networks")["A"] == ["2", "", "", "–", "100.00%", "", ""]  # noqa: RUF001
    assert "the longest unknown" in shown.stdout


def test_a_run_without_tasks_has_no_networks() -> None:
    summary = summarize(RUN | {"tasks": []}, [])
    assert "## Networks" not in markdown(summary)
    assert to_json(summary)["networks"]["roster"] == 0


def test_where_it_was_trained_is_said() -> None:
    machine = RUN["machine"] | {"accelerator": "NVIDIA H200"}
    assert "s an attempt, training on NVIDIA H200\n" in markdown(summarize(RUN | {"machine": machine}, []))
    assert "training on" not in markdown(summarize(RUN, [])).partition("## Networks")[0]


# Words


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (1.0, "100.00%"),
        (1, "100.00%"),
        (0.0, "0.00%"),
        (0.5, "50.00%"),
        (0.29, "29.00%"),  # 100 * 0.29 is less than 29 as a float
        (0.99999, "99.999%"),
        (1 - 1e-6, "99.9999%"),
        (1 - 1.5e-6, "99.9998%"),
        (0.999949, "99.994%"),
        (0.9986, "99.86%"),
        (0.12345, "12.34%"),
        (1e-9, "0.00%"),
    ],
)
def test_percentages(share: float, text: str) -> None:
    assert percent(share) == text


@given(st.integers(1, 10**7), st.integers(0, 10**7))
def test_a_percentage_is_never_more_than_the_share_and_the_whole_is_the_whole(total: int, wrong: int) -> None:
    share = max(0, total - wrong) / total
    shown = percent(share)
    assert (shown == "100.00%") == (share == 1)
    assert float(shown[:-1]) <= 100 * share + 1e-9 and 100 * share - float(shown[:-1]) < 0.01


@pytest.mark.parametrize(
    ("minimum", "text"),
    [
        (None, "–"),  # noqa: RUF001
        ({"kind": "rank", "value": 5}, "rank 5"),
        ({"kind": "states", "value": 8}, "3 bits (8 states)"),
        ({"kind": "states", "value": 7}, "2.807 bits (7 states)"),
        ({"kind": "states", "value": 2}, "1 bit (2 states)"),
        ({"kind": "states", "value": 1}, "0 bits (1 state)"),
    ],
)
def test_minima(minimum: dict[str, Any] | None, text: str) -> None:
    assert minimum_text(minimum) == text
