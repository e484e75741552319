"""What to write instead: the cure for a value that is nearly what was expected. Nothing here raises."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

LOOKED_AT = 10_000  # members of a collection at most: a longer one is not gone through for the sake of a hint
TOLD = 200  # characters of a value in a message; what is longer hides the cure

ALPHABETS = "integers(low, high), symbols(...) or product(...)"  # what the inputs of a task may be

SHORT = reprlib.Repr()
SHORT.maxstring = SHORT.maxother = TOLD
SHORT.maxlist = SHORT.maxtuple = SHORT.maxset = SHORT.maxfrozenset = SHORT.maxdict = 12


def told(value: object) -> str:
    """Return a value in one line that is not too long."""
    try:
        return " ".join(SHORT.repr(value).split())
    except Exception:
        return f"an object of type {type(value).__name__}"


def whole(value: object) -> int | None:
    """Return the int that a value of another type stands for (True, 1.0, a NumPy integer), or None."""
    if isinstance(value, str | bytes) or getattr(value, "shape", ()) != ():
        return None
    with suppress(Exception):
        number = int(value)  # type: ignore[call-overload]
        return number if bool(number == value) else None
    return None


def cure_for_int(value: object) -> str:
    """Return what to write where an int was expected and `value` is none, a sentence; empty where nothing is known."""
    if type(value) is int:
        return ""
    if whole(value) is not None:
        return f"Write int(...) around it{', or // in the place of /' if isinstance(value, float) else ''}."
    if isinstance(value, float):
        return "Round it, or count in smaller units."
    if isinstance(value, str):
        return "Number the texts, or name them all: outputs=symbols(...)."
    return ""


def cure_for_output(value: object) -> str:
    """Return the cure for what is no output of a step, neither an int nor a tuple of at least two."""
    if value is None:
        return "Return a number also where there is nothing to say, such as 0."
    parts = _listed(value)
    if parts is None:
        return cure_for_int(value)
    if not all(type(part) is int or whole(part) is not None for part in parts):
        return next(filter(None, map(cure_for_int, parts)), "")
    if len(parts) == 1:
        around = "" if type(parts[0]) is int else "; write int(...) around it"
        return f"One int needs no {type(value).__name__} around it{around}."
    if not parts:
        return "Return a number also where there is nothing to say, such as 0."
    if all(type(part) is int for part in parts):
        return "Write tuple(...) around it."
    return "Write tuple(map(int, ...)) around it."


def cure_for_state(value: object) -> str:
    """Return the cure for a state that is not hashable."""
    if isinstance(value, tuple):
        inner = next((part for part in value if not _hashable(part)), None)
        return f"Inside it {told(inner)} is not: {_lower(cure_for_state(inner))}"
    if isinstance(value, Mapping):
        return "Write tuple(sorted(....items())) of it."
    if isinstance(value, set):
        return "Write frozenset(...) around it."
    if isinstance(value, bytearray):
        return "Write bytes(...) around it."
    if hasattr(value, "tolist"):
        return "Write tuple(....tolist()) of it."
    if isinstance(value, list):
        inner = next((part for part in value if not _hashable(part)), None)
        return "Write tuple(...) around it" + ("." if inner is None else ", and around what is inside it.")
    return "Return a number or a tuple."


def cure_for_symbol(value: object, width: int) -> str:
    """Return the cure for what is no symbol of an alphabet of `width` ints."""
    parts = _listed(value)
    if width == 1 and parts and len(parts) == 1:
        return f"One int needs no {type(value).__name__} around it."
    if width > 1 and (isinstance(value, int) if parts is None else len(parts) != width):
        return f"A symbol of width {width} is a tuple of {width} ints."
    return cure_for_int(value) if width == 1 or parts is None else cure_for_output(parts)


def cure_for_alphabet(value: Any) -> str:
    """Return which `integers(...)` to write in the place of what was given as a task's inputs."""
    called = {"integers": "integers(low, high)", "symbols": 'symbols("push pop")', "product": "product(a, b)"}
    if call := called.get(getattr(value, "__name__", "")):
        return f"Call it: {call}."
    if value is bool:
        return "Write integers(0, 1)."
    if type(value) is not bool and (number := whole(value)) is not None:
        return f"For {number} symbols write integers(0, {number - 1})." if number > 0 else ""
    if isinstance(value, range) and value.step == 1 and len(value):
        return f"Write integers({value[0]}, {value[-1]}): both ends are included."
    size = _size(value)
    if size is None or not 0 < size <= LOOKED_AT:
        return ""
    members = _members(value)
    if not members:
        return ""
    return (
        _of_alphabets(members)
        or _of_ranges(members)
        or _of_numbers(value, members)
        or _of_tuples(members)
        or _of_names(value, members)
        or _of_tokens(value, members)
    )


def cure_for_names(value: Any) -> str:
    """Return which `symbols(...)` to write in the place of what was given as a task's outputs."""
    is_listed = isinstance(value, list | tuple | set | frozenset | Mapping | str)
    return (_of_names(value, _members(value)) if is_listed else "") or "Outputs that are ints need no outputs=."


def cure_for_unknown(value: object, names: tuple[str, ...]) -> str:
    """Return the cure for what is none of the names of an alphabet: the place that was meant, or a spelling."""
    number = whole(value)
    if number is not None and 0 <= number < len(names):
        return f"Write {told(names[number])} for {told(value)}, or NAMES[...] around it."
    if isinstance(value, str):
        near = [name for name in names if name.strip().casefold() == value.strip().casefold()]
        return f"Write {told(near[0])}." if near else f"Add {told(value)} to the names, or return one of them."
    return f"Return a text, such as {told(names[0])}."


