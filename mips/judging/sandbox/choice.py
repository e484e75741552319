"""Which locks hold on this machine: each layer is tried with a small program before anything foreign runs in it."""

from __future__ import annotations

from mips.judging.sandbox.endings import Ended, Limits, SandboxUnavailable
from mips.judging.sandbox.foreign import BWRAP, LANDLOCK, START_SECONDS, ForeignProgram


def probe(layer: str) -> str:
    """Return why a layer does not work on this machine, or nothing if it does: a small program is run in it."""
    try:
        with ForeignProgram("def program(xs):\n    return xs\n", layer, Limits(seconds=START_SECONDS)) as program:
            return "" if program([1, 2]) == [1, 2] else "a small program gives a wrong answer"
    except SandboxUnavailable as error:
        return str(error)
    except Ended as end:
        return f"{layer}: a small program ends with {end}"


def choose(wanted: str) -> str:
    """Return the layer for `auto`, the first that works of Landlock and bwrap, or the one asked for, if it works.

    Raises SandboxUnavailable. A weaker layer is never taken for a stronger one.
    """
    if wanted != "auto":
        trouble = probe(wanted)
        if trouble:
            raise SandboxUnavailable(trouble)
        return wanted
    troubles = []
    for layer in (LANDLOCK, BWRAP):
        trouble = probe(layer)
        if not trouble:
            return layer
        troubles.append(trouble)
    raise SandboxUnavailable("; ".join(troubles))
