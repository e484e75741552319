"""Integer autoencoders: hidden states to integers and back, and how good one is for a network, measured by use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from mips.networks.network import Floats, Ints, Network
from mips.networks.trace import IntegerTrace, Trace
from mips.outcome import StageFailure
from mips.paper.lattices.table import Row, TransitionTable, determinism, tabulate

MOST_ROWS = 20_000  # of a table that is completed
LEAST_FIDELITY = 0.999  # share of answers the round trip keeps; the rare rest are states at the edge of their cell
FIT_WORDS = 300  # words that may shape an autoencoder; further ones measure its fidelity


class Autoencoder(Protocol):
    """Codes (..., rank) for hidden states (..., hidden), and a state for every code."""

    def encode(self, hidden: Floats) -> Ints:
        """Return the codes (..., rank) of states (..., hidden)."""

    def decode(self, codes: Ints) -> Floats:
        """Return a state (..., hidden) for each code (..., rank)."""

    def bits(self, hidden: Floats) -> float:
        """Return how many bits a code of one of the states (count, hidden) takes, at a fixed length a coordinate."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """An autoencoder that is to be assessed. `against` says why it cannot be of use whatever comes out, else empty.

    One that `is_late` is looked at only where those that are not have led nowhere.
    """

    coder: Autoencoder
    against: str = ""
    is_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """An autoencoder of some `kind` in numbers; `refused` says why it is of no use, empty when it is.

    `bits` is the length of a code. `fidelity` is the share of answers that stay when decode(encode(h)) is put in the
    place of h at every step. Of the `rows`, the pairs of code and symbol that were seen, `contradictions` have several
    successors or outputs, and no function of code and symbol gives successor and output on more than the share
    `determinism` of the steps.
    """

    kind: str
    rank: int
    bits: float
    fidelity: float
    rows: int
    contradictions: int
    determinism: float
    refused: str

    def to_json(self) -> dict[str, Any]:
        """Return the fields by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def assess(candidate: Candidate, kind: str, network: Network, seen: Trace, *, before: bool = False) -> Assessment:
    """Return what an autoencoder of the network's states on a trace is worth; `before` is that of `fidelity`.

    It is refused when something speaks against it beforehand, when its round trip changes too many answers, and when
    its table contradicts itself; the reason then names the row.
    """
    coder = candidate.coder
    codes, kept = integer_trace(coder, seen), fidelity(coder, network, seen, before=before)
    found = determinism(codes)
    refused = candidate.against
    if not refused and kept < LEAST_FIDELITY:
        refused = (
            f"the round trip through the {kind} keeps only {kept:.2%} of the answers, at least {LEAST_FIDELITY:.1%} "
            "are needed"
        )
    if found.contradictions or not refused:
        try:
            tabulate(codes)
        except StageFailure as failure:
            refused = f"{refused}; {failure.reason}" if refused else failure.reason
    return Assessment(
        kind=kind,
        rank=codes.codes.shape[2],
        bits=round(coder.bits(seen.points()), 3),
        fidelity=kept,
        rows=found.rows,
        contradictions=found.contradictions,
        determinism=found.share,
        refused=refused,
    )


def integer_trace(coder: Autoencoder, seen: Trace) -> IntegerTrace:
    """Return the trace with the codes of its hidden states."""
    return IntegerTrace(words=seen.words, codes=coder.encode(seen.hidden), outputs=seen.outputs)


def fidelity(coder: Autoencoder, network: Network, seen: Trace, *, before: bool = False) -> float:
    """Return the share of time steps at which the network answers the same when every hidden state makes a round trip.

    The answer is read after it, or `before` it, as a table has it: there an output belongs to a code and a symbol, and
    what the state behind them keeps beyond its code may show in the answer.

    Words that did not shape the autoencoder are looked at; all words when there are no others.
    """
    part = slice(FIT_WORDS if len(seen.words) > FIT_WORDS else 0, None)
    words, expected = seen.words[part], seen.outputs[part]
    same = []
    with np.errstate(all="ignore"):  # a poor autoencoder may lead to states beyond all numbers; no answer stays there
        hidden = coder.decode(coder.encode(network.start(len(words))))
        for t in range(words.shape[1]):
            reached = network.step(hidden, words[:, t])
            hidden = coder.decode(coder.encode(reached))
            same.append((network.answer(reached if before else hidden) == expected[:, t]).all(axis=1))
    return float(np.mean(same))


def reach(coder: Autoencoder, seen: Trace) -> float:
    """Return the largest distance of a state of a trace from the state that its code stands for."""
    points = seen.points()
    return float(np.linalg.norm(points - coder.decode(coder.encode(points)), axis=1).max())


def completed(table: TransitionTable, coder: Autoencoder, network: Network, farthest: float) -> TransitionTable:
    """Return the table with a row for every pair of the codes and symbols that occur, if that leads to no other code.

    What the words did not show, the network is asked: it takes a step from the state of the code. The table stays as it
    is if such a step leads to a new code, or, as where a counter goes on, farther than `farthest` from the state of its
    code; or if there are too many rows to ask for.
    """
    codes, symbols = table.codes, table.symbols
    seen = {(row.code, row.symbol) for row in table.rows}
    missing = [(code, symbol) for code in codes for symbol in symbols if (code, symbol) not in seen]
    if not missing or len(codes) * len(symbols) > MOST_ROWS:
        return table
    starts, entered = (np.array(part, dtype=np.int64) for part in zip(*missing, strict=True))
    hidden = network.step(coder.decode(starts), entered)
    codes_after = coder.encode(hidden)
    if np.linalg.norm(hidden - coder.decode(codes_after), axis=1).max() > farthest:
        return table
    successors = [tuple(code) for code in codes_after.tolist()]
    if not set(successors) <= set(codes):
        return table
    outputs = [tuple(output) for output in network.answer(hidden).tolist()]
    more = (
        Row(code=code, symbol=symbol, successor=successor, output=output)
        for (code, symbol), successor, output in zip(missing, successors, outputs, strict=True)
    )
    return TransitionTable(
        start=table.start, rows=tuple(sorted((*table.rows, *more), key=lambda row: (row.code, row.symbol)))
    )
