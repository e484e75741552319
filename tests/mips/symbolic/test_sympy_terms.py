"""Formulas as sympy expressions equal the formulas, step by step."""

from __future__ import annotations

import pickle
import random
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy
from random_examples import NAMES, random_term

from mips.symbolic.terms.formulas import Formulas, StateVariable
from mips.symbolic.terms.sympy_terms import SympyFormulas, expression
from mips.symbolic.terms.term import Term, constant, variable

LARGEST = 5  # of the numbers that expressions are computed at, in absolute value
S, T, X = (sympy.Symbol(name, integer=True) for name in NAMES)


def at(found: Any, values: dict[str, int]) -> Any:
    return found.subs({sympy.Symbol(name, integer=True): value for name, value in values.items()})


def differences(term: Term, found: Any, rng: random.Random, points: int = 4) -> list[dict[str, int]]:
    """Some points at which the term has a value, and the expression another one or none."""
    differ = []
    for _ in range(points):
        values = {name: rng.randint(-LARGEST, LARGEST) for name in NAMES}
        try:
            expected = term.evaluate({name: np.array([value]) for name, value in values.items()})
        except ZeroDivisionError:
            continue
        if at(found, values) != int(expected[0]):
            differ.append(values)
    return differ


def run(formulas: SympyFormulas, word: list[int]) -> list[int]:
    """The outputs of expressions over `x` on a word."""
    values: dict[str, Any] = dict(formulas.start)
    outputs = []
    for x in word:
        outputs.append(int(at(formulas.outputs["y"], values | {"x": x})))
        values = {name: at(update, values | {"x": x}) for name, update in formulas.updates.items()}
    return outputs


@pytest.mark.parametrize("seed", range(30))
def test_a_random_term_has_the_same_values(seed: int) -> None:
    rng = random.Random(seed)
    term = random_term(rng)
    found = expression(term, {})
    assert {symbol.name for symbol in found.free_symbols} <= term.variables()
    assert differences(term, found, rng) == []


@pytest.mark.parametrize(
    ("term", "wrong"),
    [
        (Term("//", (variable("s"), constant(2))), sympy.ceiling(S / 2)),
        (Term("%", (variable("s"), constant(-3))), sympy.Mod(S, 3)),
        (Term("<", (variable("s"), variable("t"))), sympy.Piecewise((1, S <= T), (0, True))),
        (Term("if", (variable("s"), variable("t"), variable("x"))), sympy.Piecewise((T, S > 0), (X, True))),
        (Term("//", (variable("s"), variable("t"))), sympy.nan),
    ],
    ids=str,
)
def test_another_expression_is_told_apart(term: Term, wrong: Any) -> None:
    """The comparison can say no."""
    assert differences(term, wrong, random.Random(0), points=40)
    assert differences(term, expression(term, {}), random.Random(0), points=40) == []


@pytest.mark.parametrize("head", ["//", "%"])
def test_a_division_by_zero_stays_and_a_choice_can_pass_it_by(head: str) -> None:
    never = Term(head, (variable("s"), Term("-", (variable("t"), variable("t")))))
    assert not at(expression(never, {}), {"s": 3, "t": 1}).is_Integer
    quotient = Term(head, (constant(7), variable("t")))
    guarded = expression(Term("if", (variable("t"), quotient, constant(-1))), {})
    assert [at(guarded, {"t": value}) for value in (0, 2)] == [-1, 3 if head == "//" else 1]


def test_numbers_as_divisors_are_functions_that_sympy_knows() -> None:
    total = Term("+", (variable("s"), variable("x")))
    assert expression(Term("//", (total, constant(10))), {}) == sympy.floor((S + X) / 10)
    assert expression(Term("%", (total, constant(10))), {}) == sympy.Mod(S + X, 10)
    assert expression(Term("neg", (Term("abs", (variable("s"),)),)), {}) == -sympy.Abs(S)


FORMULAS = Formulas(
    width=1,
    states=(
        StateVariable(name="s", start=1, update=Term("%", (Term("+", (variable("s"), variable("x"))), constant(7)))),
        StateVariable(
            name="t",
            start=-2,
            update=Term("if", (Term("<", (variable("s'"), variable("t"))), variable("s"), variable("y"))),
        ),
    ),
    outputs=(Term("^", (Term("//", (variable("s'"), constant(2))), variable("t"))),),
)


def test_formulas_that_need_one_another_speak_of_old_values_alone() -> None:
    found = FORMULAS.to_sympy()
    names = {symbol.name for part in (*found.updates.values(), *found.outputs.values()) for symbol in part.free_symbols}
    assert names == {"s", "t", "x"}
    words = np.random.default_rng(0).integers(-9, 9, (2, 4, 1))
    expected = FORMULAS.run(words)
    for word, outputs in zip(words, expected, strict=True):
        assert run(found, word[:, 0].tolist()) == outputs[:, 0].tolist()
    late = replace(found, start={**found.start, "t": 5})
    assert run(late, words[0, :, 0].tolist()) != expected[0, :, 0].tolist()


def test_expressions_can_be_computed_by_python_and_kept() -> None:
    found = FORMULAS.to_sympy()
    output = sympy.lambdify((S, T, X), found.outputs["y"], "math")
    assert output(3, 2, 1) == at(found.outputs["y"], {"s": 3, "t": 2, "x": 1})
    kept = pickle.loads(pickle.dumps(found))
    assert run(kept, [3, -1, 4, 1]) == run(found, [3, -1, 4, 1])


def test_latex_has_a_line_for_each_start_update_and_output() -> None:
    assert FORMULAS.to_latex().splitlines() == [
        r"\begin{aligned}",
        r"s &= 1 && \text{at the start} \\",
        r"t &= -2 && \text{at the start} \\",
        r"s' &= \left(s + x\right) \bmod 7 \\",
        r"t' &= \begin{cases} s & \text{for}\: \left(s + x\right) \bmod 7 < t \\"
        r"\left(\left\lfloor{\frac{\left(s + x\right) \bmod 7}{2}}\right\rfloor \oplus t\right)"
        r" & \text{otherwise} \end{cases} \\",
        r"y &= \left(\left\lfloor{\frac{\left(s + x\right) \bmod 7}{2}}\right\rfloor \oplus t\right)",
        r"\end{aligned}",
    ]


def test_sympy_is_imported_by_the_conversion_alone() -> None:
    code = "import sys, mips.symbolic.terms.formulas; sys.exit('sympy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
