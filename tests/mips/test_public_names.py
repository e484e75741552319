"""The public names of `mips` and its command line: what they are, what they load, what they say to wrong arguments."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from kept_runs import unpacked_run

import mips
from mips.__main__ import UsageError, alphabet_of, main, task_of
from mips.judging.questions import Effort
from mips.networks.storage import StoredNetwork, load
from mips.pipeline import PipelineBudget, solve
from mips.tasks.alphabets import integers, product, symbols

ROOT = Path(__file__).parents[2]
SUM = mips.Network(
    cell=(mips.Layer(weight=[[1.0], [1.0]], bias=[0.0]),), readout=(mips.Layer(weight=[[1.0]], bias=[0.0]),)
)
PAIRS = mips.Network(
    cell=(mips.Layer(weight=[[1.0], [1.0], [1.0]], bias=[0.0]),),
    readout=(mips.Layer(weight=[[1.0, 2.0]], bias=[0.0, 1.0]),),
)
COPY = mips.Task("Copy", step=lambda state, x: (state, x), start=0, inputs=mips.integers(0, 1), length=4)


def run(code: str, *arguments: str) -> str:
    child = [sys.executable, "-c", code, *arguments]
    return subprocess.run(child, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def names_for_type_checkers(source: str) -> set[str]:
    """Return the names that a module has under `if TYPE_CHECKING:`."""
    (branch,) = (node for node in ast.parse(source).body if isinstance(node, ast.If))
    imports = [alias.name for node in branch.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    return {*imports, *(ast.unparse(node.target) for node in branch.body if isinstance(node, ast.AnnAssign))}


# What the names are


def test_the_names_that_are_listed_typed_and_loaded_are_the_same() -> None:
    listed = {
        *("solve", "distil", "judge", "Network", "Layer", "load", "save", "Outcome", "StageFailure", "Task"),
        *(
            "TaskError",
            "Integers",
            "integers",
            "Distilled",
            "Verdict",
            "__version__",
            "Recurrent",
            "Symbols",
            "symbols",
        ),
        *("Product", "product", "from_torch", "from_function", "from_state_dict", "from_onnx", "ForeignNetwork"),
        "ForeignNetworkError",
    }
    assert set(mips.__all__) == listed == names_for_type_checkers(Path(mips.__file__).read_text(encoding="utf-8"))
    assert listed <= set(dir(mips))


@pytest.mark.parametrize("name", [name for name in mips.__all__ if name != "__version__"])
def test_every_name_can_be_loaded_and_says_what_it_is(name: str) -> None:
    found = getattr(mips, name)
    assert found.__name__ == name and found.__module__.startswith("mips.")
    assert found.__doc__ and not found.__doc__.startswith(f"{name}(")  # what a dataclass writes where nobody did


def test_the_version_is_that_of_the_installed_package() -> None:
    assert mips.__version__ == importlib.metadata.version("mips")


def test_another_name_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(AttributeError, match=r"^module 'mips' has no attribute 'distill'; it has .*, distil, "):
        mips.distill  # type: ignore[attr-defined]  # noqa: B018


# What they load


def test_importing_mips_loads_nothing_but_the_standard_library() -> None:
    code = (
        "import json, sys; before = set(sys.modules); import mips; dir(mips);"
        "print(json.dumps(sorted({name.partition('.')[0] for name in set(sys.modules) - before})))"
    )
    assert set(json.loads(run(code))) - sys.stdlib_module_names == {"mips"}


def test_distilling_and_judging_need_no_torch(tmp_path: Path) -> None:
    mips.save(SUM, tmp_path, inputs=mips.integers(0, 9), length=5)
    code = (
        "import sys, mips; stored = mips.load(sys.argv[1]); distilled = mips.distil(stored);"
        "assert distilled([1, 2, 3]) == [1, 3, 6];"
        "task = mips.Task('Sum', step=lambda s, x: (s + x, s + x), start=0, inputs=stored.inputs, length=5);"
        "from mips.judging.questions import Effort; few = Effort(fresh=300, exhaustive=500, examples=50);"
        "assert mips.judge(distilled.program, task, effort=few).assurance == 'proved-affine';"
        "print('torch' in sys.modules)"
    )
    assert run(code, str(tmp_path)) == "False\n"


# Networks on disk, and distilled


def test_what_was_loaded_is_distilled_as_it_is(tmp_path: Path) -> None:
    mips.save(SUM, tmp_path, inputs=mips.integers(0, 9), length=7, about={"what": "a sum"})
    stored = mips.load(tmp_path)
    assert (stored.inputs, stored.length, stored.about) == (mips.integers(0, 9), 7, {"what": "a sum"})
    found = mips.distil(stored)
    assert found == mips.distil(SUM, mips.integers(0, 9), 7, seed=0) == mips.distil(SUM, mips.integers(0, 9))
    assert found.form == "linear" and found.machine is None
    assert found.program.startswith("def program(xs):\n") and found([3, 0, 9, 9]) == [3, 3, 12, 21]


def test_what_was_loaded_is_saved_again_with_other_facts(tmp_path: Path) -> None:
    stored = StoredNetwork(network=SUM, inputs=mips.integers(0, 9), length=7, about={})
    mips.save(stored, tmp_path / "a")
    mips.save(stored, tmp_path / "b", length=8, inputs=mips.integers(0, 1))
    assert load(tmp_path / "a").length == 7
    assert (load(tmp_path / "b").length, load(tmp_path / "b").inputs) == (8, mips.integers(0, 1))


def test_arguments_go_before_what_is_stored() -> None:
    stored = StoredNetwork(network=SUM, inputs=mips.integers(0, 9), length=7, about={})
    with pytest.raises(ValueError, match="expected width 1, as the network"):
        mips.distil(stored, mips.integers(0, 9, width=2))
    with pytest.raises(ValueError, match="found length 0"):
        mips.distil(stored, length=0)


def test_a_program_of_several_numbers_takes_and_gives_tuples() -> None:
    found = mips.distil(PAIRS, mips.integers(0, 4, width=2))
    assert found([(1, 2), [0, 4], np.array([1, 1])]) == [(3, 7), (7, 15), (9, 19)]


@pytest.mark.parametrize(
    ("network", "xs", "said"),
    [
        (SUM, [1, 2.5], "found 2.5 as symbol 1 of the word; expected an int"),
        (SUM, [(1, 2)], "found (1, 2) as symbol 0 of the word; expected an int"),
        (SUM, "12", "found '12' in the place of a word; expected a list, each symbol an int"),
        (SUM, 12, "found 12 in the place of a word; expected a list, each symbol an int"),
        (PAIRS, [(1, 2), 3], "found 3 as symbol 1 of the word; expected a tuple of 2 ints"),
        (PAIRS, [(1, 2, 3)], "found (1, 2, 3) as symbol 0 of the word; expected a tuple of 2 ints"),
    ],
)
def test_what_is_no_word_is_named(network: mips.Network, xs: Any, said: str) -> None:
    with pytest.raises(TypeError) as caught:
        mips.distil(network, mips.integers(0, 4, width=network.input_width))(xs)
    assert str(caught.value) == said


# Wrong arguments


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"network": SUM}, TypeError, "found no inputs= beside the network; expected inputs=integers(low, high) and"),
        ({"network": SUM, "inputs": mips.integers(0, 1)}, TypeError, "found no length= beside the network"),
        ({"network": [1]}, TypeError, "found an object of type list in the place of the network; expected a mips.N"),
        ({"network": SUM, "inputs": [0, 1], "length": 3}, TypeError, "found the inputs [0, 1]; expected integers(low"),
        ({"network": SUM, "inputs": mips.integers(1, 0), "length": 3}, ValueError, "the range is empty"),
        ({"network": SUM, "inputs": mips.integers(0, 1), "length": 0}, ValueError, "found length 0"),
    ],
)
def test_what_cannot_be_saved_is_named(
    arguments: dict[str, Any], error: type[Exception], said: str, tmp_path: Path
) -> None:
    with pytest.raises(error) as caught:
        mips.save(folder=tmp_path / "new", **arguments)
    assert said in str(caught.value) and "\n" not in str(caught.value)
    assert not (tmp_path / "new").exists()


def test_what_cannot_be_solved_is_named() -> None:
    with pytest.raises(TypeError, match=r"^found an object of type str in the place of the task; expected a mips\.T"):
        mips.solve("Copy")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^found seed -1; expected an int from 0 to 2\*\*64 - 1$"):
        mips.solve(COPY, seed=-1)
    with pytest.raises(ValueError, match=r"^no method is called 'best'; there are full, paper$"):
        mips.solve(COPY, method="best")


def test_what_cannot_be_judged_is_named() -> None:
    with pytest.raises(TypeError, match=r"^found an object of type .*Distilled in .* a str\. Write \.program after it"):
        mips.judge(mips.distil(SUM, mips.integers(0, 9)), COPY)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^found the class .*\.Task in the place of the task"):
        mips.judge("def program(xs): return xs", mips.Task)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^found seed 0\.5; expected"):
        mips.judge("def program(xs): return xs", COPY, seed=0.5)  # type: ignore[arg-type]
    assert mips.judge("def program(xs):\n    return 1", COPY).reason.startswith("differs")


# The command line


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
        (["distil", "gru.safetensors"], "--inputs"),
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
    weights = {"weight_ih_l0": np.zeros((3, 1)), "weight_hh_l0": np.zeros((3, 1))}
    safetensors.numpy.save_file(weights, tmp_path / "gru.safetensors")
    (tmp_path / "broken.py").write_text("1 / 0\n")
    assert main(arguments) == 2
    printed = capsys.readouterr().err
    assert word in printed and printed.startswith("ERROR: ") and printed.count("\n") == 1
