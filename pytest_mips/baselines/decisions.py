"""A column of a table as one short expression: conditions, and rows picked by a number.

An expression is a constant or a name, `A if f <= 3 else B`, or `(A, B, C)[f]`. Nothing is added up or divided: what a
finite machine does is written down, not explained. The search is a greedy one for small decision trees (Breiman et al.,
"Classification and regression trees", 1984) that follows several splits as long as its effort lasts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

ROW = 8  # elements of a literal that is no table for the judge
LEAVES = 100  # different leaves, above which no expression is short
NODES = 200  # ast nodes; a longer expression is not wanted
BROAD, GREEDY = 200_000, 2_000_000  # steps of the search with several splits for each set of rows, and with one
SPLITS = 4  # followed while the search is broad


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """An expression: how many `ast` nodes it has, how it is written, and whether that is in need of parentheses."""

    nodes: int
    text: str
    loose: bool = False

    @property
    def tight(self) -> str:
        return f"({self.text})" if self.loose else self.text


def number(value: int) -> Text:
    """Return the constant `value`."""
    return Text(1 if value >= 0 else 3, str(value))


def shortest(features: Mapping[str, Sequence[int]], column: Sequence[int]) -> Text | None:
    """Return a short expression that gives `column`, row for row, of the features; None where none was found.

    There is none where rows with equal features differ, and none is looked for where it would be very long.
    """
    return _Search(features, column).found()


@dataclass(frozen=True, slots=True)
class _Split:
    """A question that parts the rows: pairs of sets of rows as bits, `_Search._best` says of what, and its own size."""

    parts: tuple[tuple[int, int], ...]
    nodes: int
    test: str  # of a condition
    feature: str = ""  # of a picked row
    low: int = 0


class _Search:
    def __init__(self, features: Mapping[str, Sequence[int]], column: Sequence[int]) -> None:
        self.features = features
        self.all = (1 << len(column)) - 1
        self.leaves = [(number(value), mask) for value, mask in _masks(column).items()]
        for name, values in features.items():
            same = _mask(a == b for a, b in zip(values, column, strict=True))
            if same:
                self.leaves.append((Text(1, name), same))
        self.values = {name: _masks(values) for name, values in features.items()}
        self.conditions = list(self._conditions())
        self.weight = 1 + len(column) // 2_000
        self.known: dict[tuple[int, int], Text | None] = {}
        self.steps = 0

    def found(self) -> Text | None:
        if self._leaves_of(self.all) > LEAVES:
            return None
        return self._best(self.all, self.all)

    def _conditions(self) -> Iterator[tuple[str, int]]:
        """Yield questions with the rows where the answer is yes: comparisons with numbers, and of two features."""
        names = list(self.features)
        for name in names:
            below = 0
            for value, rows in list(self.values[name].items())[:-1]:
                below |= rows
                yield f"{name} <= {value}", below
                if below != rows:
                    yield f"{name} == {value}", rows
        for place, first in enumerate(names):
            for second in names[:place]:
                pairs = list(zip(self.features[first], self.features[second], strict=True))
                yield f"{first} == {second}", _mask(a == b for a, b in pairs)
                yield f"{first} < {second}", _mask(a < b for a, b in pairs)
                yield f"{first} <= {second}", _mask(a <= b for a, b in pairs)

    def _best(self, rows: int, reach: int) -> Text | None:
        """Return an expression for the rows that has some value in all rows that it may be asked in, its `reach`.

        All expressions of a picked row are asked, so that only conditions make the reach smaller.
        """
        key = rows, reach
        if key not in self.known:
            self.known[key] = min((text for text, mask in self.leaves if not rows & ~mask), default=None)
            if self.known[key] is None and self.steps < GREEDY:
                found = filter(None, (self._text(split) for split in self._promising(rows, reach)))
                self.known[key] = min((text for text in found if text.nodes <= NODES), default=None)
        return self.known[key]

    def _promising(self, rows: int, reach: int) -> list[_Split]:
        """Return some splits of the rows, the most promising first; while the search is broad, every picked row."""
        self.steps += len(self.conditions) * self.weight
        picked = list(filter(None, (self._picked(name, rows, reach) for name in self.features)))
        splits = picked.copy()
        for test, yes in self.conditions:
            if rows & yes and rows & ~yes:
                parts = (rows & yes, reach & yes), (rows & ~yes, reach & ~yes)
                splits.append(_Split(parts, 5 + 2 * ("-" in test), test))
        splits.sort(key=lambda split: split.nodes + sum(self._guess(part) for part, _ in split.parts if part))
        if self.steps >= BROAD:
            return splits[:1]
        return [*splits[:SPLITS], *(split for split in picked if split not in splits[:SPLITS])]

    def _picked(self, name: str, rows: int, reach: int) -> _Split | None:
        """Return the split by all values of a feature, or None if they are too many for a literal, or too few."""
        found = [value for value, mask in self.values[name].items() if mask & reach]
        low = 0 if 0 <= found[0] <= 3 and found[-1] < ROW else found[0]
        if sum(bool(mask & rows) for mask in self.values[name].values()) < 2 or found[-1] - low >= ROW:
            return None
        parts = tuple((self.values[name].get(value, 0) & rows, reach) for value in range(low, found[-1] + 1))
        empty = sum(not part for part, _ in parts)
        return _Split(parts, 3 + (3 if low else 0) + empty, "", name, low)

    def _text(self, split: _Split) -> Text | None:
        texts = []
        for part, reach in split.parts:
            text = self._best(part, reach) if part else Text(0, "0")
            if text is None:
                return None
            texts.append(text)
        nodes = split.nodes + sum(text.nodes for text in texts)
        if split.test:
            return Text(nodes, f"{texts[0].tight} if {split.test} else {texts[1].text}", True)
        place = split.feature if not split.low else f"{split.feature} {'+-'[split.low > 0]} {abs(split.low)}"
        return Text(nodes, f"({', '.join(text.text for text in texts)})[{place}]")

    def _guess(self, rows: int) -> int:
        """Return about how many nodes an expression for the rows has: fewer than in truth, mostly."""
        leaves = self._leaves_of(rows)
        self.steps += len(self.leaves) * self.weight
        return leaves + 3 * -(-(leaves - 1) // (ROW - 1))

    def _leaves_of(self, rows: int) -> int:
        """Return how many leaves cover the rows, those that cover most first."""
        counts = sorted(((-(mask & rows).bit_count(), place) for place, (_, mask) in enumerate(self.leaves)))
        used = 0
        for _, place in counts:
            if not rows:
                break
            mask = self.leaves[place][1]
            used += bool(rows & mask)
            rows &= ~mask
        return used


def _masks(values: Sequence[int]) -> dict[int, int]:
    """Return for every value, in ascending order, the rows that have it."""
    places: dict[int, list[int]] = {value: [] for value in sorted(set(values))}
    for place, value in enumerate(values):
        places[value].append(place)
    return {value: _bits(rows) for value, rows in places.items()}


def _mask(flags: Iterator[bool] | Sequence[bool]) -> int:
    return _bits([place for place, flag in enumerate(flags) if flag])


def _bits(places: Sequence[int]) -> int:
    text = bytearray(max(places, default=0) // 8 + 1)
    for place in places:
        text[place // 8] |= 1 << place % 8
    return int.from_bytes(text, "little")
