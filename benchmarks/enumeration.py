"""How fast formulas are enumerated: `python -m benchmarks.enumeration`.

One thread. The same terms are evaluated three ways in one run: by the bank, in blocks over all rows at once; by
`Term.evaluate`, one row at a time; and as Python expressions, compiled, one row at a time. Then a formula is sought
that no term is, on a long table: the search looks at 64 of its rows, and holds what fits there against all.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray
from tabulate import tabulate

from mips.symbolic.regression import enumeration
from mips.symbolic.regression.budget import BUDGET, Effort
from mips.symbolic.regression.enumeration import Bank, Origins, Values
from mips.symbolic.terms.term import Column, Term
from pytest_mips.workers.executors import ONE_THREAD

ROWS, VARIABLES, CONSTANTS = 64, 3, (0, 1, 2, 9)
LIMIT = 400_000  # distinct terms of one size
SLOW = 300  # terms that are evaluated one row at a time
TABLE_ROWS = 4_096
TABLE_SIZE = 5  # nodes of the terms that are kept; those of one node more are visited too


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Terms a second: distinct ones and all candidates of the bank, and candidates one row at a time, both ways.

    `searched` are those of a search in a table of TABLE_ROWS rows.
    """

    size: int
    distinct: float
    candidates: float
    evaluated: float
    compiled: float
    searched: float


class _Counted(Bank):
    """A bank that counts the candidates it visits."""

    visited = 0

    def candidates(self) -> Iterator[tuple[Values, Callable[[NDArray[np.int64]], Origins]]]:
        for block, origin in super().candidates():
            self.visited += len(block)
            yield block, origin


def measure(limit: int = LIMIT, slow: int = SLOW) -> Rates:
    """Return the rates for a bank grown to the last size with at most `limit` new terms."""
    rng = np.random.default_rng(0)
    columns = {f"v{i}": rng.integers(-9, 10, ROWS) for i in range(VARIABLES)}
    bank = _Counted(columns, CONSTANTS)
    seconds, visited = 0.0, 0
    while True:
        before, bank.visited = time.process_time(), 0
        if not bank.grow(limit):
            break
        seconds += time.process_time() - before
        visited += bank.visited
    terms = [
        bank.term(size, int(index))
        for size in range(3, bank.size + 1)
        for index in rng.integers(0, len(bank.level(size)), max(1, slow // (bank.size - 2)))
    ]
    evaluated, compiled = one_row_at_a_time(terms, columns)
    return Rates(
        size=bank.size,
        distinct=bank.count / seconds,
        candidates=visited / seconds,
        evaluated=evaluated,
        compiled=compiled,
        searched=in_a_table(limit),
    )


def one_row_at_a_time(terms: Sequence[Term], columns: Mapping[str, Column]) -> tuple[float, float]:
    """Return how many terms a second are evaluated on all rows, by `Term.evaluate` and as compiled Python."""
    count = len(next(iter(columns.values())))
    rows = [{name: column[i : i + 1] for name, column in columns.items()} for i in range(count)]
    before = time.process_time()
    for term in terms:
        for row in rows:
            term.evaluate(row)
    evaluated = len(terms) / (time.process_time() - before)
    plain = [{name: int(column[0]) for name, column in row.items()} for row in rows]
    before = time.process_time()
    for term in terms:
        function = eval(f"lambda {', '.join(columns)}: {term}")
        for row in plain:
            function(**row)
    return evaluated, len(terms) / (time.process_time() - before)


def in_a_table(limit: int) -> float:
    """Return how many candidates a second a search visits in a table whose target no term equals."""
    rng = np.random.default_rng(1)
    columns = {f"v{i}": rng.integers(-9, 10, TABLE_ROWS) for i in range(VARIABLES)}
    target = rng.integers(-9, 10, TABLE_ROWS)
    banks: list[_Counted] = []

    def counted(*arguments: Any) -> _Counted:
        banks.append(_Counted(*arguments))
        return banks[-1]

    effort = Effort(size=TABLE_SIZE, form_size=0, limit=limit, branches=0)
    with mock.patch.object(enumeration, "Bank", counted):
        before = time.process_time()
        found = enumeration.enumerated(columns, target, CONSTANTS, TABLE_SIZE, effort)
        seconds = time.process_time() - before
    assert found is None, f"{found} equals random numbers"
    return sum(bank.visited for bank in banks) / seconds


def main() -> int:
    os.environ.update(ONE_THREAD)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        found = pool.submit(measure).result()
    print(f"{ROWS} rows, {VARIABLES} variables, {len(CONSTANTS)} constants, terms of up to {found.size} nodes\n")
    print(table(found.candidates, (found.evaluated, found.compiled), {"distinct ones kept": found.distinct}))
    share = ROWS / TABLE_ROWS
    print(f"\nA search in a table of {TABLE_ROWS:,} rows, of which {BUDGET.searched_rows} are looked at at first\n")
    print(table(found.searched, (found.evaluated * share, found.compiled * share)))
    return 0


def table(fast: float, slow: tuple[float, float], others: Mapping[str, float] | None = None) -> str:
    """Return rates in terms a second, and how many times those of the slow ways, `evaluate` and compiled, fit in."""
    by_name = dict(zip(("Term.evaluate, one row at a time", "compiled Python, one row at a time"), slow, strict=True))
    rows = [(name, f"{rate:,.0f}", "") for name, rate in (others or {}).items()]
    rows.append(("candidates visited", f"{fast:,.0f}", "1"))
    rows += [(name, f"{rate:,.0f}", f"{fast / rate:,.0f} times that") for name, rate in by_name.items()]
    headers = ("terms", "a second", "the rate of candidates is")
    align = ("left", "right", "right")
    return tabulate(rows, headers=headers, tablefmt="github", disable_numparse=True, colalign=align)


if __name__ == "__main__":
    sys.exit(main())
