"""What a person sees while a benchmark runs: a line as each attempt ends, and a sign of life in between."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

import pytest

from pytest_mips.runs.attempts import SYSTEM, Job
from pytest_mips.runs.formatting import counterexample_text, fitting, printable
from pytest_mips.runs.records import BROKEN, Record
from pytest_mips.scores import claims, comparison
from pytest_mips.scores.summary import Summary, table

HEARTBEAT_SECONDS = 15.0  # the longest silence while attempts run

COLOURS = {"solved": {"green": True}, "error": {"red": True}}


class Terminal:
    """Writes past pytest's capture; silent where there is no terminal reporter."""

    def __init__(self, config: pytest.Config) -> None:
        self._reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
        self._capture: Any = config.pluginmanager.get_plugin("capturemanager")
        self._verbosity = config.get_verbosity()
        self._last = time.monotonic()
        if self._reporter is not None and self._verbosity <= 0:
            self._reporter.showfspath = False
            self._reporter._show_progress_info = False

    def line(self, text: str, **markup: bool) -> None:
        """Write one line at once, without what would command the terminal."""
        self._last = time.monotonic()
        if self._reporter is None:
            return
        if self._capture is None:
            self._write(text, **markup)
            self._reporter.flush()
            return
        with self._capture.global_and_fixture_disabled():
            self._write(text, **markup)
            self._reporter.flush()

    def mistakes(self, error: pytest.UsageError) -> pytest.UsageError:
        """Write what is wrong, a line a mistake, before pytest says that no tests ran; return the error to raise then.

        Where there is no terminal, the error itself is returned, with all it says.
        """
        if self._reporter is None:
            return error
        with self._capture.global_and_fixture_disabled() if self._capture is not None else nullcontext():
            self._reporter.ensure_newline()
            self._reporter.flush()
            for each in error.args:
                sys.stderr.write(f"ERROR: {printable(str(each))}\n")
            sys.stderr.flush()
        return pytest.UsageError()

    def _write(self, text: str, **markup: bool) -> None:
        """Write what may be lines, as far as the terminal takes them; pytest would escape the ends of lines too."""
        stream = getattr(getattr(self._reporter, "_tw", None), "_file", None)
        self._reporter.write_line(fitting(printable(text), getattr(stream, "encoding", None)), **markup)

    def attempt(self, record: Record, number: int, total: int, width: int, *, seeded: bool) -> None:
        """Say how an attempt ended, the `number`-th of `total`; names take `width` places."""
        self.line(
            attempt_line(record, number, total, width, seeded=seeded), **COLOURS.get(record.status, {"yellow": True})
        )

    def heartbeat(self, running: Iterable[tuple[Job, float, str]]) -> None:
        """After a long silence, say what runs: jobs, when each began, and its last line of progress."""
        if self._verbosity >= 0 and time.monotonic() - self._last >= HEARTBEAT_SECONDS:
            self.line("    running: " + "; ".join(running_text(*each, time.monotonic()) for each in running))

    def summary(self, summary: Summary, place: str, *, strict: bool) -> None:
        """Write the final table (unless pytest is told to be quiet), the score and where the report is.

        Where tasks were not solved and it is not `strict`, it is told that they are no failures.
        """
        if self._reporter is None:
            return
        if self._verbosity >= 0:
            self._reporter.section("MIPS benchmark")
            if summary.lines:
                self._write(table(summary, style="simple"))
            claimed = claims.from_run(summary.run)
            for part in comparison.tables(summary.systems, summary.records, summary.roster, claimed):
                self._write(part)
            self._reporter.write_line("")
        self._write(summary.score, bold=True)
        for line in summary.beside:
            self._write(line)
        if (results := unsolved_text(summary)) and not strict:
            self._write(results)
        self._write(f"report: {place}/summary.md and {place}/report.html")


def unsolved_text(summary: Summary) -> str:
    """Return that tasks which came to a verdict without being solved are results, nothing where there are none."""
    count = sum(line.best.status not in ("solved", *BROKEN) for line in summary.lines)
    if count == 1:
        return "1 task was not solved: that is a result and no failure; with --mips-strict it fails"
    told = "were not solved: these are results and no failures; with --mips-strict they fail"
    return f"{count} tasks {told}" if count else ""


def attempt_line(record: Record, number: int, total: int, width: int, *, seeded: bool) -> str:
    """Return the line about one attempt."""
    word = record.status.replace("_", " ").upper()
    name = f"{record.task} seed {record.seed}" if seeded else record.task
    if record.system != SYSTEM:
        name = f"{record.task} {record.system} {record.seed}"
    if record.status == "solved":
        told = [record.form, record.assurance]
    else:
        told = [record.why, counterexample_text(record.counterexample)]
    head = f"[{number:{len(str(total))}}/{total}] {word:8} {name:{width}} {record.seconds:7.1f} s"
    return "  ".join([head, *filter(None, told)])


def running_text(job: Job, began: float, last_line: str, now: float) -> str:
    """Return what one running attempt is doing."""
    return f"{job.task} {now - began:.0f} s ({last_line or 'starting'})"
