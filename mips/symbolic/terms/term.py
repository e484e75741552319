"""Terms over integers: what they are, what they evaluate to, how they are written in Python.

Truth values are the integers 0 and 1, as in Python's own arithmetic. `//` and `%` floor, as in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Operator:
    """A binary operator: its NumPy function, its Python text, its binding strength and algebra.

    `is_truth` says that the value is 0 or 1 and a bool in Python.
    """

    symbol: str
    apply: Callable[[Column, Column], Column]
    template: str
    strength: int
    commutes: bool = False
    associates: bool = False
    is_truth: bool = False
    divides: bool = False


AWKWARD = 3

# How strongly Python binds, strongest first.
ATOM, SIGN, PRODUCT, SUM, PARITY, COMPARISON, NOT, AND, OR, CHOICE = range(10, 0, -1)

OPERATORS = {
    operator.symbol: operator
    for operator in (
        Operator("+", np.add, "{} + {}", SUM, commutes=True, associates=True),
        Operator("-", np.subtract, "{} - {}", SUM),
        Operator("*", np.multiply, "{} * {}", PRODUCT, commutes=True, associates=True),
        Operator("//", np.floor_divide, "{} // {}", PRODUCT, divides=True),
        Operator("%", np.remainder, "{} % {}", PRODUCT, divides=True),
        Operator("==", lambda a, b: (a == b).astype(np.int64), "{} == {}", COMPARISON, commutes=True, is_truth=True),
        Operator("!=", lambda a, b: (a != b).astype(np.int64), "{} != {}", COMPARISON, commutes=True, is_truth=True),
        Operator("<", lambda a, b: (a < b).astype(np.int64), "{} < {}", COMPARISON, is_truth=True),
        Operator("<=", lambda a, b: (a <= b).astype(np.int64), "{} <= {}", COMPARISON, is_truth=True),
        Operator("^", np.bitwise_xor, "{} ^ {}", PARITY, commutes=True, associates=True),
        Operator("min", np.minimum, "min({}, {})", ATOM, commutes=True),
        Operator("max", np.maximum, "max({}, {})", ATOM, commutes=True),
    )
}


COMPARISONS = ("==", "!=", "<", "<=")

CONNECTIVES: dict[str, Callable[[NDArray[np.bool_]], NDArray[np.bool_]]] = {
    "and": np.logical_and.reduce,
    "or": np.logical_or.reduce,
    "not": lambda values: ~values[0],
}


@dataclass(frozen=True, slots=True)
class Term:
    """A formula. `head` is a variable's name, a decimal constant, a symbol of OPERATORS, or one of these:

    `abs`, `neg` (one argument), `if` (condition, value where it is non-zero, value elsewhere), `in` (the first argument
    is looked for among the others), `not` (one argument), `and`, `or` (several arguments, all of them zeros and ones).
    """

    head: str
    args: tuple[Term, ...] = ()

    @property
    def size(self) -> int:
        """Number of nodes."""
        return 1 + sum(arg.size for arg in self.args)

    @property
    def cost(self) -> int:
        """What a term costs its reader: its nodes, fewer and more for some.

        Comparisons joined by `and` or `or` are read like prose, so that only other parts of these count. A choice costs
        three nodes. A truth value that is used as a number to compare, a divisor that is not a constant and bits of a
        constant cost AWKWARD more.
        """
        if self.head in ("and", "or"):
            return sum(arg.cost + (arg.head not in COMPARISONS) for arg in self.args)
        own = 3 if self.head == "if" else 1
        if self.head in COMPARISONS or self.head in ("min", "max", "abs", "neg", "//", "%", "^"):
            own += AWKWARD * sum(arg.is_truth for arg in self.args)
        if (self.head in ("//", "%") and self.args[1].constant is None) or (
            self.head == "^" and any(arg.constant is not None for arg in self.args)
        ):
            own += AWKWARD
        return own + sum(arg.cost for arg in self.args)

    @property
    def is_plain(self) -> bool:
        """Whether nothing in the term costs more than its nodes."""
        return self.cost <= self.size

    @property
    def constant(self) -> int | None:
        """The value when the term is a constant, else None."""
        return int(self.head) if not self.args and self.head.lstrip("-").isdigit() else None

    @property
    def is_truth(self) -> bool:
        """Whether Python computes a bool (True, False), or may, instead of an int."""
        if self.head in ("min", "max", "^"):
            return any(arg.is_truth for arg in self.args)
        if self.head == "if":
            return any(arg.is_truth for arg in self.args[1:])
        if self.head in ("and", "or"):
            return True
        return self.head in ("in", "not") or (self.head in OPERATORS and OPERATORS[self.head].is_truth)

    @property
    def is_affine(self) -> bool:
        """Whether the term only adds, subtracts and multiplies by constants."""
        if self.head == "*" and all(arg.constant is None for arg in self.args):
            return False
        return (not self.args or self.head in ("+", "-", "*", "neg")) and all(arg.is_affine for arg in self.args)

    def variables(self) -> frozenset[str]:
        """Return the names of the variables that occur."""
        if self.args:
            return frozenset().union(*(arg.variables() for arg in self.args))
        return frozenset() if self.constant is not None else frozenset([self.head])

    def heads(self) -> frozenset[str]:
        """Return the heads of all nodes."""
        return frozenset([self.head]).union(*(arg.heads() for arg in self.args))

    def evaluate(self, columns: Mapping[str, Column]) -> Column:
        """Return the values (rows,) on columns (rows,) by variable. Raises ZeroDivisionError as Python would."""
        if not self.args:
            rows = len(next(iter(columns.values())))
            return columns[self.head] if self.constant is None else np.full(rows, self.constant, dtype=np.int64)
        values = [arg.evaluate(columns) for arg in self.args]
        if self.head == "abs":
            return np.abs(values[0])
        if self.head == "neg":
            return -values[0]
        if self.head == "if":
            return np.where(values[0] != 0, values[1], values[2])
        if self.head == "in":
            found: Column = np.any([values[0] == other for other in values[1:]], axis=0).astype(np.int64)
            return found
        if self.head in CONNECTIVES:
            return CONNECTIVES[self.head](np.stack(values) != 0).astype(np.int64)
        operator = OPERATORS[self.head]
        if operator.divides and not values[1].all():
            raise ZeroDivisionError(f"{self} divides by zero")
        return operator.apply(values[0], values[1])

    def rename(self, names: Mapping[str, str]) -> Term:
        """Return the term with variables renamed."""
        return Term(names.get(self.head, self.head), tuple(arg.rename(names) for arg in self.args))

    def __str__(self) -> str:
        """Return Python source; its value is an int or, where `is_truth`, a bool."""
        return self._text()[0]

    def _text(self) -> tuple[str, int]:
        if not self.args:
            return self.head, ATOM if not self.head.startswith("-") else SUM
        if self.head == "abs":
            return f"abs({self.args[0]})", ATOM
        if self.head == "neg":
            return f"-{_wrapped(self.args[0]._text(), SIGN)}", SIGN
        if self.head == "if":
            condition, then, other = (arg._text() for arg in self.args)
            return f"{_wrapped(then, OR)} if {_wrapped(condition, OR)} else {other[0]}", CHOICE
        if self.head == "in":
            others = ", ".join(map(str, self.args[1:])) + ("," if len(self.args) == 2 else "")
            return f"{_wrapped(self.args[0]._text(), SUM)} in ({others})", COMPARISON
        if self.head == "not":
            return f"not {_wrapped(self.args[0]._text(), NOT)}", NOT
        if self.head in ("and", "or"):
            strength = AND if self.head == "and" else OR
            return f" {self.head} ".join(_wrapped(arg._text(), strength + 1) for arg in self.args), strength
        operator = OPERATORS[self.head]
        if operator.strength == ATOM:
            return operator.template.format(*self.args), ATOM
        left_needs = operator.strength + (operator.strength == COMPARISON)
        right_needs = operator.strength + (not operator.associates)
        left, right = self.args
        if operator.associates and right.head in OPERATORS and right.head != self.head:
            right_needs = operator.strength + 1
        return operator.template.format(_wrapped(left._text(), left_needs), _wrapped(right._text(), right_needs)), (
            operator.strength
        )


def _wrapped(text: tuple[str, int], needed: int) -> str:
    return text[0] if text[1] >= needed else f"({text[0]})"


def variable(name: str) -> Term:
    """Return the variable of that name."""
    return Term(name)


def constant(value: int) -> Term:
    """Return the constant."""
    return Term(str(value))
