"""A program cut down to its entry point and all that this reaches: functions, classes, constants and imports.

What is cut off never runs, so that nothing hides in it; what stays is weighed. The standard library alone is imported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mips.judging.reading.entry_point import Entry, is_main_block
from mips.judging.reading.names import beginnings, looks_around, rewrites
from mips.judging.reading.scopes import Piece, effects_of

DISPLAYS = frozenset({"__repr__", "__str__", "__format__"})  # asked by these, or by texts that are put together:
DISPLAYING = frozenset({"repr", "str", "format", "ascii", "print", "join"})
HARMLESS_BASES = frozenset({"object", "ABC"})
HARMLESS_DECORATORS = frozenset(
    ["staticmethod", "classmethod", "property", "cache", "lru_cache", "cached_property", "setter"]
)


def reached(tree: ast.Module, entry: Entry) -> ast.Module | None:
    """Return a new tree with the entry point and what it reaches, in order, or None where everything may be reached.

    A statement at the top level is reached if it makes a name that is reached, or changes an object of such a name; a
    function and a class if anything reached names them; a method if anything reached has an attribute of its name. The
    block for `__main__` is not, nor are tests and examples: calls whose values go nowhere else.
    """
    if rewrites(tree):
        return None
    pieces = [piece for piece in _pieces(tree) if not _is_never(piece.node)]
    kept, methods = _closed(pieces, entry)
    body = [_with_methods(piece, methods) for piece in pieces if piece in kept]
    body = [*_without_replaced(body)]
    needed = _names(body) | {entry.name, entry.owner}
    body = [part for one in body if (part := _needed_imports(one, needed)) is not None]
    found = ast.Module(body=body, type_ignores=[])
    return None if looks_around(found) else found


def _pieces(tree: ast.Module) -> list[Piece]:
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    return [Piece(node, methods=tuple(_methods(node, classes))) for node in tree.body]


def _methods(node: ast.stmt, classes: set[str]) -> Iterator[Piece]:
    """Yield the methods that can be left out of a class: nothing but their names can call them."""
    if not isinstance(node, ast.ClassDef) or node.keywords:
        return
    bases = {base.id if isinstance(base, ast.Name) else "" for base in node.bases}
    if bases - classes - HARMLESS_BASES or any("dataclass" not in ast.dump(one) for one in node.decorator_list):
        return
    for part in node.body:
        if not isinstance(part, ast.FunctionDef):
            continue
        if part.name.startswith("__") and part.name.endswith("__") and part.name not in DISPLAYS:
            continue
        if all(_decorator(one) in HARMLESS_DECORATORS for one in part.decorator_list):
            yield Piece(part, owner=node.name)


def _decorator(node: ast.expr) -> str:
    made = node.func if isinstance(node, ast.Call) else node
    return made.id if isinstance(made, ast.Name) else made.attr if isinstance(made, ast.Attribute) else ""


def _is_never(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assert) or (isinstance(node, ast.If) and is_main_block(node) and not node.orelse)


def _closed(pieces: Sequence[Piece], entry: Entry) -> tuple[set[Piece], set[Piece]]:
    """Return the statements that are reached, and the methods."""
    functions = {
        piece.node.name: piece for piece in pieces if isinstance(piece.node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    modules = {name for piece in pieces if isinstance(piece.node, ast.Import | ast.ImportFrom) for name in piece.binds}
    classes = {piece.node.name for piece in pieces if isinstance(piece.node, ast.ClassDef)}
    things = modules | classes | functions.keys()
    alike = _alike(pieces)
    needed = {entry.owner or entry.name}
    asked = {entry.name}  # attributes by which methods are found
    made = tuple(one for piece in pieces for one in beginnings(piece.node))
    kept, methods = set[Piece](), set[Piece]()
    while True:
        before = len(kept), len(methods), len(needed)
        objects = needed.union(*(alike.get(name, ()) for name in needed))
        for piece in pieces:
            if piece not in kept and (
                piece.binds & needed
                or _always(piece.node)
                or _changed(piece, functions, modules, things, entry) & objects
                or _registers(piece.node, needed, pieces)
            ):
                kept.add(piece)
            if piece in kept:
                rest = _with_methods(piece, set())
                needed |= (piece if rest is piece.node else Piece(rest)).uses | piece.sets
                needed |= {name for name in objects & alike.keys() if name in piece.effects.touched}
                asked |= _attributes(rest)
                for method in piece.methods:
                    if not isinstance(method.node, ast.FunctionDef) or method in methods:
                        continue
                    if method.node.name in asked or method.node.name.startswith(made or ("\n",)):
                        methods.add(method)
                        needed |= method.uses | method.sets
                        asked |= _attributes(method.node)
        if (len(kept), len(methods), len(needed)) == before:
            return kept, methods


def _changed(
    piece: Piece, functions: Mapping[str, Piece], modules: set[str], things: set[str], entry: Entry
) -> frozenset[str]:
    """Return the names whose objects a statement changes when it runs, also by way of the functions that it calls.

    The entry point itself is called by tests and examples, and changes what it changes when it is called for real.
    """
    if isinstance(piece.node, ast.FunctionDef | ast.AsyncFunctionDef):
        effects = effects_of(iter([piece.node]))  # it is made, not called
    else:
        effects = piece.effects
    found, calls = effects.touched | (effects.decorated - modules), [*effects.calls]
    if any(name not in functions or functions[name].changes_arguments for name in calls) or not calls:
        found |= effects.given - things
    seen = {entry.name}
    while calls:
        name = calls.pop()
        if name in seen or name not in functions:
            continue
        seen.add(name)
        one = functions[name]
        found |= one.effects.touched | one.sets | (one.effects.given - things)
        calls += one.effects.calls
    return found


def _registers(node: ast.stmt, needed: set[str], pieces: Sequence[Piece]) -> bool:
    """Return whether a class makes itself known to one that is reached, from which it is derived."""
    if not isinstance(node, ast.ClassDef):
        return False
    bases = {base.id for base in node.bases if isinstance(base, ast.Name)} & needed
    return any(
        isinstance(piece.node, ast.ClassDef)
        and piece.node.name in bases
        and (piece.node.keywords or "__init_subclass__" in _attributes(piece.node))
        for piece in pieces
    )


def _alike(pieces: Iterable[Piece]) -> dict[str, set[str]]:
    """Return for each name the others that may mean the same object."""
    groups: dict[str, set[str]] = {}
    for piece in pieces:
        for left, right in piece.aliases:
            joined = groups.get(left, {left}) | groups.get(right, {right})
            groups.update(dict.fromkeys(joined, joined))
    return groups


def _always(node: ast.stmt) -> bool:
    match node:
        case ast.ImportFrom(module="__future__") | ast.ImportFrom(names=[ast.alias(name="*")]):
            return True
    return False


def _attributes(node: ast.AST) -> set[str]:
    """Return the attributes that a part of a program has or asks for, also by `getattr` with a text."""
    found = set[str]()
    for part in ast.walk(node):
        match part:
            case ast.JoinedStr() | ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod()):
                found |= DISPLAYS
            case ast.Attribute(attr=name) | ast.FunctionDef(name=name) | ast.keyword(arg=str(name)):
                found.add(name)
            case ast.Name(id=name) | ast.Constant(value=str(name)):
                found.add(name)
    return found | DISPLAYS if found & DISPLAYING else found


def _with_methods(piece: Piece, methods: set[Piece]) -> ast.stmt:
    """Return a class without those of its methods that can be left out and are not in `methods`."""
    out = {id(method.node) for method in piece.methods if method not in methods}
    if not out or not isinstance(piece.node, ast.ClassDef):
        return piece.node
    body = [part for part in piece.node.body if id(part) not in out]
    fields = {name: getattr(piece.node, name) for name in piece.node._fields}
    left = body or [ast.copy_location(ast.Pass(), piece.node)]
    return ast.copy_location(ast.ClassDef(**{**fields, "body": left}), piece.node)


def _without_replaced(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements without functions of which another of the same name stands below, unused till then."""
    for place, node in enumerate(body):
        if isinstance(node, ast.FunctionDef):
            later = (
                number
                for number in range(place + 1, len(body))
                if isinstance(other := body[number], ast.FunctionDef)
                and other.name == node.name
                and not other.decorator_list
            )
            end = next(later, None)
            between = [] if end is None else body[place + 1 : end]
            if end is not None and all(isinstance(one, ast.FunctionDef) and not one.decorator_list for one in between):
                continue
        yield node


def _names(body: Iterable[ast.stmt]) -> set[str]:
    return {part.id for node in body for part in ast.walk(node) if isinstance(part, ast.Name)} | {
        name
        for node in body
        for part in ast.walk(node)
        if isinstance(part, ast.Global)
        for name in part.names
    }  # fmt: skip


def _needed_imports(node: ast.stmt, needed: set[str]) -> ast.stmt | None:
    """Return an import without the names that nothing reached has, any other statement as it is."""
    if not isinstance(node, ast.Import | ast.ImportFrom) or _always(node):
        return node
    names = [one for one in node.names if (one.asname or one.name.partition(".")[0]) in needed]
    if not names or len(names) == len(node.names):
        return node if names else None
    kept = ast.Import(names) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, names, node.level)
    return ast.copy_location(kept, node)
