"""`--mips-executor`: whoever makes the attempts, the results are the same; mistakes are told before anything is written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import Stage

import pytest_mips.farm  # noqa: F401  (pytester forgets what is imported during a run; this is imported before)

FACTORY = """
from concurrent.futures import ThreadPoolExecutor

def make(workers):
    return ThreadPoolExecutor(workers)

def nothing():
    return 3
"""


def hash_of(stage: Stage, name: str) -> str:
    return str(json.loads((stage.pytester.path / "reports" / name / "summary.json").read_text())["results_hash"])


@pytest.mark.parametrize("spec", ["own_factory:make", "dask"])
def test_results_do_not_hang_on_who_makes_the_attempts(spec: str, stage: Stage) -> None:
    if spec == "dask":
        pytest.importorskip("distributed", reason="the extra dask is not installed")
    stage.pytester.makepyfile(own_factory=FACTORY)
    stage.tasks("Easy", "Hard", "Simple")
    assert stage.run("--mips-run=usual").ret == 0
    result = stage.run("--mips-run=farm", f"--mips-executor={spec}")
    assert result.ret == 0
    result.assert_outcomes(passed=2, xfailed=1)
    assert hash_of(stage, "farm") == hash_of(stage, "usual")
    assert (
        json.loads((stage.pytester.path / "reports" / "farm" / "run.json").read_text())["arguments"]["executor"] == spec
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--mips-executor=magic"], "--mips-executor: "),
        (["--mips-executor=own_factory:nothing"], "--mips-executor: "),
        (["--mips-executor=no_such_module:make"], "--mips-executor: "),
        (["--mips-executor=dask", "--mips-workers=0"], "expected at least 1 worker"),
    ],
)
def test_mistakes_are_told(options: list[str], told: str, stage: Stage, one_error: Any) -> None:
    stage.pytester.makepyfile(own_factory=FACTORY)
    stage.tasks("Easy")
    assert told in one_error(*options)
