"""The hidden states of a network in the two coordinates in which they vary most, and its answer at each."""

from __future__ import annotations

import json

import numpy as np

from mips.networks.drawn_words import drawn_symbols
from mips.networks.encoding import Encoded
from mips.networks.network import Floats, Network
from mips.tasks.alphabets import Alphabet

WORDS = 100
MOST_POINTS = 400
DIGITS = 4  # significant ones of a coordinate
SAME = 1e-6  # of the largest coordinate: states nearer than this are one point, and a spread below it is none


@np.errstate(over="ignore", invalid="ignore")  # a network that has learnt nothing may leave all numbers
def projected_states(network: Network | Encoded, alphabet: Alphabet, length: int, *, seed: int) -> bytes:
    """Return `hidden_states.json`: the different hidden states on random words, and the first output at each.

    `points` are the first two principal components, `explained` the shares of the variance that they have; of a single
    hidden number the points are that number and the time step. States that are no numbers are left out.
    """
    rng = np.random.default_rng(seed)
    words = drawn_symbols(alphabet, (WORDS, length, alphabet.width), rng)
    hidden, along = network.start(WORDS), []
    for t in range(length):
        hidden = network.step(hidden, words[:, t])
        along.append(hidden)
    states = np.stack(along, axis=1).reshape(-1, network.hidden_size)
    times = np.tile(np.arange(1, length + 1), WORDS)
    if network.hidden_size == 1:
        kept = _different(np.column_stack([states, times]))
        points, explained, axes = np.column_stack([states, times])[kept], [1.0], ["hidden state", "time step"]
    else:
        kept = _different(states)
        points, explained = _principal(states[kept])
        axes = ["first principal component", "second principal component"]
    outputs = network.answer(states[kept])[:, 0]
    facts = {
        "hidden_size": network.hidden_size,
        "axes": axes,
        "explained": [_rounded(share) for share in explained],
        "points": [[_rounded(x), _rounded(y)] for x, y in points.tolist()],
        "outputs": outputs.tolist(),
    }
    return json.dumps(facts).encode()


def _different(rows: Floats) -> list[int]:
    """Return the numbers of the first MOST_POINTS rows that differ from all before, and whose squares are numbers."""
    usable = np.isfinite(np.square(rows).sum(axis=1) * len(rows))
    largest = np.abs(rows[usable]).max(initial=0.0) or 1.0
    cells = np.rint(np.where(usable[:, None], rows, 0.0) / (largest * SAME))
    first: dict[bytes, int] = {}
    for number in np.flatnonzero(usable).tolist():
        first.setdefault((cells[number] + 0.0).tobytes(), number)
    return list(first.values())[:MOST_POINTS]


def _principal(states: Floats) -> tuple[Floats, list[float]]:
    """Return the first two principal components and their shares of the variance; directions have a fixed sign."""
    if not len(states):
        return np.zeros((0, 2)), [0.0, 0.0]
    centred = states - states.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    sizes = np.where(sizes > SAME * max(float(np.abs(states).max()), sizes[0]), sizes, 0.0)
    sizes, directions = np.pad(sizes, (0, 2))[:2], np.pad(directions, ((0, 2), (0, 0)))[:2]
    largest = np.abs(directions).argmax(axis=1)
    signs = np.where(np.take_along_axis(directions, largest[:, None], axis=1) < 0, -1.0, 1.0)
    points = np.where(sizes > 0, centred @ (signs * directions).T, 0.0)
    total = float(np.square(centred).sum())
    return points, (np.square(sizes) / total).tolist() if total else [0.0, 0.0]


def _rounded(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")
