"""A finite machine as the text of a Python program that a person would write: branches, or rows of next states.

States that act alike share a branch, symbols that act alike share a condition, and the most common case comes last, as
the default. Where the branches would be longer than a table, the rows of next states stand at the top. The output is
read off the next state where it can be (a Moore machine), else it stands beside the next state.
"""

from __future__ import annotations

import ast
from collections.abc import Hashable, Mapping, Sequence

from mips.machines.mealy import MealyMachine, minimize
from mips.program.conditions import Conditions, chosen, repr_of
from mips.program.state_tables import LONGEST_LINE, Table, broken, columns, left_of, rows, state_names, value_of

MOST_SPLIT = 1.5  # times as many states at most, where each shall have one output
APART = 8  # nodes added for rows above the program, which are read apart from it; by hand
LONGEST_ANSWERS = 60  # characters of a dictionary of outputs within the line that appends one


def machine_program(machine: MealyMachine, symbols: Sequence[object], outputs: Mapping[tuple[int, ...], object]) -> str:
    """Return Python source that defines `program(xs)` with the behaviour of a machine, for words of any length.

    `symbols` are the input symbols as programs get them, in the machine's order: ints, names, or tuples of these, all
    of one form; `outputs` maps the machine's outputs to what the program returns. A symbol that is none of these is
    treated as the default, or raises KeyError where rows are looked up.
    """
    return _shortest(machine, symbols, outputs)[1]


def reading_effort(machine: MealyMachine, symbols: Sequence[object], outputs: Mapping[tuple[int, ...], object]) -> int:
    """Return what the program of a machine costs a reader, in nodes: an entry of a row counts for one."""
    return _shortest(machine, symbols, outputs)[0]


def _shortest(
    machine: MealyMachine, symbols: Sequence[object], outputs: Mapping[tuple[int, ...], object]
) -> tuple[int, str]:
    machine = minimize(machine)
    conditions = Conditions(tuple(symbols))
    table = _moore(machine, conditions, outputs) or _mealy(machine, conditions, outputs)
    bodies = (_branches(conditions, table), columns(conditions, table), rows(conditions, table))
    texts = [_text(conditions, table, *body) for body in bodies if body is not None]
    efforts = [_size(text) - _size_of_keys(text) + APART * text.startswith("NEXT") for text in texts]
    return min(zip(efforts, texts, strict=True), key=lambda one: one[0])


def _size(text: str) -> int:
    return sum(1 for node in ast.walk(ast.parse(text)) if not isinstance(node, ast.expr_context))


def _size_of_keys(text: str) -> int:
    """Return how many nodes of rows are keys: a reader sees them as the head of a column."""
    return sum(len(node.keys) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Dict))


def _text(conditions: Conditions, table: Table, constants: Sequence[str], step: Sequence[str]) -> str:
    """Return the program with the lines that come before it and those of a step."""
    last, answers = _last(table)
    constants = [*constants, *answers]
    lines = [
        *constants,
        *[""] * 2 * bool(constants),
        "def program(xs):",
        f"    state = {table.names[0]}",
        "    ys = []",
        f"    for {conditions.target} in xs:",
        *(f"        {line}" for line in step),
        f"        ys.append({last})",
        "    return ys",
    ]
    return "\n".join(lines) + "\n"


def _last(table: Table) -> tuple[str, list[str]]:
    """Return the expression for the output after a step, and the lines of a constant that it needs."""
    if not table.is_moore:
        return "y", []
    groups: dict[str, list[str]] = {}
    for name, said in zip(table.names, table.said, strict=True):
        if said:
            groups.setdefault(said, []).append(name)
    if all(names == [said] for said, names in groups.items()):
        return "state", []
    if set(groups) == {"0", "1"}:
        few = min(("1", "0"), key=lambda said: len(groups[said]))
        return f"int({_is_one_of(groups[few], negated=few == '0')})", []
    if len(groups) < 3:
        pairs = [(_is_one_of(names), said) for said, names in groups.items()]
        return chosen(pairs, [len(names) for names in groups.values()]), []
    common = max(groups, key=lambda said: len(groups[said]))
    entries = [f"{name}: {said}" for said, names in groups.items() if said != common for name in names]
    text = f"{{{', '.join(entries)}}}"
    if len(text) <= LONGEST_ANSWERS:
        return f"{text}.get(state, {common})", []
    every = [f"{name}: {said or common}" for name, said in zip(table.names, table.said, strict=True)]
    return "ANSWERS[state]", broken("ANSWERS", every)


def _is_one_of(names: Sequence[str], *, negated: bool = False) -> str:
    if len(names) == 1:
        return f"state {'!=' if negated else '=='} {names[0]}"
    return f"state {'not in' if negated else 'in'} ({', '.join(names)})"


def _moore(machine: MealyMachine, conditions: Conditions, outputs: Mapping[tuple[int, ...], object]) -> Table | None:
    """Return the machine with one output for each state, or None where that takes many more states."""
    start: tuple[int, tuple[int, ...] | None] = (0, None)
    order, place = [start], {start: 0}
    for state, _ in order:
        for target, output in zip(machine.transitions[state], machine.outputs[state], strict=True):
            if (target, output) not in place:
                place[target, output] = len(order)
                order.append((target, output))
    same = next((other for other in order[1:] if other[0] == 0), None)
    if same is not None:  # the start needs no output of its own: it is a state that is come back to
        order[0] = same
        order = [same, *(other for other in order[1:] if other != same)]
        place = {other: number for number, other in enumerate(order)}
    if len(order) > MOST_SPLIT * machine.size + 1:
        return None
    after = tuple(
        tuple(place[pair] for pair in zip(machine.transitions[state], machine.outputs[state], strict=True))
        for state, _ in order
    )
    said = tuple("" if output is None else repr_of(outputs[output]) for _, output in order)
    return Table(names=_names(after, said, conditions), after=after, out=(), said=said, is_moore=True)


