"""Children of attempts where little is tidy, and `--mips-executor`: results do not hang on who makes the attempts."""

from __future__ import annotations

import importlib
import json
import os
import pickle
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from queue import SimpleQueue
from types import ModuleType
from typing import Any

import pytest
from stage import Stage

from pytest_mips.runs.attempts import Finding, SolverJob
from pytest_mips.runs.provenance import provenance, surroundings
from pytest_mips.workers import importing, pickling, processes
from pytest_mips.workers.attempt import event_of
from pytest_mips.workers.executors import ChildPool
from pytest_mips.workers.log import LOG_BYTES, Log

SOLVER = """
import os, stat, sys
from mips.outcome import Outcome

def solve(task, *, seed, progress):
    progress("trained: nothing")
    {body}
    return Outcome(status="unsolved", stage="trained", reason=str(told))
"""
SELECT_KNOWS = 1024  # open files, FD_SETSIZE of select(2)

Solve = Callable[[str], Finding]


@pytest.fixture
def solve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Solve:
    """Have a child run a body that leaves what is `told`, with the folder of its solver first on the path."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def run(body: str) -> Finding:
        (tmp_path / "some_solver.py").write_text(SOLVER.format(body=body))
        pool = ChildPool(1, SimpleQueue())
        job = SolverJob(task="T", seed=0, payload=pickle.dumps(None), solver="some_solver:solve", time_limit=60.0)
        try:
            return pool.finding(job)
        finally:
            pool.stop()

    return run


@pytest.fixture
def many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * SELECT_KNOWS), hard))
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(SELECT_KNOWS)]
    yield
    for each in opened:
        os.close(each)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
def test_attempts_are_made_however_many_files_are_open(solve: Solve) -> None:
    assert solve("told = 1").reason == "1"


def test_a_log_is_bounded_while_it_is_written(solve: Solve) -> None:
    """What a child prints goes into a pipe, never to a file."""
    body = "print('first'); print('x' * (8 << 20)); print('last'); told = stat.S_ISFIFO(os.fstat(2).st_mode)"
    finding = solve(body)
    assert finding.reason == "True"
    assert len(finding.log) < LOG_BYTES + 100 and "bytes are left out" in finding.log
    assert "first" in finding.log and finding.log.endswith("last\n")


@pytest.mark.parametrize(
    ("told", "stage"),
    [("Event(stage='extracted', text='half of it')", "extracted"), ("Event(text='trained: no stage of this one')", "")],
)
def test_the_stage_of_an_attempt_that_dies_is_a_field_of_its_last_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, stage: str
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    lines = (
        "import os",
        "from mips.outcome import Event",
        "def solve(task, *, seed, tell):",
        f"    tell({told})",
        "    os._exit(3)",
    )
    (tmp_path / "telling_solver.py").write_text("\n".join(lines))
    pool = ChildPool(1, SimpleQueue())
    try:
        job = SolverJob(task="T", seed=0, payload=pickle.dumps(None), solver="telling_solver:solve", time_limit=60.0)
        assert pool.finding(job).stage == stage
    finally:
        pool.stop()


@pytest.mark.parametrize(("line", "stage"), [("trained: a", "trained"), ("judged: a", ""), ("trained", ""), ("", "")])
def test_a_solver_that_tells_lines_may_begin_them_with_a_stage(line: str, stage: str) -> None:
    event = event_of(line)
    assert event.stage == stage and event.line == line


def test_a_log_that_fits_is_whole() -> None:
    with Log() as log:
        os.write(log.writer, "é\n".encode())
        assert log.text() == "é\n"
        os.write(log.writer, b"\xff\n")
        assert log.text() == "é\n\N{REPLACEMENT CHARACTER}\n"


def test_a_log_ends_though_something_holds_it_open() -> None:
    with Log() as log:
        holder = subprocess.Popen(["sleep", "1000"], stderr=log.writer)
        log.close_writer()
        assert log.text() == ""
    assert holder.poll() is None
    holder.kill()
    holder.wait()


def test_prints_are_kept_whatever_the_terminal_takes(solve: Solve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    finding = solve("print('caf\\xe9'); told = 1")
    assert finding.reason == "1" and "café" in finding.log


def test_a_process_may_be_called_what_is_no_text() -> None:
    name = "import ctypes; ctypes.CDLL(None).prctl(15, b'caf\\xe9', 0, 0, 0)"
    command = [sys.executable, "-c", f"{name}; print(1, flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None and child.stdout is not None
        child.stdout.readline()
        assert child.pid in processes.below(os.getpid())
        assert processes.peak_mib(os.getpid()) > 0
        child.stdin.close()


def test_a_checkout_may_hold_names_that_are_no_text(tmp_path: Path) -> None:
    for command in ("init -q", "config core.quotePath false", "config user.name n", "config user.email e"):
        subprocess.run(["git", "-C", str(tmp_path), *command.split()], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "commit", "-q", "--allow-empty", "-m", "m"], check=True)
    reports = tmp_path / "reports[1]"
    reports.mkdir()
    (reports / "a").touch()
    assert provenance.commit(tmp_path, but=reports)["dirty"] is False
    (tmp_path / os.fsdecode(b"caf\xe9")).touch()
    found = provenance.commit(tmp_path, but=reports)
    assert found["dirty"] is True and len(found["commit"]) == 40


def test_a_processor_may_be_called_what_is_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cpus = tmp_path / "cpuinfo"
    cpus.write_bytes(b"model name\t: caf\xe9\nphysical id\t: 0\ncore id\t: 0\n")
    monkeypatch.setattr(provenance, "CPUS", cpus)
    monkeypatch.setattr(surroundings, "CPUS", cpus)
    assert provenance.machine()["cpu"].startswith("caf") and surroundings.physical_cores() == 1


# Names of modules


def test_files_near_a_task_are_no_modules_of_the_library(solve: Solve, tmp_path: Path) -> None:
    names = ("queue", "random", "copy", "types", "json", "pickle", "numpy", "sympy", "mpmath", "mips", "pytest_mips")
    for name in names:
        (tmp_path / f"{name}.py").write_text("raise ImportError('a file near a task')")
    finding = solve(f"import {', '.join(names)}, mips.judging.sandbox.verdict; told = [queue.__name__, numpy.__name__]")
    assert finding.reason == "['queue', 'numpy']", finding.log


@pytest.mark.slow
def test_a_name_means_in_a_child_what_it_means_here(solve: Solve, tmp_path: Path, monkeypatch: Any) -> None:
    """Also that of a standard module or of an installed package, unless the library itself needs that one."""
    for name in ("turtledemo", "tabulate"):
        (tmp_path / f"{name}.py").write_text("MINE = 6")
        monkeypatch.setitem(sys.modules, name, None)  # so that it is as before when this is over
        del sys.modules[name]
        monkeypatch.syspath_prepend(str(tmp_path))
        importlib.import_module(name)
    assert solve("import tabulate, turtledemo; told = tabulate.MINE * turtledemo.MINE").reason == "36"


def test_the_path_of_a_child() -> None:
    """The standard library, what users put first, what is installed, and what else there is, each in its order."""
    standard = [entry for entry in sys.path if entry.endswith(("lib-dynload", f"python3.{sys.version_info.minor}"))]
    given = os.path.join(os.getcwd(), "given")  # Python makes the entries of PYTHONPATH absolute when it starts
    path = ["/tasks", given, "/given", *standard, "/v/lib/site-packages", "/more"]
    found = importing.child_path(path, os.pathsep.join(("given", "/given/")))
    assert found == [*standard, given, "/given", "/v/lib/site-packages", "/tasks", "/more"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("os.path", True),
        ("numpy.linalg", True),
        ("pytest_mips.workers.log", True),
        ("some_test", False),
        ("numpy.nope", False),
    ],
)
def test_what_a_child_can_import(name: str, found: bool) -> None:
    assert importing.importable(name, importing.child_path(sys.path)) is found


LUGGAGE = """
import functools, some_neighbour
@functools.cache
def step(state, x):
    return (state + step(0, x - 1)[1] if x else state, some_neighbour.twice(x))
