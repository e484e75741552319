"""A Mealy machine as the text of a program: the shortest of a few honest ways to write it down.

Next state and output are each an expression of the state and the symbol (`pytest_mips.baselines.decisions`). What is
tried: what the states are called (numbers; the output or the symbol that leads to each; the output that each gives),
whether the output is said of the old state or of the new one, and whether symbols that act alike get a number first.
A machine that has no short text is written as what it is, a table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from mips import Task
from mips.machines.mealy import MealyMachine
from mips.program.source import program_nodes
from mips.tasks.alphabets import Alphabet, Integers, is_named
from pytest_mips.baselines.decisions import Text, shortest
from pytest_mips.runs.attempts import NoProgram

Column = Sequence[int]


def as_tuple(symbol: int | tuple[int, ...]) -> tuple[int, ...]:
    """Return a symbol or an output as a tuple, also where it is one number."""
    return symbol if isinstance(symbol, tuple) else (symbol,)


def refuse_names(task: Task, author: str) -> None:
    """Raise NoProgram where symbols or outputs of `task` have names, for an author who knows numbers alone."""
    if is_named(task.inputs):
        raise NoProgram(f"{author} reads numbers, and the inputs are {task.inputs}")
    if task.outputs is not None:
        raise NoProgram(f"{author} gives numbers, and the outputs are {task.outputs}")


def encode(machine: MealyMachine, inputs: Alphabet, about: str) -> str:
    """Return the text of a program that answers as the machine does, on words over `inputs`; `about` is its docstring.

    The machine is minimal, and its symbols are those of `inputs` in order.
    """
    texts = [*_formulas(machine, inputs, about)]
    return min(texts, key=program_nodes) if texts else _table(machine, inputs, about)


def _formulas(machine: MealyMachine, inputs: Alphabet, about: str) -> Iterator[str]:
    letters = range(len(machine.symbols))
    names = input_names(inputs)
    symbols = {name: [symbol[place] for symbol in machine.symbols] for place, name in enumerate(names)}
    kinds = _kinds(machine)
    ways: list[tuple[list[str], Mapping[str, Column]]] = [([], symbols)]
    if max(kinds) + 1 < len(kinds):
        kind = shortest(symbols, kinds)
        if kind:
            ways.append(([f"kind = {kind.text}"], {"kind": kinds}))
    for before, features in ways:
        for labels in _labellings(machine):
            rows = {name: [column[a] for _ in labels for a in letters] for name, column in features.items()}
            for lines in _rounds(machine, labels, rows):
                start = [f"    state = {labels[0]}"] if machine.size > 1 else []
                yield _program(about, names, start, [*before, *lines])


def _rounds(machine: MealyMachine, labels: Column, rows: Mapping[str, Column]) -> Iterator[list[str]]:
    """Yield the lines of the loop: with the output before the next state, and after it."""
    old = [label for label in labels for _ in machine.symbols]
    new = [labels[target] for row in machine.transitions for target in row]
    answers = [output for row in machine.outputs for output in row]
    update = shortest({**rows, "state": old}, new) if machine.size > 1 else Text(0, "state")
    if update is None:
        return
    updates = [f"state = {update.text}"] if update.text != "state" else []
    for known, moved in ((old, False), (new, True)):
        features = {**rows, "state": known} if machine.size > 1 else rows
        texts = [shortest(features, [answer[place] for answer in answers]) for place in range(len(answers[0]))]
        if None in texts:
            continue
        answer = ", ".join(text.text for text in texts if text)
        append = [f"ys.append({answer})" if len(texts) == 1 else f"ys.append(({answer}))"]
        yield updates + append if moved else append + updates


def _labellings(machine: MealyMachine) -> list[Column]:
    """Return ways to call the states, each by an int of its own."""
    entered_by_output: list[set[int]] = [set() for _ in range(machine.size)]
    entered_by_symbol: list[set[int]] = [set() for _ in range(machine.size)]
    for targets, outputs in zip(machine.transitions, machine.outputs, strict=True):
        for target, symbol, output in zip(targets, machine.symbols, outputs, strict=True):
            entered_by_output[target] |= set(output) if len(output) == 1 else {0, 1}
            entered_by_symbol[target] |= set(symbol) if len(symbol) == 1 else {0, 1}
    answers = [{output for answer in row for output in answer} for row in machine.outputs]
    found: list[Column] = [range(machine.size)]
    for marks in (entered_by_output, entered_by_symbol, answers):
        if not marks[0]:  # nothing leads back to the start: any number is free to be its name
            used = set().union(*marks)
            marks[0] = {next(value for value in range(len(used) + 1) if value not in used)}
        labels = [min(mark) for mark in marks]
        if all(len(mark) == 1 for mark in marks) and len(set(labels)) == machine.size and labels not in found:
            found.append(labels)
    return found


def _kinds(machine: MealyMachine) -> list[int]:
    """Return for every symbol the number of its kind: symbols of a kind do the same in every state."""
    columns = zip(zip(*machine.transitions, strict=True), zip(*machine.outputs, strict=True), strict=True)
    numbers: dict[object, int] = {}
    return [numbers.setdefault(column, len(numbers)) for column in columns]


def _table(machine: MealyMachine, inputs: Alphabet, about: str) -> str:
    """Return the program that looks everything up."""
    single = len(machine.outputs[0][0]) == 1
    ranges = [part for part in inputs.parts if isinstance(part, Integers)]  # names are refused before
    strides = [math.prod(part.count for part in ranges[place + 1 :]) for place in range(len(ranges))]
    letter = " + ".join(
        _place(name, part.low) + (f" * {stride}" if stride > 1 or place < len(ranges) - 1 else "")
        for place, (name, part, stride) in enumerate(zip(input_names(inputs), ranges, strides, strict=True))
    )
    following = [f"    following = ({', '.join(map(_row, machine.transitions))},)"]
    rows = [_row([output[0] for output in row] if single else row) for row in machine.outputs]
    start = ["    state = 0", *following, f"    answers = ({', '.join(rows)},)"]
    lines = [f"letter = {letter}", "ys.append(answers[state][letter])", "state = following[state][letter]"]
    return _program(about, input_names(inputs), start, lines)


def _place(name: str, low: int) -> str:
    return name if not low else f"({name} {'+-'[low > 0]} {abs(low)})"


def _row(values: Sequence[object]) -> str:
    return f"({', '.join(map(str, values))},)"


def input_names(inputs: Alphabet) -> list[str]:
    """Return the names of the numbers of a symbol."""
    return ["x"] if inputs.width == 1 else [f"x{place}" for place in range(inputs.width)]


def _program(about: str, names: Sequence[str], start: Sequence[str], lines: Sequence[str]) -> str:
    head = ["def program(xs):", f'    """{about}"""', *start, "    ys = []", f"    for {', '.join(names)} in xs:"]
    return "\n".join([*head, *(f"        {line}" for line in lines), "    return ys"]) + "\n"
