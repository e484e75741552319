"""Systems compared: how many tasks each solves, with what certainty, and where two of them differ. Pure functions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from tabulate import tabulate

from pytest_mips.runs.attempts import SYSTEM
from pytest_mips.runs.formatting import NONE
from pytest_mips.runs.records import BROKEN, Record
from pytest_mips.scores import claims
from pytest_mips.scores.claims import Claim
from pytest_mips.scores.side_scores import AT_LENGTH, right_at_length

CONFIDENCE = 0.95
LENIENT = "Answers that were no lists of plain ints and were taken for such (bools, whole floats, iterators, arrays):"


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A system's attempts, task by task of the roster: (right ones, all), none where it gave no program.

    `unjudged` are tasks with attempts on which there is no verdict; those do not count, and while there are any the
    system has no score that could be compared. `at_length` are the tasks that one attempt at least solved at the
    training length, `unknown_at_length` those of which older results do not tell.
    """

    name: str
    attempts: Mapping[str, tuple[int, int]]
    unjudged: frozenset[str] = frozenset()
    at_length: frozenset[str] = frozenset()
    unknown_at_length: frozenset[str] = frozenset()

    @property
    def solved(self) -> frozenset[str]:
        """The tasks that one attempt at least solved."""
        return frozenset(task for task, (right, _) in self.attempts.items() if right)

    @property
    def solved_text(self) -> str:
        """How many tasks it solves, of all, and on how many there is no verdict."""
        told = f"{len(self.solved)} of {len(self.attempts)}"
        return f"{told}, {len(self.unjudged)} not judged" if self.unjudged else told

    @property
    def at_length_text(self) -> str:
        """How many tasks it solves at the training length, of all, and of how many that is not known."""
        told = f"{len(self.at_length)} of {len(self.attempts)}"
        return f"{told}, {len(self.unknown_at_length)} not known" if self.unknown_at_length else told

    @property
    def without(self) -> list[str]:
        """The tasks that it gave no program for."""
        return [task for task, (_, count) in self.attempts.items() if not count and task not in self.unjudged]

    @property
    def told(self) -> str:
        """Its name, with how many samples were taken the best of."""
        return f"{self.name} (best of {self.samples})" if self.samples > 1 else self.name

    @property
    def samples(self) -> int:
        """The most attempts at one task."""
        return max((count for _, count in self.attempts.values()), default=0)

    def solved_at(self, k: int) -> float:
        """Return the mean share of tasks that k attempts would solve: 1 - C(n - c, k) / C(n, k) for c right ones of n.

        Chen et al., "Evaluating large language models trained on code" (2021), equation 1. Where a task has fewer than
        k attempts, all of them count; one without any is not solved.
        """
        shares = [
            1 - math.comb(count - right, min(k, count)) / math.comb(count, min(k, count)) if count else 0.0
            for right, count in self.attempts.values()
        ]
        return sum(shares) / max(1, len(shares))


def systems(roster: Sequence[str], records: Sequence[Record]) -> list[System]:
    """Return the systems that the records speak of, in the order of their first records, with the roster's tasks."""
    found = []
    for name in dict.fromkeys(record.system for record in records):
        own = [record for record in records if record.system == name]
        statuses = {task: [record.status for record in own if record.task == task] for task in roster}
        judged = {task: [each for each in some if each not in BROKEN] for task, some in statuses.items()}
        right = {task: [right_at_length(each) for each in own if each.task == task] for task in roster}
        found.append(
            System(
                name=name,
                attempts={task: (some.count("solved"), len(some)) for task, some in judged.items()},
                unjudged=frozenset(task for task in roster if len(judged[task]) < len(statuses[task])),
                at_length=frozenset(task for task in roster if True in right[task]),
                unknown_at_length=frozenset(task for task in roster if None in right[task] and True not in right[task]),
            )
        )
    return found


def lenient_by_system(found: Sequence[System], records: Sequence[Record]) -> dict[str, int]:
    """Return for each system how many of its answers were no lists of plain ints and were taken for such, if any."""
    counts = {each.name: sum(record.lenient for record in records if record.system == each.name) for each in found}
    return {name: count for name, count in counts.items() if count}


def at_length_line(found: Sequence[System]) -> str:
    """Return how many tasks every system solves at the training length, ours without its name, nothing for none."""
    told = [each.at_length_text if each.name == SYSTEM else f"{each.name} {each.at_length_text}" for each in found]
    return f"{AT_LENGTH}, longer sequences not asked for: {'; '.join(told)}" if told else ""


def cost_text(records: Sequence[Record]) -> str:
    """Return what the programs cost: tokens, and the seconds of writing them, or of all attempts of ours."""
    usages = [record.usage for record in records if record.usage]
    tokens = sum(usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0) for usage in usages)
    if not usages:
        own = sum(record.seconds for record in records if record.system == SYSTEM)
        return f"{own:,.0f} s" if own else ""
    about = "about " if any(usage.get("estimated") for usage in usages) else ""
    told = [f"{about}{tokens:,.0f} tokens"] if tokens else []
    return ", ".join([*told, f"{sum(usage.get('seconds', 0) for usage in usages):,.0f} s"])


