"""A reference that is not what it should be is told before anything is trained, with the call that shows it."""

from __future__ import annotations

import inspect
import itertools
import pickle
import random
import re
import threading
import time

import cloudpickle
import pytest

import mips.pipeline
from benchmarks.known import NAMED, compiled
from mips import Task, TaskError, integers
from mips.judging.questions import Effort
from mips.pipeline import PipelineBudget
from mips.tasks import rehearsal
from mips.tasks.purity import Observer
from mips.tasks.rehearsal import rehearse, suspect
from mips.training.search import Trained
from pytest_mips.workers.attempt import failure

FEW = PipelineBudget(
    training_words=500,
    fresh_words=100,
    suspected=200_000,
    doubt=0.0,
    least_doubt=0.0,  # the search that overrules answers takes long
    judging=Effort(fresh=100, exhaustive=100, examples=20),
)


def make(step, **changes):
    return Task("Tried", **({"step": step, "start": 0, "inputs": integers(0, 3), "length": 6, "about": ""} | changes))


def add(total, x):
    return (total + x) % 3, (total + x) % 3


def wrong_every(calls, right=add):
    """A step that is wrong once in so many calls."""
    counter = itertools.count(1)

    def step(state, x):
        next_state, y = right(state, x)
        return next_state, y + (next(counter) % calls == 0)

    return step


def remembering():
    """A step that depends on what it was asked before, which two runs of one word do not show."""
    known = []

    def step(state, x):
        if state == 0:
            known.clear()
        known.append(x)
        return min(state + 1, 3), len(known) + sum(known[:1])

    return step


def random_state(state, x):
    return (state + (random.random() < 0.001) + x) % 3, state


# Pure


@pytest.mark.parametrize("step", [wrong_every(2_000), wrong_every(5_000), random_state, remembering()])
def test_an_impure_step_is_told_with_the_call_and_both_results(step):
    with pytest.raises(TaskError) as caught:
        rehearse(make(step), seed=0)
    said = str(caught.value)
    assert re.search(r"step\(\d, \d\) returned \(\d, \d+\), and at another time \(\d, \d+\); step is a pure", said)


def test_a_step_that_counts_for_ever_is_compared_with_itself():
    with pytest.raises(TaskError, match="at another time"):
        rehearse(make(wrong_every(3_000, lambda total, x: (total + x, total + x))), seed=0)


def test_a_rarer_one_is_told_when_no_network_learns_the_task():
    task = make(wrong_every(300_000))
    rehearse(task, seed=0)
    with pytest.raises(TaskError, match="at another time"):
        suspect(task, seed=0)


@pytest.mark.parametrize("calls", [2_000, 100_000])
def test_solving_tells_it_before_training_or_at_the_latest_when_nothing_was_learnt(monkeypatch, calls):
    def train(*_, **__):
        assert calls > 2_000, "nothing is trained on answers that contradict each other"
        network = compiled(NAMED["parity"][0])
        return Trained(network=network, accuracy=0.5, mistake=None, seconds=0.0, trail=())

    monkeypatch.setattr(mips.pipeline, "train", train)
    task = make(wrong_every(calls), inputs=integers(0, 1))
    with pytest.raises(TaskError, match=r"step\(\d, \d\) returned .* at another time"):
        mips.pipeline.solve(task, seed=0, budget=FEW)


class Other:
    """A state without equality: every one is another object, and the step is pure all the same."""

    def __init__(self, count):
        self.count = count


@pytest.mark.parametrize(
    ("step", "start"),
    [
        (add, 0),
        (lambda state, x: (Other(state.count + x), state.count), Other(0)),
        (lambda state, x: (float("nan"), x), 0),
        (lambda state, x: (frozenset({*state, x}), len(state)), frozenset()),
    ],
)
def test_a_pure_step_is_never_accused(step, start):
    rehearse(make(step, start=start), seed=0)


def test_rehearsing_does_not_change_what_is_drawn():
    task, rng = make(add), random.Random(0)
    before = rng.getstate()
    rehearse(task, seed=0)
    assert rng.getstate() == before and task.draw(random.Random(1), 5) == task.draw(random.Random(1), 5)


def test_what_is_remembered_has_an_end(monkeypatch):
    monkeypatch.setattr("mips.tasks.purity.REMEMBERED", 10)
    observer = Observer(lambda total, x: (total + x, total), 0)
    assert all(observer.contradiction([1] * 50) is None for _ in range(3))
    assert len(observer._seen) == 10


# Late errors


def breaks_late(count, x):
    if count == 400:
        raise KeyError("deep")
    return count + 1, x


def line_of(function, text):
    lines, first = inspect.getsourcelines(function)
    return next(number for number, line in enumerate(lines, first) if text in line)


