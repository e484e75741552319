"""The judge: does a program compute a task? Five tests from cheap to dear; the first "no" ends it.

1. It is a formula program, not a table: few `ast` nodes, no long literal.
2. It equals the reference on fresh sequences of the training length, called twice on each.
3. It equals the reference on every input sequence up to the longest length with few enough of them.
4. `hypothesis.find`, derandomized, finds no difference on sequences up to several times the training length.
5. Proof: equality for ever (`mips.machine.proof`). A difference found here is a "no" too; a lack of proof is not.

The program gets a new list on every call and nothing else. It runs in this process, so this is no sandbox: a text from
strangers, which might look around in the interpreter, belongs into a child process of its own (`mips.sandbox`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import hypothesis
from hypothesis import strategies as st

from mips.clock import OutOfTime, time_limit
from mips.dataset import sample
from mips.machine.proof import prove
from mips.program import Program, ProgramError, load_program, longest_literal, loop_machine, program_nodes
from mips.task import Task
from mips.trial import Counterexample, Trial, Word, one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How hard the judge tries; the defaults are binding, only tests of the judge itself use less.

    `nodes` and `literal` bound the program; `fresh` sequences; all words of a length while there are at most
    `exhaustive`; `examples` of lengths 0 to `stretch` times the training length; at most `pairs` pairs of states in
    about `memory` bytes, and at most `steps` times a pair meets a symbol: about 3 µs each, so that a hopeless walk ends
    within 15 seconds.
    """

    nodes: int = 200
    literal: int = 8
    fresh: int = 10_000
    exhaustive: int = 100_000
    examples: int = 2_000
    stretch: int = 5
    pairs: int = 2_000_000
    memory: int = 400 * 2**20
    steps: int = 4_000_000


