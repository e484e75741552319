"""Where a program from elsewhere begins: the function that takes a word, or the lists of its numbers.

Nothing outside of the standard library is imported.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mips.judging.reading.names import beginnings
from mips.judging.reading.usage import takes_symbols, writes_lists

PROGRAM = "program"
TOLD = 6  # functions and classes that an error names
EXPECTED = "expected `def program(xs):`"
Function = ast.FunctionDef | ast.Lambda


class NoEntryPoint(ValueError):
    """It is not clear which function of a text is the program; one line says what was found and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The function `name` of the module, or with an `owner` the method of that class; `columns` says how it is called:
    0 with one list of symbols, else with so many lists, one for each number of a symbol. With `each` it is called once
    for every symbol, or with the numbers of every symbol; with `lists` symbols of several numbers are lists, no tuples
    (`mips.judging.reading.usage`)."""

    name: str
    owner: str = ""
    columns: int = 0
    each: bool = False
    lists: bool = False

    def to_json(self) -> dict[str, str | int]:
        return dataclasses.asdict(self)


def find_entry(tree: ast.Module, width: int) -> Entry:
    """Return the entry point of a program whose symbols have `width` numbers.

    It is `program`, in whatever way the text makes it; else the only function at the top level that takes one word, or
    one list for each number of a symbol, and is not called by way of another such; else the only such method of the
    only class with one. Functions that never return a value, as those that test others, are none. A function at the top
    level with another name than `program` is called as the code below it calls it. Raises NoEntryPoint.
    """
    functions = dict(_functions(tree))
    if PROGRAM in _bound(tree):
        return Entry(name=PROGRAM, columns=_columns(_followed(tree, functions), width) or 0)
    working = {name: one for name, one in functions.items() if _answers(one)} or functions
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    columns = {name: _columns(one, width) for name, one in working.items()}
    fitting = [name for name in working if columns[name] is not None]
    named = {name: _named(one) for name, one in {**functions, **classes}.items()}
    found = [(name, columns[name] or 0) for name in _uncalled(fitting, [*fitting, *classes], named)]
    if len(found) == 1:
        name, count = found[0]
        lists = width > 1 and writes_lists(tree, width)
        return Entry(name=name, columns=count, each=takes_symbols(tree, name), lists=lists)
    if not found:
        methods = [one for name, node in classes.items() for one in _methods(name, node, width)]
        if len(methods) == 1:
            return methods[0]
        found = [(f"{one.owner}.{one.name}", one.columns) for one in methods]
    raise NoEntryPoint(_told(functions, classes, [name for name, _ in found]))


def _functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """Yield functions at the top level by name, the last of a name last."""
    for node in tree.body:
        match node:
            case ast.FunctionDef():
                yield node.name, node
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as function):
                yield name, function


def _bound(tree: ast.Module) -> set[str]:
    """Return the names that the top level binds, blocks of `if`, `try`, `for` and the like included."""
    found: set[str] = set()
    left: list[ast.AST] = [*tree.body]
    while left:
        node = left.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
            continue
        if isinstance(node, ast.Lambda) or (isinstance(node, ast.If) and is_main_block(node)):
            continue
        if isinstance(node, ast.alias):
            found.add(node.asname or node.name.partition(".")[0])
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        left += ast.iter_child_nodes(node)
    return found


def is_main_block(node: ast.If) -> bool:
    """Return whether a statement is `if __name__ == "__main__":`."""
    match node.test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return True
        case ast.Compare(left=ast.Constant(value="__main__"), ops=[ast.Eq()], comparators=[ast.Name(id="__name__")]):
            return True
    return False


def _followed(tree: ast.Module, functions: Mapping[str, Function]) -> Function | None:
    """Return the function that `program` is, by way of `program = other`."""
    names = {
        target.id: node.value.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    name, seen = PROGRAM, set[str]()
    while name not in functions and name in names and name not in seen:
        seen.add(name)
        name = names[name]
    return functions.get(name)


def _answers(function: Function) -> bool:
    """Return whether a function returns or yields something."""
    if isinstance(function, ast.Lambda):
        return True
    left: list[ast.AST] = [*function.body]
    while left:
        node = left.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if isinstance(node, ast.Return) and not isinstance(node.value, ast.Constant | None):
            return True
        left += ast.iter_child_nodes(node)
    return False


def _uncalled(some: Iterable[str], callers: Sequence[str], named: Mapping[str, set[str]]) -> list[str]:
    """Return those of some functions that none of the callers reaches by names, save itself."""

    def reaches(caller: str, name: str) -> bool:
        seen, left = {caller}, [caller]
        while left:
            for other in named[left.pop()] & named.keys() - seen:
                if other == name:
                    return True
                seen.add(other)
                left.append(other)
        return False

    return [name for name in some if not any(reaches(caller, name) for caller in callers if caller != name)]


def _named(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}


def _columns(function: Function | None, width: int, *, bound: int = 0) -> int | None:
    """Return how many lists a function is to be called with, 0 for one word, or None where neither fits.

    Parameters without a default decide, where there are any; `bound` are those that are given already.
    """
    if function is None:
        return 0
    parameters = function.args
    most = len(parameters.posonlyargs) + len(parameters.args) - bound
    least = max(0, most - len(parameters.defaults))
    if any(default is None for default in parameters.kw_defaults):
        return None
    if width > 1 and (least == width or (least == 0 and most == width)):
        return width
    if width > 1 and not most and parameters.vararg:  # `def f(*lists)`
        return width
    return 0 if least <= 1 and (most or parameters.vararg) else None


def _methods(name: str, node: ast.ClassDef, width: int) -> Iterator[Entry]:
    """Yield the methods of a class that could be the program: no other calls them, nothing is needed to make one."""
    methods = {part.name: part for part in node.body if isinstance(part, ast.FunctionDef)}
    start = methods.get("__init__")
    if start is not None and len(start.args.args) > 1 + len(start.args.defaults):
        return  # objects are made of something
    working = {
        each: one
        for each, one in methods.items()
        if (each == "__call__" or not each.startswith("_")) and _answers(one) and not _is_value(one)
    }
    named = {each: _attributes(one, methods) for each, one in methods.items()}
    columns = {each: _columns(one, width, bound=0 if _is_static(one) else 1) for each, one in working.items()}
    fitting = [each for each in working if columns[each] is not None]
    for each in _uncalled(fitting, fitting, named):
        yield Entry(name=each, owner=name, columns=columns[each] or 0)


def _attributes(method: ast.FunctionDef, methods: Iterable[str]) -> set[str]:
    """Return the attributes that a method names, and all methods that begin like a name that it makes for `getattr`."""
    found = {part.attr for part in ast.walk(method) if isinstance(part, ast.Attribute)}
    made = beginnings(method)
    return found | {each for each in methods if made and each != method.name and each.startswith(made)}


def _is_static(method: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in method.decorator_list)


def _is_value(method: ast.FunctionDef) -> bool:
    """Return whether a method is read as an attribute."""
    return any("property" in ast.dump(one) for one in method.decorator_list)


def _told(functions: Mapping[str, Function], classes: Mapping[str, ast.ClassDef], fitting: list[str]) -> str:
    if len(fitting) > 1:
        return f"found {', '.join(fitting[:TOLD])}, which all take a word and call none of each other; {EXPECTED}"
    named = [f"{name}({_parameters(one)})" for name, one in functions.items()] + [f"class {name}" for name in classes]
    if not named:
        return f"found no function at the top level; {EXPECTED}"
    more = " ..." if len(named) > TOLD else ""
    return f"found {', '.join(named[:TOLD])}{more}, none of which takes a word and is called by no other; {EXPECTED}"


def _parameters(function: Function) -> str:
    arguments = function.args
    return ", ".join(one.arg for one in [*arguments.posonlyargs, *arguments.args])
