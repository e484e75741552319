"""The Levenberg-Marquardt method and Adam on problems whose answer is known, and against a step in plain numpy."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor
from training_examples import plain

from mips.training import least_squares
from mips.training.budget import BUDGET
from mips.training.least_squares import FIRST_DAMPING, MARQUARDT, Fitted, levenberg_marquardt
from mips.training.optimizers import Examples, Progress, Schedule, adam
from mips.training.recurrent import Architecture, RecurrentBatch

LINEAR = Architecture(inputs=1, outputs=1, hidden=1, width=1, cell_depth=1, readout_depth=1)
SMALL = Architecture(inputs=2, outputs=2, hidden=2, width=4, cell_depth=2, readout_depth=2)
TRUTH = torch.tensor([[0.5, 1.5, -0.25, 2.0, 0.75]], dtype=torch.float64)  # recurrence, entrance, bias, exit, bias


def words(inputs: int, length: int = 5, count: int = 40, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(length, count, inputs, generator=generator, dtype=torch.float64) * 2 - 1


def answers(sizes: Architecture, row: Tensor, inputs: Tensor) -> Tensor:
    return plain(sizes, row, inputs)


def loss(sizes: Architecture, row: Tensor, inputs: Tensor, targets: Tensor) -> float:
    return float((answers(sizes, row, inputs) - targets).square().mean())


def small(networks: int = 6) -> tuple[RecurrentBatch, Tensor, Tensor, Tensor]:
    """A batch, its rows, inputs, and targets that a network of the same sizes has made."""
    batch, inputs = RecurrentBatch(SMALL), words(2)
    teacher = batch.initial(1, 99, torch.float64, spread=1.0)[0]
    return batch, batch.initial(networks, 3, torch.float64, spread=1.0), inputs, answers(SMALL, teacher, inputs)


def test_a_known_filter_is_found_from_nearby() -> None:
    inputs = words(1)
    targets = answers(LINEAR, TRUTH[0], inputs)
    offsets = torch.tensor([[0.1, -0.2, 0.1, 0.2, -0.1], [-0.2, 0.1, 0.2, -0.3, 0.3], [0.1, 0.3, 0.3, 0.3, 0.3]])
    start = TRUTH + offsets
    assert min(loss(LINEAR, row, inputs, targets) for row in start) > 1e-3
    found = levenberg_marquardt(RecurrentBatch(LINEAR), start, inputs, targets, iterations=40)
    for row, said in zip(found.rows, found.losses, strict=True):
        assert loss(LINEAR, row, inputs, targets) < 1e-20
        assert float(said) < 1e-20
        recurrence, entrance, bias, exit_, offset = row.tolist()
        assert recurrence == pytest.approx(0.5, abs=1e-8)
        assert entrance * exit_ == pytest.approx(3.0, abs=1e-8)
        assert bias * exit_ == pytest.approx(-0.5, abs=1e-8)
        assert offset == pytest.approx(0.75, abs=1e-8)


def test_words_of_length_one_are_a_linear_regression() -> None:
    """A linear network sees only the first symbol then: no target but the nearest affine map of numpy can be met."""
    sizes = Architecture(inputs=2, outputs=2, hidden=2, width=1, cell_depth=1, readout_depth=1)
    inputs = words(2, length=1, count=60)
    targets = inputs.square() + torch.randn(inputs.shape, generator=torch.Generator().manual_seed(1)).double()
    known = np.column_stack([inputs[0].numpy(), np.ones(60)])
    _, residuals, *_ = np.linalg.lstsq(known, targets[0].numpy(), rcond=None)
    best = residuals.sum() / targets.numel()
    batch = RecurrentBatch(sizes)
    found = levenberg_marquardt(batch, batch.initial(4, 0, torch.float64), inputs, targets, iterations=60)
    assert best > 0.1
    assert found.losses.numpy() == pytest.approx(np.full(4, best), rel=1e-9)


@pytest.mark.parametrize("shape", [(1, 1, 1, 4, 2, 1), (2, 2, 2, 4, 2, 2), (1, 2, 3, 3, 1, 3)], ids=str)
def test_the_first_step_is_that_of_plain_numpy(shape: tuple[int, ...]) -> None:
    """(J'J + damping · (a mixture of its diagonal and the mean of that)) step = J'error, taken if the error falls."""
    names = ("inputs", "outputs", "hidden", "width", "cell_depth", "readout_depth")
    sizes = Architecture(**dict(zip(names, shape, strict=True)))
    batch, inputs = RecurrentBatch(sizes), words(sizes.inputs, length=4, count=15)
    teacher = batch.initial(1, 50, torch.float64, spread=1.0)
    targets, rows = answers(sizes, teacher[0], inputs), batch.initial(8, 7, torch.float64, spread=1.0)
    rows[::2] = teacher + 0.01 * rows[::2]  # from nearby the first step leads closer
    found = levenberg_marquardt(batch, rows, inputs, targets, iterations=1)
    taken = 0
    for row, new in zip(rows, found.rows, strict=True):
        outputs = partial(answers, sizes, inputs=inputs)
        jacobian = torch.autograd.functional.jacobian(outputs, row).flatten(0, 2).numpy()
        error = (answers(sizes, row, inputs) - targets).flatten().numpy()
        normal = jacobian.T @ jacobian / len(error)
        ridge = MARQUARDT * normal.diagonal() + (1 - MARQUARDT) * normal.diagonal().mean()
        step = np.linalg.solve(normal + FIRST_DAMPING * np.diag(ridge), jacobian.T @ error / len(error))
        expected = row - torch.tensor(step)
        if loss(sizes, expected, inputs, targets) < loss(sizes, row, inputs, targets):
            taken += 1
            assert (new - expected).norm() < 1e-3 * np.linalg.norm(step)  # the derivatives are in single precision
        else:
            assert torch.equal(new, row)
    assert taken >= 3


def test_no_error_ever_grows_and_the_error_is_that_of_the_rows() -> None:
    batch, rows, inputs, targets = small(12)
    before = [loss(SMALL, row, inputs, targets) for row in rows]
    for iterations in (0, 1, 2, 4, 8, 16):  # each run repeats the steps of the one before it
        found = levenberg_marquardt(batch, rows, inputs, targets, iterations=iterations)
        after = [loss(SMALL, row, inputs, targets) for row in found.rows]
        assert found.losses.tolist() == pytest.approx(after, rel=1e-9)
        assert all(new <= old * (1 + 1e-12) for new, old in zip(after, before, strict=True))
        before = after
    start = [loss(SMALL, row, inputs, targets) for row in rows]
    assert all(new < 0.5 * old for new, old in zip(before, start, strict=True))


def test_it_leaves_its_inputs_alone() -> None:
    batch, *given = small()
    before = [each.clone() for each in given]
    levenberg_marquardt(batch, *given, iterations=3)
    assert all(torch.equal(new, old) for new, old in zip(given, before, strict=True))


def close(one: Fitted, other: Fitted) -> None:
    torch.testing.assert_close(one.rows, other.rows, rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(one.losses, other.losses, rtol=1e-6, atol=1e-12)


def test_each_network_moves_as_it_would_alone() -> None:
    """Few steps, as a network on a kink may go either way after many roundings."""
    batch, rows, inputs, targets = small()
    together = levenberg_marquardt(batch, rows, inputs, targets, iterations=5)
    for number in range(len(rows)):
        one = slice(number, number + 1)
        alone = levenberg_marquardt(batch, rows[one], inputs, targets, iterations=5)
        close(alone, Fitted(together.rows[one], together.losses[one]))


@pytest.mark.parametrize("networks_at_once", [1, 2, 4])
def test_little_memory_changes_nothing_but_rounding(monkeypatch: pytest.MonkeyPatch, networks_at_once: int) -> None:
    batch, rows, inputs, targets = small()
    expected = levenberg_marquardt(batch, rows, inputs, targets, iterations=5)
    seen: list[int] = []
    jacobian = RecurrentBatch.jacobian

    def watched(self: RecurrentBatch, rows: Tensor, inputs: Tensor) -> tuple[Tensor, Tensor]:
        seen.append(len(rows))
        return jacobian(self, rows, inputs)

    monkeypatch.setattr(RecurrentBatch, "jacobian", watched)
    monkeypatch.setattr(least_squares, "MOST_ELEMENTS", networks_at_once * targets.numel() * SMALL.parameters)
    close(levenberg_marquardt(batch, rows, inputs, targets, iterations=5), expected)
    assert max(seen) == networks_at_once
    monkeypatch.setattr(least_squares, "MOST_ELEMENTS", 1)  # one network has to fit in any case
    close(levenberg_marquardt(batch, rows, inputs, targets, iterations=5), expected)


@pytest.mark.parametrize("value", [torch.nan, torch.inf, 1e200, -1e300])
def test_a_network_that_explodes_harms_no_other(value: float) -> None:
    batch, rows, inputs, targets = small()
    expected = levenberg_marquardt(batch, rows, inputs, targets, iterations=5)
    broken = rows.clone()
    broken[2] = value
    found = levenberg_marquardt(batch, broken, inputs, targets, iterations=5)
    others = [0, 1, 3, 4, 5]
    close(Fitted(found.rows[others], found.losses[others]), Fitted(expected.rows[others], expected.losses[others]))
    assert found.losses[2] == torch.inf
    assert not found.losses.isnan().any()
    torch.testing.assert_close(found.rows[2], broken[2], equal_nan=True)


def test_a_batch_of_networks_that_all_explode_comes_back() -> None:
    batch, rows, inputs, targets = small()
    found = levenberg_marquardt(batch, torch.full_like(rows, 1e200), inputs, targets, iterations=50)
    assert (found.losses == torch.inf).all()


def test_the_same_inputs_give_the_same_bytes() -> None:
    batch, *given = small()
    one, two = (levenberg_marquardt(batch, *given, iterations=8) for _ in range(2))
    assert one.rows.numpy().tobytes() == two.rows.numpy().tobytes()
    assert one.losses.numpy().tobytes() == two.losses.numpy().tobytes()


def test_it_stays_at_an_answer() -> None:
    inputs = words(1)
    targets = answers(LINEAR, TRUTH[0], inputs)
    found = levenberg_marquardt(RecurrentBatch(LINEAR), TRUTH, inputs, targets, iterations=20)
    torch.testing.assert_close(found.rows, TRUTH, rtol=1e-12, atol=1e-12)


def test_a_dead_network_stays_where_it_is() -> None:
    """All derivatives but that of the last bias are zero: the matrix is singular, and the mean is the best answer."""
    batch, inputs = RecurrentBatch(SMALL), words(2)
    targets = words(2, seed=1)
    found = levenberg_marquardt(
        batch, torch.zeros(2, SMALL.parameters, dtype=torch.float64), inputs, targets, iterations=30
    )
    best = float((targets - targets.mean((0, 1))).square().mean())
    assert found.losses.tolist() == pytest.approx([best, best], rel=1e-6)
    assert not found.rows[:, :-2].any()


def test_it_ends_early_when_the_best_is_below_the_goal(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, calls = words(1), []
    targets = answers(LINEAR, TRUTH[0], inputs)
    forward = RecurrentBatch.forward
    monkeypatch.setattr(RecurrentBatch, "forward", lambda *given: calls.append(1) or forward(*given))
    start = TRUTH + torch.tensor([[0.1, -0.2, 0.1, 0.2, -0.1], [2.0, -3.0, 1.0, 1.0, 1.0]])
    found = levenberg_marquardt(RecurrentBatch(LINEAR), start, inputs, targets, iterations=500, goal=1e-6)
    assert 1e-20 < float(found.losses.min()) <= 1e-6
    assert len(calls) < 30


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_single_precision_is_refused(dtype: torch.dtype) -> None:
    batch, rows, inputs, targets = small()
    with pytest.raises(ValueError, match=rf"{dtype}; the normal equations need torch.float64"):
        levenberg_marquardt(batch, rows.to(dtype), inputs, targets, iterations=1)


# Adam on problems whose answer is known


FEW_UNITS = Architecture(inputs=1, outputs=1, hidden=2, width=6, cell_depth=2, readout_depth=2)


def inputs(dtype: torch.dtype, length: int = 6, count: int = 200) -> Tensor:
    return (
        torch.rand(length, count, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(dtype) * 2 - 1
    )


def taught(sizes: Architecture, rows: Tensor, dtype: torch.dtype, offset: float, size: float) -> Examples:
    """Examples whose outputs are what the network `rows[0]` gives, in units of `size` from `offset`."""
    outputs = RecurrentBatch(sizes).forward(rows, inputs(torch.float64))[0][0] * size + offset
    return Examples(inputs(dtype), outputs.to(dtype), offset, size)


def loss_of_examples(sizes: Architecture, examples: Examples, rows: Tensor) -> float:
    error = examples.error(RecurrentBatch(sizes).forward(rows, examples.inputs)[0], examples.outputs)
    return float((error * error).mean()) / examples.output_size**2


def test_the_error_is_in_units_of_the_task() -> None:
    examples = Examples(torch.zeros(1, 1, 1), torch.tensor([[[7.0]]]), 4.0, 2.0)
    assert float(examples.error(torch.tensor([[[[1.0]]]]), examples.outputs)) == -1.0


def run(
    schedule: Schedule, examples: Examples, sizes: Architecture = LINEAR, *, networks: int, seed: int = 0
) -> list[Progress]:
    """All checks of a run; the rows are copied, as Adam goes on to write on them."""
    rows = RecurrentBatch(sizes).initial(networks, seed)
    states = adam(RecurrentBatch(sizes), examples, rows, schedule, seed)
    return [Progress(state.rows.clone(), state.step, state.length, state.loss) for state in states]


def test_adam_learns_a_known_filter() -> None:
    """Of four networks at least one must come close; a network has five parameters and 800 steps."""
    examples = taught(LINEAR, TRUTH, torch.float32, offset=1.0, size=2.0)
    last = run(Schedule(steps=800, batch=64, rate=3e-2), examples, networks=4)[-1]
    errors = [loss_of_examples(LINEAR, examples, row[None]) for row in last.rows]
    assert min(errors) < 1e-3
    assert last.loss < 1e-3
    recurrence, entrance, _, exit_, _ = last.rows[errors.index(min(errors))].tolist()
    assert recurrence == pytest.approx(0.5, abs=0.05)
    assert entrance * exit_ == pytest.approx(3.0, abs=0.15)


def test_adam_takes_the_steps_of_torchs_adam() -> None:
    """The loss ½·log(1 + error²), warm-up, cosine and Adam itself, written down once more with torch's own parts."""
    schedule = Schedule(steps=40, batch=16, rate=1e-2)
    examples = taught(LINEAR, TRUTH, torch.float32, offset=1.0, size=2.0)
    short = Examples(
        examples.inputs[: BUDGET.adam_first_length], examples.outputs[: BUDGET.adam_first_length], 1.0, 2.0
    )
    rows = RecurrentBatch(LINEAR).initial(2, 5).requires_grad_(True)
    optimizer = torch.optim.Adam([rows], betas=(BUDGET.adam_momentum, BUDGET.adam_memory), eps=1e-8)
    generator = torch.Generator().manual_seed(5)
    for step in range(1, schedule.steps + 1):
        chosen = torch.randint(0, 200, (16,), generator=generator)
        recurrence, entrance, bias, exit_, offset = (column[:, None] for column in rows.T)
        hidden, total = torch.zeros(2, 16), torch.zeros(())
        for t in range(BUDGET.adam_first_length):
            hidden = hidden * recurrence + short.inputs[t, chosen, 0] * entrance + bias
            error = (hidden * exit_ + offset) * 2.0 + 1.0 - short.outputs[t, chosen, 0]
            total = total + (torch.log1p(error * error) / 2).sum() / (BUDGET.adam_first_length * 16)
        optimizer.zero_grad()
        total.backward()
        cosine = (1 + math.cos(math.pi * step / schedule.steps)) / 2
        optimizer.param_groups[0]["lr"] = schedule.rate * min(1.0, step / BUDGET.adam_warm_up_steps) * cosine + 1e-5
        optimizer.step()
    torch.testing.assert_close(run(schedule, short, networks=2, seed=5)[-1].rows, rows.detach(), rtol=1e-3, atol=1e-4)


def test_adam_checks_regularly_and_lengthens_the_sequences() -> None:
    examples = taught(LINEAR, TRUTH, torch.float32, offset=0.0, size=1.0)
    steps = 4 * BUDGET.adam_check_steps + 7
    states = run(Schedule(steps=steps, batch=32, rate=1e-2), examples, networks=2)
    assert [state.step for state in states] == [BUDGET.adam_check_steps * k for k in (1, 2, 3, 4)] + [steps]
    lengths = [state.length for state in states]
    assert lengths[0] == min(BUDGET.adam_first_length, 6)
    assert lengths == sorted(lengths)
    assert lengths[-1] <= 6


def test_adam_waits_with_longer_sequences_until_short_ones_are_learnt() -> None:
    noise = torch.randn(6, 200, 1, generator=torch.Generator().manual_seed(1)) * 100  # nothing to be learnt
    hopeless = Examples(inputs(torch.float32), noise, 0.0, 1.0)
    states = run(Schedule(steps=300, batch=32, rate=1e-2), hopeless, networks=2)
    assert {state.length for state in states} == {BUDGET.adam_first_length}
    easy = Examples(inputs(torch.float32), torch.zeros(6, 200, 1), 0.0, 0.1)  # every answer is right from the start
    states = run(Schedule(steps=300, batch=32, rate=1e-2), easy, networks=2)
    assert [state.length for state in states[:4]] == [3, 4, 5, 6]


def test_the_same_seed_gives_the_same_bytes() -> None:
    examples = taught(FEW_UNITS, RecurrentBatch(FEW_UNITS).initial(1, 9, torch.float64), torch.float32, 0.0, 1.0)
    schedule = Schedule(steps=60, batch=16, rate=1e-2)
    one, two, other = (run(schedule, examples, FEW_UNITS, networks=3, seed=seed)[-1].rows for seed in (3, 3, 4))
    assert one.numpy().tobytes() == two.numpy().tobytes() != other.numpy().tobytes()


def test_adam_begins_at_the_rows_given_and_leaves_them_alone() -> None:
    examples = taught(FEW_UNITS, RecurrentBatch(FEW_UNITS).initial(1, 9, torch.float64), torch.float32, 0.0, 1.0)
    rows = RecurrentBatch(FEW_UNITS).initial(3, 3)
    before = rows.clone()
    (state,) = adam(RecurrentBatch(FEW_UNITS), examples, rows, Schedule(steps=1, batch=16, rate=1e-2), 0)
    assert torch.equal(rows, before)
    assert state.rows.shape == rows.shape
    assert 0 < float((state.rows - before).abs().max()) <= 1e-2  # a step of Adam is never longer than its rate


def test_sequences_shorter_than_the_first_length() -> None:
    short = Examples(inputs(torch.float32, length=1), inputs(torch.float32, length=1), 0.0, 1.0)
    states = run(Schedule(steps=50, batch=8, rate=1e-2), short, networks=1)
    assert [state.length for state in states] == [1]
