"""The normalizers: the outputs stay, the numbers become simpler, and what cannot be done is refused."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from random_examples import moving

from benchmarks.known import COUNTER, KNOWN, SPRING
from mips.extraction.realization import realize
from mips.networks.network import Floats, Ints, Layer, Network
from mips.paper.normalizers import normalize as chain
from mips.paper.normalizers.basis import change_basis, linear_part
from mips.paper.normalizers.debiasing import debias
from mips.paper.normalizers.grouping import group
from mips.paper.normalizers.jordan import jordan_form, to_jordan_form
from mips.paper.normalizers.normalize import NORMALIZERS, normalize
from mips.paper.normalizers.quantization import quantize, stretch
from mips.paper.normalizers.simplicity import FLOAT_BITS, simplicity
from mips.paper.normalizers.toeplitz import sparsifying, to_sparse_readout
from mips.paper.normalizers.whitening import whiten

DEPTHS = list(itertools.product((1, 2, 3), (1, 2)))


def layer(rng: np.random.Generator, inputs: int, outputs: int) -> Layer:
    return Layer(weight=rng.normal(size=(inputs, outputs)) / np.sqrt(inputs), bias=rng.normal(size=outputs))


def random_network(seed: int, depths: tuple[int, int], *, hidden: int = 3, width: int = 5) -> Network:
    rng = np.random.default_rng(seed)
    cell = [hidden + 2, *[width] * (depths[0] - 1), hidden]
    readout = [hidden, *[width] * (depths[1] - 1), 2]
    return Network(
        cell=tuple(layer(rng, *pair) for pair in itertools.pairwise(cell)),
        readout=tuple(layer(rng, *pair) for pair in itertools.pairwise(readout)),
        initial=rng.normal(size=hidden),
    )


def affine(recurrence: Floats, readout: Floats, *, bias: Floats | None = None, read_bias: float = 0.0) -> Network:
    """A linear cell that sees one input by all of its coordinates."""
    size = len(recurrence)
    bias = np.zeros(size) if bias is None else bias
    cell = Layer(weight=np.vstack([recurrence, np.arange(1.0, size + 1)]), bias=bias)
    return Network(cell=(cell,), readout=(Layer(weight=readout, bias=np.full(readout.shape[1], read_bias)),))


def words(width: int, count: int = 40, length: int = 6, seed: int = 0) -> Ints:
    return np.random.default_rng(seed).integers(-3, 4, (count, length, width))


def raw(network: Network, inputs: Ints) -> Floats:
    """Outputs before they are rounded."""
    hidden, found = network.start(len(inputs)), []
    for t in range(inputs.shape[1]):
        hidden = network.step(hidden, inputs[:, t])
        found.append(network.read(hidden))
    return np.stack(found, axis=1)


def states(network: Network, inputs: Ints) -> Floats:
    hidden = [network.start(len(inputs))]
    for t in range(inputs.shape[1]):
        hidden.append(network.step(hidden[-1], inputs[:, t]))
    return np.concatenate(hidden)


def same_outputs(one: Network, other: Network) -> None:
    inputs = words(one.input_width)
    np.testing.assert_allclose(raw(one, inputs), raw(other, inputs), rtol=1e-6, atol=1e-6)


# Changes of basis


@pytest.mark.parametrize("depths", DEPTHS)
def test_an_affine_change_of_the_state_keeps_the_outputs(depths: tuple[int, int]) -> None:
    network, rng = random_network(1, depths), np.random.default_rng(0)
    encode, origin = rng.normal(size=(3, 3)), rng.normal(size=3)
    changed = change_basis(network, encode, np.linalg.inv(encode), origin)
    same_outputs(network, changed)
    expected = (states(network, words(2)) - origin) @ encode
    np.testing.assert_allclose(states(changed, words(2)), expected, atol=1e-9)


@pytest.mark.parametrize("shapes", [((2, 3), (3, 2), (3,)), ((3, 2), (3, 2), (3,)), ((3, 3), (3, 3), (2,))])
def test_matrices_of_other_sizes_are_refused(shapes: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(ValueError, match=r"expected \(3, new\), \(new, 3\) and \(3,\)"):
        change_basis(random_network(0, (2, 1)), *(np.ones(shape) for shape in shapes))


def test_the_linear_part_of_an_affine_cell_is_its_own_and_is_found_by_least_squares() -> None:
    network, inputs = random_network(3, (1, 1)), words(2)
    exact = linear_part(network, np.zeros((0, 3)), np.zeros((0, 3)), words(2)[:0, 0])
    assert (exact == network.cell[0].weight[:3]).all()
    units = Layer(weight=np.eye(3), bias=np.full(3, -1e3))  # a ReLU that all pass
    lifted = Layer(weight=network.cell[0].weight, bias=network.cell[0].bias + 1e3)
    deep = Network(cell=(lifted, units), readout=network.readout, initial=network.initial)
    hidden = np.random.default_rng(0).normal(size=(len(inputs), 3))
    found = linear_part(deep, hidden, deep.step(hidden, inputs[:, 0]), inputs[:, 0])
    np.testing.assert_allclose(found, exact, atol=1e-9)


# Whitening


@pytest.mark.parametrize("depths", DEPTHS)
def test_whitened_states_have_mean_zero_and_covariance_one(depths: tuple[int, int]) -> None:
    network = random_network(2, depths)
    whitened = whiten(network, states(network, words(2)))
    same_outputs(network, whitened)
    found = states(whitened, words(2))
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-8)
    np.testing.assert_allclose(found.T @ found / len(found), np.eye(whitened.hidden_size), atol=1e-8)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_directions_that_never_change_are_left_out_whatever_the_size_of_the_others(size: float) -> None:
    network = random_network(4, (2, 1), hidden=2)
    encode = np.array([[1.0, 2.0, -1.0], [0.5, 0.0, 1.0]]) * size
    wide = change_basis(network, encode, np.linalg.pinv(encode), np.array([3.0, -2.0]))
    assert wide.hidden_size == 3
    assert whiten(wide, states(wide, words(2))).hidden_size == 2
    same_outputs(network, whiten(wide, states(wide, words(2))))


def test_a_state_that_never_changes_cannot_be_whitened() -> None:
    with pytest.raises(ValueError, match="never changes"):
        whiten(random_network(0, (2, 1)), np.ones((9, 3)))


# The Jordan form


def chain_of(value: complex, height: int) -> Floats:
    """One real Jordan block."""
    a, b = value.real, value.imag
    block = np.array([[a, b], [-b, a]]) if b else np.array([[a]])
    return np.kron(np.eye(height), block) + np.kron(np.eye(height, k=1), np.eye(len(block)))


def direct_sum(*blocks: Floats) -> Floats:
    found = np.zeros((sum(map(len, blocks)),) * 2)
    place = 0
    for block in blocks:
        found[place : place + len(block), place : place + len(block)] = block
        place += len(block)
    return found


def well_conditioned(rng: np.random.Generator, size: int) -> Floats:
    """A random basis with condition number 4."""
    (left, _), (right, _) = (np.linalg.qr(rng.normal(size=(size, size))) for _ in range(2))
    return np.asarray(left * np.linspace(0.5, 2.0, size) @ right)


FORMS = {
    "distinct": [(2, 1), (-1, 1), (0.5, 1)],
    "one chain": [(1, 3)],
    "a shift register": [(0, 6)],
    "two chains of one eigenvalue": [(0, 3), (0, 1), (1, 2)],
    "two equal chains": [(-1, 2), (-1, 2)],
    "the identity": [(1, 1), (1, 1), (1, 1)],
    "a complex pair": [(0.6 + 0.8j, 1), (1, 1)],
    "a chain of a complex pair": [(0.6 + 0.8j, 2)],
    "complex pairs twice": [(0.5 + 0.5j, 1), (0.5 + 0.5j, 1), (0, 2)],
    "near": [(1, 1), (1.01, 1)],
}


def blocks_of(form: Floats) -> list[tuple[complex, int]]:
    """Read the chains off a form, whatever their order."""
    found: list[tuple[complex, int]] = []
    place = 0
    while place < len(form):
        step = 2 if place + 1 < len(form) and form[place + 1, place] else 1
        end = place + step
        while end + step <= len(form) and form[end - step, end] == 1:
            end += step
        value = complex(form[place, place], form[place, place + 1] if step == 2 else 0.0)
        found.append((complex(round(value.real, 5) + 0.0, round(value.imag, 5)), (end - place) // step))
        place = end
    return sorted(found, key=lambda one: (one[0].real, one[0].imag, one[1]))


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("noise", [0.0, 1e-13])
def test_the_jordan_form_of_a_hidden_one(name: str, seed: int, noise: float) -> None:
    rng = np.random.default_rng(seed)
    form = direct_sum(*(chain_of(complex(value), height) for value, height in FORMS[name]))
    basis = well_conditioned(rng, len(form))
    matrix = basis @ form @ np.linalg.inv(basis) + noise * rng.normal(size=form.shape)
    found = jordan_form(matrix)
    expected = [(complex(value), height) for value, height in FORMS[name]]
    assert blocks_of(found.form) == sorted(expected, key=lambda one: (one[0].real, one[0].imag, one[1]))
    np.testing.assert_allclose(matrix @ found.basis, found.basis @ found.form, atol=1e-4)
    assert sorted(place for group in found.groups for place in group) == list(range(len(form)))


def test_a_form_whose_basis_is_nearly_singular_is_refused_with_its_condition_number() -> None:
    steps = np.diag(np.linspace(1.0, 1.2, 9)) + np.diag(np.full(8, 3.0), 1)
    with pytest.raises(ValueError, match=r"condition number \d"):
        jordan_form(steps)


@pytest.mark.parametrize("depths", DEPTHS)
def test_a_network_in_the_jordan_basis_has_the_same_outputs(depths: tuple[int, int]) -> None:
    network = random_network(5, depths)
    recurrence = np.random.default_rng(0).normal(size=(3, 3))
    same_outputs(network, to_jordan_form(network, recurrence))


# Toeplitz


@pytest.mark.parametrize("name", FORMS)
def test_what_makes_the_readout_sparse_commutes_with_the_form(name: str) -> None:
    rng = np.random.default_rng(0)
    form = direct_sum(*(chain_of(complex(value), height) for value, height in FORMS[name]))
    basis = well_conditioned(rng, len(form))
    network = affine(basis @ form @ np.linalg.inv(basis), rng.normal(size=(len(form), 1)))
    jordan = jordan_form(network.cell[0].weight[:-1])
    sparse = to_sparse_readout(network, jordan)
    same_outputs(network, sparse)
    np.testing.assert_allclose(sparse.cell[0].weight[:-1], jordan.form, atol=1e-5)
    weights = sparse.readout[0].weight[:, 0]
    for places in jordan.groups:
        assert np.count_nonzero(np.abs(weights[list(places)]) > 1e-6) == 1
        assert np.isclose(np.abs(weights[list(places)]).max(), 1.0)


def test_a_readout_that_sees_nothing_is_left_alone() -> None:
    assert (sparsifying(chain_of(1, 3), np.zeros((3, 2))) == np.eye(3)).all()


# De-biasing


def test_the_bias_of_an_affine_cell_vanishes_where_it_can() -> None:
    rng = np.random.default_rng(0)
    network = affine(0.3 * rng.normal(size=(3, 3)), rng.normal(size=(3, 1)), bias=rng.normal(size=3), read_bias=2.0)
    shifted = debias(network)
    same_outputs(network, shifted)
    np.testing.assert_allclose(shifted.cell[0].bias, 0, atol=1e-12)
    assert np.abs(shifted.initial).max() > 0.1


def test_what_the_null_space_leaves_open_goes_to_the_readout() -> None:
    network = affine(np.diag([1.0, 0.5]), np.array([[1.0], [1.0]]), bias=np.array([0.0, 1.0]), read_bias=5.0)
    shifted = debias(network)
    same_outputs(network, shifted)
    np.testing.assert_allclose(shifted.cell[0].bias, 0, atol=1e-12)
    np.testing.assert_allclose(shifted.readout[0].bias, 0, atol=1e-12)


def test_a_bias_that_a_sum_adds_up_stays() -> None:
    network = affine(np.eye(1), np.ones((1, 1)), bias=np.array([2.0]))
    shifted = debias(network)
    same_outputs(network, shifted)
    assert shifted.cell[0].bias.tolist() == [2.0]


def test_the_integer_recurrence_of_a_shifted_network_is_the_same() -> None:
    network = affine(np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([[1.0], [0.0]]), bias=np.array([1.0, 2.0]))
    unit = np.eye(2)
    shifted = change_basis(network, unit, unit, np.array([3.0, -7.0]))
    assert shifted.initial.tolist() == [-3.0, 7.0]
    for one, other in zip(realize(shifted).markov(12), realize(network).markov(12), strict=True):
        assert (one == other).all()


@pytest.mark.parametrize("depths", [(2, 1), (3, 2)])
def test_the_last_bias_of_a_cell_with_relus_vanishes(depths: tuple[int, int]) -> None:
    network = random_network(6, depths)
    shifted = debias(network)
    same_outputs(network, shifted)
    assert not shifted.cell[-1].bias.any()


# Quantization


def test_a_stretched_network_computes_the_same_with_largest_weights_of_one() -> None:
    network = random_network(7, (3, 2))
    stretched = Network(cell=stretch(network.cell), readout=stretch(network.readout), initial=network.initial)
    same_outputs(network, stretched)
    for part in (*stretched.cell[:-1], *stretched.readout[:-1]):
        np.testing.assert_allclose(np.abs(part.weight).max(axis=0), 1)


@pytest.mark.parametrize("denominator", [1, 2, 3, 5])
def test_weights_with_a_common_denominator_are_found_again(denominator: int) -> None:
    rng = np.random.default_rng(denominator)
    whole = rng.integers(-denominator, denominator + 1, (2, 2)) / denominator
    network = affine(whole, np.array([[1.0], [1 / denominator]]))
    noisy = affine(whole + 1e-4 * rng.normal(size=(2, 2)), network.readout[0].weight)
    np.testing.assert_allclose(
        quantize(noisy, lambda other: np.allclose(raw(other, words(1)), raw(network, words(1)))).cell[0].weight,
        network.cell[0].weight,
    )


def test_what_has_no_common_denominator_is_refused() -> None:
    with pytest.raises(ValueError, match="no common denominator up to 12"):
        quantize(random_network(0, (2, 1)), lambda other: False)


# Grouping


def exact(network: Network, inputs: Ints) -> Callable[[Network], bool]:
    return lambda other: bool((other.run(inputs) == network.run(inputs)).all())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("weights", [[0, 1], [0, 0, 1], [1, 1, 1, 1], [2, -1, 3]], ids=str)
def test_a_noisy_nilpotent_recurrence_becomes_a_shift_again(weights: list[int], seed: int) -> None:
    plain, rng = moving(weights, []), np.random.default_rng(seed)
    (layer,) = plain.cell
    noisy = replace(
        plain, cell=(Layer(weight=layer.weight + 3e-3 * rng.normal(size=layer.weight.shape), bias=layer.bias),)
    )
    inputs = words(1)
    found = group(noisy, np.full(1, 3.0), exact(plain, inputs))
    assert found.hidden_size == max(lag for lag in range(len(weights)) if weights[lag]) + 1
    recurrence = found.cell[0].weight[: found.hidden_size]
    assert not np.linalg.matrix_power(recurrence, found.hidden_size).any()
    assert (found.run(words(1, length=30, seed=1)) == plain.run(words(1, length=30, seed=1))).all()


def test_a_start_away_from_rest_is_kept() -> None:
    """y(t) = y(t-1) + x(t) + 1 from y(0) = 5 never comes to rest."""
    adder = affine(np.eye(1), np.ones((1, 1)), bias=np.ones(1))
    network = replace(adder, initial=np.array([5.0]))
    found = group(network, np.full(1, 3.0), exact(network, words(1)))
    assert (found.run(words(1, seed=1)) == network.run(words(1, seed=1))).all()


def test_what_has_no_rounded_companion_form_is_refused() -> None:
    golden = affine(np.array([[0.618]]), np.full((1, 1), 10.0))
    with pytest.raises(ValueError, match="no companion form in multiples of 1/d keeps the outputs, for d up to 12"):
        group(golden, np.full(1, 3.0), exact(golden, words(1)))
    with pytest.raises(ValueError, match="no companion form"):
        group(COUNTER, np.full(1, 3.0), lambda other: False)
    with pytest.raises(ValueError, match="a cell with ReLUs has no one recurrence"):
        group(random_network(0, (2, 1)), np.ones(2), lambda other: True)


# Simplicity


def test_the_measures_of_known_numbers() -> None:
    network = affine(np.array([[0.5]]), np.array([[np.pi]]))  # the others: one 1, and three zeros
    found = simplicity(network)
    assert (found.weights, found.nonzero, found.distinct) == (6, 3, 4)
    half, one = 1 + 1 + np.log2(3), 1 + 1 + 1
    assert np.isclose(found.bits, 3 + half + one + FLOAT_BITS)


# All of them


@pytest.mark.parametrize("depths", DEPTHS)
@pytest.mark.parametrize("without", [frozenset[str](), *(frozenset({name}) for name in NORMALIZERS)], ids=str)
def test_normalizing_keeps_the_answers(depths: tuple[int, int], without: frozenset[str]) -> None:
    network = random_network(8, depths)
    found = normalize(network, words(2), words(2, seed=1), without=without)
    assert (network.run(words(2, seed=1)) == found.network.run(words(2, seed=1))).all()
    assert [step.normalizer for step in found.steps] == [name for name in NORMALIZERS if name not in without]


def test_a_scrambled_sum_becomes_a_sum_again() -> None:
    sums = affine(np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([[1.0], [1.0]]))
    basis = np.random.default_rng(0).normal(size=(2, 2))
    scrambled = change_basis(sums, basis, np.linalg.inv(basis), np.zeros(2))
    found = normalize(scrambled, words(1), words(1, seed=1))
    assert simplicity(found.network).bits < 0.3 * simplicity(scrambled).bits
    assert not any(step.refused for step in found.steps if step.normalizer == "grouping")
    published = normalize(scrambled, words(1), words(1, seed=1), without=frozenset({"grouping"}))
    assert simplicity(published.network).bits < 0.3 * simplicity(scrambled).bits
    assert not any(step.refused for step in published.steps)
    numbers = np.concatenate([part.weight.ravel() for part in (*found.network.cell, *found.network.readout)])
    np.testing.assert_allclose(numbers, np.rint(numbers))


def test_a_normalizer_that_changes_an_answer_is_undone_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    network = affine(np.eye(1), np.ones((1, 1)))

    def wrong(given: Network, inputs: Ints) -> Network:
        return affine(np.eye(1), np.ones((1, 1)), read_bias=1.0)

    def failing(given: Network, inputs: Ints) -> Network:
        raise ValueError("no basis")

    def boundless(given: Network, inputs: Ints) -> Network:
        return affine(np.full((1, 1), -np.inf), np.ones((1, 1)))

    monkeypatch.setattr(chain, "NORMALIZERS", {"wrong": wrong, "failing": failing, "boundless": boundless})
    found = normalize(network, words(1), words(1, seed=1))
    assert found.network is network
    assert [step.refused for step in found.steps] == [
        "240 of 240 answers would change", "no basis", "a weight is -inf; expected finite numbers"
    ]  # fmt: skip


def test_a_normalizer_that_makes_the_network_longer_is_undone_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    network = affine(np.eye(1), np.ones((1, 1)))

    def longer(given: Network, inputs: Ints) -> Network:
        return change_basis(given, np.full((1, 1), 0.3), np.full((1, 1), 1 / 0.3), np.zeros(1))

    monkeypatch.setattr(chain, "NORMALIZERS", {"longer": longer})
    found = normalize(network, words(1), words(1, seed=1))
    assert found.network is network
    assert re.fullmatch(r"the network would become longer, \d+ bits instead of \d+", found.steps[0].refused)


@pytest.mark.parametrize("name", [name for name in KNOWN if KNOWN[name][0].hidden_size < 9])
@pytest.mark.parametrize("without", [frozenset[str](), *(frozenset({name}) for name in NORMALIZERS)], ids=str)
def test_no_network_ends_longer_than_it_was(name: str, without: frozenset[str]) -> None:
    network, low, high = KNOWN[name]
    inputs, fresh = np.random.default_rng(0).integers(low, high, (2, 40, 6, 1), endpoint=True)
    found = normalize(network, inputs, fresh, without=without)
    assert simplicity(found.network).bits <= simplicity(network).bits
    assert (network.run(fresh) == found.network.run(fresh)).all()
    assert [step.normalizer for step in found.steps] == [each for each in NORMALIZERS if each not in without]
    kept = [step for step in found.steps if not step.refused]
    ends = [simplicity(network), *(step.after for step in kept)]
    assert [step.before for step in kept] == ends[:-1] and ends[-1] == simplicity(found.network)


def test_whitening_that_leaves_the_network_longer_is_undone_with_both_lengths() -> None:
    inputs, fresh = words(1), words(1, seed=1)
    without = frozenset({"grouping"})
    found = normalize(SPRING, inputs, fresh, without=without)
    bare = normalize(SPRING, inputs, fresh, without=without | {"whitening"})
    with_it = chain._chained(SPRING, inputs, fresh, without)
    before, after = simplicity(SPRING).bits, simplicity(with_it.network).bits
    assert before < after
    undone, *others = found.steps
    assert undone.refused == (
        f"the network would be longer after all normalizers, {after:.1f} bits instead of {before:.1f}"
    )
    assert (undone.before, undone.after) == (with_it.steps[0].before, with_it.steps[0].after)
    assert tuple(others) == bare.steps and simplicity(found.network) == simplicity(bare.network)


def test_whitening_may_make_a_network_longer_for_a_while_and_the_others_run_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = []

    def counted(given: Network, inputs: Ints) -> Network:
        runs.append(given)
        return COUNTER

    monkeypatch.setattr(chain, "NORMALIZERS", {"whitening": NORMALIZERS["whitening"], "counted": counted})
    found = normalize(COUNTER, words(1), words(1, seed=1))
    assert not any(step.refused for step in found.steps) and len(runs) == 1
    assert found.steps[0].after.bits > found.steps[0].before.bits


def test_the_length_does_not_hang_on_the_order_of_the_numbers() -> None:
    rng = np.random.default_rng(0)
    numbers = rng.integers(-50, 50, (40, 1)) / rng.integers(1, 50, (40, 1))
    lengths = {simplicity(affine(np.zeros((40, 40)), numbers[rng.permutation(40)])).bits for _ in range(50)}
    assert len(lengths) == 1


def test_a_normalizer_that_is_not_there_cannot_be_left_out() -> None:
    with pytest.raises(ValueError, match="no normalizer is called 'sorting'; there are whitening, "):
        normalize(random_network(0, (1, 1)), words(2), words(2), without=frozenset({"sorting"}))


def test_an_initial_state_of_another_size_is_refused() -> None:
    cell, readout = (
        (Layer(weight=np.ones((2, 1)), bias=np.zeros(1)),),
        (Layer(weight=np.ones((1, 1)), bias=np.zeros(1)),),
    )
    with pytest.raises(ValueError, match=r"an initial state of shape \(2,\); expected \(1,\)"):
        Network(cell=cell, readout=readout, initial=np.zeros(2))
