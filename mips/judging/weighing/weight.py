"""What of a program is judged, and what it weighs: nodes, groups of constants, and bits.

A program is cut down to its entry point and what that reaches, without what only speaks to readers; exactly this text
is run, and exactly this is weighed. The standard library alone is imported.
"""

from __future__ import annotations

import ast
import builtins
import copy
import importlib
import keyword
import math
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from mips.judging.reading.entry_point import PROGRAM, Entry, NoEntryPoint, find_entry
from mips.judging.reading.markdown import candidates
from mips.judging.reading.names import beginnings, looks_around, reads_names
from mips.judging.reading.reachable import reached
from mips.judging.reading.trimming import trimmed
from mips.judging.weighing.constants import identifiers, longest_group, runs_of_digits
from mips.judging.weighing.opaque import shorten_texts
from mips.program.docstrings import strip_docstrings
from mips.program.source import ProgramError, parsed

TEXT_BITS = 8  # of a character or byte that a program can read, and is no small letter
AGAIN_BITS = 2  # of a text that is there already: which of few it is
RUN_BITS = 8  # of a run of one digit in a number: the digit, and how many
LETTER_BITS = 5  # of a small letter in a text, and of a character in a name that a program can read: one of 26
SPELLING_BITS = 0.25  # of one in a name that it cannot: twenty names of twenty letters are no table
FLOAT_BITS = 64  # at most, as it is kept
NEW_LINE = "\n"
LINE_TOLD = 60  # characters of a line with an error
USUAL_MODULES = ("bisect", "collections", "functools", "heapq", "itertools", "math", "operator", "re", "typing")
USUAL_TYPES = (int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, type, property)


