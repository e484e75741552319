"""Who else writes programs: packages that synthesise them, each behind one function, imported only when it is used.

An author is a function `write(task, *, seed, progress) -> str`: it returns the text of a Python program that defines
`program(xs)`, or raises NoProgram. Its name is also that of the package it needs, and of the extra that installs it.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping

# The name that a user gives -> module:function.
AUTHORS: Mapping[str, str] = {
    "aalpy": "pytest_mips.baselines.automata:write",
    "gplearn": "pytest_mips.baselines.regression:write",
}


class AuthorError(ValueError):
    """An author cannot be used: there is none of that name, or its package is missing. The message says the cure."""


def fault(name: str) -> str:
    """Return why the author `name` cannot be used, in one line with the cure; empty when it can. Imports nothing."""
    if name not in AUTHORS:
        return f"no author is called {name!r}; there are {', '.join(AUTHORS)}"
    if importlib.util.find_spec(name) is None:
        return f"the author {name!r} needs the package {name}, which is not installed; pip install 'mips[{name}]'"
    return ""


def author(name: str) -> Callable[..., str]:
    """Return the function of the author `name`. Raises AuthorError if it cannot be used."""
    why = fault(name)
    if why:
        raise AuthorError(why)
    module, _, function = AUTHORS[name].partition(":")
    author: Callable[..., str] = getattr(importlib.import_module(module), function)
    return author
