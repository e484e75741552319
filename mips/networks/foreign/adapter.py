"""A network of another library as a `mips.Recurrent`: symbols are encoded, the core is stepped, outputs are decoded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from mips.networks.drawn_words import drawn_symbols
from mips.networks.foreign.decoding import THRESHOLD, Decode, decoder, probability_threshold, told_from
from mips.networks.foreign.encoding import ENCODINGS, Array, Encode, Takes, encoder
from mips.networks.foreign.errors import said, wrong
from mips.networks.network import Floats, Ints
from mips.networks.recurrent import States
from mips.tasks.alphabets import Alphabet, integers, symbol_of

TRIED_WORDS = 64  # on which outputs are looked at before anything is done with a network
TRIED_LENGTH = 20  # symbols of these words at most


class Core(Protocol):
    """A network without its alphabet: it reads encoded symbols and gives floats. The methods are as in Recurrent."""

    @property
    def takes(self) -> Takes:
        """What it reads for one symbol."""

    def start(self, count: int) -> States:
        """Return the states before the first symbol."""

    def step(self, states: States, encoded: Array) -> States:
        """Return the states after one more symbol of each word, encoded as `takes` says."""

    def read(self, states: States) -> Floats:
        """Return the outputs (count, m), as floats."""

    def check(self, words: Array, spelled: list[list[object]]) -> None:
        """Raise ForeignNetworkError when it looks ahead on encoded words (count, length, ...), `spelled` as symbols."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ForeignNetwork:
    """A network of another library or file, which can be stepped: a `mips.Recurrent`, and what `mips.distil` takes.

    `encode` says how symbols go in, `decode` how answers come out, `threshold` from where on an output says yes;
    `inputs` is the alphabet. What is None is told from the sizes and from the outputs on a few words once the alphabet
    is known (`for_inputs`), where one reading fits.
    """

    core: Core
    encode: Encode = None
    decode: Decode = None
    threshold: float | None = None
    inputs: Alphabet | None = None

    def start(self, count: int) -> States:
        """Return the states before the first symbol of `count` words."""
        return self.core.start(count)

    def step(self, states: States, symbols: Ints) -> States:
        """Return the states after one more symbol of each word; symbols (count, width) as `mips.Recurrent` has them."""
        numbers = np.asarray(symbols)
        inputs = self.inputs or self._assumed(numbers)
        return self.core.step(states, encoder(self.encode, inputs, self.core.takes)(numbers))

    def answer(self, states: States) -> Ints:
        """Return the answers (count, n) at these states, decoded."""
        return decoder(self.decode, self.threshold)(self.core.read(states))

    def for_inputs(self, inputs: Alphabet, length: int) -> ForeignNetwork:
        """Return the network for words of `length` symbols of an alphabet, with all that was open told.

        Raises ForeignNetworkError when the alphabet does not fit the network, when several readings fit, when outputs
        are no numbers, and when a module on whole words is not causal.
        """
        words = trial_words(inputs, min(length, TRIED_LENGTH))
        encode = encoder(self.encode, inputs, self.core.takes)
        encoded = np.stack([encode(words[:, t]) for t in range(words.shape[1])], axis=1)
        self.core.check(encoded, [[symbol_of(inputs, row) for row in word] for word in words.tolist()])
        states, outputs = self.core.start(len(words)), []
        for t in range(words.shape[1]):
            try:
                states = self.core.step(states, encoded[:, t])
                outputs.append(np.asarray(self.core.read(states), dtype=np.float64))
            except (ArithmeticError, LookupError, RuntimeError, TypeError) as error:
                shape = (len(words), *encoded.shape[2:])
                raise wrong(
                    f"a network that raised {said(error)} on symbols of shape {shape}",
                    "one that reads them",
                    "look at encode=, head= and embedding=",
                ) from error
            if outputs[-1].ndim != 2 or len(outputs[-1]) != len(words):
                raise wrong(
                    f"outputs of shape {outputs[-1].shape} for {len(words)} words",
                    f"shape ({len(words)}, outputs)",
                    "look at head=",
                )
            odd = ~np.isfinite(outputs[-1]).all(axis=1)
            if odd.any():
                row = int(odd.argmax())
                word = [symbol_of(inputs, symbol) for symbol in words[row, : t + 1].tolist()]
                value = outputs[-1][row][~np.isfinite(outputs[-1][row])][0]
                raise wrong(f"an output that is {value} after the word {word}", "numbers", "look at the weights")
        every = np.concatenate(outputs)
        decode = self.decode if self.decode is not None else told_from(every)
        threshold = self.threshold
        if decode == THRESHOLD and threshold is None:
            threshold = probability_threshold(every)
        decoder(decode, threshold)(every)
        return replace(self, inputs=inputs, decode=decode, threshold=threshold)

    def _assumed(self, numbers: Array) -> Alphabet:
        """Return the alphabet where none was given: as large as the network, from 0 on."""
        takes, width = self.core.takes, numbers.shape[1]
        if takes.size is None:
            return integers(0, (takes.rows or int(numbers.max(initial=0)) + 1) - 1, width=width)
        if takes.size == width:
            return integers(0, 1, width=width) if width > 1 or self.encode != "one-hot" else integers(0, 0)
        return integers(0, max(1, takes.size // width) - 1, width=width)


def trial_words(inputs: Alphabet, length: int) -> Ints:
    """Return a few random words (count, length, width) over an alphabet, the same ones always."""
    return drawn_symbols(inputs, (TRIED_WORDS, length, inputs.width), np.random.default_rng(0))


def adapted(
    core: Core, *, encode: Encode, decode: Decode, threshold: float | None, inputs: Alphabet | None
) -> ForeignNetwork:
    """Return a core as a network; errors in `encode` and `decode` that need no alphabet are found at once."""
    if decode is not None:
        decoder(decode, threshold)
    network = ForeignNetwork(core=core, encode=encode, decode=decode, threshold=threshold)
    if encode is not None and not callable(encode) and encode not in ENCODINGS:
        raise wrong(f"encode={encode!r}", f"one of {', '.join(ENCODINGS)}, or a function of one symbol")
    return network if inputs is None else network.for_inputs(inputs, TRIED_LENGTH)
