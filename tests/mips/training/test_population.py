"""Successive halving of many tiny networks, and the finishing of one on the words it finds hardest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor
from training_examples import plain

from mips.training import population
from mips.training.budget import BUDGET
from mips.training.least_squares import Fitted
from mips.training.population import Round, Words, evolve, finish, first_length, right
from mips.training.recurrent import Architecture, RecurrentBatch

SURVIVORS = 4
TINY = Architecture(inputs=1, outputs=1, hidden=1, width=6, cell_depth=2, readout_depth=1)


def words(function: Callable[[np.ndarray], np.ndarray], low: int, high: int, length: int = 6) -> Words:
    """2000 random words over low..high and what a function of (count, length, 1) makes of them, all of size one."""
    xs = np.random.default_rng(0).integers(low, high + 1, (2000, length, 1))
    ys = function(xs)
    size = max(ys.std(), 0.5)
    scaled = ((xs - (low + high) / 2) / ((high - low) / 2), (ys - ys.mean()) / size)
    inputs, targets = (torch.tensor(np.ascontiguousarray(each.transpose(1, 0, 2))) for each in scaled)
    return Words(inputs, targets, 0.5 / size)


def parity(xs: np.ndarray) -> np.ndarray:
    return np.cumsum(xs, axis=1) % 2


def largest(xs: np.ndarray) -> np.ndarray:
    return np.maximum.accumulate(xs, axis=1)


def total(xs: np.ndarray) -> np.ndarray:
    return np.cumsum(xs, axis=1)


def noise(xs: np.ndarray) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 9, xs.shape)


def start(networks: int, seed: int = 0) -> Tensor:
    return RecurrentBatch(TINY).initial(networks, seed, torch.float64, spread=BUDGET.kink_spread)


def rounds(words: Words, networks: int, *, length: int = 3, seed: int = 0) -> list[Round]:
    return list(
        evolve(RecurrentBatch(TINY), words, start(networks, seed), survivors=SURVIVORS, length=length, seed=seed)
    )


def worst(words: Words, row: Tensor) -> float:
    """The largest error of a network on all words."""
    return float((plain(TINY, row, words.inputs) - words.targets).abs().max())


# The first length


@pytest.mark.parametrize("parameters", [1, 60, 500])
@pytest.mark.parametrize("length", [1, 2, 3, 5, 10, 40])
@pytest.mark.parametrize("letters", [1, 2, 3, 5, 10, 1000])
def test_the_first_length_is_the_smallest_with_enough_words(letters: int, length: int, parameters: int) -> None:
    enough = [
        each
        for each in range(BUDGET.first_length, length + 1)
        if letters**each >= BUDGET.first_length_words
        and letters**each * each >= BUDGET.answers_per_parameter * parameters
    ]
    assert first_length(letters, length, parameters) == min(enough, default=length)


# Right answers


def test_right_answers_are_counted_one_by_one() -> None:
    sizes = Architecture(inputs=2, outputs=2, hidden=2, width=3, cell_depth=2, readout_depth=2)
    batch = RecurrentBatch(sizes)
    rows = batch.initial(5, 0, torch.float64)
    rows[4, 0] = torch.nan
    generator = torch.Generator().manual_seed(0)
    inputs, offsets = torch.randn(2, 4, 30, 2, generator=generator, dtype=torch.float64)
    given = Words(inputs, plain(sizes, rows[1], inputs) + offsets, 0.8)
    for chosen in (slice(0, 30), slice(5, 9)):
        shares = right(batch, rows, given, chosen)
        assert shares.shape == (5,)
        for row, share in zip(rows, shares.tolist(), strict=True):
            errors = (plain(sizes, row, inputs) - given.targets)[:, chosen].numpy()
            steps = [all(abs(error) < 0.8 for error in step) for step in errors.reshape(-1, 2).tolist()]
            assert share == pytest.approx(sum(steps) / len(steps), abs=1e-12)
    assert 0.2 < float(right(batch, rows, given, slice(0, 30))[1]) < 0.8


def test_an_error_as_large_as_the_tolerance_is_wrong() -> None:
    batch, inputs = RecurrentBatch(TINY), torch.zeros(1, 1, 1, dtype=torch.float64)
    rows = torch.zeros(1, TINY.parameters, dtype=torch.float64)
    assert float(right(batch, rows, Words(inputs, inputs + 0.5, 0.5), slice(0, 1))) == 0.0
    assert float(right(batch, rows, Words(inputs, inputs + 0.499, 0.5), slice(0, 1))) == 1.0


# Evolution


@pytest.mark.parametrize(("function", "high"), [(parity, 1), (largest, 3), (total, 3)])
@pytest.mark.parametrize("seed", range(2))
def test_an_easy_task_ends_with_a_network_without_a_mistake(
    function: Callable[[np.ndarray], np.ndarray], high: int, seed: int
) -> None:
    given = words(function, 0, high)
    found = rounds(given, 64, seed=seed)
    assert found[-1].shares[0] == 1.0
    assert worst(given, found[-1].rows[0]) < given.tolerance
    assert all(each.shares.max() < 1.0 for each in found[:-1])


def test_a_round_says_what_it_holds() -> None:
    given = words(noise, 0, 3, length=4)
    for number, each in enumerate(rounds(given, 20), 1):
        assert each.steps == number * BUDGET.iterations
        assert each.rows.shape == (len(each.shares), TINY.parameters)
        assert each.shares.tolist() == sorted(each.shares.tolist(), reverse=True)
        assert each.loss > 0
        glance = right(RecurrentBatch(TINY), each.rows, given, slice(0, BUDGET.ranking_words))
        torch.testing.assert_close(each.shares, glance)


@pytest.mark.parametrize("networks", [2, 9, 64])
def test_half_of_the_networks_stay_down_to_the_survivors_and_words_grow(networks: int) -> None:
    found = rounds(words(noise, 0, 3, length=4), networks)
    sizes, lengths = [len(each.rows) for each in found], [each.length for each in found]
    survivors = SURVIVORS
    assert sizes[0] == networks
    for before, after in pairwise(sizes):
        assert after == min(before, max(survivors, before // 2))
    assert sizes[-1] == min(networks, survivors)
    assert lengths[0] == 3
    assert set(np.diff(lengths)) <= {0, 1}
    assert lengths[-1] <= 4


def test_words_that_are_never_longer_than_the_task() -> None:
    found = rounds(words(noise, 0, 3, length=2), 16, length=2)
    assert {each.length for each in found} == {2}


def test_without_progress_the_search_ends() -> None:
    """Shares of right answers lie below one: more rounds of few networks than that need gains that do not exist."""
    found = rounds(words(noise, 0, 3, length=4), 9)
    assert found[-1].shares[0] < 0.9
    best = [float(each.shares[0]) for each in found]
    assert BUDGET.patience < len(best) < 10 * BUDGET.patience
    assert best[-1] <= best[-1 - BUDGET.patience] + BUDGET.least_gain


def test_the_same_seed_gives_the_same_bytes_and_rows_are_left_alone() -> None:
    given, begin = words(noise, 0, 3, length=3), start(4)
    before, batch = begin.clone(), RecurrentBatch(TINY)
    one, two, other = (
        list(evolve(batch, given, begin, survivors=SURVIVORS, length=3, seed=seed)) for seed in (5, 5, 6)
    )
    assert torch.equal(begin, before)
    assert [each.rows.numpy().tobytes() for each in one] == [each.rows.numpy().tobytes() for each in two]
    assert [each.loss for each in one] == [each.loss for each in two]
    assert one[0].rows.numpy().tobytes() != other[0].rows.numpy().tobytes()


class Fake:
    """Stands in for the steps and for the right answers: a row's loss and share are its first two parameters."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[Tensor] = []
        monkeypatch.setattr(population, "levenberg_marquardt", self.steps)
        monkeypatch.setattr(population, "right", lambda batch, rows, words, chosen: rows[:, 1])

    def steps(self, batch: RecurrentBatch, rows: Tensor, inputs: Tensor, targets: Tensor, **options: object) -> Fitted:
        self.seen.append(rows)
        return Fitted(rows, rows[:, 0])

    def run(self, losses: Tensor, shares: Tensor) -> list[Round]:
        rows = torch.zeros(len(losses), TINY.parameters, dtype=torch.float64)
        rows[:, 0], rows[:, 1] = losses, shares
        return list(evolve(RecurrentBatch(TINY), words(noise, 0, 1), rows, survivors=SURVIVORS, length=3, seed=0))


