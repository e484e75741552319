"""Networks on whole words, stepped: the state is the word so far, and every answer is asked for anew (no cache)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mips.networks.foreign.encoding import Array, Takes
from mips.networks.foreign.errors import said, wrong
from mips.networks.network import Floats

MOST_NUMBERS = 1 << 20  # encoded numbers in one call: larger batches are cut, so that memory stays bounded
CHECKED_WORDS = 16  # on which a module is asked whether it looks ahead
TOLERANCE = 1e-3  # between outputs on a word and on its beginning: rounding in float32, in units of the largest output


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WholeWords:
    """A core of `call`, a function from encoded words (count, length, ...) to outputs (count, length, m).

    It must be causal: an output may depend on the symbols up to its own alone.
    """

    call: Callable[[Array], Array]
    takes: Takes

    def start(self, count: int) -> Array:
        """Return empty words (count, 0, ...)."""
        size = (self.takes.size,) if self.takes.size is not None else ()
        return np.zeros((count, 0, *size), dtype=np.int64 if self.takes.size is None else np.float64)

    def step(self, states: Array, encoded: Array) -> Array:
        """Return the words with one symbol more."""
        return np.concatenate([states, encoded[:, None].astype(states.dtype)], axis=1)

    def read(self, states: Array) -> Floats:
        """Return the outputs (count, m) after the last symbol of the words."""
        return self.outputs(states)[:, -1]

    def outputs(self, words: Array) -> Floats:
        """Return all outputs (count, length, m) on encoded words. Raises ForeignNetworkError for another shape."""
        rows = max(1, MOST_NUMBERS // max(1, int(np.prod(words.shape[1:]))))
        found = []
        for first in range(0, len(words), rows):
            part = words[first : first + rows]
            outputs = np.asarray(self.call(part), dtype=np.float64)
            if outputs.ndim == 2:
                outputs = outputs[..., None]
            if outputs.ndim != 3 or outputs.shape[:2] != part.shape[:2]:
                raise wrong(
                    f"outputs of shape {outputs.shape} on words of shape {part.shape}",
                    f"({part.shape[0]}, {part.shape[1]}, outputs), one row a symbol",
                    "for a module that answers at the end of a word alone use mips.from_function",
                )
            found.append(outputs)
        return np.concatenate(found)

    def check(self, words: Array, spelled: list[list[object]]) -> None:
        """Raise ForeignNetworkError where an output changes with later symbols: it says on which word and step."""
        words = words[:CHECKED_WORDS]
        try:
            whole = self.outputs(words)
        except (ArithmeticError, LookupError, RuntimeError, TypeError, AssertionError) as error:
            raise wrong(
                f"a module that raised {said(error)} on words of shape {words.shape}",
                "one that maps (words, length, ...) to (words, length, outputs)",
                "look at encode=",
            ) from error
        if not np.isfinite(whole).all():
            return  # named later, with the word
        scale = max(1.0, float(np.abs(whole).max()))
        for length in range(1, words.shape[1]):
            begun = self.outputs(words[:, :length])
            far = np.abs(begun - whole[:, :length]).max(axis=2) > TOLERANCE * scale
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
