"""Transition tables: exact steps of a machine over integer codes, of which perhaps only a part was seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mips.machines.mealy import MealyMachine, minimize
from mips.networks.trace import IntegerTrace
from mips.outcome import StageFailure

Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One step: in state `code`, on `symbol`, the machine goes to `successor` and gives `output`."""

    code: Numbers
    symbol: Numbers
    successor: Numbers
    output: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionTable:
    """The start code and one row for each pair of code and symbol that was seen, in order of code and symbol."""

    start: Numbers
    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        if not self.rows:
            raise ValueError("a transition table needs a row")
        sizes = {(len(row.code), len(row.symbol), len(row.successor), len(row.output)) for row in self.rows}
        if len(sizes) > 1 or {(len(row.code), len(row.successor)) for row in self.rows} != {(len(self.start),) * 2}:
            raise ValueError(f"rows and start differ in how many numbers they have: {sorted(sizes)}, {len(self.start)}")
        if len({(row.code, row.symbol) for row in self.rows}) < len(self.rows):
            raise ValueError("a pair of code and symbol has two rows")

    @property
    def symbols(self) -> tuple[Numbers, ...]:
        """The symbols that occur, in order."""
        return tuple(sorted({row.symbol for row in self.rows}))

    @property
    def codes(self) -> tuple[Numbers, ...]:
        """The codes that occur, the start first, the others in order."""
        reached = {code for row in self.rows for code in (row.code, row.successor)} - {self.start}
        return (self.start, *sorted(reached))

    @property
    def is_closed(self) -> bool:
        """Whether every code that occurs has a row for every symbol that occurs."""
        return len(self.rows) == len(self.codes) * len(self.symbols)