def test_the_best_by_loss_and_the_best_by_right_answers_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    fake, generator = Fake(monkeypatch), torch.Generator().manual_seed(0)
    losses, shares = torch.rand(2, 100, generator=generator, dtype=torch.float64)
    losses[:30] = torch.inf
    fake.run(losses, shares * 0.9)
    for before, after in pairwise(fake.seen):
        kept, half = {tuple(row) for row in after.tolist()}, len(after) // 2
        assert len(kept) == len(after)
        assert kept <= {tuple(row) for row in before.tolist()}
        assert kept >= {tuple(row) for row in sorted(before.tolist(), key=lambda row: row[0])[:half]}
        assert kept >= {tuple(row) for row in sorted(before.tolist(), key=lambda row: -row[1])[:half]}


@pytest.mark.parametrize(("learnt", "grows"), [(SURVIVORS - 1, False), (SURVIVORS, True)])
def test_words_grow_once_enough_networks_have_learnt_them(
    monkeypatch: pytest.MonkeyPatch, learnt: int, grows: bool
) -> None:
    losses = torch.ones(16 * SURVIVORS, dtype=torch.float64)
    losses[:learnt] = BUDGET.learnt_loss / 2
    first, second = Fake(monkeypatch).run(losses, 0.5 * losses)[:2]
    assert second.length - first.length == int(grows)


# Finishing


