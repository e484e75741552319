"""Names for the variables of a program: what each remembers, or how it is updated."""

from __future__ import annotations

from collections.abc import Mapping

from mips.symbolic.terms.formulas import NEW, Formulas, StateVariable, input_names, output_names
from mips.symbolic.terms.term import Term

SHARED = "shared"  # how emission marks a repeated subterm until it has a name

ROLES = {
    "-": "total",
    "max": "largest",
    "min": "smallest",
    "%": "remainder",
    "//": "carry",
    "^": "parity",
    "if": "state",
    "<": "flag",
    "<=": "flag",
    "==": "flag",
    "!=": "flag",
    "not": "flag",
    "and": "flag",
    "or": "flag",
    "in": "flag",
}


def variable_names(formulas: Formulas, definitions: Mapping[str, Term]) -> dict[str, str]:
    """Return the name in the program of every state variable (old and new alike) and of everything a step defines."""
    names: dict[str, str] = {}
    taken = {"xs", "ys", "program", *input_names(formulas.width)}
    for state in formulas.states:
        wish = _of_delay(state, formulas) or _of_update(state.name, definitions[state.name + NEW])
        names[state.name] = names[state.name + NEW] = _untaken(wish, taken)
    for key, term in definitions.items():
        if key.startswith(SHARED):
            names[key] = _untaken("total" if term.head in "+-" else "value", taken)
        elif key not in names:
            names[key] = _untaken(key, taken)
    return names


def _of_delay(state: StateVariable, formulas: Formulas) -> str:
    """Return a name for a remembered input, or for outputs of which several are remembered; else nothing."""
    source, lag = _delay(state, formulas)
    if not lag:
        return ""
    is_output = source in output_names(len(formulas.outputs))
    if is_output and len(formulas.outputs) == 1 and ("y", 2) not in (_delay(one, formulas) for one in formulas.states):
        return ""
    several = len(formulas.outputs) > 1 if is_output else formulas.width > 1
    return "_".join(["last" if is_output else "previous"] + [source] * several + [str(lag)] * (lag != 1))


def _delay(state: StateVariable, formulas: Formulas) -> tuple[str, int]:
    """Return which input or output a state variable remembers, and from how many steps ago; lag 0 where it does not."""
    remembered = {one.name: one.update for one in formulas.states}
    sources = {*input_names(formulas.width), *output_names(len(formulas.outputs))}
    term, lag, seen = state.update, 1, {state.name}
    while not term.args and term.head in remembered and term.head not in seen:
        seen.add(term.head)
        term, lag = remembered[term.head], lag + 1
    return (term.head, lag) if not term.args and term.head in sources else ("", 0)


def _of_update(name: str, update: Term) -> str:
    """Return a name for a variable by the term that updates it."""
    if update in (Term("*", (Term("2"), Term(name))), Term("*", (Term(name), Term("2")))):
        return "power"
    if update.head != "+":
        return ROLES.get(update.head, "state")
    parts = _summands(update)
    others = [part for part in parts if part != Term(name)]
    if len(others) == len(parts):
        return "number" if Term("*", (Term("2"), Term(name))) in parts else "state"
    if len(others) == 1 and others[0].head == "==" and others[0].args[0] == Term("x"):
        return f"count_{others[0].args[1]}".replace("-", "minus_")
    return "count" if all(_is_bit(part) for part in others) else "total"


def _is_bit(term: Term) -> bool:
    """Whether a term is seen at a glance to be 0 or 1."""
    if term.head == "-" and term.args[0].constant == 1:
        return _is_bit(term.args[1])
    return term.is_truth or term.constant == 1 or (term.head == "%" and term.args[1].constant == 2)


def _summands(term: Term) -> list[Term]:
    return [part for arg in term.args for part in _summands(arg)] if term.head == "+" else [term]


def _untaken(wish: str, taken: set[str]) -> str:
    name = next(name for name in (wish, *(f"{wish}_{i}" for i in range(2, 100))) if name not in taken)
    taken.add(name)
    return name
