"""The paper's training, plainly: one network, one seed, autograd, AdamW. What ours is measured against.

The network and the loss are those of MIPS (arXiv 2402.05110, section 2): h(t) = f(h(t-1), x(t)), y(t) = g(h(t)),
h(0) = 0, f and g multilayer perceptrons with ReLU, plain numbers in and out, loss ½·log(1 + (y - ŷ)²). The numbers
are the authors' (settings.py). Three things are kinder than their script: g is applied to all time steps at once,
nothing is logged, and looking whether the network is perfect yet costs it nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from benchmarks.records import Plain
from benchmarks.settings import BATCH, DECAY, LOOK_EVERY, RATE
from mips.networks.network import Layer, Network

TALK_EVERY = 10.0  # core seconds


class Recurrent(nn.Module):
    """The paper's network; `cell` and `readout` are the sizes of the layers of f and g, their inputs' first."""

    def __init__(self, cell: Sequence[int], readout: Sequence[int]) -> None:
        super().__init__()
        self.hidden = cell[-1]
        self.cell, self.readout = _perceptron(cell), _perceptron(readout)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return outputs (batch, length, outputs) for inputs (batch, length, inputs)."""
        hidden = inputs.new_zeros(len(inputs), self.hidden)
        states = []
        for symbols in inputs.unbind(1):
            hidden = self.cell(torch.cat([hidden, symbols], 1))
            states.append(hidden)
        outputs: Tensor = self.readout(torch.stack(states, 1))
        return outputs

    def network(self) -> Network:
        """Return the same network as the library's record."""
        return Network(cell=_layers(self.cell), readout=_layers(self.readout))


def train_plainly(
    cell: Sequence[int],
    readout: Sequence[int],
    inputs: Tensor,
    outputs: Tensor,
    check: Callable[[Network], tuple[int, int, float]],
    *,
    glance: tuple[Tensor, Tensor],
    seed: int,
    seconds: float,
    steps: int | None = None,
    progress: Callable[[str], None] = lambda line: None,
    clock: Callable[[], float] = time.process_time,
) -> Plain:
    """Train on examples (count, length, ...) until `check` finds nothing wrong or the time is up.

    That is after `seconds`, or after so many `steps` if they are given.
    `check` returns how many fresh sequences have an error, of how many, and the share of right outputs. It is asked
    every `LOOK_EVERY` steps if the network has no error on `glance`. Neither look is counted in the seconds.
    """
    torch.manual_seed(seed)
    model = Recurrent(cell, readout)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    spent, talked_at, step, why = 0.0, 0.0, 0, "steps used up"
    while steps is None or step < steps:
        began = clock()
        chosen = torch.randint(0, len(inputs), (BATCH,))
        loss = 0.5 * torch.log(1 + (model(inputs[chosen]) - outputs[chosen]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        spent += clock() - began
        step += 1
        if step % LOOK_EVERY == 0 and _is_right(model, *glance) and check(model.network())[0] == 0:
            why = "perfect"
            break
        if spent >= seconds:
            why = "time cap"
            break
        if spent - talked_at >= TALK_EVERY:
            talked_at = spent
            progress(f"plain loop, step {step}, {spent:.0f} of at most {seconds:.0f} s, loss {loss.item():.2g}")
    wrong, checked, accuracy = check(model.network())
    return Plain(
        seconds=spent,
        steps=step,
        why_stopped=why if wrong else "perfect",
        accuracy=accuracy,
        wrong=wrong,
        checked=checked,
        cell=tuple(cell),
        readout=tuple(readout),
    )


@torch.no_grad()
def _is_right(model: Recurrent, inputs: Tensor, outputs: Tensor) -> bool:
    return torch.equal(model(inputs).round(), outputs)


def _perceptron(sizes: Sequence[int]) -> nn.Sequential:
    """Return linear layers with ReLU between."""
    linear = [nn.Linear(before, after) for before, after in pairwise(sizes)]
    return nn.Sequential(*[part for layer in linear for part in (layer, nn.ReLU())][:-1])


def _layers(perceptron: nn.Sequential) -> tuple[Layer, ...]:
    found = [part for part in perceptron if isinstance(part, nn.Linear)]
    return tuple(
        Layer(weight=part.weight.detach().double().numpy().T, bias=part.bias.detach().double().numpy())
        for part in found
    )
