"""A packed run is read as the run that was packed, and a damaged archive is told."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from kept_runs import KEPT, REPORTS, every_kept_run
from runs import SOURCE, make_run, record

from benchmarks import keep
from pytest_mips.__main__ import main
from pytest_mips.cli.merge import merge
from pytest_mips.cli.verification import stored_programs, unknown_programs
from pytest_mips.report.artefacts import read_program
from pytest_mips.report.page import page
from pytest_mips.report.writing import write
from pytest_mips.runs.archive import ARCHIVE, ArchiveError, pack, unpacked
from pytest_mips.scores.differences import CHANGED, compare
from pytest_mips.scores.summary import load
from pytest_mips.validation import faults

MOST_FILES, MOST_BYTES = 500, 5_000_000  # of the repository, and of the reports in it


@pytest.fixture
def loose(tmp_path: Path) -> Path:
    """A run of two tasks whose folders are not packed."""
    return make_run(tmp_path / "loose" / "run", [record("T"), record("U", "unsolved")])


@pytest.fixture
def packed(loose: Path, tmp_path: Path) -> Path:
    """The same run, packed."""
    folder = tmp_path / "packed" / "run"
    shutil.copytree(loose, folder)
    pack(folder, folder / ARCHIVE)
    shutil.rmtree(folder / "tasks")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_packed_run_holds_the_files_of_the_run(loose: Path, packed: Path) -> None:
    with unpacked(packed) as place:
        assert contents(place) == contents(loose) and place.name == packed.name
    assert not place.exists()
    with unpacked(loose) as place:
        assert place == loose


def test_equal_files_make_equal_archives_and_names_choose_files(loose: Path, packed: Path, tmp_path: Path) -> None:
    pack(loose, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == (packed / ARCHIVE).read_bytes()
    pack(loose, tmp_path / "some.zip", ["program.py"])
    with zipfile.ZipFile(tmp_path / "some.zip") as some:
        assert some.namelist() == ["tasks/T/program.py", "tasks/U/program.py"]


def test_a_file_beside_the_archive_takes_the_place_of_the_packed_one(packed: Path) -> None:
    newer = packed / "tasks" / "T" / "program.py"
    newer.parent.mkdir(parents=True)
    newer.write_text("newer = 1\n")
    with unpacked(packed) as place:
        assert (place / "tasks" / "T" / "program.py").read_text() == "newer = 1\n"
        assert (place / "tasks" / "U" / "program.py").read_text() == SOURCE


def test_every_tool_reads_a_packed_run_as_the_run(loose: Path, packed: Path, tmp_path: Path) -> None:
    assert page(packed) == page(loose) and "program.py is missing" not in page(packed)
    assert faults(packed) == faults(loose)
    (found,) = compare(load(loose), load(packed), (loose, packed), read_program)
    assert found.of(CHANGED) == []
    with unpacked(packed) as place:
        stored = stored_programs(place, load(packed).run)
        assert [each.source for each in stored] == [SOURCE.encode()] * 2 and unknown_programs(place, stored) == []
    merge([packed], tmp_path / "whole")
    assert (tmp_path / "whole" / "tasks" / "U" / "program.py").read_text() == SOURCE


def test_a_program_that_changed_is_shown_from_the_archive(loose: Path, tmp_path: Path) -> None:
    changed = make_run(tmp_path / "changed", [record("T", program_sha256="1"), record("U", "unsolved")])
    (changed / "tasks" / "T" / "program.py").write_text(SOURCE.replace("total + x", "x + total"))
    pack(changed, changed / ARCHIVE)
    shutil.rmtree(changed / "tasks")
    (found,) = compare(load(loose), load(changed), (loose, changed), read_program)
    assert "+        total = x + total" in found.of(CHANGED)[0].diff


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"no archive", "cut", "flipped"])
def test_a_damaged_archive_is_told_and_the_rest_is_read(
    packed: Path, damage: bytes | str, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = (packed / ARCHIVE).read_bytes()
    changed = {"cut": whole[:-30], "flipped": whole[:70] + b"\x00\xff\x00\xff" + whole[74:]}
    (packed / ARCHIVE).write_bytes(damage if isinstance(damage, bytes) else changed[damage])
    with pytest.raises(ArchiveError, match=r"tasks.zip: found a file .* expected a zip archive of tasks/; restore"):
        faults(packed)
    assert "program.py is missing" in page(packed)
    assert main(["compare", str(packed), str(packed)]) == 0
    capsys.readouterr()
    for tool in (["verify", str(packed)], ["merge", str(packed.with_name("new")), str(packed)]):
        assert main(tool) == 4
        told = capsys.readouterr().err
        assert "tasks.zip" in told and told.count("\n") == 1
    assert not packed.with_name("new").exists()


def test_a_name_in_an_archive_leads_to_no_place_outside(packed: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(packed / ARCHIVE, "a") as archive:
        archive.writestr("../../outside", "x")
        archive.writestr(f"{tmp_path}/absolute", "x")
    with unpacked(packed) as place:
        assert not (place.parent / "outside").exists() and not (place.parents[1] / "outside").exists()
    assert not (tmp_path / "absolute").exists()


# The runs that are kept


def test_keeping_a_run_writes_what_is_kept(loose: Path, packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep, "ROOT", loose.parent)
    for run in (loose, packed):
        write(run, load(run))
        assert keep.main([str(run), "mine", "--whole"]) == 0
        folder = loose.parent / "reports" / "mine"
        assert {path.name for path in folder.iterdir()} == {
            "run.json", "results.jsonl", "summary.json", "summary.md", "report.html", "tasks.zip", "programs.md"
        }  # fmt: skip
        assert f"## T\n\nWhat T is.\n\n```python\n{SOURCE}```\n" in (folder / "programs.md").read_text()
        assert (folder / "tasks.zip").read_bytes() == (packed / ARCHIVE).read_bytes()
        assert faults(folder) == faults(loose)
    keep.main([str(loose), "mine", "--files", "program.py"])
    assert {path.name for path in folder.iterdir()} == {"run.json", "results.jsonl", "summary.md", "tasks.zip"}
    keep.main([str(loose), "mine", "--without-tasks"])
    assert {path.name for path in folder.iterdir()} == {"run.json", "results.jsonl", "summary.md"}


@pytest.mark.parametrize(("run", "name"), [("nowhere", "mine"), ("", "a/b"), ("", "..")])
def test_what_cannot_be_kept_is_told(loose: Path, run: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(loose, load(loose))
    with pytest.raises(SystemExit):
        keep.main([run or str(loose), name])
    assert "expected the " in capsys.readouterr().err


@every_kept_run
def test_every_tool_reads_every_kept_run(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(REPORTS.parent)
    name = folder.name
    assert main(["show", name]) == 0 and main(["compare", "reference", name]) == 0
    assert main(["merge", str(tmp_path / "whole"), name]) == (0 if load(folder).complete else 1)
    packed = (folder / ARCHIVE).exists()
    assert ("program.py is missing" in (tmp_path / "whole" / "report.html").read_text(encoding="utf-8")) != packed
    with unpacked(folder) as place:
        own = [each for each in stored_programs(place, load(folder).run) if each.key[1] == "mips"]
        assert own and all((each.source is not None) == packed and each.changed != packed for each in own)


def test_the_runs_whose_programs_are_needed_keep_them() -> None:
    assert {path.name for path in KEPT if (path / ARCHIVE).exists()} == {"reference", "reference-paper"}


def test_the_programs_that_are_shown_are_those_that_are_kept() -> None:
    with unpacked(REPORTS / "reference") as place:
        assert (REPORTS / "reference" / "programs.md").read_text(encoding="utf-8") == keep.programs(place)


def test_the_repository_is_small() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=REPORTS.parent, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("this is no checkout of git")
    files = tracked.stdout.split("\0")[:-1]
    reports = [REPORTS.parent / file for file in files if file.startswith("reports/")]
    assert len(files) <= MOST_FILES
    assert sum(path.stat().st_size for path in reports if path.exists()) <= MOST_BYTES


def test_every_folder_of_reports_is_explained_with_its_command() -> None:
    told = (REPORTS / "README.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in told.splitlines() if line.startswith("| `")]
    assert sorted(row[1].strip(" `/") for row in rows) == sorted(
        path.name for path in REPORTS.iterdir() if path.is_dir()
    )
    assert all("`" in row[3] for row in rows)
    commits = {row[1].strip(" `/"): row[4].strip() for row in rows}
    for folder in KEPT:
        assert load(folder).run["commit"].startswith(commits[folder.name]) and len(commits[folder.name]) == 7
