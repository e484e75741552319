"""What a program says to its readers and not to itself, taken out of its tree: it weighs nothing and never runs.

Docstrings, annotations, prints, assertions, and the texts of errors. The standard library alone is imported.
"""

from __future__ import annotations

import ast
from typing import TypeGuard

from mips.program.docstrings import strip_docstrings

# Methods that change what they are called on, of the containers of the standard library.
MUTATORS = frozenset(
    [
        "add",
        "append",
        "appendleft",
        "cache_clear",
        "clear",
        "difference_update",
        "discard",
        "extend",
        "extendleft",
        "fill",
        "insert",
        "intersection_update",
        "pop",
        "popitem",
        "popleft",
        "push",
        "put",
        "register",
        "remove",
        "reverse",
        "rotate",
        "seed",
        "setdefault",
        "shuffle",
        "sort",
        "subtract",
        "symmetric_difference_update",
        "update",
        "send",
        "throw",
        "write",
        "writelines",
        "__setitem__",
        "__delitem__",
    ]
)
# Calls in what is said that only look at their arguments, and those that read an iterator to its end.
LOOKING = frozenset(
    {"len", "isinstance", "issubclass", "abs", "str", "repr", "int", "float", "bool", "type", "round", "format"}
    | {"range", "ord", "chr", "hasattr", "callable", "divmod"}
)
READING = frozenset(
    {"all", "any", "min", "max", "sum", "sorted", "list", "tuple", "set", "frozenset", "enumerate", "zip", "dict"}
    | {"map", "filter", "reversed"}
)
LOOKING_METHODS = frozenset(
    {"format", "join", "upper", "lower", "title", "strip", "lstrip", "rstrip", "count", "index", "find", "get"}
    | {"items", "keys", "values", "copy", "isdigit", "isalpha", "startswith", "endswith", "split", "ljust", "rjust"}
    | {"center", "zfill", "bit_length", "tolist", "perf_counter", "time", "monotonic", "process_time"}
)
WRITERS = frozenset({"stdout", "stderr"})
ITERATORS = frozenset({"iter", "map", "filter", "zip", "enumerate", "reversed", "count", "cycle", "chain", "islice"})
LOGGERS = frozenset({"log", "logger", "logging"})
LEVELS = frozenset({"debug", "info", "warning", "error", "critical", "exception"})
MEANINGFUL = frozenset({"ClassVar", "InitVar", "KW_ONLY"})  # annotations of fields that change what a class is


def trimmed(tree: ast.Module) -> ast.Module:
    """Return the tree, changed in place, without what only speaks to readers.

    What may do something else meanwhile, such as `print(stack.pop())`, stays; so do assertions inside of a `try`.
    """
    strip_docstrings(tree)
    trimmed: ast.Module = _Trimmer(tree).visit(tree)
    return trimmed


def _holds_iterators(tree: ast.Module) -> bool:
    """Return whether a program may keep an iterator under a name, which reading empties."""
    for node in ast.walk(tree):
        match node:
            case ast.Yield() | ast.YieldFrom():
                return True
            case ast.Assign(value=value) | ast.AnnAssign(value=value) | ast.NamedExpr(value=value):
                for part in ast.walk(value) if value is not None else ():
                    match part:
                        case ast.GeneratorExp():
                            return True
                        case ast.Call(func=ast.Name(id=name)) if name in ITERATORS:
                            return True
                        case ast.Attribute(attr="count" | "cycle" | "chain" | "islice" | "tee" | "__iter__"):
                            return True
    return False


