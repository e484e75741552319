"""One attempt at one task: the job that goes to a child process and the finding that comes back.

`python -m pytest_mips.workers.attempt` is the child. It reads a pickled tuple of jobs from standard input and does
them in turn. It keeps the pipe it found as standard output for itself (a JSON object a line: `{"progress": LINE,
"stage": STAGE}`, `{"known": ...}` with a finding so far, and at last `{"finding": ...}` for each job), and points
standard output at standard error, so prints of user code end in the log and cannot break the protocol.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import os
import pickle
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mips.outcome import Event, Tell
from pytest_mips.runs.attempts import STAGES, Finding, Job, NoProgram, ProgramJob, SolverJob, encode
from pytest_mips.runs.formatting import encodable
from pytest_mips.workers.importing import pin
from pytest_mips.workers.supervisor import stay_behind


class Performer:
    """Does jobs in this process, one after the other; neighbours that are about one task share the judge's words."""

    def __init__(self) -> None:
        self._examiner: tuple[tuple[bytes, int], Any] | None = None

    def perform(self, job: Job, tell: Tell, note: Callable[[Finding], None] = lambda finding: None) -> Finding:
        """Return what the job's solver makes of its task. Whatever the solver raises is passed on.

        `tell` gets an event whenever something begins. `note` gets what is known before the end, from solvers that
        take an argument of that name.
        """
        began = time.monotonic()
        task = pickle.loads(job.payload)
        finding = _solved(job, task, tell, note) if isinstance(job, SolverJob) else self._judged(job, task, tell)
        return dataclasses.replace(finding, seconds=time.monotonic() - began, peak_mib=peak_mib())

    def _judged(self, job: ProgramJob, task: Any, tell: Tell) -> Finding:
        """Return what the judge finds of another system's program, with the seed that our own are judged with."""
        if job.no_sandbox:
            return Finding(status="sandbox_unavailable", reason=job.no_sandbox)
        source, usage = job.source, job.usage
        if job.author:
            tell(Event(text=f"written: by {job.system}"))
            began = time.monotonic()
            source, reason = map(encodable, _written(job, task, tell))
            usage = {"seconds": round(time.monotonic() - began, 3)}
            if reason:
                told = f"{job.system} gave no program: {reason}"
                return Finding(status="no_entry_point", reason=told, solved_at_length=False, usage=usage)
        tell(Event(text=f"judged: a program of {job.system} in a sandbox ({job.layer})"))
        found = self._examiner_for(job, task).judge(source, job.layer)
        return Finding(
            status=found.status,
            reason=found.reason,
            assurance="tested" if found.status == "solved" else "",
            program=source,
            program_nodes=found.program_nodes,
            program_accuracy=found.program_accuracy,
            counterexample=found.counterexample,
            solved_at_length=found.solved_at_length,
            locks=found.locks,
            lenient=found.lenient,
            usage=usage,
        )

    def _examiner_for(self, job: ProgramJob, task: Any) -> Any:
        from mips.judging.sandbox.verdict import Examiner  # it loads what our own attempts may not need

        key = job.payload, job.judge_seed
        if self._examiner is None or self._examiner[0] != key:
            self._examiner = key, Examiner(task, root_seed=job.judge_seed)
        return self._examiner[1]


def _solved(job: SolverJob, task: Any, tell: Tell, note: Callable[[Finding], None]) -> Finding:
    if job.no_network:
        return Finding(status="unsolved", stage="trained", reason=job.no_network)
    if job.network is None:
        return _found(job, task, tell, note, {})
    from mips.networks.foreign.errors import ForeignNetworkError  # NumPy is loaded where a network is read, alone
    from mips.networks.storage import NetworkFileError

    with tempfile.TemporaryDirectory(prefix="mips-network-") as folder:
        for name, content in job.network.items():
            Path(folder, name).write_bytes(content)
        try:
            return _found(job, task, tell, note, {"network": folder})
        except (ForeignNetworkError, NetworkFileError) as error:  # it names a file in a folder that is gone
            raise type(error)(str(error).replace(f"{folder}{os.sep}", f"{job.task}/")) from error


