"""`python -m mips distil FILE` and `python -m mips solve FILE.py::NAME`.

The exit status is 0 for a program, 1 where none was found, and 2 where an argument cannot be read.
"""

from __future__ import annotations

import argparse
import re
import runpy
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mips.networks.foreign.errors import ForeignNetworkError
from mips.networks.foreign.folder import read_network
from mips.networks.foreign.onnx import from_onnx
from mips.networks.foreign.state_dict import from_state_dict
from mips.networks.recurrent import Recurrent
from mips.networks.storage import NetworkFileError, StoredNetwork, load
from mips.tasks.alphabets import Alphabet, Integers, Symbols, integers, product, symbols
from mips.tasks.cures import told
from mips.tasks.task import Task, TaskError

FOUND, NOT_FOUND, USAGE = 0, 1, 2  # exit statuses
ALPHABET = (
    "LOW:HIGH such as 0:9, LOW:HIGHxWIDTH such as 0:1x2, names such as push,pop, or parts joined by * "
    "such as add,sub*0:9"
)
RANGE = re.compile(r"(-?\d+):(-?\d+)(?:x(\d+))?")
WEIGHTS = (".pt", ".pth", ".safetensors")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m mips", description="Programs out of networks.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    one = commands.add_parser("distil", help="print the program of a trained network, and how faithful it is")
    one.add_argument("file", type=Path, help="a folder with a network, or a file .onnx, .pt, .pth or .safetensors")
    one.add_argument("--inputs", help=f"the alphabet: {ALPHABET}")
    one.add_argument("--length", type=int, help="symbols of the words that the network is run on (20)")
    one.add_argument("--seed", type=int, default=0, help="chooses these words (0)")
    one.add_argument("--cell", choices=("tanh", "relu", "gru", "lstm"), help="of weights alone")
    one.add_argument("--encode", choices=("number", "one-hot", "index"), help="how symbols go in")
    one.add_argument("--decode", choices=("round", "argmax", "sign", "threshold"), help="how answers come out")
    one.add_argument("--save", type=Path, metavar="FOLDER", help="write a page, the program and all else there, too")
    one.set_defaults(run=_distil)
    other = commands.add_parser("solve", help="train a network on one task, distil and judge it")
    other.add_argument("task", help="FILE.py::NAME")
    other.add_argument("--seed", type=int, default=0, help="of data and training (0)")
    other.set_defaults(run=_solve)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except UsageError as error:
        sys.stderr.write(f"ERROR: {error}\n")
        return USAGE


def _distil(options: argparse.Namespace) -> int:
    from mips.distillation.distil import distil
    from mips.outcome import StageFailure

    inputs = None if options.inputs is None else alphabet_of(options.inputs)
    reading = {name: value for name in ("cell", "encode", "decode") if (value := getattr(options, name)) is not None}
    network = network_of(options.file, inputs, reading)
    if inputs is None and not isinstance(network, StoredNetwork):
        raise UsageError(f"found no --inputs beside {options.file}; expected the alphabet of the network: {ALPHABET}")
    try:
        found = distil(network, inputs, options.length, seed=options.seed)
    except StageFailure as failure:
        sys.stderr.write(f"no program ({failure.stage}): {failure.reason}\n")
        return NOT_FOUND
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from error
    sys.stdout.write(f"{found.program}\nform: {found.form}\n{found.fidelity}\n")
    if options.save is not None:
        try:
            found.save(options.save)
        except OSError as error:
            raise UsageError(f"--save {options.save}: {error.strerror}; expected a folder to write") from error
        sys.stdout.write(f"saved: {options.save / 'page.html'}\n")
    return FOUND


def _solve(options: argparse.Namespace) -> int:
    from mips.pipeline import solve

    task = task_of(options.task)
    try:
        outcome = solve(task, seed=options.seed, progress=_tell)
    except ValueError as error:  # also what is wrong with the task
        raise UsageError(str(error)) from error
    if outcome.program:
        sys.stdout.write(outcome.program)
    reason = f" ({outcome.stage}): {outcome.reason}" if outcome.reason else f", {outcome.assurance}"
    sys.stderr.write(f"{task.name}: {outcome.status}{reason}\n")
    return FOUND if outcome.status == "solved" else NOT_FOUND


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


class UsageError(ValueError):
    """An argument of the command cannot be read: one line says what was found, what was expected and the cure."""


def alphabet_of(text: str) -> Alphabet:
    """Return the alphabet that a text such as `0:9`, `0:1x2`, `push,pop` or `add,sub*0:9` describes.

    Raises UsageError for any other text.
    """
    parts = [_part(text, part.strip()) for part in text.split("*")]
    found = parts[0] if len(parts) == 1 else product(*parts)
    if found.fault:
        raise UsageError(f"--inputs {told(text)}: {found.fault}")
    return found


def _part(text: str, part: str) -> Integers | Symbols:
    match = RANGE.fullmatch(part)
    if match:
        return integers(int(match[1]), int(match[2]), width=int(match[3] or 1))
    try:
        return symbols([name for name in re.split(r"[,\s]+", part) if name])
    except ValueError as error:
        raise UsageError(f"--inputs {told(text)}: {error}; expected {ALPHABET}") from error


def network_of(path: Path, inputs: Alphabet | None, reading: Mapping[str, Any]) -> Recurrent | StoredNetwork:
    """Return the network in a folder, or in a file `.onnx`, `.pt`, `.pth` or `.safetensors`.

    `reading` are the arguments of `mips.from_state_dict` and `mips.from_onnx` that were given: `cell`, `encode`,
    `decode`. Raises UsageError with one line where there is none that can be read.
    """
    if not path.exists():
        raise UsageError(f"found no {path}; expected a folder of mips.save, or a file of weights or ONNX")
    try:
        if path.suffix == ".onnx":
            return from_onnx(path, inputs=inputs, **{name: reading[name] for name in reading if name != "cell"})
        if path.suffix in WEIGHTS and path.name != "network.safetensors":
            return from_state_dict(path, inputs=inputs, **reading)
        return read_network(path) if path.is_dir() else load(path)
    except (ForeignNetworkError, NetworkFileError) as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error


def task_of(place: str) -> Task:
    """Return the task of a place `FILE.py::NAME`, or `FILE.py` if there is one task only.

    The file is run, as pytest would import it. Tasks are looked for in its variables, and in lists and tuples among
    these. Raises UsageError where there is no such file or task, and where the file raises an error.
    """
    file, _, name = place.partition("::")
    path = Path(file)
    if not path.is_file():
        raise UsageError(f"found no file {file}; expected FILE.py::NAME, such as my_tasks.py::My_Task")
    try:
        content = runpy.run_path(str(path))
    except TaskError as error:
        raise UsageError(str(error)) from error
    except Exception as error:
        raise UsageError(f"{file} raised {type(error).__name__}: {error}") from error
    tasks = {task.name: task for value in content.values() for task in _tasks(value)}
    if not name and len(tasks) == 1:
        return next(iter(tasks.values()))
    if name not in tasks:
        known = ", ".join(sorted(tasks)) or "none"
        asked = f"no task {name!r}" if name else f"{len(tasks)} tasks"
        raise UsageError(f"found {asked} in {file}; expected {file}::NAME with one of its tasks: {known}")
    return tasks[name]


def _tasks(value: object) -> Iterator[Task]:
    if isinstance(value, Task):
        yield value
    elif isinstance(value, list | tuple):
        yield from (each for each in value if isinstance(each, Task))


if __name__ == "__main__":
    sys.exit(main())
