"""Terminals that know few characters: every tool and every line of a run says what it can, none ends in an error."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from runs import SOURCE, make_run, record
from stage import Stage

from pytest_mips.__main__ import main
from pytest_mips.runs.formatting import fitting


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
@pytest.mark.parametrize(
    "tool",
    [
        ["show", "new"],
        ["compare", "old", "new"],
        ["compare", "new", "old"],
        ["html", "new", "--out", "é→.html"],
        ["merge", "\N{SNOWMAN}", "new"],
        ["doctor"],
        ["show", "nowhere \N{SNOWMAN}"],
    ],
    ids=lambda tool: " ".join(tool),
)
def test_tools_speak_in_any_encoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: list[str], encoding: str
) -> None:
    monkeypatch.chdir(tmp_path)
    programs = {"tasks/A/program.py": f"# caf\N{LATIN SMALL LETTER E WITH ACUTE} \N{SNOWMAN}\n{SOURCE}"}
    make_run(tmp_path / "old", [record("A"), record("B")])
    odd = record("B", "unsolved", reason="\N{SNOWMAN} \N{EN DASH} caf\xe9", counterexample=None)
    make_run(tmp_path / "new", [record("A", program_sha256="1"), odd], programs=programs)
    streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict") for _ in range(2)]
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])
    assert main(tool) == (4 if "nowhere" in tool[-1] else 0)
    for stream in streams:
        stream.flush()
    told = "".join(stream.buffer.getvalue().decode(encoding) for stream in streams)  # type: ignore[attr-defined]
    assert told.endswith("\n")
    if tool[0] == "show" and "new" in tool:
        assert ("\N{SNOWMAN}" if encoding == "utf-8" else r"\u2603") in told


def test_what_an_encoding_lacks_is_replaced() -> None:
    assert fitting("1 \N{EN DASH} é \N{SNOWMAN}\n", "ascii") == "1 - \\xe9 \\u2603\n"
    assert fitting("1 \N{EN DASH} é \N{SNOWMAN}\n", "latin-1") == "1 - é \\u2603\n"
    assert fitting("1 \N{EN DASH}", "utf-8") == fitting("1 \N{EN DASH}", None) == "1 \N{EN DASH}"


@pytest.mark.parametrize("variables", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}], ids=str)
def test_a_run_speaks_in_ascii(stage: Stage, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    """In lines: where pytest escapes a text, it escapes the ends of its lines as well."""
    for name, value in (variables | {"PYTHONCOERCECLOCALE": "0"}).items():
        monkeypatch.setenv(name, value)
    stage.tasks("Hard")
    solver = stage.pytester.path / "fake_solver.py"
    solver.write_text(solver.read_text().replace("no formula fits", "caf\\xe9 \\u2603"))
    result = stage.pytester.runpytest_subprocess("--mips-benchmark", "--mips-workers=1", "--mips-strict")
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["*UNSOLVED Hard*caf[\\]xe9 [\\]u2603*", "task  *", "Hard    unsolved *", "solved 0 of 1*"]
    )
    assert "caf\xe9" in (stage.folder / "summary.md").read_text(encoding="utf-8")
