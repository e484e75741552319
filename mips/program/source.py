"""Programs as text: how big they are, how they are loaded, and the state machine that a plain loop is."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from mips.program.docstrings import strip_docstrings
from mips.program.loop_machine import LoopMachine, NotProvable, machine_of_loop
from mips.program.statements import NotPlain

Program = Callable[[list[Any]], Any]

MOST_CHARACTERS = 2**16  # of a program's text; a longer one is not even parsed


class ProgramError(ValueError):
    """A text is no program: it does not parse, its top level raises, or it defines no `program(xs)`."""


def program_nodes(source: str) -> int:
    """Return the size of a program: the `ast` nodes of the module without docstrings and contexts.

    Raises ProgramError if `source` does not parse.
    """
    return sum(1 for _ in _nodes(source))


def load_program(source: str, *, docstrings: bool = True) -> Program:
    """Return the function `program(xs)` that `source` defines: a list of symbols in, a list of outputs out.

    The judge loads it without docstrings: what is not counted must not be there to be read.
    This is no sandbox: the text runs in this process. Raises ProgramError if `source` does not parse, imports anything
    but the standard library, raises at its top level, or defines no callable `program`.
    """
    tree = parsed(source)
    for node in ast.walk(tree):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            modules = ["." * node.level + (node.module or "")]
        for module in modules:
            if module.split(".")[0] not in sys.stdlib_module_names:
                raise ProgramError(f"the program imports {module!r}, which is not in the standard library")
    namespace: dict[str, Any] = {"__name__": "program"}
    try:
        if not docstrings:
            strip_docstrings(tree)
        with warnings.catch_warnings(action="ignore", category=SyntaxWarning):
            code = compile(tree, "<program>", "exec")
        exec(code, namespace)
    except (Exception, SystemExit) as error:
        raise ProgramError(f"the top level of the program raised {type(error).__name__}: {error}") from error
    if not callable(namespace.get("program")):
        raise ProgramError("the text defines no function `program`; expected `def program(xs):`")
    program: Program = namespace["program"]
    return program


def loop_machine(source: str) -> LoopMachine | None:
    """Return the state machine of a program of the shape below, or None if `source` is not visibly of this shape.

        def program(xs):
            carry = 0                      # plain assignments; then or before them
            ys = []
            for x0, x1 in xs:              # or `for x in xs`
                ...                        # plain statements: assignments to names, if, for, while
                ys.append(...)             # once, not inside another statement; nothing else mentions ys or xs
            return ys

    Only `math` may be imported. What is not known to be a pure function of the variables makes the answer None: other
    names and calls, attributes, `is`, walrus, lambda, `break`, `continue`, `return`, `try`, `global`, nested functions.
    The state are the names that a round may read before it has assigned them.
    """
    try:
        tree = parsed(source)
        strip_docstrings(tree)
        return machine_of_loop(tree)
    except (NotPlain, ProgramError, NotProvable):
        return None


def parsed(source: str) -> ast.Module:
    """Return the syntax tree of a program. Raises ProgramError if `source` does not parse, or is very long."""
    if len(source) > MOST_CHARACTERS:
        raise ProgramError(f"the text has {len(source)} characters; at most {MOST_CHARACTERS} are read")
    try:
        with warnings.catch_warnings(action="ignore", category=SyntaxWarning):
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ProgramError(f"the text is no Python: {type(error).__name__}: {error}") from error


def _nodes(source: str) -> Iterator[ast.AST]:
    tree = parsed(source)
    strip_docstrings(tree)
    return (node for node in ast.walk(tree) if not isinstance(node, ast.expr_context))
