"""The range in which a float holds every integer exactly."""

from __future__ import annotations

LARGEST_EXACT = 2.0**53  # from here on a float64 no longer tells neighbouring integers apart
