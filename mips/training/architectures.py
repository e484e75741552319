"""The ladder of architectures, from small to large, and how the networks of each are trained."""

from __future__ import annotations

from dataclasses import dataclass

from mips.training.optimizers import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One architecture of the ladder and how many networks of it are trained side by side.

    With a `schedule` Adam trains them. Without one they are evolved by the Levenberg-Marquardt method down to
    `survivors`; `integrators` of them begin by adding up what they see. What a population of the tiniest networks finds
    is partly luck: one that comes near is evolved up to `repeats` times more, with other random numbers. The rung is
    left out when one below it came to the share `needless_from` of right answers, which it seldom betters.

    `stream` chooses the random numbers of the rung: the root seed and it give the seed. Each rung of a ladder has
    one of its own, which stays when another rung is taken out, so that its networks stay the same.
    """

    stream: int = 0

    hidden: int
    width: int
    cell_depth: int = 2
    readout_depth: int = 2
    networks: int
    survivors: int = 8
    integrators: bool = False
    schedule: Schedule | None = None
    repeats: int = 0
    needless_from: float = 1.0

    @property
    def method(self) -> str:
        return "Adam" if self.schedule else "Levenberg-Marquardt"


MIDDLE = Schedule(steps=1000, batch=128, rate=3e-3)
LONG = Schedule(steps=2000, batch=128, rate=3e-3)
LONGEST = Schedule(steps=6000, batch=128, rate=2e-3)
# A rung stands before another when it is smaller or usually sooner done: hopeless small rungs cost a few seconds each.
LADDER = (
    Rung(stream=0, hidden=1, width=4, readout_depth=1, networks=128),
    Rung(stream=1, hidden=1, width=8, networks=64),
    Rung(stream=2, hidden=2, width=6, readout_depth=1, networks=256),
    Rung(stream=3, hidden=1, width=24, readout_depth=1, networks=128),
    Rung(stream=4, hidden=2, width=6, readout_depth=1, networks=256, integrators=True),
    Rung(stream=5, hidden=2, width=12, readout_depth=3, networks=32, survivors=4, integrators=True),
    Rung(stream=7, hidden=4, width=64, cell_depth=3, networks=4, schedule=MIDDLE),
    Rung(stream=8, hidden=3, width=16, readout_depth=3, networks=32, survivors=4, integrators=True, needless_from=0.97),
    Rung(stream=9, hidden=8, width=64, cell_depth=3, networks=4, schedule=LONG),
    Rung(stream=10, hidden=16, width=64, cell_depth=3, networks=4, schedule=LONG),
    Rung(stream=11, hidden=2, width=6, readout_depth=1, networks=256, repeats=9),
    Rung(stream=12, hidden=32, width=64, cell_depth=3, networks=4, schedule=LONGEST, needless_from=0.999),
)
