"""Tables of a machine within a program: rows of next states, a state each, or columns, a group of symbols each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mips.program.conditions import Conditions, repr_of

LONGEST_LINE = 110  # characters of a choice, or of a row, within one line
LEFT_OUT = 3 / 8  # share of the entries beyond which a default is worth its place: with less rows look torn; by hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Next states and outputs as they are written: `after[q][a]` and `out[q][a]`; `said[q]` is the output that every
    step into a state gives, where `is_moore`; `names` are the texts of the states, the first one the start."""

    names: tuple[str, ...]
    after: tuple[tuple[int, ...], ...]
    out: tuple[tuple[str, ...], ...]
    said: tuple[str, ...]
    is_moore: bool


def rows(conditions: Conditions, table: Table) -> tuple[list[str], list[str]]:
    """Return the lines of a table of next states, a row for each state, and the step that looks one up.

    Symbols that leave their state as it is are left out where they are many, or those that lead to a state with a role:
    the first one, or one that is never left.
    """
    cells = _cells(table)
    entries = sum(map(len, cells))
    stays = sum(row.count(name) for name, row in zip(table.names, cells, strict=True)) if table.is_moore else 0
    common, times = "", 0
    if table.is_moore:
        ends = [name for state, name in enumerate(table.names) if not state or set(table.after[state]) == {state}]
        common, times = max(((name, sum(row.count(name) for row in cells)) for name in ends), key=lambda one: one[1])
    found, left_out = f"NEXT[state][{conditions.whole}]", [""] * len(cells)
    if max(stays, times) > LEFT_OUT * entries:
        is_own = stays >= times
        found = f"NEXT[state].get({conditions.whole}, {'state' if is_own else common})"
        left_out = list(table.names) if is_own else [common] * len(cells)
    lines = []
    for name, row, without in zip(table.names, cells, left_out, strict=True):
        kept = [
            f"{repr_of(symbol)}: {value}"
            for symbol, value in zip(conditions.symbols, row, strict=True)
            if value != without
        ]
        line = f"    {name}: {{{', '.join(kept)}}},"
        if len(line) > LONGEST_LINE:
            lines += [f"    {name}: {{", *(f"        {one}," for one in kept), "    },"]
        else:
            lines.append(line)
    return ["NEXT = {", *lines, "}"], [f"{left_of(table)} = {found}"]


def columns(conditions: Conditions, table: Table) -> tuple[list[str], list[str]] | None:
    """Return no lines before, and a step with a branch for each group of symbols that act alike in every state.

    In a branch the next state is looked up by the state. None where no two symbols act alike, where the output is not
    told by the next state, and where a line would be too long.
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    for letter, column in enumerate(zip(*_cells(table), strict=True)):
        groups.setdefault(column, []).append(letter)
    if len(groups) == len(conditions.symbols) or len(groups) == 1 or not table.is_moore:
        return None
    lines: list[str] = []
    order = sorted(groups.items(), key=lambda item: (item[0] == table.names, len(item[1])))
    for number, (column, letters) in enumerate(order):
        if column != table.names:  # else these symbols change nothing, and come last
            head = "else" if number == len(order) - 1 else f"{'elif' if number else 'if'} {conditions.among(letters)}"
            lines += [f"{head}:", f"    {_column(table.names, column)}"]
    return ([], lines) if max(map(len, lines)) <= LONGEST_LINE else None


def _column(names: Sequence[str], column: Sequence[str]) -> str:
    """Return the line that sets the next state by the state alone."""
    if len(set(column)) == 1:
        return f"state = {column[0]}"
    moved = [(name, after) for name, after in zip(names, column, strict=True) if name != after]
    common, times = Counter(column).most_common(1)[0]
    if len(moved) < len(column) and len(names) - len(moved) >= times:
        return f"state = {{{', '.join(f'{name}: {after}' for name, after in moved)}}}.get(state, state)"
    if times > 1:
        others = [f"{name}: {after}" for name, after in zip(names, column, strict=True) if after != common]
        return f"state = {{{', '.join(others)}}}.get(state, {common})"
    return f"state = {{{', '.join(f'{name}: {after}' for name, after in zip(names, column, strict=True))}}}[state]"


def _cells(table: Table) -> list[list[str]]:
    """Return the text of what follows in each state on each symbol."""
    return [
        [
            value_of(table, (after, *([table.out[state][letter]] if table.out else [])))
            for letter, after in enumerate(row)
        ]
        for state, row in enumerate(table.after)
    ]


def broken(name: str, entries: Sequence[str]) -> list[str]:
    """Return the lines of a dictionary, as many entries on a line as there is room for."""
    lines, line = [f"{name} = {{"], ""
    for entry in entries:
        if line and len(line) + len(entry) > LONGEST_LINE - 20:
            lines.append(f"   {line}")
            line = ""
        line += f" {entry},"
    return [*lines, f"   {line}", "}"]


def left_of(table: Table) -> str:
    return "state" if table.is_moore else "state, y"


def value_of(table: Table, target: Sequence[object]) -> str:
    after = table.names[int(str(target[0]))]
    return after if table.is_moore else f"({after}, {target[1]})"
