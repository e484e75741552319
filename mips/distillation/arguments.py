"""What is given to be distilled, looked at before anything is done with it."""

from __future__ import annotations

from mips.networks.network import Network
from mips.tasks.cures import cure_for_alphabet, cure_for_int, told
from mips.tasks.task import Integers

SEEDS = 1 << 64  # what generators of random numbers take
NETWORK = (  # how one's own becomes what is expected
    "a mips.Network: Network(cell=(Layer(weight=w, bias=b), ...), readout=(Layer(weight=w, bias=b), ...)), "
    "linear layers with a ReLU between neighbours, each w of shape (inputs, outputs), the transpose of a torch layer's "
    "weight; the cell sees hidden state and symbol side by side. One that was kept: mips.load(folder)"
)


def check_arguments(network: Network, alphabet: Integers, length: int, seed: int, noise: float | None) -> None:
    """Raise TypeError or ValueError, with what was found and what was expected, for arguments that make no sense."""
    if not isinstance(network, Network):
        raise TypeError(f"found {_kind(network)} in the place of the network; expected {NETWORK}")
    if not isinstance(alphabet, Integers):
        cure = cure_for_alphabet(alphabet)
        raise TypeError(f"found the alphabet {told(alphabet)}; expected integers(low, high). {cure}".rstrip())
    if alphabet.fault:
        raise ValueError(f"found the alphabet {alphabet}; {alphabet.fault}")
    if alphabet.width != network.input_width:
        raise ValueError(f"found the alphabet {alphabet}; expected width {network.input_width}, as the network")
    if type(length) is not int or length < 1:
        cure = cure_for_int(length)
        raise ValueError(f"found length {told(length)}; expected an int of at least 1. {cure}".rstrip(" ."))
    if type(seed) is not int or not 0 <= seed < SEEDS:
        cure = cure_for_int(seed)
        raise ValueError(f"found seed {told(seed)}; expected an int from 0 to 2**64 - 1. {cure}".rstrip(" ."))
    if noise is not None and (isinstance(noise, str) or not 0 <= noise <= 1):
        raise ValueError(f"found noise {told(noise)}; expected a share from 0 to 1, or None where it is not known")


def _kind(network: object) -> str:
    """Return what was given in the place of a network, by its type."""
    kind = network if isinstance(network, type) else type(network)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"the class {name}" if isinstance(network, type) else f"an object of type {name}"
