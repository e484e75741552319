"""Limits that hold: whatever a task does, it ends, it is called what it was, and no process of it is left."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from observing import gone
from stage import Stage

from pytest_mips.runs.attempts import Finding, ProgramJob, SolverJob
from pytest_mips.workers import processes
from pytest_mips.workers.executors import _too_long

OUTSIDE = """
def {name}(rng, length):
    if in_child():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        {body}
    return rng.choices((0, 1), k=length)
"""
FORKS = """for number in range(3):
            if os.fork() == 0:
                if number == 1:
                    os.setsid()
                with open(f"pid{number}.txt", "w") as stream:
                    stream.write(str(os.getpid()))
                time.sleep(1000)
        other = subprocess.Popen(["sleep", "1000"], start_new_session=True)
        with open("pid3.txt", "w") as stream:
            stream.write(str(other.pid))
        time.sleep(SECONDS)"""
WIPED = """command = ["sleep", "1000"]
        first = subprocess.Popen(command, env={}, start_new_session=True)
        if os.fork() == 0:  # twice, so that the one between is gone
            os.setsid()
            second = subprocess.Popen(command, env={})
            with open("pid0.txt", "w") as stream:
                stream.write(str(second.pid))
            os._exit(0)
        os.wait()
        with open("pid1.txt", "w") as stream:
            stream.write(str(first.pid))
        time.sleep(SECONDS)"""
ILL = {
    "ignores signals": ("while True: pass", "timeout"),
    "sits in a C loop": ("sum(range(10 ** 12))", "timeout"),
    "allocates without end": ("some = [bytearray(1 << 20) for _ in range(1 << 20)]", "memory"),
    "lets a child allocate": (
        "subprocess.run([sys.executable, '-c', 'some = [bytearray(1 << 20) for _ in range(1 << 20)]'])",
        "memory",
    ),
    "forks and waits": (FORKS.replace("SECONDS", "1000"), "timeout"),
    "forks and goes on": (FORKS.replace("SECONDS", "0.5"), "solved"),
    "hides and waits": (WIPED.replace("SECONDS", "1000"), "timeout"),
    "hides and goes on": (WIPED.replace("SECONDS", "0.1"), "solved"),
    "hides and leaves": (WIPED.replace("SECONDS", "0.1") + "; os._exit(3)", "error"),
    "hides and dies": (WIPED.replace("SECONDS", "0.1") + "; os.kill(os.getpid(), signal.SIGSEGV)", "error"),
    "ends its group": ("os.killpg(0, signal.SIGTERM); os.killpg(0, signal.SIGUSR1)", "error"),
    "kills its keeper": (
        WIPED.replace("SECONDS", "0.1") + "; os.kill(os.getppid(), signal.SIGKILL); time.sleep(1000)",
        "error",
    ),
    "kills its group": (WIPED.replace("SECONDS", "0.1") + "; os.killpg(0, signal.SIGKILL)", "error"),
    "stops its keeper and dies": (
        WIPED.replace("SECONDS", "0.1") + "; os.kill(os.getppid(), signal.SIGSTOP); os._exit(3)",
        "error",
    ),
    "stops its keeper": (WIPED.replace("SECONDS", "0.1") + "; os.kill(os.getppid(), signal.SIGSTOP)", "solved"),
}
CAUSES = {
    "hides and leaves": "the child process left with exit status 3 before its verdict",
    "hides and dies": "the child process was killed by SIGSEGV",
    "ends its group": "the child process was killed by SIGUSR1",
}


def draws(name: str, body: str) -> str:
    """Return a sample that does what the body says once it is in a child; its processes are in files of that name."""
    return OUTSIDE.replace("{name}", name).replace("{body}", body.replace('"pid', f'"{name}_pid'))


@pytest.mark.parametrize("status", dict.fromkeys(status for _, status in ILL.values()))
def test_each_is_ended_and_called_what_it_was(status: str, stage: Stage) -> None:
    """All of one end are in one run, side by side: none disturbs another, nor the task that comes after them."""
    ill = {name.replace(" ", "_"): name for name, (_, end) in ILL.items() if end == status}
    calls = [f"task({function!r}, {function})" for function in ill]
    stage.tasks(*calls, "Easy", before="".join(draws(function, ILL[name][0]) for function, name in ill.items()))
    limit = 4 if status == "timeout" else 60
    result = stage.run(f"--mips-time-limit={limit}", "--mips-memory-limit=300", workers="4" if limit == 4 else "2")
    assert result.ret == (status == "error")
    records = stage.records()
    assert records["Easy"]["status"] == "solved"
    for function, name in ill.items():
        record = records[function]
        assert record["status"] == status, record
        assert CAUSES.get(name, "") in record["reason"]
        assert record["seconds"] < 30
        if status == "memory":
            assert record["reason"].startswith("memory limit of 300 MiB, ")
            assert record["peak_mib"] > 300
        assert record["peak_mib"] > 0 or status == "error"
        places = list(Path(stage.pytester.path).glob(f"{function}_pid*.txt"))
        assert len(places) == (4 if "forks" in name else 2 if "env={}" in ILL[name][0] else 0), name
        for place in places:
            assert gone(int(place.read_text())), (name, place.name)


STOPPED = """os.kill(os.getppid(), signal.SIGSTOP)
        with open(f"/proc/{os.getppid()}/stat") as stream:
            os.kill(int(stream.read().rpartition(")")[2].split()[1]), signal.SIGSTOP)
        """


@pytest.mark.parametrize("before", ["", STOPPED], ids=["its keepers go on", "its keepers are stopped"])
def test_nothing_is_left_when_pytest_alone_is_killed(stage: Stage, before: str) -> None:
    """Also what has left its group and its session and wiped its environment."""
    body = WIPED.replace("time.sleep(SECONDS)", before + "time.sleep(1000)")
    stage.tasks("task('Ill', ill)", before=draws("ill", body))
    command = [sys.executable, "-m", "pytest", "--mips-benchmark", "--mips-workers=1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as run:
        places = [Path(stage.pytester.path) / f"ill_pid{number}.txt" for number in (0, 1)]
        while not all(place.exists() and place.read_text() for place in places):
            assert run.poll() is None
            time.sleep(0.05)
        assert not any(gone(int(place.read_text()), tries=1) for place in places)
        run.kill()
    for place in places:
        assert gone(int(place.read_text())), place.name


def test_memory_is_that_of_all_below_a_process() -> None:
    hold = "import time; some = bytearray(64 << 20); print(1, flush=True); time.sleep(60)"
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"
    with subprocess.Popen([sys.executable, "-c", nested], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert 64 < processes.resident_mib(child.pid) < 200
        child.kill()
    assert processes.resident_mib(child.pid) == 0


def test_marked_processes_are_found_wherever_they_are() -> None:
    command = [sys.executable, "-c", "import time; print(1, flush=True); time.sleep(60)"]
    environment = os.environ | {processes.MARK: "some mark"}
    with subprocess.Popen(command, env=environment, start_new_session=True, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert list(processes.marked("some mark")) == [child.pid] and not list(processes.marked("some"))
        processes.end_marked("another mark")
        time.sleep(0.1)
        assert child.poll() is None
        processes.end_marked("some mark")
        assert child.wait(10) < 0


def test_a_limit_of_time_tells_what_was_known_and_what_to_try() -> None:
    job = SolverJob(task="T", seed=0, payload=b"", solver="", time_limit=600)
    known = Finding(status="unsolved", hidden_size=2, network_accuracy=0.66)
    told = _too_long(job, known, "trained: 8 networks")
    assert told == (
        "time limit of 600 s, the network was right on 66.00% of the answers, last heard: trained: 8 networks; "
        "try a longer --mips-time-limit, other seeds (--mips-seeds), or a task with fewer symbols or shorter words"
    )
    other = ProgramJob(task="T", system="other", seed=0, payload=b"", time_limit=600)
    assert _too_long(other, Finding(status="error"), "") == ("time limit of 600 s; try a longer --mips-time-limit")
