"""`python -m mips` prints programs, and says in one line what is wrong with its arguments."""

from __future__ import annotations

from pathlib import Path

import pytest
from kept_runs import unpacked_run

from mips.__main__ import UsageError, alphabet_of, main, task_of
from mips.judging.questions import Effort
from mips.pipeline import PipelineBudget, solve
from mips.tasks.alphabets import integers, product, symbols

TASKS = """
from mips import Task, integers
TASKS = [Task("Sum", step=lambda s, x: (s + x, s + x), start=0, inputs=integers(0, 3), length=6)]
OTHER = Task("Copy", step=lambda s, x: (s, x), start=0, inputs=integers(0, 1), length=4)
"""


def test_alphabets_are_read_as_they_are_written() -> None:
    assert alphabet_of("0:9") == integers(0, 9)
    assert alphabet_of("-3:4x2") == integers(-3, 4, width=2)
    assert alphabet_of("push,pop nop") == symbols("push pop nop")
    assert alphabet_of("add,sub*0:9") == product(symbols("add sub"), integers(0, 9))


@pytest.mark.parametrize("text", ["9:0", "", "a,a", "0:1x0", "a*"])
def test_other_alphabets_are_refused_in_one_line(text: str) -> None:
    with pytest.raises(UsageError, match="--inputs") as caught:
        alphabet_of(text)
    assert "\n" not in str(caught.value)


def test_a_stored_network_is_distilled(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["distil", str(unpacked_run("reference") / "tasks" / "Sum_All")]) == 0
    printed = capsys.readouterr().out
    assert "def program(xs):" in printed and "form: linear" in printed and "No word was found" in printed


def test_what_was_distilled_is_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = str(unpacked_run("reference") / "tasks" / "Sum_All")
    assert main(["distil", network, "--save", str(tmp_path / "new")]) == 0
    assert f"saved: {tmp_path / 'new' / 'page.html'}" in capsys.readouterr().out
    assert main(["distil", str(tmp_path / "new")]) == 0  # the folder holds the network, too
    (tmp_path / "file").write_text("")
    assert main(["distil", network, "--save", str(tmp_path / "file")]) == 2
    assert "ERROR: --save" in capsys.readouterr().err


def test_tasks_are_found_by_name(tmp_path: Path) -> None:
    file = tmp_path / "my_tasks.py"
    file.write_text(TASKS)
    assert task_of(f"{file}::Sum").name == "Sum" and task_of(f"{file}::Copy").name == "Copy"
    for place in (str(file), f"{file}::Max"):
        with pytest.raises(UsageError, match="Copy, Sum"):
            task_of(place)


def test_a_task_is_solved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    few = PipelineBudget(training_words=22_000, fresh_words=500, judging=Effort(fresh=300, exhaustive=500, examples=50))
    monkeypatch.setitem(solve.__kwdefaults__, "budget", few)
    (tmp_path / "my_tasks.py").write_text(TASKS)
    assert main(["solve", f"{tmp_path / 'my_tasks.py'}::Sum"]) == 0
    printed = capsys.readouterr()
    assert "def program(xs):" in printed.out and "Sum: solved" in printed.err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["distil", "nowhere"], "nowhere"),
        (["distil", "nowhere.onnx", "--inputs", "0:9"], "nowhere.onnx"),
        (["distil", "weights.pt", "--inputs", "0:9"], "weights.pt"),
        (["distil", "weights.safetensors", "--inputs", "9:0"], "low <= high"),
        (["solve", "nowhere.py::Sum"], "nowhere.py"),
        (["solve", "broken.py::Sum"], "ZeroDivisionError"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_status_2(
    arguments: list[str], word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights.pt").write_bytes(b"no weights")
    (tmp_path / "broken.py").write_text("1 / 0\n")
    assert main(arguments) == 2
    printed = capsys.readouterr().err
    assert word in printed and printed.startswith("ERROR: ") and printed.count("\n") == 1
