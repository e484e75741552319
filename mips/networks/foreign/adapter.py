"""A network of another library as a `mips.Recurrent`: symbols are encoded, the core is stepped, outputs are decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from mips.networks.drawn_words import drawn_symbols
from mips.networks.foreign.decoding import THRESHOLD, Decode, decoder, probability_threshold, told_from
from mips.networks.foreign.encoding import ENCODINGS, Array, Encode, Takes, encoder
from mips.networks.foreign.errors import ForeignNetworkError, not_alike, said, wrong
from mips.networks.foreign.whole_words import WholeWords, alike, longer
from mips.networks.network import Floats, Ints
from mips.networks.recurrent import States, count_of, stepped
from mips.tasks.alphabets import Alphabet, Integers, Product, Symbols, integers, symbol_of
from mips.tasks.cures import cure_for_alphabet, told

TRIED_WORDS = 64  # on which outputs are looked at before anything is done with a network
TRIED_LENGTH = 20  # symbols of these words at most


class Core(Protocol):
    """A network without its alphabet: it reads encoded symbols and gives floats. The methods are as in Recurrent.

    One on whole words is a WholeWords instead, which keeps words as numbers and encodes them when it is called.
    """

    @property
    def takes(self) -> Takes:
        """What it reads for one symbol."""

    def start(self, count: int) -> States:
        """Return the states before the first symbol."""

    def step(self, states: States, encoded: Array) -> States:
        """Return the states after one more symbol of each word, encoded as `takes` says."""

    def read(self, states: States) -> Floats:
        """Return the outputs (count, m), as floats."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ForeignNetwork:
    """A network of another library or file, which can be stepped: a `mips.Recurrent`, and what `mips.distil` takes.

    `encode` says how symbols go in, `decode` how answers come out, `threshold` from where on an output says yes;
    `inputs` is the alphabet. What is None is told from the sizes and from the outputs on a few words once the alphabet
    is known (`for_inputs`), where one reading fits.
    """

    core: Core | WholeWords
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
        if isinstance(self.core, WholeWords):
            return longer(states, numbers)
        try:
            return self.core.step(states, self._encoder(numbers)(numbers))
        except Exception as error:
            raise _refused(error, numbers.shape) from error

    def answer(self, states: States) -> Ints:
        """Return the answers (count, n) at these states, decoded."""
        return decoder(self.decode, self.threshold)(self.outputs(states))

    def outputs(self, states: States) -> Floats:
        """Return the outputs (count, m) at these states, not decoded."""
        try:
            if isinstance(self.core, WholeWords):
                return self.core.last(states, self._encoder(states))
            return self.core.read(states)
        except Exception as error:
            shape = states.shape if isinstance(self.core, WholeWords) else (count_of(states),)
            raise _refused(error, shape) from error

    def answer_words(self, words: Ints) -> Ints:
        """Return the answers (count, length, n) after every symbol of words (count, length, width).

        A network on whole words is called once for all the answers to a word.
        """
        if not isinstance(self.core, WholeWords) or not words.size:
            return stepped(self, words)
        decode, found = decoder(self.decode, self.threshold), []
        try:
            for outputs in self.core.run_on(words, self._encoder(words)):
                answers = decode(outputs.reshape(-1, outputs.shape[2]))
                found.append(answers.reshape(*outputs.shape[:2], -1))
        except Exception as error:
            raise _refused(error, words.shape) from error
        return np.concatenate(found)

    def for_inputs(self, inputs: Alphabet, length: int) -> ForeignNetwork:
        """Return the network for words of `length` symbols of an alphabet, with all that was open told.

        Raises ForeignNetworkError when the alphabet does not fit the network, when several readings fit, when outputs
        are no numbers, and when a module on whole words is not causal.
        """
        words = trial_words(inputs, min(length, TRIED_LENGTH))
        encode = encoder(self.encode, inputs, self.core.takes)
        encoded = np.stack([encode(words[:, t]) for t in range(words.shape[1])], axis=1)
        core = self.core
        if isinstance(core, WholeWords):
            spelled: list[list[object]] = [[symbol_of(inputs, row) for row in word] for word in words.tolist()]
            core = core.checked(encoded, spelled).remembering()
        network = replace(self, core=core, inputs=inputs)
        states, outputs = network.start(len(words)), []
        for t in range(words.shape[1]):
            states = network.step(states, words[:, t])
            outputs.append(np.asarray(network.outputs(states), dtype=np.float64))
            if not t and not isinstance(core, WholeWords):
                again = network.outputs(network.step(network.start(len(words)), words[:, 0]))
                if not alike(outputs[0], again):
                    raise not_alike()
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
        network = replace(network, decode=decode, threshold=threshold)
        if length > words.shape[1] and isinstance(core, WholeWords):
            network.answer_words(trial_words(inputs, length)[:1])  # one that reads shorter words alone is refused
        return network

    def _encoder(self, numbers: Ints) -> Callable[[Ints], Array]:
        """Return the function that encodes numbers of symbols; some of them (..., width) are given."""
        return encoder(self.encode, self.inputs or self._assumed(numbers), self.core.takes)

    def _assumed(self, numbers: Ints) -> Alphabet:
        """Return the alphabet where none was given: as large as the network, from 0 on."""
        takes, width = self.core.takes, numbers.shape[-1]
        if takes.size is None:
            return integers(0, (takes.rows or int(numbers.max(initial=0)) + 1) - 1, width=width)
        if takes.size == width:
            return integers(0, 1, width=width) if width > 1 or self.encode != "one-hot" else integers(0, 0)
        return integers(0, max(1, takes.size // width) - 1, width=width)


def _refused(error: Exception, shape: tuple[int, ...]) -> ForeignNetworkError:
    """Return what is said of a network that raised an error of its own on symbols, or words, of a shape."""
    if isinstance(error, ForeignNetworkError):
        return error
    what = f"words of {shape[1]} symbols" if len(shape) == 3 else f"symbols of shape {shape}"
    return wrong(
        f"a network that raised {said(error)} on {what}",
        "one that reads them",
        "look at encode=, head= and embedding=" + (", and at how long a word may be" if len(shape) == 3 else ""),
    )


def trial_words(inputs: Alphabet, length: int) -> Ints:
    """Return a few random words (count, length, width) over an alphabet, the same ones always.

    Raises TypeError for what is no alphabet, ValueError for an empty one.
    """
    if not isinstance(inputs, Integers | Symbols | Product):
        cure = cure_for_alphabet(inputs)
        expected = "integers(low, high), symbols(...) or product(...)"
        raise TypeError(f"found the inputs {told(inputs)}; expected {expected}. {cure}".rstrip())
    if inputs.fault:
        raise ValueError(f"found the inputs {inputs}; {inputs.fault}")
    return drawn_symbols(inputs, (TRIED_WORDS, length, inputs.width), np.random.default_rng(0))


def adapted(
    core: Core | WholeWords,
    *,
    encode: Encode,
    decode: Decode,
    threshold: float | None,
    inputs: Alphabet | None,
) -> ForeignNetwork:
    """Return a core as a network; errors in `encode` and `decode` that need no alphabet are found at once."""
    if decode is not None:
        decoder(decode, threshold)
    if threshold is not None and (isinstance(threshold, bool) or not isinstance(threshold, int | float)):
        raise wrong(f"threshold={told(threshold)}", "a number, above which an output says yes")
    network = ForeignNetwork(core=core, encode=encode, decode=decode, threshold=threshold)
    if encode is not None and not callable(encode) and encode not in ENCODINGS:
        raise wrong(f"encode={encode!r}", f"one of {', '.join(ENCODINGS)}, or a function of one symbol")
    return network if inputs is None else network.for_inputs(inputs, TRIED_LENGTH)
