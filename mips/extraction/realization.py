"""A linear network as a linear machine: its Markov parameters, and the shortest recurrence with the same ones."""

from __future__ import annotations

import numpy as np

from mips.machines.linear import LARGEST_EXACT, LinearMachine
from mips.networks.network import Floats, Ints, Network

INTEGER_TOLERANCE = 1e-3  # how far a Markov parameter of the trained network may lie from its integer


class NotLinear(Exception):
    """The network is no linear recurrence over the integers; the message says why."""


def markov_parameters(network: Network, length: int) -> tuple[Floats, Floats]:
    """Return the impulse responses (length, outputs, inputs) and the zero-input response (length, outputs).

    Raises NotLinear for a network with a ReLU.
    """
    if not network.is_linear:
        raise NotLinear("the network has inner layers")
    width = network.input_width
    hidden = network.start(width + 1)
    symbols = np.concatenate([np.eye(width, dtype=np.int64), np.zeros((1, width), dtype=np.int64)])
    responses = []
    for _ in range(length):
        hidden = network.step(hidden, symbols)
        responses.append(network.read(hidden))
        symbols = np.zeros_like(symbols)
    response = np.stack(responses)
    return (response[:, :-1] - response[:, -1:]).transpose(0, 2, 1), response[:, -1]


def realize(network: Network) -> LinearMachine:
    """Return the integer recurrence with the fewest remembered numbers that has the network's Markov parameters.

    A recurrence remembers each output as long as its feedback reaches, and each input as long as its feedforward does.
    Neither reaches back further than the hidden size n, and 2n + 2 Markov parameters are compared. That decides
    equality for ever: by how much the network's parameters miss the recurrence is, from lag n + 1 on, a sequence
    C' A^t B, which obeys a recurrence of order n itself (Cayley and Hamilton), so that n zeros in a row make all that
    follow zero.

    Raises NotLinear when the parameters are no integers or when no such recurrence has them.
    """
    horizon = 2 * network.hidden_size + 2
    impulse, resting = markov_parameters(network, horizon)
    response = np.concatenate([impulse, resting[:, :, None]], axis=2)
    rounded = np.rint(response)
    furthest = float(np.abs(response - rounded).max())
    if not furthest <= INTEGER_TOLERANCE:  # so that a NaN is refused
        raise NotLinear(f"a Markov parameter lies {furthest:.2g} from the nearest integer")
    if np.abs(rounded).max() >= LARGEST_EXACT:
        raise NotLinear(f"Markov parameters reach {np.abs(rounded).max():.2g}, too large to be known to the last digit")
    exact = rounded.astype(np.int64)
    outputs, inputs = exact.shape[1], exact.shape[2] - 1
    shapes = [(back, ahead) for back in range(network.hidden_size + 1) for ahead in range(network.hidden_size + 1)]
    for back, ahead in sorted(shapes, key=lambda lags: (lags[0] * outputs + lags[1] * inputs, lags)):
        machine = _fit(exact[:, :, :-1], exact[:, :, -1], back, ahead)
        if machine is not None:
            return machine
    raise NotLinear(f"no integer recurrence with {network.hidden_size} lags has the network's Markov parameters")


def _fit(impulse: Ints, resting: Ints, back: int, ahead: int) -> LinearMachine | None:
    """Return the recurrence with `back` lags of y and `ahead` lags of x, when there is one over the integers."""
    length, outputs, _ = impulse.shape
    feedback = np.zeros((back, outputs, outputs), dtype=np.int64)
    if back:
        free = range(ahead + 1, length)  # the times at which an impulse is heard through the feedback alone
        steps = np.diff(resting, axis=0, prepend=np.zeros_like(resting[:1]))  # the constant's own impulse response
        rows = [np.concatenate([_past(impulse, t - lag) for lag in range(1, back + 1)]).T for t in free]
        rows += [np.concatenate([_past(steps, t - lag) for lag in range(1, back + 1)])[None] for t in range(1, length)]
        targets = [impulse[t].T for t in free] + [steps[t][None] for t in range(1, length)]
        solution = integer_solution(np.concatenate(rows), np.concatenate(targets))
        if solution is None:
            return None
        feedback = solution.reshape(back, outputs, outputs).transpose(0, 2, 1)
    feedforward = impulse[: ahead + 1].copy()
    for t in range(ahead + 1):
        for lag in range(1, min(back, t) + 1):
            feedforward[t] -= feedback[lag - 1] @ impulse[t - lag]
    machine = LinearMachine(feedback=feedback, feedforward=feedforward, constant=resting[0].copy())
    same = all(
        np.array_equal(own, wanted) for own, wanted in zip(machine.markov(length), (impulse, resting), strict=True)
    )
    return machine if same else None


def integer_solution(matrix: Ints, targets: Ints) -> Ints | None:
    """Return integers X (columns, targets) with matrix @ X == targets, (rows, targets), or None when there are none.

    Euclid's algorithm on the columns brings the matrix into echelon form, in which X is found row by row (Cohen, "A
    Course in Computational Algebraic Number Theory", section 2.4). Columns that depend on others are not used.
    """
    columns = matrix.T.astype(object)
    basis = np.eye(len(columns), dtype=np.int64).astype(object)  # which combination of the columns each one has become
    rest, solution = targets.astype(object), np.zeros((len(columns), targets.shape[1]), dtype=object)
    used = 0
    for row in range(len(matrix)):
        while len(open_ := [i for i in range(used, len(columns)) if columns[i, row]]) > 1:
            pivot = min(open_, key=lambda i: abs(columns[i, row]))
            for i in open_:
                if i != pivot:
                    times = columns[i, row] // columns[pivot, row]
                    columns[i] -= times * columns[pivot]
                    basis[i] -= times * basis[pivot]
        if open_:
            columns[[used, open_[0]]] = columns[[open_[0], used]]
            basis[[used, open_[0]]] = basis[[open_[0], used]]
            amount = rest[row] // columns[used, row]
            rest -= np.outer(columns[used], amount)
            solution += np.outer(basis[used], amount)
            used += 1
        if rest[row].any():
            return None
    return solution.astype(np.int64) if np.abs(solution).max(initial=0) < LARGEST_EXACT else None


def _past(response: Ints, t: int) -> Ints:
    return response[t] if t >= 0 else np.zeros_like(response[0])
