"""`--mips-executor`: results do not hang on who makes the attempts; mistakes are told before anything is written."""

from __future__ import annotations

import json
from importlib.util import find_spec

import pytest
from stage import Stage

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
    if spec == "dask" and find_spec("distributed") is None:
        pytest.skip("the extra dask is not installed")
    stage.pytester.makepyfile(own_factory=FACTORY)
    stage.tasks("Easy", "Hard", "Simple")
    assert stage.run("--mips-run=usual").ret == 0
    options = ("--mips-benchmark", "--mips-workers=2", "--mips-run=farm", f"--mips-executor={spec}")
    result = stage.pytester.runpytest_subprocess(*options)
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
def test_mistakes_are_told(options: list[str], told: str, stage: Stage) -> None:
    stage.pytester.makepyfile(own_factory=FACTORY)
    stage.tasks("Easy")
    result = stage.pytester.runpytest_subprocess("--mips-benchmark", *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert told in result.stderr.str() and "Traceback" not in result.stderr.str()
    assert not (stage.pytester.path / "reports").exists()
