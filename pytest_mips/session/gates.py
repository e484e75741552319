"""Gates: what must be so that a run may count as a success, beyond that all of it ran."""

from __future__ import annotations

from pathlib import Path

from pytest_mips.options.settings import Options
from pytest_mips.report.artefacts import read_program
from pytest_mips.runs.formatting import counterexample_text
from pytest_mips.scores.differences import CHANGED, SOLVED, UNSOLVED, Comparison, compare
from pytest_mips.scores.summary import Summary, load


def compared(summary: Summary, options: Options) -> list[Comparison]:
    """Return the comparison with the run of `--mips-compare`, system by system; nothing without one."""
    if options.compare is None:
        return []
    return compare(load(options.compare), summary, (options.compare, options.run_dir), read_program)


def news(found: list[Comparison], against: Path) -> list[str]:
    """Return what is new since that run, in lines."""
    lines = []
    for each in found:
        before, after = each.solved
        lines.append(f"since {against.name}, {each.system}: {before} of {len(each.differences)} solved, now {after}")
        for kind in (UNSOLVED, SOLVED, CHANGED):
            for difference in each.of(kind):
                example = counterexample_text(difference.after.counterexample) if kind == UNSOLVED else ""
                lines.append("  ".join(filter(None, [f"  {kind}: {difference.after.task}", example])))
    return lines


def failed(summary: Summary, options: Options, found: list[Comparison]) -> list[str]:
    """Return a line for every gate that is not met."""
    lines = []
    least = options.fail_under.of(len(summary.lines))
    if summary.solved < least:
        lines.append(f"--mips-fail-under: {summary.solved} of {len(summary.lines)} solved, expected at least {least}")
    lost = [each.after.task for comparison in found[:1] for each in comparison.of(UNSOLVED)]
    if options.fail_on_regression and lost:
        lines.append(f"--mips-fail-on-regression: no longer solved: {', '.join(lost)}")
    return lines
