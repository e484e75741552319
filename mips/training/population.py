"""Many tiny networks at once by the Levenberg-Marquardt method; the worse half is dropped round after round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from mips.training.budget import BUDGET, TrainingBudget
from mips.training.least_squares import levenberg_marquardt
from mips.training.recurrent import RecurrentBatch

CHUNK, MOST_NUMBERS = 5000, 2**20  # words answered at once, and numbers of a layer that are held then


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


def first_length(symbols: int, length: int, parameters: int, budget: TrainingBudget = BUDGET) -> int:
    """Return the length that the search begins with, at most `length`, for an alphabet of so many symbols.

    So short that there is little to learn, so long that the different words have enough answers for all parameters.
    """
    shortest = min(budget.first_length, length)
    while shortest < length and symbols**shortest < max(
        budget.first_length_words, budget.answers_per_parameter * parameters / shortest
    ):
        shortest += 1
    return shortest


def evolve(
    batch: RecurrentBatch,
    words: Words,
    rows: Tensor,
    *,
    survivors: int,
    length: int,
    seed: int,
    budget: TrainingBudget = BUDGET,
) -> Iterator[Round]:
    """Yield the survivors after each round, until one makes no mistake on a glance, or the search is stuck.

    A round is some Levenberg-Marquardt steps on new random words. Half of the networks stay, at least `survivors`:
    those with the smallest error on the present length and those with the most right answers at the full one, in turn.
    The words, at first of `length`, grow by a symbol when enough networks have learnt them or few networks are left.
    Successive halving: Jamieson and Talwalkar (2016).
    """
    full, count = words.inputs.shape[:2]
    generator = torch.Generator().manual_seed(seed)
    steps = 0
    best: list[float] = []
    while len(best) <= budget.patience or best[-1] > best[-1 - budget.patience] + budget.least_gain:
        needed = budget.answers_per_parameter * rows.shape[1] // length
        size = max(
            budget.round_words, needed, min(budget.most_round_words, budget.round_words * 4 * survivors // len(rows))
        )
        chosen = torch.randint(0, count, (size,), generator=generator)
        fitted = levenberg_marquardt(batch, rows, *words.part(length, chosen), iterations=budget.iterations)
        steps += budget.iterations
        shares = right(batch, fitted.rows, words, slice(0, budget.ranking_words))
        order = fitted.losses.argsort(stable=True)
        order = order[shares[order].argsort(descending=True, stable=True)]
        yield Round(fitted.rows[order], shares[order], steps, length, float(fitted.losses.min()))
        if shares.max() == 1.0:
            return
        left = max(survivors, len(rows) // 2)
        by_loss = fitted.losses.argsort(stable=True)
        in_turn = torch.stack([order, by_loss], 1).flatten().tolist()
        rows = fitted.rows[list(dict.fromkeys(in_turn))[:left]]
        learnt = int((fitted.losses < budget.learnt_loss).sum())
        if length < full:
            length += learnt >= survivors or left <= 4 * survivors
        if left <= 4 * survivors:
            best.append(float(shares.max()))


def finish(
    batch: RecurrentBatch, words: Words, row: Tensor, *, seed: int, budget: TrainingBudget = BUDGET
) -> Iterator[Round]:
    """Yield the best network so far after each round of steps on random words and all words found hard so far.

    After each round the words with the largest errors of all join the hard ones, as the violated constraints do in a
    cutting-plane method. Ends when the largest error is well below the tolerance, or when no round has done better for
    some time. Fewer wrong words are better, then a smaller largest error.
    """
    full, count = words.inputs.shape[:2]
    generator = torch.Generator().manual_seed(seed)
    goal, errors = budget.final_error * words.tolerance, errors_of_all(batch, row, words).amax(0)
    best, mark, since = row, _badness(errors, words.tolerance), 0
    size = max(budget.finishing_words, budget.finishing_answers_per_parameter * row.shape[0] // full)
    hard = torch.zeros(0, dtype=torch.long)
    for number in range(1, budget.finishing_rounds + 1):
        if mark[1] < goal or since > budget.finishing_patience:
            return
        hardest = errors.argsort(descending=True, stable=True)[: int(budget.newly_hard_share * size)].cpu()
        hard = torch.cat([hardest, hard])[: int(budget.hard_share * size)]
        chosen = torch.cat([hard, torch.randint(0, count, (size - len(hard),), generator=generator)])
        fitted = levenberg_marquardt(
            batch, row[None], *words.part(full, chosen), iterations=budget.finishing_iterations
        )
        row = fitted.rows[0]
        errors = errors_of_all(batch, row, words).amax(0)
        bad = _badness(errors, words.tolerance)
        gains = bad[0] < mark[0] or (bad[0] == mark[0] and bad[1] < budget.finishing_gain * mark[1])
        since = 0 if gains else since + 1
        if bad < mark:
            best, mark = row, bad
        share = torch.tensor([1 - mark[0] / count], dtype=torch.float64)  # of words, not of answers
        yield Round(best[None], share, number * budget.finishing_iterations, full, float(fitted.losses[0]))


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
