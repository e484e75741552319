"""What a solver returns, and how a stage says that it cannot go on. Importing this module loads nothing heavy."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mips.machines.mealy import MealyMachine


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of one attempt at a task.

    `status` is `solved` or `unsolved`. `stage` is `verified` when solved, else the stage that failed (`trained`,
    `extracted`, `synthesized`, `verified`), with `reason` in one line. `form` is `linear`, `boolean`, `symbolic` or
    empty; `assurance` is `proved`, `proved-affine`, `tested` or empty. `program` is Python source or empty, and
    `program_accuracy` the share of its right outputs on the judge's fresh sequences, None if it was never called.
    `counterexample` is JSON-ready (`inputs`, `expected`, `actual`) or None. `solved_at_length` says whether the program
    is right on all fresh sequences, which are of the training length, None where it is not known. `machine` is what the
    judge found of the network's finite machine where the task is unsolved: `proved` when it equals the reference for
    inputs of every length, `exact` when it does on the judge's words, else empty. `stage_seconds` maps stage to wall
    seconds. `files` maps the name of an artefact (the network, the machine) to its bytes.

    Of the network there are `hidden_size`, which is 0 when there is none; `architecture`, its sizes by name (`hidden`,
    `cell_depth`, `readout_depth`, and `width`, that of the widest inner layer, 0 without one); `network_accuracy`, the
    share of right outputs on fresh sequences; `network_mistake`, the first of these that it gets wrong, in the form of
    a counterexample, or None; `training_core_seconds`. `minimum` is the least that a hidden state must hold to do what
    the network does, `{"kind": "rank" or "states", "value": ...}` (`mips.machines.minimum`), or None when unknown.
    `overruled` is how many of the observed answers of the network the program contradicts, `{"answers": ..., "of":
    ...}`, or None.
    """

    status: str
    stage: str
    reason: str = ""
    form: str = ""
    assurance: str = ""
    program: str = ""
    program_nodes: int = 0
    program_accuracy: float | None = None
    counterexample: dict[str, Any] | None = None
    machine: str = ""
    solved_at_length: bool | None = None
    hidden_size: int = 0
    architecture: dict[str, int] | None = None
    network_accuracy: float = 0.0
    network_mistake: dict[str, Any] | None = None
    training_core_seconds: float = 0.0
    minimum: dict[str, Any] | None = None
    overruled: dict[str, int] | None = None
    normalizers: Sequence[Mapping[str, Any]] = ()
    autoencoders: Sequence[Mapping[str, Any]] = ()
    autoencoder: str = ""
    stage_seconds: Mapping[str, float] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    def _repr_html_(self) -> str:
        """Return the verdict, the program and the picture of the machine, as notebooks show them."""
        from mips.machines.drawing import code, machine  # what a record that is only kept has no use for
        from mips.machines.drawing.markup import NOTHING, tag
        from mips.machines.drawing.style import in_notebook

        told = f"{self.status}, {self.assurance}" if self.assurance else f"{self.status} ({self.stage})"
        facts = json.loads(self.files["machine.json"]) if "machine.json" in self.files else None
        return in_notebook(
            machine.tip(),
            tag("p", tag("b", told), f": {self.reason}" if self.reason else ""),
            code.highlighted(self.program) if self.program else NOTHING,
            machine.described(facts) if facts else NOTHING,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened during an attempt.

    `stage` is the stage that begins or goes on, and `text` one line about it for a person. `facts` are fields of
    Outcome that are known from now on, and `files` are artefacts by name; both stay valid when a later stage fails.
    `line` is stage and text in one line, empty when there is no text.
    """

    stage: str = ""
    text: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def line(self) -> str:
        return f"{self.stage}: {self.text}" if self.stage and self.text else self.text


Tell = Callable[[Event], None]


def tell_nobody(event: Event) -> None:
    """Take an event and do nothing with it."""


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
