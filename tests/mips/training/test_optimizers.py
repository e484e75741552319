"""Adam on problems whose answer is known."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from mips.training.budget import BUDGET
from mips.training.optimizers import Examples, Progress, Schedule, adam
from mips.training.recurrent import Architecture, RecurrentBatch

LINEAR = Architecture(inputs=1, outputs=1, hidden=1, width=1, cell_depth=1, readout_depth=1)
SMALL = Architecture(inputs=1, outputs=1, hidden=2, width=6, cell_depth=2, readout_depth=2)
TRUTH = torch.tensor([[0.5, 1.5, -0.25, 2.0, 0.75]], dtype=torch.float64)  # recurrence, entrance, bias, exit, bias


def inputs(dtype: torch.dtype, length: int = 6, count: int = 200) -> Tensor:
    return (
        torch.rand(length, count, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(dtype) * 2 - 1
    )


def taught(sizes: Architecture, rows: Tensor, dtype: torch.dtype, offset: float, size: float) -> Examples:
    """Examples whose outputs are what the network `rows[0]` gives, in units of `size` from `offset`."""
    outputs = RecurrentBatch(sizes).forward(rows, inputs(torch.float64))[0][0] * size + offset
    return Examples(inputs(dtype), outputs.to(dtype), offset, size)


def loss(sizes: Architecture, examples: Examples, rows: Tensor) -> float:
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
    errors = [loss(LINEAR, examples, row[None]) for row in last.rows]
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
    examples = taught(SMALL, RecurrentBatch(SMALL).initial(1, 9, torch.float64), torch.float32, 0.0, 1.0)
    schedule = Schedule(steps=60, batch=16, rate=1e-2)
    one, two, other = (run(schedule, examples, SMALL, networks=3, seed=seed)[-1].rows for seed in (3, 3, 4))
    assert one.numpy().tobytes() == two.numpy().tobytes() != other.numpy().tobytes()


def test_adam_begins_at_the_rows_given_and_leaves_them_alone() -> None:
    examples = taught(SMALL, RecurrentBatch(SMALL).initial(1, 9, torch.float64), torch.float32, 0.0, 1.0)
    rows = RecurrentBatch(SMALL).initial(3, 3)
    before = rows.clone()
    (state,) = adam(RecurrentBatch(SMALL), examples, rows, Schedule(steps=1, batch=16, rate=1e-2), 0)
    assert torch.equal(rows, before)
    assert state.rows.shape == rows.shape
    assert 0 < float((state.rows - before).abs().max()) <= 1e-2  # a step of Adam is never longer than its rate


def test_sequences_shorter_than_the_first_length() -> None:
    short = Examples(inputs(torch.float32, length=1), inputs(torch.float32, length=1), 0.0, 1.0)
    states = run(Schedule(steps=50, batch=8, rate=1e-2), short, networks=1)
    assert [state.length for state in states] == [1]
