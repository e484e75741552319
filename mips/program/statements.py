"""Plain statements: pure functions of local variables, and which of these they read before they assign them."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable

# No sets: what is in one, and in which order, may hang on addresses in memory.
PURE_BUILTINS = frozenset(
    {"abs", "all", "any", "bool", "divmod", "enumerate", "float", "int", "len", "list", "max", "min", "pow"}
    | {"range", "reversed", "round", "sorted", "sum", "tuple", "zip"}
)
ANNOTATIONS = frozenset({"bool", "int", "list", "tuple"})
PLAIN = (
    *(
        ast.BinOp,
        ast.UnaryOp,
        ast.BoolOp,
        ast.IfExp,
        ast.Tuple,
        ast.List,
        ast.Subscript,
        ast.Slice,
        ast.Starred,
    ),
    *(ast.keyword, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context),
)
PLAIN_TARGET = (ast.Name, ast.Tuple, ast.List, ast.expr_context)


def is_public_name_of_math(name: str) -> bool:
    """Return whether `math` has a public member of this name; all of them are pure functions or floats."""
    return not name.startswith("_") and hasattr(math, name)


def is_plain_annotation(node: ast.expr | None) -> bool:
    """Return whether an annotation is a name of a builtin type, or one with others in brackets: nothing comes of it.

    Annotations are read when the function is made, and what they hold may even change constants in its body.
    """
    match node:
        case None | ast.Constant(value=None):
            return True
        case ast.Name(id=name):
            return name in ANNOTATIONS
        case ast.Subscript(value=ast.Name() as value, slice=part):
            parts = part.elts if isinstance(part, ast.Tuple) else [part]
            return all(map(is_plain_annotation, [value, *parts]))
    return False


class NotPlain(Exception):
    """The text is not made of what is known to be a pure function of its local variables."""


def require(condition: object) -> None:
    """Raise NotPlain unless `condition` holds."""
    if not condition:
        raise NotPlain


class Flow(ast.NodeVisitor):
    """Which local names plain statements may read before they have certainly assigned them.

    After `read`, `exposed` are these names and `defined` the names that are certainly assigned. Raises NotPlain for a
    statement or expression that is not known to be a pure function of the local names.
    """

    def __init__(self, local_names: set[str], modules: set[str], callables: set[str]) -> None:
        self.local_names, self.modules, self.callables = local_names, modules, callables
        self.defined: set[str] = set()
        self.exposed: set[str] = set()
        self.inner: set[str] = set()  # the variables of the comprehensions around the expression

    def read(self, nodes: Iterable[ast.stmt]) -> None:
        for node in nodes:
            self.visit(node)

    def bind(self, target: ast.expr) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self.bind(part)
        else:
            require(isinstance(target, ast.Name) and target.id in self.local_names)
            self.defined.add(target.id)  # type: ignore[attr-defined]

    def generic_visit(self, node: ast.AST) -> None:
        require(isinstance(node, PLAIN))
        super().generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.bind(target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        require(node.value and node.simple and is_plain_annotation(node.annotation))
        self.visit(node.value)  # type: ignore[arg-type]
        self.bind(node.target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.target)
        self.visit(node.value)
        self.bind(node.target)

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        before = set(self.defined)
        self.read(node.body)
        after_body, self.defined = self.defined, before
        self.read(node.orelse)
        self.defined &= after_body

    def visit_For(self, node: ast.For) -> None:
        self.visit(node.iter)
        before = set(self.defined)
        self.bind(node.target)
        self._repeat(node, before)

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self._repeat(node, set(self.defined))

    def _repeat(self, node: ast.For | ast.While, before: set[str]) -> None:
        require(not node.orelse)
        self.read(node.body)
        self.defined = before  # there may be no round at all

    def visit_Pass(self, node: ast.Pass) -> None:
        pass

    def visit_Constant(self, node: ast.Constant) -> None:
        require(type(node.value) in (int, bool, float, str))
        require(type(node.value) is not str or "%" not in node.value)  # which would format anything, by its address too

    def visit_Name(self, node: ast.Name) -> None:
        if node.id not in self.inner:
            require(node.id in self.local_names)
            if node.id not in self.defined:
                self.exposed.add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        require(self._is_of_math(node) and type(getattr(math, node.attr)) is float)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name):
            require(node.func.id in self.callables - self.local_names - self.inner)
        else:
            require(isinstance(node.func, ast.Attribute) and self._is_of_math(node.func))
            require(callable(getattr(math, node.func.attr)))  # type: ignore[attr-defined]
        for argument in (*node.args, *node.keywords):
            self.visit(argument)

    def _is_of_math(self, node: ast.Attribute) -> bool:
        """Return whether the attribute is a public one of the module `math`, by the name that it was imported under."""
        value = node.value
        is_module = isinstance(value, ast.Name) and value.id in self.modules - self.local_names - self.inner
        return is_module and is_public_name_of_math(node.attr)

    def visit_Compare(self, node: ast.Compare) -> None:
        require(not any(isinstance(operator, ast.Is | ast.IsNot) for operator in node.ops))
        self.visit(node.left)
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(right, ast.Set) and isinstance(operator, ast.In | ast.NotIn):
                require(all(isinstance(_unsigned(one), ast.Constant) for one in right.elts))
                for one in right.elts:
                    self.visit(one)
            else:
                self.visit(right)

    def _visit_comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> None:
        outer = set(self.inner)
        for generator in node.generators:
            self.visit(generator.iter)
            require(not generator.is_async)
            self.inner |= {name.id for name in ast.walk(generator.target) if isinstance(name, ast.Name)}
            require(all(isinstance(part, PLAIN_TARGET) for part in ast.walk(generator.target)))
            for condition in generator.ifs:
                self.visit(condition)
        self.visit(node.elt)
        self.inner = outer

    visit_ListComp = visit_GeneratorExp = _visit_comprehension


def _unsigned(node: ast.expr) -> ast.expr:
    return node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
