"""The batched passes forward, backward and of the Jacobian, against torch's own differentiation and the exported
network."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from training_examples import plain

from mips.training.recurrent import Architecture, RecurrentBatch, Scale

SHAPES = [  # inputs, outputs, hidden, width, cell depth, readout depth
    (1, 1, 1, 4, 1, 1),
    (2, 1, 3, 5, 2, 1),
    (1, 2, 2, 3, 1, 2),
    (2, 2, 4, 6, 2, 2),
    (3, 1, 2, 7, 3, 2),
    (1, 3, 5, 4, 2, 3),
    (2, 2, 3, 3, 4, 3),
]


def architecture(shape: tuple[int, ...]) -> Architecture:
    names = ("inputs", "outputs", "hidden", "width", "cell_depth", "readout_depth")
    return Architecture(**dict(zip(names, shape, strict=True)))


def rows_of(sizes: Architecture, networks: int, seed: int) -> Tensor:
    """Initial parameters with every bias moved from zero."""
    rows = RecurrentBatch(sizes).initial(networks, seed, torch.float64)
    return rows + 0.1 * torch.randn(rows.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("networks", [1, 3])
def test_forward_and_gradient_are_those_of_torch(shape: tuple[int, ...], networks: int) -> None:
    sizes = architecture(shape)
    batch = RecurrentBatch(sizes)
    rows = rows_of(sizes, networks, 5)
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(6, 7, sizes.inputs, generator=generator, dtype=torch.float64)
    slope = torch.randn(networks, 6, 7, sizes.outputs, generator=generator, dtype=torch.float64)
    outputs, activations = batch.forward(rows, inputs)
    gradient = batch.backward(rows, inputs, slope, activations)
    for number, row in enumerate(rows):
        leaf = row.clone().requires_grad_(True)
        expected = plain(sizes, leaf, inputs)
        torch.testing.assert_close(outputs[number], expected.detach(), rtol=1e-10, atol=1e-10)
        (expected * slope[number]).sum().backward()
        assert leaf.grad is not None
        torch.testing.assert_close(gradient[number], leaf.grad, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(("networks", "length", "count"), [(1, 1, 2), (3, 4, 3)])
def test_the_jacobian_is_that_of_torch(shape: tuple[int, ...], networks: int, length: int, count: int) -> None:
    sizes = architecture(shape)
    batch, rows = RecurrentBatch(sizes), rows_of(sizes, networks, 4)
    inputs = torch.randn(length, count, sizes.inputs, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    before = rows.clone(), inputs.clone()
    outputs, slopes = batch.jacobian(rows, inputs)
    assert slopes.shape == (networks, length * count * sizes.outputs, sizes.parameters)
    torch.testing.assert_close(outputs, batch.forward(rows, inputs)[0].flatten(1), rtol=1e-12, atol=1e-12)
    for number, row in enumerate(rows):
        expected = torch.autograd.functional.jacobian(lambda row: plain(sizes, row, inputs).flatten(), row)
        torch.testing.assert_close(slopes[number], expected, rtol=1e-9, atol=1e-9)
    assert torch.equal(rows, before[0])
    assert torch.equal(inputs, before[1])


def test_a_pass_leaves_parameters_and_inputs_alone() -> None:
    sizes = architecture((2, 2, 4, 6, 2, 2))
    rows, inputs = rows_of(sizes, 2, 0), torch.randn(4, 3, 2, generator=torch.Generator().manual_seed(0)).double()
    before = rows.clone(), inputs.clone()
    outputs, activations = RecurrentBatch(sizes).forward(rows, inputs)
    RecurrentBatch(sizes).backward(rows, inputs, torch.ones_like(outputs), activations)
    assert torch.equal(rows, before[0])
    assert torch.equal(inputs, before[1])


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_exported_network_has_the_scales_folded_in(shape: tuple[int, ...]) -> None:
    sizes = architecture(shape)
    batch, scale = RecurrentBatch(sizes), Scale(input_offset=4.5, input_size=3.5, output_offset=-2.25, output_size=6.0)
    rows = rows_of(sizes, 2, 3)
    words = np.random.default_rng(0).integers(-5, 15, (20, 6, sizes.inputs))
    scaled = torch.tensor((words.transpose(1, 0, 2) - scale.input_offset) / scale.input_size)
    outputs = batch.forward(rows, scaled)[0].numpy() * scale.output_size + scale.output_offset
    for number, row in enumerate(rows):
        network = batch.network(row, scale)
        assert (network.hidden_size, network.input_width, network.output_width) == (shape[2], shape[0], shape[1])
        assert (len(network.cell), len(network.readout)) == shape[4:]
        hidden = network.start(len(words))
        for t in range(words.shape[1]):
            hidden = network.step(hidden, words[:, t])
            np.testing.assert_allclose(network.read(hidden), outputs[number, t], rtol=1e-9, atol=1e-9)


def test_export_copies() -> None:
    sizes = architecture((1, 1, 2, 3, 2, 2))
    rows = rows_of(sizes, 1, 0)
    scale = Scale(input_offset=1.0, input_size=2.0, output_offset=3.0, output_size=4.0)
    before = rows.clone()
    network = RecurrentBatch(sizes).network(rows[0], scale)
    assert torch.equal(rows, before)
    kept = network.cell[0].weight.copy()
    rows.zero_()
    assert np.array_equal(network.cell[0].weight, kept)


@pytest.mark.parametrize("spread", [0.0, 1.5])
def test_the_same_seed_gives_the_same_bytes(spread: float) -> None:
    batch = RecurrentBatch(architecture((2, 1, 4, 8, 3, 2)))
    one, two, other = (batch.initial(3, seed, spread=spread).numpy().tobytes() for seed in (7, 7, 8))
    assert one == two
    assert one != other


def test_networks_of_a_batch_start_apart_and_of_size_one() -> None:
    sizes = architecture((2, 1, 50, 60, 2, 2))
    rows = RecurrentBatch(sizes).initial(4, 0)
    assert rows.shape == (4, sizes.parameters)
    assert len({row.numpy().tobytes() for row in rows}) == 4
    first = rows[:, : 52 * 60]
    assert float(first.std()) == pytest.approx((2 / 52) ** 0.5, rel=0.05)


def parts(sizes: Architecture, rows: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Weights (networks, inputs, outputs) and biases (networks, outputs) of each layer."""
    found, position = [], 0
    for before, after in sizes.layers:
        middle, end = position + before * after, position + (before + 1) * after
        found.append((rows[:, position:middle].reshape(-1, before, after), rows[:, middle:end]))
        position = end
    assert position == rows.shape[1]
    return found


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_without_a_spread_layers_are_drawn_one_after_the_other(shape: tuple[int, ...]) -> None:
    """Normal weights, of variance two over their number before a ReLU and one over it elsewhere, then the biases."""
    sizes, generator = architecture(shape), torch.Generator().manual_seed(6)
    rows = RecurrentBatch(sizes).initial(3, 6, torch.float64, spread=0.0)
    for number, (weight, bias) in enumerate(parts(sizes, rows)):
        is_last = number in (sizes.cell_depth - 1, len(sizes.layers) - 1)
        drawn = torch.randn(weight.shape, generator=generator, dtype=torch.float64)
        torch.testing.assert_close(weight, drawn * math.sqrt((1 if is_last else 2) / weight.shape[1]))
        if is_last:
            assert not bias.any()
        else:
            drawn = torch.randn(len(bias), 1, bias.shape[1], generator=generator, dtype=torch.float64)
            torch.testing.assert_close(bias, 0.3 * drawn[:, 0])
    assert torch.equal(rows, RecurrentBatch(sizes).initial(3, 6, torch.float64))


