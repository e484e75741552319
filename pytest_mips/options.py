"""What the options mean; wrong values end as one clear usage line."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from pytest_mips import values
from pytest_mips.declaration import given, ini_name

Value = TypeVar("Value")

SHARED_FOLDER = "mips_run_dir"  # what the processes of pytest-xdist are told
TOLD = ".feedback"  # ends the name of a live system that is told what is wrong
THREADS = "threads"  # each of which waits for a child process
DEFAULT_SOLVER = "mips.pipeline:solve"
ALONE = ("--mips-resume", "--mips-programs", "--mips-synthesizer", "--mips-llm", "--mips-executor")
SOLVER = values.matching(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
SANDBOX = values.one_of("auto", "landlock", "bwrap", "process")
RUN_NAME = values.matching(r"\w[\w.-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Llm:
    """A live system: a model behind an endpoint, and how it is asked. The key itself is not here, only its variable.

    `budget` counts tokens of all prompts and replies, `rounds` is how often a sample is asked in all when it is told
    what is wrong, 1 for never.
    """

    model: str
    base_url: str | None = None
    key_env: str = "OPENAI_API_KEY"
    key_is_needed: bool = True
    samples: int = 1
    budget: int | None = None
    temperature: float | None = None
    concurrency: int = 4
    rounds: int = 1
    seconds: float = 120.0

    @property
    def systems(self) -> tuple[str, ...]:
        """The names under which its programs are counted; who is told more has a name of its own."""
        name = re.sub(r"[^\w.-]", "-", self.model).lstrip(".-")
        return (name, name + TOLD) if self.rounds > 1 else (name,)

    @property
    def secret(self) -> str:
        """The variable that holds the key, empty where none is needed."""
        return self.key_env if self.key_is_needed else ""

    @property
    def request(self) -> dict[str, Any]:
        """What shapes one reply, beside the messages."""
        return {"model": self.model, "base_url": _public(self.base_url), "temperature": self.temperature}

    def to_json(self) -> dict[str, Any]:
        """Return what shapes replies, without the key's variable."""
        return self.request | {"samples": self.samples, "budget": self.budget, "rounds": self.rounds}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What one benchmark run was asked for. `workers` is 0 for attempts in this process; `time_limit` and
    `budget` are in seconds, `memory_limit` is in MiB, `shard` is which part of how many."""

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
    llm: Llm | None = None
    baselines_only: bool = False
    resume: bool = False
    shard: tuple[int, int] | None = None
    budget: float | None = None
    executor: str = THREADS
    fail_under: values.Least = values.NONE
    compare: Path | None = None
    fail_on_regression: bool = False
    sandbox: str = "auto"
    claims: Path | None = None

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
    seeds = _parse(config, "--mips-seeds", "1", values.whole(at_least=1), "a whole number of at least 1")
    base = _parse(config, "--mips-seed", "0", values.seed, "a whole number from 0 to 2**64 - 1")
    if base + seeds > values.SEEDS:
        raise pytest.UsageError(f"--mips-seeds: {seeds} seeds from {base} on go beyond 2**64 - 1, the last there is.")
    budget = None
    if given(config, "--mips-budget") is not None:
        budget = _parse(config, "--mips-budget", "", values.duration, "a duration such as 90s, 30m or 1h30m")
    shard = None
    if given(config, "--mips-shard") is not None:
        shard = _parse(config, "--mips-shard", "", values.shard, "I/N, a part of so many, such as 1/3")
    side_by_side = hasattr(config, "workerinput") or bool(config.getoption("numprocesses", default=None))
    for option in ALONE if side_by_side else ():
        if given(config, option) not in (None, False, []):
            raise pytest.UsageError(f"{option} does not work with -n of pytest-xdist; use --mips-workers.")
    workers = _parse(config, "--mips-workers", "auto", values.workers, "a whole number of at least 0, or auto")
    executor = str(given(config, "--mips-executor") or THREADS)
    kind, _, file = executor.partition("=")
    if kind == "submitit" and file:
        executor = f"{kind}={_start(config, '--mips-executor') / file}"
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
    return Options(
        quick=bool(given(config, "--mips-quick")),
        seeds=tuple(range(base, base + seeds)),
        time_limit=_parse(config, "--mips-time-limit", "900", values.seconds, "a number of seconds above 0"),
        memory_limit=_parse(config, "--mips-memory-limit", "4096", values.whole(at_least=64), "MiB, at least 64"),
        resume=given(config, "--mips-resume") is not None,
        shard=shard,
        budget=budget,
        executor=executor,
        fail_under=_parse(config, "--mips-fail-under", "0", values.least, "a number of tasks, or a share such as 95%"),
        compare=_a_run(config, against, "--mips-compare") if against is not None else None,
        fail_on_regression=bool(given(config, "--mips-fail-on-regression")),
        workers=1 if side_by_side else workers,
        run_dir=_run_dir(config),
        strict=bool(given(config, "--mips-strict")),
        solver=_parse(config, "mips_solver", DEFAULT_SOLVER, SOLVER, "package.module:function"),
        method=_parse(config, "--mips-method", "full", values.one_of("full", "paper"), "full or paper"),
        programs=_programs(config),
        synthesizers=_synthesizers(config),
        llm=_llm(config),
        claims=config.rootpath / config.getini("mips_claims") if config.getini("mips_claims") else None,
        baselines_only=only,
        sandbox=_parse(config, "--mips-sandbox", "auto", SANDBOX, "auto, landlock, bwrap or process"),
        device=_parse(config, "--mips-device", "cpu", values.matching(r"cpu|cuda(:\d+)?"), "cpu, cuda or cuda:N"),
    )


def _parse(config: pytest.Config, option: str, default: str, read: Callable[[str], Value], expected: str) -> Value:
    text = given(config, option)
    try:
        return read(default if text is None else str(text))
    except ValueError:
        source = (
            option if config.getoption(ini_name(option), default=None) is not None else f"ini option {ini_name(option)}"
        )
        raise pytest.UsageError(f"{source}: found {text!r}, expected {expected}.") from None


def _programs(config: pytest.Config) -> tuple[tuple[str, Path], ...]:
    """Return names and paths of recorded baselines, paths of an ini file relative to the root directory."""
    start = _start(config, "--mips-programs")
    found: dict[str, Path] = {}
    for text in given(config, "--mips-programs"):
        name, equals, path = text.partition("=")
        if not equals or not path or not re.fullmatch(r"\w[\w.-]*", name) or name == "mips":
            raise pytest.UsageError(
                f"--mips-programs: found {text!r}, expected NAME=PATH, a name of letters, digits, dots, dashes or "
                "underscores that is not mips."
            )
        if name in found:
            raise pytest.UsageError(f"--mips-programs: {name} is there twice; each name stands for one system.")
        found[name] = start / path
    return tuple(found.items())


def _synthesizers(config: pytest.Config) -> tuple[str, ...]:
    return tuple(dict.fromkeys(given(config, "--mips-synthesizer")))


def _llm(config: pytest.Config) -> Llm | None:
    """Return the live system that was asked for, or None. Raises pytest.UsageError where its key is missing."""
    model = given(config, "--mips-llm")
    if not model:
        return None
    if not re.search(r"\w", model):
        raise pytest.UsageError(f"--mips-llm: found {model!r}, expected the name of a model.")
    if Llm(model=model).systems[0] == "mips":
        raise pytest.UsageError(f"--mips-llm: found {model!r}, expected another name than that of our own system.")
    url, variable = given(config, "--mips-llm-base-url"), given(config, "--mips-llm-key-env")
    if url and not re.match(r"https?://\w", url):
        raise pytest.UsageError(f"--mips-llm-base-url: found {_public(url)!r}, expected http://... or https://...")
    needed = bool(variable) or not url
    variable = variable or "OPENAI_API_KEY"
    if needed and not os.environ.get(variable):
        raise pytest.UsageError(
            f"--mips-llm-key-env: the environment variable {variable} is not set; put the key of the endpoint there."
        )
    temperature = None
    if given(config, "--mips-llm-temperature") is not None:
        temperature = _parse(config, "--mips-llm-temperature", "", values.temperature, "a number of at least 0")
    one_or_more = values.whole(at_least=1)

    def number(option: str, default: str, read: Callable[[str], Value], expected: str) -> Value:
        return _parse(config, option, default, read, expected)

    budget = None
    if given(config, "--mips-llm-budget") is not None:
        budget = number("--mips-llm-budget", "", one_or_more, "a whole number of at least 1")
    return Llm(
        model=model,
        base_url=url,
        key_env=variable,
        key_is_needed=needed,
        samples=number("--mips-llm-samples", "1", one_or_more, "a whole number of at least 1"),
        budget=budget,
        temperature=temperature,
        concurrency=number("--mips-llm-concurrency", "4", one_or_more, "a whole number of at least 1"),
        rounds=number("--mips-llm-rounds", "1", one_or_more, "a whole number of at least 1"),
        seconds=number("--mips-llm-seconds", "120", values.seconds, "a number of seconds above 0"),
    )


def _public(url: str | None) -> str | None:
    """Return an address without the parts that may hold a secret."""
    return re.sub(r"//[^/@]*@|[?#].*", lambda found: "//" if found[0].startswith("//") else "", url) if url else None


def _reports(config: pytest.Config) -> Path:
    """Return the folder of all runs."""
    return _start(config, "--mips-report-dir") / (given(config, "--mips-report-dir") or "reports")


def _start(config: pytest.Config, option: str) -> Path:
    """Return what paths in an option are relative to: those of an ini file to the root directory, others to here."""
    from_ini = config.getoption(ini_name(option), default=None) is None and config.getini(ini_name(option))
    return config.rootpath if from_ini else config.invocation_params.dir


def _run_dir(config: pytest.Config) -> Path:
    """Return a folder that does not exist yet, or with `--mips-resume` that of the run to go on with."""
    if hasattr(config, "workerinput"):  # a process of pytest-xdist writes where the one that began it says
        return Path(config.workerinput[SHARED_FOLDER])
    reports = _reports(config)
    moment = datetime.now().strftime("%Y-%m-%dT%H-%M-%S")
    name = _parse(config, "--mips-run", moment, RUN_NAME, "letters, digits, dots, dashes or underscores")
    named = given(config, "--mips-run") is not None
    resumed = given(config, "--mips-resume")
    if resumed is not None:
        if resumed or named:
            return _a_run(config, resumed or name, "--mips-resume")
        runs = sorted(reports.glob("*/run.json"), key=lambda path: path.stat().st_mtime)
        if not runs:
            raise pytest.UsageError(f"--mips-resume: there is no run in {reports}; give the name of one.")
        return runs[-1].parent
    if not named:
        tries = (name, *(f"{name}-{number}" for number in range(2, 1000)))
        name = next(candidate for candidate in tries if not (reports / candidate).exists())
    elif (reports / name).exists():
        raise pytest.UsageError(
            f"--mips-run: {reports / name} exists already; choose another name, remove it, or go on with it by "
            "--mips-resume."
        )
    return reports / name


def _a_run(config: pytest.Config, text: str, option: str) -> Path:
    """Return the folder of a run, named by its path or its name. Raises pytest.UsageError where there is none."""
    reports = _reports(config)
    for folder in (reports / text, _start(config, option) / text):
        if (folder / "run.json").is_file():
            return folder
    cure = f"; write {option}=RUN, or put {option} last" if Path(text.partition("::")[0]).exists() else ""
    raise pytest.UsageError(f"{option}: found {text!r}, expected the name of a run in {reports}, or its folder{cure}.")
