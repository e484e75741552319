"""The normalizers in turn, each kept only if the outputs are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from mips.networks.network import Floats, Ints, Network
from mips.networks.trace import trace
from mips.paper.normalizers.basis import linear_part
from mips.paper.normalizers.debiasing import debias
from mips.paper.normalizers.grouping import group
from mips.paper.normalizers.jordan import jordan_form, to_jordan_form
from mips.paper.normalizers.quantization import quantize
from mips.paper.normalizers.simplicity import Simplicity, simplicity
from mips.paper.normalizers.toeplitz import to_sparse_readout
from mips.paper.normalizers.whitening import whiten


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one normalizer did: `refused` says why its network was not taken, empty when it was."""

    normalizer: str
    refused: str
    before: Simplicity
    after: Simplicity

    def to_json(self) -> dict[str, Any]:
        """Return the fields by name, the measures of simplicity as objects."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Normalized:
    """A network with the same outputs and simpler weights, and the steps that led there."""

    network: Network
    steps: tuple[Step, ...]


def _whitened(network: Network, words: Ints) -> Network:
    return whiten(network, trace(network, words).points())


def _recurrence(network: Network, words: Ints) -> Floats:
    seen = trace(network, words)
    hidden, after = seen.hidden[:, :-1], seen.hidden[:, 1:]
    return linear_part(
        network,
        hidden.reshape(-1, network.hidden_size),
        after.reshape(-1, network.hidden_size),
        words.reshape(-1, network.input_width),
    )


def _jordan(network: Network, words: Ints) -> Network:
    return to_jordan_form(network, _recurrence(network, words))


def _toeplitz(network: Network, words: Ints) -> Network:
    return to_sparse_readout(network, jordan_form(_recurrence(network, words)))


def _keeps(network: Network, words: Ints) -> Callable[[Network], bool]:
    """Return whether another network answers as this one on the words, as a function of the other."""
    expected = network.run(words)
    return lambda other: bool((other.run(words) == expected).all())


def _grouped(network: Network, words: Ints) -> Network:
    scale = np.maximum(np.abs(words).reshape(-1, network.input_width).max(axis=0), 1).astype(np.float64)
    return group(network, scale, _keeps(network, words))


def _quantized(network: Network, words: Ints) -> Network:
    return quantize(network, _keeps(network, words))


PREPARING = "whitening"  # may make the network longer: those after it need comparable scales, and may save more
NORMALIZERS: dict[str, Callable[[Network, Ints], Network]] = {
    "whitening": _whitened,
    "grouping": _grouped,
    "Jordan form": _jordan,
    "Toeplitz": _toeplitz,
    "de-biasing": lambda network, words: debias(network),
    "quantization": _quantized,
}


def normalize(network: Network, words: Ints, fresh: Ints, *, without: frozenset[str] = frozenset()) -> Normalized:
    """Return the network after each of `NORMALIZERS` in turn, except those `without` (arXiv 2402.05110, section 3).

    Normalizers see the network's states on `words` (count, length, width). One is undone when it changes an answer to
    the `fresh` words, or when it makes the network longer. PREPARING alone may make it longer; if the network is still
    longer after the last normalizer, all are applied again without PREPARING. So the result is never longer than
    `network`. Raises ValueError when `without` names no normalizer.
    """
    unknown = without - NORMALIZERS.keys()
    if unknown:
        raise ValueError(f"no normalizer is called {sorted(unknown)[0]!r}; there are {', '.join(NORMALIZERS)}")
    found = _chained(network, words, fresh, without)
    before, after = simplicity(network).bits, simplicity(found.network).bits
    if after <= before:
        return found
    again = _chained(network, words, fresh, without | {PREPARING})
    place = next(i for i, step in enumerate(found.steps) if step.normalizer == PREPARING)
    reason = f"the network would be longer after all normalizers, {after:.1f} bits instead of {before:.1f}"
    undone = replace(found.steps[place], refused=reason)
    return Normalized(network=again.network, steps=(*again.steps[:place], undone, *again.steps[place:]))


def _chained(network: Network, words: Ints, fresh: Ints, without: frozenset[str]) -> Normalized:
    """Return the network after each of `NORMALIZERS` in turn, except those `without`; PREPARING may make it longer."""
    expected = network.run(fresh)
    steps = []
    for name, normalizer in NORMALIZERS.items():
        if name in without:
            continue
        before = simplicity(network)
        try:
            with np.errstate(all="ignore"):  # what is tried may leave all numbers; its answers then differ
                changed = normalizer(network, words)
                wrong = int((changed.run(fresh) != expected).any(axis=2).sum())
            after = simplicity(changed)
            if wrong:
                refused = f"{wrong} of {expected[..., 0].size} answers would change"
            elif name != PREPARING and after.bits > before.bits:
                refused = f"the network would become longer, {after.bits:.0f} bits instead of {before.bits:.0f}"
            else:
                refused = ""
        except (ValueError, np.linalg.LinAlgError) as error:
            changed, refused = network, str(error)
        steps.append(Step(normalizer=name, refused=refused, before=before, after=simplicity(changed)))
        network = network if refused else changed
    return Normalized(network=network, steps=tuple(steps))
