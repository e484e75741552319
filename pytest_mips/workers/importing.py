"""What names of modules mean in a child process: what they mean in this one, and never a file that is near by chance.

pytest puts the folder of a test file first on `sys.path`, where a file `queue.py` or `numpy.py` would take the place of
what the library needs. So a child looks into the standard library first, then into what is installed, then elsewhere.
A name under which this process has imported something else all the same is pinned to the folder it came from.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

PINS = "MIPS_PINNED_MODULES"  # a variable in the environment of a child: a JSON object, names and their folders
INSTALLED = ("site-packages", "dist-packages")
LIBRARY = ("mips", "pytest_mips")
STANDARD = tuple({f"{sysconfig.get_path(name)}{os.sep}" for name in ("stdlib", "platstdlib")})
ARCHIVE = f"python{sys.version_info.major}{sys.version_info.minor}.zip"  # of the standard library, where it is one
NEEDED = ("mips.pipeline", "mips.judging.sandbox.verdict")  # import all that the library needs
STARTED_IN = os.getcwd()  # what relative folders in PYTHONPATH are relative to; runs may go elsewhere later


def child_environment() -> dict[str, str]:
    """Return the variables that give a child the modules of this process, and its prints an encoding that takes all."""
    path = path_of_children()
    told = {"PYTHONPATH": os.pathsep.join(path), "PYTHONIOENCODING": "utf-8:backslashreplace"}
    pins, guarded = (
        {name: _folder(module) for name, module in taken(path, guarded=kind).items()} for kind in (False, True)
    )
    return told | {PINS: json.dumps({"pins": pins | guarded, "guarded": bool(guarded)})}


def path_of_children() -> list[str]:
    """Return the folders in which children of this process look for modules, in their order.

    Among them is the folder of this package, which an editable installation finds by a hook alone.
    """
    own = str(Path(__file__).parents[2])
    return child_path(sys.path if own in sys.path else [*sys.path, own], os.environ.get("PYTHONPATH", ""))


def child_path(path: Sequence[str], given: str = "") -> list[str]:
    """Return the folders of `path` in the order of a child; `given` is what PYTHONPATH was, which users order."""
    users = (os.path.join(STARTED_IN, entry) for entry in given.split(os.pathsep) if entry)
    first = {str(Path(__file__).parents[2]), *map(os.path.normpath, users)}
    ranks: tuple[Callable[[str], bool], ...] = (_is_standard, first.__contains__, _is_installed, lambda entry: True)
    return sorted(path, key=lambda entry: next(rank for rank, holds in enumerate(ranks) if holds(entry)))


def taken(path: Sequence[str], *, guarded: bool) -> dict[str, ModuleType]:
    """Return what was imported here from a project and is something else by that name on `path`, by its name.

    Either those that are `guarded`, of the standard library or installed there, so that the library may need them, or
    the others.
    """
    found = {}
    for name, module in sys.modules.copy().items():  # other threads import meanwhile; a copy is made at once
        file = getattr(module, "__file__", None)
        if "." in name or not isinstance(file, str) or _is_standard(file) or _is_installed(file):
            continue
        with suppress(ImportError, ValueError, OSError):
            spec = PathFinder.find_spec(name, [*path])
            origin = spec.origin if spec is not None else None
            if origin and not _same(origin, file) and guarded is (_is_standard(origin) or _is_installed(origin)):
                found[name] = module
    return found


def pin() -> None:
    """Make the pinned names of this child mean what they are pinned to, but for what the library needs by that name."""
    told = json.loads(os.environ.pop(PINS, "") or "{}")
    pins: dict[str, str] = told.get("pins", {})
    if told.get("guarded"):
        sys.meta_path.insert(0, _Pinned({name: pins[name] for name in pins if name in LIBRARY}))
        for name in NEEDED:
            with suppress(ImportError):  # not needed by every solver
                importlib.import_module(name)
    if pins:
        sys.meta_path.insert(0, _Pinned(pins))


def importable(name: str, path: Sequence[str]) -> bool:
    """Return whether a child finds a module by its dotted name; nothing is imported."""
    parts = name.split(".")
    if parts[0] in sys.stdlib_module_names and _is_standard(getattr(sys.modules.get(parts[0]), "__file__", ARCHIVE)):
        return True
    places: Sequence[str] | None = None
    for length in range(1, len(parts) + 1):
        spec = _spec(".".join(parts[:length]), path if length == 1 else places)
        if spec is None or (length < len(parts) and spec.submodule_search_locations is None):
            return False
        places = [*(spec.submodule_search_locations or ())]
    return True


class _Pinned:
    """A finder that knows where some modules are."""

    def __init__(self, folders: Mapping[str, str]) -> None:
        self._folders = folders

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        return PathFinder.find_spec(name, [self._folders[name]]) if name in self._folders else None


def _spec(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    """Return what a fresh process finds; `find_spec` of importlib looks at what is imported here first."""
    if spec := PathFinder.find_spec(name, path):
        return spec
    for finder in sys.meta_path:  # of installations for development
        if getattr(finder, "__module__", "").startswith("__editable__"):
            with suppress(Exception):
                if spec := finder.find_spec(name, None, None):
                    return spec
    return None


def _folder(module: ModuleType) -> str:
    file = Path(str(module.__file__))
    return str(file.parents[1] if file.stem == "__init__" else file.parent)


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _is_installed(path: str) -> bool:
    return any(f"{os.sep}{folder}" in path for folder in INSTALLED)


def _is_standard(path: str) -> bool:
    """Return whether a path is the standard library, or in it."""
    return path.endswith(ARCHIVE) or (f"{path}{os.sep}".startswith(STANDARD) and not _is_installed(path))
