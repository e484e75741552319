"""Affine machines over the integers, read off a step function by running it on symbols, and compared for ever.

With state s in Zⁿ, input u in Zᵐ and output y in Zᵖ an affine machine is

    s' = A·s + B·u + c        y = C·s + D·u + d        s starts as `start`.

A step function that only adds, subtracts and multiplies by integer constants computes the same affine map on every
state and input, and it does so on `AffineForm`s too; everything else that could look at a value raises NotAffine, and
is remembered should the step function catch that.

Limit of the argument: a step function that asks for the *type*, the identity or the text of its arguments
(`isinstance(x, int)`, `x is y`) can take another way on an AffineForm than on an int and so fool `affine_machine`.
Whoever proves something by it asks first that the function is transparent (`mips.judging.transparency`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

Row = tuple[int, ...]
Matrix = tuple[Row, ...]
Shape = TypeVar("Shape")


class NotAffine(Exception):
    """The step function is not (visibly) affine, or its state is not made of ints in tuples of one constant shape."""


class Refusals:
    """Counts how often forms refused to be looked at, because a step function may catch what they raise."""

    def __init__(self) -> None:
        self.count = 0


def _refuse(self: AffineForm, *others: object) -> NoReturn:
    self.refusals.count += 1
    raise NotAffine("a value was looked at: only +, - and multiplication by an int keep a form affine")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AffineForm:
    """`constant` plus the sum of `coefficients[i]` times the i-th variable (first the state's, then the input's).

    `refusals` is shared by all forms that one step function is run on.
    """

    coefficients: Row
    constant: int
    refusals: Refusals = field(default_factory=Refusals)

    def __add__(self, other: object) -> AffineForm:
        if isinstance(other, AffineForm):
            coefficients = tuple(a + b for a, b in zip(self.coefficients, other.coefficients, strict=True))
            return AffineForm(coefficients, self.constant + other.constant, self.refusals)
        return AffineForm(self.coefficients, self.constant + self._integer(other), self.refusals)

    def __mul__(self, factor: object) -> AffineForm:
        number = self._integer(factor)
        return AffineForm(tuple(a * number for a in self.coefficients), self.constant * number, self.refusals)

    def __neg__(self) -> AffineForm:
        return self * -1

    def __pos__(self) -> AffineForm:
        return self

    def __sub__(self, other: object) -> AffineForm:
        return self + (-other if isinstance(other, AffineForm) else -self._integer(other))

    def __rsub__(self, other: object) -> AffineForm:
        return -self + other

    def _integer(self, value: object) -> int:
        if not isinstance(value, int):
            self.refusals.count += 1
            raise NotAffine(f"{type(value).__name__} in arithmetic: only ints keep a form exact")
        return int(value)

    __radd__ = __add__
    __rmul__ = __mul__
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = __bool__ = _refuse
    __int__ = __index__ = __float__ = __complex__ = __abs__ = __invert__ = _refuse
    __round__ = __trunc__ = __floor__ = __ceil__ = __str__ = __repr__ = __format__ = _refuse
    __floordiv__ = __rfloordiv__ = __truediv__ = __rtruediv__ = __mod__ = __rmod__ = __divmod__ = __rdivmod__ = _refuse
    __pow__ = __rpow__ = __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = _refuse
    __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = __matmul__ = __rmatmul__ = _refuse
    __len__ = __iter__ = __getitem__ = __contains__ = _refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class AffineMachine:
    """s' = A·s + B·u + c, y = C·s + D·u + d, from `start`; all entries are ints, all matrices tuples of rows.

    `is_tuple` says whether an output is a tuple of numbers, or a number.
    """

    A: Matrix
    B: Matrix
    c: Row
    C: Matrix
    D: Matrix
    d: Row
    start: Row
    width: int
    is_tuple: bool

    def run(self, word: Sequence[Any]) -> list[Row]:
        """Return the outputs on `word`, one tuple of ints a symbol."""
        state, outputs = self.start, []
        for symbol in word:
            u = symbol if isinstance(symbol, tuple) else (symbol,)
            outputs.append(_sum(_times(self.C, state), _times(self.D, u), self.d))
            state = _sum(_times(self.A, state), _times(self.B, u), self.c)
        return outputs


def affine_machine(start: Any, step: Callable[[Any, Any], tuple[Any, Any]], *, width: int) -> AffineMachine:
    """Return the affine machine that `step` is, exactly and for all integer states and inputs of `width` ints.

    `start` is an int or a nested tuple of ints; an input is an int for width 1, else a tuple. Raises NotAffine if
    `step` does anything but integer affine arithmetic, also where it catches the error, if it changes the shape of the
    state, or if its output is neither an int nor a tuple of ints.
    """
    values = _leaves(start)
    if not all(type(value) is int for value in values):
        raise NotAffine(f"the start state {start!r} is not made of ints")
    size = len(values)
    refusals = Refusals()
    variables = [
        AffineForm(tuple(int(i == j) for j in range(size + width)), 0, refusals)  # the i-th unit vector
        for i in range(size + width)
    ]
    state = _shaped(start, iter(variables[:size]))
    symbol = variables[size] if width == 1 else tuple(variables[size:])
    try:
        next_state, output = step(state, symbol)
    except NotAffine:
        raise
    except Exception as error:
        raise NotAffine(f"step raised {type(error).__name__} on symbols") from error
    if refusals.count:
        raise NotAffine("step caught the error of a value that it had looked at")
    if type(output) is tuple and (len(output) < 2 or tuple in map(type, output)):
        raise NotAffine("step returned a tuple that is no output; expected an int or a tuple of two ints or more")
    if _shaped(next_state, None) != _shaped(start, None):
        raise NotAffine("step changes the shape of the state")
    state_forms = [_form(leaf, size + width) for leaf in _leaves(next_state)]
    output_forms = [_form(leaf, size + width) for leaf in _leaves(output)]
    return AffineMachine(
        A=tuple(form.coefficients[:size] for form in state_forms),
        B=tuple(form.coefficients[size:] for form in state_forms),
        c=tuple(form.constant for form in state_forms),
        C=tuple(form.coefficients[:size] for form in output_forms),
        D=tuple(form.coefficients[size:] for form in output_forms),
        d=tuple(form.constant for form in output_forms),
        start=tuple(values),
        width=width,
        is_tuple=type(output) is tuple,
    )


def equal_for_ever(left: AffineMachine, right: AffineMachine) -> bool:
    """Are the outputs equal on every word over the integers, of every length?

    Let the two run side by side and subtract their outputs; with the constant 1 as one more state variable this is one
    linear machine of dimension n = n₁ + n₂ + 1. Its output is 0 on every word exactly if D = 0 and C·Aᵏ·B = 0 and
    C·Aᵏ·start = 0 for all k, and by Cayley and Hamilton k < n suffices (Kalman, "Mathematical description of linear
    dynamical systems", 1963; for weighted automata Schützenberger, "On the definition of a family of automata", 1961).
    """
    return _first_difference(left, right) is None


def distinguishing_word(left: AffineMachine, right: AffineMachine, *, low: int, high: int) -> tuple[Any, ...] | None:
    """Return a shortest word of inputs between `low` and `high` on which the machines differ, or None if none is found.

    If they differ after t symbols for some integers, the last difference is an affine function of the inputs that is
    not 0 everywhere; so it is not 0 on a constant word or on one with a single number changed. So a word is found
    whenever the machines are not equal for ever and `low < high`.
    """
    length = _first_difference(left, right)
    if length is None:
        return None
    quiet = min(max(low, 0), high)
    loud = quiet + 1 if quiet < high else max(quiet - 1, low)
    silence = [(quiet,) * left.width] * length
    words = [silence]
    for time in reversed(range(length)):
        for place in range(left.width):
            pulse = tuple(loud if i == place else quiet for i in range(left.width))
            words.append([*silence[:time], pulse, *silence[time + 1 :]])
    for word in words:
        if left.run(word) != right.run(word):
            return tuple(u[0] for u in word) if left.width == 1 else tuple(word)
    return None


def _first_difference(left: AffineMachine, right: AffineMachine) -> int | None:
    """Return the length of the shortest integer words on which the machines differ, or None if there are none."""
    if len(left.C) != len(right.C) or left.width != right.width or left.is_tuple != right.is_tuple:
        return 1
    if left.D != right.D:
        return 1
    n1, n2 = len(left.start), len(right.start)
    n = n1 + n2 + 1
    A = (
        *((*row, *(0,) * n2, constant) for row, constant in zip(left.A, left.c, strict=True)),
        *((*(0,) * n1, *row, constant) for row, constant in zip(right.A, right.c, strict=True)),
        (*(0,) * (n1 + n2), 1),
    )
    inputs_and_start = zip(  # columns: the places of the input, then the start state
        *((*row, value) for row, value in zip(left.B, left.start, strict=True)),
        *((*row, value) for row, value in zip(right.B, right.start, strict=True)),
        (*(0,) * left.width, 1),
        strict=True,
    )
    *B, start = inputs_and_start
    rows: Matrix = tuple(
        (*p, *(-number for number in q), a - b) for p, q, a, b in zip(left.C, right.C, left.d, right.d, strict=True)
    )
    # rows are C·Aᵏ: the start state shows in the output k + 1, an input in the output k + 2 of a word
    previous_shows_input = False
    for k in range(n + 1):
        if previous_shows_input or any(_times(rows, start)):
            return k + 1
        previous_shows_input = any(any(_times(rows, column)) for column in B)
        rows = tuple(tuple(_dot(row, column) for column in zip(*A, strict=True)) for row in rows)
    return None


def _form(leaf: object, variables: int) -> AffineForm:
    if isinstance(leaf, AffineForm):
        return leaf
    if type(leaf) is int:
        return AffineForm((0,) * variables, leaf)
    raise NotAffine(f"step returned a {type(leaf).__name__}: expected ints")


def _leaves(value: object) -> list[Any]:
    """Return what is inside nested tuples, from left to right."""
    return [leaf for part in value for leaf in _leaves(part)] if type(value) is tuple else [value]


def _shaped(value: Any, leaves: Any) -> Any:
    """Return nested tuples of the shape of `value`, filled from the iterator `leaves` (all None without one)."""
    if type(value) is tuple:
        return tuple(_shaped(part, leaves) for part in value)
    return None if leaves is None else next(leaves)


def _dot(left: Sequence[int], right: Sequence[int]) -> int:
    return sum(a * b for a, b in zip(left, right, strict=True))


def _times(matrix: Matrix, vector: Sequence[int]) -> Row:
    return tuple(_dot(row, vector) for row in matrix)


def _sum(*rows: Row) -> Row:
    return tuple(map(sum, zip(*rows, strict=True)))