def _of_alphabets(members: list[Any]) -> str:
    """Return the cure for a list of alphabets, one for each part of a symbol, that are not all the same."""
    if len(members) < 2 or not all(hasattr(member, "parts") and hasattr(member, "fault") for member in members):
        return ""
    same = len(set(members)) == 1 and all(hasattr(member, "low") for member in members)
    return "" if same else f"Write product({', '.join(map(str, members))})."


def _of_names(value: Any, members: list[Any]) -> str:
    """Return the cure for a collection of texts that differ: symbols with names; empty where it is none."""
    names = list(dict.fromkeys(members))[: LOOKED_AT + 1] if all(type(member) is str for member in members) else []
    names = sorted(names) if isinstance(value, set | frozenset) else names
    if isinstance(value, str) and set(value) & set(" ,"):
        names = value.replace(",", " ").split()
    if not names or "" in names or len(set(names)) < len(names) or len(names) > LOOKED_AT:
        return ""
    if any(set(name) & set(" \t\n") for name in names):
        return f"Write symbols({told(names)}): names, without an order."
    return f"Write symbols({told(' '.join(names))}): names, without an order."


def _of_ranges(members: list[Any]) -> str:
    """Return the cure for a list of ranges, one for each number of a symbol; empty where it is none."""
    ends = [_ends(member) for member in members]
    known = [pair for pair in ends if pair is not None]
    if len(known) < len(ends) or (len(ends) == 1 and _listed(members[0]) is not None):
        return ""
    if len(ends) == 1:
        return f"Write integers({known[0][0]}, {known[0][1]}): both ends are included."
    if len(set(known)) == 1:
        low, high = known[0]
        return f"A symbol is {len(ends)} numbers from one range: write integers({low}, {high}, width={len(ends)})."
    factors = ", ".join(f"integers({low}, {high})" for low, high in known)
    return f"Write product({factors}): both ends are included."


def _ends(member: Any) -> tuple[int, int] | None:
    """Return the ends, both included, of what is meant as a range of numbers, or None where it is none."""
    if isinstance(member, range):
        return (member[0], member[-1]) if member.step == 1 and len(member) else None
    low, high = getattr(member, "low", None), getattr(member, "high", None)
    if type(low) is int and type(high) is int:
        return low, high
    parts = _listed(member)
    if not parts or not all(whole(part) is not None for part in parts):
        return None
    numbers = [int(part) for part in parts]
    if len(numbers) == 2 and numbers[0] < numbers[1]:
        return numbers[0], numbers[1]
    return (numbers[0], numbers[-1]) if numbers == list(range(numbers[0], numbers[0] + len(numbers))) else None


def _of_numbers(value: Any, members: list[Any]) -> str:
    """Return the cure for a collection of whole numbers that are a range, or its two ends; empty where they are not."""
    numbers = [whole(member) for member in members]
    known = sorted({number for number in numbers if number is not None})
    if None in numbers or not known:
        return ""
    low, high = known[0], known[-1]
    if len(known) == high - low + 1:
        return f"Write integers({low}, {high})."
    if len(known) == 2 and isinstance(value, tuple | list):
        return f"Write integers({low}, {high}) for all from {low} to {high}, or number these two: integers(0, 1)."
    return ""


def _of_tuples(members: list[Any]) -> str:
    """Return the cure for all tuples of some ints, written out; empty where they are not these."""
    rows = [_listed(member) for member in members]
    found = [whole(part) for row in rows for part in row or ()]
    numbers = [number for number in found if number is not None]
    widths = {len(row or ()) for row in rows}
    if None in rows or not numbers or len(numbers) < len(found) or len(widths) != 1:
        return ""
    (width,), low, high = widths, min(numbers), max(numbers)
    if len(set(map(repr, rows))) < (high - low + 1) ** width:
        return ""
    return f"Write integers({low}, {high}, width={width})."


def _of_tokens(value: Any, members: list[Any]) -> str:
    """Return the cure for any other collection: its members are numbered."""
    count = len(set(map(repr, members)))
    indexed = isinstance(value, list | tuple | str | range) or hasattr(value, "tolist")
    look = "TOKENS[x]" if indexed else "sorted(TOKENS)[x]" if isinstance(value, set | frozenset) else "list(TOKENS)[x]"
    return (
        f"Number the {count} tokens: write integers(0, {count - 1}), and where TOKENS is this "
        f"{type(value).__name__ if not isinstance(value, type) else 'class'}, the step finds the token of x by {look}."
    )


def _members(value: Any) -> list[Any]:
    with suppress(Exception):
        return list(value.tolist() if hasattr(value, "tolist") else value)
    return []


def _size(value: Any) -> int | None:
    with suppress(Exception):
        return len(value)
    return None


def _listed(value: Any) -> list[Any] | None:
    """Return the members of a tuple, a list or an array of one dimension, or None for anything else."""
    if isinstance(value, tuple | list):
        return list(value)
    shape: tuple[int, ...] = getattr(value, "shape", ())
    return _members(value) if len(shape) == 1 and shape[0] <= LOOKED_AT else None


def _hashable(value: object) -> bool:
    try:
        hash(value)
    except Exception:
        return False
    return True


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