def _found(job: SolverJob, task: Any, tell: Tell, note: Callable[[Finding], None], more: dict[str, Any]) -> Finding:
    """Return what the job's solver makes of its task; `more` are arguments that not every solver must know."""
    module, _, function = job.solver.partition(":")
    solver = getattr(importlib.import_module(module), function)
    if more and not takes(solver, "network"):
        raise TypeError(f"{job.solver} takes no argument `network`; give the solver one, or leave out --mips-networks")
    for name, usual, cure in (("device", "cpu", "train with"), ("method", "full", "run with")):
        found = getattr(job, name)
        if found != usual:
            more[name] = found
            if not takes(solver, name):
                raise TypeError(
                    f"{job.solver} takes no argument `{name}`, found --mips-{name}={found}; "
                    f"give the solver one, or {cure} --mips-{name}={usual}"
                )
    if takes(solver, "note"):
        more["note"] = lambda outcome: note(_finding(outcome))
    if names(solver, "tell"):
        more["tell"] = tell
    else:
        more["progress"] = lambda line: tell(event_of(line))
    finding = _finding(solver(task, seed=job.seed, **more))
    if finding.status not in ("solved", "unsolved"):
        raise ValueError(f"{job.solver} returned status {finding.status!r}, expected 'solved' or 'unsolved'")
    for name, value in encode(dataclasses.replace(finding, files={})).items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{job.solver} returned {name}={value!r:.80}, expected what JSON can hold") from error
    return finding


def _written(job: ProgramJob, task: Any, tell: Tell) -> tuple[str, str]:
    """Return the program that the job's author writes, or nothing and the reason why there is none."""
    module, _, function = job.author.partition(":")
    write = getattr(importlib.import_module(module), function)
    try:
        return write(task, seed=job.judge_seed, progress=lambda line: tell(Event(text=line))), ""
    except NoProgram as reason:
        return "", str(reason)


def event_of(line: str) -> Event:
    """Return the event that a solver tells by a line alone: `trained: some text` is about the stage `trained`."""
    stage, colon, text = line.partition(":")
    return Event(stage=stage.strip(), text=text.strip()) if colon and stage.strip() in STAGES else Event(text=line)


def _finding(outcome: Any) -> Finding:
    names = {each.name for each in dataclasses.fields(Finding)} & {each.name for each in dataclasses.fields(outcome)}
    return Finding(**{name: getattr(outcome, name) for name in names})


def takes(function: Callable[..., Any], name: str) -> bool:
    """Return whether a function can be called with a keyword argument of that name."""
    try:
        inspect.signature(function).bind_partial(**{name: None})
    except TypeError:
        return False
    except ValueError:  # no signature to be had: let the call say it
        return True
    return True


def names(function: Callable[..., Any], name: str) -> bool:
    """Return whether a function has a parameter of that name; `**others` is none."""
    try:
        return name in inspect.signature(function).parameters
    except ValueError:
        return False


def peak_mib() -> int:
    """Return the largest resident size this process has had, in MiB."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)


def failure(error: BaseException) -> Finding:
    """Return the finding `error`, with the error's last line and the place that raised it, unless it names its own."""
    text = traceback.format_exception_only(error)[-1].strip()
    frames = [] if getattr(error, "placed", False) else traceback.extract_tb(error.__traceback__)
    place = f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""
    return Finding(status="error", reason=text + place, peak_mib=peak_mib())


def main() -> None:
    """Do the job on standard input and report on what was standard output."""
    channel = os.dup(1)
    os.dup2(2, 1)
    stay_behind(channel)
    pin()
    with open(0, "rb", closefd=False) as stream:
        jobs: tuple[Job, ...] = pickle.load(stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    began = time.monotonic()
    lock = threading.Lock()

    def send(message: dict[str, Any]) -> None:
        data = memoryview(json.dumps(message).encode() + b"\n")
        with lock:
            while data:
                data = data[os.write(channel, data) :]

    def tell(event: Event) -> None:
        if event.line:
            sys.stderr.write(f"[{time.monotonic() - began:7.1f} s] {event.line}\n")
            sys.stderr.flush()
            send({"progress": event.line, "stage": event.stage})

    performer = Performer()
    for job in jobs:
        try:
            finding = performer.perform(job, tell, lambda finding: send({"known": encode(finding)}))
        except BaseException as error:
            traceback.print_exc()
            finding = failure(error)
        send({"finding": encode(finding)})
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # threads and exit functions of user code have no say any more


if __name__ == "__main__":
    # Under `-m` this module is called __main__; the job names its class by the real name.
    from pytest_mips.workers import attempt

    attempt.main()
