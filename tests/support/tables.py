"""The cells of a table in Markdown."""

from __future__ import annotations


def rows(text: str, heading: str) -> dict[str, list[str]]:
    """The cells of the table below a heading, by the name in the first column."""
    lines = text.partition(heading)[2].strip().partition("\n\n")[0].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in cells}
