"""What the judge found, for a person: why an attempt failed, and the docstring of its program."""

from __future__ import annotations

from mips.judging.judge import Verdict
from mips.outcome import StageFailure

EXACT = {  # how a machine compares with the reference, as the judge says it -> in words
    "proved": "for inputs of every length",
    "exact": "on all words of the judge",
}


def cause(
    failure: StageFailure,
    accuracy: float | None,
    compared: str = "",
    *,
    tolerated: float,
    cure: str = "try other seeds or a longer time limit",
) -> tuple[str, str]:
    """Return the stage and the reason of a failure, given the network's share of right answers to fresh words.

    A network that errs more often than could be overruled has not learnt its task: then the stage is `trained`,
    wherever the attempt ended, for that is where to look. A network that errs less is named in the reason. `accuracy`
    is None where there is no network; `tolerated` is the share of answers that could be overruled; `compared` is what
    the judge says of the finite machine, `exact`, `proved` or nothing. `cure` helps a network that has not learnt.
    """
    if accuracy is None or failure.stage == "trained":
        return failure.stage, failure.reason
    if accuracy < 1 - tolerated:
        told = (
            f"the network has not learnt the task, it is right on {_percent(accuracy)} of the answers to fresh words: "
            f"{cure}; {failure.stage}: {failure.reason}"
        )
        return "trained", told
    reason = failure.reason
    if accuracy < 1:
        reason += f"; the network itself errs on {_percent(1 - accuracy)} of the answers to fresh words"
    if compared and failure.machine:
        reason += f"; its machine of {failure.machine.size} states equals the reference {EXACT[compared]}"
    return failure.stage, reason


def origin(name: str, seed: int, hidden_size: int, accuracy: float, verdict: Verdict) -> str:
    """Return the docstring of a program: where it came from and what the judge found."""
    found = {
        "proved": "proved equal to the reference for inputs of every length",
        "proved-affine": "proved equal to the reference for inputs of every length, both being affine",
        "tested": f"equal to the reference on {verdict.sequences} sequences",
    }
    return (
        f"{name}, distilled from a network with hidden size {hidden_size} and accuracy "
        f"{accuracy:.12g} (seed {seed}).\n\n    Verdict: "
        f"{found[verdict.assurance] if verdict.solved else verdict.reason}.\n    "
    )


def _percent(share: float) -> str:
    """Return a share in percent, with enough digits that a small one is not called 0, nor one below 1 the whole."""
    return f"{100 * share:.2g} %" if share < 0.01 else f"{100 * share:.2f} %"
