"""One plan: what is trained on which words, what ends it, and which of its networks is kept."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from training_examples import DESCENDED, EVOLVED, KINDS, Array, both, data, noise, weights

from mips.networks.network import Network
from mips.tasks.dataset import Dataset
from mips.training import one_architecture, population
from mips.training.architectures import PLANS, Plan
from mips.training.budget import TrainingBudget
from mips.training.one_architecture import MOST_PLANS, ArchitectureTrainer, TrainingLog
from mips.training.optimizers import Schedule
from mips.training.population import Round, Words
from mips.training.recurrent import RecurrentBatch

BUDGET = TrainingBudget(held_out_words=500)
HELD_OUT = BUDGET.held_out_words
QUICK = {  # the same in so few steps that what is hard is not learnt
    "evolved": replace(EVOLVED, networks=3),
    "descended": replace(DESCENDED, schedule=Schedule(steps=2, batch=64, rate=1e-2)),
}


def trainer_of(given: Dataset, seed: int = 0, budget: TrainingBudget = BUDGET) -> ArchitectureTrainer:
    return ArchitectureTrainer(given, seed, budget=budget)


def train(
    given: Dataset, plan: Plan, *, seed: int = 0, number: int = 0, budget: TrainingBudget = BUDGET
) -> tuple[Network, TrainingLog]:
    return trainer_of(given, seed, budget).train(plan, number, lambda line: None)


def errors(network: Network, given: Dataset) -> Array:
    """What the network gives before it is rounded, minus the truth."""
    hidden, found = network.start(len(given.inputs)), []
    for t in range(given.inputs.shape[1]):
        hidden = network.step(hidden, given.inputs[:, t])
        found.append(network.read(hidden) - given.outputs[:, t])
    return np.stack(found, axis=1)


@pytest.mark.parametrize("plan", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(("factor", "offset"), [(1, 0), (5, -40)])
def test_an_easy_task_ends_with_a_network_far_from_a_mistake(plan: Plan, factor: int, offset: int) -> None:
    network, log = train(data(lambda xs: factor * both(xs) + offset), plan)
    assert log.share == 1.0
    assert log.why == "no wrong answer"
    assert (network.hidden_size, network.input_width, network.output_width) == (1, 2, 1)
    assert (len(network.cell), len(network.readout)) == (plan.cell_depth, plan.readout_depth)
    fresh = data(lambda xs: factor * both(xs) + offset, seed=1)
    assert np.abs(errors(network, fresh)).max() < 0.25


@pytest.mark.parametrize("plan", QUICK.values(), ids=QUICK)
def test_the_share_is_that_of_the_network_on_the_held_out_words(monkeypatch: pytest.MonkeyPatch, plan: Plan) -> None:
    monkeypatch.setattr(population, "CHUNK", HELD_OUT // 4)
    given = data(noise)
    network, log = train(given, plan)
    held_out = Dataset(inputs=given.inputs[:HELD_OUT], outputs=given.outputs[:HELD_OUT])
    right = np.abs(errors(network, held_out)).max(2) < 0.5
    assert log.share == pytest.approx(right.mean(), abs=1e-9)
    assert 0 < log.share < 0.5
    assert log.why


@pytest.mark.parametrize("plan", [*KINDS.values(), *QUICK.values()], ids=str)
def test_the_way_is_one_of_growing_steps(plan: Plan) -> None:
    _, log = train(data(noise if plan in QUICK.values() else both, length=4), plan)
    steps, lengths, losses = zip(*log.curve, strict=True)
    assert steps[0] > 0
    assert list(steps) == sorted(steps)
    assert steps[-1] <= log.steps
    assert 1 <= min(lengths) <= max(lengths) <= 4
    assert min(losses) >= 0


def test_held_out_answers_are_not_trained_on() -> None:
    """In another order they are wrong, but as large as before; what is trained until they are looked at is the same."""
    given = data(both)
    mixed = given.outputs.copy()
    mixed[:HELD_OUT] = mixed[:HELD_OUT][::-1]
    for plan in (EVOLVED, QUICK["descended"]):
        _, log = train(given, plan)
        _, other = train(Dataset(inputs=given.inputs, outputs=mixed), plan)
        assert other.share < 1.0
        count = min(len(log.curve), len(other.curve))
        losses, others = ([loss for _, _, loss in each.curve[:count]] for each in (log, other))
        assert losses == pytest.approx(others, rel=1e-3, abs=1e-12)


@pytest.mark.parametrize("number", [0, HELD_OUT - 1, HELD_OUT])
def test_the_first_words_are_held_out_and_the_others_count_when_all_of_those_are_right(number: int) -> None:
    given = data(both)
    given.outputs[number] = 5
    words = HELD_OUT if number < HELD_OUT else len(given.inputs) - HELD_OUT
    wrong_steps = int((given.outputs[number] != both(given.inputs[number : number + 1])[0]).any(axis=-1).sum())
    share = 1 - wrong_steps / (words * given.inputs.shape[1])
    assert train(given, QUICK["evolved"])[1].share == pytest.approx(share, abs=1e-9)


@pytest.mark.parametrize("plan", QUICK.values(), ids=QUICK)
def test_the_same_seed_and_number_give_the_same_bytes(plan: Plan) -> None:
    given = data(noise)
    (one, log), (two, same), (other, _), (next_, _) = (
        train(given, plan, seed=seed, number=number) for seed, number in ((3, 1), (3, 1), (4, 1), (3, 2))
    )
    assert weights(one) == weights(two)
    assert (log.curve, log.share, log.why, log.steps) == (same.curve, same.share, same.why, same.steps)
    assert len({weights(one), weights(other), weights(next_)}) == 3


def test_a_rung_that_does_not_come_to_the_full_length_is_given_up() -> None:
    plan = replace(DESCENDED, schedule=Schedule(steps=2 * BUDGET.adam_check_steps, batch=64, rate=1e-2))
    _, log = train(data(noise, length=9), plan)
    assert log.why == "never learnt the full length"
    assert log.steps == BUDGET.adam_check_steps


@pytest.mark.parametrize(("kind", "why"), [("evolved", "no progress"), ("descended", "all steps taken")])
def test_why_a_hopeless_rung_ended(kind: str, why: str) -> None:
    assert train(data(noise), QUICK[kind])[1].why == why


def test_a_population_that_comes_near_is_tried_again_with_other_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: list[int] = []

    def evolved(share: float) -> Any:
        def evolve(
            self: ArchitectureTrainer,
            batch: Any,
            plan: Plan,
            seed: int,
            log: TrainingLog,
            progress: Any,
        ) -> Any:
            seeds.append(seed)
            rows = batch.initial(1, 0, torch.float64)
            log.offer(rows[0], share if len(seeds) < 2 else 1.0, 0.1)
            return rows[:0]

        return evolve

    for share, turns in ((BUDGET.repeat_from_share, 2), (BUDGET.repeat_from_share - 0.01, 1), (1.0, 1)):
        seeds.clear()
        monkeypatch.setattr(ArchitectureTrainer, "_evolve", evolved(share))
        _, log = trainer_of(data(both), 3).train(replace(EVOLVED, repeats=2), 7, lambda line: None)
        assert len(seeds) == len(set(seeds)) == turns and seeds[0] == 307
        assert (log.share == 1.0) == (share >= BUDGET.repeat_from_share)
    seeds.clear()
    monkeypatch.setattr(ArchitectureTrainer, "_evolve", evolved(BUDGET.repeat_from_share))
    trainer_of(data(both), 3).train(EVOLVED, 7, lambda line: None)
    assert seeds == [307]


def test_the_largest_root_seed_of_64_bits_trains_like_any_other() -> None:
    assert train(data(both), EVOLVED, seed=2**64 - 1, number=7)[1].steps > 0


@pytest.mark.parametrize("kind", ["evolved", "descended"])
def test_large_networks_are_not_finished(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    asked: list[int] = []
    finish = one_architecture.finish
    monkeypatch.setattr(
        one_architecture, "finish", lambda *given, **options: asked.append(1) or finish(*given, **options)
    )
    parameters = trainer_of(data(both), 0).architecture(KINDS[kind]).parameters
    for most, finished in ((parameters, True), (parameters - 1, False)):
        _, log = train(
            data(both), KINDS[kind], budget=replace(BUDGET, most_finished_parameters=most, settled_error=0.0)
        )
        assert bool(asked) == finished
        assert log.share == 1.0
        asked.clear()


@pytest.mark.parametrize("kind", QUICK)
def test_hopeless_networks_are_not_finished(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(one_architecture, "finish", None)
    assert train(data(noise), QUICK[kind])[1].share < 0.5


def test_progress_is_told() -> None:
    lines: list[str] = []
    trainer_of(data(both), 0).train(EVOLVED, 0, lines.append)
    assert lines[0].startswith("48 networks, length 3, ")
    assert not [line for line in lines if "finishing" in line]  # there is nothing to mend
    assert re.fullmatch(r"\d+ networks, length 3, 100.00% right", lines[-1])


def test_finishing_is_told_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def once(batch: RecurrentBatch, words: Words, row: Tensor, **options: object) -> Iterator[Round]:
        yield Round(row[None], torch.tensor([0.9995]), steps=7, length=3, loss=0.25)

    monkeypatch.setattr(one_architecture, "finish", once)
    lines: list[str] = []
    _, log = trainer_of(data(both), budget=replace(BUDGET, settled_error=0.0)).train(EVOLVED, 0, lines.append)
    assert lines[-1] == "finishing, 99.9500% of the words right"
    assert log.curve[-1] == (log.steps, 3, 0.25)
    assert log.curve[-2][0] == log.steps - 7


@pytest.mark.parametrize(("distant", "finished"), [(1e9, 0), (0.0, BUDGET.finalists)])
def test_networks_are_finished_until_one_is_perfect_with_a_distance(
    monkeypatch: pytest.MonkeyPatch, distant: float, finished: int
) -> None:
    rows: list[Tensor] = []

    def watched(batch: RecurrentBatch, words: Words, row: Tensor, **options: object) -> Iterator[Round]:
        rows.append(row)
        return iter(())

    monkeypatch.setattr(one_architecture, "finish", watched)
    budget = replace(BUDGET, settled_error=distant, finish_from_share=0.0)
    assert train(data(both), EVOLVED, budget=budget)[1].share == 1.0
    assert len(rows) == finished


@pytest.mark.parametrize("low", [-7, 0, 300])
def test_numbers_far_from_zero_and_numbers_that_never_change_are_scaled(low: int) -> None:
    xs = np.random.default_rng(0).integers(low, low + 5, (1000, 3, 1))
    scale = trainer_of(Dataset(inputs=xs, outputs=xs * 10), 0).scale
    scaled = (xs - scale.input_offset) / scale.input_size
    assert (scaled.min(), scaled.max()) == (-1, 1)
    scaled = (xs * 10 - scale.output_offset) / scale.output_size
    assert (scaled.mean(), scaled.std()) == (pytest.approx(0, abs=1e-9), pytest.approx(1))
    constant = np.full((1000, 3, 1), low)
    scale = trainer_of(Dataset(inputs=constant, outputs=constant), 0).scale
    assert (scale.input_offset, scale.output_offset) == (low, low)
    assert min(scale.input_size, scale.output_size) > 0


@pytest.mark.parametrize("count", [1, HELD_OUT, HELD_OUT + BUDGET.least_words - 1])
def test_too_few_words_are_refused(count: int) -> None:
    least = HELD_OUT + BUDGET.least_words
    with pytest.raises(ValueError, match=f"^{count} words of training data; expected at least {least}$"):
        trainer_of(data(both, count=count), 0)
    trainer_of(data(both, count=least), 0)


def test_a_way_keeps_the_best() -> None:
    log, rows = TrainingLog(), [torch.full((2,), float(number)) for number in range(6)]
    offers = [(0.0, math.inf), (0.7, 3.0), (0.7, 2.0), (0.7, 2.0), (0.2, 0.1)]
    assert [log.offer(row, *each) for row, each in zip(rows, offers, strict=False)] == [False] * 5
    assert log.row is rows[2]
    assert log.offer(rows[5], 1.0, 0.9)
    assert (log.row is rows[5], log.share, log.error) == (True, 1.0, 0.9)
    assert log.offer(rows[4], 1.0, 0.95)
    assert log.row is rows[5]
    assert log.offer(rows[3], 1.0, 0.1)
    assert log.row is rows[3]
    log.note(5, 1, 0.5)
    log.note(8, 2, 0.25)
    assert (log.steps, log.curve) == (8, [(5, 1, 0.5), (8, 2, 0.25)])


def test_the_rungs_of_the_ladder() -> None:
    assert len(PLANS) > 0
    assert len({plan.stream for plan in PLANS}) == len(PLANS) and max(plan.stream for plan in PLANS) < MOST_PLANS
    for plan in PLANS:
        assert plan.method == ("Levenberg-Marquardt" if plan.schedule is None else "Adam")
        assert trainer_of(data(both), 0).architecture(plan).hidden == plan.hidden
