"""The architectures that are tried, from small to large, and how networks of each are trained."""

from __future__ import annotations

from dataclasses import dataclass

from mips.training.optimizers import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One architecture and how many networks of it are trained side by side.

    With a `schedule` Adam trains them. Without one they are evolved by the Levenberg-Marquardt method down to
    `survivors`; `integrators` of them begin by adding up what they see. What a population of the tiniest networks finds
    is partly luck: one that nearly solves the task is evolved up to `repeats` times more, with other random numbers.
    The plan is skipped when an earlier plan has reached the share `needless_from` of right answers, since it seldom
    does better.

    The seed of a plan's random numbers is computed from the root seed and `stream`. Each plan of a list has a stream of
    its own and keeps it when another plan is removed, so that its networks stay the same.
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
# A plan stands before another when it is smaller or usually sooner done: hopeless small plans cost a few seconds each.
PLANS = (
    Plan(stream=0, hidden=1, width=4, readout_depth=1, networks=128),
    Plan(stream=1, hidden=1, width=8, networks=64),
    Plan(stream=2, hidden=2, width=6, readout_depth=1, networks=256),
    Plan(stream=3, hidden=1, width=24, readout_depth=1, networks=128),
    Plan(stream=4, hidden=2, width=6, readout_depth=1, networks=256, integrators=True),
    Plan(stream=5, hidden=2, width=12, readout_depth=3, networks=32, survivors=4, integrators=True),
    Plan(stream=7, hidden=4, width=64, cell_depth=3, networks=4, schedule=MIDDLE),
    Plan(stream=8, hidden=3, width=16, readout_depth=3, networks=32, survivors=4, integrators=True, needless_from=0.97),
    Plan(stream=9, hidden=8, width=64, cell_depth=3, networks=4, schedule=LONG),
    Plan(stream=10, hidden=16, width=64, cell_depth=3, networks=4, schedule=LONG),
    Plan(stream=11, hidden=2, width=6, readout_depth=1, networks=256, repeats=9),
    Plan(stream=12, hidden=32, width=64, cell_depth=3, networks=4, schedule=LONGEST, needless_from=0.999),
)
