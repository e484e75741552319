"""What all tests share: the stage of the plugin, and which tests are left out as slow."""

from __future__ import annotations

import gc
import itertools
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as in an attempt; networks this small gain nothing from threads

from light_judge.sitecustomize import FEWER
from stage import Stage

import pytest_mips.session.benchmark  # noqa: F401  (pytester forgets what is imported during a run; this is imported before)
from mips.judging.questions import BINDING
from mips.judging.sandbox.verdict import Examiner

pytest_plugins = "pytester"

LIGHT_JUDGE = Path(__file__).parent / "support" / "light_judge"  # children that find it ask a program fewer words

RUNS, RUNS_A_FREEZE = itertools.count(), 10  # to collect before each would take as long as it saves

# The same examples in every run, however busy the machine is.
hypothesis.settings.register_profile("tests", derandomize=True, deadline=None)
hypothesis.settings.load_profile("tests")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave slow tests out, unless `-m` speaks of them."""
    if "slow" not in config.option.markexpr:
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


def pytest_collection_finish() -> None:
    """Have the garbage collector leave alone what imports and collection made.

    Pytest collects garbage five times at the end of every configuration that a test makes; with torch and all tests in
    memory each of them would take a second.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture
def pytester(pytester: pytest.Pytester) -> pytest.Pytester:
    """Return pytest's own, with what earlier tests have left in memory out of sight of the garbage collector.

    At the end of a whole run of the tests it would else take a third of a second of every run that a test makes.
    """
    if next(RUNS) % RUNS_A_FREEZE == 0:
        gc.collect()
        gc.freeze()
    return pytester


@pytest.fixture
def stage(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # the plugins of others only cost time here
    monkeypatch.setenv("PYTEST_PLUGINS", "pytest_mips.plugin")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # a test may change a file twice within a second
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setitem(Examiner.__init__.__kwdefaults__, "effort", replace(BINDING, **FEWER))  # in this process
    monkeypatch.setattr(sys, "path", [*sys.path, str(LIGHT_JUDGE)])  # of attempts
    monkeypatch.setenv("PYTHONPATH", str(LIGHT_JUDGE), prepend=os.pathsep)  # of pytest in a process of its own
    return Stage(pytester)


@pytest.fixture
def one_error(stage: Stage) -> Callable[..., str]:
    """Run, check that it ended as wrong usage with nothing written, and return what was said, a line a mistake."""

    def run(*arguments: str) -> str:
        result = stage.run(*arguments)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert not (stage.pytester.path / "reports").exists()
        assert "Traceback" not in result.stdout.str() + result.stderr.str()
        lines = [line for line in result.stderr.lines if line]
        assert all(line.startswith("ERROR: ") for line in lines)
        return "\n".join(lines)

    return run
