"""Docstrings, which are no part of what a program computes. The standard library alone is imported."""

from __future__ import annotations

import ast


def strip_docstrings(tree: ast.Module) -> None:
    """Take the docstrings of a module, its functions and its classes away; what would be empty then does `pass`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            match node.body:
                case [ast.Expr(value=ast.Constant(value=str()) as text), *rest]:
                    node.body = rest or [ast.copy_location(ast.Pass(), text)]
