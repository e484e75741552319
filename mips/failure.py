"""How a stage says that it cannot go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mips.machines.mealy import MealyMachine


class StageFailure(Exception):
    """A stage could not produce its record.

    `stage` is the stage that was not reached: `trained`, `extracted`, `synthesized` or `verified`;
    `reason` is one line for a person. `machine` is the finite machine that was found of the network where there are no
    formulas for it, else None. `mips.pipeline.solve` is the one place that catches it.
    """

    def __init__(self, stage: str, reason: str, *, machine: MealyMachine | None = None) -> None:
        super().__init__(f"{stage}: {reason}")
        self.stage = stage
        self.reason = reason
        self.machine = machine
