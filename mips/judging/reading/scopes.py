"""What the statements at the top level of a program bind, use and change, by Python's own rules for names.

The standard library alone is imported.
"""

from __future__ import annotations

import ast
import symtable
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mips.judging.reading.trimming import MUTATORS, is_speech

ATTRIBUTE_SETTERS = frozenset({"setattr", "delattr"})


@dataclass(frozen=True, eq=False)
class Piece:
    """A statement at the top level of a module, or a method that can be left out of its class.

    `binds` are the names of the module that it makes, `uses` those that it or the functions in it read. `touches` are
    names whose objects are changed when it runs, `given` those handed to a call that nobody asks an answer of, and
    `calls` functions called so.
    """

    node: ast.stmt
    owner: str = ""  # the class of a method
    methods: tuple[Piece, ...] = ()  # of a class, that can be left out

    @cached_property
    def _table(self) -> symtable.SymbolTable:
        text = ast.unparse(self.node)
        with warnings.catch_warnings(action="ignore", category=SyntaxWarning):
            return symtable.symtable(text, "<program>", "exec")

    @cached_property
    def binds(self) -> frozenset[str]:
        if self.owner:
            return frozenset()
        own = {one.get_name() for one in self._table.get_symbols() if one.is_assigned() or one.is_imported()}
        return frozenset(own)

    @cached_property
    def uses(self) -> frozenset[str]:
        own = {one.get_name() for one in self._table.get_symbols() if one.is_referenced()}
        inner = {one.get_name() for table in _inside(self._table) for one in table.get_symbols() if one.is_global()}
        return frozenset(own | inner)

    @cached_property
    def sets(self) -> frozenset[str]:
        """Names of the module that the functions in it assign (`global`)."""
        return frozenset(
            one.get_name()
            for table in _inside(self._table)
            for one in table.get_symbols()
            if one.is_declared_global() and one.is_assigned()
        )

    @cached_property
    def effects(self) -> Effects:
        """What happens when the statement runs; of a function, when it is called."""
        if isinstance(self.node, ast.FunctionDef | ast.AsyncFunctionDef):
            found = effects_of(part for one in self.node.body for part in ast.walk(one))
            own = self.uses | self.sets
            return Effects(found.touched & own, found.given & own, found.calls, found.decorated)
        return effects_of(_running(self.node))

    @cached_property
    def changes_arguments(self) -> bool:
        """Whether a function changes what it is given, as far as is seen."""
        if not isinstance(self.node, ast.FunctionDef):
            return True
        found = effects_of(part for one in self.node.body for part in ast.walk(one))
        arguments = self.node.args
        names = {one.arg for one in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]}
        return bool(names & (found.touched | found.given))

    @cached_property
    def aliases(self) -> frozenset[tuple[str, str]]:
        """Pairs of names that may mean one object: `a = b`, `a` in `for a in b`, and two imports of one module."""
        found = set[tuple[str, str]]()
        if isinstance(self.node, ast.Import):
            found = {(one.asname or one.name.partition(".")[0], f"module {one.name}") for one in self.node.names}
        for node in _running(self.node):
            match node:
                case ast.Assign(targets=targets, value=value):
                    other = root(value) if isinstance(value, ast.Name | ast.Subscript | ast.Attribute) else ""
                    found |= {(target.id, other) for target in targets if isinstance(target, ast.Name) and other}
                case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                    other = root(value)
                    names = {part.id for part in ast.walk(target) if isinstance(part, ast.Name)}
                    found |= {(name, other) for name in names if other}
        return frozenset(found)


@dataclass(frozen=True)
class Effects:
    """Names whose objects are changed, that are handed to calls for their effect, that are called for it, and of whose
    attributes decorators are made."""

    touched: frozenset[str]
    given: frozenset[str]
    calls: frozenset[str]
    decorated: frozenset[str]


def effects_of(nodes: Iterator[ast.AST]) -> Effects:
    """Return what statements and expressions change, as far as their form shows it.

    A call whose value is used is taken to be made for its value, one whose value is not for its effect; methods that
    are known to change an object always do.
    """
    touched, given, calls, decorated = set[str](), set[str](), set[str](), set[str]()
    for node in nodes:
        match node:
            case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                touched.add(root(node))
            case ast.Call(func=ast.Attribute(attr=attribute) as function) if attribute in MUTATORS:
                touched.add(root(function))
            case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in ATTRIBUTE_SETTERS:
                touched.add(root(first))
            case ast.Expr(value=ast.Call() as call) if not is_speech(node):
                if isinstance(call.func, ast.Name):
                    calls.add(call.func.id)
                else:
                    touched.add(root(call.func))
                given |= {root(one) for one in [*call.args, *(keyword.value for keyword in call.keywords)]}
            case ast.FunctionDef(decorator_list=decorators) | ast.ClassDef(decorator_list=decorators):
                for decorator in decorators:
                    made = decorator.func if isinstance(decorator, ast.Call) else decorator
                    (calls if isinstance(made, ast.Name) else decorated).add(root(made))
    return Effects(*(frozenset(names - {""}) for names in (touched, given, calls, decorated)))


def root(node: ast.AST) -> str:
    """Return the name that an attribute or an element is taken of, nothing where there is none."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a statement that run when it does, not the bodies of functions that it makes."""
    left: list[ast.AST] = [node]
    while left:
        part = left.pop()
        yield part
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            left += [*part.decorator_list, *part.args.defaults, *(one for one in part.args.kw_defaults if one)]
        elif not isinstance(part, ast.Lambda):
            left += ast.iter_child_nodes(part)


def _inside(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _inside(child)
