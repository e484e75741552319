"""Options of pytest and of other plugins beside which a benchmark runs: what they ask for, and what cannot be."""

from __future__ import annotations

import re

import pytest
from _pytest.skipping import evaluate_skip_marks, evaluate_xfail_marks

FORKS = "pytest_forked"  # the plugin, by its name, that runs tests in copies of this process
NO_COPIES = (
    "works on copies of this process, which hear nothing of its attempts; leave it out: each attempt has a process of "
    "its own, and limits, anyway."
)


def refuse_loops(config: pytest.Config) -> None:
    """Raise pytest.UsageError where the run would be repeated without end, before that begins."""
    if config.getoption("looponfail", default=False):
        raise pytest.UsageError(
            "-f (--looponfail) of pytest-xdist repeats a run without end; leave it out: --mips-resume makes again what "
            "has no verdict."
        )


def refuse(config: pytest.Config) -> None:
    """Raise pytest.UsageError where tests would be run in ways in which no attempt is made, or one more than once."""
    if config.getoption("forked", default=False) or config.getoption("boxed", default=False):
        raise pytest.UsageError(f"--forked of {FORKS.replace('_', '-')} {NO_COPIES}")
    if not distributed(config):
        return
    if config.getoption("dist") == "each":
        raise pytest.UsageError(
            "--dist=each of pytest-xdist has every process make every attempt, and one result a task counts; use "
            "--dist=load, or --mips-workers."
        )
    for spec in config.getoption("tx"):
        if not re.fullmatch(r"(\d+\*)?popen(//(id|chdir|execmodel)=[^/]*)*", spec):
            raise pytest.UsageError(
                f"--tx: found {spec!r}, expected popen or N*popen: processes of pytest-xdist elsewhere, or of another "
                "Python, cannot write into the folder of this run; use --mips-executor, or --mips-shard and merge."
            )


def distributed(config: pytest.Config) -> bool:
    """Return whether pytest-xdist deals the tests of this process out to others, as `-n` or `--tx` ask for."""
    return config.getoption("dist", default="no") != "no" and bool(config.getoption("tx", default=None))


def dealing(config: pytest.Config) -> str:
    """Return the option by which pytest-xdist was asked to deal tests out."""
    return "--tx" if config.getoption("numprocesses", default=None) is None and distributed(config) else "-n"


def rehearsed(config: pytest.Config) -> bool:
    """Return whether pytest only shows what it would do, so that nothing is attempted and nothing written."""
    return any(config.getoption(name, default=False) for name in ("collectonly", "setuponly", "setupplan"))


def goes_on(config: pytest.Config) -> bool:
    """Return whether the tests that could be collected are run although others could not."""
    return bool(config.getoption("continue_on_collection_errors", default=False))


def is_forked(item: pytest.Item) -> bool:
    """Return whether a plugin would run the test in a copy of this process."""
    return item.config.pluginmanager.has_plugin(FORKS) and item.get_closest_marker("forked") is not None


def reason_to_skip(item: pytest.Item) -> str | None:
    """Return why the marks of a test keep it from being run, None where they do not; known before anything runs.

    A mark that cannot be told from is left to pytest, which makes an error of the test.
    """
    try:
        if skipped := evaluate_skip_marks(item):
            return skipped.reason or "no reason is given"
        failing = None if item.config.getoption("runxfail", default=False) else evaluate_xfail_marks(item)
        return (failing.reason or "xfail(run=False)") if failing and not failing.run else None
    except pytest.fail.Exception:
        return None
