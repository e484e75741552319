"""`results.jsonl` is read as it was written, but for a torn last line; fingerprints are the same everywhere."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mips.runs.attempts import Finding, SolverJob, decode, encode
from pytest_mips.runs.records import FIELDS, append, latest, read, record_of, write_artefacts, write_atomically
from pytest_mips.workers.attempt import failure

JOB = SolverJob(task="Easy", seed=3, payload=b"", solver="a:b", time_limit=1.0)
SOLVED = Finding(
    status="solved", stage="verified", form="linear", assurance="proved", program="x = 1\n", program_nodes=3,
    hidden_size=2, network_accuracy=1.0, stage_seconds={"trained": 0.123456}, files={"a.bin": b"\x00\xff"},
    seconds=1.23456, architecture={"hidden": 2}, program_accuracy=1.0, minimum={"kind": "rank", "value": 2},
    normalizers=({"normalizer": "whitening"},), training_core_seconds=0.98765,
)  # fmt: skip
EXAMPLE = {"inputs": [1], "expected": [1], "actual": "ZeroDivisionError: no"}
UNSOLVED = Finding(status="unsolved", stage="verified", reason="two\n lines", program="y\n", counterexample=EXAMPLE)


def test_a_record_has_exactly_the_fields_of_the_interface() -> None:
    assert " ".join(FIELDS) == (
        "schema task system seed status stage reason form assurance program_sha256 program_nodes hidden_size "
        "network_accuracy counterexample stage_seconds seconds peak_mib fingerprint "
        "program_accuracy architecture network_mistake training_core_seconds minimum overruled "
        "normalizers autoencoders autoencoder locks usage machine solved_at_length lenient"
    )


def test_a_line_of_an_older_run_is_read(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    append(file, record_of(JOB, SOLVED, "f"))
    fields = json.loads(file.read_text())
    younger = ["program_accuracy", "architecture", "network_mistake", "training_core_seconds", "minimum", "overruled"]
    for name in (*younger, "normalizers", "autoencoders", "autoencoder", "machine", "solved_at_length"):
        del fields[name]
    file.write_text(json.dumps(fields) + "\n")
    (record,) = read(file)
    assert (record.hidden_size, record.program_accuracy, record.minimum) == (2, None, None)
    assert (record.machine, record.solved_at_length) == ("", None)


def test_what_is_appended_is_read_again(tmp_path: Path) -> None:
    written = [record_of(JOB, SOLVED, "f1"), record_of(JOB, UNSOLVED, "f2")]
    for record in written:
        append(tmp_path / "results.jsonl", record)
    assert read(tmp_path / "results.jsonl") == written
    assert read(tmp_path / "nowhere.jsonl") == []


def test_a_record_of_a_finding() -> None:
    record = record_of(JOB, UNSOLVED, "f")
    assert (record.task, record.seed, record.system, record.why) == ("Easy", 3, "mips", "verified: two lines")
    assert record_of(JOB, SOLVED, "f").stage_seconds == {"trained": 0.123}
    assert record_of(JOB, SOLVED, "f").training_core_seconds == 0.988
    assert record_of(JOB, Finding(status="timeout"), "f").program_sha256 == ""


@pytest.mark.parametrize("cut", [1, 10, 100])
def test_a_torn_last_line_is_ignored(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "results.jsonl"
    first = record_of(JOB, SOLVED, "f")
    append(file, first)
    append(file, record_of(JOB, UNSOLVED, "f"))
    torn = file.read_bytes()[: -cut - 1]
    file.write_bytes(torn)
    assert read(file) == [first]


@pytest.mark.parametrize("line", ["{", "[]", '{"task": "Easy"}'])
def test_another_broken_line_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "results.jsonl"
    file.write_text(line + "\n")
    append(file, record_of(JOB, SOLVED, "f"))
    with pytest.raises(ValueError, match=r"^results.jsonl, line 1: found .*, expected a record"):
        read(file)


def test_the_later_line_wins_for_the_same_task_system_and_seed() -> None:
    early, late = record_of(JOB, UNSOLVED, "f"), record_of(JOB, SOLVED, "f")
    other = dataclasses.replace(early, seed=4)
    assert latest([early, other, late]) == {("Easy", "mips", 3): late, ("Easy", "mips", 4): other}


def test_artefacts_are_what_there_is_and_stay_inside(tmp_path: Path) -> None:
    write_artefacts(tmp_path / "a", SOLVED)
    assert {path.name: path.read_bytes() for path in (tmp_path / "a").iterdir()} == {
        "program.py": b"x = 1\n", "a.bin": b"\x00\xff",
    }  # fmt: skip
    write_artefacts(tmp_path / "b", Finding(status="unsolved", counterexample=EXAMPLE, log="l", files={"../up": b""}))
    assert {path.name for path in (tmp_path / "b").iterdir()} == {"counterexample.json", "log.txt", "up"}


@pytest.mark.parametrize(("curve", "drawn"), [([[0, 1, 2.0], [9, 1, 0.1]], True), ([], False)])
def test_a_curve_is_drawn_where_there_is_one(tmp_path: Path, curve: list[list[float]], drawn: bool) -> None:
    trial = {"method": "m", "architecture": "a", "steps": 9, "seconds": 1.0, "accuracy": 1.0, "why_stopped": "w"}
    training = json.dumps({"task": "Easy", "trail": [trial | {"curve": curve}]}).encode()
    write_artefacts(tmp_path, Finding(status="solved", files={"training.json": training}))
    assert (tmp_path / "training.json").read_bytes() == training
    assert (tmp_path / "training.svg").exists() == drawn


def test_a_training_of_another_form_costs_no_picture_and_no_run(tmp_path: Path) -> None:
    for data in (b"", b"\xff", b"[]", b"{}", b'{"task": "T", "trail": 3}', b'{"task": "T", "trail": [{"curve": [1]}]}'):
        write_artefacts(tmp_path, Finding(status="solved", files={"training.json": data}))
        assert [path.name for path in tmp_path.iterdir()] == ["training.json"]


def test_atomic_writing_leaves_one_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", "old")
    write_atomically(tmp_path / "a", "new")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["new"]


@given(
    st.builds(
        Finding,
        status=st.sampled_from(["solved", "unsolved", "error"]),
        reason=st.text(),
        files=st.dictionaries(st.text(), st.binary()),
        seconds=st.floats(0, 1e6),
        counterexample=st.none() | st.just(EXAMPLE),
        network_mistake=st.none() | st.just(EXAMPLE),
        program_accuracy=st.none() | st.floats(0, 1),
        minimum=st.none() | st.just({"kind": "rank", "value": 1}),
    )
)
def test_decode_is_the_inverse_of_encode(finding: Finding) -> None:
    assert decode(encode(finding)) == finding


def test_a_failure_names_the_error_and_its_place() -> None:
    try:
        int("x")
    except ValueError as error:
        reason = failure(error).reason
    assert reason.startswith("ValueError: invalid literal for int() with base 10: 'x' (test_records.py:")


NO_VERDICT = ("error", "not_run", "sandbox_unavailable")


@pytest.mark.parametrize("verdict", ["solved", "unsolved", "wrong", "timeout", "memory"])
def test_a_verdict_beats_none_wherever_it_stands(verdict: str) -> None:
    lines = [record_of(JOB, Finding(status=status), "f") for status in (verdict, *NO_VERDICT)]
    for order in itertools.permutations(lines):
        assert latest(order)[JOB.key].status == verdict


def test_lines_of_another_fingerprint_are_of_something_else() -> None:
    """A run that was begun again with other settings is not solved by what was solved with those before."""
    solved, idle = record_of(JOB, SOLVED, "f"), record_of(JOB, Finding(status="not_run"), "g")
    assert latest([solved, idle])[JOB.key] == idle
    assert latest([solved, idle, record_of(JOB, Finding(status="error"), "f")])[JOB.key] == solved


# Fingerprints


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
