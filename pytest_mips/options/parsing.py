"""From the text of an option to its value; ValueError means another text was expected, the caller says which."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass

from pytest_mips.runs.provenance.surroundings import physical_cores

SEEDS = 1 << 64  # generators of random numbers take no larger ones
NAME_BYTES = 100  # of the name of a run or of a system, which becomes that of a folder; file systems take 255
UNITS = {  # seconds of each unit of time, by its name
    name: seconds
    for names, seconds in {
        "s sec second seconds": 1.0,
        "m min minute minutes": 60.0,
        "h hour hours": 3600.0,
        "d day days": 86400.0,
    }.items()
    for name in names.split()
}
DURATION = "a duration such as 90s, 30m or 1h30m"  # what `duration` reads, for whoever wrote something else


@dataclass(frozen=True, slots=True, kw_only=True)
class Least:
    """How many tasks must be solved at least: a `count`, or a `share` of the roster from 0 to 1."""

    count: int = 0
    share: float = 0.0

    def of(self, roster: int) -> int:
        """Return the number for a roster of that size."""
        return max(self.count, math.ceil(self.share * roster - 1e-9))


NONE = Least()


def whole(*, at_least: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from `at_least` on."""

    def read(text: str) -> int:
        number = int(text)
        if number < at_least:
            raise ValueError(text)
        return number

    return read


def matching(pattern: str) -> Callable[[str], str]:
    """Return a reader of texts that match a regular expression as a whole."""

    def read(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise ValueError(text)
        return text

    return read


def too_long(name: str) -> str:
    """Return in words that no folder should be called so, nothing of a shorter name."""
    found = len(os.fsencode(name))
    return f"found a name of {found} bytes, expected at most {NAME_BYTES}: {name[:20]}..." if found > NAME_BYTES else ""


def one_of(*known: str) -> Callable[[str], str]:
    """Return a reader of one of the known texts."""
    return matching("|".join(map(re.escape, known)))


def seed(text: str) -> int:
    number = int(text)
    if not 0 <= number < SEEDS:
        raise ValueError(text)
    return number


def seconds(text: str) -> float:
    number = float(text)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(text)
    return number


def duration(text: str) -> float:
    """Return seconds: `90`, `90s`, `30m`, `1h30m`, `2hours`."""
    try:
        return seconds(text)
    except ValueError:
        parts = re.findall(r"(\d+(?:\.\d+)?)([a-z]+)", text.lower())
        if not parts or "".join(map("".join, parts)) != text.lower():
            raise
        if any(unit not in UNITS for _, unit in parts):
            raise
        return seconds(str(sum(float(number) * UNITS[unit] for number, unit in parts)))


def least(text: str) -> Least:
    """Return a count of tasks (`40`) or a share of them (`95%`)."""
    if text.endswith("%"):
        share = float(text[:-1]) / 100
        if not 0 <= share <= 1:
            raise ValueError(text)
        return Least(share=share)
    return Least(count=whole(at_least=0)(text))


def shard(text: str) -> tuple[int, int]:
    """Return which part of how many: `2/3`."""
    number, slash, count = text.partition("/")
    if not slash or not 1 <= int(number) <= int(count):
        raise ValueError(text)
    return int(number), int(count)


def temperature(text: str) -> float:
    number = float(text)
    if not (math.isfinite(number) and number >= 0):
        raise ValueError(text)
    return number


def workers(text: str) -> int:
    return physical_cores() if text == "auto" else whole(at_least=0)(text)
