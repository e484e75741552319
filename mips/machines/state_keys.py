"""Which states of a machine are the same state: keys that are shared only if no pure function can tell two apart.

What is not known here to be a value of its parts alone never is a state that was seen before. So a class counts only if
it is made of Python statements, without a metaclass and without a base that keeps something beside fields; and it is
looked at past its own attributes, which might say anything.
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum, EnumType, Flag, IntEnum, IntFlag, StrEnum
from fractions import Fraction
from types import (
    ClassMethodDescriptorType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    WrapperDescriptorType,
)
from typing import Any

BY_VALUE = {*map(id, (bool, str, bytes, type(None)))}  # classes are never compared, which a metaclass may answer
ENUM_BASES = {base for kind in (Enum, IntEnum, StrEnum, Flag, IntFlag) for base in kind.__mro__}  # none of them changes
MEMBER = {"_value_", "_name_", "__objclass__", "_sort_order_"}  # what a member of an enum has, and no more
OF_C = (WrapperDescriptorType, MethodDescriptorType, ClassMethodDescriptorType)  # every class written in C has some
OWN = frozenset({"__dict__", "__weakref__"})  # what Python adds to a class
ONLY_INT = {id(int)}
VALUE = object()  # begins keys that are no ints or tuples of ints; equal to nothing else


def state_key(state: Any) -> Any:
    """Return a hashable value that two states share only if no pure step function can tell them apart.

    Numbers, texts, tuples, named tuples and frozen dataclasses are told apart by type and value, all the way down: 1,
    1.0 and True are three states, and so are 0.0 and -0.0, and every NaN. Members of an enum, and functions without a
    closure, defaults and attributes, are the same state if they are the same object; the caller keeps states alive. Of
    anything else it is not known whether it changes, whatever its `==` says: it never is the state that it was. That
    holds for sets too, since equal ones may be read in different orders. Raises RecursionError for states that are
    nested very deep.
    """
    kind = type(state)
    if kind is int or (kind is tuple and {*map(id, map(type, state))} <= ONLY_INT):
        return state
    parts = _parts(kind, state)
    return VALUE, id(kind), *(map(state_key, parts) if parts is not None else [_content(kind, state)])


def _parts(kind: type, state: Any) -> Iterator[Any] | None:
    """Return the states that a state is made of, or None where it is not known to be made of any."""
    if kind is tuple or _is_named_tuple(kind, state):
        return tuple.__iter__(state)
    if type(kind) is type and getattr(kind, "__dataclass_params__", None) is not None:
        return _fields(kind, state)
    return None


def _content(kind: type, state: Any) -> Any:
    """Return what a state without parts holds, an object of its own where that is not known."""
    if id(kind) in BY_VALUE:
        return state
    if kind is float:
        return struct.pack("d", state)
    if kind is complex:
        return struct.pack("dd", state.real, state.imag)
    if kind is Decimal:
        return repr(state)
    if kind is Fraction and type(state.numerator) is type(state.denominator) is int:
        return state.numerator, state.denominator
    if kind is range and type(state.start) is type(state.stop) is type(state.step) is int:
        return state.start, state.stop, state.step
    return id(state) if _is_told_by_identity(kind, state) else object()


def _is_told_by_identity(kind: type, state: Any) -> bool:
    """Return whether a state is an object that has no content of its own which could change."""
    if kind is FunctionType:
        return not (state.__closure__ or state.__defaults__ or state.__kwdefaults__ or state.__dict__)
    if type(kind) is not EnumType or not ENUM_BASES.issuperset(kind.__mro__[1:]):
        return False
    held: dict[str, Any] = object.__getattribute__(state, "__dict__")
    return held.keys() <= MEMBER


def _is_named_tuple(kind: type, state: Any) -> bool:
    """Return whether a class is that of a NamedTuple: a tuple with names, and nothing beside its items."""
    if type(kind) is not type or kind.__mro__ != (kind, tuple, object) or "_fields" not in kind.__dict__:
        return False
    names = kind.__dict__["_fields"]
    has_own_dict = kind.__dictoffset__ != 0
    return type(names) is tuple and not has_own_dict and len(names) == tuple.__len__(state)


def _fields(kind: type, state: Any) -> Iterator[Any] | None:
    """Return the fields of a frozen dataclass that has nothing else, and their order, or None."""
    names = [field.name for field in dataclasses.fields(kind)]
    if not kind.__dataclass_params__.frozen or not all(map(_is_plain_class, kind.__mro__[:-1])):  # type: ignore[attr-defined]
        return None
    slots: dict[str, Any] = {}
    for base in reversed(kind.__mro__[:-1]):
        for name, value in base.__dict__.items():
            if type(value) is MemberDescriptorType:
                slots[name] = value
            elif name in names and hasattr(type(value), "__set__"):  # it stands before the field
                return None
    held: dict[str, Any] = _instance_dict(kind, state)
    if not {*slots, *held} <= {*names} or slots.keys() & held.keys():
        return None
    try:
        values = [slots[name].__get__(state) if name in slots else held[name] for name in names]
    except (AttributeError, KeyError):  # a field without a value
        return None
    return iter((*values, tuple(held)))


def _instance_dict(kind: type, state: Any) -> dict[str, Any]:
    """Return the instance's own dictionary, an empty one where its class has none."""
    for base in kind.__mro__[:-1]:
        if "__dict__" in base.__dict__:
            found: dict[str, Any] = base.__dict__["__dict__"].__get__(state)
            return found
    return {}


def _is_plain_class(kind: type) -> bool:
    """Return whether a class was made by a class statement alone: no metaclass, nothing of C, no `__dict__` of its own
    making."""
    if type(kind) is not type:
        return False
    own = kind.__dict__
    is_of_python = not any(
        type(value) in OF_C or (type(value) is GetSetDescriptorType and name not in OWN) for name, value in own.items()
    )
    return is_of_python and ("__dict__" not in own or type(own["__dict__"]) is GetSetDescriptorType)