def taught(tolerance: float) -> tuple[Words, Tensor]:
    """Random words of four letters, and the network whose outputs they have."""
    teacher = RecurrentBatch(TINY).initial(1, 5, torch.float64, spread=1.0)[0]
    inputs = words(noise, 0, 3).inputs
    return Words(inputs, plain(TINY, teacher, inputs), tolerance), teacher


@pytest.mark.parametrize("seed", range(3))
def test_a_network_that_is_almost_right_is_finished(seed: int) -> None:
    given, teacher = taught(0.02)
    nearby = teacher + 0.03 * torch.randn(len(teacher), generator=torch.Generator().manual_seed(seed)).double()
    before = nearby.clone()
    assert worst(given, nearby) > given.tolerance
    found = list(finish(RecurrentBatch(TINY), given, nearby, seed=seed))
    assert torch.equal(nearby, before)
    assert found[-1].rows.shape == (1, TINY.parameters)
    assert found[-1].shares.tolist() == [1.0]
    assert worst(given, found[-1].rows[0]) < BUDGET.final_error * given.tolerance
    assert len(found) < BUDGET.finishing_rounds
    assert [each.steps for each in found] == [
        BUDGET.finishing_iterations * number for number in range(1, len(found) + 1)
    ]
    assert {each.length for each in found} == {6}


def test_the_hardest_words_are_trained_on_then_and_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The targets of ten words are far off in the first round, and as the network has them from then on."""
    given, row, seen = words(noise, 0, 3, length=12), start(1)[0], []
    ten = given.inputs[:, 70:80].clone()
    given.targets[:, 70:80] = 50.0

    def watched(batch: RecurrentBatch, rows: Tensor, inputs: Tensor, targets: Tensor, **options: int) -> Fitted:
        seen.append(int((inputs[:, :, None] == ten[:, None]).all(-1).all(0).any(1).sum()))
        given.targets[:, 70:80] = plain(TINY, row, ten)
        return Fitted(rows, torch.ones(1, dtype=torch.float64))  # the network stays as it is

    monkeypatch.setattr(population, "levenberg_marquardt", watched)
    list(finish(RecurrentBatch(TINY), given, row, seed=0))
    assert seen[0] >= 10  # some may be among the random ones besides
    assert all(each >= 10 for each in seen[: int(BUDGET.hard_share / BUDGET.newly_hard_share)])


def test_the_best_network_is_kept_when_later_rounds_do_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step of the optimiser leads further away from the teacher."""
    given, teacher = taught(0.05)
    row = teacher + 1e-3 * torch.ones_like(teacher)

    def worse(batch: RecurrentBatch, rows: Tensor, inputs: Tensor, targets: Tensor, **options: int) -> Fitted:
        return Fitted(rows + 0.5, torch.ones(1, dtype=torch.float64))

    monkeypatch.setattr(population, "levenberg_marquardt", worse)
    found = list(finish(RecurrentBatch(TINY), given, row, seed=0, budget=replace(BUDGET, final_error=0.0)))
    assert len(found) == BUDGET.finishing_patience + 1
    for each in found:
        assert torch.equal(each.rows[0], row)


def test_a_smaller_error_on_more_wrong_words_is_no_gain(monkeypatch: pytest.MonkeyPatch) -> None:
    """One word is off by 1; every round makes that 0.8, and leaves an error of 0.2 on all the others."""
    given, teacher = taught(0.02)
    given.targets[:, 0] += 1.0
    shifted = teacher.clone()
    shifted[-1] += 0.2  # the bias of the readout

    def more_wrong(batch: RecurrentBatch, rows: Tensor, inputs: Tensor, targets: Tensor, **options: int) -> Fitted:
        return Fitted(shifted[None], torch.ones(1, dtype=torch.float64))

    monkeypatch.setattr(population, "levenberg_marquardt", more_wrong)
    found = list(finish(RecurrentBatch(TINY), given, teacher, seed=0))
    assert len(found) == BUDGET.finishing_patience + 1
    assert all(torch.equal(each.rows[0], teacher) for each in found)


def test_a_perfect_network_is_left_as_it_is() -> None:
    given, teacher = taught(0.05)
    assert not list(finish(RecurrentBatch(TINY), given, teacher, seed=0))


@pytest.mark.parametrize("value", [0.1, 1e200])
def test_a_hopeless_network_is_given_up(value: float) -> None:
    row = torch.full((TINY.parameters,), value, dtype=torch.float64)
    found = list(finish(RecurrentBatch(TINY), words(noise, 0, 3), row, seed=0))
    assert BUDGET.patience < len(found) < BUDGET.finishing_rounds
    assert found[-1].shares[0] < 0.9


def test_finishing_gives_the_same_bytes_for_the_same_seed() -> None:
    row, given = start(1)[0], words(noise, 0, 3, length=3)
    one, two, other = ([*finish(RecurrentBatch(TINY), given, row, seed=seed)][-1].rows for seed in (1, 1, 2))
    assert one.numpy().tobytes() == two.numpy().tobytes() != other.numpy().tobytes()