def tabulate(trace: IntegerTrace) -> TransitionTable:
    """Return the steps of an integer trace as a table.

    Raises StageFailure("extracted") when the start differs between words or a pair of code and symbol has two different
    successors or outputs; the reason names the row.
    """
    starts = np.unique(trace.codes[:, 0], axis=0)
    if len(starts) > 1:
        raise StageFailure("extracted", f"two start codes: {_shown(starts[0])} and {_shown(starts[1])}")
    rank, width = trace.codes.shape[2], trace.words.shape[2]
    parts = (trace.codes[:, :-1], trace.words, trace.codes[:, 1:], trace.outputs)
    steps = np.unique(np.concatenate([part.reshape(-1, part.shape[2]) for part in parts], axis=1), axis=0)
    rows: list[Row] = []
    for code, symbol, successor, output in (np.split(step, [rank, rank + width, 2 * rank + width]) for step in steps):
        row = Row(code=_exact(code), symbol=_exact(symbol), successor=_exact(successor), output=_exact(output))
        if rows and (rows[-1].code, rows[-1].symbol) == (row.code, row.symbol):
            raise StageFailure("extracted", _contradiction(rows[-1], row))
        rows.append(row)
    return TransitionTable(start=_exact(starts[0]), rows=tuple(rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class Determinism:
    """How far the codes of a trace determine its steps.

    `rows` counts the pairs of code and symbol, `contradictions` those with several successors or outputs, and `share`
    is the share of the steps that the best function of code and symbol gets right.
    """

    rows: int
    contradictions: int
    share: float


def determinism(trace: IntegerTrace) -> Determinism:
    """Return how far the codes of a trace and its symbols determine the next codes and the outputs."""
    parts = (trace.codes[:, :-1], trace.words, trace.codes[:, 1:], trace.outputs)
    causes, effects = (
        np.unique(
            np.concatenate([part.reshape(-1, part.shape[2]) for part in pair], axis=1), axis=0, return_inverse=True
        )[1].ravel()
        for pair in (parts[:2], parts[2:])
    )
    kinds, counts = np.unique(np.stack([causes, effects], axis=1), axis=0, return_counts=True)
    most = np.zeros(causes.max() + 1, dtype=np.int64)
    np.maximum.at(most, kinds[:, 0], counts)
    several = np.bincount(kinds[:, 0]) > 1
    return Determinism(rows=len(most), contradictions=int(several.sum()), share=float(most.sum() / len(causes)))


def merged(table: TransitionTable) -> TransitionTable:
    """Return the table of a closed one in which codes that behave alike are one, numbered as the first of them lie.

    Codes behave alike when no word tells them apart (Moore, 1956). The numbers 0, 1, ... follow the order of the
    smallest codes of each class, so that what lies side by side stays so. A table that is not closed is returned as it
    is.
    """
    if not table.is_closed:
        return table
    codes, symbols = sorted(table.codes), table.symbols
    place = {code: number for number, code in enumerate(codes)}
    steps = {(row.code, row.symbol): row for row in table.rows}
    grid = [[steps[code, symbol] for symbol in symbols] for code in codes]
    targets = np.array([[place[row.successor] for row in rows] for rows in grid])
    answers = np.array([sum((row.output for row in rows), ()) for rows in grid])
    classes = np.zeros(len(codes), dtype=np.int64)
    while True:
        _, first, finer = np.unique(
            np.column_stack([classes, answers, classes[targets]]), axis=0, return_index=True, return_inverse=True
        )
        finer = np.argsort(np.argsort(first))[finer.ravel()]  # numbered by the first code of each
        if finer.max() == classes.max():
            break
        classes = finer
    first_of = {int(classes[place[code]]): code for code in reversed(codes)}
    kept = tuple(row for row in table.rows if first_of[int(classes[place[row.code]])] == row.code)
    return recoded(
        TransitionTable(start=first_of[int(classes[place[table.start]])], rows=kept),
        lambda code: (int(classes[place[code]]),),
    )


def named_by_output(table: TransitionTable) -> TransitionTable:
    """Return the table with each code replaced by the output that comes with reaching it.

    It stays as it is unless every code that is reached comes with one output (one number) and no other code with the
    same. A start that is never reached gets the smallest number from 0 that is left.
    """
    pairs = {(row.successor, row.output) for row in table.rows}
    names = dict(pairs)
    if len(pairs) > len(names) or len(set(names.values())) < len(names) or len(table.rows[0].output) > 1:
        return table
    taken = {output for (output,) in names.values()}
    free = (number for number in range(len(table.codes) + 1) if number not in taken)
    for code in table.codes:
        if code not in names:
            names[code] = (next(free),)
    return recoded(table, names.__getitem__)


def ordered_by_answers(table: TransitionTable) -> TransitionTable:
    """Return a closed table with its codes numbered 0, 1, ... by the sum of what they answer, if no two have the same.

    A state that counts, or that measures what is missing to a limit, gets its own order back.
    """
    sums: dict[Numbers, int] = {code: 0 for code in table.codes}
    for row in table.rows:
        sums[row.code] += sum(row.output)
    if not table.is_closed or len(set(sums.values())) < len(sums):
        return table
    order = {code: (number,) for number, code in enumerate(sorted(sums, key=sums.__getitem__))}
    return recoded(table, order.__getitem__)


def recoded(table: TransitionTable, change: Callable[[Numbers], Numbers]) -> TransitionTable:
    """Return the table with every code changed."""
    rows = (
        Row(code=change(row.code), symbol=row.symbol, successor=change(row.successor), output=row.output)
        for row in table.rows
    )
    return TransitionTable(start=change(table.start), rows=tuple(sorted(rows, key=lambda row: (row.code, row.symbol))))


def table_machine(table: TransitionTable) -> MealyMachine:
    """Return the minimal Mealy machine of a closed table.

    Raises StageFailure("extracted") naming a row that is missing.
    """
    steps = {(row.code, row.symbol): row for row in table.rows}
    numbers = {code: number for number, code in enumerate(table.codes)}
    for code in table.codes:
        for symbol in table.symbols:
            if (code, symbol) not in steps:
                raise StageFailure("extracted", f"no step was seen from code {_shown(code)} on input {_shown(symbol)}")
    return minimize(
        MealyMachine(
            symbols=table.symbols,
            transitions=tuple(
                tuple(numbers[steps[code, symbol].successor] for symbol in table.symbols) for code in table.codes
            ),
            outputs=tuple(tuple(steps[code, symbol].output for symbol in table.symbols) for code in table.codes),
        )
    )


def _contradiction(one: Row, other: Row) -> str:
    what, first, second = (
        ("successors", one.successor, other.successor)
        if one.successor != other.successor
        else ("outputs", one.output, other.output)
    )
    return (
        f"the table contradicts itself: code {_shown(one.code)} on input {_shown(one.symbol)} has the {what} "
        f"{_shown(first)} and {_shown(second)}"
    )


def _exact(numbers: np.ndarray) -> Numbers:
    return tuple(int(number) for number in numbers)


def _shown(numbers: np.ndarray | Numbers) -> str:
    return f"({', '.join(str(int(number)) for number in numbers)})"