"""


def test_a_task_goes_along_with_what_no_child_finds(tmp_path: Path, monkeypatch: Any) -> None:
    """Functions that keep their results, which pickle by name, and modules that are in no folder of the path."""
    for name, text in (("some_neighbour", "def twice(x): return 2 * x"), ("some_tasks", LUGGAGE)):
        module = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, module)
        exec(text, module.__dict__)
    (tmp_path / "task").write_bytes(pickling.packed(module.step, "some_tasks"))
    loaded = (
        "import pickle, sys; step = pickle.load(open(sys.argv[1], 'rb')); print(step(1, 3), step.cache_info().misses)"
    )
    command = [sys.executable, "-c", loaded, str(tmp_path / "task")]
    told = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert told.stdout == "(5, 6) 4\n", told.stderr


@pytest.mark.parametrize("mode", ["prepend", "importlib"])
def test_a_task_file_with_a_cached_step_and_odd_neighbours_is_run(stage: Stage, mode: str) -> None:
    """However pytest imports it."""
    stage.pytester.makepyfile(queue="raise ImportError('near')")
    before = "import functools\n@functools.cache\ndef cached(state, x):\n    return state, x\n"
    stage.tasks("task('Cached', step=cached)", before=before)
    stage.pytester.makeini("[pytest]\nmips_solver = fake_solver:solve\nmips_paths = .\npythonpath = .\n")
    result = stage.run(f"--import-mode={mode}")
    assert result.ret == 0 and stage.records()["Cached"]["status"] == "solved"


FACTORY = """
from concurrent.futures import ThreadPoolExecutor

