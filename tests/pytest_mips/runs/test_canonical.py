"""Fingerprints are the same in every process: whatever a start state is made of, and whatever the hash seed is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

STARTS = '''
import collections, dataclasses, decimal, enum, fractions, functools, json, math, operator, sys
from types import SimpleNamespace

import numpy

from mips import Task, integers
from pytest_mips.runs.provenance import provenance

@dataclasses.dataclass(frozen=True)
class Tape:
    left: frozenset
    right: tuple = ()

@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    content: object

class Colour(enum.Enum):
    RED, BLUE = "red", "blue"

class Right(enum.Flag):
    READ, WRITE = 1, 2

class Plain:
    def __init__(self, word): self.word = word
    def turn(self): return self.word

class Word(str): pass

Pair = collections.namedtuple("Pair", "one other")
WORDS = "push pop nop swap drop dup over rot".split()

def near(state): return state
def far(state, by=1): return state
def closed(over):
    def inner(state): return over
    return inner

@functools.cache
def kept(state): return state

STARTS = [
    0, 1, True, 1.0, 0.0, -0.0, 1j, "1", b"1", None, (), (1,), ((1,),), (1, 2), (2, 1), range(2), ...,
    frozenset(WORDS), frozenset(WORDS[1:]), (frozenset(WORDS), 1), (frozenset(WORDS), 2),
    frozenset({frozenset(WORDS), frozenset(WORDS[:3])}), frozenset({(word, 1) for word in WORDS}),
    near, far, functools.partial(far, by=1), functools.partial(far, by=2), functools.partial(near), kept,
    closed(1), closed(2), closed(frozenset(WORDS)), len, math.sin, math.cos,
    operator.itemgetter(1), operator.itemgetter(2),
    *[lambda state: 1, lambda state: 2, lambda state: state in {"push", "pop", "nop"}, lambda state, by=WORDS: by],
    Tape(frozenset(WORDS)), Tape(frozenset(WORDS), (1,)), Tape(frozenset()), Cell(frozenset(WORDS)),
    Cell(1), Cell(near),
    Colour.RED, Colour.BLUE, frozenset(Colour), Right.READ, Right.READ | Right.WRITE, Colour, Tape,
    Pair(frozenset(WORDS), 1), Pair(1, 2), Word("1"), Plain(frozenset(WORDS)), Plain("w"),
    Plain("w").turn, Plain("v").turn,
    fractions.Fraction(1, 2), decimal.Decimal("0.5"), numpy.int64(1), numpy.float64(1.0), object(),
]

def fingerprint(start):
    task = Task("T", step=lambda state, x: (state, x), start=start, inputs=integers(0, 1), length=2)
    parts = dict(solver="", source="", device="cpu", method="full", versions={})
    return provenance.fingerprint(provenance.parts(task, "", **parts), 0)

print(json.dumps([[repr(start), fingerprint(start)] for start in STARTS]))
'''  # fmt: skip


def test_two_processes_tell_the_same_and_different_starts_differ(tmp_path: Path) -> None:
    (tmp_path / "starts.py").write_text(STARTS)
    found = []
    for seed in ("0", "1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        command = [sys.executable, "starts.py"]
        child = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        found.append(json.loads(child.stdout))
    shown, prints = zip(*found[0], strict=True)
    assert [[text for text, _ in one] for one in found[1:]] != [[*shown]] * 2  # the texts that people see do differ
    for one in found[1:]:
        assert [text for (text, mark), first in zip(one, prints, strict=True) if mark != first] == []
    assert len(set(prints)) == len(prints), [text for text, mark in found[0] if prints.count(mark) > 1]
