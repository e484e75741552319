"""What the judge finds of a foreign program: the same judge, seeds and lengths as for our own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from mips.judging.comparison import one_line
from mips.judging.judge import judge, why_long, why_table
from mips.judging.questions import BINDING, Effort, Exam, drawn_words, names_in
from mips.judging.reading.entry_point import NoEntryPoint
from mips.judging.sandbox.endings import Ended, Limits, SandboxUnavailable
from mips.judging.sandbox.foreign import ForeignProgram
from mips.judging.weighing.weight import weigh
from mips.program.source import ProgramError
from mips.tasks.seeds import derived_seed
from mips.tasks.task import Task

LEAST_SECONDS, LEAST_ANSWER_SECONDS = 60.0, 2.0
TIMES_SLOWER = 50  # than the reference a program may be
TIMED_WORDS = 200
WORDS = 150_000  # about as many as the judge asks, each question once


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignVerdict:
    """What became of a foreign program; `locks` are those that held it.

    `status` is `solved`, `wrong` (with a counterexample), `table` (with the reason), `exception`, `timeout`, `memory`,
    `protocol`, `no_entry_point`, or `sandbox_unavailable`: then it was never run, and that is no score.
    `solved_at_length` says whether it was right on all fresh sequences, which are of the training length; None where it
    was never run for want of a sandbox. `lenient` counts the answers that were no lists of plain ints and were taken
    for such.
    """

    status: str
    reason: str
    counterexample: dict[str, Any] | None = None
    program_nodes: int = 0
    program_accuracy: float | None = None
    solved_at_length: bool | None = None
    locks: tuple[str, ...] = ()
    lenient: int = 0


def limits_of(task: Task) -> Limits:
    """Return limits that grow with the time that the task's reference takes here and now."""
    words = list(drawn_words(task, TIMED_WORDS, seed=0))
    began = time.perf_counter()
    for word in words:
        task.run(word)
    each = (time.perf_counter() - began) / len(words)
    return Limits(
        seconds=LEAST_SECONDS + TIMES_SLOWER * each * WORDS,
        answer_seconds=LEAST_ANSWER_SECONDS + TIMES_SLOWER * each * WORDS / 100,
    )


class Examiner:
    """Judges programs of one task from elsewhere, each in a child of its own behind the locks of a layer.

    The words are those that our own program meets in an attempt with this root seed; they are drawn once for all.
    """

    def __init__(self, task: Task, *, root_seed: int, limits: Limits | None = None, effort: Effort = BINDING) -> None:
        self._task, self._effort = task, effort
        self._limits = limits or limits_of(task)
        self._seed = derived_seed(root_seed, "judge")
        self._exam = Exam(task, self._seed, effort, keep=True)

    def judge(self, source: str, layer: str) -> ForeignVerdict:
        """Return the verdict on a program. Never raises for anything that the program is or does.

        A table is not even run, nor is what is no Python or has no entry point.
        """
        try:
            weighed = weigh(source, width=self._task.inputs.width, anywhere=True, names=names_in(self._task))
        except ProgramError as error:
            return ForeignVerdict(status="exception", reason=one_line(str(error)), solved_at_length=False)
        except NoEntryPoint as error:
            return ForeignVerdict(status="no_entry_point", reason=one_line(str(error)), solved_at_length=False)
        table = why_table(weighed, self._effort)
        if table:
            return ForeignVerdict(status="table", reason=table, program_nodes=weighed.nodes, solved_at_length=False)
        program = ForeignProgram(
            weighed.text,
            layer,
            self._limits,
            entry=weighed.entry,
            texts=self._task.outputs is not None,
            numpy="numpy" in weighed.imports,
            told_line=weighed.told_line,
        )
        try:
            with program:
                found = judge(
                    source,
                    self._task,
                    seed=self._seed,
                    seconds=2 * self._limits.seconds,
                    effort=self._effort,
                    program=program,
                    exam=self._exam,
                    weighed=weighed,
                )
        except SandboxUnavailable as error:
            return ForeignVerdict(status="sandbox_unavailable", reason=str(error), locks=program.locks)
        except Ended as end:  # before it was asked anything
            return _ended(end, program, at_length=False)
        if isinstance(found.end, Ended):
            return _ended(found.end, program, at_length=found.solved_at_length)
        status, reason, counterexample = "solved", found.reason, None
        if not found.solved and weighed.shortened > self._effort.literal:  # it may have read them after all
            status, reason = "table", why_long(weighed.shortened, self._effort)
        elif not found.solved:
            status = found.counterexample.status if found.counterexample else "wrong"
            counterexample = found.counterexample.to_json() if found.counterexample else None
            if status in ("exception", "protocol") and counterexample:
                reason = counterexample["actual"]
        return ForeignVerdict(
            status=status,
            reason=reason,
            counterexample=counterexample,
            program_nodes=found.program_nodes,
            program_accuracy=found.accuracy,
            solved_at_length=found.solved_at_length,
            locks=program.locks,
            lenient=program.lenient,
        )


def _ended(end: Ended, program: ForeignProgram, *, at_length: bool) -> ForeignVerdict:
    return ForeignVerdict(
        status=end.status, reason=end.reason, solved_at_length=at_length, locks=program.locks, lenient=program.lenient
    )
