"""The Levenberg-Marquardt method on problems whose answer is known, and against a step of it in plain numpy."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor
from training_examples import plain

from mips.training import least_squares
from mips.training.least_squares import FIRST_DAMPING, MARQUARDT, Fitted, levenberg_marquardt
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