BINDING = Effort()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the judge found. `reason` is one line, empty when solved.

    `assurance` is `proved` (the walk over pairs of states closed), `proved-affine` (both are affine and equal),
    `tested`, or empty when not solved. `sequences` is how many sequences were compared. `accuracy` is the share of
    right outputs on the fresh sequences, also of a program that is wrong; those of an answer that has another form, or
    another length, or never came, are wrong. It is None for a program that was never called.
    """

    solved: bool
    reason: str
    assurance: str
    counterexample: Counterexample | None
    program_nodes: int
    sequences: int
    accuracy: float | None


def judge(
    source: str,
    task: Task,
    *,
    seed: int,
    seconds: float = 120.0,
    effort: Effort = BINDING,
    program: Program | None = None,
) -> Verdict:
    """Return the verdict on the program text `source`, which must define `program(xs)`, for `task`.

    `seed` chooses the fresh sequences; the ones drawn for training with the same seed are others. All answers together
    must come within `seconds` of wall time (`mips.clock.time_limit` says when this limit cannot be kept); a proof that
    does not end by then leaves the program `tested`. `program` is asked in the place of the function that `source`
    defines, for instance one in a child process: then nothing of `source` runs here, and there is no proof. Errors of
    the reference pass through.
    """
    nodes = 0
    trial: Trial | None = None

    def verdict(reason: str, counterexample: Counterexample | None = None, *, assurance: str = "") -> Verdict:
        return Verdict(
            solved=bool(assurance),
            reason=reason,
            assurance=assurance,
            counterexample=counterexample,
            program_nodes=nodes,
            sequences=trial.sequences if trial else 0,
            accuracy=trial.right / max(1, effort.fresh * task.length) if trial else None,
        )

    try:
        nodes = program_nodes(source)
        literal = longest_literal(source)
        if nodes > effort.nodes:
            return verdict(f"a table, not a formula: {nodes} nodes; at most {effort.nodes} are allowed")
        if literal > effort.literal:
            return verdict(
                f"a table, not a formula: a literal of length {literal}; at most {effort.literal} is allowed"
            )
        with time_limit(seconds):
            trial = Trial(program or load_program(source), task)
            found = _test(trial, seed, effort)
            if found:
                return verdict(*found)
            if program is not None:
                return verdict("", assurance="tested")
            try:
                assurance, counterexample = _prove(source, trial, effort)
            except OutOfTime:
                assurance, counterexample = "tested", None
            if counterexample:
                length = len(counterexample.inputs)
                return verdict(
                    f"differs from the reference on a sequence of length {length} found by proof", counterexample
                )
            return verdict("", assurance=assurance)
    except ProgramError as error:
        return verdict(one_line(str(error)))
    except OutOfTime:
        reason = f"no answer within {seconds:g} s"
        return verdict(reason, trial.counterexample(trial.word, reason) if trial and trial.word is not None else None)


def _test(trial: Trial, seed: int, effort: Effort) -> tuple[str, Counterexample] | None:
    """Return what the tests 2 to 4 find, a reason and a counterexample, or None."""
    task = trial.task
    longest = _longest(task, effort)
    for cases, calls, score, what in (
        (_fresh(task, seed, effort.fresh), 2, True, f"fresh sequences of length {task.length}"),
        (_all_words(task, longest), 1, False, f"sequences of length 0 to {longest}, which are all"),
    ):
        wrong, total, first = trial.compare(cases, calls=calls, score=score)
        if first:
            return f"differs from the reference on {wrong} of {total} {what}", first
    found = _search(trial, effort)
    if found is None:
        return None
    return f"differs from the reference on a sequence of length {len(found.inputs)} found by search", found


def _fresh(task: Task, seed: int, count: int) -> Iterator[tuple[Word, list[Any]]]:
    salted = int.from_bytes(hashlib.sha256(f"judge {seed}".encode()).digest()[:8])
    examples = sample(task, count=count, seed=salted)
    for numbers in examples.inputs.tolist():
        word = tuple(x for (x,) in numbers) if task.inputs.width == 1 else tuple(map(tuple, numbers))
        yield word, task.run(word)


def _longest(task: Task, effort: Effort) -> int:
    """Return the longest length with at most `effort.exhaustive` words (with one symbol only, that of the search)."""
    length = 0
    while task.inputs.count ** (length + 1) <= effort.exhaustive and length < effort.stretch * task.length:
        length += 1
    return length


def _all_words(task: Task, longest: int) -> Iterator[tuple[Word, list[Any]]]:
    """Yield all words up to length `longest`, shorter ones first, with their outputs; prefixes are run once."""
    symbols = tuple(task.inputs.symbols()) if longest else ()
    layer: list[tuple[Any, Word, list[Any]]] = [(task.start, (), [])]
    for length in range(longest + 1):
        for _, word, outputs in layer:
            yield word, outputs
        if length < longest:
            layer = [
                (next_state, (*word, x), [*outputs, y])
                for state, word, outputs in layer
                for x in symbols
                for next_state, y in [task.step(state, x)]
            ]


def _search(trial: Trial, effort: Effort) -> Counterexample | None:
    """Return a counterexample that Hypothesis finds and shrinks, or None."""
    task = trial.task
    number = st.integers(task.inputs.low, task.inputs.high)
    lengths = st.integers(0, effort.stretch * task.length)  # `lists` alone would make few long words
    width = task.inputs.width
    found: Counterexample | None = None

    def word_of(numbers: tuple[int, ...]) -> Word:
        return numbers if width == 1 else tuple(zip(*[iter(numbers)] * width, strict=True))

    def differs(word: Word) -> bool:
        nonlocal found
        trial.sequences += 1
        answer = trial.ask(word)
        wrong = answer != task.run(word)
        if wrong:
            found = trial.counterexample(word, answer)
        return wrong

    settings = hypothesis.settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=effort.examples,
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
    words = lengths.flatmap(lambda length: st.tuples(*[number] * (length * width)).map(word_of))
    try:
        return trial.check(hypothesis.find(words, differs, settings=settings)) or found
    except hypothesis.errors.NoSuchExample:
        return None
    except hypothesis.errors.Flaky:  # wrong at first, and not when asked again
        return found


def _prove(source: str, trial: Trial, effort: Effort) -> tuple[str, Counterexample | None]:
    """Return the assurance, or a counterexample; a word that the proof calls different is held against the program."""
    machine = loop_machine(source)
    if machine is None:
        return "tested", None
    task = trial.task
    result = prove(
        (task.start, task.step),
        machine,
        alphabet=task.inputs,
        max_pairs=effort.pairs,
        max_steps=effort.steps,
        max_bytes=effort.memory,
    )
    if isinstance(result, str):
        return result or "tested", None
    counterexample = trial.check(result)
    return ("", counterexample) if counterexample else ("tested", None)
