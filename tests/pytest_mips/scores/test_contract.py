"""What live systems are told stands in the docs to be copied, and the paper's own folder layout is understood."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from runs import make_run, record

from benchmarks.roster import ROOT
from pytest_mips.__main__ import main
from pytest_mips.baselines.prompts import RULES
from pytest_mips.baselines.recorded import recorded
from pytest_mips.scores import claims
from pytest_mips.scores.claims import Checked, Claim, ClaimsError

COPY = "def program(xs):\n    return list(xs)\n"


def test_the_text_to_copy_is_what_models_are_told() -> None:
    text = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    assert f"```text\n{RULES}```\n" in text


def test_of_the_folders_of_the_paper_only_the_extracted_code_is_read(tmp_path: Path) -> None:
    for number in (0, 1, 2, 10):
        folder = tmp_path / "Sum_All" / str(number)
        folder.mkdir(parents=True)
        (folder / f"extracted_code_{number}.py").write_text(f"# {number}\n" + COPY)
        (folder / "output_conversation.txt").write_text("Success")
        (folder / "helper.py").write_text("def other(xs): return xs\n")
    (tmp_path / "Sum_All" / "3").mkdir()
    (tmp_path / "Sum_All" / "3" / "answer.py").write_text(COPY)
    found = recorded("gpt4", tmp_path)
    assert [(one.task, one.number) for one in found] == [("Sum_All", number) for number in range(5)]
    assert [one.source.splitlines()[0] for one in found] == ["# 0", "# 1", "# 2", COPY.splitlines()[0], "# 10"]


def test_both_scores_stand_beside_the_claim(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = {"system": "gpt4", "assurance": ""}
    records = [
        record("A", "wrong", seed=0, solved_at_length=True, **other),
        record("A", "table", seed=1, solved_at_length=False, **other),
        record("B", "solved", seed=0, **{**other, "assurance": "tested"}),
        record("C", "wrong", seed=0, solved_at_length=False, **other),
    ]
    folder = make_run(tmp_path / "run", records)
    run = json.loads((folder / "run.json").read_text())
    run["claims"] = [Claim(system="GPT-4", source="a paper", total=2, of=3, solved=("A", "C")).to_json()]
    (folder / "run.json").write_text(json.dumps(run))
    assert main(["scores", str(folder)]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "task GPT-4 (claimed) training length all lengths statuses"
    assert lines[2:5] == ["A yes yes 1 table, 1 wrong", "B yes yes 1 solved", "C yes 1 wrong"]
    assert lines[6:] == ["gpt4: 2 of 3 solved at the training length, 1 at all lengths", "GPT-4 (claimed): 2 of 3"]
    assert main(["scores", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "checked_at_length": ["A", "B"], "checked_at_all_lengths": ["B"], "checked_source": "run"
    }  # fmt: skip
    assert main(["scores", str(folder), "--system", "no"]) == 4
    assert "found 'no', expected one of mips, gpt4" in capsys.readouterr().err


CHECKED = {"checked_at_length": ["A", "B"], "checked_at_all_lengths": ["B"], "checked_source": "judged by hand"}


def test_a_claim_carries_what_was_measured(tmp_path: Path) -> None:
    entry = {"system": "S", "source": "a paper", "of": 3, "total": 3, "solved": ["A", "B", "C"]}
    (tmp_path / "claims.json").write_text(json.dumps([entry | CHECKED, entry]))
    first, second = claims.read(tmp_path / "claims.json")
    assert first.checked == Checked(at_length=("A", "B"), at_all_lengths=("B",), source="judged by hand")
    assert first.to_json() == entry | CHECKED and second.to_json() == entry
    told = [row["statuses"] for row in claims.rows([first, second])]
    assert told == ["a paper; checked: 2 at the training length, 1 at all lengths (judged by hand)", "a paper"]


@pytest.mark.parametrize("name", CHECKED)
def test_half_of_what_was_measured_is_refused(name: str, tmp_path: Path) -> None:
    entry = {"system": "S", "source": "a paper", "of": 3, "total": 3}
    for changed in ({**CHECKED, name: 3}, {key: value for key, value in CHECKED.items() if key != name}):
        (tmp_path / "claims.json").write_text(json.dumps([entry | changed]))
        with pytest.raises(ClaimsError, match=r"claim 1: found .*, expected checked_at_length"):
            claims.read(tmp_path / "claims.json")
