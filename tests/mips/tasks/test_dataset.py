"""Sampling: deterministic, inside the alphabet, and nothing but what the task computes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mips
from mips import Task, TaskError, integers
from mips.tasks.dataset import FEW_SYMBOLS, covering, sample


def running_sum(total, x):
    return total + x, total + x


def swap(state, pair):
    return state, (pair[1], pair[0])


SUM = Task("Sum", step=running_sum, start=0, inputs=integers(-3, 5), length=6)
SWAP = Task("Swap", step=swap, start=0, inputs=integers(0, 4, width=2), length=6)


@pytest.mark.parametrize("task", [SUM, SWAP], ids=str)
def test_arrays_have_the_promised_shape_and_type(task):
    data = sample(task, count=7, seed=0)
    assert data.inputs.shape == (7, 6, task.inputs.width)
    assert data.outputs.shape == (7, 6, task.output_width)
    assert data.inputs.dtype == data.outputs.dtype == np.int64


@pytest.mark.parametrize("task", [SUM, SWAP], ids=str)
def test_empty_sample_has_the_promised_shape(task):
    assert sample(task, count=0, seed=0).inputs.shape == (0, 6, task.inputs.width)


def test_length_can_be_chosen():
    assert sample(SUM, count=3, seed=0, length=41).inputs.shape == (3, 41, 1)


def test_arrays_cannot_be_written():
    data = sample(SUM, count=3, seed=0)
    for array in (data.inputs, data.outputs):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0, 0] = 1


def test_inputs_fill_the_alphabet_and_nothing_else():
    assert set(sample(SUM, count=100, seed=3).inputs.ravel().tolist()) == set(range(-3, 6))
    assert {tuple(pair) for pair in sample(SWAP, count=100, seed=3).inputs.reshape(-1, 2).tolist()} == set(
        SWAP.inputs.symbols()
    )


def test_outputs_are_those_of_the_task():
    data = sample(SUM, count=20, seed=1)
    assert [SUM.run(word) for word in data.inputs[..., 0].tolist()] == data.outputs[..., 0].tolist()
    data = sample(SWAP, count=20, seed=1)
    assert (data.outputs == data.inputs[..., ::-1]).all()


def test_same_arguments_give_the_same_examples():
    first, second = sample(SUM, count=50, seed=9), sample(SUM, count=50, seed=9)
    assert (first.inputs == second.inputs).all() and (first.outputs == second.outputs).all()


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_monotonous_words_have_few_symbols_of_the_alphabet(share):
    """Ten symbols of a hundred have at most `FEW_SYMBOLS` different ones by chance about never."""
    task = Task("Sum", step=running_sum, start=0, inputs=integers(0, 99), length=10)
    words = sample(task, count=1000, seed=0, monotonous=share).inputs[..., 0].tolist()
    few = [len(set(word)) for word in words if len(set(word)) <= FEW_SYMBOLS]
    assert abs(len(few) / len(words) - share) < 0.05
    assert set(few) == (set(range(1, FEW_SYMBOLS + 1)) if share else set())
    assert {number for word in words for number in word} <= set(range(100))


@pytest.mark.parametrize("length", [0, 1, 2])
def test_short_words_can_be_monotonous(length):
    data = sample(SWAP, count=20, seed=1, length=length, monotonous=1.0)
    assert data.inputs.shape == (20, length, 2)
    assert (data.outputs == data.inputs[..., ::-1]).all()


def test_monotonous_words_are_made_of_what_the_task_draws():
    task = Task(
        "Sum", step=running_sum, start=0, inputs=integers(0, 99), length=8,
        sample=lambda rng, length: [rng.choice([3, 7, 20, 60]) for _ in range(length)],
    )  # fmt: skip
    assert set(sample(task, count=50, seed=0, monotonous=0.5).inputs.ravel().tolist()) == {3, 7, 20, 60}


@pytest.mark.parametrize("other", [8, 10, -9])
def test_another_seed_gives_other_examples(other):
    assert (sample(SUM, count=50, seed=9).inputs != sample(SUM, count=50, seed=other).inputs).any()


def test_a_larger_count_only_appends():
    assert (sample(SUM, count=80, seed=9).inputs[:50] == sample(SUM, count=50, seed=9).inputs).all()


FEW = Task("Few", step=running_sum, start=0, inputs=integers(-1, 1), length=4)  # 81 words
FEW_PAIRS = Task("Few_Pairs", step=swap, start=0, inputs=integers(0, 1, width=2), length=3)  # 64 words


@pytest.mark.parametrize("task", [FEW, FEW_PAIRS], ids=str)
@pytest.mark.parametrize("count", [81, 90, 400])
def test_all_words_are_covered_where_they_are_few(task, count):
    drawn = sample(task, count=count, seed=0)
    data = covering(task, drawn)
    words = {tuple(map(tuple, word)) for word in data.inputs.tolist()}
    assert len(words) == task.inputs.count**task.length
    assert data.inputs.shape == drawn.inputs.shape and not data.inputs.flags.writeable
    kept = (data.inputs == drawn.inputs).all(axis=(1, 2))
    before = {tuple(map(tuple, word)) for word in drawn.inputs.tolist()}
    assert (~kept).sum() == len(words) - len(before)
    for word, outputs in zip(data.inputs.tolist(), data.outputs.tolist(), strict=True):
        letters = [symbol[0] if len(symbol) == 1 else tuple(symbol) for symbol in word]
        assert [y if isinstance(y, tuple) else (y,) for y in task.run(letters)] == [tuple(y) for y in outputs]


def test_words_that_are_covered_already_stay_where_they_are():
    drawn = sample(FEW, count=5000, seed=0)
    assert np.array_equal(covering(FEW, drawn).inputs, drawn.inputs)


def test_many_words_and_words_of_a_tasks_own_are_left_as_they_are():
    drawn = sample(FEW, count=80, seed=0)
    assert covering(FEW, drawn) is drawn
    constant = {"sample": lambda rng, n: [rng.choice((0, 1))] * n}
    own = Task("Own", step=running_sum, start=0, inputs=integers(0, 1), length=3, **constant)
    drawn = sample(own, count=50, seed=0)
    assert covering(own, drawn) is drawn


def test_the_name_of_a_task_does_not_change_its_examples():
    renamed = Task("Other", step=running_sum, start=0, inputs=integers(-3, 5), length=6)
    assert (sample(SUM, count=50, seed=9).inputs == sample(renamed, count=50, seed=9).inputs).all()


def test_examples_do_not_depend_on_the_process():
    script = (
        "from mips import Task, integers; from mips.tasks.dataset import FEW_SYMBOLS, sample;"
        "task = Task('Sum', step=lambda s, x: (s + x, s + x), start=0, inputs=integers(-3, 5), length=6);"
        "print(sample(task, count=5, seed=9).inputs.tolist())"
    )
    root = str(Path(mips.__file__).parents[1])
    printed = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONPATH": root, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("1", "2")
    }
    assert printed == {str(sample(SUM, count=5, seed=9).inputs.tolist())}


def test_special_inputs_are_drawn_by_the_task():
    special = Task(
        "Special",
        step=running_sum,
        start=0,
        inputs=integers(0, 9),
        length=4,
        sample=lambda rng, length: [rng.choice((2, 3))] * length,
    )
    inputs = sample(special, count=50, seed=0).inputs
    assert set(inputs.ravel().tolist()) == {2, 3}
    assert (inputs == inputs[:, :1]).all()


@pytest.mark.parametrize(
    ("late", "message"),
    [
        ([0] * 5, r"sample\(rng, 6\) returned 5 symbols; expected 6\.$"),
        ([0] * 5 + [6], r"sample\(rng, 6\) returned 6 at position 5; expected a symbol of integers\(-3, 5\)\.$"),
        ([0] * 5 + [True], r"returned True at position 5"),
        (None, r"sample\(rng, 6\) returned None; expected a list of 6 symbols\.$"),
    ],
)
def test_a_sample_that_goes_wrong_late_is_reported(late, message):
    inputs, made = integers(-3, 5), False
    task = Task(
        "Late",
        step=running_sum,
        start=0,
        inputs=inputs,
        length=6,
        sample=lambda rng, length: late if made else inputs.draw_word(rng, length),
    )
    made = True  # all draws before were in order
    with pytest.raises(TaskError, match=rf"^Task 'Late' \(tests/mips/tasks/test_dataset\.py:\d+\): .*{message}"):
        sample(task, count=1, seed=0)


def test_a_step_that_goes_wrong_late_is_reported():
    def step(count, x):
        return count + 1, 1 // (20 - count)

    task = Task("Late", step=step, start=0, inputs=integers(0, 0), length=6)
    with pytest.raises(TaskError, match=r"step\(20, 0\) raised ZeroDivisionError"):
        sample(task, count=1, seed=0, length=30)


def test_an_output_beyond_64_bits_is_reported():
    task = Task("Powers", step=lambda power, x: (2 * power, power), start=1, inputs=integers(0, 1), length=10)
    assert sample(task, count=1, seed=0, length=63).outputs[0, -1, 0] == 2**62
    with pytest.raises(TaskError, match=r"Task 'Powers' .* length 64 does not fit into 64 bits"):
        sample(task, count=1, seed=0, length=64)
