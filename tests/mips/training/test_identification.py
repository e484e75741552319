"""Closed-form training: integer linear recurrences are recovered with the hidden size that their Hankel matrix asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import sympy

from mips.training.identification import identify_linear

Array = np.ndarray


@dataclass(frozen=True)
class Recurrence:
    """s(t) = s(t-1) @ step + x(t) @ entrance + offset, y(t) = s(t) @ exit, all integers, s = 0 before the start."""

    step: Array
    entrance: Array
    exit: Array
    offset: Array

    def run(self, words: Array) -> Array:
        state, answers = np.zeros((len(words), len(self.step)), dtype=np.int64), []
        for t in range(words.shape[1]):
            state = state @ self.step + words[:, t] @ self.entrance + self.offset
            answers.append(state @ self.exit)
        return np.stack(answers, axis=1)

    def least_size(self) -> int:
        """The exact least rank of the Hankel matrix, the constant 1 being an input like the others.

        The readout may add a constant, so that the immediate effect of the constant 1, the upper part x of a column
        x over y, is free. Let B over D be the other columns: the least rank is that of B over D, and one more if y is
        not in the span of D (completion of a matrix with a free block).
        """
        inputs = sympy.Matrix(np.vstack([self.entrance, self.offset[None]]).tolist())
        step, exit_ = sympy.Matrix(self.step.tolist()), sympy.Matrix(self.exit.tolist())
        size = len(self.step)
        responses = [(inputs * step**k * exit_).T for k in range(2 * size + 1)]
        rows = [sympy.Matrix.hstack(*(responses[i + j] for j in range(size))) for i in range(size + 1)]
        hankel, constant = sympy.Matrix.vstack(*rows), len(self.entrance)
        lower, others = hankel[self.exit.shape[1] :, :], hankel.copy()
        others.col_del(constant)
        return int(others.rank() + lower.rank() - others[self.exit.shape[1] :, :].rank())


def random_recurrence(seed: int, size: int, inputs: int, outputs: int) -> Recurrence:
    rng = np.random.default_rng(seed)
    return Recurrence(
        step=rng.integers(-1, 2, (size, size)),
        entrance=rng.integers(-2, 3, (inputs, size)),
        exit=rng.integers(-2, 3, (size, outputs)),
        offset=rng.integers(-1, 2, size),
    )


def words(seed: int, length: int, inputs: int, count: int = 300) -> Array:
    return np.random.default_rng(seed).integers(-9, 10, (count, length, inputs))


@pytest.mark.parametrize("inputs", [1, 2])
@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_random_recurrences_are_recovered_with_the_hankel_rank(seed: int, size: int, inputs: int, outputs: int) -> None:
    truth = random_recurrence(seed, size, inputs, outputs)
    xs, fresh = words(seed, 8, inputs), words(seed + 100, 10, inputs)
    network = identify_linear(xs, truth.run(xs))
    assert network is not None
    assert network.hidden_size == max(1, truth.least_size())
    assert (network.input_width, network.output_width) == (inputs, outputs)
    assert np.array_equal(network.run(fresh), truth.run(fresh))  # two steps longer than what was seen


def previous(xs: Array) -> Array:
    return np.concatenate([np.zeros_like(xs[:, :1]), xs[:, :-1]], axis=1)


@pytest.mark.parametrize(
    "function",
    [
        abs,
        lambda xs: xs * xs,
        lambda xs: xs % 2,
        lambda xs: xs * previous(xs),
        lambda xs: np.maximum.accumulate(xs, axis=1),
        lambda xs: np.cumsum(xs, axis=1) % 5,
        lambda xs: (xs > 8).astype(np.int64),
        lambda xs: xs * np.arange(1, 9)[None, :, None] ** 5 % 7,  # linear at each time, but not the same at each
    ],
)
def test_what_is_not_linear_is_refused(function) -> None:
    xs = words(0, 8, 1)
    assert identify_linear(xs, function(xs)) is None


@pytest.mark.parametrize("time", [0, 7])
def test_one_wrong_output_is_refused(time: int) -> None:
    xs = words(0, 8, 1)
    ys = np.cumsum(xs, axis=1)
    assert identify_linear(xs, ys) is not None
    ys[17, time] += 1
    assert identify_linear(xs, ys) is None


@pytest.mark.parametrize("function", [lambda xs: np.cumsum(xs, axis=1) + 3, lambda xs: 7 - xs, lambda xs: 5 + 0 * xs])
def test_a_constant_of_the_readout_takes_no_state(function) -> None:
    xs = words(0, 8, 1)
    network = identify_linear(xs, function(xs))
    assert network is not None
    assert network.hidden_size == 1
    assert np.array_equal(network.run(words(1, 12, 1)), function(words(1, 12, 1)))


def test_affine_offsets() -> None:
    xs = words(0, 8, 1)
    for ys in (1 - xs, np.cumsum(xs - 1, axis=1), previous(xs) + 7):
        network = identify_linear(xs, ys)
        assert network is not None
        assert np.array_equal(network.run(xs), ys)


@pytest.mark.parametrize("low", [0, 1, -3])
def test_an_input_that_never_changes_has_no_influence(low: int) -> None:
    xs = np.full((50, 8, 1), low)
    fibonacci = np.broadcast_to(np.array([0, 1, 1, 2, 3, 5, 8, 13])[None, :, None], (50, 8, 1))
    network = identify_linear(xs, fibonacci)
    assert network is not None
    assert network.run(np.full((1, 10, 1), low))[0, :, 0].tolist() == [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]


@pytest.mark.parametrize("length", [1, 2, 3, 8])
def test_outputs_that_are_always_zero_or_constant(length: int) -> None:
    xs = words(0, length, 2)
    for value in (0, 4):
        network = identify_linear(xs, np.full((300, length, 1), value))
        assert network is not None
        assert network.hidden_size == 1
        longer = words(1, length, 2)
        assert (network.run(longer) == value).all()


def test_words_of_length_one_are_affine_maps() -> None:
    xs = words(0, 1, 2)
    ys = np.stack([3 * xs[:, :, 0] - xs[:, :, 1] + 2, 6 * xs[:, :, 0] - 2 * xs[:, :, 1] + 4], axis=2)
    network = identify_linear(xs, ys)
    assert network is not None
    assert network.hidden_size == 1  # the second output is twice the first
    assert np.array_equal(network.run(words(1, 1, 2)), (3 * (v := words(1, 1, 2))[..., :1] - v[..., 1:] + 2) * [1, 2])
    assert identify_linear(xs[..., :1], xs[..., :1] ** 2) is None


@pytest.mark.parametrize("length", [2, 3, 4, 5])
def test_words_too_short_for_the_recurrence_are_still_explained(length: int) -> None:
    xs = words(0, length, 1)
    last = np.concatenate([np.zeros_like(xs[:, : length - 1]), xs[:, :1]], axis=1)  # the first number, at the end
    network = identify_linear(xs, last)
    assert network is not None
    assert network.hidden_size == length
    assert np.array_equal(network.run(xs), last)


def test_two_steps_are_enough_for_a_sum() -> None:
    xs = words(0, 2, 1)
    network = identify_linear(xs, np.cumsum(xs, axis=1))
    assert network is not None
    longer = words(1, 9, 1)
    assert np.array_equal(network.run(longer), np.cumsum(longer, axis=1))


def test_no_more_words_than_unknowns_say_nothing() -> None:
    xs = words(0, 8, 1, count=9)
    assert identify_linear(xs, xs * xs) is None
    assert identify_linear(xs, xs) is None
    xs = words(0, 8, 1, count=10)
    assert identify_linear(xs, xs) is not None
    assert identify_linear(xs, xs * xs) is None


def test_the_same_data_give_the_same_bytes() -> None:
    xs = words(0, 8, 1)
    one, two = (identify_linear(xs, np.cumsum(xs, axis=1)) for _ in range(2))
    assert one is not None
    assert two is not None
    assert one.cell[0].weight.tobytes() == two.cell[0].weight.tobytes()
