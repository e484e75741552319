"""What is given to be distilled, looked at before anything is done with it."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, SupportsIndex

from mips.networks.encoding import encoded_width
from mips.networks.foreign.errors import ForeignNetworkError, wrong
from mips.networks.network import Network
from mips.networks.recurrent import Recurrent, fitted
from mips.tasks.alphabets import Alphabet, Integers, Named, Product, Symbol, Symbols, numbers_of, symbol_of
from mips.tasks.arguments import check_seed, kind_of
from mips.tasks.cures import ALPHABETS, cure_for_alphabet, cure_for_int, told

NETWORK = (  # how one's own becomes what is expected
    "a mips.Network: Network(cell=(Layer(weight=w, bias=b), ...), readout=(Layer(weight=w, bias=b), ...)), "
    "linear layers with a ReLU between neighbours, each w of shape (inputs, outputs), the transpose of a torch layer's "
    "weight; the cell sees hidden state and symbol side by side. One that was kept: mips.load(folder). Any "
    "other recurrent network: an object with the methods start(count), step(states, symbols) and answer(states), as "
    "mips.Recurrent says"
)


ANSWERS = "answers"
Admits = str | Callable[[Any], Any] | None


def check_method(method: str, methods: Iterable[str]) -> None:
    """Raise ValueError when `method` is none of the `methods`."""
    if method not in methods:
        raise ValueError(f"no method is called {method!r}; there are {', '.join(methods)}")


def check_takes(network: Recurrent, method: str) -> None:
    """Raise TypeError when a method is asked for that does not work for a network of this kind."""
    if method != "full" and not isinstance(network, Network):
        raise TypeError(f"found {kind_of(network)} for the method {method!r}; expected a mips.Network")


def check_admits(admits: object, method: str, machines: bool) -> None:
    """Raise TypeError or ValueError where `admits` is nothing that `distil` can use with the other arguments."""
    if admits != ANSWERS and not callable(admits):
        raise TypeError(
            f"found admits={told(admits)}; expected 'answers', or a function from answers (count, outputs) to yes or "
            "no for each symbol (count, symbols)"
        )
    if method != "full" or not machines:
        given = f"method={method!r}" if method != "full" else "machines=False"
        raise ValueError(f"found admits= together with {given}; expected one of both: the result is a machine")


def check_arguments(
    network: Recurrent, alphabet: Alphabet | None, length: int, seed: int, noise: float | None
) -> Alphabet:
    """Return the alphabet when the arguments of `distil` make sense.

    Raises TypeError or ValueError, with what was found and what was expected.
    """
    if isinstance(network, type) or not isinstance(network, Recurrent):
        raise TypeError(f"found {kind_of(network)} in the place of the network; expected {_way_in(network)}")
    if alphabet is None:
        raise TypeError("found no inputs beside the network; expected integers(low, high), the range of one symbol")
    if not isinstance(alphabet, Integers | Symbols | Product):
        cure = cure_for_alphabet(alphabet)
        raise TypeError(f"found the inputs {told(alphabet)}; expected {ALPHABETS}. {cure}".rstrip())
    if alphabet.fault:
        raise ValueError(f"found the inputs {alphabet}; {alphabet.fault}")
    widths = (alphabet.width, encoded_width(alphabet))
    if isinstance(network, Network) and network.input_width not in widths:
        raise ValueError(f"found the inputs {alphabet}; expected width {network.input_width}, as the network")
    if type(length) is not int or length < 1:
        cure = cure_for_int(length)
        raise ValueError(f"found length {told(length)}; expected an int of at least 1. {cure}".rstrip(" ."))
    check_seed(seed)
    if noise is not None and (isinstance(noise, str) or not 0 <= noise <= 1):
        raise ValueError(f"found noise {told(noise)}; expected a share from 0 to 1, or None where it is not known")
    return alphabet


def _way_in(network: object) -> str:
    """Return how what was given in the place of a network becomes one."""
    if hasattr(network, "state_dict") and not isinstance(network, type):
        return "what mips.from_torch(module, head) makes of it"
    if isinstance(network, str | os.PathLike):
        return "mips.load(folder), mips.from_state_dict(file), mips.from_onnx(file), or another network"
    if callable(network) and not isinstance(network, type):
        return "what mips.from_function(function) makes of it"
    return NETWORK


def check_outputs(outputs: object) -> None:
    """Raise TypeError where the names of outputs are no alphabet of names."""
    if outputs is not None and not isinstance(outputs, Symbols):
        names = (
            outputs if isinstance(outputs, list | tuple) and all(isinstance(name, str) for name in outputs) else None
        )
        cure = f" Write symbols({told(list(names))})." if names else ""
        raise TypeError(
            f"found outputs={told(outputs)}; expected symbols(...), the names of the outputs 0, 1, ....{cure}"
        )


def fitted_for(network: Recurrent, inputs: Alphabet, length: int, *, is_given: bool) -> tuple[Recurrent, int]:
    """Return a network as it reads words of `length` over the alphabet, and the length.

    Some modules read words up to a length of theirs alone: where none was given, the longest such up to `length` is
    taken. Raises ForeignNetworkError where the network cannot be read, or not so far as was asked for.
    """
    try:
        return fitted(network, inputs, length), length
    except ForeignNetworkError as error:
        low, high, found = 1, length, None  # the longest word that is read is `low` or longer, and shorter than `high`
        while low < high:
            middle = (low + high) // 2
            try:
                found, low = (fitted(network, inputs, middle), middle), middle + 1
            except ForeignNetworkError:
                high = middle
        if found is None:
            raise
        if is_given:
            raise wrong(
                f"a network that reads words of {found[1]} symbols and no longer ones ({error})",
                f"words of {length}",
                f"write length={found[1]}",
            ) from error
        return found


def as_word(xs: Iterable[SupportsIndex | Iterable[SupportsIndex]], width: int) -> list[Symbol]:
    """Return the symbols `xs` as a program takes them: ints where `width` is 1, else tuples of `width` ints.

    Integers of other types, such as NumPy's, become ints. Raises TypeError, with the place, for anything else.
    """
    expected = "an int" if width == 1 else f"a tuple of {width} ints"
    if isinstance(xs, str | bytes) or not isinstance(xs, Iterable):
        raise TypeError(f"found {told(xs)} in the place of a word; expected a list, each symbol {expected}")
    word: list[Symbol] = []
    for place, x in enumerate(xs):
        try:
            symbol = tuple(map(operator.index, (x,) if width == 1 else x))  # type: ignore[arg-type]  # TypeError below
        except TypeError:
            symbol = ()
        if len(symbol) != width:
            raise TypeError(f"found {told(x)} as symbol {place} of the word; expected {expected}")
        word.append(symbol[0] if width == 1 else symbol)
    return word


def symbol_in(alphabet: Alphabet, x: Any, place: int) -> Named:
    """Return `x` as a symbol of the alphabet: numbers of other types become ints, lists tuples.

    Raises TypeError, with the place in the word, for anything else.
    """
    with suppress(TypeError, ValueError):
        symbol = symbol_of(alphabet, numbers_of(alphabet, x))
        plain = tuple(part if isinstance(part, str) else operator.index(part) for part in _parts(symbol))
        found: Named = plain[0] if alphabet.width == 1 else plain
        if found in alphabet:
            return found
    raise TypeError(f"found {told(x)} as symbol {place} of the word; expected one of {alphabet}")


def _parts(symbol: Named) -> tuple[int | str, ...]:
    return symbol if isinstance(symbol, tuple) else (symbol,)
