"""Whether a network computes numbers at all: states and answers that are finite and small enough to be integers."""

from __future__ import annotations

from itertools import chain

import numpy as np

from mips.machines.linear import LARGEST_EXACT
from mips.networks.network import Floats, Ints, Network
from mips.outcome import StageFailure

LARGEST_STATE = 2.0**63  # what an int64 holds
FAR = 0.25  # from an integer: half of all numbers are farther away
MOST_FAR = 1 / 3  # share of such answers: where errors spread like a bell, 5 % of the answers round wrongly then


def check_network(network: Network, words: Ints) -> None:
    """Raise StageFailure("extracted") when the network leaves the integers on words (count, length, width).

    The reason names the first hidden state or answer that is not finite or too large, and after how many steps it
    comes. A weight that is not finite is refused too, though no word may meet it.
    """
    hidden = network.start(len(words))
    with np.errstate(over="ignore", invalid="ignore"):
        _check("a hidden state", 0, hidden, LARGEST_STATE)
        for t in range(words.shape[1]):
            hidden = network.step(hidden, words[:, t])
            _check("a hidden state", t + 1, hidden, LARGEST_STATE)
            _check("an answer", t + 1, network.read(hidden), LARGEST_EXACT)
    weights = chain.from_iterable((layer.weight, layer.bias) for layer in (*network.cell, *network.readout))
    for array in weights:
        if not np.isfinite(array).all():
            odd = array[~np.isfinite(array)][0]
            raise StageFailure("extracted", f"a weight of the network is {odd:g}; expected finite numbers")


def check_answers(network: Network, words: Ints) -> None:
    """Raise StageFailure("extracted") when the answers on words (count, length, width) are not near integers.

    Logits, probabilities and other numbers of any size are as often far from an integer as near to one. An imperfect
    network is not refused: of the answers of one whose errors grow towards one half, few are.
    """
    hidden, far = network.start(len(words)), np.zeros(network.output_width)
    example: tuple[float, int] | None = None
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(words.shape[1]):
            hidden = network.step(hidden, words[:, t])
            read = network.read(hidden)
            odd = np.abs(read - np.rint(read)) > FAR
            far += odd.sum(axis=0)
            if example is None and odd.any():
                example = float(read[odd][0]), t + 1
    share = far.max(initial=0.0) / max(1, words.shape[0] * words.shape[1])
    if example is None or share <= MOST_FAR:
        return
    which = f" (number {int(far.argmax()) + 1} of {len(far)})" if len(far) > 1 else ""
    raise StageFailure(
        "extracted",
        f"{share:.0%} of the network's outputs{which} are farther than {FAR} from an integer, such as "
        f"{example[0]:.3g} after {example[1]} step{'' if example[1] == 1 else 's'}; expected integers but for small "
        "errors: no logits or probabilities, but the number of the answer itself; where rounding is meant to give the "
        "answers, say rounded=True",
    )


def _check(what: str, steps: int, values: Floats, largest: float) -> None:
    odd = values[~(np.abs(values) <= largest)]  # so that a NaN is odd
    if not len(odd):
        return
    found = (
        f"{odd[0]:.3g}, too large to be an integer"
        if np.isfinite(odd[0])
        else f"{odd[0]:g}, which is no integer at all"
    )
    raise StageFailure(
        "extracted",
        f"after {steps} step{'' if steps == 1 else 's'} {what} of the network is {found}; expected at most "
        f"{largest:.3g} in absolute value",
    )
