"""What the options mean; wrong values end as one clear usage line."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_mips.options import companions, live_systems, parsing
from pytest_mips.options.lookup import parse, parse_given, start
from pytest_mips.options.registration import given
from pytest_mips.runs.latest import run_to_go_on_with
from pytest_mips.runs.resuming import ResumeError

SHARED_FOLDER = "mips_run_dir"  # what the processes of pytest-xdist are told
THREADS = "threads"  # each of which waits for a child process
DEFAULT_SOLVER = "mips.pipeline:solve"
ALONE = ("--mips-resume", "--mips-programs", "--mips-synthesizer", "--mips-llm", "--mips-executor")
SOLVER = parsing.matching(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
SANDBOX = parsing.one_of("auto", "landlock", "bwrap", "process")
RUN_NAME = parsing.matching(r"\w[\w.-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What one benchmark run was asked for. `workers` is 0 for attempts in this process; `time_limit` and
    `budget` are in seconds, `memory_limit` is in MiB, `shard` is which part of how many. `networks_shown` names the
    folder `networks` without what leads to the root directory."""

    quick: bool
    seeds: tuple[int, ...]
    time_limit: float
    memory_limit: int
    workers: int
    run_dir: Path
    strict: bool
    solver: str
    device: str
    method: str
    programs: tuple[tuple[str, Path], ...] = ()
    synthesizers: tuple[str, ...] = ()
    llm: live_systems.Llm | None = None
    baselines_only: bool = False
    resume: bool = False
    shard: tuple[int, int] | None = None
    budget: float | None = None
    executor: str = THREADS
    fail_under: parsing.Least = parsing.NONE
    compare: Path | None = None
    fail_on_regression: bool = False
    sandbox: str = "auto"
    claims: Path | None = None
    networks: Path | None = None
    networks_shown: str = ""

    @property
    def others(self) -> tuple[str, ...]:
        """The names of all systems but ours."""
        return (*(name for name, _ in self.programs), *self.synthesizers, *(self.llm.systems if self.llm else ()))

    def to_json(self) -> dict[str, Any]:
        """Return the arguments that shape results, without any path."""
        return {
            "quick": self.quick,
            "seeds": list(self.seeds),
            "time_limit": self.time_limit,
            "memory_limit": self.memory_limit,
            "workers": self.workers,
            "strict": self.strict,
            "solver": self.solver,
            "device": self.device,
            "method": self.method,
            **({"networks": self.networks_shown} if self.networks else {}),
            "programs": list(self.others),
            "llm": self.llm.to_json() if self.llm else None,
            "baselines_only": self.baselines_only,
            "sandbox": self.sandbox,
            "shard": list(self.shard) if self.shard else None,
            "budget": self.budget,
            "executor": self.executor.partition("=")[0],
        }


def resolve(config: pytest.Config) -> Options:
    """Return the options of a benchmark run: command line, else ini, else default. Raises pytest.UsageError."""
    seeds = parse(config, "--mips-seeds", "1", parsing.whole(at_least=1), "a whole number of at least 1")
    base = parse(config, "--mips-seed", "0", parsing.seed, "a whole number from 0 to 2**64 - 1")
    if base + seeds > parsing.SEEDS:
        raise pytest.UsageError(f"--mips-seeds: {seeds} seeds from {base} on go beyond 2**64 - 1, the last there is.")
    companions.refuse(config)
    side_by_side = hasattr(config, "workerinput") or companions.distributed(config)
    for option in ALONE if side_by_side else ():
        if given(config, option) not in (None, False, []):
            how = companions.dealing(config)
            raise pytest.UsageError(f"{option} does not work with {how} of pytest-xdist; use --mips-workers.")
    workers = parse(config, "--mips-workers", "auto", parsing.workers, "a whole number of at least 0, or auto")
    executor = str(given(config, "--mips-executor") or THREADS)
    kind, _, file = executor.partition("=")
    if kind == "submitit" and file:
        executor = f"{kind}={start(config, '--mips-executor') / file}"
    if executor != THREADS and workers == 0:
        raise pytest.UsageError(f"--mips-executor: found {executor} with --mips-workers=0, expected at least 1 worker.")
    against = given(config, "--mips-compare")
    if given(config, "--mips-fail-on-regression") and against is None:
        raise pytest.UsageError("--mips-fail-on-regression: there is nothing to compare with; give --mips-compare=RUN.")
    only = bool(given(config, "--mips-baselines-only"))
    if only and given(config, "--mips-fail-under") is not None:
        raise pytest.UsageError(
            "--mips-fail-under: it counts what our own system solves, and --mips-baselines-only leaves that out."
        )
    networks, networks_shown = _networks(config)
    return Options(
        quick=bool(given(config, "--mips-quick")),
        seeds=tuple(range(base, base + seeds)),
        time_limit=parse(config, "--mips-time-limit", "900", parsing.duration, parsing.DURATION),
        memory_limit=parse(config, "--mips-memory-limit", "4096", parsing.whole(at_least=64), "MiB, at least 64"),
        resume=given(config, "--mips-resume") is not None,
        shard=parse_given(config, "--mips-shard", parsing.shard, "I/N, a part of so many, such as 1/3"),
        budget=parse_given(config, "--mips-budget", parsing.duration, parsing.DURATION),
        executor=executor,
        fail_under=parse(config, "--mips-fail-under", "0", parsing.least, "a number of tasks, or a share such as 95%"),
        compare=_a_run(config, against, "--mips-compare") if against is not None else None,
        fail_on_regression=bool(given(config, "--mips-fail-on-regression")),
        workers=1 if side_by_side else workers,
        run_dir=_run_dir(config),
        strict=bool(given(config, "--mips-strict")),
        solver=parse(config, "mips_solver", DEFAULT_SOLVER, SOLVER, "package.module:function"),
        method=parse(config, "--mips-method", "full", parsing.one_of("full", "paper"), "full or paper"),
        programs=_programs(config),
        synthesizers=_synthesizers(config),
        llm=live_systems.read(config),
        claims=config.rootpath / config.getini("mips_claims") if config.getini("mips_claims") else None,
        baselines_only=only,
        networks=networks,
        networks_shown=networks_shown,
        sandbox=parse(config, "--mips-sandbox", "auto", SANDBOX, "auto, landlock, bwrap or process"),
        device=parse(config, "--mips-device", "cpu", parsing.matching(r"cpu|cuda(:\d+)?"), "cpu, cuda or cuda:N"),
    )


