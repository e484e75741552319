"""Versions of what results depend on, looked up without importing anything."""

from __future__ import annotations

import platform
from importlib import metadata

PACKAGES = ("mips", "torch", "numpy", "sympy", "hypothesis")


def installed(*more: str) -> dict[str, str]:
    """Return the versions of Python, of the packages that shape results, and of `more` packages."""
    found = {"python": platform.python_version()}
    for package in (*PACKAGES, *more):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found
