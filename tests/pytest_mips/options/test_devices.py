"""`--mips-device`: what is missing is said before anything trains, with the way to mend it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mips.workers import devices
from pytest_mips.workers.devices import check_device, look, what_is_missing

if TYPE_CHECKING:
    from stage import Stage

FINE: dict[str, Any] = {"torch": "2.13.0", "built": "13.0", "names": ["Card A", "Card B"], "broken": ""}
CPU_BUILD = FINE | {"built": "", "names": [], "broken": "Torch not compiled with CUDA enabled"}
NO_DEVICE = FINE | {"names": [], "broken": "No CUDA GPUs are available"}
NO_TORCH = {"torch": "", "built": "", "names": [], "broken": "No module named 'torch'"}
ORDINAL = FINE | {"broken": "CUDA error: invalid device ordinal"}

MISSING = {
    "no torch": (
        "cuda", NO_TORCH, None,
        "torch cannot be asked (No module named 'torch'); install torch, or mend it",
    ),
    "a build without CUDA": (
        "cuda", CPU_BUILD, None,
        "torch 2.13.0 is built without CUDA; install a build of torch with CUDA (https://pytorch.org/get-started/locally)",
    ),
    "no device": (
        "cuda", NO_DEVICE, None,
        "torch 2.13.0 (CUDA 13.0) sees no CUDA device (No CUDA GPUs are available); see whether `nvidia-smi` lists one "
        "and whether its driver is new enough",
    ),
    "a hidden device": (
        "cuda", NO_DEVICE, "-1",
        "torch 2.13.0 (CUDA 13.0) sees no CUDA device (No CUDA GPUs are available), and CUDA_VISIBLE_DEVICES is '-1'; "
        "see whether `nvidia-smi` lists one and whether its driver is new enough",
    ),
    "a number too high": (
        "cuda:2", ORDINAL, None,
        "torch 2.13.0 (CUDA 13.0) sees only 2 CUDA devices: cuda:0 (Card A), cuda:1 (Card B); choose one of these",
    ),
    "one device": (
        "cuda:1", ORDINAL | {"names": ["Card A"]}, None,
        "torch 2.13.0 (CUDA 13.0) sees only one CUDA device: cuda:0 (Card A); choose one of these",
    ),
    "a device at work": (
        "cuda:1", FINE | {"broken": "out of memory"}, None,
        "torch 2.13.0 (CUDA 13.0) cannot compute there: out of memory; see whether `nvidia-smi` shows it free and "
        "healthy",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("device", "found", "visible", "said"), MISSING.values(), ids=MISSING)
def test_what_is_missing_is_said(device: str, found: dict[str, Any], visible: str | None, said: str) -> None:
    assert what_is_missing(device, found, visible) == said


def test_a_device_that_works_misses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert what_is_missing("cuda", FINE, None) == ""
    monkeypatch.setattr(devices, "look", lambda device: FINE)
    assert [check_device(name) for name in ("cuda", "cuda:0", "cuda:1")] == ["Card A", "Card A", "Card B"]


def test_a_run_without_its_device_ends_before_anything_trains(
    stage: Stage, one_error: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "look", lambda device: CPU_BUILD)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    stage.tasks("Easy")
    said = one_error("--mips-device=cuda")
    assert said == f"ERROR: --mips-device: found 'cuda', but {MISSING['a build without CUDA'][3]}; or train with " + (
        "--mips-device=cpu."
    )


def test_collecting_asks_for_no_device(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "look", lambda device: CPU_BUILD)
    stage.tasks("Easy")
    assert stage.run("--mips-device=cuda", "--co").ret == pytest.ExitCode.OK


def test_for_the_processor_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "look", lambda device: 1 / 0)
    assert check_device("cpu") == ""


@pytest.mark.slow  # it imports torch; the tests below ask others in its place
def test_torch_is_asked_in_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real torch, with every device hidden from it."""
    code = (
        "import sys; from pytest_mips.workers.devices import look, what_is_missing; found = look('cuda');"
        "assert 'torch' not in sys.modules; print(what_is_missing('cuda', found, ''))"
    )
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert "built without CUDA" in said.stdout or "sees no CUDA device" in said.stdout


@pytest.mark.parametrize(
    ("script", "broken"),
    [
        ("import sys; print('hello'); sys.exit(3)", "the process that looked for it ended with exit status 3"),
        ("import time; time.sleep(1000)", "no answer within 0.5 s"),
        ("raise SystemExit", "the process that looked for it ended with exit status 0"),
    ],
)
def test_a_look_that_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch, script: str, broken: str) -> None:
    monkeypatch.setattr(devices, "LOOK", script)
    monkeypatch.setattr(devices, "LOOK_SECONDS", 0.5 if "time" in script else 60.0)
    assert look("cuda")["broken"] == broken


@pytest.mark.parametrize("first", ["import nothing_of_this_name", "raise OSError('libcudart.so: no such file')"])
def test_a_torch_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch, first: str) -> None:
    monkeypatch.setattr(devices, "LOOK", devices.LOOK.replace("import torch", first, 1))
    found = look("cuda")
    assert found["torch"] == "" and found["broken"]
    assert what_is_missing("cuda", found, None).startswith("torch cannot be asked (")
