"""How a text uses its own entry point, told from the calls that test it: with a word at a time, or with a symbol.

Programs that were asked for by examples are often functions of one symbol, which the text then applies to every symbol
of its example rows; and their symbols of several numbers are lists or tuples, as in those rows. The standard library
alone is imported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

ROW = 1  # depth of a row among the rows of a module's data; a symbol of a row is deeper
WRAPPERS = frozenset({"zip", "enumerate", "list", "tuple", "reversed", "sorted", "iter"})


def takes_symbols(tree: ast.Module, name: str) -> bool:
    """Return whether every call of a top-level function in the code that only tests it is with a symbol of a row.

    False where it is not called there. A call is with a symbol if its arguments come out of a row, by a loop over the
    row or by an index into it; rows come out of data in the same way.
    """
    depths = [depth for call, known in _calls(tree, name) for depth in [_least([*call.args], known)]]
    return bool(depths) and all(depth > ROW for depth in depths)


def writes_lists(tree: ast.Module, width: int) -> bool:
    """Return whether symbols of `width` numbers stand in a text as lists, and none as a tuple."""
    kinds = {
        type(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.List | ast.Tuple)
        and len(node.elts) == width
        and all(isinstance(part, ast.Constant) and type(part.value) is int for part in node.elts)
    }
    return kinds == {ast.List}


def _calls(tree: ast.Module, name: str) -> Iterator[tuple[ast.Call, Mapping[str, int]]]:
    """Yield the calls of a function outside of itself, with the depths of the names that loops around it bind."""
    for node in tree.body:
        if not (isinstance(node, ast.FunctionDef) and node.name == name):
            yield from _inside(node, name, {})


def _inside(node: ast.AST, name: str, known: Mapping[str, int]) -> Iterator[tuple[ast.Call, Mapping[str, int]]]:
    match node:
        case ast.Call(func=ast.Name(id=found)) if found == name:
            yield node, known
        case ast.For(target=target, iter=iterable):
            known = {**known, **_bound(target, iterable, known)}
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            for part in node.generators:
                known = {**known, **_bound(part.target, part.iter, known)}
    for child in ast.iter_child_nodes(node):
        yield from _inside(child, name, known)
        if isinstance(child, ast.Assign):  # seen by the statements that follow
            depth = _depth(child.value, known)
            names = {one.id for target in child.targets for one in ast.walk(target) if isinstance(one, ast.Name)}
            known = {**known, **dict.fromkeys(names, depth)}


def _bound(target: ast.expr, iterable: ast.expr, known: Mapping[str, int]) -> dict[str, int]:
    names = [part.id for part in ast.walk(target) if isinstance(part, ast.Name)]
    match iterable:
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]) if isinstance(target, ast.Tuple):
            return {names[0]: 0} | _bound(target.elts[1], inner, known) if len(target.elts) == 2 else {}
        case ast.Call(func=ast.Name(id="zip"), args=parts) if isinstance(target, ast.Tuple):
            if len(parts) == len(target.elts):
                pairs = zip(target.elts, parts, strict=True)
                return {name: depth for each, part in pairs for name, depth in _bound(each, part, known).items()}
    return dict.fromkeys(names, _depth(iterable, known) + 1)


def _depth(node: ast.expr, known: Mapping[str, int]) -> int:
    """Return how many loops or indices deep in the data of a module a value is; 0 for the data, and for what is not."""
    match node:
        case ast.Name(id=name):
            return known.get(name, 0)
        case ast.Subscript(value=value, slice=ast.Slice()):
            return _depth(value, known)
        case ast.Subscript(value=value, slice=ast.Constant(value=str())):
            return _depth(value, known)
        case ast.Subscript(value=value):
            return _depth(value, known) + 1
        case ast.Call(func=ast.Name(id=name), args=parts) if name in WRAPPERS:
            return _least(parts, known)
    return 0


def _least(parts: list[ast.expr], known: Mapping[str, int]) -> int:
    return min((_depth(part, known) for part in parts), default=0)
