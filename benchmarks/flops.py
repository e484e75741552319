"""How many floating-point operations a training step needs, and how many a second it gets.

A step is Adam's: one pass forward and backward. Or it is one of Levenberg and Marquardt: the Jacobian and the normal
equations. Only the multiply-adds of the matrix products are counted, two operations each; biases, ReLUs, the loss, the
outer products of the Jacobian, the optimiser's update and the solution of the normal equations are not.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from benchmarks.records import Rate
from mips.training.architectures import PLANS, Plan
from mips.training.budget import BUDGET
from mips.training.recurrent import Architecture, RecurrentBatch

PRODUCT = 1024  # rows and columns of the large matrix product
NETWORKS = 32  # side by side at most; the Jacobians of more are computed in turns
ROUNDS = 7  # the step and the product take turns; medians count


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A training step: the architecture, how many networks side by side, on how many sequences of which length."""

    architecture: Architecture
    networks: int
    length: int
    batch: int
    by_normal_equations: bool = False

    def __str__(self) -> str:
        kind = "normal equations; " if self.by_normal_equations else ""
        return f"{kind}{self.architecture}; {self.networks} networks, {self.batch} sequences of {self.length}"


def _size(plan: Plan) -> Size:
    sizes = {"hidden": plan.hidden, "width": plan.width}
    depths = {"cell_depth": plan.cell_depth, "readout_depth": plan.readout_depth}
    return Size(
        architecture=Architecture(inputs=1, outputs=1, **sizes, **depths),
        networks=min(plan.networks, NETWORKS),
        length=10,
        batch=plan.schedule.batch if plan.schedule else BUDGET.round_words,
        by_normal_equations=plan.schedule is None,
    )


# Adam's plans of the plans, and the others, those of one architecture once.
SIZES = (
    *(_size(plan) for plan in PLANS if plan.schedule),
    *dict.fromkeys(_size(plan) for plan in PLANS if not plan.schedule),
)


def forward_multiply_adds(size: Size) -> int:
    """Return the multiply-adds of the forward pass: every layer once for every network, sequence and time step."""
    weights = sum(inputs * outputs for inputs, outputs in size.architecture.layers)
    return size.networks * size.length * size.batch * weights


def backward_multiply_adds(size: Size) -> int:
    """Return the multiply-adds of the backward pass.

    The slope of every weight costs what the layer costs forward, and so does the slope of what a layer is given. Two
    things are spared: the slope of the task's inputs, and that of the first hidden state, which is fixed.
    """
    architecture = size.architecture
    entrance = architecture.layers[0][1]
    rows = size.networks * size.batch
    spared = rows * entrance * (size.length * architecture.inputs + architecture.hidden)
    return 2 * forward_multiply_adds(size) - spared


def normal_multiply_adds(size: Size) -> int:
    """Return the multiply-adds of the Jacobian J, carried forward in time, and of J'J and J'e for the errors e.

    Every layer is gone through once forward and once back for each of its perceptron's outputs, at every time step. The
    derivatives of a hidden state by the cell's parameters are multiplied by those of the next state by this one, of
    which the first is fixed, and by those of the outputs by it.
    """
    architecture, depth = size.architecture, size.architecture.cell_depth
    weights = [inputs * outputs for inputs, outputs in architecture.layers]
    cell, readout, hidden = sum(weights[:depth]), sum(weights[depth:]), architecture.hidden
    parameters = sum((inputs + 1) * outputs for inputs, outputs in architecture.layers[:depth])
    back = hidden * cell + architecture.outputs * readout
    steps = size.length * size.batch
    passes = steps * (cell + readout + back + architecture.outputs * hidden * parameters)
    carried = (steps - size.batch) * hidden**2 * parameters
    products = steps * architecture.outputs * architecture.parameters * (architecture.parameters + 1)
    return size.networks * (passes + carried + products)


def step_flops(size: Size) -> int:
    """Return the floating-point operations of one step."""
    if size.by_normal_equations:
        return 2 * normal_multiply_adds(size)
    return 2 * (forward_multiply_adds(size) + backward_multiply_adds(size))


def step(size: Size, dtype: torch.dtype) -> Callable[[], object]:
    """Return a function that does one step on random numbers."""
    generator = torch.Generator().manual_seed(0)
    batch = RecurrentBatch(size.architecture)
    rows = batch.initial(size.networks, 0, dtype)
    shape = (size.length, size.batch)
    inputs = torch.randn(*shape, size.architecture.inputs, generator=generator, dtype=dtype)
    slope = torch.randn(size.networks, *shape, size.architecture.outputs, generator=generator, dtype=dtype)

    def run() -> object:
        if size.by_normal_equations:
            given, jacobian = batch.jacobian(rows, inputs)
            error = (given - slope.flatten(1))[:, None]
            return torch.bmm(jacobian.transpose(1, 2), jacobian), torch.bmm(error, jacobian)
        _, activations = batch.forward(rows, inputs)
        return batch.backward(rows, inputs, slope, activations)

    return run


def rate(size: Size, dtype: torch.dtype, seconds: float) -> Rate:
    """Measure one size for about so many core seconds, in turns with a large matrix product of the same numbers."""
    left, right = torch.randn(2, PRODUCT, PRODUCT, dtype=dtype)
    result = torch.empty_like(left)
    train, multiply = step(size, dtype), lambda: torch.mm(left, right, out=result)
    share = seconds / (2 * ROUNDS)
    pairs = [(_calls_a_second(train, share), _calls_a_second(multiply, share)) for _ in range(ROUNDS)]
    steps, products = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Rate(
        what=str(size),
        dtype=str(dtype).removeprefix("torch."),
        flops_a_step=step_flops(size),
        steps_a_second=steps,
        product=products * 2 * PRODUCT**3,
    )


def _calls_a_second(call: Callable[[], object], seconds: float) -> float:
    call()  # what is done once only, such as asking for memory, is not counted
    began, calls = time.process_time(), 0
    while (spent := time.process_time() - began) < seconds or not calls:
        call()
        calls += 1
    return calls / spent
