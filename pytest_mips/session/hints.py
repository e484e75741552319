"""Hints for near misses: a test without its marker, a name with a slip, an option without the flag."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

import pytest

FLAG = "--mips-benchmark"
FIXTURE = "mips"
MARKER = "mips_task"
NAMED = 5  # tests or names in a line; more are counted
LIKE = 0.5  # how alike two names must be, of 1: a slip or two in a short one, another word in a long one
OPERATORS = ("and", "or", "not", "True", "False")  # of pytest's expressions


def without_flag(arguments: Iterable[object]) -> str:
    """Return what is wrong with options of a benchmark that is not asked for, nothing where there are none.

    Only what is typed counts: options in `addopts` wait for a benchmark.
    """
    typed = [str(argument).partition("=")[0] for argument in arguments]
    given = dict.fromkeys(option for option in typed if option.startswith("--mips-") and option != FLAG)
    return f"{', '.join(given)}: there is no {FLAG}, so nothing would be run; add it." if given else ""


def unmarked(items: Iterable[pytest.Item]) -> list[str]:
    """Return a line about tests that use the fixture `mips` of this plugin without being benchmark tasks."""
    names = [item.nodeid for item in items if _uses_the_fixture(item)]
    if not names:
        return []
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    use, they = ("uses", "it is") if len(names) == 1 else ("use", "they are")
    return [
        f"{', '.join(names[:NAMED])}{more} {use} the fixture `{FIXTURE}` without @pytest.mark.{MARKER}: {they} not "
        'run; a task is a test like @pytest.mark.mips_task @pytest.mark.parametrize("task", TASKS, ids=str) '
        "def test_it(task, mips): mips(task)."
    ]


def nothing_selected(known: Sequence[str], *, keyword: str, markers: str) -> list[str]:
    """Return lines that say why none of the known tasks is left, and which of them have names like those asked for."""
    if not known:
        return [f"no test with @pytest.mark.{MARKER} was found; a benchmark runs these alone."]
    asked = [f"{option} {text!r}" for option, text in (("-k", keyword), ("-m", markers)) if text]
    if not asked:
        return []
    lines = [f"{' and '.join(asked)} {'fits' if len(asked) == 1 else 'fit'} none of the {len(known)} tasks."]
    wanted = re.sub(r"\bnot\s+[\w.-]+", "", keyword)
    words = [word for word in re.findall(r"[\w.-]+", wanted) if word not in OPERATORS]
    near = dict.fromkeys(name for word in words for name in _near(word, known))
    return [*lines, f"names like that: {', '.join([*near][:NAMED])}"] if near else lines


def _near(word: str, known: Sequence[str]) -> list[str]:
    by_small = {name.lower(): name for name in known}
    small = word.lower()
    found = difflib.get_close_matches(small, by_small, n=NAMED, cutoff=LIKE)
    parts = [part for part in re.split(r"[_\W]+", small) if len(part) > 2]
    found += [name for name in by_small if any(part in name for part in parts)]
    return [by_small[name] for name in found]


def _uses_the_fixture(item: pytest.Item) -> bool:
    """Return whether a test asks for the plugin's own fixture, and not for another one of that name."""
    definitions = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {}).get(FIXTURE, ())
    return any(getattr(each.func, "__module__", "") == "pytest_mips.plugin" for each in definitions[-1:])
