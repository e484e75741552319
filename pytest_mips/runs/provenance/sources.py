"""What a Python file is made of: itself and all modules of the project that it imports, in any depth."""

from __future__ import annotations

import ast
import hashlib
import sysconfig
import warnings
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

LIBRARY = "mips"  # is hashed as a whole, elsewhere
ELSEWHERE = ("site-packages", "dist-packages")  # what is installed counts by its version


class Sources:
    """Hashes of sources below the root of a project. Each file is read once, and nothing is imported."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._standard = Path(sysconfig.get_path("stdlib")).resolve()
        self._seen: dict[tuple[Path, str], tuple[str, tuple[str, ...]]] = {}

    def of_file(self, path: Path, package: str = "") -> str:
        """Return a hash of a file and of what it imports from the project or from its own folder.

        `package` is what its relative imports start from. Import statements are seen wherever they stand, other ways
        to read a file are not.
        """
        return self._digest("", path, package, [self._root, path.resolve().parent])

    def of_module(self, name: str) -> str:
        """Return the same of a module by its dotted name, and of its own package.

        Nothing is returned for one that is not found, and for those of the library.
        """
        file, top = _file_of(name), _file_of(name.partition(".")[0])
        if file is None or name.partition(".")[0] == LIBRARY:
            return ""
        own = [top.resolve().parent] if top is not None and top.name == "__init__.py" else []
        return self._digest(name, file, _package(name, file), [self._root, *own])

    def _digest(self, name: str, path: Path, package: str, roots: Sequence[Path]) -> str:
        found: dict[str, str] = {}
        waiting = {name: (path, package)}
        while waiting:
            name, (path, package) = waiting.popitem()
            found[name], imports = self._look(path, package)
            for other in imports:
                if other not in found and other.partition(".")[0] != LIBRARY:
                    file = _file_of(other)
                    if file is not None and any(self._counts(file.resolve(), root) for root in roots):
                        waiting[other] = file, _package(other, file)
        return hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()

    def _counts(self, file: Path, root: Path) -> bool:
        """Return whether a file is one of those of a project: not hidden and not installed."""
        if not file.is_relative_to(root) or file.is_relative_to(self._standard):
            return False
        return not any(part.startswith(".") or part in ELSEWHERE for part in file.relative_to(root).parts)

    def _look(self, path: Path, package: str) -> tuple[str, tuple[str, ...]]:
        """Return the hash of a file and the names of what it imports."""
        if (path, package) not in self._seen:
            content = path.read_bytes()
            self._seen[path, package] = hashlib.sha256(content).hexdigest(), tuple(_imported(content, package))
        return self._seen[path, package]


def _package(name: str, file: Path) -> str:
    return name if file.name == "__init__.py" else name.rpartition(".")[0]


def _imported(content: bytes, package: str) -> Iterator[str]:
    """Yield the dotted names of all modules that a source may import, and of the packages around them."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            around = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, [around, node.module]))
            names = [module, *(f"{module}.{alias.name}" for alias in node.names)] if module else []
        for name in names:
            parts = name.split(".")
            yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def _file_of(name: str) -> Path | None:
    """Return the source of a module, as far as it is a file; only its name is looked up, it is not imported."""
    top, *rest = name.split(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if not rest:
        return Path(spec.origin) if spec.has_location and spec.origin and spec.origin.endswith(".py") else None
    for place in spec.submodule_search_locations or ():
        stem = Path(place, *rest)
        for file in (stem / "__init__.py", stem.with_name(f"{stem.name}.py")):
            if file.is_file():
                return file
    return None