def _mealy(machine: MealyMachine, conditions: Conditions, outputs: Mapping[tuple[int, ...], object]) -> Table:
    out = tuple(tuple(repr_of(outputs[output]) for output in row) for row in machine.outputs)
    names = tuple(map(repr_of, state_names(machine.transitions, out, conditions.symbols)))
    return Table(names=names, after=machine.transitions, out=out, said=(), is_moore=False)


def _names(after: Sequence[Sequence[int]], said: Sequence[str], conditions: Conditions) -> tuple[str, ...]:
    """Return the texts of the states: their outputs, where each state has another one, else names of what is known."""
    given = [text for text in said if text]
    if len(set(given)) == len(given):
        texts = [text or '"start"' for text in said]
        numbers = any(not text.startswith(("'", '"')) for text in given)
        if not (numbers and '"start"' in texts) and not any(text.startswith("(") for text in texts):
            return tuple(texts)
    out = [[said[target] for target in row] for row in after]
    return tuple(map(repr_of, state_names(after, out, conditions.symbols)))


def _branches(conditions: Conditions, table: Table) -> tuple[list[str], list[str]]:
    """Return no constants, and the lines of a step as branches on the state, or on the symbol if it decides."""
    cells: list[list[tuple[object, ...]]] = [
        [(after, *table.out[state][letter : letter + 1]) if table.out else (after,) for letter, after in enumerate(row)]
        for state, row in enumerate(table.after)
    ]
    letters = range(len(conditions.symbols))
    deciding = [letter for letter in letters if len({row[letter] for row in cells}) == 1 and len(cells) > 1]
    lines: list[str] = []
    if len(deciding) == len(letters):
        return [], _choice(conditions, table, cells[0], list(letters), None)
    by_target: dict[tuple[object, ...], list[int]] = {}
    for letter in deciding:
        by_target.setdefault(cells[0][letter], []).append(letter)
    rest = [letter for letter in letters if letter not in deciding]
    for target, some in by_target.items():
        lines += [f"{'elif' if lines else 'if'} {conditions.among(some)}:", f"    {_assigned(table, target)}"]
    groups: dict[tuple[Hashable, ...], list[int]] = {}
    for state, row in enumerate(cells):
        stays = all(row[letter] == (state,) for letter in rest)
        key = ("stays",) if stays else tuple(row[letter] for letter in rest)
        groups.setdefault(key, []).append(state)
    groups.pop(("stays",), None)
    every = sum(map(len, groups.values())) == len(cells)
    order = sorted(groups.items(), key=lambda item: (len(item[1]), item[1]))
    for number, (_, states) in enumerate(order):
        own = states[0] if len(states) == 1 else None
        body = _choice(conditions, table, cells[states[0]], rest, own)
        is_last = every and number == len(order) - 1
        head = "else" if is_last else f"elif {_states(table, states)}" if lines else f"if {_states(table, states)}"
        if is_last and not lines:
            lines += body
        else:
            lines += [f"{head}:", *(f"    {line}" for line in body)]
    return [], lines or ["pass"]


def _states(table: Table, states: Sequence[int]) -> str:
    return _is_one_of([table.names[state] for state in states])


def _choice(
    conditions: Conditions, table: Table, row: Sequence[tuple[object, ...]], letters: Sequence[int], own: int | None
) -> list[str]:
    """Return the lines that set the next state by the symbol, in one state or in several that act alike."""
    by_target: dict[tuple[object, ...], list[int]] = {}
    for letter in letters:
        by_target.setdefault(row[letter], []).append(letter)
    if len(by_target) == 1:
        return [_assigned(table, next(iter(by_target)))]
    if own is not None and (own,) in by_target and len(by_target) == 2:
        moved = next(target for target in by_target if target != (own,))
        return [f"if {conditions.among(by_target[moved], letters)}:", f"    {_assigned(table, moved)}"]
    left = left_of(table)
    pairs = [(conditions.among(some, letters), value_of(table, target)) for target, some in by_target.items()]
    text = chosen(pairs, [len(some) for some in by_target.values()])
    table_text = _dictionary(conditions, table, by_target)
    candidates = [one for one in (text, table_text) if one]
    best = min(candidates, key=lambda one: _size(one.replace("\n", " ")))
    if len(best) + len(left) <= LONGEST_LINE or best == table_text:
        return [f"{left} = {best}"]
    order = sorted(by_target.items(), key=lambda item: len(item[1]))
    lines = []
    for number, (target, some) in enumerate(order):
        head = "else" if number == len(order) - 1 else f"{'elif' if number else 'if'} {conditions.among(some, letters)}"
        lines += [f"{head}:", f"    {_assigned(table, target)}"]
    return lines


def _dictionary(conditions: Conditions, table: Table, by_target: Mapping[tuple[object, ...], Sequence[int]]) -> str:
    """Return a small dictionary from symbol to what follows, with the most common as default; empty for two cases."""
    if len(by_target) < 3:
        return ""
    default = max(by_target, key=lambda target: len(by_target[target]))
    entries = [
        f"{repr_of(conditions.symbols[letter])}: {value_of(table, target)}"
        for target, some in by_target.items()
        if target != default
        for letter in some
    ]
    return f"{{{', '.join(entries)}}}.get({conditions.whole}, {value_of(table, default)})"


def _assigned(table: Table, target: Sequence[object]) -> str:
    value = value_of(table, target)
    return f"{left_of(table)} = {value if table.is_moore else value[1:-1]}"
