"""Attempts on any executor: the same findings as on this machine, and a worker that dies costs one attempt only."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_mips.runs.attempts import Finding, SolverJob
from pytest_mips.runs.provenance.surroundings import installed
from pytest_mips.workers.executors import Began, ChildPool, Ended, Event, Said
from pytest_mips.workers.farm import Farm, FarmError, dask, executor_of, places, run_lock, work

SOLVER = """
import os, signal, time
from mips.outcome import Outcome

def solve(task, *, seed, progress):
    progress("trained: a fake network")
    worker = os.getppid()
    for _ in range(2):  # of two keepers, one above the other
        with open(f"/proc/{worker}/stat") as stream:
            worker = int(stream.read().rpartition(")")[2].split()[1])
    with open(task["diary"], "a") as stream:
        stream.write(f"{task['name']} {os.getpid()} {worker}\\n")
    if task["does"] == "kill the worker":
        os.kill(worker, signal.SIGKILL)
    if task["does"] == "raise":
        raise KeyError("boom")
    time.sleep(task["seconds"])
    status = "unsolved" if task["does"] == "fail" else "solved"
    return Outcome(status=status, stage="verified", program=task["name"], files={"machine.json": b"{}"})
"""

FACTORIES = """
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

def threads():
    return ThreadPoolExecutor(2)

def processes(workers):
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))

def nothing():
    return None

def raising():
    raise OSError("no such cluster")
"""

TOML = """
[executor]
folder = "jobs"
cluster = "local"

[parameters]
timeout_min = 5
"""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A folder in which a solver and factories can be imported, and in which every attempt leaves a line."""

    path: Path

    @property
    def diary(self) -> Path:
        return self.path / "diary"

    def job(self, name: str, *, does: str = "", seconds: float = 0.0, time_limit: float = 60.0) -> SolverJob:
        task = {"name": name, "does": does, "seconds": seconds, "diary": str(self.diary)}
        return SolverJob(
            task=name, seed=0, payload=pickle.dumps(task), solver="farm_solver:solve", time_limit=time_limit
        )

    def attempts(self, name: str = "") -> list[tuple[int, int]]:
        """The process and its worker of every attempt that was begun."""
        lines = self.diary.read_text().splitlines() if self.diary.exists() else []
        return [(int(pid), int(worker)) for who, pid, worker in map(str.split, lines) if name in ("", who)]


