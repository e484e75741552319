"""Networks on whole words, stepped: the state is the word so far, and its answer is recomputed from the first symbol.

Nothing is known of what such a network keeps between symbols, so nothing of that is cached. Answers are: a word that
was asked for once is looked up. All answers to a word are one call (`run_on`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from mips.networks.foreign.encoding import Array, Takes
from mips.networks.foreign.errors import ForeignNetworkError, not_alike, said, wrong
from mips.networks.network import Floats, Ints

MOST_NUMBERS = 1 << 20  # encoded numbers in one call: larger batches are cut, so that memory stays bounded
MOST_SYMBOLS = 1 << 15  # symbols in one call: a layer that makes 1,000 numbers of each takes 128 MiB in float32
MOST_PAIRS = 1 << 21  # pairs of symbols of a word in one call: 8 heads of attention take 64 MiB in float32
MOST_KEPT = 1 << 17  # answers that are remembered: some 60 MiB
CHECKED_WORDS = 16  # on which a module is asked whether it looks ahead
TOLERANCE = 1e-3  # between outputs on a word and on its beginning: rounding in float32, in units of the largest output

Encoder = Callable[[Ints], Array]  # numbers of symbols (count, width) to what the network reads (count, ...)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WholeWords:
    """A core of `call`, a function from encoded words (count, length, ...) to outputs (count, length, m).

    It must be causal: an output may depend on the symbols up to its own alone. States are words (count, length, width),
    symbols as numbers. `known` maps a word, as bytes, to the outputs after its last symbol; None remembers nothing.
    """

    call: Callable[[Array], Array]
    takes: Takes
    known: dict[bytes, Floats] | None = None

    def remembering(self) -> WholeWords:
        """Return the core with an empty memory, which serves one encoding of one alphabet."""
        return replace(self, known={})

    def start(self, count: int) -> Ints:
        """Return empty words."""
        return empty_words(count)

    def last(self, words: Ints, encode: Encoder) -> Floats:
        """Return the outputs (count, m) after the last symbol of words (count, length, width); equal ones go once."""
        if self.known is None:
            return np.concatenate([outputs[:, -1] for outputs in self.run_on(words, encode)])
        rows = np.ascontiguousarray(words).reshape(len(words), -1)
        keys = rows.view(np.dtype((np.void, rows.shape[1] * rows.itemsize)))[:, 0].tolist()
        missing = {key: row for row, key in enumerate(keys) if key not in self.known}
        fresh: dict[bytes, Floats] = {}
        if missing:
            chunks = self.run_on(words[list(missing.values())], encode)
            found = np.concatenate([outputs[:, -1] for outputs in chunks])
            fresh = dict(zip(missing, found, strict=True))
        result = np.stack([fresh[key] if key in fresh else self.known[key] for key in keys])
        if len(self.known) + len(fresh) > MOST_KEPT:
            self.known.clear()
        if len(fresh) <= MOST_KEPT:
            self.known.update(fresh)
        return result

    def run_on(self, words: Ints, encode: Encoder) -> Iterator[Floats]:
        """Yield all outputs (some, length, m) on words (count, length, width), in chunks that bound the memory."""
        count, length, width = words.shape
        encoded = encode(words[:1].reshape(-1, width))
        size = int(np.prod(encoded.shape[1:]))
        most = min(MOST_NUMBERS // (length * size), MOST_SYMBOLS // length, MOST_PAIRS // length**2)
        for first in range(0, count, max(1, most)):
            some = words[first : first + max(1, most)]
            encoded = encode(some.reshape(-1, width))
            yield self.outputs(encoded.reshape(len(some), length, *encoded.shape[1:]))

    def outputs(self, words: Array) -> Floats:
        """Return all outputs (count, length, m) on encoded words. Raises ForeignNetworkError for another shape."""
        outputs = np.asarray(self.call(words), dtype=np.float64)
        if outputs.ndim == 2:
            outputs = outputs[..., None]
        if outputs.ndim != 3 or outputs.shape[:2] != words.shape[:2]:
            raise wrong(
                f"outputs of shape {outputs.shape} on words of shape {words.shape}",
                f"({words.shape[0]}, {words.shape[1]}, outputs), one row a symbol",
                "for a module that answers at the end of a word alone use mips.from_function",
            )
        return outputs

    def checked(self, words: Array, spelled: list[list[object]]) -> WholeWords:
        """Return the core that keeps the words of a batch apart: itself, or itself with the axes of words and symbols
        exchanged, where it reads (length, words, ...).

        Encoded words (count, length, ...) are tried, `spelled` as symbols. Raises ForeignNetworkError where neither
        does, and where an output changes with later symbols: it says on which word and step.
        """
        words = words[:CHECKED_WORDS]
        try:
            chosen = next(core for core in (self, self._length_first()) if core._keeps_apart(words))
        except StopIteration:
            if not alike(self.outputs(words), self.outputs(words)):
                raise not_alike() from None
            raise wrong(
                "a module whose outputs to a word change with the other words that are asked with it",
                "one that maps (words, length, ...) to (words, length, outputs), or (length, words, ...) likewise",
                "look at what it does along the first two axes",
            ) from None
        except ForeignNetworkError:
            raise
        except Exception as error:
            raise wrong(
                f"a module that raised {said(error)} on words of shape {words.shape}",
                "one that maps (words, length, ...) to (words, length, outputs)",
                "look at encode=, and at sizes that were fixed when it was exported or built",
            ) from error
        chosen._look_ahead(words, spelled)
        return chosen

    def _length_first(self) -> WholeWords:
        def call(words: Array) -> Array:
            outputs = np.asarray(self.call(np.ascontiguousarray(words.swapaxes(0, 1))))
            return outputs.swapaxes(0, 1) if outputs.ndim > 1 else outputs

        return replace(self, call=call)

    def _keeps_apart(self, words: Array) -> bool:
        """Are the outputs to the last word those that it has without the others? Not a number is named later."""
        whole, alone = self.outputs(words)[-1:], self.outputs(words[-1:])
        return not np.isfinite(whole).all() or alike(whole, alone)

    def _look_ahead(self, words: Array, spelled: list[list[object]]) -> None:
        whole = self.outputs(words)
        if not np.isfinite(whole).all():
            return  # named later, with the word
        for length in range(1, words.shape[1]):
            begun = self.outputs(words[:, :length])
            far = np.abs(begun - whole[:, :length]).max(axis=2) > TOLERANCE * _scale(whole)
            if far.any():
                row, step = (int(place) for place in np.argwhere(far)[0])
                raise wrong(
                    f"an output after symbol {step + 1} of the word {spelled[row]} that is "
                    f"{begun[row, step].tolist()} on its first {length} symbols and "
                    f"{whole[row, step].tolist()} on the whole word",
                    "a causal module, which does not look ahead",
                    "give it a causal mask, or distil what it says at the end of a word: "
                    "mips.from_function(f, answers='end')",
                )


def alike(outputs: Floats, others: Floats) -> bool:
    """Are two arrays of outputs the same but for rounding?"""
    return outputs.shape == others.shape and np.allclose(
        outputs, others, rtol=0, atol=TOLERANCE * _scale(outputs), equal_nan=True
    )


def _scale(outputs: Floats) -> float:
    return max(1.0, float(np.abs(outputs[np.isfinite(outputs)]).max(initial=0.0)))


def empty_words(count: int) -> Ints:
    """Return words without a symbol (count, 0, 0): how many numbers a symbol has is seen at the first step."""
    return np.zeros((count, 0, 0), dtype=np.int64)


def longer(words: Ints, symbols: Ints) -> Ints:
    """Return words (count, length, width) with one symbol more (count, width)."""
    added = np.asarray(symbols)[:, None].astype(np.int64)
    return np.concatenate([words, added], axis=1) if words.shape[1] else added
