"""Networks that leave the integers are refused in one line, which names the step; arguments that make no sense too."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from benchmarks.known import NAMED, affine, compiled, perceptron
from mips.distillation import full
from mips.distillation.distilled import observe
from mips.extraction.integrality import LARGEST_STATE, check_network
from mips.machines.linear import LARGEST_EXACT
from mips.networks.network import Network
from mips.outcome import StageFailure
from mips.paper import distillation
from mips.pipeline import METHODS, distil
from mips.tasks.task import Integers, integers

PARITY = compiled(NAMED["parity"][0])
TENFOLD = Network(cell=affine([[10.0], [1.0]], [0.0]), readout=affine([[1.0]], [0.0]))  # numbers read digit by digit


def network(recurrence: float, readout: float, *, bias: float = 0.0, start: float = 0.0) -> Network:
    """h' = recurrence h + x + bias, y = readout h."""
    return Network(
        cell=affine([[recurrence], [1.0]], [bias]), readout=affine([[readout]], [0.0]), initial=np.array([start])
    )


def refusal(bad: Network, method: str, length: int = 20) -> str:
    with pytest.raises(StageFailure) as failure:
        distil(bad, integers(1, 2), length, seed=0, method=method)
    assert failure.value.stage == "extracted" and "\n" not in failure.value.reason
    return failure.value.reason


@pytest.mark.parametrize("method", METHODS)
def test_an_answer_too_large_to_be_an_integer_is_named_with_its_step(method: str) -> None:
    first = next(t for t in range(1, 30) if 2 * (10**t - 1) // 9 > 2**53)
    found = refusal(TENFOLD, method)
    assert re.fullmatch(
        rf"after {first} steps an answer of the network is [12]\.\d*e\+16, too large to be an integer; expected at "
        r"most 9\.01e\+15 in absolute value",
        found,
    )
    assert distil(TENFOLD, integers(1, 2), 5, seed=0, method=method).form == "linear"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (network(1e30, 0.0), r"after 2 steps a hidden state of the network is [12]e\+30, too large to be an integer"),
        (network(1e200, 0.0), r"after 2 steps a hidden state of the network is [12]e\+200, too large"),
        (network(1.0, np.inf), r"after 1 step an answer of the network is inf, which is no integer at all"),
        (network(1.0, -np.inf), r"after 1 step an answer of the network is -inf, which is no integer at all"),
        (network(1.0, np.nan), r"after 1 step an answer of the network is nan, which is no integer at all"),
        (network(np.nan, 1.0), r"after 1 step a hidden state of the network is nan, which is no integer at all"),
        (network(1.0, 1.0, bias=np.inf), r"after 1 step a hidden state of the network is inf, which is no"),
        (network(1.0, 1.0, start=np.nan), r"after 0 steps a hidden state of the network is nan, which is no"),
    ],
)
def test_what_is_not_finite_or_too_large_is_named_with_its_step(method: str, bad: Network, reason: str) -> None:
    assert re.match(reason, refusal(bad, method))


@pytest.mark.parametrize("method", METHODS)
def test_a_weight_that_is_not_finite_is_refused_though_it_shows_in_no_answer(method: str) -> None:
    asleep = Network(cell=perceptron([[0, 0], [1, 0]], [0, -np.inf], [[1], [1]], [0]), readout=affine([[1.0]], [0.0]))
    assert np.isfinite(asleep.run(np.ones((1, 3, 1), dtype=np.int64))).all()
    assert refusal(asleep, method) == "a weight of the network is -inf; expected finite numbers"


def test_the_bounds_are_just_what_is_still_allowed() -> None:
    words = np.zeros((1, 1, 1), dtype=np.int64)
    check_network(network(1.0, 1.0, start=LARGEST_EXACT), words)
    check_network(network(1.0, -1.0, start=LARGEST_EXACT), words)
    check_network(network(1.0, 0.0, start=LARGEST_STATE), words)
    with pytest.raises(StageFailure, match=r"after 1 step an answer .* too large"):
        check_network(network(1.0, 1.0, start=LARGEST_EXACT + 2), words)
    with pytest.raises(StageFailure, match=r"after 0 steps a hidden state .* too large"):
        check_network(network(1.0, 0.0, start=np.nextafter(LARGEST_STATE, np.inf)), words)


