"""Seeds: from the root seed of an attempt one for each purpose."""

from __future__ import annotations

import hashlib


def derived_seed(seed: int, purpose: str) -> int:
    """Return a seed of its own for a purpose, so that no two draws of a run share their random numbers."""
    return int.from_bytes(hashlib.sha256(f"{seed} {purpose}".encode()).digest()[:6], "big")
