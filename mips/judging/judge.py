"""The judge: does a program compute a task? Six tests from cheap to dear; the first "no" ends it.

1. It is a formula program, not a table: few `ast` nodes, no long group of constants, few bits in all
   (`mips.judging.weighing.weight`).
2. It equals the reference on fresh sequences of the training length, called twice on each.
3. It equals the reference on every input sequence up to the longest length with few enough of them.
4. It equals the reference on the sequences that `hypothesis.find`, with a seed of its own, tries while it finds no
   difference, up to several times the training length.
5. It equals the reference on sequences in an order of their own, and on some dozens of much longer ones.
6. Proof: equality for ever (`mips.judging.proof`). A difference found here is a "no" too; a lack of proof is not. The
   machine that the proof is about was read off the whole text, of which nothing but docstrings and plain annotations is
   left out; before it counts, both answer the long sequences.

The program gets a new list on every call and nothing else. It runs in this process, so this is no sandbox: a foreign
program, which might look around in the interpreter, belongs into a child process of its own (`mips.judging.sandbox`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mips.judging.comparison import Counterexample, NoAnswer, Trial, one_line
from mips.judging.proof import prove
from mips.judging.questions import BINDING, Effort, Exam, Word, long_words, names_in
from mips.judging.reading.entry_point import NoEntryPoint
from mips.judging.weighing.weight import Weighed, weigh
from mips.machines.mealy import MealyMachine
from mips.program.loop_machine import LoopMachine
from mips.program.source import Program, ProgramError, load_program, loop_machine
from mips.tasks.alphabets import symbol_of
from mips.tasks.arguments import check_seed, check_task, kind_of
from mips.tasks.task import Task
from mips.tasks.time_limit import OutOfTime, time_limit

LEAST_SECONDS = 0.001  # a timer of no time never rings


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the judge found. `reason` is one line, empty when solved.

    `assurance` is `proved` (the walk over pairs of states closed), `proved-affine` (both are affine and equal),
    `tested`, or empty when not solved. `sequences` is how many sequences were compared. `accuracy` is the share of
    right outputs on the fresh sequences, also of a program that is wrong; those of an answer that has another form, or
    another length, or never came, are wrong. It is None for a program that was never called. `solved_at_length` says
    whether the program was right on all fresh sequences, which are of the training length, whatever came after them; a
    program that was never called was not. `end` is what ended a program from elsewhere before its time, one of its
    `endings`, or None.
    """

    solved: bool
    reason: str
    assurance: str
    counterexample: Counterexample | None
    program_nodes: int
    sequences: int
    accuracy: float | None
    solved_at_length: bool
    end: BaseException | None = None


def judge(
    source: str,
    task: Task,
    *,
    seed: int = 0,
    seconds: float = 120.0,
    effort: Effort = BINDING,
    program: Program | None = None,
    exam: Exam | None = None,
    weighed: Weighed | None = None,
) -> Verdict:
    """Return the verdict on the program text `source`, which must define `program(xs)`, for `task`.

    `seed`, from 0 to 2**64 - 1, chooses the fresh sequences; the ones drawn for training with the same seed are others.
    What is wrong with the program is a verdict and no exception. All answers together must come within `seconds` of
    wall time (`mips.tasks.time_limit.time_limit` says when this limit cannot be kept); a proof that does not end by
    then leaves the program `tested`. `program` is asked in the place of the function that `source` defines, for
    instance one in a child process: then nothing of `source` runs here, and there is no proof. `exam` is one with this
    task, seed and effort that other programs of the task are asked too, `weighed` what `source` weighs, if that is
    known. Errors of the reference pass through.

    Raises TypeError when `source` is no text or `task` no Task, and ValueError for another seed.
    """
    if not isinstance(source, str):
        cure = " Write .program after it." if isinstance(getattr(source, "program", None), str) else ""
        raise TypeError(f"found {kind_of(source)} in the place of the program; expected its text, a str.{cure}")
    check_task(task)
    check_seed(seed)
    nodes = 0
    trial: Trial | None = None

    def verdict(
        reason: str,
        counterexample: Counterexample | None = None,
        *,
        assurance: str = "",
        end: BaseException | None = None,
    ) -> Verdict:
        return Verdict(
            solved=bool(assurance),
            reason=reason,
            assurance=assurance,
            counterexample=counterexample,
            program_nodes=nodes,
            sequences=trial.sequences if trial else 0,
            accuracy=trial.right / max(1, effort.fresh * task.length) if trial else None,
            solved_at_length=trial is not None and trial.right_at_length,
            end=end,
        )

    try:
        weighed = weighed or weigh(source, names=names_in(task))
        nodes, table = weighed.nodes, why_table(weighed, effort)
        if table:
            return verdict(table)
        until = time.monotonic() + seconds
        with time_limit(seconds):
            trial = Trial(program or load_program(weighed.text, docstrings=False), task)
            found = _test(trial, exam or Exam(task, seed, effort))
        if found:
            return verdict(*found)
    except (ProgramError, NoEntryPoint) as error:
        return verdict(one_line(str(error)))
    except OutOfTime:
        reason = f"no answer within {seconds:g} s"
        return verdict(reason, _unanswered(trial, reason))
    except tuple(getattr(program, "endings", ())) as end:
        return verdict(one_line(str(end)), end=end)
    if program is not None:
        return verdict("", assurance="tested")
    assurance, counterexample = _prove_until(until, source, trial, effort, seed)
    if counterexample:
        length = len(counterexample.inputs)
        return verdict(f"differs from the reference on a sequence of length {length} found by proof", counterexample)
    return verdict("", assurance=assurance)


