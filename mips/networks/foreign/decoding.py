"""How answers come out of a network: its outputs rounded, the largest one's place, signs, thresholds, or a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mips.machines.linear import LARGEST_EXACT
from mips.networks.foreign.errors import said, wrong
from mips.networks.network import Floats, Ints
from mips.tasks.cures import told

Decode = str | Callable[[Any], Any] | None
ROUND, ARGMAX, SIGN, THRESHOLD = "round", "argmax", "sign", "threshold"
DECODINGS = (ROUND, ARGMAX, SIGN, THRESHOLD)
FAR, MOST_FAR = 0.25, 1 / 3  # outputs are numbers where at most so many are farther than this from a whole one
SUM_TOLERANCE = 1e-3  # how far probabilities may add up beside 1


def decoder(decode: Decode, threshold: float | None = None) -> Callable[[Floats], Ints]:
    """Return the function from outputs (count, m) to answers (count, n), integers.

    `round`: the nearest integers. `argmax`: the place of the largest output, from 0. `sign`: -1, 0 or 1 for each
    output. `threshold`: 1 for each output above `threshold`, which is 0 (logits) when it is None, else 0. A function
    gets all outputs (count, m) at once and returns integers (count,) or (count, n).
    """
    if callable(decode):
        return lambda outputs: _called(decode, outputs)
    if decode not in DECODINGS:
        raise wrong(f"decode={told(decode)}", f"one of {', '.join(DECODINGS)}, or a function of outputs (count, m)")
    if decode == ROUND:
        return _rounded
    if decode == ARGMAX:
        return lambda outputs: outputs.argmax(axis=1)[:, None].astype(np.int64)
    if decode == SIGN:
        return lambda outputs: np.sign(outputs).astype(np.int64)
    return lambda outputs: (outputs > (threshold or 0.0)).astype(np.int64)


def told_from(outputs: Floats) -> str:
    """Return the one decoding that the outputs (count, m) of a network leave; raise ForeignNetworkError for several."""
    far = np.abs(outputs - np.rint(outputs)) > FAR
    is_shared = outputs.shape[1] > 1 and bool((np.abs(outputs.sum(axis=1) - 1) <= SUM_TOLERANCE).all())
    if is_shared and (outputs >= 0).all():
        return ARGMAX
    if far.mean(axis=0).max() <= MOST_FAR:
        return ROUND
    several = outputs.shape[1] > 1
    example = ", ".join(f"{value:.3g}" for value in outputs[0][:6])
    cure = (
        "decode='argmax' where they are logits of classes, 'threshold' where each says yes or no, 'round' for numbers"
        if several
        else "decode='threshold' where it is a logit of yes or no (threshold=0.5 for a probability), 'sign' for -1 "
        "and 1, 'round' for a number"
    )
    raise wrong(
        f"{outputs.shape[1]} output{'s' * several} that no encoding is told from, such as {example}",
        "decode= to say what they are",
        cure,
    )


def probability_threshold(outputs: Floats) -> float:
    """Return the threshold between yes and no: one half where all outputs could be probabilities, else 0."""
    return 0.5 if bool(((outputs >= 0) & (outputs <= 1)).all()) else 0.0


def _rounded(outputs: Floats) -> Ints:
    if (odd := outputs[~(np.abs(outputs) <= LARGEST_EXACT)]).size:
        raise wrong(f"an output of {odd.flat[0]:g}", f"numbers up to {LARGEST_EXACT:g}", "look at the weights")
    return np.rint(outputs).astype(np.int64)


def _called(decode: Callable[[Any], Any], outputs: Floats) -> Ints:
    try:
        answers = np.asarray(decode(outputs))
    except Exception as error:
        raise wrong(f"decode, which raised {said(error)} on outputs {outputs.shape}", "integers (count, n)") from error
    if answers.ndim == 1:
        answers = answers[:, None]
    if answers.ndim != 2 or len(answers) != len(outputs) or answers.dtype.kind not in "iub":
        found = f"decode's answers of shape {answers.shape} and type {answers.dtype}"
        raise wrong(found, f"integers of shape ({len(outputs)}, n)", "the function gets all outputs at once")
    return answers.astype(np.int64)
