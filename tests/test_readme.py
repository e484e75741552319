"""What the README shows works as it is written there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mips.program.source import load_program

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
TASK_FILE, OWN_NETWORK = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def test_the_task_file_is_a_benchmark_that_the_plugin_takes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_increasing=TASK_FILE)
    result = pytester.runpytest_subprocess("--mips-benchmark", "--collect-only", "-q", "test_increasing.py")
    result.stdout.fnmatch_lines(["*::test_increasing?Strictly_Increasing?"])
    assert result.ret == 0


def test_the_task_of_the_file_means_what_its_line_says() -> None:
    names: dict[str, object] = {}
    exec(TASK_FILE, names)
    task = names["TASKS"][0]  # type: ignore[index]
    assert task.run([0, 1, 2, 4, 4, 0, 1]) == [0, 0, 1, 1, 0, 0, 0]


def test_a_network_of_ones_own_becomes_the_program_that_it_computes(capsys: pytest.CaptureFixture[str]) -> None:
    exec(OWN_NETWORK, {})
    program = load_program(capsys.readouterr().out)
    assert program([3, 0, 9, 9]) == [3, 3, 12, 21]


def test_every_option_that_is_named_exists(pytester: pytest.Pytester) -> None:
    text = pytester.runpytest_subprocess("--help").stdout.str()
    named = set(re.findall(r"--mips-[a-z-]+", README))
    assert {"--mips-benchmark", "--mips-strict"} <= named
    assert [option for option in sorted(named) if option not in text] == []
