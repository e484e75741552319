"""Many tiny networks at once by the Levenberg-Marquardt method; the worse half is dropped round after round."""

from __future__ import annotations

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
FIRST_LENGTH = 4  # at least
SPREAD = 1.2  # the kinks of the first units lie this far out, in units of half the inputs' range
LEARNT = 1e-8  # mean squared error from which a network has learnt a length
PATIENCE, LEAST_GAIN = 3, 0.005  # rounds of few networks without such a gain in right answers end the search
GLANCE = 300  # words at the full length that rank the networks of a round
FINISHING_ROUNDS, FINISHING_ITERATIONS = 40, 10
STUBBORN = 8  # finishing rounds without gain that end it
NOTABLE = 0.9  # factor of the largest error that counts as a gain
LEAST_FINISHING_WORDS, FINISHING_ANSWERS = 400, 24  # in a finishing round: words at least, answers per parameter
HARD_SHARE, NEWLY_HARD = 0.8, 0.25  # of these words: all that were found hard, those found in this round
CHUNK, MOST_NUMBERS = 5000, 2**20  # words answered at once, and numbers of a layer that are held then
SLACK = 0.25  # share of the tolerance that the largest error may reach in the end: fresh words err more than known ones


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
        order = fitted.losses.argsort(stable=True)
        order = order[shares[order].argsort(descending=True, stable=True)]
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
    """Yield the best network so far after each round of steps on random words and all words found hard so far.

    After each round the words with the largest errors of all join the hard ones, as the violated constraints do in a
    cutting-plane method. Ends when the largest error is well below the tolerance, or when no round has done better for
    some time. Fewer wrong words are better, then a smaller largest error.
    """
    full, count = words.inputs.shape[:2]
    generator = torch.Generator().manual_seed(seed)
    goal, errors = SLACK * words.tolerance, errors_of_all(batch, row, words).amax(0)
    best, mark, since = row, _badness(errors, words.tolerance), 0
    size = max(LEAST_FINISHING_WORDS, FINISHING_ANSWERS * row.shape[0] // full)
    hard = torch.zeros(0, dtype=torch.long)
    for number in range(1, FINISHING_ROUNDS + 1):
        if mark[1] < goal or since > STUBBORN:
            return
        hardest = errors.argsort(descending=True, stable=True)[: int(NEWLY_HARD * size)].cpu()
        hard = torch.cat([hardest, hard])[: int(HARD_SHARE * size)]
        chosen = torch.cat([hard, torch.randint(0, count, (size - len(hard),), generator=generator)])
        fitted = levenberg_marquardt(batch, row[None], *words.part(full, chosen), iterations=FINISHING_ITERATIONS)
        row = fitted.rows[0]
        errors = errors_of_all(batch, row, words).amax(0)
        bad = _badness(errors, words.tolerance)
        gains = bad[0] < mark[0] or (bad[0] == mark[0] and bad[1] < NOTABLE * mark[1])
        since = 0 if gains else since + 1
        if bad < mark:
            best, mark = row, bad
        share = torch.tensor([1 - mark[0] / count], dtype=torch.float64)  # of words, not of answers
        yield Round(best[None], share, number * FINISHING_ITERATIONS, full, float(fitted.losses[0]))


def _badness(errors: Tensor, tolerance: float) -> tuple[int, float]:
    """Return how many words are wrong and the largest error."""
    return int((errors >= tolerance).sum()), float(errors.max())


def errors_of_all(batch: RecurrentBatch, row: Tensor, words: Words) -> Tensor:
    """Return the largest error of each answer of a network (parameters,) to all words (length, words)."""
    length, count = words.inputs.shape[:2]
    widest = max(max(layer) for layer in batch.architecture.layers)
    chunk = min(CHUNK, max(1, MOST_NUMBERS // (length * widest)))
    errors = row.new_empty(length, count)
    for begin in range(0, count, chunk):
        part = slice(begin, begin + chunk)
        errors[:, part] = _largest_errors(batch, row[None], words, part)[0]
    return errors


def _largest_errors(batch: RecurrentBatch, rows: Tensor, words: Words, chosen: slice) -> Tensor:
    """Return the largest error of each answer to the chosen words (networks, length, words).

    What is no number counts as infinite.
    """
    inputs, targets = words.part(words.inputs.shape[0], chosen)
    given, _ = batch.forward(rows, inputs)
    return (given - targets).abs().amax(-1).nan_to_num(torch.inf, torch.inf)


def right(batch: RecurrentBatch, rows: Tensor, words: Words, chosen: slice) -> Tensor:
    """Return for each network the share of right answers on the chosen words (networks,)."""
    return (_largest_errors(batch, rows, words, chosen) < words.tolerance).double().mean((1, 2))
