"""The search: closed form first, then the ladder; what chooses, what only measures, what is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from mips.dataset import Dataset
from mips.network import Layer, Network
from mips.training import portfolio
from mips.training.portfolio import LADDER, Rung, accuracy, train

Array = np.ndarray
FIRST = replace(LADDER[0], schedule=replace(LADDER[0].schedule, steps=600, batch=64, networks=4), polish=0)
HOPELESS = replace(FIRST, schedule=replace(FIRST.schedule, steps=2, networks=2))


def data(function: Callable[[Array], Array], seed: int, count: int = 3000, length: int = 3) -> Dataset:
    xs = np.random.default_rng(seed).integers(0, 2, (count, length, 2))
    return Dataset(inputs=xs, outputs=function(xs))


def both(xs: Array) -> Array:
    return xs.min(axis=2, keepdims=True)


def parity(xs: Array) -> Array:
    return np.cumsum(xs[:, :, :1] + xs[:, :, 1:], axis=1) % 2


def sums(xs: Array) -> Array:
    return np.cumsum(xs[:, :, :1] - xs[:, :, 1:], axis=1)


@pytest.fixture
def ladder(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    monkeypatch.setattr(portfolio, "HELD_OUT", 500)

    def climb(*rungs: Rung) -> None:
        monkeypatch.setattr(portfolio, "LADDER", rungs)

    return climb


def weights(network: Network) -> bytes:
    return b"".join(layer.weight.tobytes() + layer.bias.tobytes() for layer in (*network.cell, *network.readout))


def test_accuracy_counts_time_steps_with_all_numbers_right() -> None:
    network = Network(
        cell=(Layer(weight=np.vstack([np.zeros((2, 2)), np.eye(2)]), bias=np.zeros(2)),),
        readout=(Layer(weight=np.eye(2), bias=np.zeros(2)),),
    )
    xs = np.arange(12).reshape(2, 3, 2)
    ys = xs.copy()
    assert accuracy(network, Dataset(inputs=xs, outputs=ys)) == 1.0
    ys[0, 0] += 1  # both numbers of one step
    ys[1, 2, 0] += 1  # one number of another
    assert accuracy(network, Dataset(inputs=xs, outputs=ys)) == pytest.approx(4 / 6)


def test_a_linear_recurrence_needs_no_ladder(ladder: Callable[..., None]) -> None:
    ladder()
    trained = train(data(sums, 0), data(sums, 1), seed=0)
    assert trained.network.is_linear
    assert trained.accuracy == 1.0
    assert [(trial.architecture, trial.steps) for trial in trained.trail] == [("linear, hidden 1", 0)]


def test_the_ladder_stops_at_the_first_network_without_a_wrong_answer(ladder: Callable[..., None]) -> None:
    ladder(HOPELESS, FIRST, HOPELESS)
    lines: list[str] = []
    trained = train(data(both, 0), data(both, 1), seed=0, progress=lines.append)
    assert trained.accuracy == 1.0
    assert [trial.accuracy == 1.0 for trial in trained.trail] == [False, True]
    assert accuracy(trained.network, data(both, 2)) == 1.0
    assert trained.network.hidden_size == FIRST.hidden
    assert len(lines) >= 2
    assert str(trained.trail[0].architecture) in lines[0]


def test_the_best_is_kept_when_none_is_perfect(ladder: Callable[..., None]) -> None:
    ladder(HOPELESS, replace(HOPELESS, hidden=2), replace(HOPELESS, hidden=3))
    trained = train(data(parity, 0), fresh := data(parity, 1), seed=0)
    assert len(trained.trail) == 3
    assert max(trial.accuracy for trial in trained.trail) < 1
    assert trained.accuracy == accuracy(trained.network, fresh)
    best = max(range(3), key=lambda rung: trained.trail[rung].accuracy)
    assert trained.network.hidden_size == best + 1


def test_the_same_seed_gives_the_same_bytes_and_fresh_data_choose_nothing(ladder: Callable[..., None]) -> None:
    ladder(HOPELESS, replace(HOPELESS, hidden=2, polish=3))
    one = train(data(parity, 0), data(parity, 1), seed=5)
    two = train(data(parity, 0), data(both, 2), seed=5)
    other = train(data(parity, 0), data(parity, 1), seed=6)
    assert weights(one.network) == weights(two.network) != weights(other.network)
    assert one.trail == two.trail
    assert one.accuracy != two.accuracy


def test_outputs_far_from_zero_are_scaled(ladder: Callable[..., None]) -> None:
    ladder(FIRST)
    trained = train(data(lambda xs: 5 * both(xs) - 40, 0), data(lambda xs: 5 * both(xs) - 40, 1), seed=0)
    assert trained.accuracy == 1.0
    assert trained.network.run(np.array([[[1, 1], [0, 1]]])).tolist() == [[[-35], [-40]]]
