"""Is a step function pure? The same state and symbol must always give the same output."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

REMEMBERED = 100_000  # pairs of a state and a symbol, some dozen MiB; of those beyond, both runs of a word are compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """What a step function returned for one state and symbol at first, and what later."""

    state: Any
    symbol: Any
    first: Any
    second: Any


class Observer:
    """Runs a step function on words, each twice, and remembers what it returned."""

    def __init__(self, step: Callable[[Any, Any], tuple[Any, Any]], start: Any) -> None:
        self._step, self._start = step, start
        self._seen: dict[tuple[Any, Any], tuple[Any, Any]] = {}

    def contradiction(self, word: Iterable[Any]) -> Contradiction | None:
        """Return the first state and symbol of a word that gave two different results when run twice, None if none did.

        Answers differ when their outputs do, or when their next states lead the two runs to different outputs: states
        that are only other objects do not count. What the step raises is passed on.
        """
        word = list(word)
        runs = [self._walk(word), self._walk(word)]
        for run in runs:
            for state, symbol, result in run:
                seen = self._seen.get((state, symbol))
                if seen is None:
                    if len(self._seen) < REMEMBERED:
                        self._seen[state, symbol] = result
                elif seen[1] != result[1]:
                    return self._earliest(*runs) or Contradiction(state=state, symbol=symbol, first=seen, second=result)
        return self._earliest(*runs)

    def _walk(self, word: list[Any]) -> list[tuple[Any, Any, tuple[Any, Any]]]:
        state, passed = self._start, []
        for symbol in word:
            result = self._step(state, symbol)
            passed.append((state, symbol, result))
            state = result[0]
        return passed

    def _earliest(
        self, first: list[tuple[Any, Any, tuple[Any, Any]]], second: list[tuple[Any, Any, tuple[Any, Any]]]
    ) -> Contradiction | None:
        """Return where two runs on one word part, if their outputs ever differ."""
        if [result[1] for _, _, result in first] == [result[1] for _, _, result in second]:
            return None
        for (state, symbol, one), (_, _, other) in zip(first, second, strict=True):
            if one != other:
                return Contradiction(state=state, symbol=symbol, first=one, second=other)
        return None