def is_speech(node: ast.stmt) -> TypeGuard[ast.Expr]:
    """Return whether a statement is `print(...)`, or writes to a standard stream or, by the name of it, to a log."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    match node.value.func:
        case ast.Name(id="print"):
            return True
        case ast.Attribute(value=ast.Name(id=name), attr=level) if name.lower() in LOGGERS:
            return level in LEVELS
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id="sys"), attr=stream)):
            return stream in WRITERS
    return False


def _is_bound(tree: ast.Module, name: str) -> bool:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=found, ctx=ast.Store()) | ast.arg(arg=found) | ast.FunctionDef(name=found):
                if found == name:
                    return True
            case ast.alias():
                if (node.asname or node.name) == name:
                    return True
    return False


class _Trimmer(ast.NodeTransformer):
    def __init__(self, tree: ast.Module) -> None:
        self._own_print = _is_bound(tree, "print")
        self._own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        self._iterators = _holds_iterators(tree)
        self._tries = 0
        self._class = False
        self._only_read = set[str]()  # names that the function around reads and never gives a value

    def _is_own(self, call: ast.expr) -> bool:
        """Return whether what is called to speak is perhaps a function or method of the program itself."""
        called = call.func if isinstance(call, ast.Call) else call
        return called.attr in self._own if isinstance(called, ast.Attribute) else self._own_print

    def _is_only_said(self, node: ast.expr) -> bool:
        """Return whether an expression that a reader sees gives a value and does nothing else."""
        for part in ast.walk(node):
            match part:
                case ast.Call(func=ast.Name(id=name)) if name in LOOKING - self._own:
                    pass
                case ast.Call(func=ast.Name(id=name)) if name in READING - self._own and not self._iterators:
                    pass
                case ast.Call(func=ast.Attribute(attr=name)) if name in LOOKING_METHODS - self._own:
                    pass
                case ast.Call() | ast.Await() | ast.NamedExpr() | ast.Yield() | ast.YieldFrom():
                    return False
                case ast.Starred() | ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
                    if self._iterators:
                        return False
        return True

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        if isinstance(node.value, ast.Constant):  # a text or number that nobody reads
            return None
        if is_speech(node) and not self._is_own(node.value) and isinstance(node.value, ast.Call):
            told = [*node.value.args, *(keyword.value for keyword in node.value.keywords)]
            if all(map(self._is_only_said, told)):
                return None
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(func=ast.Name(id="namedtuple") | ast.Attribute(attr="namedtuple"), args=[_, fields, *_]):
                if isinstance(fields, ast.Constant) and isinstance(fields.value, str):
                    names = [ast.Constant(name) for name in fields.value.replace(",", " ").split()]
                    node.args[1] = ast.copy_location(ast.List(list[ast.expr](names), ast.Load()), fields)
        return self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> ast.AST | None:
        if self._tries or not self._is_only_said(node.test):
            node.msg = None
            return self.generic_visit(node)
        return None

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        if isinstance(node.exc, ast.Call):
            node.exc.args = [_silent(argument) for argument in node.exc.args]
            for keyword in node.exc.keywords:
                keyword.value = _silent(keyword.value)
        return self.generic_visit(node)

    def visit_Try(self, node: ast.Try) -> ast.AST:
        self._tries += 1
        self.generic_visit(node)
        self._tries -= 1
        return _filled(node)

    visit_TryStar = visit_Try  # type: ignore[assignment]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        inside, self._class = self._class, False
        before, self._only_read = self._only_read, _only_read(node)
        if not any("register" in ast.dump(decorator) for decorator in node.decorator_list):
            node.returns = None  # `register` of functools.singledispatch reads the annotation
            arguments = node.args
            parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            for one in [*parameters, arguments.vararg, arguments.kwarg]:
                if one is not None:
                    one.annotation = None
        self.generic_visit(node)
        self._class, self._only_read = inside, before
        return _filled(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # type: ignore[assignment]

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        inside, self._class = self._class, True
        self.generic_visit(node)
        self._class = inside
        return _filled(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if self._class:  # fields of a data class or a named tuple
            if not any(word in ast.dump(node.annotation) for word in MEANINGFUL):
                node.annotation = ast.copy_location(ast.Constant(None), node.annotation)
            return self.generic_visit(node)
        if node.value is None:
            if not isinstance(node.target, ast.Name) or node.target.id not in self._only_read:
                return None
            node.annotation = ast.copy_location(ast.Constant(None), node.annotation)
            return node  # it makes the name one of the function, which has no value there
        assigned = ast.Assign(targets=[node.target], value=node.value, lineno=node.lineno)
        return self.generic_visit(ast.copy_location(assigned, node))

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        return _filled(node)


def _only_read(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Return the names that a function reads and gives a value nowhere, its parameters aside."""
    bare = {id(node.target) for node in ast.walk(function) if isinstance(node, ast.AnnAssign) and node.value is None}
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name) and id(node) not in bare]
    stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    parameters = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
    return {node.id for node in names} - stored - parameters


def _filled(node: ast.AST) -> ast.AST:
    """Return a node whose body has become empty with `pass` in it."""
    if not isinstance(node, ast.Module) and getattr(node, "body", None) == []:
        node.body = [ast.copy_location(ast.Pass(), node)]  # type: ignore[attr-defined]
    if isinstance(node, ast.Try) and not node.handlers and not node.finalbody:
        node.finalbody = [ast.copy_location(ast.Pass(), node)]
    return node


def _silent(argument: ast.expr) -> ast.expr:
    """Return an argument of an error, an empty text in the place of one made of texts."""
    for part in ast.walk(argument):
        if isinstance(part, ast.JoinedStr) or (isinstance(part, ast.Constant) and isinstance(part.value, str)):
            return ast.copy_location(ast.Constant(""), argument)
    return argument
