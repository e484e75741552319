"""What works on this machine, what does not, and how to get it. Nothing heavy is imported, torch above all."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any

from mips.judging.sandbox.choice import probe
from mips.judging.sandbox.foreign import BWRAP, LANDLOCK
from pytest_mips.baselines import endpoint, synthesizers
from pytest_mips.runs.provenance import provenance
from pytest_mips.validation.check import PACKAGE as VALIDATOR

OK, ABSENT, MISSING = "ok", "absent", "missing"  # works; is not there, and needed for something else; is needed
DISTRIBUTION = "mips"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
GPU_SECONDS = 20.0
REINSTALL = "pip install -e . in the checkout"
LANDLOCK_CURE = "Linux 5.13 or newer on x86_64, booted with landlock in its list lsm="
NAMESPACES_CURE = (
    "allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing: what it is and is for, its status (`ok`, `absent`, `missing`), what was found, and the cure.

    `missing` is what the benchmark cannot run without, `absent` what only something else needs.
    """

    part: str
    status: str
    found: str
    cure: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def checks() -> list[Check]:
    """Return all checks, what the benchmark needs first."""
    return [*_python(), *_packages(), *_machine(), *_sandbox(), *_executors(), *_baselines(), *_rest(), gpu()]


def cannot_run(found: Sequence[Check]) -> list[str]:
    """Return why the benchmark cannot run, a line each; nothing where it can."""
    return [f"{each.part}: {each.found}; {each.cure}" for each in found if each.status == MISSING]


def version(package: str) -> str:
    """Return the installed version of a package, empty where there is none; nothing is imported for it."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _python() -> Iterator[Check]:
    found = platform.python_version()
    system = platform.system()
    try:
        needed = metadata.metadata(DISTRIBUTION)["Requires-Python"] or ""
    except metadata.PackageNotFoundError:
        needed = ""
    if needed and not _within(found, needed):
        yield Check(part="python", status=MISSING, found=f"{found}, expected {needed}", cure=f"a Python {needed}")
    else:
        yield Check(part="python", status=OK, found=found)
    if os.name == "posix":
        yield Check(part="system", status=OK, found=f"{system} {platform.release()} {platform.machine()}")
    else:
        yield Check(part="system", status=MISSING, found=f"{system}, expected a POSIX system", cure="Linux or macOS")


def _packages() -> Iterator[Check]:
    """Yield the project itself and every package that it always needs, by its own metadata."""
    try:
        needed = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        yield Check(part=DISTRIBUTION, status=MISSING, found="not installed", cure=REINSTALL)
        return
    yield Check(part=DISTRIBUTION, status=OK, found=version(DISTRIBUTION))
    for requirement in needed:
        if "extra" in requirement.partition(";")[2]:
            continue
        parts = re.match(r"\s*([\w.-]+)\s*(?:\[[^]]*\])?\s*([^;]*)", requirement)
        name, wanted = (parts[1], parts[2].strip(" ()")) if parts else (requirement, "")
        found = version(name)
        if found and _within(found, wanted):
            yield Check(part=name, status=OK, found=found)
        else:
            told = f"{found or 'not installed'}, expected {wanted or 'any version'}"
            yield Check(part=name, status=MISSING, found=told, cure=f"pip install '{name}{wanted}'")


def _machine() -> Iterator[Check]:
    found = provenance.machine()
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else found["cores"]
    told = f"{found['physical_cores']} physical, {usable} of {found['cores']} logical ones usable"
    yield Check(part="cores", status=OK, found=f"{told}: {found['cpu'] or 'unknown'}")
    yield Check(part="memory", status=OK, found=f"{found['memory_mib']} MiB")


def _sandbox() -> Iterator[Check]:
    """Yield the layers that may hold programs of other systems; our own need none."""
    bwrap_cure = NAMESPACES_CURE if shutil.which("bwrap") else "apt install bubblewrap"
    for layer, cure in ((LANDLOCK, LANDLOCK_CURE), (BWRAP, bwrap_cure)):
        trouble = " ".join(probe(layer).split())
        if trouble:
            yield Check(part=f"sandbox {layer}", status=ABSENT, found=trouble.removeprefix(f"{layer}: "), cure=cure)
        else:
            yield Check(part=f"sandbox {layer}", status=OK, found="a small program was held by it")


def _executors() -> Iterator[Check]:
    yield Check(part="executor threads", status=OK, found="needs nothing")
    yield _optional("executor dask", "distributed", "pip install 'mips[dask]'")
    slurm = _optional("executor submitit", "submitit", "pip install 'mips[slurm]'")
    if slurm.status == OK and shutil.which("sbatch") is None:
        found = f"{slurm.found}; no sbatch here: processes of this machine alone"
        slurm = Check(part=slurm.part, status=OK, found=found)
    yield slurm
    yield _optional("pytest-xdist", "pytest-xdist", "pip install pytest-xdist; --mips-workers does the same without")


def _baselines() -> Iterator[Check]:
    yield _optional("live endpoint", endpoint.PACKAGE, "pip install 'mips[llm]'")
    for name in synthesizers.AUTHORS:
        yield _optional(f"synthesizer {name}", name, f"pip install 'mips[{name}]'")


def _rest() -> Iterator[Check]:
    """Yield optional packages that check the files of a run, and those that the project's tests need."""
    yield _optional("schemas of runs", VALIDATOR, f"pip install {VALIDATOR}")
    git, browser = shutil.which("git"), next(filter(None, map(shutil.which, BROWSERS)), None)
    for part, found, cure in (
        ("git", git, "apt install git; without it a run does not know its commit"),
        ("browser", browser, "apt install chromium; only the tests of the report page want one"),
    ):
        if found:
            yield Check(part=part, status=OK, found=found)
        else:
            yield Check(part=part, status=ABSENT, found="not installed", cure=cure)