def _networks(config: pytest.Config) -> tuple[Path | None, str]:
    """Return the folder with networks and its name: relative to the root directory, or its end outside of that."""
    text = given(config, "--mips-networks")
    if not text:
        return None, ""
    folder = Path(os.path.abspath(start(config, "--mips-networks") / text))
    inside = folder.is_relative_to(config.rootpath)
    return folder, folder.relative_to(config.rootpath).as_posix() if inside else "/".join(folder.parts[-2:])


def _programs(config: pytest.Config) -> tuple[tuple[str, Path], ...]:
    """Return names and paths of recorded baselines, paths of an ini file relative to the root directory."""
    folder = start(config, "--mips-programs")
    found: dict[str, Path] = {}
    for text in given(config, "--mips-programs"):
        name, equals, path = text.partition("=")
        if not equals or not path or not re.fullmatch(r"\w[\w.-]*", name) or name == "mips":
            raise pytest.UsageError(
                f"--mips-programs: found {text!r}, expected NAME=PATH, a name of letters, digits, dots, dashes or "
                "underscores that is not mips."
            )
        if why := parsing.too_long(name):
            raise pytest.UsageError(f"--mips-programs: {why}.")
        if name in found:
            raise pytest.UsageError(f"--mips-programs: {name} is there twice; each name stands for one system.")
        found[name] = folder / path
    return tuple(found.items())


def _synthesizers(config: pytest.Config) -> tuple[str, ...]:
    return tuple(dict.fromkeys(given(config, "--mips-synthesizer")))


def _reports(config: pytest.Config) -> Path:
    """Return the folder of all runs."""
    return start(config, "--mips-report-dir") / (given(config, "--mips-report-dir") or "reports")


def _run_dir(config: pytest.Config) -> Path:
    """Return a folder that does not exist yet, or with `--mips-resume` that of the run to go on with."""
    if hasattr(config, "workerinput"):  # a process of pytest-xdist writes where the one that began it says
        return Path(config.workerinput[SHARED_FOLDER])
    reports = _reports(config)
    moment = datetime.now().strftime("%Y-%m-%dT%H-%M-%S")
    name = parse(config, "--mips-run", moment, RUN_NAME, "letters, digits, dots, dashes or underscores")
    if why := parsing.too_long(name):
        raise pytest.UsageError(f"--mips-run: {why}.")
    named = given(config, "--mips-run") is not None
    resumed = given(config, "--mips-resume")
    if resumed is not None:
        if resumed or named:
            return _a_run(config, resumed or name, "--mips-resume")
        try:
            return run_to_go_on_with(reports)
        except ResumeError as error:
            raise pytest.UsageError(f"--mips-resume: {error}.") from error
    if not named:
        tries = (name, *(f"{name}-{number}" for number in range(2, 1000)))
        name = next(candidate for candidate in tries if not os.path.lexists(reports / candidate))
    elif os.path.lexists(reports / name):
        raise pytest.UsageError(
            f"--mips-run: {reports / name} exists already; choose another name, remove it, or go on with it by "
            "--mips-resume."
        )
    return reports / name


def _a_run(config: pytest.Config, text: str, option: str) -> Path:
    """Return the folder of a run, named by its path or its name. Raises pytest.UsageError where there is none."""
    reports = _reports(config)
    for folder in (reports / text, start(config, option) / text):
        if os.path.isfile(folder / "run.json"):  # of a name too long for a file there is none
            return folder
    cure = f"; write {option}=RUN, or put {option} last" if os.path.exists(text.partition("::")[0]) else ""
    raise pytest.UsageError(f"{option}: found {text!r}, expected the name of a run in {reports}, or its folder{cure}.")