def interval(solved: int, count: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the Wilson interval of a share (Wilson, "Probable inference", 1927)."""
    if not count:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, weight = solved / count, z * z / count
    centre = (share + weight / 2) / (1 + weight)
    half = z * math.sqrt(share * (1 - share) / count + weight / (4 * count)) / (1 + weight)
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def mcnemar(only_left: int, only_right: int) -> float:
    """Return the two-sided p-value of the exact McNemar test (McNemar, 1947): is the difference more than chance?"""
    count, fewer = only_left + only_right, min(only_left, only_right)
    if not count:
        return 1.0
    chance: float = 2 * sum(math.comb(count, i) for i in range(fewer + 1)) / 2**count
    return min(1.0, chance)


def to_json(found: Sequence[System], count: int) -> list[dict[str, Any]]:
    """Return what `summary.json` says of each system."""
    return [
        {
            "system": system.name,
            "solved": len(system.solved),
            "solved_at_length": len(system.at_length),
            "unknown_at_length": len(system.unknown_at_length),
            "of": count,
            "unjudged": len(system.unjudged),
            "interval": None if system.unjudged else [round(end, 4) for end in interval(len(system.solved), count)],
            "samples": system.samples,
            "solved_at_1": None if system.unjudged else round(system.solved_at(1), 4),
        }
        for system in found
    ]


def section(
    found: Sequence[System], records: Sequence[Record], roster: Sequence[str], claimed: Sequence[Claim] = ()
) -> list[str]:
    """Return the part of `summary.md` about several systems, nothing where there is ours alone.

    What was claimed of a system stands beside it and is not compared.
    """
    if len(found) < 2 and all(system.name == "mips" for system in found):
        return []
    solvers = {task: [system.name for system in found if task in system.solved] for task in roster}
    said = {task: [f"{each.system} (claimed)" for each in claimed if task in each.solved] for task in roster}
    lines = [f"- **{task}** {', '.join(names) or 'nobody'}" for task, names in solvers.items()]
    told = [f"; {', '.join(said[task])}" if said[task] else "" for task in roster]
    by_task = "\n".join(line + more for line, more in zip(lines, told, strict=True))
    return ["## Systems", *tables(found, records, roster, claimed), by_task]


def tables(
    found: Sequence[System], records: Sequence[Record], roster: Sequence[str], claimed: Sequence[Claim] = ()
) -> list[str]:
    """Return the table of the systems, what was taken loosely, and the table of pairs, as far as there is something.

    Empty where there is ours alone.
    """
    if len(found) < 2 and all(system.name == "mips" for system in found):
        return []
    rows = [*system_rows(found, records, len(roster)), *claims.rows(claimed)]
    parts = [tabulate(rows, headers="keys", tablefmt="github", disable_numparse=True)]
    loosely = [f"{name} {count:,}" for name, count in lenient_by_system(found, records).items()]
    parts += [f"{LENIENT} {', '.join(loosely)}."] if loosely else []
    pairs = pair_rows(found, len(roster))
    if pairs:
        parts.append(tabulate(pairs, headers="keys", tablefmt="github", disable_numparse=True))
    return parts


def system_rows(found: Sequence[System], records: Sequence[Record], count: int) -> list[dict[str, Any]]:
    """Return for every system what it solves of `count` tasks, how sure that is, and its statuses.

    One that was not judged on some task has no interval and no share.
    """
    several = any(system.samples > 1 for system in found)
    rows = []
    for system in found:
        low, high = interval(len(system.solved), count)
        own = [record for record in records if record.system == system.name]
        statuses = [record.status for record in own]
        rows.append(
            {
                "system": system.name,
                "solved": system.solved_text,
                AT_LENGTH: system.at_length_text,
                "95 % interval": NONE if system.unjudged else f"{low:.0%} to {high:.0%}",
                "samples": system.samples,
                "solved@1": NONE if system.unjudged else f"{system.solved_at(1):.1%}",
                **({"solved@k": _at_most(system)} if several else {}),
                "cost": cost_text(own),
                "statuses": ", ".join(f"{statuses.count(each)} {each}" for each in dict.fromkeys(sorted(statuses)))
                + (f", no program for {len(none)}" if (none := system.without) else ""),
            }
        )
    return rows


def _at_most(system: System) -> str:
    """Return the share of tasks that all samples of a system solve together, and how many samples those are."""
    return NONE if system.unjudged else f"{system.solved_at(system.samples):.1%} (k = {system.samples})"


def pair_rows(found: Sequence[System], count: int) -> list[dict[str, Any]]:
    """Return for every two systems how many of `count` tasks only one of them solves, and the p-value of that.

    Those that were not judged on some task are left out. Who has several samples is there with the best of them.
    """
    rows = []
    for left, right in itertools.combinations([system for system in found if not system.unjudged], 2):
        only_left, only_right = left.solved - right.solved, right.solved - left.solved
        both = left.solved & right.solved
        rows.append(
            {
                "A": left.told,
                "B": right.told,
                "only A": len(only_left),
                "only B": len(only_right),
                "both": len(both),
                "neither": count - len(only_left | only_right | both),
                "p (exact McNemar)": f"{mcnemar(len(only_left), len(only_right)):.2g}",
            }
        )
    return rows
