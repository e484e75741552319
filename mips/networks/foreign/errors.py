"""What is said of a network that cannot be taken in, and of one that does not fit the alphabet."""

from __future__ import annotations


class ForeignNetworkError(ValueError):
    """A network of another library cannot be used: one line with what was found, what was expected and the cure."""


def wrong(found: str, expected: str, cure: str = "") -> ForeignNetworkError:
    """Return the error, in one line."""
    text = f"found {found}; expected {expected}" + (f": {cure}" if cure else "")
    return ForeignNetworkError(" ".join(text.split()))


def not_alike() -> ForeignNetworkError:
    """Return what is said of a network that gives other outputs when it is asked the same again."""
    return wrong(
        "a network that gives other outputs when it is asked the same again",
        "one that answers alike always",
        "call .eval() on it before, and draw nothing at random in it",
    )


def said(error: BaseException) -> str:
    """Return what somebody else's code raised, in one line of readable length."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}"