def _unanswered(trial: Trial | None, reason: str) -> Counterexample | None:
    """Return the word at which the time was over as a counterexample, if one had been asked."""
    if trial is None or trial.word is None:
        return None
    return trial.counterexample(trial.word, NoAnswer(reason, "timeout"))


def judge_machine(
    machine: MealyMachine, task: Task, *, seed: int, seconds: float = 120.0, effort: Effort = BINDING
) -> str:
    """Return how a finite machine compares with the reference of `task`: `proved`, `exact`, or an empty text.

    It is `exact` when it equals the reference on all words that a program would be asked, those of `judge` with this
    seed, and `proved` when the walk over pairs of states closes besides: then it does on words of every length. What is
    not known within `seconds` is not said. Errors of the reference pass through.
    """
    loop = _loop_of(machine, task)
    trial = Trial(loop.run, task)
    found = ""
    end = time.monotonic() + seconds
    try:
        with time_limit(seconds):
            if any(trial.compare(section)[2] for section in Exam(task, seed, effort).sections):
                return ""
            found = "exact"
            result = _compared_for_ever(loop, task, effort)
    except OutOfTime:
        return found
    if time.monotonic() > end:  # a reference may have caught the end of the time and answered anything
        return found
    if isinstance(result, str):
        return "proved" if result else found
    return "" if trial.check(result) else found


def _loop_of(machine: MealyMachine, task: Task) -> LoopMachine:
    """Return the machine in the form in which the judge has programs: symbols and outputs of one number are ints, and
    names stand in the place of their numbers."""

    def named(output: tuple[int, ...]) -> Any:
        names = task.outputs.names if task.outputs is not None else ()
        return names[output[0]] if len(output) == 1 and 0 <= output[0] < len(names) else _single(output)

    rows = {
        (state, symbol_of(task.inputs, symbol)): ((after,), named(output))
        for state, (targets, outputs) in enumerate(zip(machine.transitions, machine.outputs, strict=True))
        for symbol, after, output in zip(machine.symbols, targets, outputs, strict=True)
    }
    return LoopMachine(names=("state",), start=(0,), update=lambda values, x: rows[values[0], x])


def _single(numbers: tuple[int, ...]) -> int | tuple[int, ...]:
    return numbers[0] if len(numbers) == 1 else numbers


LONG = "{} constants, names or characters stand together; at most {} may"


def why_table(weighed: Weighed, effort: Effort = BINDING) -> str:
    """Return why a program is a table and no program, nothing where it is none."""
    for found, most, what in (
        (weighed.nodes, effort.nodes, "{} nodes; at most {} are allowed"),
        (weighed.group, effort.literal, LONG),
        (weighed.number_bits, effort.number_bits, "{} bits in its different numbers; at most {} are allowed"),
        (weighed.bits, effort.bits, "{} bits of literals and names; at most {} are allowed"),
    ):
        if found > most:
            return f"a table, not a formula: {what.format(found, most)}"
    return ""


def why_long(length: int, effort: Effort = BINDING) -> str:
    """Return why a program with a text of this length is a table."""
    return f"a table, not a formula: {LONG.format(length, effort.literal)}"


def _test(trial: Trial, exam: Exam) -> tuple[str, Counterexample] | None:
    """Return what the tests 2 to 5 find, a reason and a counterexample, or None."""
    for section in exam.sections:
        wrong, total, first = trial.compare(section)
        if first:
            when = ", when it is called again" if trial.unsteady else ""
            return f"differs from the reference on {wrong} of {total} {section.what}{when}", first
    return None


def _prove_until(end: float, source: str, trial: Trial, effort: Effort, seed: int) -> tuple[str, Counterexample | None]:
    """Return what `_prove` returns if it does so before `time.monotonic()` is `end`, else that there is no proof.

    Time is looked at again afterwards: a reference may catch the end of the time and answer anything.
    """
    try:
        with time_limit(max(end - time.monotonic(), LEAST_SECONDS)):
            assurance, counterexample = _prove(source, trial, effort, seed)
    except OutOfTime:
        return "tested", None
    late = time.monotonic() > end and counterexample is None
    return ("tested", None) if late else (assurance, counterexample)


def _prove(source: str, trial: Trial, effort: Effort, seed: int) -> tuple[str, Counterexample | None]:
    """Return the assurance, or a counterexample; a word that the proof calls different is held against the program.

    The program has answered the long words as the reference does.
    """
    machine, task = loop_machine(source), trial.task
    if machine is None or not _answers_alike(machine, long_words(task, effort, seed)):
        return "tested", None
    result = _compared_for_ever(machine, task, effort)
    if isinstance(result, str):
        return result or "tested", None
    counterexample = trial.check(result)
    return ("", counterexample) if counterexample else ("tested", None)


def _compared_for_ever(machine: LoopMachine, task: Task, effort: Effort) -> str | Word:
    """Return what `prove` finds about a machine and the reference, with as much effort as is given."""
    return prove(
        (task.start, task.step),
        machine,
        alphabet=task.inputs,
        outputs=task.outputs,
        max_pairs=effort.pairs,
        max_steps=effort.steps,
        max_bytes=effort.memory,
    )


def _answers_alike(machine: LoopMachine, cases: Iterable[tuple[Word, list[Any]]]) -> bool:
    """Return whether a machine gives the expected outputs, also of the same types, to all words."""
    try:
        return all(
            (found := machine.run(word)) == expected and list(map(type, found)) == list(map(type, expected))
            for word, expected in cases
        )
    except Exception:  # the machine is not the program, which has answered
        return False
