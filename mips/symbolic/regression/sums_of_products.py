"""Minimal sums of products with don't-cares: prime implicants, and the cheapest of them that cover all ones.

Quine, "The problem of simplifying truth functions" (1952); McCluskey, "Minimization of Boolean functions" (1956). The
cover is found by branch and bound.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOST_BRANCHES = 20_000  # beyond them the best cover found so far is taken, which may not be minimal


@dataclass(frozen=True, slots=True)
class Product:
    """A product of literals: the variables in `mask` (bits) have the values in `value`."""

    mask: int
    value: int

    @property
    def literals(self) -> int:
        return self.mask.bit_count()

    def holds(self, row: int) -> bool:
        """Is it true on a row, its variables as bits?"""
        return row & self.mask == self.value


def minimal_cover(ones: Iterable[int], zeros: Iterable[int], variables: int) -> list[Product]:
    """Return the fewest products whose sum is 1 on the ones and 0 on the zeros; a row is an integer of bits.

    Among covers of equally few products the one with the fewest literals is returned. Rows that are in neither
    collection may have either value.
    """
    wanted, forbidden = sorted(set(ones)), set(zeros)
    primes = sorted(prime_implicants(wanted, forbidden, variables), key=lambda one: (one.literals, one.mask, one.value))
    covers = [sum(1 << place for place, row in enumerate(wanted) if prime.holds(row)) for prime in primes]
    by_row = [[i for i, cover in enumerate(covers) if cover >> place & 1] for place in range(len(wanted))]
    best: tuple[int, int, list[int]] = (len(wanted) + 1, 0, [])
    branches = 0

    def search(left: int, chosen: list[int], literals: int) -> None:
        nonlocal best, branches
        if not left:
            best = min(best, (len(chosen), literals, list(chosen)))
            return
        branches += 1
        most = max((covers[i] & left).bit_count() for i in range(len(primes)))
        least = len(chosen) + -(-left.bit_count() // most)
        if (least, literals) >= best[:2] or (branches > MOST_BRANCHES and best[2]):
            return
        row = min((place for place in range(len(wanted)) if left >> place & 1), key=lambda place: len(by_row[place]))
        for i in sorted(by_row[row], key=lambda i: (-(covers[i] & left).bit_count(), i)):
            search(left & ~covers[i], [*chosen, i], literals + primes[i].literals)

    search((1 << len(wanted)) - 1, [], 0)
    return [primes[i] for i in sorted(best[2])]


def prime_implicants(ones: Iterable[int], zeros: set[int], variables: int) -> list[Product]:
    """Return the products that are 1 on at least one of the ones and on no zero, and lose that without any literal."""
    implicants = set()
    for mask in range(1 << variables):
        refused = {row & mask for row in zeros}
        implicants |= {(mask, row & mask) for row in ones if row & mask not in refused}
    return [
        Product(mask, value)
        for mask, value in implicants
        if not any(
            mask >> bit & 1 and (mask & ~(1 << bit), value & ~(1 << bit)) in implicants for bit in range(variables)
        )
    ]
