"""Affine machines are read exactly off step functions and compared for ever."""

import random

import pytest

from mips.machines.affine import AffineForm, NotAffine, affine_machine, distinguishing_word, equal_for_ever


def random_system(rng, n, m, p):
    def matrix(rows, columns):
        return [[rng.randint(-2, 2) for _ in range(columns)] for _ in range(rows)]

    return matrix(n, n), matrix(n, m), matrix(n, 1), matrix(p, n), matrix(p, m), matrix(p, 1)


def step_of(system):
    A, B, c, C, D, d = system

    def value(M, s, N, u, k):
        return tuple(
            sum(a * b for a, b in zip([*row, *more, one], [*s, *u, 1], strict=True))
            for row, more, (one,) in zip(M, N, k, strict=True)
        )

    return lambda s, x: (value(A, s, B, x, c), value(C, s, D, x, d))


def unimodular(rng, n):
    """Return a matrix of determinant 1 and its inverse, as a product of shears."""
    T, inverse = ([[int(i == j) for j in range(n)] for i in range(n)] for _ in range(2))
    for _ in range(4):
        i, j = rng.sample(range(n), 2)
        k = rng.choice([-1, 1])
        T[i] = [a + k * b for a, b in zip(T[i], T[j], strict=True)]
        for row in inverse:
            row[j] -= k * row[i]
    return T, inverse


def times(M, v):
    return tuple(sum(a * b for a, b in zip(row, v, strict=True)) for row in M)


def run(start, step, word):
    outputs = []
    for x in word:
        start, y = step(start, x)
        outputs.append(y)
    return outputs


def random_pair(seed):
    rng = random.Random(seed)
    n = rng.randint(2, 3)
    system = random_system(rng, n, 2, 2)
    start = tuple(rng.randint(-2, 2) for _ in range(n))
    step = step_of(system)
    T, inverse = unimodular(rng, n)

    def moved(s, x):
        state, y = step(times(inverse, s), x)
        return times(T, state), y

    return rng, system, start, step, times(T, start), moved


@pytest.mark.parametrize("seed", range(25))
def test_a_change_of_basis_changes_nothing(seed):
    rng, _, start, step, moved_start, moved = random_pair(seed)
    left, right = affine_machine(start, step, width=2), affine_machine(moved_start, moved, width=2)
    assert equal_for_ever(left, right)
    assert distinguishing_word(left, right, low=-3, high=3) is None
    word = [(rng.randint(-9, 9), rng.randint(-9, 9)) for _ in range(8)]
    assert left.run(word) == run(start, step, word)


@pytest.mark.parametrize("seed", range(40))
def test_a_perturbed_machine_is_different_exactly_if_some_word_shows_it(seed):
    rng, system, start, step, moved_start, moved = random_pair(seed)
    M = system[seed % 6]
    i, j = rng.randrange(len(M)), rng.randrange(len(M[0]))
    changed = [[list(row) for row in matrix] for matrix in system]
    changed[seed % 6][i][j] += 1
    other = step_of(changed)
    left, right = affine_machine(moved_start, moved, width=2), affine_machine(start, other, width=2)
    word = distinguishing_word(left, right, low=0, high=1)
    assert (word is None) == equal_for_ever(left, right)
    if word is None:
        words = [[(rng.randint(-5, 5), rng.randint(-5, 5)) for _ in range(12)] for _ in range(50)]
        assert all(run(start, step, w) == run(start, other, w) for w in words)
    else:
        assert all(0 <= number <= 1 for x in word for number in x)
        assert run(start, step, word)[-1] != run(start, other, word)[-1]
        assert run(start, step, word[:-1]) == run(start, other, word[:-1])


def test_perturbed_machines_are_mostly_different():
    assert not equal_for_ever(
        affine_machine(0, lambda s, x: (s + x, s + x), width=1), affine_machine(0, lambda s, x: (s + x, s), width=1)
    )


def test_a_constant_that_shows_late_is_found():
    left = affine_machine((0, 0, 0), lambda s, x: ((s[1], s[2], x), s[0]), width=1)
    right = affine_machine((0, 0, 1), lambda s, x: ((s[1], s[2], x), s[0]), width=1)
    assert distinguishing_word(left, right, low=5, high=6) == (5, 5, 5)


def test_a_range_of_one_symbol_may_hide_a_difference():
    left, right = (affine_machine(0, step, width=1) for step in (lambda s, x: (s, x), lambda s, x: (s, 2 * x)))
    assert not equal_for_ever(left, right)
    assert distinguishing_word(left, right, low=0, high=0) is None


@pytest.mark.parametrize(
    "operation",
    [
        *(lambda f: f // 2, lambda f: f % 2, lambda f: f / 2, lambda f: f**2, lambda f: f * f, lambda f: f << 1),
        *(lambda f: f == 0, lambda f: f != 0, lambda f: f < 0, lambda f: max(f, 0), lambda f: 1 if f else 0),
        *(lambda f: hash(f), lambda f: {f}, lambda f: int(f), lambda f: [0, 1][f], lambda f: abs(f), lambda f: f & 1),
        *(lambda f: f * 0.5, lambda f: f + 0.5, lambda f: str(f), lambda f: f"{f}", lambda f: divmod(f, 2)),
        *(lambda f: range(f), lambda f: ~f, lambda f: round(f), lambda f: 2 // f, lambda f: 2**f, lambda f: list(f)),
    ],
)
def test_everything_but_integer_affine_arithmetic_is_refused(operation):
    with pytest.raises(NotAffine):
        operation(AffineForm((1, 0), 3))


@pytest.mark.parametrize(
    ("start", "step"),
    [
        (0, lambda s, x: (s, True)),
        (0, lambda s, x: (s, 0.5)),
        (0, lambda s, x: ((s, x), s)),
        (0, lambda s, x: (s[0], s)),
        (True, lambda s, x: (s, x)),
        ("a", lambda s, x: (s, x)),
        (None, lambda s, x: (s, x)),
    ],
    ids=["bool", "float", "growing", "raises", "bool state", "text state", "no state"],
)
def test_a_machine_that_is_not_made_of_ints_is_refused(start, step):
    with pytest.raises(NotAffine):
        affine_machine(start, step, width=1)


def test_every_affine_operation_is_exact():
    machine = affine_machine((3, (4,)), lambda s, x: ((-s[0] + 2 * x - 1, (s[1][0] * 5,)), 7 - s[0] - -x), width=1)
    assert (machine.A, machine.B, machine.c) == (((-1, 0), (0, 5)), ((2,), (0,)), (-1, 0))
    assert (machine.C, machine.D, machine.d, machine.start) == (((-1, 0),), ((1,),), (7,), (3, 4))
