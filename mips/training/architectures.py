"""The ladder of architectures, from small to large, and how the networks of each are trained."""

from __future__ import annotations

from dataclasses import dataclass

from mips.training.optimizers import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One architecture of the ladder and how many networks of it are trained side by side.

    With a `schedule` Adam trains them, and L-BFGS polishes the best with up to `polish` iterations. Without one they
    are evolved by the Levenberg-Marquardt method down to `survivors`; `integrators` begin by adding up what they see.
    What a population of the tiniest networks finds is partly luck: one that comes near is evolved up to `repeats` times
    more, with other random numbers. The rung is left out when one below it came to the share `needless_from` of right
    answers, which it seldom betters.
    """

    hidden: int
    width: int
    cell_depth: int = 2
    readout_depth: int = 2
    networks: int
    survivors: int = 8
    integrators: bool = False
    schedule: Schedule | None = None
    polish: int = 0
    repeats: int = 0
    needless_from: float = 1.0

    @property
    def method(self) -> str:
        return "Adam" if self.schedule else "Levenberg-Marquardt"


SHORT = Schedule(steps=600, batch=128, rate=1e-2)
MIDDLE = Schedule(steps=1000, batch=128, rate=3e-3)
LONG = Schedule(steps=2000, batch=128, rate=3e-3)
LONGEST = Schedule(steps=6000, batch=128, rate=2e-3)
# A rung stands before another when it is smaller or usually sooner done: hopeless small rungs cost a few seconds each.
LADDER = (
    Rung(hidden=1, width=4, readout_depth=1, networks=128),
    Rung(hidden=1, width=8, networks=64),
    Rung(hidden=2, width=6, readout_depth=1, networks=256),
    Rung(hidden=1, width=24, readout_depth=1, networks=128),
    Rung(hidden=2, width=6, readout_depth=1, networks=256, integrators=True),
    Rung(hidden=2, width=12, readout_depth=3, networks=32, survivors=4, integrators=True),
    Rung(hidden=2, width=16, networks=8, schedule=SHORT, polish=400),
    Rung(hidden=4, width=64, cell_depth=3, networks=4, schedule=MIDDLE),
    Rung(hidden=3, width=16, readout_depth=3, networks=32, survivors=4, integrators=True, needless_from=0.97),
    Rung(hidden=8, width=64, cell_depth=3, networks=4, schedule=LONG),
    Rung(hidden=16, width=64, cell_depth=3, networks=4, schedule=LONG),
    Rung(hidden=2, width=6, readout_depth=1, networks=256, repeats=9),
    Rung(hidden=32, width=64, cell_depth=3, networks=4, schedule=LONGEST, needless_from=0.999),
)
