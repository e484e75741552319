"""Many small recurrent networks side by side: forward and backward through time as batched matrix products.

The gradient is written out instead of recorded: for networks this small the bookkeeping of automatic differentiation
costs more than the arithmetic. All parameters of one network lie in one row of one tensor, so that an optimiser step is
a handful of operations whatever the number of layers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from mips.networks.network import Layer, Network

OUTER_PRODUCTS = 2  # summands up to which they are taken one by one
PASSED = 3.0  # an integrator passes states above minus this on as they are; inputs and outputs are of size one


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """Sizes of one network: hidden dimension, width of the inner layers, number of layers of cell and readout."""

    inputs: int
    outputs: int
    hidden: int
    width: int
    cell_depth: int
    readout_depth: int

    @property
    def layers(self) -> tuple[tuple[int, int], ...]:
        """(inputs, outputs) of every layer, the cell's first."""
        cell = [self.hidden + self.inputs, *[self.width] * (self.cell_depth - 1), self.hidden]
        readout = [self.hidden, *[self.width] * (self.readout_depth - 1), self.outputs]
        return (*pairwise(cell), *pairwise(readout))

    @property
    def parameters(self) -> int:
        return sum((inputs + 1) * outputs for inputs, outputs in self.layers)

    def __str__(self) -> str:
        return f"hidden {self.hidden}, width {self.width}, depths {self.cell_depth} and {self.readout_depth}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Affine maps between a task's numbers and numbers of size one: `network input = (x - offset) / size`."""

    input_offset: float
    input_size: float
    output_offset: float
    output_size: float


@dataclass(frozen=True, slots=True)
class Activations:
    """What the backward pass needs of a forward pass."""

    states: Tensor  # (networks, length + 1, batch, hidden)
    inner: tuple[Tensor, ...]  # for each inner layer of the cell: (networks, length, batch, width)
    read: tuple[Tensor, ...]  # for each layer of the readout its input: (networks, length * batch, size)


