"""How long attempts are expected to take, remembered from finished runs: the longest begin first."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pytest_mips.runs.attempts import Job
from pytest_mips.runs.layout import newest
from pytest_mips.runs.records import readable

RUNS = 8  # the newest, as many as are looked at
LONG = 0.9  # the share of attempts that took no longer than what is called long
Jobs = TypeVar("Jobs", bound=Sequence[Job])


class Durations:
    """Seconds by task and system, from the newest run that has each.

    What nobody knows is taken to be as long as the median, or where it matters that it is no longer, as the longest
    but a tenth.
    """

    def __init__(self, reports: Path) -> None:
        self._known: dict[tuple[str, str], float] = {}
        for path in newest(reports, "results.jsonl")[-RUNS:]:
            found = readable(path)
            self._known |= {(each.task, each.system): each.seconds for each in found if each.status != "not_run"}
        self._weigh()

    def _weigh(self) -> None:
        self._usual = statistics.median(self._known.values()) if self._known else 0.0
        self._long = sorted(self._known.values())[int(LONG * len(self._known))] if self._known else 0.0

    def expected(self, *jobs: Job, cautious: bool = False) -> float:
        """Return how many seconds these jobs are expected to take, one after the other."""
        unknown = self._long if cautious else self._usual
        return sum(min(self._known.get((job.task, job.system), unknown), job.time_limit) for job in jobs)

    def learn(self, job: Job, seconds: float) -> None:
        """Take what an attempt of now took into account."""
        self._known[job.task, job.system] = seconds
        self._weigh()

    def longest_first(self, groups: Sequence[Jobs]) -> list[Jobs]:
        """Return the groups, those that are expected to take longest first, equals in their order."""
        return sorted(groups, key=lambda jobs: -self.expected(*jobs))
