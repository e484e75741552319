"""Tables of a machine within a program: its states with names, and rows or columns of next states.

A name says what is known in a state, where the machine alone tells it. A row is for one state, a column for a group of
symbols that act alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mips.program.conditions import Conditions, repr_of

LONGEST_LINE = 110  # characters of a choice, or of a row, within one line
LEFT_OUT = 3 / 8  # share of the entries beyond which a default is worth its place: with less rows look torn; by hand
START, WAITING, DEAD, DONE = "start", "waiting", "dead", "done"
EMPTY = ("()", "None")  # the texts of outputs that are nothing


def state_names(after: Sequence[Sequence[int]], said: Sequence[Sequence[str]], symbols: Sequence[object]) -> list[str]:
    """Return a name for each state of a machine, all different; state 0 is the start.

    `after[q][a]` is the next state and `said[q][a]` the text of the output on the way, for each of the `symbols`.

    `dead`, `done` or `always Y`: whatever comes, the state stays and the output is Y; `dead` where that is 0 beside 1,
    nothing or no symbol, `done` where it is 1 beside 0.
    `waiting` or `start`: the first state; it is `waiting` where a symbol leaves it as it is.
    `after A`: the state is this one just when the last symbol was A, where no end was reached.
    `depth 1`, `depth 2`, ...: each symbol leads one state up, one down, nowhere or to an end.
    `seen 1`, `seen 2`, ...: so many symbols are needed from the start, and no other state that goes on needs as many.
    `in A B`: the shortest word that leads there is A B; each symbol leads on to a state that nothing else leads on to,
    back to a state on the way from the start, or to an end: A and B are what was opened and not yet closed.
    `s1`, `s2`, ...: nothing of this holds; the order is that of the shortest words that lead to the states.
    """
    names = [f"s{state}" for state in range(len(after))]
    ends = _ends(after, said)
    for state, name in ends.items():
        names[state] = name
    going_on = [state for state in range(len(after)) if state not in ends]
    if 0 in going_on and len(after) > 1:
        names[0] = WAITING if 0 in after[0] else START
    others = [state for state in going_on if state]
    chain = _chain(after, going_on)
    if len(chain) > 2:
        moves = {chain[target] - chain[state] for state in going_on for target in after[state] if target in chain}
        word = "depth" if moves <= {-1, 0, 1} and -1 in moves else "seen"
        for state in others:
            names[state] = f"{word} {chain[state]}"
    elif len(others) > 1 and (ways := _tree(after, going_on)):
        for state in others:
            names[state] = f"in {' '.join(_plain(symbols[letter]) for letter in ways[state])}"
    else:
        for state in others:
            letters = [
                letter
                for letter in range(len(symbols))
                if all((row[letter] == state) for row in (after[one] for one in going_on))
            ]
            entering = {letter for one in going_on for letter, target in enumerate(after[one]) if target == state}
            if len(letters) == 1 and entering == set(letters):
                names[state] = f"after {_plain(symbols[letters[0]])}"
    return names if len(set(names)) == len(names) else [f"s{state}" for state in range(len(after))]


def _ends(after: Sequence[Sequence[int]], said: Sequence[Sequence[str]]) -> dict[int, str]:
    """Return the states that are never left and give one output, with their names."""
    found = {state: row for state, row in enumerate(said) if set(after[state]) == {state} and len(set(row)) == 1}
    is_bit = {text for row in said for text in row} == {"0", "1"}
    return {
        state: DEAD
        if row[0] in EMPTY or (is_bit and row[0] == "0")
        else DONE
        if is_bit
        else f"always {row[0].strip(chr(34))}"
        for state, row in found.items()
    }


def _chain(after: Sequence[Sequence[int]], going_on: Sequence[int]) -> dict[int, int]:
    """Return how many symbols lead from the start to each state that goes on; nothing where two need equally many."""
    steps, order = {0: 0}, [0]
    for state in order:
        for target in after[state]:
            if target not in steps and target in going_on:
                steps[target] = steps[state] + 1
                order.append(target)
    return steps if len(set(steps.values())) == len(steps) else {}


def _tree(after: Sequence[Sequence[int]], going_on: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Return the shortest way to each state that goes on; nothing where a symbol leads elsewhere than on or back."""
    ways: dict[int, tuple[int, ...]] = {0: ()}
    path: dict[int, tuple[int, ...]] = {0: (0,)}
    order = [0]
    for state in order:
        for letter, target in enumerate(after[state]):
            if target in going_on and target not in ways:
                ways[target], path[target] = (*ways[state], letter), (*path[state], target)
                order.append(target)
    for state in going_on:
        for letter, target in enumerate(after[state]):
            if target in going_on and target not in path[state] and ways[target] != (*ways[state], letter):
                return {}
    return ways


def _plain(symbol: object) -> str:
    return " ".join(map(str, symbol)) if isinstance(symbol, tuple) else str(symbol)


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
