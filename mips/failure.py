"""How a stage says that it cannot go on."""


class StageFailure(Exception):
    """A stage could not produce its record.

    `stage` is the stage that was not reached: `trained`, `extracted`, `synthesized` or `verified`;
    `reason` is one line for a person. `mips.pipeline.solve` is the one place that catches it.
    """

    def __init__(self, stage: str, reason: str) -> None:
        super().__init__(f"{stage}: {reason}")
        self.stage = stage
        self.reason = reason
