"""`doctor` says what is missing and the cure, and its exit status is about the benchmark alone."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from pytest_mips.__main__ import main
from pytest_mips.baselines import endpoint, synthesizers
from pytest_mips.cli import checkup
from pytest_mips.workers.farm import dask, slurm

PYPROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
VERSION = metadata.version
HEAVY = ("torch", "numpy", "sympy", "hypothesis", "pytest", "openai", "distributed", "submitit", "jsonschema")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every layer works, unless a test says otherwise: what is probed is tested elsewhere."""
    monkeypatch.setattr(checkup, "probe", lambda layer: "")


def doctor(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any], dict[str, dict[str, str]]]:
    status = main(["doctor", "--json"])
    facts = json.loads(capsys.readouterr().out)
    return status, facts, {each["part"]: each for each in facts["checks"]}


def without(monkeypatch: pytest.MonkeyPatch, *names: str, **others: str) -> None:
    """Take packages away, and give others a version."""

    def version(name: str) -> str:
        if name in names:
            raise metadata.PackageNotFoundError(name)
        return others[name] if name in others else VERSION(name)

    monkeypatch.setattr(metadata, "version", version)


def tools(monkeypatch: pytest.MonkeyPatch, **known: str | None) -> None:
    monkeypatch.setattr(checkup.shutil, "which", lambda name: known.get(name))


def test_here_the_benchmark_can_run(capsys: pytest.CaptureFixture[str]) -> None:
    status, facts, checks = doctor(capsys)
    assert status == 0 and facts["can_run"] and facts["reasons"] == []
    needed = {name.partition(">")[0] for name in PYPROJECT["project"]["dependencies"]}
    assert needed | {"python", "mips", "cores", "memory", "executor threads", "sandbox landlock", "gpu"} <= set(checks)
    assert all(checks[name]["status"] == "ok" for name in needed)
    assert all((each["status"] == "ok") == (each["cure"] == "") for each in checks.values())


def test_the_table_is_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    head, rule, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["part", "status", "found", "cure"] and rows[-2:] == ["", "the benchmark can run"]
    for name in ("status", "found"):
        place = head.index(name)
        assert all(row[place - 2 : place] == "  " and row[place] != " " for row in rows[:-2])
    assert rule.count("-") and not any(row != row.rstrip() for row in rows)


