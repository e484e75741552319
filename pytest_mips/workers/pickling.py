"""A task on its way to another process: pickled by value where that one could not import what the task is made of."""

from __future__ import annotations

import functools
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import cloudpickle

from pytest_mips.workers.importing import LIBRARY, importable, path_of_children, taken


def packed(thing: object, home: str) -> bytes:
    """Return a thing pickled so that a child can load it; the module called `home` goes along by value.

    So does every module that a child would not find, or of whose name it would find another. Raises whatever pickling
    raises.
    """
    path = path_of_children()
    along = {home} | {name for name in taken(path, guarded=True) if name not in LIBRARY}
    while True:  # what goes along may need more; there is no end to the modules before that to this
        data, needed = _pickled(thing, along)
        lost = {name for name in needed if name in sys.modules and not _among(along, name)}
        lost = {name for name in lost if not importable(name, path)}
        if not lost:
            return data
        along |= lost


def _pickled(thing: object, along: Iterable[str]) -> tuple[bytes, set[str]]:
    """Return a pickle, and the names of all modules that something in it is defined in."""
    modules = [sys.modules[name] for name in along if name in sys.modules]
    with _by_value(modules), io.BytesIO() as stream:
        pickler = _Pickler(stream, {module.__name__ for module in modules})
        pickler.dump(thing)
        return stream.getvalue(), pickler.needed


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle has no types
    """Takes along functions that keep their results, without these, where others only note the names of such."""

    def __init__(self, stream: io.BytesIO, along: set[str]) -> None:
        super().__init__(stream)
        self._along = along
        self.needed: set[str] = set()

    def reducer_override(self, obj: Any) -> Any:
        module = obj.__name__ if isinstance(obj, ModuleType) else getattr(obj, "__module__", None)
        if isinstance(module, str):
            self.needed.add(module)
            if isinstance(obj, functools._lru_cache_wrapper) and _among(self._along, module):
                return _keeping_results, (obj.__wrapped__, obj.cache_parameters())
        return super().reducer_override(obj)


def _among(names: Iterable[str], module: str) -> bool:
    """Return whether a module, or a package around it, is one of these."""
    return any(f"{module}.".startswith(f"{name}.") for name in names)


def _keeping_results(function: Callable[..., Any], parameters: dict[str, Any]) -> Callable[..., Any]:
    keeping: Callable[..., Any] = functools.lru_cache(**parameters)(function)
    return keeping


@contextmanager
def _by_value(modules: Iterable[ModuleType]) -> Iterator[None]:
    before = cloudpickle.list_registry_pickle_by_value()
    new = [module for module in modules if module.__name__ not in before]
    for module in new:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in new:
            cloudpickle.unregister_pickle_by_value(module)
