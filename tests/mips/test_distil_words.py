"""Who brings a network of another kind is told what was found, what is expected and what to do, at once."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch

import mips
from benchmarks.known import NAMED, affine, compiled, perceptron
from mips.extraction.integrality import check_answers
from mips.networks.foreign.function import FunctionNetwork
from mips.networks.network import Network
from mips.outcome import StageFailure
from mips.pipeline import METHODS, distil
from mips.tasks.task import Task, integers

PARITY = compiled(NAMED["parity"][0])
WORDS = np.random.default_rng(0).integers(0, 2, (200, 12, 1))


THOUSANDTHS = Network(cell=affine([[0.0], [1.0]], [0.0]), readout=affine([[0.001]], [0.0]))  # says what it reads


class Mine(torch.nn.Module):
    pass


@pytest.mark.parametrize(
    ("network", "found"),
    [
        (torch.nn.GRU(1, 3), "an object of type torch.nn.modules.rnn.GRU"),
        (Mine(), f"an object of type {__name__}.Mine"),
        (Mine, f"the class {__name__}.Mine"),
        (None, "an object of type NoneType"),
        (lambda word: word, "an object of type function"),
        ({"weight": np.zeros(3)}, "an object of type dict"),
    ],
    ids=lambda part: type(part).__name__,
)
def test_what_is_no_network_is_named_with_what_is_expected(network: Any, found: str) -> None:
    with pytest.raises(TypeError) as caught:
        distil(network, integers(0, 1), 8, seed=0)
    said = str(caught.value)
    assert said.startswith(f"found {found} in the place of the network; expected ")
    assert "mips." in said and "\n" not in said


@pytest.mark.parametrize(
    ("change", "error", "expected"),
    [
        ({"inputs": [0, 1]}, TypeError, "symbols(...) or product(...). Write integers(0, 1)."),
        ({"inputs": None}, TypeError, "found no inputs beside the network; expected integers(low, high), the range of"),
        ({"inputs": "01"}, TypeError, "found the inputs '01'; expected integers(low, high), symbols("),
        ({"length": np.int64(8)}, ValueError, "expected an int of at least 1. Write int(...) around it"),
        ({"seed": 1.0}, ValueError, "expected an int from 0 to 2**64 - 1. Write int(...) around it"),
        ({"noise": "low"}, ValueError, "found noise 'low'; expected a share from 0 to 1"),
    ],
)  # fmt: skip
def test_other_arguments_of_another_kind(change: dict[str, Any], error: type[Exception], expected: str) -> None:
    arguments: dict[str, Any] = {"network": PARITY, "inputs": integers(0, 1), "length": 8, "seed": 0} | change
    with pytest.raises(error) as caught:
        distil(**arguments)
    assert expected in str(caught.value)


# Outputs that are no integers


def logits(outputs: int, seed: int) -> Network:
    """A network of random weights, whose outputs are any numbers."""
    rng = np.random.default_rng(seed)
    cell = perceptron(rng.normal(size=(9, 32)), rng.normal(size=32), rng.normal(size=(32, 8)) / 8, np.zeros(8))
    return Network(cell=cell, readout=affine(rng.normal(size=(8, outputs)) * 3, rng.normal(size=outputs)))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("outputs", [1, 2, 5])
def test_outputs_that_are_no_integers_are_told_before_anything_is_tried(method: str, outputs: int) -> None:
    with pytest.raises(StageFailure) as failure:
        distil(logits(outputs, seed=outputs), integers(0, 1), 12, seed=0, method=method)
    assert failure.value.stage == "extracted"
    number = rf" \(number \d of {outputs}\)" if outputs > 1 else ""
    assert re.match(
        rf"\d\d% of the network's outputs{number} are farther than 0\.25 from an integer, such as -?\d+\.?\d* after "
        r"\d+ steps?; expected integers but for small errors: no logits",
        failure.value.reason,
    )


def test_one_output_of_several_is_enough() -> None:
    halves = Network(cell=THOUSANDTHS.cell, readout=affine([[1.0, 0.4]], [0.0, 0.0]))
    with pytest.raises(StageFailure, match=r"\(number 2 of 2\)"):
        check_answers(halves, WORDS)


THIRDS = Network(cell=affine([[0.0], [1.0]], [0.0]), readout=affine([[1 / 3]], [0.0]))


def test_where_rounding_is_meant_it_is_done() -> None:
    with pytest.raises(StageFailure, match=r"where rounding is meant to give the answers, say rounded=True"):
        distil(THIRDS, integers(0, 8), 6, seed=0)
    found = distil(THIRDS, integers(0, 8), 6, seed=0, rounded=True).formulas
    words = np.array([[[4], [5], [8]]])
    assert np.array_equal(found.run(words), [[[1], [2], [3]]])


@pytest.mark.parametrize(("spread", "wrong"), [(0.0, 0.0), (0.1, 0.0), (0.2, 0.01), (0.24, 0.03)])
def test_an_imperfect_network_is_no_network_of_logits(spread: float, wrong: float) -> None:
    """Errors that spread like a bell, until more answers round wrongly than may ever be overruled."""
    rng = np.random.default_rng(0)
    numbers, errors = rng.integers(-3, 4, (2000, 12, 1)), rng.normal(size=(2000, 12, 1)) * spread
    assert (np.abs(errors) > 0.5).mean() == pytest.approx(wrong, abs=0.01)
    check_answers(THOUSANDTHS, np.rint(1000 * (numbers + errors)).astype(int))


@pytest.mark.parametrize("width", [0.45, 0.5, 3.0])
def test_numbers_spread_evenly_are_no_answers(width: float) -> None:
    numbers = np.random.default_rng(0).uniform(-width, width, (2000, 12, 1))
    with pytest.raises(StageFailure):
        check_answers(THOUSANDTHS, np.rint(1000 * numbers).astype(int))


# Words


@pytest.mark.parametrize(
    "words",
    [
        [[1, 1, 0], [0, 1, 1]],
        [[[1], [1], [0]], [[0], [1], [1]]],
        ((1, 1, 0), (0, 1, 1)),
        np.array([[1, 1, 0], [0, 1, 1]], dtype=np.int8),
        np.array([[1, 1, 0], [0, 1, 1]], dtype=bool),
        torch.tensor([[1, 1, 0], [0, 1, 1]]),
    ],
)
def test_words_may_be_lists(words: Any) -> None:
    answers = PARITY.run(words)
    assert answers.tolist() == [[[1], [0], [0]], [[0], [1], [0]]]


def test_words_of_tuples() -> None:
    pair = Network(cell=affine([[0.0], [1.0], [2.0]], [0.0]), readout=affine([[1.0]], [0.0]))
    assert pair.run([[(1, 0), (1, 1)]]).tolist() == [[[1], [3]]]
    with pytest.raises(
        ValueError, match=r"shape \(1, 2\); expected integers of shape \(words, length, 2\); one word w is"
    ):
        pair.run([(1, 0)])


@pytest.mark.parametrize("empty", [[], [[]], [[], []], np.zeros((2, 0, 1)), np.zeros((0, 3, 1))])
def test_words_of_no_symbols(empty: Any) -> None:
    shape = np.shape(empty)
    assert PARITY.run(empty).shape == ((*shape, 0, 0)[0], (*shape, 0, 0)[1], 1)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([1, 1, 0], r"shape \(3,\); .* or \(words, length\); one word w is the words \[w\]"),
        (1, r"shape \(\);"),
        ([[1, 0], [1]], r"no array: .*; expected integers"),
        ([[[1, 0]]], r"shape \(1, 1, 2\); expected integers of shape \(words, length, 1\)"),
        ([[[[1]]]], r"shape \(1, 1, 1, 1\);"),
        ([[1.0, 0.0]], r"of type float64, such as '1.0'; .*; write np.rint\(...\).astype\(int\)"),
        ([[0.5]], r"of type float64, such as '0.5'"),
        ([[0.0, float("nan")]], r"of type float64, such as 'nan'; expected integers"),
        ([[0.0, float("inf")]], r"such as 'inf'"),
        ([["a"]], r"such as 'a'"),
        ([[None]], r"such as 'None'"),
        ([[2**70]], r"of type object, such as '1180591620717411303424'"),
        ("110", r"such as '110'"),
        (iter([[1]]), r"of type object"),
    ],
    ids=lambda part: repr(part).partition(" at 0x")[0],
)
def test_words_of_another_kind(words: Any, expected: str) -> None:
    with pytest.raises(ValueError, match=expected) as caught:
        PARITY.run(words)
    assert "expected integers of shape (words, length, 1)" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("network", "way_in"),
    [
        (torch.nn.GRU(2, 3), "mips.from_torch(module, head)"),
        ("gru.pt", "mips.from_state_dict(file)"),
        (lambda word: word, "mips.from_function(function)"),
        (17, "a mips.Network"),
    ],
    ids=["module", "file", "function", "number"],
)
def test_what_is_no_network_is_told_its_way_in(network: Any, way_in: str) -> None:
    with pytest.raises(TypeError, match="in the place of the network") as caught:
        distil(network, integers(0, 1))
    assert way_in in str(caught.value)


def last_but(classes: int) -> FunctionNetwork:
    return mips.from_function(lambda word: [x % classes for x in word])


def test_answers_without_a_name_are_refused() -> None:
    assert distil(last_but(2), integers(0, 2), outputs=mips.symbols("even odd"))([0, 1, 2]) == ["even", "odd", "even"]
    with pytest.raises(
        ValueError, match="found the answer 2; expected 0 to 1, the places of the outputs' names even, odd"
    ):
        distil(last_but(3), integers(0, 2), outputs=mips.symbols("even odd"))
    with pytest.raises(TypeError, match=re.escape("Write symbols(['even', 'odd']).")):
        distil(last_but(2), integers(0, 2), outputs=["even", "odd"])  # type: ignore[arg-type]


def test_a_given_network_answers_with_the_names_of_the_task() -> None:
    task = Task(
        "Even",
        step=lambda s, x: (s, ("even", "odd")[x % 2]),
        start=0,
        inputs=integers(0, 2),
        outputs=mips.symbols("even odd"),
        length=5,
    )
    with pytest.raises(ValueError, match="found the answer 2; expected 0 to 1"):
        mips.solve(task, network=last_but(3))


def short_words(longest: int) -> FunctionNetwork:
    """Return a network for the sum modulo 2 that reads no word longer than that."""

    def sums(word: list[int]) -> list[int]:
        if len(word) > longest:
            raise IndexError("no position so far on")
        return [sum(word[: t + 1]) % 2 for t in range(len(word))]

    return mips.from_function(sums)


@pytest.mark.parametrize("longest", [8, 13])
def test_a_network_of_short_words_is_distilled_as_far_as_it_reads(longest: int) -> None:
    found = distil(short_words(longest), integers(0, 1))
    assert found([1] * 40) == [1, 0] * 20
    assert max(one.length for one in found.fidelity.by_length) == longest
    with pytest.raises(ValueError, match=f"words of {longest} symbols and no longer ones .* write length={longest}$"):
        distil(short_words(longest), integers(0, 1), length=14)
