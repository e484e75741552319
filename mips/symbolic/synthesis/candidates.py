"""What a search for formulas looked at: its tiers in their order, and the candidates that fit, best first."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mips.symbolic.terms.formulas import NEW, Formulas, output_names

TOLD = 5  # of the candidates that fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A kind of state variables, how many candidate formulas over them there were, and how many of these fit."""

    name: str
    tried: int
    fitting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchReport:
    """The tiers that were looked at and the candidates that fit, best first: share of overruled answers, formulas."""

    tiers: Sequence[Tier]
    fitting: Sequence[tuple[float, Formulas]]

    def to_json(self) -> dict[str, Any]:
        """Return the tiers, the number of candidates that fit, and the best different ones with size and text."""
        different: dict[str, tuple[int, float]] = {}
        for share, formulas in self.fitting:
            different.setdefault(text_of(formulas), (formulas.size, share))
        return {
            "tiers": [{"tier": tier.name, "tried": tier.tried, "fitting": tier.fitting} for tier in self.tiers],
            "fitting": len(self.fitting),
            "best": [
                {"size": size, "overruled": share, "formulas": text}
                for text, (size, share) in itertools.islice(different.items(), TOLD)
            ],
        }


def text_of(formulas: Formulas) -> str:
    """Return formulas in one line: start values, updates, outputs."""
    parts = [f"{state.name} = {state.start}" for state in formulas.states]
    parts += [f"{state.name}{NEW} = {state.update}" for state in formulas.states]
    names = output_names(len(formulas.outputs))
    parts += [f"{name} = {term}" for name, term in zip(names, formulas.outputs, strict=True)]
    return "; ".join(parts)
