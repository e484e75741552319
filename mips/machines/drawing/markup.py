"""HTML that is escaped by construction: a plain text becomes text, and only what `tag` made is markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Control characters but for line ends and tabs; halves of pairs; what turns lines round, ends them, or is not seen at
# all, so that a listing reads as another than it is; what no document may hold.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

VOID = frozenset({"meta", "input", "img", "br"})


def printable(text: str) -> str:
    """Return text without what no page may hold and no terminal should get: see UNPRINTABLE."""
    return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | int | float | None | Iterable["Child"]

NOTHING = Markup("")


def tag(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Markup:
    """Return an element. Attributes lose a trailing underscore and `_` becomes `-`; None and False leave one out."""
    told = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{html.escape(printable(str(value)))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in VOID:
        return Markup(f"<{name}{told}>")
    return Markup(f"<{name}{told}>{joined(children)}</{name}>")


def joined(children: Child) -> Markup:
    """Return children one after the other: markup as it is, texts and numbers escaped, None as nothing."""
    if children is None:
        return NOTHING
    if isinstance(children, Markup):
        return children
    if isinstance(children, (str, int, float)):
        return Markup(html.escape(printable(str(children)), quote=False))
    return Markup("".join(map(joined, children)))


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table with the value that it is sorted by."""

    content: Child
    value: float | str


def table(
    rows: Sequence[Mapping[str, Any]],
    *,
    right: Iterable[str] = (),
    row_attributes: Sequence[Mapping[str, str]] = (),
    **attributes: str,
) -> Markup:
    """Return rows as a table in a box of its own that scrolls; the first row names the columns, as tabulate does.

    Columns named in `right` hold numbers. A missing cell is empty.
    """
    if not rows:
        return NOTHING
    names = list(dict.fromkeys(name for row in rows for name in row))
    numeric = {name: "number" for name in right}
    head = tag("tr", [tag("th", name, scope="col", class_=numeric.get(name)) for name in names])
    body = []
    for row, own in zip(rows, row_attributes or [{}] * len(rows), strict=True):
        cells = [_cell(row.get(name), numeric.get(name)) for name in names]
        body.append(tag("tr", cells, **own))
    whole = tag("table", tag("thead", head), tag("tbody", body), **attributes)
    return tag("div", whole, class_="wide", tabindex=0)


def _cell(value: Child | Cell, kind: str | None) -> Markup:
    if isinstance(value, Cell):
        return tag("td", value.content, class_=kind, data_value=str(value.value))
    return tag("td", value, class_=kind)


def facts(pairs: Iterable[tuple[str, Child]]) -> Markup:
    """Return named facts as a list of terms; pairs without a value are left out."""
    told = [tag("div", tag("dt", name), tag("dd", value)) for name, value in pairs if value not in (None, "", ())]
    return tag("dl", told, class_="facts") if told else NOTHING
