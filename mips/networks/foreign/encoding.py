"""How symbols go into a network: as numbers, one-hot, as an index into an embedding, or by a function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mips.networks.foreign.errors import said, wrong
from mips.networks.network import Ints
from mips.tasks.alphabets import Alphabet, Symbols, all_numbers, is_named, symbol_of
from mips.tasks.cures import told

Array = NDArray[Any]
Encode = str | Callable[[Any], Any] | None
NUMBER, ONE_HOT, INDEX = "number", "one-hot", "index"
ENCODINGS = (NUMBER, ONE_HOT, INDEX)
MOST_TABLED = 20_000  # symbols: a table with a row for each is made of all encodings but `number`


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """What a network reads for one symbol: `size` numbers, or an index into `rows` vectors where `size` is None.

    `parts` is how many such indices make up a symbol, one unless each part of a symbol has its own. `rows` is None
    where it is not known how many vectors there are.
    """

    size: int | None = None
    rows: int | None = None
    parts: int = 1

    def __str__(self) -> str:
        if self.size is not None:
            return f"{self.size} number{'' if self.size == 1 else 's'} a symbol"
        of = "" if self.rows is None else f" into {self.rows} vectors"
        return f"an index{of} for each of {self.parts} parts of a symbol" if self.parts > 1 else f"an index{of}"


@lru_cache(maxsize=64)
def encoder(encode: Encode, alphabet: Alphabet, takes: Takes) -> Callable[[Ints], Array]:
    """Return the function from numbers of symbols (count, width) to what a network reads: (count, size) floats, or
    indices (count,), (count, parts) where a symbol has several.

    Where `encode` is None it is told from the sizes. Raises ForeignNetworkError when nothing fits, or several do.
    """
    if callable(encode):
        return _by_table(_called(encode, alphabet, takes), alphabet)
    if encode is not None and encode not in ENCODINGS:
        raise wrong(f"encode={told(encode)}", f"one of {', '.join(ENCODINGS)}, or a function of one symbol")
    counts = [part.count for part in alphabet.parts]
    if takes.size is None:
        if encode not in (None, INDEX):
            raise wrong(f"encode={encode!r} for a network that reads {takes}", "encode='index'")
        return _indices(encode, alphabet, takes)
    fitting = [NUMBER] * (takes.size == alphabet.width) + [ONE_HOT] * (takes.size in (sum(counts), alphabet.count))
    if encode is None and fitting == [NUMBER] and is_named(alphabet):
        raise wrong(
            f"names, {alphabet}, for a network that reads {takes}",
            "encode= to say which number a name is",
            "encode='number' where it is the name's place, from 0",
        )
    if encode is None and (len(fitting) != 1 or (takes.size == sum(counts) == alphabet.count and len(counts) > 1)):
        fit = " and ".join(fitting) if fitting else "no encoding"
        cure = "say encode=" if fitting else f"one-hot takes {alphabet.count} numbers, number takes {alphabet.width}"
        raise wrong(
            f"a network that reads {takes} and the alphabet {alphabet}, for which {fit} fits",
            "one that fits",
            f"{cure}; encode= may be a function of one symbol",
        )
    chosen = encode or fitting[0]
    if chosen not in fitting:
        needed = {NUMBER: f"{alphabet.width}", ONE_HOT: f"{alphabet.count}"}.get(chosen, "an index")
        raise wrong(
            f"a network that reads {takes}",
            f"{needed} for encode={chosen!r} of {alphabet}",
            "give the alphabet it was trained on, or encode= a function of one symbol",
        )
    if chosen == NUMBER:
        return lambda numbers: numbers.astype(np.float64)
    places = np.array(_places(alphabet))
    if takes.size != sum(counts):
        return _by_table(np.eye(alphabet.count), alphabet)
    blocks = [np.eye(count)[places[:, part]] for part, count in enumerate(counts)]
    return _by_table(np.concatenate(blocks, axis=1), alphabet)


def _indices(encode: Encode, alphabet: Alphabet, takes: Takes) -> Callable[[Ints], Array]:
    """Return the encoder to indices: that of the whole symbol, or one for each part."""
    lows = _lows(alphabet)
    if takes.parts > 1:
        most = max(part.count for part in alphabet.parts)
        if takes.parts != alphabet.width or (takes.rows is not None and most > takes.rows):
            raise wrong(f"a network that reads {takes} and the alphabet {alphabet}", "an alphabet that fits")
        return lambda numbers: numbers - lows
    count = alphabet.count
    if takes.rows is not None and count > takes.rows:
        raise wrong(
            f"an embedding of {takes.rows} vectors",
            f"one for each of the {count} symbols of {alphabet}",
            "give the alphabet it was trained on",
        )
    is_clear = count == takes.rows or takes.rows is None or (alphabet.width == 1 and not lows.any())
    if encode is None and (not is_clear or (is_named(alphabet) and count != takes.rows)):
        raise wrong(
            f"an embedding of {takes.rows} vectors for {alphabet}",
            "encode= to say which is a symbol's",
            "encode='index' where it is the symbol's place in the alphabet, else a function",
        )
    return lambda numbers: _place(alphabet, numbers)


def _called(encode: Callable[[Any], Any], alphabet: Alphabet, takes: Takes) -> Array:
    """Return the table (count, size) or (count,) that a function of one symbol gives."""
    if alphabet.count > MOST_TABLED:
        raise wrong(f"encode= a function for {alphabet.count} symbols", f"at most {MOST_TABLED}", "encode='number'")
    rows = []
    for numbers in all_numbers(alphabet):
        symbol = symbol_of(alphabet, numbers)
        try:
            row = np.asarray(encode(symbol))
        except Exception as error:
            raise wrong(f"encode({symbol!r}), which raised {said(error)}", f"{takes}") from error
        shape = (takes.size,) if takes.size is not None else (takes.parts,) if takes.parts > 1 else ()
        if takes.size == 1 and row.shape == ():
            row = row[None]
        if row.shape != shape or row.dtype.kind not in ("iub" if takes.size is None else "iubf"):
            raise wrong(f"encode({symbol!r}) of shape {row.shape} and type {row.dtype}", f"{takes}, shape {shape}")
        if takes.size is None and takes.rows is not None and not (row.min() >= 0 and row.max() < takes.rows):
            raise wrong(f"encode({symbol!r}) = {row}", f"an index from 0 to {takes.rows - 1}")
        rows.append(row)
    return np.stack(rows)


def _by_table(table: Array, alphabet: Alphabet) -> Callable[[Ints], Array]:
    return lambda numbers: table[_place(alphabet, numbers)]


def _lows(alphabet: Alphabet) -> Ints:
    return np.array([0 if isinstance(part, Symbols) else part.low for part in alphabet.parts])


def _places(alphabet: Alphabet) -> list[tuple[int, ...]]:
    """Return the place of every part of every symbol (count, width), from 0."""
    if alphabet.count > MOST_TABLED:
        raise wrong(f"{alphabet.count} symbols one-hot", f"at most {MOST_TABLED}", "encode='number'")
    lows = _lows(alphabet).tolist()
    return [tuple(n - low for n, low in zip(row, lows, strict=True)) for row in all_numbers(alphabet)]


def _place(alphabet: Alphabet, numbers: Ints) -> Ints:
    """Return the place of symbols, given as numbers (..., width), in the alphabet."""
    counts = [part.count for part in alphabet.parts]
    factors = np.array([int(np.prod(counts[i + 1 :])) for i in range(len(counts))], dtype=np.int64)
    places: Ints = (numbers - _lows(alphabet)) @ factors
    if places.size and not (places.min() >= 0 and places.max() < alphabet.count):
        raise wrong(f"symbols {told(numbers.tolist())}", f"symbols of {alphabet}")
    return places
