"""Terms as sympy expressions. Whoever imports this module imports sympy, which takes about a second."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import sympy
from sympy.printing.precedence import PRECEDENCE

from mips.symbolic.terms.term import COMPARISONS, Term

CONDITIONS = (*COMPARISONS, "in", "not", "and", "or")  # heads of terms that become sympy conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class SympyFormulas:
    """Formulas as sympy expressions, by name.

    `start` has the value of every state variable before the first symbol; `updates` its value after a symbol; `outputs`
    what is answered to that symbol. Expressions speak of the inputs (`x`, or `x0`, `x1`, ...) and of the state
    variables as they were before the symbol, and of nothing else; each is `sympy.Symbol(name, integer=True)`.
    """

    start: Mapping[str, int]
    updates: Mapping[str, sympy.Expr]
    outputs: Mapping[str, sympy.Expr]

    def to_latex(self) -> str:
        r"""Return an `aligned` environment of LaTeX, one line for each start value, update and output in this order.

        What becomes of a state variable `s` is written `s'`. The text belongs into math mode; `\text` needs amsmath.
        """
        lines = [
            *(f"{_latex_name(name)} &= {value} && \\text{{at the start}}" for name, value in self.start.items()),
            *(f"{_latex_name(name)}' &= {sympy.latex(update)}" for name, update in self.updates.items()),
            *(f"{_latex_name(name)} &= {sympy.latex(output)}" for name, output in self.outputs.items()),
        ]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


class IntegerFunction(sympy.Function):  # type: ignore[misc]  # sympy has no types
    """A function of two integers whose value is an integer, computed as soon as both arguments are numbers.

    `symbol` is its Python operator, `latex` its LaTeX with two `%s` for the arguments.
    """

    nargs = 2
    is_integer = True
    is_number = False  # sympy compares numbers by computing them, and fails at a division by 0
    symbol: ClassVar[str]
    latex: ClassVar[str]

    @classmethod
    def eval(cls, left: Any, right: Any) -> Any:
        """Return the value, or None where sympy shall leave the function as it is."""
        if left.is_Integer and right.is_Integer:
            return cls.value(int(left), int(right))
        return None

    @classmethod
    def value(cls, left: int, right: int) -> sympy.Integer | None:
        """Return the value at two numbers, or None where there is none."""
        raise NotImplementedError

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        """Return the LaTeX, which sympy asks for by this name; `exp` is an exponent."""
        text = self.latex % tuple(printer.parenthesize(arg, PRECEDENCE["Mul"]) for arg in self.args)
        return text if exp is None else f"{text}^{{{exp}}}"

    def _pythoncode(self, printer: Any) -> str:
        """Return the Python source, which `sympy.lambdify` asks for by this name."""
        left, right = (f"({printer.doprint(arg)})" for arg in self.args)
        return f"({left} {self.symbol} {right})"

    _numpycode = _pythoncode


class BitwiseXor(IntegerFunction):
    """The exclusive or of the bits of two integers, negative ones with infinitely many ones in front."""

    symbol = "^"
    latex = r"\left(%s \oplus %s\right)"

    @classmethod
    def value(cls, left: int, right: int) -> sympy.Integer:
        return sympy.Integer(left ^ right)


class FloorDivide(IntegerFunction):
    """The quotient of two integers, rounded down. Division by 0 has no value and stays as it is."""

    symbol = "//"
    latex = r"\left\lfloor %s / %s \right\rfloor"

    @classmethod
    def value(cls, left: int, right: int) -> sympy.Integer | None:
        return sympy.Integer(left // right) if right else None


class Modulo(IntegerFunction):
    """What `FloorDivide` leaves over, with the sign of the divisor. Division by 0 has no value and stays as it is."""

    symbol = "%"
    latex = r"\left(%s \bmod %s\right)"

    @classmethod
    def value(cls, left: int, right: int) -> sympy.Integer | None:
        return sympy.Integer(left % right) if right else None


def _floor(left: Any, right: Any) -> Any:
    """Return `left // right`: a floor where the divisor is a number other than 0, else FloorDivide.

    sympy answers a division by 0 with an exception or with an infinite number, also where a choice never takes it.
    """
    return sympy.floor(left / right) if right.is_Integer and right else FloorDivide(left, right)


def _remainder(left: Any, right: Any) -> Any:
    """Return `left % right`: a Mod where the divisor is a number other than 0, else Modulo, as in `_floor`."""
    return sympy.Mod(left, right) if right.is_Integer and right else Modulo(left, right)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "neg": lambda value: -value,
    "abs": sympy.Abs,
    "+": sympy.Add,
    "-": lambda left, right: left - right,
    "*": sympy.Mul,
    "//": _floor,
    "%": _remainder,
    "^": BitwiseXor,
    "min": sympy.Min,
    "max": sympy.Max,
}
RELATIONS: Mapping[str, Callable[..., Any]] = {"==": sympy.Eq, "!=": sympy.Ne, "<": sympy.Lt, "<=": sympy.Le}
CONNECTIVES: Mapping[str, Callable[..., Any]] = {"not": sympy.Not, "and": sympy.And, "or": sympy.Or}


def expression(term: Term, known: Mapping[str, Any]) -> Any:
    """Return the sympy expression that equals a term at all integers at which the term has a value.

    A variable in `known` becomes what stands there, every other one an integer symbol. Truth values are 0 and 1. `//`
    and `%` become `floor` and `Mod` where the divisor is a number, else the functions FloorDivide and Modulo of this
    module; `^` becomes BitwiseXor. Every term has an expression. Where a term divides by 0, so that evaluating it
    raises ZeroDivisionError, its expression holds a quotient that stays as it is, or has a value where the quotient
    does not matter: in the part of a choice that is not taken, or where it is multiplied by 0.
    """
    if not term.args:
        if term.constant is not None:
            return sympy.Integer(term.constant)
        return known[term.head] if term.head in known else sympy.Symbol(term.head, integer=True)
    if term.head in CONDITIONS:
        return _choice(_condition(term, known), sympy.Integer(1), sympy.Integer(0))
    if term.head == "if":
        condition, then, other = term.args
        return _choice(_condition(condition, known), expression(then, known), expression(other, known))
    return FUNCTIONS[term.head](*(expression(arg, known) for arg in term.args))


def _condition(term: Term, known: Mapping[str, Any]) -> Any:
    """Return the sympy condition that a term is not 0."""
    if term.head in CONNECTIVES:
        return CONNECTIVES[term.head](*(_condition(arg, known) for arg in term.args))
    if term.head not in CONDITIONS:
        return sympy.Ne(expression(term, known), 0)
    first, *others = (expression(arg, known) for arg in term.args)
    if term.head == "in":
        return sympy.Or(*(sympy.Eq(first, other) for other in others))
    return RELATIONS[term.head](first, *others)


def _choice(condition: Any, then: Any, other: Any) -> Any:
    """Return `then` where the condition holds, else `other`.

    sympy would rewrite choices whose conditions hold choices, which takes minutes for some terms, so nothing is
    rewritten here.
    """
    if condition in (sympy.true, sympy.false):
        return then if condition else other
    return sympy.Piecewise((then, condition), (other, True), evaluate=False)


def _latex_name(name: str) -> str:
    return str(sympy.latex(sympy.Symbol(name)))
