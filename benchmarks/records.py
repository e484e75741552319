"""What is measured, as records that go to JSON and back. Seconds are core seconds of one process."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """One run of `train`: `wrong` of `checked` fresh sequences have an error, `accuracy` is the share of right outputs.

    `peak_mib` is the largest resident size of the process up to the end of `train`. `error` is the end of the traceback
    of a process that died, and then the numbers mean nothing.
    """

    task: str
    family: str
    seed: int
    seconds: float = 0.0
    peak_mib: float = 0.0
    accuracy: float = 0.0
    wrong: int = 0
    checked: int = 0
    cell: tuple[int, ...] = ()
    readout: tuple[int, ...] = ()
    trials: int = 0
    why_stopped: str = ""
    error: str = ""

    @property
    def perfect(self) -> bool:
        return not self.error and self.checked > 0 and self.wrong == 0

    @property
    def hidden(self) -> int:
        return self.cell[-1] if self.cell else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """One run of the plain loop: `why_stopped` is `perfect`, `time cap` or `steps used up`.

    `cell` and `readout` are the sizes of the layers of f and g.
    """

    seconds: float
    steps: int
    why_stopped: str
    accuracy: float
    wrong: int
    checked: int
    cell: tuple[int, ...]
    readout: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Our `train` against the plain loop on one task; `plain` is None when ours is not perfect, so nothing compares."""

    ours: Training
    plain: Plain | None = None

    @property
    def value(self) -> float:
        """How many times longer the plain loop took, or took in vain; 0 when there is nothing to compare."""
        return self.plain.seconds / max(self.ours.seconds, 1e-9) if self.plain and self.ours.perfect else 0.0

    @property
    def is_bound(self) -> bool:
        """Whether the plain loop was ended before it was perfect, so that `value` is only a lower bound."""
        return self.plain is not None and self.plain.why_stopped != "perfect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Floating-point operations a second of a training step, and of a large matrix product beside it."""

    what: str
    dtype: str
    flops_a_step: int
    steps_a_second: float
    product: float

    @property
    def achieved(self) -> float:
        return self.flops_a_step * self.steps_a_second

    @property
    def share(self) -> float:
        return self.achieved / self.product
