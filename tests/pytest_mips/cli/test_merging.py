"""Parts of a run are put together in any order with the same outcome, and the best attempt brings its files along."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from runs import make_run, record

from pytest_mips.cli.merge import MergeError, merge
from pytest_mips.runs.records import latest, read

SOURCE = "def program(xs):\n    return xs\n"


@pytest.mark.parametrize("verdict", ["solved", "unsolved", "timeout", "memory"])
def test_a_verdict_beats_none_in_any_order_of_the_parts(verdict: str, tmp_path: Path) -> None:
    statuses = (verdict, "error", "not_run")
    parts = [
        make_run(tmp_path / status, [record("A", status), record("B")], artefacts={"log.txt": status})
        for status in statuses
    ]
    hashes = set()
    for number, order in enumerate(itertools.permutations(parts)):
        out = tmp_path / f"whole-{number}"
        hashes.add(merge(order, out).results_hash)
        assert latest(read(out / "results.jsonl"))["A", "mips", 0].status == verdict
        assert (out / "tasks" / "A" / "log.txt").read_text() == verdict
    assert len(hashes) == 1


def test_what_solved_it_beats_limits_and_other_verdicts_in_any_order(tmp_path: Path) -> None:
    statuses = ("solved", "unsolved", "timeout", "memory", "error")
    parts = [make_run(tmp_path / status, [record("A", status)]) for status in statuses]
    for number, order in enumerate([parts, parts[::-1], parts[2:] + parts[:2]]):
        assert merge(order, tmp_path / f"whole-{number}").solved == 1


def test_programs_of_other_systems_follow_their_results(tmp_path: Path) -> None:
    file = "baselines/x/A/0.py"
    good = make_run(tmp_path / "good", [record("A", system="x")], programs={file: SOURCE, "baselines/x/A/1.py": "1"})
    ill = make_run(tmp_path / "ill", [record("A", "error", system="x")], programs={file: "ill"})
    for number, order in enumerate(([good, ill], [ill, good])):
        merge(order, tmp_path / f"{number}")
        assert (tmp_path / f"{number}" / file).read_text() == SOURCE
        assert (tmp_path / f"{number}" / "baselines/x/A/1.py").exists()


def test_what_was_not_run_was_not_made_in_another_way(tmp_path: Path) -> None:
    done, idle = record("A"), record("A", "not_run", fingerprint="g")
    parts = [make_run(tmp_path / name, [one]) for name, one in (("done", done), ("idle", idle))]
    for number, order in enumerate((parts, parts[::-1])):
        assert merge(order, tmp_path / f"{number}").solved == 1
        (planned,) = json.loads((tmp_path / f"{number}" / "run.json").read_text())["tasks"]
        assert planned["fingerprints"] == {"0": "f"}
    other = make_run(tmp_path / "other", [record("A", "unsolved", fingerprint="g")])
    with pytest.raises(MergeError, match="A was attempted with other settings"):
        merge([parts[0], other], tmp_path / "refused")
