"""Terms: their Python text, their values, their bookkeeping and their sympy expressions agree."""

from __future__ import annotations

import ast
import pickle
import random
import subprocess
import sys
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy
from random_examples import NAMES, random_term

from mips.symbolic.terms.formulas import Formulas, StateVariable
from mips.symbolic.terms.sympy_terms import SympyFormulas, expression
from mips.symbolic.terms.term import OPERATORS, Term, constant, variable

ROWS = np.array(np.meshgrid(*[np.arange(-3, 4)] * 3)).reshape(3, -1)
COLUMNS = dict(zip(NAMES, ROWS, strict=True))


TERMS = [random_term(random.Random(seed), depth=2 + seed % 4) for seed in range(400)]


def python(term: Term, row: np.ndarray) -> Any:
    with warnings.catch_warnings(action="ignore", category=SyntaxWarning):  # of comparisons that are never true
        return eval(str(term), {}, dict(zip(NAMES, row.tolist(), strict=True)))


def value(term: Term) -> np.ndarray | None:
    """The values on all rows, None when the term divides by zero on one of them."""
    try:
        return term.evaluate(COLUMNS)
    except ZeroDivisionError:
        return None


def test_random_terms_have_every_head_and_most_divide_by_nothing() -> None:
    heads = frozenset().union(*(term.heads() for term in TERMS))
    assert heads >= {*OPERATORS, "abs", "if", "in", "not", "and", "or", *NAMES}
    assert sum(value(term) is not None for term in TERMS) > len(TERMS) / 2


@pytest.mark.parametrize("first", range(0, len(TERMS), 100))
def test_the_text_computes_what_evaluate_computes(first: int) -> None:
    for term in TERMS[first : first + 100]:
        expected = value(term)
        if expected is None:
            continue  # Python may be luckier: it computes one branch of a choice alone
        assert expected.dtype == np.int64 and expected.shape == ROWS.shape[1:]
        for column, number in zip(ROWS.T[::7], expected[::7], strict=True):
            found = python(term, column)
            assert found == number, str(term)
            assert type(found) in ((int, bool) if term.is_truth else (int,)), str(term)


def test_where_python_divides_by_zero_so_does_evaluate() -> None:
    failed = 0
    for term in TERMS:
        try:
            for column in ROWS.T[::7]:
                python(term, column)
        except ZeroDivisionError:
            failed += 1
            assert value(term) is None, str(term)
    assert failed > 20


@pytest.mark.parametrize("term", TERMS[::8], ids=range(len(TERMS[::8])))
def test_size_variables_and_heads_are_those_of_the_tree(term: Term) -> None:
    nodes = [term]
    for node in nodes:
        nodes += node.args
    assert term.size == len(nodes)
    assert term.heads() == {node.head for node in nodes}
    assert term.variables() == {node.head for node in nodes if node.head in NAMES}
    assert term.variables() == {node.id for node in ast.walk(ast.parse(str(term))) if isinstance(node, ast.Name)} - {
        "abs", "min", "max",
    }  # fmt: skip


def test_renaming_moves_the_columns() -> None:
    for term in TERMS:
        swapped = term.rename({"s": "x", "x": "s"})
        assert swapped.rename({"s": "x", "x": "s"}) == term
        expected = value(term)
        if expected is not None:
            assert np.array_equal(swapped.evaluate({"x": COLUMNS["s"], "s": COLUMNS["x"], "t": COLUMNS["t"]}), expected)


