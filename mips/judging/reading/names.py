"""Whether a program may be able to read its own names, so that they could hold what it looks up.

The standard library alone is imported.
"""

from __future__ import annotations

import ast

# By these a program can look at its own text, names or parts, whatever they are called.
LOOKING_NAMES = frozenset(
    ["globals", "locals", "vars", "dir", "eval", "exec", "compile", "__import__", "__builtins__", "__annotations__"]
)
LOOKING_ATTRIBUTES = frozenset(
    [
        "modules",
        "_getframe",
        "__globals__",
        "__dict__",
        "__code__",
        "__subclasses__",
        "__builtins__",
        "__annotations__",
        "__doc__",
        "f_globals",
        "f_locals",
        "__closure__",
        "currentframe",
        "__getattribute__",
        "__import__",
        "_current_frames",
        "get_type_hints",
    ]
)
# What a function does, and what an object is, hangs on these.
INNER_ATTRIBUTES = frozenset(
    {"__code__", "__defaults__", "__kwdefaults__", "__globals__", "__closure__", "__dict__", "__class__"}
    | {"__bases__", "__call__", "__wrapped__"}
)
LOOKING_MODULES = frozenset(
    ["inspect", "importlib", "builtins", "__main__", "program", "gc", "ctypes", "runpy", "code", "pickle", "pdb", "dis"]
)
# By these it can read some of them.
NAMING = frozenset(
    [
        "__name__",
        "__qualname__",
        "__slots__",
        "__match_args__",
        "__members__",
        "_member_names_",
        "_member_map_",
        "_fields",
        "_asdict",
        "asdict",
        "fields",
        "repr",
        "traceback",
        "SimpleNamespace",
        "__repr__",
    ]
)
NAMED_PARTS = frozenset(
    ["dataclass", "NamedTuple", "namedtuple", "Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "make_dataclass"]
)
WRITING = frozenset(["str", "format", "ascii", "name"])


def looks_around(tree: ast.AST) -> bool:
    """Return whether a program may look at its own text or at names of its module."""
    for part in ast.walk(tree):
        match part:
            case ast.Name(id=name) if name in LOOKING_NAMES:
                return True
            case ast.Attribute(attr=name) if name in LOOKING_ATTRIBUTES:
                return True
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in LOOKING_MODULES:
                return True
            case ast.ImportFrom(names=names) if any(one.name in LOOKING_ATTRIBUTES for one in names):
                return True
            case ast.Import(names=names) if any(one.name.partition(".")[0] in LOOKING_MODULES for one in names):
                return True
            case ast.Call(func=ast.Name(id="getattr"), args=[_, name, *more]):
                if not isinstance(name, ast.Constant) and (more or not beginning_of(name)):
                    return True
    return False


def rewrites(tree: ast.AST) -> bool:
    """Return whether a program may change what one of its functions does, or attributes whose names it makes."""
    for part in ast.walk(tree):
        match part:
            case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()) if name in INNER_ATTRIBUTES:
                return True
            case (
                ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[_, name, *_])
                | ast.Call(func=ast.Attribute(attr="__setattr__" | "__delattr__"), args=[_, name, *_])
            ):
                if not isinstance(name, ast.Constant) or name.value in INNER_ATTRIBUTES:
                    return True
    return False


def beginning_of(name: ast.expr) -> str:
    """Return the text with which every value of an expression begins, where that is the beginning of a plain name."""
    while isinstance(name, ast.BinOp | ast.JoinedStr):
        name = name.left if isinstance(name, ast.BinOp) else name.values[0] if name.values else ast.Constant("")
    text = name.value if isinstance(name, ast.Constant) else ""
    return text if isinstance(text, str) and text.isidentifier() and not text.startswith("__") else ""


def beginnings(tree: ast.AST) -> tuple[str, ...]:
    """Return how the attributes begin that a program looks up by names which it makes: `getattr(self, f"on_{event}")`.

    Of these it can tell which there are, and nothing of others.
    """
    return tuple(
        beginning
        for part in ast.walk(tree)
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == "getattr"
        if len(part.args) == 2 and not isinstance(part.args[1], ast.Constant)
        if (beginning := beginning_of(part.args[1]))
    )


def reads_names(tree: ast.AST) -> bool:
    """Return whether a program may get at the spelling of its names: by looking around, from keywords, from the text of
    an error that it catches, or from things that tell the names of their parts when they are written down."""
    if looks_around(tree):
        return True
    words, defined, written = set[str](), set[str](), set[str]()
    writes = False
    for part in ast.walk(tree):
        match part:
            case ast.ExceptHandler(name=str()):
                return True
            case ast.FunctionDef(args=ast.arguments(kwarg=ast.arg(arg=name))) if not _only_handed_on(part, name):
                return True
            case ast.Lambda(args=ast.arguments(kwarg=ast.arg(arg=name))) if not _only_handed_on(part, name):
                return True
            case ast.Call(func=ast.Name(id="dict"), keywords=[_, *_]):
                return True
            case ast.Call(func=ast.Name(id="str" | "format" | "ascii"), args=[ast.Name(id=name), *_]):
                written.add(name)
            case ast.JoinedStr() | ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod()):
                writes = True
        match part:
            case ast.Name(ctx=ast.Store()):  # to set `__slots__` is not to read it
                pass
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                words.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                defined.add(name)
    if words & NAMING or written & defined:
        return True
    return bool(words & NAMED_PARTS) and (writes or bool(words & WRITING))


def _only_handed_on(function: ast.AST, name: str) -> bool:
    """Return whether a function does nothing with its keywords but to give them to others."""
    parts = [*ast.walk(function)]
    uses = sum(isinstance(part, ast.Name) and part.id == name for part in parts)
    handed = sum(
        isinstance(part, ast.keyword)
        and part.arg is None
        and isinstance(part.value, ast.Name)
        and part.value.id == name
        for part in parts
    )
    return uses == handed
