"""What is measured, as records that go to JSON and back, and which of the project's marks the records meet.

Seconds are core seconds of one process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """One run of `train`: `wrong` of `checked` fresh sequences have an error, `accuracy` is the share of right outputs.

    `peak_mib` is the largest resident size of the process up to the end of `train`. `error` is the end of the traceback
    of a process that died, and then the numbers mean nothing.
    """

    task: str
    family: str
    seed: int
    seconds: float = 0.0
    peak_mib: float = 0.0
    accuracy: float = 0.0
    wrong: int = 0
    checked: int = 0
    cell: tuple[int, ...] = ()
    readout: tuple[int, ...] = ()
    trials: int = 0
    why_stopped: str = ""
    error: str = ""

    @property
    def perfect(self) -> bool:
        return not self.error and self.checked > 0 and self.wrong == 0

    @property
    def hidden(self) -> int:
        return self.cell[-1] if self.cell else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """One run of the plain loop: `why_stopped` is `perfect`, `time cap` or `steps used up`.

    `cell` and `readout` are the sizes of the layers of f and g.
    """

    seconds: float
    steps: int
    why_stopped: str
    accuracy: float
    wrong: int
    checked: int
    cell: tuple[int, ...]
    readout: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Our `train` against the plain loop on one task; `plain` is None when ours is not perfect, so nothing compares."""

    ours: Training
    plain: Plain | None = None

    @property
    def value(self) -> float:
        """How many times longer the plain loop took, or took in vain; 0 when there is nothing to compare."""
        return self.plain.seconds / max(self.ours.seconds, 1e-9) if self.plain and self.ours.perfect else 0.0

    @property
    def is_bound(self) -> bool:
        """Whether the plain loop was ended before it was perfect, so that `value` is only a lower bound."""
        return self.plain is not None and self.plain.why_stopped != "perfect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Floating-point operations a second of a training step, and of a large matrix product beside it."""

    what: str
    dtype: str
    flops_a_step: int
    steps_a_second: float
    product: float

    @property
    def achieved(self) -> float:
        return self.flops_a_step * self.steps_a_second

    @property
    def share(self) -> float:
        return self.achieved / self.product


MOST_SECONDS = 2400.0  # of all tasks together, one root seed
MOST_SECONDS_A_TASK = 180.0
MOST_MIB = 1024.0
LEAST_RATIO = 50.0

Verdict = Literal["met", "not met", "undecided", "not measured"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A mark, what was found, and whether it is met; `undecided` when what was measured does not settle it."""

    mark: str
    found: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedSummary:
    """All trainings of one root seed: `slowest` and `largest` name the tasks of `most_seconds` and `peak_mib`."""

    seed: int
    tasks: int
    seconds: float
    most_seconds: float
    slowest: str
    peak_mib: float
    largest: str
    perfect: int
    errors: int


def by_seed(trainings: Sequence[Training]) -> list[SeedSummary]:
    """Return a summary for each root seed."""
    found = []
    for seed in sorted({training.seed for training in trainings}):
        runs = [training for training in trainings if training.seed == seed]
        slowest = max(runs, key=lambda run: run.seconds)
        largest = max(runs, key=lambda run: run.peak_mib)
        found.append(
            SeedSummary(
                seed=seed,
                tasks=len(runs),
                seconds=sum(run.seconds for run in runs),
                most_seconds=slowest.seconds,
                slowest=slowest.task,
                peak_mib=largest.peak_mib,
                largest=largest.task,
                perfect=sum(run.perfect for run in runs),
                errors=sum(bool(run.error) for run in runs),
            )
        )
    return found


def ratio_verdict(ratio: Ratio) -> Verdict:
    """Return whether one ratio reaches the mark: a bound below it settles nothing, a network with errors fails it."""
    if not ratio.ours.perfect:
        return "not met"
    if ratio.value >= LEAST_RATIO:
        return "met"
    return "undecided" if ratio.is_bound else "not met"


def ratio_text(ratio: Ratio) -> str:
    """Return the ratio as it is shown: `> 12x (bound)` is no measurement but what was reached when the loop ended."""
    if ratio.ours.error:
        return "none: the process died"
    if not ratio.ours.perfect:
        return "none: ours has errors"
    figure = f"{ratio.value:.0f}x" if ratio.value >= 10 else f"{ratio.value:.2g}x"
    return f"> {figure} (bound)" if ratio.is_bound else figure


def marks(trainings: Sequence[Training], ratios: Sequence[Ratio], tasks: int, families: int) -> list[Mark]:
    """Return the five marks; the benchmark has so many tasks and families, and a run over fewer can only fail one."""
    return [*_training_marks(trainings, tasks), _ratio_mark(ratios, families)]


def _training_marks(trainings: Sequence[Training], tasks: int) -> list[Mark]:
    names = (
        f"all tasks of a seed within {MOST_SECONDS:,.0f} core seconds",
        f"no task above {MOST_SECONDS_A_TASK:.0f} core seconds",
        f"peak memory of a process within {MOST_MIB:,.0f} MiB",
        "every network without an error on the fresh sequences",
    )
    seeds = by_seed(trainings)
    if not seeds:
        return [Mark(mark=name, found="", verdict="not measured") for name in names]
    slowest = max(seeds, key=lambda seed: seed.most_seconds)
    largest = max(seeds, key=lambda seed: seed.peak_mib)
    perfect, runs = sum(seed.perfect for seed in seeds), len(trainings)
    sums = ", ".join(f"{seed.seconds:,.0f} (seed {seed.seed})" for seed in seeds)
    found = (
        (sums, max(seed.seconds for seed in seeds) <= MOST_SECONDS),
        (
            f"{slowest.most_seconds:.1f} ({slowest.slowest}, seed {slowest.seed})",
            slowest.most_seconds <= MOST_SECONDS_A_TASK,
        ),
        (f"{largest.peak_mib:.0f} MiB ({largest.largest})", largest.peak_mib <= MOST_MIB),
        (f"{perfect} of {runs}", perfect == runs),
    )
    unknown = any(seed.tasks < tasks or seed.errors for seed in seeds)
    return [
        Mark(mark=name, found=text, verdict="not met" if not holds else "undecided" if unknown else "met")
        for name, (text, holds) in zip(names, found, strict=True)
    ]


def _ratio_mark(ratios: Sequence[Ratio], families: int) -> Mark:
    name = f"at least {LEAST_RATIO:.0f} times faster than the plain loop, in every family"
    if not ratios:
        return Mark(mark=name, found="", verdict="not measured")
    verdicts = [ratio_verdict(ratio) for ratio in ratios]
    bounds = sum(ratio.is_bound for ratio in ratios)
    least = min(ratios, key=lambda ratio: ratio.value)
    found = (
        f"{verdicts.count('met')} of {len(ratios)} reach it, {verdicts.count('undecided')} undecided; "
        f"{bounds} of the ratios are bounds; least: {ratio_text(least)} ({least.ours.task})"
    )
    if len({ratio.ours.family for ratio in ratios}) < families:
        verdicts.append("undecided")
    order: tuple[Verdict, ...] = ("not met", "undecided", "met")
    return Mark(mark=name, found=found, verdict=next(each for each in order if each in verdicts))