S, T, X = map(variable, NAMES)
TEXTS = {
    "s + t + x": Term("+", (S, Term("+", (T, X)))),
    "s - t - x": Term("-", (Term("-", (S, T)), X)),
    "s - (t - x)": Term("-", (S, Term("-", (T, X)))),
    "s + (t - x)": Term("+", (S, Term("-", (T, X)))),
    "s * (t + x)": Term("*", (S, Term("+", (T, X)))),
    "s * (t // x)": Term("*", (S, Term("//", (T, X)))),
    "s // t * x": Term("*", (Term("//", (S, T)), X)),
    "s - (-1)": Term("-", (S, constant(-1))),
    "(s < t) < x": Term("<", (Term("<", (S, T)), X)),
    "s < t + x": Term("<", (S, Term("+", (T, X)))),
    "s ^ t + x": Term("^", (S, Term("+", (T, X)))),
    "(s ^ t) + x": Term("+", (Term("^", (S, T)), X)),
    "not s < t": Term("not", (Term("<", (S, T)),)),
    "(not s) == t": Term("==", (Term("not", (S,)), T)),
    "s and (t or x)": Term("and", (S, Term("or", (T, X)))),
    "s and t or x": Term("or", (Term("and", (S, T)), X)),
    "(s if t else x) + 1": Term("+", (Term("if", (T, S, X)), constant(1))),
    "s if t else x if s else t": Term("if", (T, S, Term("if", (S, X, T)))),
    "(s if t else x) if s else t": Term("if", (S, Term("if", (T, S, X)), T)),
    "min(s, t) + max(s if t else x, 1)": Term(
        "+", (Term("min", (S, T)), Term("max", (Term("if", (T, S, X)), constant(1))))
    ),
    "s + t in (1, 2)": Term("in", (Term("+", (S, T)), constant(1), constant(2))),
    "s in (1,)": Term("in", (S, constant(1))),
    "abs(s - t)": Term("abs", (Term("-", (S, T)),)),
}


@pytest.mark.parametrize("text", TEXTS)
def test_parentheses_are_written_only_where_python_needs_them(text: str) -> None:
    assert str(TEXTS[text]) == text


def test_constants_are_told_from_variables() -> None:
    assert [term.constant for term in (constant(-12), constant(0), S, Term("abs", (constant(3),)))] == [
        -12, 0, None, None,
    ]  # fmt: skip
    assert constant(-1).variables() == frozenset()


@pytest.mark.parametrize("symbol", ["//", "%"])
@pytest.mark.parametrize("divisor", [-3, -1, 2, 3])
def test_division_floors_like_pythons(symbol: str, divisor: int) -> None:
    found = Term(symbol, (S, constant(divisor))).evaluate({"s": np.arange(-7, 8)})
    assert found.tolist() == [value // divisor if symbol == "//" else value % divisor for value in range(-7, 8)]


@pytest.mark.parametrize("symbol", ["//", "%"])
def test_a_division_by_zero_is_refused_as_python_does(symbol: str) -> None:
    with pytest.raises(ZeroDivisionError, match=f"s {symbol} t divides by zero"):
        Term(symbol, (S, T)).evaluate({"s": np.array([1, 2]), "t": np.array([1, 0])})


def test_the_algebra_that_operators_claim() -> None:
    values = np.arange(-4, 5)
    a, b, c = np.meshgrid(values, values, values)
    for operator in OPERATORS.values():
        if operator.divides:
            continue
        assert operator.commutes == np.array_equal(operator.apply(a, b), operator.apply(b, a)), operator
        if operator.associates:
            left, right = operator.apply(operator.apply(a, b), c), operator.apply(a, operator.apply(b, c))
            assert np.array_equal(left, right), operator
        if operator.is_truth:
            assert set(np.unique(operator.apply(a, b))) == {0, 1}, operator


# As sympy expressions, which equal the formulas step by step


LARGEST = 5  # of the numbers that expressions are computed at, in absolute value
SYM_S, SYM_T, SYM_X = (sympy.Symbol(name, integer=True) for name in NAMES)


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
        (Term("//", (variable("s"), constant(2))), sympy.ceiling(SYM_S / 2)),
        (Term("%", (variable("s"), constant(-3))), sympy.Mod(SYM_S, 3)),
        (Term("<", (variable("s"), variable("t"))), sympy.Piecewise((1, SYM_S <= SYM_T), (0, True))),
        (Term("if", (variable("s"), variable("t"), variable("x"))), sympy.Piecewise((SYM_T, SYM_S > 0), (SYM_X, True))),
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
    assert expression(Term("//", (total, constant(10))), {}) == sympy.floor((SYM_S + SYM_X) / 10)
    assert expression(Term("%", (total, constant(10))), {}) == sympy.Mod(SYM_S + SYM_X, 10)
    assert expression(Term("neg", (Term("abs", (variable("s"),)),)), {}) == -sympy.Abs(SYM_S)


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
    output = sympy.lambdify((SYM_S, SYM_T, SYM_X), found.outputs["y"], "math")
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
