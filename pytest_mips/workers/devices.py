"""Where to train: whether the device that was asked for is there, found out before anything trains.

Torch is asked in a short child process, so that this one never imports it; for the processor nothing is asked at all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from pytest_mips.workers.importing import child_environment

LOOK_SECONDS = 180.0  # a first import of torch from a cold disk, and the start of a GPU

LOOK = """
import json, sys, warnings
warnings.simplefilter("ignore")
found = {"torch": "", "built": "", "names": [], "broken": ""}
try:
    import torch
    found["torch"] = torch.__version__
    found["built"] = torch.version.cuda or torch.version.hip or ""
    found["names"] = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    torch.ones(2, device=sys.argv[1]).sum().item()
except BaseException as error:
    found["broken"] = (str(error).strip() or type(error).__name__).splitlines()[0]
sys.stdout.write("\\n" + json.dumps(found))
"""


def check_device(device: str) -> str:
    """Return the name of the device, empty for the processor. Raises pytest.UsageError when it cannot be used."""
    if device == "cpu":
        return ""
    found = look(device)
    missing = what_is_missing(device, found, os.environ.get("CUDA_VISIBLE_DEVICES"))
    if missing:
        raise pytest.UsageError(f"--mips-device: found {device!r}, but {missing}; or train with --mips-device=cpu.")
    return str(found["names"][_index(device)])


def look(device: str) -> dict[str, Any]:
    """Return what torch says: its version, what it is `built` for, `names` of devices, and why this one is `broken`."""
    environment = os.environ | child_environment()
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-c", LOOK, device],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=LOOK_SECONDS,
        )  # fmt: skip
        seen: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
        return seen
    except subprocess.TimeoutExpired:
        broken = f"no answer within {LOOK_SECONDS:g} s"
    except (IndexError, ValueError):
        broken = f"the process that looked for it ended with exit status {child.returncode}"
    return {"torch": "", "built": "", "names": [], "broken": broken}


def what_is_missing(device: str, found: Mapping[str, Any], visible: str | None) -> str:
    """Return what keeps the device from being used and how to mend it; empty when nothing does.

    `visible` is the environment's CUDA_VISIBLE_DEVICES.
    """
    if not found["broken"]:
        return ""
    if not found["torch"]:
        return f"torch cannot be asked ({found['broken']}); install torch, or mend it"
    names = found["names"]
    if not found["built"]:
        return (
            f"torch {found['torch']} is built without CUDA; install a build of torch with CUDA "
            "(https://pytorch.org/get-started/locally)"
        )
    torch = f"torch {found['torch']} (CUDA {found['built']})"
    if not names:
        hidden = "" if visible is None else f", and CUDA_VISIBLE_DEVICES is {visible!r}"
        return (
            f"{torch} sees no CUDA device ({found['broken']}){hidden}; see whether `nvidia-smi` lists one and whether "
            "its driver is new enough"
        )
    if _index(device) >= len(names):
        several = f"only {len(names)} CUDA devices" if len(names) > 1 else "only one CUDA device"
        listed = ", ".join(f"cuda:{number} ({name})" for number, name in enumerate(names))
        return f"{torch} sees {several}: {listed}; choose one of these"
    return f"{torch} cannot compute there: {found['broken']}; see whether `nvidia-smi` shows it free and healthy"


def _index(device: str) -> int:
    return int(device.partition(":")[2] or 0)
