"""The plain forward pass of one network, which torch can differentiate."""

from __future__ import annotations

import torch
from torch import Tensor

from mips.training.recurrent import Architecture


def plain(sizes: Architecture, row: Tensor, inputs: Tensor) -> Tensor:
    """One network on (length, batch, inputs), a layer at a time, as torch can differentiate it."""
    layers, position = [], 0
    for before, after in sizes.layers:
        weight = row[position : position + before * after].reshape(before, after)
        bias = row[position + before * after : position + (before + 1) * after]
        layers.append((weight, bias))
        position += (before + 1) * after
    assert position == len(row) == sizes.parameters

    def perceptron(part: list[tuple[Tensor, Tensor]], values: Tensor) -> Tensor:
        for number, (weight, bias) in enumerate(part):
            values = (torch.relu(values) if number else values) @ weight + bias
        return values

    hidden, answers = inputs.new_zeros(inputs.shape[1], sizes.hidden), []
    for symbols in inputs:
        hidden = perceptron(layers[: sizes.cell_depth], torch.cat([hidden, symbols], dim=1))
        answers.append(perceptron(layers[sizes.cell_depth :], hidden))
    return torch.stack(answers)
