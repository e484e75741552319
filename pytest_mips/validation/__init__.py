"""Whether the files of a run have the form that their schemas describe."""

from pytest_mips.validation.check import faults

__all__ = ["faults"]