class RecurrentBatch:
    """The forward and backward pass of `Architecture` for rows of parameters (networks, parameters)."""

    def __init__(self, architecture: Architecture) -> None:
        self.architecture = architecture

    def initial(
        self, networks: int, seed: int, dtype: torch.dtype = torch.float32, *, spread: float = 0.0, integrators: int = 0
    ) -> Tensor:
        """Return random parameters (networks, parameters), He-scaled before a ReLU and LeCun-scaled elsewhere.

        With a `spread` the kinks of the units that see the state and the input, or the state, pass through points drawn
        evenly from [-spread, spread] in each coordinate: inputs and states of size one then meet kinks everywhere.
        `integrators` of the networks, the last ones, add to their state what depends on the input alone, as long as no
        state falls below -PASSED: the identity of Le, Jaitly and Hinton (2015), through ReLU units with an offset.
        They need a cell of at least two layers, the inner ones at least as wide as the hidden state.
        """
        generator = torch.Generator().manual_seed(seed)
        rows = torch.zeros(networks, self.architecture.parameters, dtype=dtype)
        depth = self.architecture.cell_depth
        first, last = (0, depth), (depth - 1, len(self.architecture.layers) - 1)
        for index, (weight, bias) in enumerate(self._views(rows)):
            deviation = math.sqrt((1.0 if index in last else 2.0) / weight.shape[1])
            weight.copy_(torch.randn(weight.shape, generator=generator, dtype=dtype) * deviation)
            if index in last:
                continue
            if spread and index in first:
                points = (2 * torch.rand(weight.shape, generator=generator, dtype=dtype) - 1) * spread
                bias.copy_(-(weight * points).sum(1, keepdim=True))
            else:
                bias.copy_(torch.randn(bias.shape, generator=generator, dtype=dtype) * 0.3)
        if integrators:
            self._integrate(rows[-integrators:])
        return rows

    def _integrate(self, rows: Tensor) -> None:
        """Overwrite what lets the cell keep its state and add to it."""
        hidden, depth = self.architecture.hidden, self.architecture.cell_depth
        if depth < 2 or self.architecture.width < hidden:
            raise ValueError(f"{self.architecture}; an integrator passes its state through inner layers as wide")
        identity = torch.eye(hidden, dtype=rows.dtype)
        for index, (weight, bias) in enumerate(self._views(rows)[:depth]):
            weight[:, :hidden] = 0.0
            if index < depth - 1:
                weight[:, :, :hidden] = 0.0
            weight[:, :hidden, :hidden] = identity
            bias[:, :, :hidden] = PASSED if index == 0 else -PASSED if index == depth - 1 else 0.0
            if index == depth - 1:
                weight[:, hidden:] *= 0.5

    def forward(self, rows: Tensor, inputs: Tensor) -> tuple[Tensor, Activations]:
        """Return outputs (networks, length, batch, outputs) for inputs (length, batch, inputs), all networks alike."""
        networks, (length, batch, _) = len(rows), inputs.shape
        hidden, width = self.architecture.hidden, self.architecture.width
        cell, readout = self._parts(rows)
        entrance = cell[0][0][:, hidden:]
        recurrent = cell[0][0][:, :hidden]
        driven = torch.matmul(inputs.reshape(1, length * batch, -1), entrance) + cell[0][1]
        driven = driven.view(networks, length, batch, -1)
        states = rows.new_zeros(networks, length + 1, batch, hidden)
        inner = tuple(rows.new_empty(networks, length, batch, width) for _ in cell[1:])
        for t in range(length):
            values = torch.baddbmm(driven[:, t], states[:, t], recurrent)
            for layer, (weight, bias) in enumerate(cell[1:]):
                inner[layer][:, t] = values.relu_()
                values = torch.baddbmm(bias, values, weight)
            states[:, t + 1] = values
        read = []
        values = states[:, 1:].reshape(networks, length * batch, hidden)
        for layer, (weight, bias) in enumerate(readout):
            values = values.relu_() if layer else values
            read.append(values)
            values = torch.baddbmm(bias, values, weight)
        return values.view(networks, length, batch, -1), Activations(states, inner, tuple(read))

    def backward(self, rows: Tensor, inputs: Tensor, slope: Tensor, activations: Activations) -> Tensor:
        """Return the gradient (networks, parameters), given the loss's slope at the outputs (in the outputs' shape)."""
        networks, (length, batch, _) = len(rows), inputs.shape
        hidden = self.architecture.hidden
        gradient = torch.empty_like(rows)
        cell, readout = self._parts(rows)
        cell_slopes, readout_slopes = self._parts(gradient)
        flat = slope.reshape(networks, length * batch, -1)
        for layer in range(len(readout) - 1, -1, -1):
            source = activations.read[layer]
            readout_slopes[layer][0].copy_(torch.bmm(source.transpose(1, 2), flat))
            readout_slopes[layer][1].copy_(flat.sum(1, keepdim=True))
            flat = torch.bmm(flat, readout[layer][0].transpose(1, 2))
            if layer:
                flat = torch.ops.aten.threshold_backward(flat, source, 0)
        state_slopes = flat.view(networks, length, batch, hidden)
        slopes = [torch.empty_like(activations.inner[0]) for _ in cell[1:]] if len(cell) > 1 else []
        slopes.append(torch.empty_like(state_slopes))
        weights = [weight.transpose(1, 2) for weight, _ in cell]
        recurrent = weights[0][:, :, :hidden]
        later: Tensor | None = None
        for t in range(length - 1, -1, -1):
            values = state_slopes[:, t] if later is None else torch.baddbmm(state_slopes[:, t], later, recurrent)
            slopes[-1][:, t] = values
            for layer in range(len(cell) - 1, 0, -1):
                values = torch.bmm(values, weights[layer])
                values = torch.ops.aten.threshold_backward(values, activations.inner[layer - 1][:, t], 0)
                slopes[layer - 1][:, t] = values
            later = values
        for layer, (weight_slope, bias_slope) in enumerate(cell_slopes):
            arrived = slopes[layer].view(networks, length * batch, -1)
            bias_slope.copy_(arrived.sum(1, keepdim=True))
            if layer:
                source = activations.inner[layer - 1].view(networks, length * batch, -1)
                weight_slope.copy_(torch.bmm(source.transpose(1, 2), arrived))
            else:
                source = activations.states[:, :-1].reshape(networks, length * batch, hidden)
                weight_slope[:, :hidden].copy_(torch.bmm(source.transpose(1, 2), arrived))
                symbols = inputs.reshape(1, length * batch, -1).transpose(1, 2)
                weight_slope[:, hidden:].copy_(torch.matmul(symbols, arrived))
        return gradient

    def jacobian(self, rows: Tensor, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Return outputs and their derivatives by the parameters, carried forward in time beside the hidden states.

        Both start with (networks, length * batch * outputs), time outermost; the derivatives have the axis
        (parameters) besides. Real-time recurrent learning (Williams and Zipser, 1989): its cost grows with the hidden
        size times the parameters, so it is for small networks.
        """
        networks, (length, batch, _) = len(rows), inputs.shape
        hidden, outputs = self.architecture.hidden, self.architecture.outputs
        cell, readout = self._parts(rows)
        state = rows.new_zeros(networks, batch, hidden)
        carried: Tensor | None = None
        states, sensitivities = [], []
        for t in range(length):
            seen = torch.cat([state, inputs[t].expand(networks, -1, -1)], 2)
            state, by_seen, by_cell = _derivatives(cell, seen)
            if carried is not None:
                by_state = by_seen[..., :hidden]
                by_cell += _product(by_state, carried)
            carried = by_cell
            states.append(state)
            sensitivities.append(carried)
        given, by_state, by_readout = _derivatives(readout, torch.stack(states, 1).flatten(1, 2))
        by_cell = _product(by_state, torch.stack(sensitivities, 1).flatten(1, 2))
        slopes = torch.cat([by_cell, by_readout], 3)
        return given.reshape(networks, -1), slopes.view(networks, length * batch * outputs, -1)

    def network(self, row: Tensor, scale: Scale) -> Network:
        """Return one row of parameters as a Network, the scales folded into its first and last layer."""
        layers = [(w[0].double().numpy().copy(), b[0, 0].double().numpy().copy()) for w, b in self._views(row[None])]
        weight, bias = layers[0]
        hidden, depth = self.architecture.hidden, self.architecture.cell_depth
        bias -= weight[hidden:].sum(0) * scale.input_offset / scale.input_size
        weight[hidden:] /= scale.input_size
        weight, bias = layers[-1]
        weight *= scale.output_size
        layers[-1] = (weight, bias * scale.output_size + scale.output_offset)
        records = tuple(Layer(weight=weight, bias=bias) for weight, bias in layers)
        return Network(cell=records[:depth], readout=records[depth:])

    def _parts(self, rows: Tensor) -> tuple[list[tuple[Tensor, Tensor]], list[tuple[Tensor, Tensor]]]:
        views = self._views(rows)
        return views[: self.architecture.cell_depth], views[self.architecture.cell_depth :]

    def _views(self, rows: Tensor) -> list[tuple[Tensor, Tensor]]:
        views, position = [], 0
        for inputs, outputs in self.architecture.layers:
            end = position + inputs * outputs
            weight = rows[:, position:end].view(-1, inputs, outputs)
            views.append((weight, rows[:, end : end + outputs].unsqueeze(1)))
            position = end + outputs
        return views


def _derivatives(layers: list[tuple[Tensor, Tensor]], values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return a perceptron's values (networks, batch, outputs) and their derivatives by its input and its parameters.

    The derivatives have the axes (networks, batch, outputs, inputs or parameters).
    """
    sources = []
    for layer, (weight, bias) in enumerate(layers):
        values = values.relu() if layer else values
        sources.append(values)
        values = torch.baddbmm(bias, values, weight)
    networks, batch, outputs = values.shape
    slope = torch.eye(outputs, dtype=values.dtype, device=values.device).expand(networks, batch, outputs, outputs)
    parts: list[Tensor] = []
    for layer in range(len(layers) - 1, -1, -1):
        by_weight = sources[layer][:, :, None, :, None] * slope[:, :, :, None, :]
        parts = [by_weight.reshape(networks, batch, outputs, -1), slope, *parts]
        slope = torch.bmm(slope.reshape(networks, batch * outputs, -1), layers[layer][0].transpose(1, 2))
        slope = slope.view(networks, batch, outputs, -1)
        if layer:
            slope = slope * (sources[layer] > 0)[:, :, None, :]
    return values, slope, torch.cat(parts, 3)


def _product(left: Tensor, right: Tensor) -> Tensor:
    """Return the matrix products (..., m, n) of (..., m, k) and (..., k, n).

    For the smallest k a sum of k outer products is up to ten times as fast as `torch.matmul` with as many matrices.
    """
    if left.shape[-1] > OUTER_PRODUCTS:
        return torch.matmul(left, right)
    total = left[..., :, 0, None] * right[..., 0, None, :]
    for index in range(1, left.shape[-1]):
        total.addcmul_(left[..., :, index, None], right[..., index, None, :])
    return total
