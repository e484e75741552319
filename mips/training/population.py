"""Many tiny networks at once by the Levenberg-Marquardt method; the worse half is dropped round after round."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from mips.training.least_squares import levenberg_marquardt
from mips.training.recurrent import RecurrentBatch

ITERATIONS = 15  # Gauss-Newton steps a round
WORDS, MOST_WORDS = 150, 600  # in a round: few for many networks, more for the last survivors
ANSWERS = 3  # for each parameter, in a round: with fewer a network learns the words by heart
LEAST_WORDS = 100  # the first length has so many different words at least
FIRST_LENGTH = 3  # at least
SPREAD = 1.2  # the kinks of the first units lie this far out, in units of the inputs' range
LEARNT = 1e-8  # mean squared error from which a network has learnt a length
PATIENCE, LEAST_GAIN = 3, 0.005  # rounds of few networks without such a gain in right answers end the search
GLANCE = 300  # words at the full length that rank the networks of a round
FINISHING_ROUNDS = 20
HARD_WORDS, MOST_HARD_WORDS = 200, 1000  # words with the largest errors: found in a finishing round, kept in all
SLACK = 0.2  # share of the tolerance that the largest error may reach in the end: fresh words err more than known ones
POOL = 4000  # words they are looked for in


@dataclass(frozen=True, slots=True)
class Words:
    """Scaled inputs (length, count, inputs) and targets (length, count, outputs), and the largest error that is right.

    An answer is right when each of its numbers is off by less than `tolerance`.
    """

    inputs: Tensor
    targets: Tensor
    tolerance: float

    def part(self, length: int, chosen: Tensor | slice) -> tuple[Tensor, Tensor]:
        """Return inputs and targets of the chosen words, cut to a length."""
        return self.inputs[:length, chosen].contiguous(), self.targets[:length, chosen].contiguous()


@dataclass(frozen=True, slots=True)
class Round:
    """The networks after a round, best first: parameters, shares of right answers, the best mean squared error."""

    rows: Tensor
    shares: Tensor
    steps: int
    length: int
    loss: float


def first_length(letters: int, length: int, parameters: int) -> int:
    """Return the length that the search begins with, at most `length`, for an alphabet of so many letters.

    So short that there is little to learn, so long that the different words have enough answers for all parameters.
    """
    shortest = min(FIRST_LENGTH, length)
    while shortest < length and letters**shortest < max(LEAST_WORDS, ANSWERS * parameters / shortest):
        shortest += 1
    return shortest


def evolve(
    batch: RecurrentBatch, words: Words, rows: Tensor, *, survivors: int, length: int, seed: int
) -> Iterator[Round]:
    """Yield the survivors after each round, until one makes no mistake on a glance, or the search is stuck.

    A round is some Levenberg-Marquardt steps on new random words. Half of the networks stay, at least `survivors`:
    those with the smallest error on the present length and those with the most right answers at the full one, in turn.
    The words, at first of `length`, grow by a letter when enough networks have learnt them or few networks are left.
    Successive halving: Jamieson and Talwalkar (2016).
    """
    full, count = words.inputs.shape[:2]
    generator = torch.Generator().manual_seed(seed)
    steps = 0
    best: list[float] = []
    while len(best) <= PATIENCE or best[-1] > best[-1 - PATIENCE] + LEAST_GAIN:
        needed = ANSWERS * rows.shape[1] // length
        size = max(WORDS, needed, min(MOST_WORDS, WORDS * 4 * survivors // len(rows)))
        chosen = torch.randint(0, count, (size,), generator=generator)
        fitted = levenberg_marquardt(batch, rows, *words.part(length, chosen), iterations=ITERATIONS)
        steps += ITERATIONS
        shares = right(batch, fitted.rows, words, slice(0, GLANCE))
        order = shares.argsort(descending=True, stable=True)
        yield Round(fitted.rows[order], shares[order], steps, length, float(fitted.losses.min()))
        if shares.max() == 1.0:
            return
        left = max(survivors, len(rows) // 2)
        by_loss = fitted.losses.argsort(stable=True)
        in_turn = torch.stack([order, by_loss], 1).flatten().tolist()
        rows = fitted.rows[list(dict.fromkeys(in_turn))[:left]]
        learnt = int((fitted.losses < LEARNT).sum())
        if length < full:
            length += learnt >= survivors or left <= 4 * survivors
        if left <= 4 * survivors:
            best.append(float(shares.max()))


def finish(batch: RecurrentBatch, words: Words, row: Tensor, *, seed: int) -> Iterator[Round]:
    """Yield one network after each round of steps on random words and all words found hard so far.

    After each round the words with the largest errors in a new pool join the hard ones, as the violated constraints do
    in a cutting-plane method. Ends when the largest error in the pool is well below the tolerance, or when no round has
    done better for some time.
    """
    full, count = words.inputs.shape[:2]
    generator = torch.Generator().manual_seed(seed)
    hard = torch.zeros(0, dtype=torch.long)
    best, since, goal = math.inf, 0, SLACK * words.tolerance
    for number in range(1, FINISHING_ROUNDS + 1):
        pool = torch.randperm(count, generator=generator)[:POOL]
        errors = _largest_errors(batch, row, words, pool)
        hardest = errors.argsort(descending=True, stable=True)[:HARD_WORDS].cpu()
        hard = torch.cat([pool[hardest], hard])[:MOST_HARD_WORDS]
        chosen = torch.cat([hard, pool[:HARD_WORDS]])
        fitted = levenberg_marquardt(batch, row[None], *words.part(full, chosen), iterations=ITERATIONS)
        row = fitted.rows[0]
        errors = _largest_errors(batch, row, words, pool)
        share = (errors < words.tolerance).double().mean()
        yield Round(row[None], share[None], number * ITERATIONS, full, float(fitted.losses[0]))
        wrong = float((errors >= words.tolerance).sum()) + float(errors.max())
        best, since = (wrong, 0) if wrong < 0.7 * best else (best, since + 1)
        if errors.max() < goal or since > PATIENCE:
            return


def _largest_errors(batch: RecurrentBatch, row: Tensor, words: Words, chosen: Tensor) -> Tensor:
    """Return the largest error of a network (parameters,) on each of the chosen words (words,)."""
    inputs, targets = words.part(words.inputs.shape[0], chosen)
    given, _ = batch.forward(row[None], inputs)
    return (given[0] - targets).abs().amax((0, 2))


def right(batch: RecurrentBatch, rows: Tensor, words: Words, chosen: slice) -> Tensor:
    """Return for each network the share of right answers on the chosen words (networks,)."""
    inputs, targets = words.part(words.inputs.shape[0], chosen)
    given, _ = batch.forward(rows, inputs)
    return ((given - targets).abs() < words.tolerance).all(-1).double().mean((1, 2))