@pytest.mark.parametrize("method", [full.distil, distillation.distil])
def test_a_method_checks_the_network_itself(method: Any) -> None:
    with pytest.raises(StageFailure, match=r"extracted: after 17 steps an answer"):
        method(TENFOLD, integers(1, 2), 20, seed=0)


@pytest.mark.parametrize("method", METHODS)
def test_a_network_that_leaves_all_numbers_on_words_that_nobody_observed_gives_no_warning(method: str) -> None:
    """The sum of the symbols, but beyond 21 of 24 it is 1e300 times as much, and a step later no number any more."""
    rare = Network(cell=perceptron([[1, 1], [1, 1]], [0, -21], [[1], [1e300]], [0]), readout=affine([[1.0]], [0.0]))
    seen = observe(rare, integers(0, 1), 24, 0)
    assert max(seen.outputs.max(), seen.check_outputs.max()) <= 21
    try:
        distil(rare, integers(0, 1), 24, seed=0, method=method)
    except StageFailure as failure:
        assert failure.stage == "synthesized"


@pytest.mark.parametrize("method", METHODS)
def test_weights_whose_powers_are_no_numbers_give_no_warning_where_nothing_meets_them(method: str) -> None:
    huge = Network(
        cell=affine([[0.0, 1e200], [1e200, 0.0], [1e200, 1e200]], [0.0, 0.0]), readout=affine([[1.0], [1.0]], [0.0])
    )
    found = distil(huge, integers(0, 0), 4, seed=0, method=method)
    assert not found.formulas.run(np.zeros((1, 9, 1), dtype=np.int64)).any()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"inputs": integers(0, 1, width=2)}, "expected width 1, as the network"),
        ({"inputs": Integers(3, 1)}, "the range is empty, expected low <= high"),
        ({"inputs": integers(0, 2**53 + 1)}, "expected numbers of at most 2**53 in absolute value"),
        ({"inputs": integers(-(2**70), 1)}, "expected numbers of at most 2**53 in absolute value"),
        ({"length": 0}, "found length 0; expected an int of at least 1"),
        ({"length": 2.0}, "found length 2.0; expected an int of at least 1"),
        ({"length": True}, "found length True; expected an int of at least 1"),
        ({"seed": -1}, "found seed -1; expected an int from 0 to 2**64 - 1"),
        ({"seed": 2**64}, f"found seed {2**64}; expected an int from 0 to 2**64 - 1"),
        ({"seed": 0.5}, "found seed 0.5; expected an int from 0 to 2**64 - 1"),
        ({"seed": None}, "found seed None; expected an int from 0 to 2**64 - 1"),
        ({"noise": -0.1}, "found noise -0.1; expected a share from 0 to 1"),
        ({"noise": 1.1}, "found noise 1.1; expected a share from 0 to 1"),
        ({"noise": float("nan")}, "found noise nan; expected a share from 0 to 1"),
    ],
    ids=str,
)
def test_an_argument_that_makes_no_sense_is_named(change: dict[str, Any], expected: str) -> None:
    given = {"network": PARITY, "inputs": integers(0, 1), "length": 6, "seed": 0, "noise": 0.0} | change
    with pytest.raises(ValueError, match=re.escape(expected)):
        distil(**given)  # type: ignore[arg-type]


def test_arguments_at_their_bounds_are_taken() -> None:
    assert distil(PARITY, integers(0, 1), 3, seed=2**64 - 1, noise=1.0).formulas
    assert distil(TENFOLD, integers(1, 2), 1, seed=0, noise=0).formulas
