"""Affine changes of the hidden state: a network's outputs do not depend on the basis in which its state is written."""

from __future__ import annotations

import numpy as np

from mips.networks.network import Floats, Ints, Layer, Network


def change_basis(network: Network, encode: Floats, decode: Floats, origin: Floats) -> Network:
    """Return the network whose state is h' = (h - origin) @ encode, the changes folded into f and g.

    `encode` is (hidden, new hidden), `decode` (new hidden, hidden), `origin` (hidden,). The outputs are unchanged as
    long as every visited state is origin + h' @ decode, which holds for all states if the two matrices are inverse.
    f ends and both f and g begin with a linear layer, so nothing else is needed (arXiv 2402.05110, section 3).
    """
    size = network.hidden_size
    if encode.shape[0] != size or decode.shape != encode.shape[::-1] or origin.shape != (size,):
        raise ValueError(
            f"encode {encode.shape}, decode {decode.shape}, origin {origin.shape}; "
            f"expected ({size}, new), (new, {size}) and ({size},)"
        )
    cell, readout = list(network.cell), list(network.readout)
    weight, bias = cell[0].weight, cell[0].bias
    entrance = np.concatenate([decode @ weight[:size], weight[size:]])
    cell[0] = Layer(weight=entrance, bias=bias + origin @ weight[:size])
    cell[-1] = Layer(weight=cell[-1].weight @ encode, bias=(cell[-1].bias - origin) @ encode)
    weight, bias = readout[0].weight, readout[0].bias
    readout[0] = Layer(weight=decode @ weight, bias=bias + origin @ weight)
    initial = (network.initial - origin) @ encode
    return Network(cell=tuple(cell), readout=tuple(readout), initial=initial)


def linear_part(network: Network, hidden: Floats, after: Floats, symbols: Ints) -> Floats:
    """Return the recurrence W_h (hidden, hidden): of an affine cell its own, else that of the affine map nearest to it.

    The nearest is by least squares over steps from `hidden` (count, hidden) on `symbols` (count, width) to `after`.
    """
    if len(network.cell) == 1:
        return network.cell[0].weight[: network.hidden_size]
    seen = np.concatenate([hidden, symbols, np.ones((len(hidden), 1))], axis=1)
    return np.asarray(np.linalg.lstsq(seen, after, rcond=None)[0][: network.hidden_size])
