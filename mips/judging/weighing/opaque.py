"""Long texts that a program only compares, stores or hands on: their letters are never read, so they hold no table.

The standard library alone is imported.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import TypeGuard

LONGEST = 8  # characters of a text that stays as it is; a longer one counts as a table, see `constants`


def shorten_texts(tree: ast.Module, known: Collection[str] = ()) -> int:
    """Give long texts short ones in their place, the same for the same text; return the length of the longest, or 0.

    `state = "waiting for a one"` becomes `state = "t0"`. Texts stay where the program may read their letters: where one
    of them, or a name or attribute that one is assigned to, is indexed, iterated over, searched, called upon or given
    to a function. Equal texts stay equal and different ones different, so that a program which only compares them does
    what it did. Those that are `known` stay too: they come from elsewhere. The tree is changed in place.
    """
    constants = [node for node in ast.walk(tree) if _is_long(node) and node.value not in known]
    if not constants or _is_read(tree):
        return 0
    taken = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    fresh = (text for number in range(len(taken) + len(constants)) if (text := f"t{number}") not in taken)
    short = {text: next(fresh) for text in dict.fromkeys(str(node.value) for node in constants)}
    for node in constants:
        node.value = short[str(node.value)]
    return max(map(len, short))


def _is_long(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > LONGEST


def _is_read(tree: ast.Module) -> bool:
    """Return whether the letters of a long text may be read somewhere."""
    holders = {name for node in ast.walk(tree) for name in _holders(node)}
    return any(
        _is_long(part) or (isinstance(part, ast.Name) and part.id in holders)
        for node in ast.walk(tree)
        for reader in _readers(node)
        for part in _values(reader)
    )


def _holders(node: ast.AST) -> Iterator[str]:
    """Yield the names that a long text is assigned to, alone or inside of a collection."""
    match node:
        case ast.Assign(targets=targets, value=value) if any(map(_is_long, _values(value))):
            yield from (part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name))
        case ast.NamedExpr(target=ast.Name(id=name), value=value) if any(map(_is_long, _values(value))):
            yield name
        case ast.arguments(defaults=defaults, kw_defaults=more):
            arguments = [*node.posonlyargs, *node.args]
            for argument, default in zip(arguments[len(arguments) - len(defaults) :], defaults, strict=True):
                if any(map(_is_long, _values(default))):
                    yield argument.arg
            for argument, other in zip(node.kwonlyargs, more, strict=True):
                if other is not None and any(map(_is_long, _values(other))):
                    yield argument.arg


def _readers(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the operands of a node whose letters it may read."""
    match node:
        case ast.Subscript(value=value) | ast.Attribute(value=value) | ast.Starred(value=value):
            yield value
        case ast.For(iter=value) | ast.comprehension(iter=value) | ast.YieldFrom(value=value):
            yield value
        case ast.Call(args=arguments, keywords=keywords):
            yield from arguments
            yield from (keyword.value for keyword in keywords)
        case ast.BinOp(left=left, right=right):
            yield from (left, right)
        case ast.FormattedValue(value=value):
            yield value
        case ast.Compare(ops=ops, left=left, comparators=comparators):
            for operator, before, after in zip(ops, [left, *comparators], comparators, strict=False):
                if isinstance(operator, ast.In | ast.NotIn) and not isinstance(after, ast.Tuple | ast.List | ast.Set):
                    yield after
                if isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
                    yield from (before, after)
        case ast.Assign(targets=[ast.Tuple() | ast.List(), *_], value=ast.Constant() as value):
            yield value


def _values(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what an expression may be: itself, or one of its branches; collections and look-ups count as the parts."""
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            yield from _values(body)
            yield from _values(orelse)
        case ast.BoolOp(values=values):
            for value in values:
                yield from _values(value)
        case _:
            yield node
