"""A reference is tried before it is believed: does it come back, is it pure, does it go on for ever?"""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from mips.tasks.cures import told
from mips.tasks.places import place_in
from mips.tasks.purity import Observer
from mips.tasks.time_limit import OutOfTime, time_limit

RANDOM_WORDS = 4  # random words every new task is tried on, besides the two constant ones
SECONDS = 10.0  # for all of these; a step that needs more could never give the examples of a training
REPEATED_DRAWS = 3  # of `sample`, drawn again from the same seed
MOST_DRAWS = 200  # words of `sample` that may all be the same before it is said to ignore its rng
LONGEST_TIMES, LONGEST = 50, 2_000  # words are judged up to so many times the training length, and one of this length
REHEARSED = 20_000  # symbols that are run twice before training: finds a step wrong once in 5,000 calls, in 0.1 s
LARGEST = 2**53  # of a number in a word: beyond it double precision leaves out whole numbers
SUSPECTED = 1_000_000  # the same when a network has failed to learn, which took longer than the 2 s of this


class Reference(Protocol):
    """What is tried: a task (`mips.tasks.task.Task`)."""

    @property
    def start(self) -> Any: ...
    @property
    def length(self) -> int: ...
    @property
    def inputs(self) -> Any: ...
    @property
    def sample(self) -> Callable[..., Any] | None: ...
    @property
    def where(self) -> str: ...
    def run(self, xs: Iterable[Any]) -> list[Any]: ...
    def advance(self, state: Any, x: Any) -> tuple[Any, Any]: ...
    def draw(self, rng: random.Random, length: int) -> list[Any]: ...
    def error(self, what: str) -> Exception: ...


def try_out(task: Reference) -> None:
    """Run a new task on a few words of twice its length.

    Raises its error if `step` or `sample` misbehaves, or if they do not come back within SECONDS.
    """
    try:
        with time_limit(SECONDS):
            _try_out(task)
    except OutOfTime as late:
        raise task.error(_endless(task, late)) from None


def rehearse(task: Reference, seed: int) -> None:
    """Run a task on words as long as those of the judge, and twice on REHEARSED symbols of training words.

    Raises its error if the step raises, gives no output, or answers one state and symbol in two ways.
    """
    rng = random.Random(f"{seed}, rehearsal")
    for symbol in task.inputs.some():
        task.run([symbol] * max(LONGEST, LONGEST_TIMES * task.length))
    task.run(task.inputs.draw_word(rng, LONGEST))
    task.run(task.inputs.draw_word(rng, LONGEST_TIMES * task.length))
    _repeat(task, rng, REHEARSED)


def suspect(task: Reference, seed: int, symbols: int = SUSPECTED) -> None:
    """Run a task that no network has learnt twice on many more symbols, as `rehearse` does."""
    _repeat(task, random.Random(f"{seed}, suspicion"), symbols)


def _repeat(task: Reference, rng: random.Random, symbols: int) -> None:
    observer = Observer(task.advance, task.start)
    for _ in range(-(-symbols // task.length)):
        _check_pure(task, observer, task.draw(rng, task.length))


def _try_out(task: Reference) -> None:
    rng = random.Random(0)
    length = 2 * task.length
    words = [[symbol] * length for symbol in task.inputs.some()]
    words += [task.inputs.draw_word(rng, length) for _ in range(RANDOM_WORDS)]
    if task.sample is not None:
        words.append(task.draw(rng, task.length))
        if task.inputs.count > 1:
            _check_sample(task, rng)
    observer = Observer(task.advance, task.start)
    for word in words:
        outputs = task.run(word)[: task.length]  # says how long the word was where the step raises
        if beyond := [y for y in outputs for number in _numbers(y) if abs(number) > LARGEST]:
            raise task.error(
                f"the step returned output {told(beyond[0])} within the training length of {task.length}; expected "
                "numbers of at most 2**53 in absolute value, since networks count in double precision."
            )
        _check_pure(task, observer, word)


def _numbers(y: Any) -> tuple[int, ...]:
    """Return the numbers of an output, none where it is a name."""
    return () if isinstance(y, str) else y if isinstance(y, tuple) else (y,)


def _check_pure(task: Reference, observer: Observer, word: list[Any]) -> None:
    found = observer.contradiction(word)
    if found is not None:
        raise task.error(
            f"step({told(found.state)}, {told(found.symbol)}) returned {told(found.first)}, and at "
            f"another time {told(found.second)}; step is a pure function of (state, x): nothing random, and no "
            "memory but the state."
        )


def _check_sample(task: Reference, rng: random.Random) -> None:
    """Raise the task's error if `sample` does not follow its rng: same words from the same seed, others from others.

    A generator that was not touched is ignored; where it was touched, it takes many equal words to say so.
    """
    first: list[Any] | None = None
    length, drawn = task.length, 0
    for drawn in range(1, MOST_DRAWS + 1):
        seed = rng.getrandbits(64)
        own = random.Random(seed)
        word = task.draw(own, length)
        again = task.draw(random.Random(seed), length) if drawn <= REPEATED_DRAWS else word
        if word != again:
            raise task.error(
                f"sample(rng, {length}) returned {told(word)} and then {told(again)} for the same seed; "
                "draw everything from rng, as in rng.choice(...), so that a seed always gives the same words."
            )
        first = word if first is None else first
        if word != first:
            return
        if drawn >= REPEATED_DRAWS and own.getstate() == random.Random(seed).getstate():
            break
    raise task.error(
        f"sample(rng, {length}) returned {told(first)} for each of {drawn} seeds; expected words drawn from rng, "
        "as in rng.choice(...)."
    )


def _endless(task: Reference, late: OutOfTime) -> str:
    """Return what did not come back when the task was tried."""
    calls = [frame.f_locals for frame, _ in traceback.walk_tb(late.__traceback__) if frame.f_code.co_name == "advance"]
    call = f"sample(rng, {task.length})"
    if calls and {"state", "x"} <= calls[0].keys():
        call = f"step({told(calls[0]['state'])}, {told(calls[0]['x'])})"
    return (
        f"{call} had not come back when {SECONDS:g} s for trying the task on a few words were over "
        f"({place_in(late.__traceback__, task.where)}); is there a loop without end, or is it slow?"
    )