@pytest.mark.parametrize("moved", [False, True], ids=["here", "from another process"])
def test_a_late_error_names_the_line_of_the_step_and_says_how_long_words_become(moved):
    task = make(breaks_late)
    if moved:
        module = __import__(__name__)
        cloudpickle.register_pickle_by_value(module)
        try:
            task = pickle.loads(cloudpickle.dumps(task))
        finally:
            cloudpickle.unregister_pickle_by_value(module)
    with pytest.raises(TaskError) as caught:
        rehearse(task, seed=0)
    found = failure(caught.value).reason
    line = line_of(breaks_late, 'raise KeyError("deep")')
    assert re.search(rf"step\(400, 0\) raised KeyError: 'deep' \(\S*test_rehearsal\.py:{line}\)\.", found)
    assert "This was symbol 401 of a word. Words far longer than length (6) are judged, up to 50 times" in found
    assert "2,000 symbols" in found and "dynamic-code" not in found and found.endswith("the step must go on.")


def test_an_error_in_a_library_is_told_at_the_line_of_the_step():
    import statistics

    def step(state, x):
        return state, int(statistics.mean([x] * min(1, 3 - x)))

    with pytest.raises(TaskError, match=r"StatisticsError: .* \(\S*test_rehearsal\.py:\d+\)"):
        make(step)


def test_a_word_of_the_training_length_needs_no_such_word():
    task = make(lambda count, x: (count + 1, 1 // (x - 9)), inputs=integers(0, 8))
    object.__setattr__(task, "inputs", integers(0, 9))
    with pytest.raises(TaskError) as caught:
        task.run([9])
    assert "far longer" not in str(caught.value)


# What does not come back


def never(state, x):
    while state == 3:
        pass
    return state + 1, x


def sleeping(state, x):
    time.sleep(100 if state == 3 else 0)
    return state + 1, x


@pytest.mark.parametrize("step", [never, sleeping])
def test_a_step_that_never_comes_back_is_told(monkeypatch, step):
    monkeypatch.setattr(rehearsal, "SECONDS", 0.2)
    with pytest.raises(TaskError) as caught:
        make(step)
    assert re.search(
        r"Task 'Tried' \(\S*test_rehearsal\.py:\d+\): step\(3, 0\) had not come back when 0\.2 s .* were over "
        r"\(\S*test_rehearsal\.py:\d+\); is there a loop without end",
        str(caught.value),
    )


def test_a_sample_that_never_comes_back_is_told(monkeypatch):
    monkeypatch.setattr(rehearsal, "SECONDS", 0.2)
    with pytest.raises(TaskError, match=r"sample\(rng, 6\) had not come back when 0\.2 s"):
        make(add, sample=lambda rng, length: next(n for n in itertools.count() if n < 0))


def test_off_the_main_thread_tasks_are_made_as_well():
    made = []
    thread = threading.Thread(target=lambda: made.append(make(add)))
    thread.start()
    thread.join()
    assert str(made[0]) == "Tried"


# Samples that do not follow their generator

OWN = random.Random(0)
COUNTER = itertools.count()
CAPRICES = {
    "always the same": (lambda rng, length: [2] * length, r"returned \[2, .*\] for each of 3 seeds"),
    "its own seed": (lambda rng, length: random.Random(5).choices(range(4), k=length), "for each of 3 seeds"),
    "its own seed, and a look at rng": (
        lambda rng, length: random.Random(int(rng.random())).choices(range(4), k=length),
        "for each of 200 seeds",
    ),
    "a generator of the module": (lambda rng, length: OWN.choices(range(4), k=length), "for the same seed"),
    "the global generator": (lambda rng, length: random.choices(range(4), k=length), "for the same seed"),
    "both": (lambda rng, length: [rng.randrange(4), *random.choices(range(4), k=length - 1)], "for the same seed"),
    "a counter": (lambda rng, length: [next(COUNTER) % 4] * length, "for the same seed"),
}


@pytest.mark.parametrize(("sample", "expected"), CAPRICES.values(), ids=CAPRICES)
def test_a_sample_that_ignores_its_generator_is_told(sample, expected):
    with pytest.raises(TaskError, match=expected):
        make(add, sample=sample)


@pytest.mark.parametrize(
    "sample",
    [
        lambda rng, length: [rng.choice((1, 2))] * length,
        lambda rng, length: [int(rng.random() < 0.1)] * length,
        lambda rng, length: tuple(random.Random(rng.random()).choices(range(4), k=length)),
    ],
)
def test_a_sample_that_follows_it_is_never_accused(sample):
    make(add, sample=sample)


def test_where_there_is_one_word_only_it_may_always_be_drawn():
    make(add, inputs=integers(2, 2), sample=lambda rng, length: [2] * length)
