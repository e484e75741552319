"""From formulas to a Python program that a person can read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from mips.program.conditions import repr_of
from mips.program.naming import SHARED, variable_names
from mips.symbolic.terms.formulas import NEW, Formulas, StateVariable, input_names, output_names
from mips.symbolic.terms.term import Term, variable

SHARED_SIZE = 3  # nodes from which a repeated subterm gets a name of its own


def emit(formulas: Formulas, about: str = "", answers: tuple[str, ...] = ()) -> str:
    """Return Python source that defines `program(xs)`: a list of inputs in, the list of outputs out, for any length.

    The loop over the inputs assigns each state variable in place, in an order in which nothing is overwritten before
    its last use; where there is no such order, all are assigned at once. `about` becomes the docstring. `answers` are
    the names of the outputs 0, 1, ..., if they have any.
    """
    ys = output_names(len(formulas.outputs))
    definitions = {name: _ordered(term) for name, term in formulas.definitions().items()}
    merged = _merged_outputs(formulas)
    for output, state in merged.items():
        definitions[state + NEW] = definitions.pop(output)
        definitions = {name: term.rename({output: state + NEW}) for name, term in definitions.items()}
    used = {name for term in definitions.values() for name in term.variables()}
    appended = []
    for y in ys:
        if y in merged:
            appended.append(variable(merged[y] + NEW))
        else:
            appended.append(variable(y) if y in used else definitions.pop(y))
    definitions, appended = _with_shared(definitions, appended)
    names = variable_names(formulas, definitions)
    lines = _body(definitions, appended, names, answers)
    target = ", ".join(input_names(formulas.width))
    text = ["def program(xs):"]
    if about:
        safe = about.replace("\\", "\\\\").replace('"""', "'''")
        text += [f'    """{safe}"""']
    text += [f"    {group}" for group in _starts(formulas.states, names)]
    text += ["    ys = []", f"    for {target} in xs:", *(f"        {line}" for line in lines), "    return ys"]
    return "\n".join(text) + "\n"


def _merged_outputs(formulas: Formulas) -> dict[str, str]:
    """Return output -> state variable where the variable alone remembers that output, so that one name serves both."""
    merged = {}
    remembered = {name for state in formulas.states for name in state.update.variables()}
    for state in formulas.states:
        if state.update.head in output_names(len(formulas.outputs)) and state.name not in remembered:
            merged[state.update.head] = state.name
    return merged


def _ordered(term: Term) -> Term:
    """Return the term with the summands and factors of commuting operators in one order, constants last."""
    args = tuple(_ordered(arg) for arg in term.args)
    if term.head not in ("+", "*", "=="):
        return Term(term.head, args)
    if term.head == "==":
        return Term(term.head, tuple(sorted(args, key=lambda arg: arg.constant is not None)))
    parts: list[Term] = []
    for arg in args:
        parts += _parts(arg, term.head)
    if term.head == "+":
        parts.sort(key=lambda part: (part.constant is not None, not _is_state(part), -part.size, str(part)))
    else:
        parts.sort(key=lambda part: (part.constant is None, part.size, str(part)))
    total = parts[0]
    for part in parts[1:]:
        total = Term(term.head, (total, part))
    return total


def _parts(term: Term, head: str) -> list[Term]:
    return [part for arg in term.args for part in _parts(arg, head)] if term.head == head else [term]


def _is_state(term: Term) -> bool:
    return not term.args and not term.head.startswith("x")


def _with_shared(definitions: Mapping[str, Term], appended: list[Term]) -> tuple[dict[str, Term], list[Term]]:
    """Return definitions and outputs with repeated subterms replaced by names, the largest first."""
    definitions, appended = dict(definitions), list(appended)
    for number in range(4):
        counts = Counter(part for term in (*definitions.values(), *appended) for part in _subterms(term))
        repeated = [
            part for part, count in counts.items() if count > 1 and part.size >= SHARED_SIZE and part.variables()
        ]
        if not repeated:
            break
        best = max(repeated, key=lambda part: (part.size * (counts[part] - 1), str(part)))
        name = f"{SHARED}{number}"
        definitions = {key: _replaced(term, best, name) for key, term in definitions.items()} | {name: best}
        appended = [_replaced(term, best, name) for term in appended]
    return definitions, appended


def _subterms(term: Term) -> Iterator[Term]:
    yield term
    for arg in term.args:
        yield from _subterms(arg)


def _replaced(term: Term, old: Term, name: str) -> Term:
    return variable(name) if term == old else Term(term.head, tuple(_replaced(arg, old, name) for arg in term.args))


def _body(
    definitions: dict[str, Term], appended: list[Term], names: Mapping[str, str], answers: tuple[str, ...]
) -> list[str]:
    """Return the lines of the loop."""
    result = "ys"
    nodes = {**definitions, result: Term("tuple", tuple(appended))}
    before: dict[str, set[str]] = {name: set() for name in nodes}
    for name, term in nodes.items():
        for used in term.variables():
            if used in nodes:
                before[name].add(used)
            elif used + NEW in nodes and used + NEW != name:
                before[used + NEW].add(name)
    try:
        order = list(TopologicalSorter({name: sorted(others) for name, others in before.items()}).static_order())
    except CycleError:
        return _at_once(definitions, appended, names, answers)
    lines = []
    for name in order:
        lines.append(_append(appended, names, answers) if name == result else _assign([name], [nodes[name]], names))
    return lines


def _at_once(
    definitions: dict[str, Term], appended: list[Term], names: Mapping[str, str], answers: tuple[str, ...]
) -> list[str]:
    """Return the lines when every order would overwrite a value too early: new values get names, then move in."""
    fresh = {name: f"next_{names[name]}" for name in definitions if name.endswith(NEW)}
    own = {**names, **fresh}
    lines = []
    needs = {name: sorted(term.variables() & definitions.keys()) for name, term in definitions.items()}
    for name in TopologicalSorter(needs).static_order():
        lines.append(_assign([name], [definitions[name]], own))
    lines.append(_append(appended, own, answers))
    lines.append(f"{', '.join(names[name] for name in fresh)} = {', '.join(fresh.values())}")
    return lines


def _append(appended: list[Term], names: Mapping[str, str], answers: tuple[str, ...]) -> str:
    if answers:
        return f"ys.append({_named(appended[0], names, answers)})"
    texts = [_text(term, names) for term in appended]
    return f"ys.append({texts[0]})" if len(texts) == 1 else f"ys.append(({', '.join(texts)}))"


def _named(term: Term, names: Mapping[str, str], answers: tuple[str, ...]) -> str:
    """Return the name of an output as an expression: of two by a condition, else by its place."""
    if term.is_truth and len(answers) == 2:
        return f"{repr_of(answers[1])} if {term.rename(names)} else {repr_of(answers[0])}"
    return f"{repr_of(answers)}[{term.rename(names)}]"


def _assign(targets: list[str], terms: list[Term], names: Mapping[str, str]) -> str:
    return f"{', '.join(names[t] for t in targets)} = {', '.join(_text(term, names) for term in terms)}"


def _text(term: Term, names: Mapping[str, str]) -> str:
    text = str(term.rename(names))
    return f"int({text})" if term.is_truth else text


def _starts(states: tuple[StateVariable, ...], names: Mapping[str, str]) -> list[str]:
    """Return the lines that set the start values, equal ones on one line."""
    groups: dict[int, list[str]] = {}
    for state in states:
        groups.setdefault(state.start, []).append(names[state.name])
    return [f"{' = '.join(group)} = {start}" for start, group in groups.items()]