@dataclass(frozen=True)
class Weighed:
    """The `text` that is run, its `entry` point, and the `tree` that both are made of.

    `nodes` are its `ast` nodes without contexts, `group` is the longest group of constants, `number_bits` are those
    of all numbers in it that differ, `bits` those of all literals and names together.
    """

    text: str
    entry: Entry
    tree: ast.Module = field(repr=False)
    shortened: int  # characters of the longest text that was given a short one in its place (`opaque`), or 0
    given: str = field(repr=False)  # the text that it was made of
    names: tuple[str, ...] = ()  # of symbols and outputs; a text that is one of them weighs as its place

    @cached_property
    def nodes(self) -> int:
        return sum(not isinstance(node, ast.expr_context) for node in ast.walk(self.tree))

    @cached_property
    def group(self) -> int:
        tree = self._numbered
        made = beginnings(tree)
        defined = {name for node in ast.walk(tree) for name in identifiers(node) if made and name.startswith(made)}
        return max(longest_group(tree, readable=reads_names(tree)), len(defined))

    @cached_property
    def number_bits(self) -> int:
        return number_bits_of(self._numbered)

    @cached_property
    def bits(self) -> int:
        return bits_of(self._numbered)

    @cached_property
    def _numbered(self) -> ast.Module:
        """The tree with the place of a name in the stead of each text that is a name of the task."""
        places = {name: place for place, name in enumerate(self.names)}
        tree: ast.Module = _Numbered(places).visit(copy.deepcopy(self.tree)) if places else self.tree
        return tree

    def told_line(self, line: int) -> str:
        """Return how a line of `text` is told: its number in the given text, and what stands there."""
        number = self._lines.get(max((one for one in self._lines if one <= line), default=0))
        if number is None:
            return f"line {line} of the part that is judged"
        return f"line {number}: {' '.join(self.given.split(NEW_LINE)[number - 1].split())[:LINE_TOLD]}"

    @cached_property
    def _lines(self) -> Mapping[int, int]:
        """Where each line of the text that begins a statement stood in the text that was given."""
        own = [node for node in ast.walk(self.tree) if isinstance(node, ast.stmt)]
        new = [node for node in ast.walk(parsed(self.text)) if isinstance(node, ast.stmt)]
        return {after.lineno: before.lineno for before, after in zip(own, new, strict=False)}

    @property
    def imports(self) -> frozenset[str]:
        """The modules that are imported anywhere in it, by their first names."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add((node.module or "").partition(".")[0])
        return frozenset(found)


class _Numbered(ast.NodeTransformer):
    """Puts numbers in the place of known texts."""

    def __init__(self, places: Mapping[str, int]) -> None:
        self._places = places

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if type(node.value) is not str or node.value not in self._places:
            return node
        return ast.copy_location(ast.Constant(self._places[node.value]), node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        return node  # its texts are parts of one


def weigh(source: str, *, width: int = 1, anywhere: bool = False, names: tuple[str, ...] = ()) -> Weighed:
    """Return what is judged of a text whose symbols have `width` numbers.

    `names` are those of symbols and outputs. They are given with the task, so a text that is one of them weighs no more
    than a number would that stands for it.
    With `anywhere` the entry point is looked for (`mips.judging.reading.entry_point`), also inside of Markdown; without
    it the text defines `program`. Raises ProgramError for a text that is no Python, and NoEntryPoint.
    """
    texts = [*candidates(source)] if anywhere else []
    missing: NoEntryPoint | None = None
    try:
        for text in texts or [source]:
            tree = parsed(text)
            try:
                entry = find_entry(tree, width)
                if not anywhere and entry.name != PROGRAM:
                    raise NoEntryPoint("the text defines no function `program`; expected `def program(xs):`")
                whole = not anywhere and _may_change(tree, entry.name)
                return _weighed(text, tree, entry, whole=whole, names=names)
            except NoEntryPoint as error:
                missing = missing or error
    except SyntaxError as error:
        raise ProgramError(f"the text is no Python: {type(error).__name__}: {error}") from error
    except (RecursionError, MemoryError) as error:
        raise ProgramError(f"the text is too deeply nested: {type(error).__name__}") from error
    assert missing is not None
    raise missing


def _may_change(tree: ast.Module, name: str) -> bool:
    """Return whether a text may give the name of its entry point to something else, anywhere and in whatever way."""
    bound = [
        node
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load))
        or (not isinstance(node, ast.Name) and name in identifiers(node))
    ]
    return len(bound) != 1 or looks_around(tree)


def _weighed(text: str, tree: ast.Module, entry: Entry, *, whole: bool, names: tuple[str, ...]) -> Weighed:
    """Return what is judged of a text: its entry point and what that reaches, or the `whole` text."""
    found = None if whole else reached(trimmed(tree), entry)
    if found is None:  # it may look at itself
        found, shortened = parsed(text), 0
        strip_docstrings(found)
    else:
        shortened = shorten_texts(found, names)
    try:
        with warnings.catch_warnings(action="ignore", category=SyntaxWarning):
            written = ast.unparse(found) + "\n"
            compile(written, "<program>", "exec", dont_inherit=True, flags=ast.PyCF_ONLY_AST)
    except ValueError as error:
        raise ProgramError(f"the text cannot be written down again: {error}") from error
    return Weighed(text=written, entry=entry, tree=found, shortened=shortened, given=text, names=names)


def number_bits_of(tree: ast.AST) -> int:
    """Return the bits of all numbers of a tree that differ, 0 and 1 aside.

    A rule repeats its few numbers; what is looked up, in however many pieces, is many numbers or long ones.
    """
    numbers = {
        abs(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float)
    }
    return sum(map(_bits, numbers - {0, 1}))


def bits_of(tree: ast.AST) -> int:
    """Return the bits of all constants of a tree, and of its names; a name or a text counts once.

    Names weigh little, unless the program may be able to read them.
    """
    names = {part for node in ast.walk(tree) for name in identifiers(node) for part in name.split(".")} - usual_names()
    known = beginnings(tree)
    made = {name: max(map(len, found)) for name in names if (found := [one for one in known if name.startswith(one)])}
    endings = {name[length:] for name, length in made.items()}  # what the program looks names up by
    bits = _bits_of_constants(tree, endings)
    if reads_names(tree):
        return bits + LETTER_BITS * sum(map(len, names))
    spelled = sum(map(len, endings))
    return bits + LETTER_BITS * spelled + math.ceil(SPELLING_BITS * (sum(map(len, names)) - spelled))


def _bits_of_constants(tree: ast.AST, counted: set[str]) -> int:
    """Return the bits of all constants of a tree; a text that comes again, or was `counted`, weighs little."""
    texts: set[str | bytes] = {*counted}
    bits = 0
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant):
            continue
        if isinstance(node.value, str | bytes) and node.value in texts:
            bits += min(AGAIN_BITS, _bits(node.value))
            continue
        if isinstance(node.value, str | bytes):
            texts.add(node.value)
        bits += _bits(node.value)
    return bits


def _bits(value: object) -> int:
    match value:
        case bool() | None:
            return 1
        case int():
            return max(1, min(value.bit_length(), RUN_BITS * runs_of_digits(value)))
        case float():
            return min(FLOAT_BITS, RUN_BITS * runs_of_digits(value))
        case complex():
            return _bits(value.real) + _bits(value.imag)
        case str():
            small = sum("a" <= letter <= "z" for letter in value)
            return LETTER_BITS * small + TEXT_BITS * (len(value.encode("utf-8", errors="surrogatepass")) - small)
        case bytes():
            return TEXT_BITS * len(value)
    return 1


@lru_cache(maxsize=1)
def usual_names() -> frozenset[str]:
    """Return the names that a program does not choose: of the language, its types, and modules that all use."""
    names = {*keyword.kwlist, *dir(builtins), *sys.stdlib_module_names, PROGRAM}
    for kind in USUAL_TYPES:
        names |= {*dir(kind)}
    for module in USUAL_MODULES:
        names |= {*dir(importlib.import_module(module))}
    return frozenset(names)


def longest_literal(source: str) -> int:
    """Return the size of the longest group of constants in a text, docstrings aside.

    Raises ProgramError if `source` does not parse.
    """
    tree = parsed(source)
    strip_docstrings(tree)
    return longest_group(tree)
