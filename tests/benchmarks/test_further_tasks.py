"""The step functions of the twenty further tasks against definitions on whole words, and the two halves themselves.

Names of tasks are not written here, nor in the ids of the tests, so that whoever runs or reads this file learns nothing
about the half held out.
"""

from dataclasses import replace
from functools import cache

import pytest
from benchmark_words import TASKS as BENCHMARK
from benchmark_words import all_words, as_words
from further_tasks import development, held_out
from further_tasks.definitions import DEFINITIONS, FIRST_STEPS, STATES

from mips import Task
from mips.tasks.dataset import sample
from mips.tasks.task import TaskError

TASKS = [*development.TASKS, *held_out.TASKS]

every_task = pytest.mark.parametrize(
    "task", TASKS, ids=[f"{half}_{number}" for half in ("development", "held_out") for number in range(10)]
)


def some_words(task: Task) -> list[list]:
    """Return all words of the greatest length that has at most 10000, and random ones up to three times as long."""
    return words_over(task.inputs, task.length, task.sample)


@cache  # every test of a task, and every task that it is held against, reads the same words
def words_over(inputs, length, draw):
    task = Task("Words", step=lambda state, x: (state, 0), start=0, inputs=inputs, length=length, sample=draw)
    drawn = [sample(task, count=200, seed=7, length=each).inputs for each in (length, 3 * length)]
    return [word for words in (all_words(task, 10_000), *drawn) for word in as_words(task, words)]


def first_difference(task: Task) -> list | None:
    """Return a word on which the task and the definition of its name differ, if one is found."""
    define = DEFINITIONS[task.name]
    for word in some_words(task):
        if task.run(word) != [define(word[:end]) for end in range(1, len(word) + 1)]:
            return word
    return None


def count_states(task: Task, limit: int) -> int:
    """Return how many states can be reached; the search ends once they are more than `limit`."""
    reached, frontier = {task.start}, [task.start]
    while frontier and len(reached) <= limit:
        successors = {task.step(state, x)[0] for state in frontier for x in task.inputs.symbols()}
        frontier = list(successors - reached)
        reached |= successors
    return len(reached)


def differ(task: Task, other: Task) -> bool:
    """Return whether the other differs on words of the task's alphabet, which it may be unable to read."""
    try:
        return any(task.run(word) != other.run(word) for word in some_words(task))
    except TaskError:
        return True


def test_each_half_has_ten_tasks():
    assert [len(half.TASKS) for half in (development, held_out)] == [10, 10]


def test_every_task_has_a_definition_and_first_steps_in_the_same_order():
    names = [task.name for half in (development, held_out) for task in half.TASKS]
    assert list(DEFINITIONS) == list(FIRST_STEPS) == names
    assert set(STATES) <= {*names}


def test_every_name_is_unique_among_these_and_the_benchmark():
    names = [task.name for task in [*BENCHMARK, *TASKS]]
    assert len({name.lower() for name in names}) == len(names) == 62 + 20


def test_every_task_has_one_line_about_it():
    assert [task.name for task in TASKS if not task.about or "\n" in task.about] == []


@every_task
def test_no_other_task_does_the_same(task):
    others = [other for other in [*BENCHMARK, *TASKS] if other is not task and other.inputs.width == task.inputs.width]
    assert [other.name for other in others if not differ(task, other)] == []


def test_a_task_that_does_the_same_as_another_is_found():
    for task in TASKS:
        assert not differ(task, replace(task, name="Copy"))


@every_task
def test_step_function_agrees_with_the_definition(task):
    assert first_difference(task) is None


@every_task
def test_first_steps(task):
    inputs, outputs = FIRST_STEPS[task.name]
    assert task.run(inputs) == outputs


@every_task
def test_a_fault_on_the_largest_input_is_found(task):
    largest = task.inputs.constant(task.inputs.high)

    def faulty(state, x):
        state, y = task.step(state, x)
        return state, y + (x == largest)

    assert first_difference(replace(task, step=faulty)) is not None


@every_task
def test_a_fault_that_comes_late_is_found(task):
    def faulty(memory, x):
        age, state = memory
        state, y = task.step(state, x)
        return (age + 1, state), y + (age == task.length)  # wrong once, right after the training length

    assert first_difference(replace(task, step=faulty, start=(0, task.start))) is not None


@every_task
def test_the_memory_is_as_large_as_said(task):
    if task.name in STATES:
        assert count_states(task, STATES[task.name]) == STATES[task.name]
    else:
        assert count_states(task, 1000) > 1000
