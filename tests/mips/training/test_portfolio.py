"""The search: closed form first, then the plans; what chooses, what only measures, what is kept, and what it tells."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from training_examples import DESCENDED, EVOLVED, KINDS, Array, both, data, noise, weights

from mips.networks.network import Layer, Network
from mips.tasks.dataset import Dataset
from mips.training import search
from mips.training.architectures import Plan
from mips.training.budget import BUDGET, TrainingBudget
from mips.training.optimizers import Schedule
from mips.training.report import architecture, training_facts, training_json
from mips.training.search import Mistake, Trained, Trial, accuracy, measure, train

FEW = TrainingBudget(held_out_words=500)
HOPELESS = replace(DESCENDED, networks=2, schedule=Schedule(steps=2, batch=64, rate=1e-2))


def sums(xs: Array) -> Array:
    return np.cumsum(xs[:, :, :1] - xs[:, :, 1:], axis=1)


def timeless(trained: Trained) -> list[object]:
    """The trail without the seconds, which are never the same."""
    return [replace(trial, seconds=0.0) for trial in trained.trail]


def copying() -> Network:
    """A network whose outputs are its two inputs."""
    return Network(
        cell=(Layer(weight=np.vstack([np.zeros((2, 2)), np.eye(2)]), bias=np.zeros(2)),),
        readout=(Layer(weight=np.eye(2), bias=np.zeros(2)),),
    )


# Measuring


def test_accuracy_counts_time_steps_with_all_numbers_right() -> None:
    xs = np.arange(12).reshape(2, 3, 2)
    ys = xs.copy()
    assert accuracy(copying(), Dataset(inputs=xs, outputs=ys)) == 1.0
    ys[0, 0] += 1  # both numbers of one step
    ys[1, 2, 0] += 1  # one number of another
    assert accuracy(copying(), Dataset(inputs=xs, outputs=ys)) == pytest.approx(4 / 6)


@pytest.mark.parametrize("chunk", [1, 3, 7, 10, 11])
@pytest.mark.parametrize("wrong", [[], [(0, 0)], [(9, 2)], [(6, 1), (7, 0), (7, 1)], [(2, 2), (3, 0)]])
def test_the_share_and_the_first_mistake_are_those_of_brute_force(
    monkeypatch: pytest.MonkeyPatch, chunk: int, wrong: list[tuple[int, int]]
) -> None:
    monkeypatch.setattr(search, "CHUNK", chunk)
    xs = np.random.default_rng(0).integers(-9, 10, (10, 3, 2))
    ys = xs.copy()
    for word, time in wrong:
        ys[word, time, 1] += 1
    steps = [[list(x) == list(y) for x, y in zip(*pair, strict=True)] for pair in zip(xs, ys, strict=True)]
    share, mistake = measure(copying(), Dataset(inputs=xs, outputs=ys))
    assert share == pytest.approx(sum(map(sum, steps)) / 30, abs=1e-12)
    if not wrong:
        assert (share, mistake) == (1.0, None)
        return
    first = [all(each) for each in steps].index(False)
    word, true = (tuple(map(tuple, each[first].tolist())) for each in (xs, ys))
    assert mistake == Mistake(inputs=word, expected=true, actual=word)


def test_no_words_hold_no_mistake() -> None:
    empty = np.zeros((0, 3, 2), dtype=np.int64)
    assert measure(copying(), Dataset(inputs=empty, outputs=empty))[1] is None


# The search


def test_a_linear_recurrence_needs_no_ladder() -> None:
    plans = ()
    trained = train(data(sums, 0), data(sums, 1), seed=0, plans=plans, budget=FEW)
    assert trained.network.is_linear
    assert (trained.accuracy, trained.mistake) == (1.0, None)
    (trial,) = trained.trail
    assert (trial.method, trial.architecture, trial.steps) == ("closed form", "linear, hidden 1", 0)
    assert (trial.accuracy, trial.why_stopped, trial.curve) == (1.0, "no wrong answer", ())


def test_a_closed_form_with_wrong_answers_is_only_the_beginning() -> None:
    """The words that it is found on agree with a sum, the rest do not."""
    given = data(sums, 0)
    given.outputs[FEW.closed_form_words :] = 7
    plans = (HOPELESS,)
    trained = train(given, data(sums, 1), seed=0, plans=plans, budget=FEW)
    closed, tried = trained.trail
    assert (closed.method, closed.why_stopped) == ("closed form", "wrong answers")
    assert closed.accuracy == accuracy(trained.network, given) > tried.accuracy
    assert trained.network.is_linear


@pytest.mark.parametrize("plan", KINDS.values(), ids=KINDS)
def test_the_ladder_stops_at_the_first_network_without_a_wrong_answer(plan: Plan) -> None:
    plans = (
        replace(HOPELESS, hidden=2),
        plan,
        HOPELESS,
    )
    lines: list[str] = []
    trained = train(
        data(both, 0),
        data(both, 1),
        seed=0,
        plans=plans,
        budget=FEW,
        progress=lines.append,
        device="cpu",
    )
    assert (trained.accuracy, trained.mistake) == (1.0, None)
    assert [trial.accuracy == 1.0 for trial in trained.trail] == [False, True]
    assert accuracy(trained.network, data(both, 2)) == 1.0
    assert trained.network.hidden_size == plan.hidden
    assert [trial.method for trial in trained.trail] == ["Adam", plan.method]
    for trial in trained.trail:
        name = f"{trial.method}, {trial.architecture}"
        assert name in lines
        assert trial.why_stopped
        assert trial.seconds > 0
        steps = [step for step, _, _ in trial.curve]
        assert 0 < steps[0] <= steps[-1] <= trial.steps
        assert steps == sorted(steps)
        assert {length for _, length, _ in trial.curve} == {3}
    assert lines[-1].startswith(name)
    assert trained.seconds > sum(trial.seconds for trial in trained.trail)


def test_a_needless_rung_is_left_out() -> None:
    plans = (
        HOPELESS,
        replace(HOPELESS, needless_from=0.0),
        HOPELESS,
    )
    assert len(train(data(noise, 0), data(noise, 1), seed=0, plans=plans, budget=FEW).trail) == 2
    plans = (
        HOPELESS,
        replace(HOPELESS, needless_from=0.99),
        HOPELESS,
    )
    assert len(train(data(noise, 0), data(noise, 1), seed=0, plans=plans, budget=FEW).trail) == 3


def test_the_best_is_kept_when_none_is_perfect() -> None:
    plans = (
        HOPELESS,
        replace(HOPELESS, hidden=2),
        replace(HOPELESS, hidden=3),
        replace(EVOLVED, hidden=4, networks=2),
    )
    trained = train(data(noise, 0), fresh := data(noise, 1), seed=0, plans=plans, budget=FEW)
    assert len(trained.trail) == 4
    assert max(trial.accuracy for trial in trained.trail) < 1
    assert (trained.accuracy, trained.mistake) == measure(trained.network, fresh)
    assert trained.mistake is not None
    best = max(range(4), key=lambda plan: trained.trail[plan].accuracy)
    assert trained.network.hidden_size == best + 1


@pytest.mark.parametrize("last", [replace(HOPELESS, hidden=2), replace(EVOLVED, networks=2)], ids=str)
def test_the_same_seed_gives_the_same_bytes_and_fresh_data_choose_nothing(last: Plan) -> None:
    plans = (
        HOPELESS,
        last,
    )
    one = train(data(noise, 0), data(noise, 1), seed=5, plans=plans, budget=FEW)
    two = train(data(noise, 0), data(both, 2), seed=5, plans=plans, budget=FEW)
    other = train(data(noise, 0), data(noise, 1), seed=6, plans=plans, budget=FEW)
    assert weights(one.network) == weights(two.network) != weights(other.network)
    assert timeless(one) == timeless(two) != timeless(other)
    assert one.accuracy != two.accuracy


@pytest.mark.parametrize("plan", [EVOLVED, DESCENDED], ids=["evolved", "descended"])
def test_outputs_far_from_zero_are_scaled(plan: Plan) -> None:
    plans = (plan,)
    trained = train(
        data(lambda xs: 5 * both(xs) - 40, 0),
        data(lambda xs: 5 * both(xs) - 40, 1),
        seed=0,
        plans=plans,
        budget=FEW,
    )
    assert trained.accuracy == 1.0
    assert trained.network.run(np.array([[[1, 1], [0, 1]]])).tolist() == [[[-35], [-40]]]


def test_too_few_words_are_refused() -> None:
    least = BUDGET.held_out_words + BUDGET.least_words
    with pytest.raises(ValueError, match=f"^{least - 1} words of training data; expected at least {least}$"):
        train(data(both, 0, count=least - 1), data(both, 1), seed=0)


def test_it_is_told_how_good_the_best_network_is_so_far() -> None:
    plans = (
        HOPELESS,
        EVOLVED,
    )
    seen: list[tuple[int, float]] = []
    given = data(both)
    found = train(
        given,
        given,
        seed=0,
        plans=plans,
        budget=FEW,
        seen=lambda hidden, share: seen.append((hidden, share)),
    )
    shares = [share for _, share in seen]
    assert shares == sorted(set(shares)) and shares[-1] == found.accuracy == 1.0
    assert seen[-1][0] == found.network.hidden_size


def network(*cell: int, readout: tuple[int, ...] = (1,), inputs: int = 1) -> Network:
    """A network whose layers have so many outputs each, all zeros."""

    def layers(first: int, sizes: tuple[int, ...]) -> tuple[Layer, ...]:
        pairs = zip((first, *sizes), sizes, strict=False)
        return tuple(Layer(weight=np.zeros(pair), bias=np.zeros(pair[1])) for pair in pairs)

    return Network(cell=layers(cell[-1] + inputs, cell), readout=layers(cell[-1], readout))


@pytest.mark.parametrize(
    ("made", "sizes"),
    [
        (network(5), (5, 1, 1, 0)),
        (network(16, 2, readout=(16, 1)), (2, 2, 2, 16)),
        (network(64, 32, 8, readout=(3,)), (8, 3, 1, 64)),
        (network(4, readout=(7, 9, 2), inputs=2), (4, 1, 3, 9)),
    ],
)
def test_sizes_are_read_off_the_layers(made: Network, sizes: tuple[int, ...]) -> None:
    assert tuple(architecture(made).values()) == sizes
    assert list(architecture(made)) == ["hidden", "cell_depth", "readout_depth", "width"]


def trial(seconds: float, curve: Any = ()) -> Trial:
    return Trial(
        method="Adam", architecture="small", steps=10, seconds=seconds, accuracy=0.5, why_stopped="time", curve=curve
    )


def trained(mistake: Mistake | None, *trail: Trial) -> Trained:
    return Trained(network=network(2), accuracy=0.75 if mistake else 1.0, mistake=mistake, seconds=3.5, trail=trail)


def test_core_seconds_are_those_of_all_of_training() -> None:
    assert training_facts(trained(None, trial(1.5), trial(0.25)))["training_core_seconds"] == 3.5
    assert training_facts(trained(None))["network_mistake"] is None


def test_a_mistake_is_told_as_a_task_has_its_words() -> None:
    """One number a step is a number, several are a list, also when NumPy made them."""
    two = tuple((np.int64(i), i + 1) for i in range(2))
    mistake = Mistake(inputs=two, expected=((1,), (0,)), actual=((1,), (1,)))  # type: ignore[arg-type]
    told = training_facts(trained(mistake))["network_mistake"]
    assert told == {"inputs": [[0, 1], [1, 2]], "expected": [1, 0], "actual": [1, 1]}
    assert json.loads(json.dumps(told)) == told


def test_the_trail_is_kept_whole_and_is_json() -> None:
    """NaN and infinity have no place in JSON; every field of a trial has one."""
    one = trial(1.0, ((0, 2, 1.0), (5, 3, float("nan")), (5, 3, float("inf")), (6, 3, 0.0)))
    text = training_json(trained(None, one), name="T", seed=4)

    def refuse(word: str) -> None:
        raise AssertionError(word)

    told = json.loads(text, parse_constant=refuse)
    assert (told["task"], told["seed"], told["accuracy"], told["mistake"]) == ("T", 4, 1.0, None)
    (kept,) = told["trail"]
    assert list(kept) == [each.name for each in dataclasses.fields(Trial)]
    assert kept["curve"] == [[0, 2, 1.0], [5, 3, None], [5, 3, None], [6, 3, 0.0]]
