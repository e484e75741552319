"""One option at a time: the command line, else the ini file, else a default; a wrong value is one clear line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from pytest_mips.options.registration import given, ini_name

Value = TypeVar("Value")


def parse(config: pytest.Config, option: str, default: str, read: Callable[[str], Value], expected: str) -> Value:
    """Return what `read` makes of an option's text, or of the default. Raises pytest.UsageError."""
    text = given(config, option)
    try:
        return read(default if text is None else str(text))
    except ValueError:
        source = (
            option if config.getoption(ini_name(option), default=None) is not None else f"ini option {ini_name(option)}"
        )
        raise pytest.UsageError(f"{source}: found {text!r}, expected {expected}.") from None


def parse_given(config: pytest.Config, option: str, read: Callable[[str], Value], expected: str) -> Value | None:
    """Return the same, or None where nothing was given."""
    return None if given(config, option) is None else parse(config, option, "", read, expected)


def start(config: pytest.Config, option: str) -> Path:
    """Return what paths in an option are relative to: those of an ini file to the root directory, others to here."""
    from_ini = config.getoption(ini_name(option), default=None) is None and config.getini(ini_name(option))
    return config.rootpath if from_ini else config.invocation_params.dir
