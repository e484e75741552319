"""Texts from elsewhere: all of them can be written, and none of them commands a terminal, turns a line or is markup."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runs import make_run, record, run_json
from stage import Stage

from pytest_mips.__main__ import main
from pytest_mips.baselines.recorded import recorded
from pytest_mips.report.writing import write
from pytest_mips.runs.attempts import Finding, ProgramJob, SolverJob, decode, encode
from pytest_mips.runs.formatting import code_span, encodable, printable, prose
from pytest_mips.runs.records import append, read, record_of, write_artefacts, write_atomically, write_baseline
from pytest_mips.scores.summary import load, markdown, summarize
from pytest_mips.workers.attempt import failure

JOB = SolverJob(task="Easy", seed=3, payload=b"", solver="a:b", time_limit=1.0)
PROGRAM = ProgramJob(task="Easy", system="other", seed=3, payload=b"", time_limit=1.0)
HALF = "\udce9 \ud83d"
ESCAPES = "\x1b[31mred\x1b]0;title\x07 \x9b2J \r\x08"
TURNED = "\u202eabc\u202c \u2066x\u2069 \u200f\u200e\u061c \u2028\u2029 \ufeff\u200b\U000e0041"
RAW = "<script>alert(1)</script> <img src=x onerror=y> <!-- </table> ![x](http://a/b) a | b &lt;b&gt;"
TEXT = f"{HALF}{ESCAPES}{TURNED}{RAW}`` ` \n# head"
MARKUP = ("<script", "</script", "<img", "<!--", "</table", "](http", "&lt;b&gt;")
PLAIN = ("", "x = 1\n\ty", "\u00e9 \u05d0 \u4e2d \N{SNAKE} \u2264", "a < b and 3 <4 & c [1, 2] (3)")
FORBIDDEN = [char for char in HALF + ESCAPES + TURNED if not (char.isprintable() or char == "\n")]


def texts_in(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = [*value, *value.values()]
    return [text for each in value for text in texts_in(each)] if isinstance(value, list | tuple) else []


@given(st.text(st.characters(exclude_categories=[])))
def test_every_text_can_be_written_and_shown(text: str) -> None:
    for made in (encodable(text), printable(text), prose(text), code_span(text)):
        made.encode()
    assert encodable(encodable(text)) == encodable(text) and printable(printable(text)) == printable(text)
    assert "\n" not in prose(text) + code_span(text)


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    assert encodable(text) == printable(text) == text
    assert prose(text) == " ".join(text.split())


@pytest.mark.parametrize("char", sorted(set(FORBIDDEN)), ids=ascii)
def test_what_commands_or_turns_is_not_shown(char: str) -> None:
    assert char not in printable(f"a{char}b") and printable(f"a{char}b") != "ab"


def test_findings_and_records_can_be_written_whoever_makes_them(tmp_path: Path) -> None:
    half = {"inputs": [0], "expected": [1], "actual": HALF}
    found = Finding(
        status="unsolved", stage=HALF, reason=HALF, form=HALF, program="x = 1\n", counterexample=half, log=HALF,
        network_mistake=half, stage_seconds={HALF: 1.0}, normalizers=({"normalizer": HALF},), locks=[HALF],
        files={f"{HALF}.json": b"{}"}, usage={HALF: 1.0}, minimum={"kind": HALF, "value": 1},
    )  # fmt: skip
    for finding in (found, decode(encode(found)), failure(ValueError(HALF))):
        line = record_of(JOB, finding, "f")
        for text in texts_in([*vars_of(line), *vars_of(finding)]):
            text.encode()
        append(tmp_path / "results.jsonl", line)
        write_artefacts(tmp_path / "tasks", finding)
        write_baseline(tmp_path / "baselines" / "0.py", PROGRAM, finding)
    assert len(read(tmp_path / "results.jsonl")) == 3


def vars_of(record: Any) -> list[Any]:
    return [getattr(record, name) for name in record.__slots__]


def test_half_characters_in_lines_of_before_end_no_run(tmp_path: Path) -> None:
    line = record("A", "unsolved").to_json()
    line |= {"reason": HALF, "counterexample": {"inputs": [0], "expected": [0], "actual": HALF}}
    folder = make_run(tmp_path / "run", [], tasks=["A"])
    (folder / "results.jsonl").write_text(json.dumps(line) + "\n")
    write(folder, load(folder))
    assert "\\udce9" in (folder / "summary.md").read_text()
    write_atomically(folder / "any.txt", HALF)


def test_a_program_with_half_a_character_is_judged_as_it_was_meant(tmp_path: Path) -> None:
    source = "def program(xs):\n    return [len('\udce9') * x for x in xs]\n"
    (tmp_path / "all.jsonl").write_text(json.dumps({"task_id": "A", "solution": source}))
    (found,) = recorded("x", tmp_path / "all.jsonl")
    assert found.source == source.replace("\udce9", "\\udce9")


def test_nothing_of_an_attempt_is_markup_or_command_in_the_summary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = {"inputs": [0], "expected": [0], "actual": TEXT}
    records = [
        record("A", "unsolved", stage=TEXT, reason=TEXT, form=TEXT, counterexample=example, network_mistake=example),
        record("B", form=TEXT, overruled={"answers": 1, "of": 2}),
        record("A", "wrong", system="x", reason=TEXT),
    ]  # fmt: skip
    folder = make_run(tmp_path / "run", records)
    run = json.loads((folder / "run.json").read_text())
    run |= {"versions": {TEXT: TEXT}, "claims": [{"system": TEXT, "source": TEXT, "of": 2, "total": 1}]}
    run["resumed"] = [{"kept": 1, "again": [{"system": "mips", "task": "A", "seed": 0, "why": TEXT}], "left_out": 0}]
    (folder / "run.json").write_text(json.dumps(run))
    write(folder, load(folder))
    assert main(["show", str(folder)]) == 0
    for text in (capsys.readouterr().out, (folder / "summary.md").read_text()):
        assert [char for char in FORBIDDEN if char in text] == []
        assert [raw for raw in MARKUP if raw in text] == []
        assert not any(line.lstrip().startswith("# head") for line in text.splitlines())


@pytest.mark.parametrize("text", ["xs=[1, 0] expected=[1, 1]", "a ` b", "`` ` ``", "`", "<b>", "two\nlines"])
def test_code_ends_where_it_should(text: str) -> None:
    made = code_span(text)
    assert "<b" not in made and "\n" not in made
    if made.startswith("`"):
        fence = made[: len(made) - len(made.lstrip("`"))]
        assert made.endswith(fence) and fence not in made[len(fence) : -len(fence)]


def test_the_summary_of_plain_texts_has_no_marks_that_nobody_wrote() -> None:
    plain = summarize(run_json("r", ["A"]), [record("A", "unsolved", reason="x_1 < 3 * [y] & 'z'")])
    assert "- **A** unsolved: synthesized: x_1 < 3 * [y] & 'z'" in markdown(plain)


def test_a_run_of_half_characters_comes_to_its_end(stage: Stage) -> None:
    solver = (
        (stage.pytester.path / "fake_solver.py").read_text().replace("no formula fits", "no \\udce9 \\x1b[31m <b>x")
    )
    solver = solver.replace('"actual": [1, 0]', '"actual": "E: \\ud83d"')
    (stage.pytester.path / "fake_solver.py").write_text(solver)
    stage.tasks("Hard", "task('Ill', raising)", before="def raising(*of):\n    raise ValueError('\\udce9')".replace(
        "raise", "if in_child(): raise"
    ) + "\n    return [of[0].randrange(2) for _ in range(of[1])]")  # fmt: skip
    result = stage.run("--junitxml=junit.xml", workers="1")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(xfailed=1, failed=1)
    assert {name: one["status"] for name, one in stage.records().items()} == {"Hard": "unsolved", "Ill": "error"}
    assert "no \\udce9" in (stage.folder / "summary.md").read_text()
    assert "INTERNALERROR" not in result.stdout.str() and "\x1b" not in result.stdout.str()