def make(workers):
    return ThreadPoolExecutor(workers)

def nothing():
    return 3
"""


def hash_of(stage: Stage, name: str) -> str:
    return str(json.loads((stage.pytester.path / "reports" / name / "summary.json").read_text())["results_hash"])


@pytest.mark.parametrize("spec", ["own_factory:make", pytest.param("dask", marks=pytest.mark.slow)])
def test_results_do_not_hang_on_who_makes_the_attempts(spec: str, stage: Stage) -> None:
    if spec == "dask" and find_spec("distributed") is None:
        pytest.skip("the extra dask is not installed")
    stage.pytester.makepyfile(own_factory=FACTORY)
    stage.tasks("Easy", "Hard", "Simple")
    assert stage.run("--mips-run=usual").ret == 0
    options = ("--mips-benchmark", "--mips-workers=2", "--mips-run=farm", f"--mips-executor={spec}")
    result = stage.pytester.runpytest_subprocess(*options)
    assert result.ret == 0
    result.assert_outcomes(passed=2, xfailed=1)
    assert hash_of(stage, "farm") == hash_of(stage, "usual")
    assert (
        json.loads((stage.pytester.path / "reports" / "farm" / "run.json").read_text())["arguments"]["executor"] == spec
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--mips-executor=magic"], "--mips-executor: "),
        (["--mips-executor=own_factory:nothing"], "--mips-executor: "),
        (["--mips-executor=no_such_module:make"], "--mips-executor: "),
        (["--mips-executor=dask", "--mips-workers=0"], "expected at least 1 worker"),
    ],
)
def test_mistakes_are_told(options: list[str], told: str, stage: Stage, one_error: Callable[..., str]) -> None:
    stage.pytester.makepyfile(own_factory=FACTORY)
    stage.pytester.syspathinsert()
    stage.tasks("Easy")
    assert told in one_error(*options)
