"""The types of what is public fit the Python examples of README.md and docs/, as mypy --strict reads both."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mypy", reason="mypy is not installed")

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md")))
EXAMPLE = re.compile(r"^```python\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)

# An example may leave its own functions without types, as a newcomer does, and nothing else.
LENIENT = "# mypy: allow-untyped-defs, allow-incomplete-defs, allow-untyped-calls"
WRONG = """
from mips import Network, Task, integers, load

task: Task = integers(0, 9)
network: Network = load(3).network
"""


def padded(example: str, line: int) -> str:
    """The text of a file in which an example begins at the line at which it begins on its page."""
    return LENIENT + "\n" * (line - 1) + example


def test_the_examples_have_the_types_that_the_library_asks_for(tmp_path: Path) -> None:
    files = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in EXAMPLE.finditer(text):
            line = text.count("\n", 0, match.start(1)) + 1
            files.append(tmp_path / f"{page.stem}_{line}.py".replace("-", "_"))
            files[-1].write_text(padded(match[1], line), encoding="utf-8")
    assert {file.name.partition("_")[0] for file in files} >= {"README"}
    wrong = tmp_path / "wrong.py"  # in the same call, which shows that it can say no
    wrong.write_text(padded(WRONG, 1), encoding="utf-8")
    found = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", "--hide-error-context", *map(str, files), str(wrong)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    errors = [line for line in found.stdout.splitlines() if ": error: " in line]
    assert [line.rpartition("[")[2] for line in errors if "wrong.py" in line] == ["assignment]", "arg-type]"]
    assert [line for line in errors if "wrong.py" not in line] == [], found.stdout
    assert found.stderr == ""