@pytest.fixture
def field(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Field:
    (tmp_path / "farm_solver.py").write_text(SOLVER)
    (tmp_path / "farm_factories.py").write_text(FACTORIES)
    (tmp_path / "slurm.toml").write_text(TOML)
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules.pop("farm_factories", None)
    return Field(path=tmp_path)


def needs(package: str) -> None:
    pytest.importorskip(package, reason=f"{package} is not installed")


def until(holds: Callable[[], Any], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not reaped yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Heard:
    """What the queue of a pool said, read until so many jobs are over; every job begins and ends once."""

    def __init__(self, events: SimpleQueue[Event], jobs: int, seconds: float = 90.0) -> None:
        began: list[str] = []
        self.findings: dict[str, Finding] = {}
        self.said: list[str] = []
        deadline = time.monotonic() + seconds
        while len(self.findings) < jobs:
            try:
                event = events.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                raise AssertionError(f"only {sorted(self.findings)} came to an end") from None
            if isinstance(event, Began):
                began.append(event.job.task)
            elif isinstance(event, Said):
                self.said.append(f"{event.job.task}: {event.line}")
            else:
                assert event.job.task in began and event.job.task not in self.findings
                self.findings[event.job.task] = event.finding
        assert set(Counter(began).values()) == {1} and set(began) == set(self.findings)

    @property
    def statuses(self) -> dict[str, str]:
        return {name: finding.status for name, finding in self.findings.items()}


@contextlib.contextmanager
def farm(executor: Executor, in_flight: int | None = 2) -> Iterator[tuple[Farm, SimpleQueue[Event]]]:
    events: SimpleQueue[Event] = SimpleQueue()
    with contextlib.closing(_Stopped(Farm(executor, events, in_flight))) as stopped:
        yield stopped.farm, events


@dataclasses.dataclass
class _Stopped:
    farm: Farm

    def close(self) -> None:
        self.farm.stop()


def lasting(finding: Finding) -> Finding:
    """What of a finding does not depend on the clock; neighbours in one child share its log."""
    return dataclasses.replace(finding, seconds=0.0, peak_mib=0, log="")


def spread(pool: Any, field: Field) -> None:
    pool.submit(field.job("A"), field.job("B", does="raise"), field.job("C", does="fail"))
    pool.submit(field.job("D"))


@pytest.fixture
def here(field: Field) -> dict[str, Finding]:
    """What a pool of child processes of this machine finds."""
    events: SimpleQueue[Event] = SimpleQueue()
    pool = ChildPool(1, events)
    spread(pool, field)
    heard = Heard(events, 4)
    pool.stop()
    assert heard.statuses == {"A": "solved", "B": "error", "C": "unsolved", "D": "solved"}
    return {name: lasting(finding) for name, finding in heard.findings.items()}


@pytest.mark.parametrize("spec", ["threads", "farm_factories:threads", "farm_factories:processes"])
def test_any_executor_gives_the_findings_of_this_machine(field: Field, here: dict[str, Finding], spec: str) -> None:
    with farm(executor_of(spec, workers=2)) as (pool, events):
        spread(pool, field)
        heard = Heard(events, 4)
        assert lasting(pool.finding(field.job("A"))) == here["A"]
    assert {name: lasting(finding) for name, finding in heard.findings.items()} == here
    with pytest.raises(CancelledError):
        pool.finding(field.job("A"))


def test_no_more_fly_than_may(field: Field) -> None:
    with farm(ThreadPoolExecutor(4), in_flight=1) as (pool, events):
        for name in "AB":
            pool.submit(field.job(name, seconds=0.5))
        heard: list[str] = []
        while len(heard) < 4:
            event = events.get(timeout=60)
            heard.append(f"{type(event).__name__} {event.job.task}")
    assert heard == ["Began A", "Ended A", "Began B", "Ended B"]


@pytest.mark.slow
def test_a_time_limit_holds(field: Field) -> None:
    with farm(executor_of("farm_factories:processes", workers=1)) as (pool, events):
        pool.submit(field.job("Slow", seconds=1000, time_limit=3), field.job("Next"))
        heard = Heard(events, 2)
    assert heard.statuses == {"Slow": "timeout", "Next": "solved"}
    assert "time limit of 3 s, last heard: trained: a fake network" in heard.findings["Slow"].reason
    assert not alive(field.attempts("Slow")[0][0])


@pytest.mark.parametrize("spec", ["threads", "farm_factories:processes"])
def test_stopping_leaves_nothing(field: Field, spec: str) -> None:
    with farm(executor_of(spec, workers=1), in_flight=1) as (pool, events):
        pool.submit(field.job("Slow", seconds=1000))
        never = pool.submit(field.job("Never"))
        until(field.attempts)
        began = time.monotonic()
    assert time.monotonic() - began < 10
    ((pid, worker),) = field.attempts()
    assert not alive(pid) and (worker == os.getpid() or not alive(worker))
    heard = Heard(events, 1)
    assert (heard.findings["Slow"].status, heard.findings["Slow"].reason) == ("not_run", "stopped before its end")
    assert isinstance(never.exception(), CancelledError) and events.empty()
    pool.stop()
    with pytest.raises(RuntimeError, match="the farm was stopped"):
        pool.submit(field.job("Late"))


@pytest.mark.slow
def test_who_breaks_a_pool_of_processes_each_time_ends_as_error_and_nobody_else(field: Field) -> None:
    with farm(executor_of("farm_factories:processes", workers=2)) as (pool, events):
        pool.submit(field.job("Ill", does="kill the worker"))
        pool.submit(field.job("Beside", seconds=2))
        pool.submit(field.job("Later"))
        heard = Heard(events, 3)
    assert heard.statuses == {"Ill": "error", "Beside": "solved", "Later": "solved"}
    assert heard.findings["Ill"].reason.startswith("no worker came to its end in 2 tries: BrokenProcessPool: ")
    assert "\n" not in heard.findings["Ill"].reason
    assert len(field.attempts("Ill")) == 2


def test_what_must_not_begin_is_not_sent(field: Field) -> None:
    events: SimpleQueue[Event] = SimpleQueue()
    pool = Farm(ThreadPoolExecutor(1), events, 1, lambda job: "no time left" if job.task != "B" else "")
    for over in (pool.submit(field.job("A"), field.job("B")), pool.submit(field.job("C"))):
        over.result(60)
    assert pool.finding(field.job("D")) == Finding(status="not_run", reason="no time left")
    pool.stop()
    heard = {event.job.task: event.finding for event in [events.get() for _ in range(4)] if isinstance(event, Ended)}
    assert {name: finding.status for name, finding in heard.items()} == {
        "A": "not_run", "B": "solved", "C": "not_run",
    }  # fmt: skip
    assert events.empty() and len(field.attempts()) == 1


class Contrary(Executor):
    """Refuses what it is given, so many times."""

    def __init__(self, times: int) -> None:
        self.times, self.inner = times, ThreadPoolExecutor(1)

    def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        self.times -= 1
        if self.times >= 0:
            raise OSError("sbatch:\nqueue is full")
        return self.inner.submit(function, *args, **kwargs)


@pytest.mark.parametrize(
    ("times", "status", "reason"),
    [(1, "solved", ""), (2, "error", "no worker came to its end in 2 tries: OSError: sbatch: queue is full")],
)
def test_an_executor_that_refuses_is_asked_twice(field: Field, times: int, status: str, reason: str) -> None:
    with farm(Contrary(times)) as (pool, events):
        pool.submit(field.job("A"))
        heard = Heard(events, 1)
    assert (heard.findings["A"].status, heard.findings["A"].reason) == (status, reason)


def test_a_worker_with_other_versions_does_nothing_and_says_so(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = installed()
    theirs = ours | {"mips": "0.0.1", "python": "3.99.0"}
    monkeypatch.setattr(work, "installed", iter([ours, theirs]).__next__)
    with farm(ThreadPoolExecutor(1)) as (pool, events):
        pool.submit(field.job("A"))
        heard = Heard(events, 1)
    assert heard.statuses == {"A": "error"} and field.attempts() == []
    assert heard.findings["A"].reason == (
        f"versions differ: the worker has python 3.99.0, mips 0.0.1, the run has python {ours['python']}, "
        f"mips {ours['mips']}; install the same on every worker"
    )
    assert work.disagreement(ours, ours) == ""


def test_a_line_is_cut_when_the_run_ends_however_it_ends() -> None:
    line = run_lock.RunLock()
    assert not run_lock.is_cut(line.line)
    assert not run_lock.is_cut(dataclasses.replace(line.line, place=("another machine", 0, 0)))
    line.cut()
    line.cut()
    assert run_lock.is_cut(line.line)
    held = "from pytest_mips.workers.farm.run_lock import *; import pickle, sys, time; held = RunLock();"
    held += "sys.stdout.buffer.write(pickle.dumps(held.line)); sys.stdout.flush(); time.sleep(1000)"
    with subprocess.Popen([sys.executable, "-c", held], stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        other = pickle.load(run.stdout)
        assert not run_lock.is_cut(other)
        run.kill()
        run.wait()
    assert Path(other.path).exists() and run_lock.is_cut(other)
    Path(other.path).unlink()


# Dask


def command(*arguments: str, cwd: Path) -> subprocess.Popen[bytes]:
    """Start `dask ...` as a user would, in a process group of its own."""
    line = [sys.executable, "-m", "dask", *arguments]
    log = (cwd / f"{arguments[0]}-{time.monotonic_ns()}.log").open("wb")
    with log:
        return subprocess.Popen(line, cwd=cwd, stdout=log, stderr=log, start_new_session=True)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    address: str
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A Dask scheduler and two workers, three commands as in the manual."""
    needs("distributed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    port = address.rpartition(":")[2]
    started = [command("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard", cwd=tmp_path)]
    options = ("--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", "--local-directory", str(tmp_path))
    started += [command("worker", address, *options, cwd=tmp_path) for _ in range(2)]
    try:
        yield Cluster(address=address, workers=started[1:])
    finally:
        for process in started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.slow  # a pool of processes whose worker is killed stands above
def test_a_killed_dask_worker_costs_the_attempt_it_ran(field: Field, cluster: Cluster) -> None:
    with farm(executor_of(f"dask={cluster.address}", workers=2), in_flight=None) as (pool, events):
        pool.submit(field.job("Long", seconds=4))
        until(lambda: field.attempts("Long"))
        ((pid, worker),) = field.attempts("Long")
        for name in "ABCDE":
            pool.submit(field.job(name))
        gone = os.getpgid(worker)
        os.killpg(gone, signal.SIGKILL)
        until(lambda: not alive(pid), 10)
        heard = Heard(events, 6)
    assert heard.statuses == dict.fromkeys(["Long", *"ABCDE"], "solved")
    (_, (_, other)) = field.attempts("Long")
    assert other != worker and {who for name in "ABCDE" for _, who in field.attempts(name)} <= {worker, other}
    assert heard.said == ["Long: begins again: WorkerLost: the worker that ran it is gone"]
    assert {process.pid: process.poll() for process in cluster.workers} == {
        gone: -signal.SIGKILL,
        os.getpgid(other): None,
    }


@pytest.mark.slow  # the test above kills one worker
def test_what_kills_dask_workers_is_tried_twice_and_a_cancelled_attempt_ends(
    field: Field, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on another machine, where the lock of the run cannot be seen: the workers hear of the end from Dask alone.
    unseen = run_lock.Line(path="/nowhere/run", place=("another machine", 1, 1))
    parcel_of = work.parcel_of
    monkeypatch.setattr("pytest_mips.workers.farm.farm.parcel_of", lambda jobs, line: parcel_of(jobs, unseen))
    with farm(executor_of(f"dask={cluster.address}", workers=2), in_flight=None) as (pool, events):
        pool.submit(field.job("Ill", does="kill the worker"))
        for name in "AB":
            pool.submit(field.job(name))
        heard = Heard(events, 3)
        assert heard.statuses == {"Ill": "error", "A": "solved", "B": "solved"}
        assert heard.findings["Ill"].reason == (
            "no worker came to its end in 2 tries: WorkerLost: the worker that ran it is gone"
        )
        assert len(field.attempts("Ill")) == 2
        pool.submit(field.job("Slow", seconds=1000))
        until(lambda: field.attempts("Slow"))
        ((pid, worker),) = field.attempts("Slow")
        began = time.monotonic()
    assert time.monotonic() - began < 10
    assert Heard(events, 1).statuses == {"Slow": "not_run"}
    until(lambda: not alive(pid), 10)
    assert alive(worker)  # it is not ours


@pytest.mark.slow
def test_dask_starts_a_cluster_of_its_own(field: Field, here: dict[str, Finding]) -> None:
    needs("distributed")
    executor = executor_of("dask", workers=2)
    assert [places(executor, workers=1), places(executor, workers=5)] == [2, 5]
    with farm(executor) as (pool, events):
        spread(pool, field)
        heard = Heard(events, 4)
        pool.submit(field.job("Slow", seconds=1000))
        until(lambda: field.attempts("Slow"))
        began = time.monotonic()
    assert time.monotonic() - began < 15
    assert {name: lasting(finding) for name, finding in heard.findings.items()} == here
    assert Heard(events, 1).statuses == {"Slow": "not_run"}
    for pid, worker in field.attempts("Slow"):
        assert worker != os.getpid() and not alive(pid) and not alive(worker)


# submitit


@pytest.mark.slow
def test_submitit_runs_jobs_of_this_machine(field: Field, here: dict[str, Finding]) -> None:
    needs("submitit")
    with farm(executor_of(f"submitit={field.path / 'slurm.toml'}", workers=2)) as (pool, events):
        spread(pool, field)
        heard = Heard(events, 4)
        pool.submit(field.job("Slow", seconds=1000))
        until(lambda: field.attempts("Slow"))
        began = time.monotonic()
    assert time.monotonic() - began < 15
    assert {name: lasting(finding) for name, finding in heard.findings.items()} == here
    assert (field.path / "jobs").is_dir()
    assert Heard(events, 1).statuses == {"Slow": "not_run"}
    for pid, worker in field.attempts("Slow"):
        assert worker != os.getpid() and not alive(pid) and not alive(worker)


# What is said before the run


def refused(spec: str) -> str:
    with pytest.raises(FarmError) as error:
        executor_of(spec, workers=1).shutdown()
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("spec", ["dusk", "", "dask=", "submitit", "submitit=", "threads=4", "module:", "a b:c"])
def test_an_unknown_executor(spec: str) -> None:
    assert refused(spec) == (
        f"found {spec!r}, expected threads, dask, dask=ADDRESS, submitit=FILE.toml or package.module:factory"
    )


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("dask", "found no package `distributed`, expected it for dask; pip install 'mips[dask]'"),
        ("submitit=slurm.toml", "found no package `submitit`, expected it for submitit; pip install 'mips[slurm]'"),
    ],
)
def test_a_missing_package(spec: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("distributed", "submitit"):
        monkeypatch.setitem(sys.modules, package, None)
    assert refused(spec) == said


def test_warnings_of_other_packages_end_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a port that is taken, for which there is no need of any number either."""
    asked: dict[str, Any] = {}

    class Client:
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            warnings.warn("Port 8787 is already in use", stacklevel=1)

        def get_executor(self, **kwargs: Any) -> Any: ...
        def subscribe_topic(self, *args: Any) -> None: ...

    def cluster(**kwargs: Any) -> None:
        asked.update(kwargs)
        warnings.warn("Port 8787 is already in use", stacklevel=1)

    package = SimpleNamespace(LocalCluster=cluster, Client=Client)
    monkeypatch.setitem(sys.modules, "distributed", package)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        executor_of("dask", workers=1)
        executor_of("dask=tcp://host:1", workers=1)
    assert asked["scheduler_kwargs"]["dashboard_address"].endswith(":0")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x"])
def test_no_scheduler(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    needs("distributed")
    monkeypatch.setattr(dask, "CONNECT_SECONDS", 0.5)
    assert refused(f"dask={address}") == (
        f"found no Dask scheduler at {address} within 0.5 s, expected an address such as tcp://host:8786; "
        "start one with `dask scheduler` and `dask worker`"
    )


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("no_such_module:f", "of which no_such_module cannot be imported (No module named 'no_such_module'), expected "
         "package.module:factory; put the folder of the module on PYTHONPATH"),
        ("farm_factories:absent", "expected a function absent in farm_factories, which has none"),
        ("farm_factories:nothing", "which returned NoneType, expected a concurrent.futures.Executor"),
        ("farm_factories:raising", "which raised OSError: no such cluster; expected it to return an executor"),
    ],
)  # fmt: skip
def test_a_factory_that_is_none(field: Field, spec: str, said: str) -> None:
    assert refused(spec) == f"found {spec!r}, {said}"


EXECUTOR = '[executor]\nfolder = "jobs"\ncluster = "local"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "found no readable file (No such file or directory), expected a TOML file"),
        ("[executor", "found no TOML (*), expected [[]executor] and [[]parameters]"),
        ("[extra]", "found 'extra', expected [[]executor] and [[]parameters] alone"),
        ("executor = 1", "found a value, expected the tables [[]executor] and [[]parameters]"),
        (EXECUTOR + "x = 1", "found 'x' in [[]executor], expected folder and cluster alone"),
        ('[executor]\ncluster = "local"', "found folder None in [[]executor], expected the folder that jobs are "
         "written to"),
        ('[executor]\nfolder = "jobs"\ncluster = "moon"', "found cluster 'moon' in [[]executor], expected local or "
         "slurm"),
        (EXECUTOR, "found timeout_min None in [[]parameters], expected whole minutes, above what --mips-time-limit "
         "gives an attempt"),
        (EXECUTOR + "[parameters]\ntimeout_min = 1\nspeed = 1", "found what submitit refuses (*speed*), expected "
         "settings that it takes"),
        (TOML.replace("local", "slurm"), "found what submitit refuses (*srun*), expected settings that it takes"),
    ],
)  # fmt: skip
def test_settings_of_submitit(field: Field, text: str | None, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    needs("submitit")
    monkeypatch.setenv("PATH", str(field.path))  # no Slurm here
    file = field.path / "other.toml"
    if text is not None:
        file.write_text(text)
    found = refused(f"submitit={file}")
    pytest.LineMatcher([found]).fnmatch_lines([f"{file}: {said}"])
