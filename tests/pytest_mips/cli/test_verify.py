"""`verify` judges the programs of a run again and names what was tampered with; `merge` puts parts together."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from runs import make_run, record
from stage import Stage

from pytest_mips.__main__ import main
from pytest_mips.cli import verification
from pytest_mips.cli.merge import MergeError, merge
from pytest_mips.runs.records import latest, read

COPY = "def program(xs):\n    return list(xs)\n"
WRONG = "def program(xs):\n    return [0 for x in xs]\n"
WIDE = 'task("{}", inputs=integers(0, 400))'
Verify = Callable[..., tuple[int, str]]


@pytest.fixture
def verify(stage: Stage, capsys: pytest.CaptureFixture[str]) -> Verify:
    """Run the tool in the folder of the stage, over its only run; return the exit status and what it said."""

    def run(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        status = main(["verify", str(stage.folder), *arguments])
        told = capsys.readouterr()
        assert told.err == ""
        return status, told.out

    return run


def rows(told: str) -> dict[tuple[str, str, str], tuple[str, str, str]]:
    """Return status in the run, status now and state of the file by task, system and seed."""
    lines = told.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("---"))
    found = [line.replace("not judged", "not-judged").split() for line in lines[start + 1 : lines.index("", start)]]
    return {(row[0], row[1], row[2]): (row[3], row[4], row[5]) for row in found}


def test_a_good_run_verifies(stage: Stage, verify: Verify) -> None:
    stage.tasks(WIDE.format("Easy"))
    stage.tasks(WIDE.format("Lucky"), file="test_more")
    for name, text in {"Easy/0.py": WRONG, "Easy/1.py": COPY}.items():
        (stage.pytester.path / "some" / name).parent.mkdir(parents=True, exist_ok=True)
        (stage.pytester.path / "some" / name).write_text(text)
    assert stage.run("--mips-seeds=2", "--mips-programs=some=some").ret == 0
    with (stage.pytester.path / "tox.ini").open("a") as stream:  # what a project sets for runs of its own
        stream.write("\nmips_quick = true\nmips_synthesizer =\n    aalpy\nmips_llm = some\nmips_claims = none.json\n")
    before = sorted(stage.pytester.path.rglob("*"))
    status, told = verify()
    assert status == 0
    assert rows(told) == {
        ("Easy", "mips", "0"): ("solved", "solved", "same"), ("Easy", "mips", "1"): ("solved", "solved", "same"),
        ("Lucky", "mips", "1"): ("solved", "solved", "same"),
        ("Easy", "some", "0"): ("wrong", "wrong", "same"), ("Easy", "some", "1"): ("solved", "solved", "same"),
    }  # fmt: skip
    assert "mips: 3 of 3 solved programs are solved again; 3 of 3 programs are the file that was judged" in told
    assert "some: 1 of 1 solved programs are solved again; 2 of 2 programs" in told
    assert "the tests of the judge were repeated, in a sandbox, not the proofs" in told
    assert sorted(stage.pytester.path.rglob("*")) == before


def test_a_tampered_program_is_found_by_its_hash_and_by_the_judge(stage: Stage, verify: Verify) -> None:
    stage.tasks(*map(WIDE.format, ("Easy", "Other", "Third")))
    assert stage.run().ret == 0
    tasks = stage.folder / "tasks"
    (tasks / "Easy" / "program.py").write_text(WRONG)
    (tasks / "Other" / "program.py").write_text(COPY + "# the same\n")
    (tasks / "Third" / "program.py").unlink()
    (tasks / "Easy" / "seed-5").mkdir()
    (tasks / "Easy" / "seed-5" / "program.py").write_text(COPY)
    status, told = verify()
    assert status == 1
    assert rows(told) == {
        ("Easy", "mips", "0"): ("solved", "wrong", "changed"), ("Other", "mips", "0"): ("solved", "solved", "changed"),
        ("Third", "mips", "0"): ("solved", "not-judged", "gone"),
    }  # fmt: skip
    lines = told.splitlines()
    assert "Easy (mips, seed 0): it was solved and is wrong now" in told
    assert "counterexample: xs=[1] expected=[1] got=[0]" in told
    for task in ("Easy", "Other"):
        (line,) = [line for line in lines if line.startswith(f"{task} (mips, seed 0): tasks/{task}/program.py")]
        assert "has changed: found sha256 " in line and line.endswith("... as in results.jsonl")
    assert "Third (mips, seed 0): it was solved and cannot be judged: there is no tasks/Third/program.py" in lines
    assert "tasks/Easy/seed-5/program.py is a program that no result speaks of" in lines
    assert "mips: 1 of 3 solved programs are solved again; 0 of 3 programs are the file" in told


@pytest.mark.slow
def test_a_task_that_is_another_one_now_is_found(stage: Stage, verify: Verify) -> None:
    stage.tasks(WIDE.format("Easy"), WIDE.format("Gone"))
    assert stage.run().ret == 0
    stage.tasks('task("Easy", step=lambda s, x: (s, x + 1), inputs=integers(0, 400))')
    status, told = verify()
    assert status == 1 and "Easy (mips, seed 0): it was solved and is wrong now" in told
    assert (
        "Gone (mips, seed 0): it was solved and cannot be judged: there is no task of that name in test_copy.py" in told
    )
    assert "has changed" not in told


@pytest.mark.slow
def test_a_test_file_that_is_gone_is_told(stage: Stage, verify: Verify) -> None:
    stage.tasks(WIDE.format("Easy"))
    stage.tasks(WIDE.format("Other"), file="test_more")
    assert stage.run().ret == 0
    (stage.pytester.path / "test_more.py").unlink()
    status, told = verify()
    assert status == 1 and rows(told)["Easy", "mips", "0"] == ("solved", "solved", "same")
    assert told.splitlines()[-1] == "Other (mips, seed 0): it was solved and cannot be judged: test_more.py is gone"
    elsewhere = stage.pytester.mkdir("elsewhere")
    status, told = verify("--root", str(elsewhere))
    assert status == 1 and "test_copy.py is gone" in told and "test_more.py is gone" in told


@pytest.mark.slow
def test_a_test_file_that_cannot_be_read_is_told(stage: Stage, verify: Verify) -> None:
    stage.tasks(WIDE.format("Easy"))
    assert stage.run().ret == 0
    (stage.pytester.path / "test_copy.py").write_text("import nothing_of_that_name\n")
    status, told = verify()
    assert (
        status == 1 and "cannot be judged: pytest ended with exit status 2" in told and "nothing_of_that_name" in told
    )


def test_a_sandbox_that_is_not_there_verifies_nothing(stage: Stage, verify: Verify) -> None:
    stage.tasks(WIDE.format("Easy"))
    assert stage.run().ret == 0
    status, told = verify("--sandbox=magic")
    assert status == 1 and "ERROR: --mips-sandbox: found 'magic'" in told


def test_what_is_not_solved_needs_no_program(stage: Stage, verify: Verify) -> None:
    stage.tasks("Hard")
    assert stage.run().ret == 0
    status, told = verify()
    assert status == 0 and "0 stored programs are judged again" in told


# Folders that somebody made up


def made_up(folder: Path, test: str = "t.py", **changes: Any) -> Path:
    made = make_run(folder, [record("T", program_sha256="", **changes)], tasks=["T"])
    facts = json.loads((made / "run.json").read_text())
    facts["tasks"][0]["test"] = test
    (made / "run.json").write_text(json.dumps(facts))
    return made


@pytest.mark.parametrize("test", ["../evil.py::t", "/etc/passwd", "", "-p evil"])
def test_no_file_outside_the_checkout_is_run(
    test: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(verification, "_judged", lambda *_: pytest.fail("pytest was begun"))
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "evil.py").write_text("raise SystemExit\n")
    assert main(["verify", str(made_up(tmp_path / "run", test)), "--root", str(root)]) == 1
    assert "cannot be judged: " in capsys.readouterr().out


@pytest.mark.parametrize("changes", [{"system": "../x"}, {"seed": "../x"}, {"system": "a/b"}, {"system": ""}])
def test_names_that_lead_elsewhere_are_a_bad_folder(
    changes: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_run(tmp_path / "run", [record("T")])
    line = json.loads((folder / "results.jsonl").read_text())
    (folder / "results.jsonl").write_text(json.dumps({**line, **changes}) + "\n")
    assert main(["verify", str(folder)]) == 4
    told = capsys.readouterr()
    assert told.out == "" and told.err.startswith("ERROR: ") and told.err.count("\n") == 1


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"tasks": 3, "arguments": {}}', '{"tasks": [3]}'])
def test_a_bad_folder_is_one_clear_line(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "bad").mkdir()
        (tmp_path / "bad" / "run.json").write_text(content)
    assert main(["verify", "bad"]) == 4
    told = capsys.readouterr()
    assert told.out == "" and told.err.startswith("ERROR: bad is not the folder of a run") and told.err.count("\n") == 1


def test_a_root_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(made_up(tmp_path / "run")), "--root", str(tmp_path / "none")]) == 4
    assert capsys.readouterr().err == f"ERROR: --root: {tmp_path / 'none'} is no folder\n"


def test_a_system_that_is_called_as_ours_would_be_keeps_its_name(tmp_path: Path) -> None:
    stored = [
        verification.Stored(record=record("T", system=system), file=Path("x"), source=text.encode())
        for system, text in (("mips", COPY), ("stored", WRONG))
    ]
    keys, names = verification._laid_out(stored, tmp_path)
    assert [keys[each.key] for each in stored] == [("T", "stored-", 0), ("T", "stored", 0)]
    assert {name: (folder / "T" / "0.py").read_text() for name, folder in names.items()} == {
        "stored-": COPY, "stored": WRONG
    }  # fmt: skip


def test_torch_is_not_imported(tmp_path: Path) -> None:
    folder = made_up(tmp_path / "run")
    code = (
        "import sys\nfrom pytest_mips.__main__ import main\nstatus = main(['verify', sys.argv[1]])\n"
        "sys.exit([name for name in ('torch', 'numpy', 'hypothesis', 'pytest') if name in sys.modules] or status)"
    )
    child = subprocess.run([sys.executable, "-c", code, str(folder)], cwd=tmp_path, capture_output=True, text=True)
    assert (child.returncode, child.stderr) == (1, "") and "t.py is gone" in child.stdout


# merge


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
