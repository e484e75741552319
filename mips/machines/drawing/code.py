"""Python source in colours. Foreign programs need not parse, so words are told apart one by one."""

from __future__ import annotations

import keyword
import re

from mips.machines.drawing.markup import Markup, joined, tag

WORDS = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<string>[rbuf]{0,2}(?:
        '''(?:\\.|[^\\])*?(?:'''|\Z) | \"\"\"(?:\\.|[^\\])*?(?:\"\"\"|\Z)
      | '(?:\\.|[^\\'\n])*'? | "(?:\\.|[^\\"\n])*"?))
  | (?P<number>\b\d[\w.]*)
  | (?P<name>[^\W\d]\w*)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
BUILTINS = frozenset(
    {"abs", "all", "any", "bool", "dict", "divmod", "enumerate", "float", "int", "len", "list", "map", "max", "min",
     "pow", "range", "reversed", "round", "set", "sorted", "sum", "tuple", "zip"}
)  # fmt: skip


def highlighted(source: str) -> Markup:
    """Return Python source as a block of code, its keywords, strings, numbers and comments marked."""
    parts: list[Markup] = []
    end, before = 0, ""
    for match in WORDS.finditer(source):
        kind, word = str(match.lastgroup), match[0]
        if kind == "name":
            kind = (
                "defined" if before in ("def", "class")
                else "keyword" if keyword.iskeyword(word)
                else "builtin" if word in BUILTINS else ""
            )  # fmt: skip
            before = word
        parts += [joined(source[end : match.start()]), tag("span", word, class_=kind) if kind else joined(word)]
        end = match.end()
    return tag("pre", tag("code", [*parts, joined(source[end:])]), class_="program", tabindex=0)


def difference(lines: str) -> Markup:
    """Return a unified diff as a block of code, lines that came and went marked."""
    marks = {"+": "came", "-": "went", "@": "place"}
    told = [tag("span", line + "\n", class_=marks.get(line[:1])) for line in lines.splitlines()]
    return tag("pre", tag("code", told), class_="program diff", tabindex=0)
