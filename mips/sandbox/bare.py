"""Programs without what the rule against tables does not count, so that it cannot be read when they run."""

from __future__ import annotations

import ast
import warnings

from mips.docstrings import strip_docstrings


class TooDeep(ValueError):
    """A text is nested too deeply to be written once more."""


def bare(source: str) -> str:
    """Return the program without comments, docstrings and places of its own for its lines, as it is if it is no Python.

    Raises TooDeep.
    """
    try:
        with warnings.catch_warnings(action="ignore", category=SyntaxWarning):
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source
    strip_docstrings(tree)
    try:
        return ast.unparse(tree) + "\n"
    except (RecursionError, ValueError) as error:
        raise TooDeep(f"too deeply nested: {type(error).__name__}") from error
