"""The Python in a text of Markdown: what stands in its code blocks, each line where it was.

The standard library alone is imported.
"""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator

BYTE_ORDER_MARK = "\N{BYTE ORDER MARK}"
FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n`]*\n(.*?)(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)


def candidates(text: str) -> Iterator[str]:
    """Yield what of a text may be the program, best guess first: the text itself where it is Python.

    Otherwise all of its code blocks that are Python as one text, and then each alone, from the last to the first. What
    is not code is left out, and lines keep their numbers.
    """
    text = text.replace("\r\n", "\n").removeprefix(BYTE_ORDER_MARK)
    if is_python(text):
        yield text
        return
    blocks = [
        "\n" * text.count("\n", 0, found.start(2)) + textwrap.dedent(found.group(2)) for found in FENCED.finditer(text)
    ]
    blocks = [block for block in blocks if block.strip() and is_python(block)]
    if len(blocks) > 1:
        yield _joined(blocks)
    yield from reversed(blocks)


def is_python(text: str) -> bool:
    try:
        with warnings.catch_warnings(action="ignore", category=SyntaxWarning):
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _joined(blocks: list[str]) -> str:
    """Return the blocks as one text; each has its lines where they were, below the lines of the one before."""
    lines: list[str] = []
    for block in blocks:
        own = block.split("\n")
        lines = [line.rstrip() for line in lines[: len(own)]]
        lines += own[len(lines) :]
    return "\n".join(lines)