@pytest.mark.parametrize("spread", [0.5, 2.0])
def test_with_a_spread_the_kinks_of_the_first_units_pass_through_the_cube(spread: float) -> None:
    """A kink w·c = -bias meets the cube [-spread, spread]^n if and only if |bias| is at most spread·Σ|w|.

    For points drawn evenly from the cube the bias has the variance spread²/3·Σw², given the weights.
    """
    sizes = architecture((2, 1, 3, 40, 3, 3))
    rows = RecurrentBatch(sizes).initial(50, 1, torch.float64, spread=spread)
    for number, (weight, bias) in enumerate(parts(sizes, rows)):
        deviation = math.sqrt((1 if number in (2, 5) else 2) / weight.shape[1])
        assert float(weight.std()) == pytest.approx(deviation, rel=0.06)
        if number in (0, 3):  # 2000 units each
            reach = bias.abs() / (spread * weight.abs().sum(1))
            assert float(reach.max()) <= 1 + 1e-12
            assert float(reach.max()) > 0.8  # some go far out
            standard = bias / (spread * weight.square().sum(1).sqrt() / math.sqrt(3))
            assert float(standard.mean()) == pytest.approx(0, abs=0.1)
            assert float(standard.square().mean()) == pytest.approx(1, abs=0.1)
        elif number in (1, 4):
            assert float(bias.std()) == pytest.approx(0.3, rel=0.06)
        else:
            assert not bias.any()


def test_the_point_of_a_unit_with_one_input_is_even_on_its_interval() -> None:
    """The first units of a readout of one hidden number have one input, so the point itself can be read off."""
    sizes = architecture((1, 1, 1, 50, 2, 2))
    weight, bias = parts(sizes, RecurrentBatch(sizes).initial(100, 2, torch.float64, spread=1.5))[2]
    points = np.sort((-bias / weight[:, 0]).flatten().numpy())
    expected = np.linspace(-1.5, 1.5, len(points))
    assert np.abs(points - expected).max() < 0.1  # Kolmogorov and Smirnov: more for one seed in 30,000


def test_an_architecture_says_its_sizes() -> None:
    sizes = architecture((2, 1, 3, 5, 2, 3))
    assert sizes.layers == ((5, 5), (5, 3), (3, 5), (5, 5), (5, 1))
    assert sizes.parameters == 30 + 18 + 20 + 30 + 6
    assert str(sizes) == "hidden 3, width 5, depths 2 and 3"
