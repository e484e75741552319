"""How fast formulas are enumerated: `python -m tests.benchmarks.enumeration`.

One thread. The same terms are evaluated three ways in one run: by the bank, in blocks over all rows at once; by
`Term.evaluate`, one row at a time; and as Python expressions, compiled, one row at a time.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray
from tabulate import tabulate

from mips.symbolic.enumeration import Bank, Origins, Values
from pytest_mips.executors import ONE_THREAD

ROWS, VARIABLES, CONSTANTS = 64, 3, (0, 1, 2, 9)
LIMIT = 400_000  # distinct terms of one size
SLOW = 300  # terms that are evaluated one row at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Terms a second: distinct ones and all candidates of the bank, and candidates one row at a time, both ways."""

    size: int
    distinct: float
    candidates: float
    evaluated: float
    compiled: float


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
    rows = [{name: column[i : i + 1] for name, column in columns.items()} for i in range(ROWS)]
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
    compiled = len(terms) / (time.process_time() - before)
    return Rates(
        size=bank.size,
        distinct=bank.count / seconds,
        candidates=visited / seconds,
        evaluated=evaluated,
        compiled=compiled,
    )


def main() -> int:
    os.environ.update(ONE_THREAD)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        found = pool.submit(measure).result()
    rows = [
        {"terms": "distinct ones kept", "a second": f"{found.distinct:,.0f}", "bank's rate is": ""},
        {"terms": "candidates visited", "a second": f"{found.candidates:,.0f}", "bank's rate is": "1"},
        *(
            {"terms": text, "a second": f"{rate:,.0f}", "bank's rate is": f"{found.candidates / rate:,.0f} times that"}
            for text, rate in (
                ("Term.evaluate, one row at a time", found.evaluated),
                ("compiled Python, one row at a time", found.compiled),
            )
        ),
    ]
    print(f"{ROWS} rows, {VARIABLES} variables, {len(CONSTANTS)} constants, terms of up to {found.size} nodes\n")
    print(tabulate(rows, headers="keys", tablefmt="github", disable_numparse=True, colalign=("left", "right", "right")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