def gpu() -> Check:
    """Return what `nvidia-smi` says; torch, which would have the last word, is not asked."""
    part, torch = "gpu", version("torch")
    build = f"; torch {torch} is a build without CUDA" if torch.endswith("+cpu") else ""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        cure = "only --mips-device=cuda wants one: an NVIDIA card with its driver"
        return Check(part=part, status=ABSENT, found=f"there is no nvidia-smi{build}", cure=cure)
    command = [tool, "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    try:
        child = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=GPU_SECONDS
        )
        said, worked = (child.stdout if child.returncode == 0 else child.stdout + child.stderr), child.returncode == 0
    except (OSError, subprocess.SubprocessError) as error:
        said, worked = str(error), False
    cards = [" ".join(line.split()) for line in said.splitlines() if line.strip()]
    if not worked or not cards:
        told = f"nvidia-smi says: {cards[0] if cards else 'nothing'}"
        return Check(part=part, status=ABSENT, found=told, cure="mend the driver; only --mips-device=cuda wants it")
    if build:
        cure = "for --mips-device=cuda a build of torch with CUDA (https://pytorch.org/get-started/locally)"
        return Check(part=part, status=ABSENT, found="; ".join(cards) + build, cure=cure)
    return Check(part=part, status=OK, found="; ".join(cards))


def _optional(part: str, package: str, cure: str) -> Check:
    found = version(package)
    if found:
        return Check(part=part, status=OK, found=f"{package} {found}")
    return Check(part=part, status=ABSENT, found=f"the package {package} is not installed", cure=cure)


def _within(found: str, wanted: str) -> bool:
    """Return whether a version is one of those wanted; one that nobody can compare is taken for one."""
    try:
        from packaging.specifiers import InvalidSpecifier, SpecifierSet
    except ImportError:  # it comes with pytest, and that is told of by itself
        return True
    try:
        return SpecifierSet(wanted).contains(found, prereleases=True)
    except (InvalidSpecifier, ValueError):
        return True