@pytest.mark.parametrize("package", ["torch", "numpy", "hypothesis", "pytest", "cloudpickle"])
def test_what_the_benchmark_needs_is_missing(
    package: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without(monkeypatch, package)
    status, facts, checks = doctor(capsys)
    assert status == 1 and not facts["can_run"] and checks[package]["status"] == "missing"
    assert checks[package]["cure"].startswith(f"pip install '{package}")
    (reason,) = facts["reasons"]
    assert reason.startswith(f"{package}: not installed, expected ") and reason.endswith(checks[package]["cure"])
    assert main(["doctor"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == f"the benchmark cannot run: {reason}"


def test_a_version_that_is_too_old_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without(monkeypatch, torch="2.1.0+cpu")
    status, facts, checks = doctor(capsys)
    assert status == 1 and checks["torch"]["found"].startswith("2.1.0+cpu, expected ") and len(facts["reasons"]) == 1


def test_a_python_that_is_too_old_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checkup.platform, "python_version", lambda: "3.9.1")
    status, _, checks = doctor(capsys)
    assert status == 1 and checks["python"]["found"] == "3.9.1, expected >=3.11"


def test_a_project_that_is_not_installed_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def gone(name: str) -> Any:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", gone)
    monkeypatch.setattr(metadata, "metadata", gone)
    status, facts, _ = doctor(capsys)
    assert status == 1 and facts["reasons"] == ["mips: not installed; pip install -e . in the checkout"]


@pytest.mark.parametrize(
    ("part", "package", "extra"),
    [
        ("executor dask", "distributed", "dask"), ("executor submitit", "submitit", "slurm"),
        ("live endpoint", "openai", "llm"), ("synthesizer aalpy", "aalpy", "aalpy"),
        ("synthesizer gplearn", "gplearn", "gplearn"), ("pytest-xdist", "pytest-xdist", ""),
        ("schemas of runs", "jsonschema", ""),
    ],
)  # fmt: skip
def test_what_something_else_needs_is_only_absent(
    part: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without(monkeypatch, package)
    status, _, checks = doctor(capsys)
    assert status == 0 and checks[part]["status"] == "absent"
    assert checks[part]["found"] == f"the package {package} is not installed"
    assert checks[part]["cure"].partition(";")[0] == "pip install " + (f"'mips[{extra}]'" if extra else package)
    assert not extra or any(each.startswith(package) for each in EXTRAS[extra])


def test_the_cures_are_those_that_others_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without(monkeypatch, "distributed", "submitit", "openai", *synthesizers.AUTHORS)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    _, _, checks = doctor(capsys)
    told = {"executor dask": dask.MISSING, "executor submitit": slurm.MISSING, "live endpoint": endpoint.missing()}
    told |= {f"synthesizer {name}": synthesizers.fault(name) for name in synthesizers.AUTHORS}
    assert all(line.endswith(checks[part]["cure"]) for part, line in told.items())


def test_layers_that_do_not_work_are_told_with_the_cure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checkup, "probe", lambda layer: f"{layer}: no such\nlock")
    tools(monkeypatch)
    status, _, checks = doctor(capsys)
    assert status == 0 and checks["sandbox landlock"]["found"] == checks["sandbox bwrap"]["found"] == "no such lock"
    assert checks["sandbox bwrap"]["cure"] == "apt install bubblewrap"
    assert checks["sandbox landlock"]["cure"].startswith("Linux 5.13")
    assert checks["browser"]["cure"].startswith("apt install chromium") and checks["git"]["status"] == "absent"
    assert checks["executor submitit"]["found"].endswith("no sbatch here: processes of this machine alone")
    tools(monkeypatch, bwrap="/usr/bin/bwrap", sbatch="/usr/bin/sbatch")
    _, _, checks = doctor(capsys)
    assert "user namespaces" in checks["sandbox bwrap"]["cure"] and "sbatch" not in checks["executor submitit"]["found"]


@pytest.mark.parametrize(
    ("script", "torch", "status", "told"),
    [
        ("echo 'Card A, 100 MiB, 1.2'; echo 'Card  B, 200 MiB, 1.2'", "2.13.0", "ok", "Card A, 100 MiB, 1.2; Card B"),
        ("echo 'Card A, 100 MiB, 1.2'", "2.13.0+cpu", "absent", "Card A, 100 MiB, 1.2; torch 2.13.0+cpu is a build"),
        ("echo; echo 'no driver' >&2; exit 9", "2.13.0", "absent", "nvidia-smi says: no driver"),
        ("exit 0", "2.13.0", "absent", "nvidia-smi says: nothing"),
        ("sleep 30", "2.13.0", "absent", "timed out"),
        (None, "2.13.0", "absent", "there is no nvidia-smi"),
    ],
)
def test_a_gpu_is_what_its_tool_says(
    script: str | None, torch: str, status: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setattr(checkup, "GPU_SECONDS", 1.0)
    tools(monkeypatch, **{"nvidia-smi": str(tool) if script else None})
    without(monkeypatch, torch=torch)
    found = checkup.gpu()
    assert found.status == status and told in found.found and bool(found.cure) == (status == "absent")


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import json, sys\nfrom pytest_mips.__main__ import main\nstatus = main(['doctor', '--json'])\n"
        f"sys.exit(status or [name for name in {HEAVY} if name in sys.modules] or 0)"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (child.returncode, child.stderr) == (0, "") and json.loads(child.stdout)["can_run"]
