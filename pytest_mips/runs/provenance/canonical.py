"""A text for a value that another process writes alike: free of hash seeds, of addresses and of where files are."""

from __future__ import annotations

import enum
import functools
import inspect
import re
import types
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

ATOMS = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis), type(NotImplemented), range)
PROTOCOL = 4  # of pickling, by which any other object tells its parts; the same in all versions that are supported
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]+")
TOO_DEEP = "..."


def canonical(value: object) -> str:
    """Return the text of a value: the same for equal ones in every process, another for others.

    Sets and dicts are sorted, functions told by their code and what they are closed over, other objects by their class
    and what pickling would keep of them. Of one that tells nothing of itself the class alone is known.
    """
    try:
        return _told(value, ())
    except RecursionError:
        return TOO_DEEP


def _told(value: Any, around: tuple[int, ...]) -> str:
    """Return the text of a value inside others, whose ids are `around`."""
    kind = type(value)
    if kind in ATOMS:
        return repr(value)
    if id(value) in around:
        return f"around({len(around) - around.index(id(value))})"
    tell = functools.partial(_told, around=(*around, id(value)))
    if kind in (tuple, list):
        return _call(kind.__name__, map(tell, value))
    if kind in (set, frozenset):
        return _call(kind.__name__, sorted(map(tell, value)))
    if kind in (dict, types.MappingProxyType):
        return _call("dict", sorted(map(tell, value.items())))
    if kind is OrderedDict:
        return _call("ordered", map(tell, value.items()))
    if isinstance(value, enum.Enum):
        return _call(_name(kind), [repr(value.name), tell(value.value)])
    if isinstance(value, type):
        return _name(value)
    if isinstance(value, types.ModuleType):
        return value.__name__
    return _of_code(value, tell) or _of_object(value, tell)


def _of_code(value: Any, tell: Callable[[Any], str]) -> str:
    """Return the text of a function, a method or code, nothing for any other value."""
    if isinstance(value, functools.partial):
        return _call("partial", map(tell, (value.func, value.args, value.keywords)))
    if isinstance(value, types.MethodType):
        return _call("method", map(tell, (value.__func__, value.__self__)))
    if isinstance(value, types.BuiltinFunctionType):
        owner = value.__self__
        free = owner is None or isinstance(owner, types.ModuleType)
        return _call(f"{value.__module__}.{value.__qualname__}", [] if free else [tell(owner)])
    if isinstance(value, types.CodeType):
        names = (value.co_names, value.co_varnames, value.co_freevars, value.co_cellvars)
        return _call("code", map(tell, (value.co_code, value.co_consts, names)))
    if not isinstance(value, types.FunctionType):
        inner = getattr(value, "__wrapped__", None) if callable(value) else None  # as functools.cache leaves it
        return _call(f"{type(value).__name__} around", [tell(inner)]) if isinstance(inner, types.FunctionType) else ""
    cells = {
        name: _content(cell) for name, cell in zip(value.__code__.co_freevars, value.__closure__ or (), strict=True)
    }
    known = (_text_of(value), value.__defaults__, value.__kwdefaults__, cells)
    return _call(f"function {_name(value)}", map(tell, known))


def _text_of(function: types.FunctionType) -> str | types.CodeType:
    """Return the source of a function, or where that is not its alone its code, as of a lambda.

    A source is better where there is one: pytest changes the code of tests.
    """
    try:
        return function.__code__ if function.__name__ == "<lambda>" else inspect.getsource(function)
    except (OSError, TypeError):
        return function.__code__


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing is in it yet
        return NotImplemented


def _of_object(value: Any, tell: Callable[[Any], str]) -> str:
    """Return the text of any other object: how pickling would make it again, or else how it shows itself."""
    name = _name(type(value))
    try:
        made = value.__reduce_ex__(PROTOCOL)
    except Exception:
        try:
            return _call(name, [ADDRESS.sub("", repr(value))])
        except Exception:
            return name
    if isinstance(made, str):
        return _call(name, [made])
    function, arguments, state, items, pairs = (*made, None, None, None)[:5]
    return _call(name, map(tell, (function, arguments, state, [*(items or ())], [*(pairs or ())])))


def _name(value: Any) -> str:
    """Return a name without packages: how a test file's module is called depends on where pytest was started."""
    module = str(getattr(value, "__module__", "")).rpartition(".")[2]
    return f"{module}.{getattr(value, '__qualname__', '')}"


def _call(name: str, parts: Iterable[str]) -> str:
    return f"{name}({', '.join(parts)})"
