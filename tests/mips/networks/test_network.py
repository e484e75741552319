"""A network runs as the definition says, and refuses layers that do not fit."""

from __future__ import annotations

import pickle
from itertools import pairwise

import numpy as np
import pytest

from mips.networks.network import Layer, Network


def layer(rng: np.random.Generator, inputs: int, outputs: int) -> Layer:
    return Layer(weight=rng.normal(size=(inputs, outputs)), bias=rng.normal(size=outputs))


def network(rng: np.random.Generator, hidden: int = 3, inputs: int = 2, outputs: int = 2, width: int = 5) -> Network:
    cell = (layer(rng, hidden + inputs, width), layer(rng, width, hidden))
    return Network(cell=cell, readout=(layer(rng, hidden, width), layer(rng, width, outputs)))


def by_definition(net: Network, word: np.ndarray) -> list[list[int]]:
    """h(t) = f(h(t-1), x(t)), y(t) = round(g(h(t))), a number at a time."""

    def perceptron(layers: tuple[Layer, ...], values: list[float]) -> list[float]:
        for number, part in enumerate(layers):
            if number:
                values = [max(value, 0.0) for value in values]
            columns = zip(part.weight.T, part.bias, strict=True)
            values = [sum(v * w for v, w in zip(values, column, strict=True)) + bias for column, bias in columns]
        return values

    hidden, answers = [0.0] * net.hidden_size, []
    for symbol in word.tolist():
        hidden = perceptron(net.cell, [*hidden, *symbol])
        answers.append([round(value) for value in perceptron(net.readout, hidden)])
    return answers


@pytest.mark.parametrize("seed", range(5))
def test_run_is_the_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    net = network(rng)
    words = rng.integers(-3, 4, (4, 5, 2))
    assert net.run(words).tolist() == [by_definition(net, word) for word in words]


def test_run_is_start_step_answer_and_forks_anywhere() -> None:
    rng = np.random.default_rng(0)
    net = network(rng)
    words = rng.integers(-3, 4, (6, 7, 2))
    hidden = net.start(6)
    assert not hidden.any()
    for t in range(7):
        hidden = net.step(hidden, words[:, t])
        assert np.array_equal(net.answer(hidden), net.run(words)[:, t])
        assert np.array_equal(net.run(words[:, : t + 1]), net.run(words)[:, : t + 1])


def test_sizes_and_empty_words() -> None:
    net = network(np.random.default_rng(0), hidden=3, inputs=2, outputs=4)
    assert (net.hidden_size, net.input_width, net.output_width, net.is_linear) == (3, 2, 4, False)
    assert net.run(np.zeros((5, 0, 2), dtype=np.int64)).shape == (5, 0, 4)
    assert net.run(np.zeros((0, 3, 2), dtype=np.int64)).shape == (0, 3, 4)


def test_a_network_without_relu_is_linear() -> None:
    rng = np.random.default_rng(0)
    assert Network(cell=(layer(rng, 3, 2),), readout=(layer(rng, 2, 1),)).is_linear


def test_layers_are_read_only_copies() -> None:
    weight, bias = np.ones((2, 1), dtype=np.float32), np.zeros(1)
    part = Layer(weight=weight, bias=bias)
    weight[0, 0] = 7
    assert part.weight[0, 0] == 1
    assert part.weight.dtype == np.float64
    with pytest.raises(ValueError, match="read-only"):
        part.bias[0] = 1


def test_a_network_survives_pickling() -> None:
    rng = np.random.default_rng(0)
    net = network(rng)
    words = rng.integers(-3, 4, (4, 5, 2))
    assert np.array_equal(pickle.loads(pickle.dumps(net)).run(words), net.run(words))


@pytest.mark.parametrize(("weight", "bias"), [((2, 3), (2,)), ((2,), (2,)), ((2, 3), (3, 1)), ((1, 2, 3), (2, 3))])
def test_a_layer_says_what_does_not_fit(weight: tuple[int, ...], bias: tuple[int, ...]) -> None:
    with pytest.raises(
        ValueError, match=r"weight \(.*\) and bias \(.*\); expected \(inputs, outputs\) and \(outputs,\)"
    ):
        Layer(weight=np.zeros(weight), bias=np.zeros(bias))


def blank(*sizes: int) -> tuple[Layer, ...]:
    return tuple(Layer(weight=np.zeros((a, b)), bias=np.zeros(b)) for a, b in pairwise(sizes))


@pytest.mark.parametrize(
    ("cell", "readout", "reason"),
    [
        (blank(3, 4) + blank(5, 2), blank(2, 1), r"layers of \(3, 4\) and \(5, 2\) do not fit together"),
        (blank(3, 2), blank(2, 3) + blank(4, 1), r"layers of \(2, 3\) and \(4, 1\) do not fit together"),
        (blank(2, 2), blank(2, 1), "at least one input"),
        (blank(3, 2), blank(3, 1), "the readout expects 3 values, not 2"),
        ((), blank(2, 1), "one layer each at least"),
        (blank(3, 2), (), "one layer each at least"),
    ],
)
def test_a_network_says_what_does_not_fit(cell: tuple[Layer, ...], readout: tuple[Layer, ...], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Network(cell=cell, readout=readout)
