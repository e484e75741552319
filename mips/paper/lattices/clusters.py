"""The Boolean autoencoder: visited states in clusters, and the clusters' numbers in bits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mips.networks.network import Floats, Ints, Network
from mips.networks.trace import IntegerTrace, Trace
from mips.paper.lattices.autoencoder import FIT_WORDS, Candidate
from mips.paper.lattices.table import determinism

SAME = 1e-6  # states nearer than this share of their largest deviation are one
MOST_POINTS = 2000  # different states that are clustered
MOST_CLUSTERS = 128
FOLDED_FROM = 0.9  # share of the steps that clusters must determine to be folded; below, hardly any cluster is left
MOST_TRIED = 8  # numbers of clusters that make the steps deterministic, besides the one with the widest gap
BLOCK = 1 << 23  # distances that are computed at once


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clusters:
    """Points (points, hidden), the cluster (points,) that each belongs to, and centres (clusters, hidden).

    A code is the number of a cluster in bits, the highest first.
    """

    points: Floats
    cluster: Ints
    centres: Floats

    @property
    def rank(self) -> int:
        """How many bits a code has, at least one."""
        return max(1, int(len(self.centres) - 1).bit_length())

    def encode(self, hidden: Floats) -> Ints:
        """Return the bits (..., rank) of the cluster of the point nearest to each state (..., hidden)."""
        flat = hidden.reshape(-1, hidden.shape[-1])
        squares = np.square(self.points).sum(axis=1)
        size = max(1, BLOCK // len(self.points))
        nearest = [
            (squares - 2 * part @ self.points.T).argmin(axis=1) for part in np.split(flat, range(size, len(flat), size))
        ]
        numbers = self.cluster[np.concatenate(nearest)].reshape(hidden.shape[:-1])
        bits: Ints = numbers[..., None] >> np.arange(self.rank)[::-1] & 1
        return bits

    def decode(self, codes: Ints) -> Floats:
        """Return the centres (..., hidden) of clusters, given their numbers in bits (..., rank).

        A number beyond the last cluster counts as the last.
        """
        numbers = codes @ (1 << np.arange(self.rank)[::-1])
        return self.centres[np.minimum(numbers, len(self.centres) - 1)]

    def bits(self, hidden: Floats) -> float:
        """Return the number of bits of a code, whatever the states (count, hidden)."""
        return float(self.rank)


def clusterings(network: Network, seen: Trace) -> Iterator[Candidate]:
    """Yield the clusterings with the fewest clusters that make the steps deterministic, then the one best separated.

    Clusters are made by single linkage: two states are in one cluster if a chain of visited states with short steps
    joins them. They are numbered along the first principal component. When no number of clusters up to MOST_CLUSTERS
    makes the steps deterministic, clusters are folded: those that follow one cluster on one symbol become one. After
    these, or when that makes outputs contradict each other, the clustering that determines the largest share of the
    steps is yielded, with that as the reason against it.
    """
    words = min(FIT_WORDS, len(seen.words))
    same = SAME * max(float(np.ptp(seen.points(), axis=0).max()), np.finfo(float).tiny)
    while True:
        part = Trace(words=seen.words[:words], hidden=seen.hidden[:words], outputs=seen.outputs[:words])
        states = part.points()
        _, first, place = np.unique(np.rint(states / same), axis=0, return_index=True, return_inverse=True)
        if len(first) <= MOST_POINTS or words == 1:
            break
        words //= 2
    points = states[first]
    lengths, ends = spanning_tree(points)
    good: list[tuple[float, Ints]] = []
    folds: dict[bytes, Ints] = {}
    told: list[tuple[float, Ints]] = []
    for count in range(1, min(len(points), MOST_CLUSTERS) + 1):
        labels = components(len(points), ends[: len(points) - count])
        codes = labels[place.ravel()].reshape(*part.hidden.shape[:2], 1)
        found = determinism(IntegerTrace(words=part.words, codes=codes, outputs=part.outputs))
        told.append((found.share, labels))
        if found.contradictions:
            if not good and found.share >= FOLDED_FROM:
                merged = folded(codes[..., 0], part.words)
                classes = merged[codes[..., :1]]
                if not determinism(IntegerTrace(words=part.words, codes=classes, outputs=part.outputs)).contradictions:
                    folds.setdefault(merged[labels].tobytes(), merged[labels])
            continue
        outer = lengths[len(points) - count] if count > 1 else np.inf
        inner = lengths[len(points) - count - 1] if count < len(points) else same
        good.append((float(outer / max(inner, same)), labels))
    if not good and folds:
        for merged in sorted(folds.values(), key=lambda each: int(each.max()))[:MOST_TRIED]:
            yield Candidate(coder=_numbered(points, merged), is_late=True)
    if not good:
        most = max(range(len(told)), key=lambda i: told[i][0])
        against = (
            f"no number of clusters up to {len(told)} makes the steps deterministic; the nearest is {most + 1}, with "
            f"which {told[most][0]:.2%} of the steps can be told"
        )
        yield Candidate(coder=_numbered(points, told[most][1]), against=against)
        return
    widest = max(range(len(good)), key=lambda i: good[i][0])
    for index in dict.fromkeys([*range(min(MOST_TRIED, len(good))), widest]):
        yield Candidate(coder=_numbered(points, good[index][1]))


def spanning_tree(points: Floats) -> tuple[Floats, Ints]:
    """Return the edges of the shortest spanning tree of points (count, hidden), the shortest first (Prim, 1957).

    They are their lengths (count - 1,) and their ends (count - 1, 2).
    """
    count = len(points)
    distance = np.linalg.norm(points - points[0], axis=1)
    parent, outside = np.zeros(count, dtype=np.int64), np.arange(count) > 0
    lengths, ends = np.zeros(max(count - 1, 0)), np.zeros((max(count - 1, 0), 2), dtype=np.int64)
    for edge in range(count - 1):
        nearest = int(np.where(outside, distance, np.inf).argmin())
        lengths[edge], ends[edge] = distance[nearest], (parent[nearest], nearest)
        outside[nearest] = False
        further = np.linalg.norm(points - points[nearest], axis=1)
        closer = outside & (further < distance)
        distance[closer], parent[closer] = further[closer], nearest
    order = np.argsort(lengths, kind="stable")
    return lengths[order], ends[order]


def components(count: int, edges: Ints) -> Ints:
    """Return the number of the connected component of each of `count` nodes (count,) under edges (edges, 2)."""
    labels = np.arange(count)
    while len(edges):
        lower = labels.copy()
        np.minimum.at(lower, edges[:, 0], labels[edges[:, 1]])
        np.minimum.at(lower, edges[:, 1], labels[edges[:, 0]])
        lower = lower[lower]
        if np.array_equal(lower, labels):
            break
        labels = lower
    return np.unique(labels, return_inverse=True)[1]


def folded(clusters: Ints, words: Ints) -> Ints:
    """Return a class for each cluster number, so that the classes of a cluster and a symbol have one class behind them.

    `clusters` are the numbers (count, length + 1) along the words (count, length, width). It is the finest such
    partition: what follows the same class on the same symbol is made one until nothing changes.
    """
    size = int(clusters.max()) + 1
    classes: Ints = np.arange(size)
    symbols = np.unique(words.reshape(-1, words.shape[2]), axis=0, return_inverse=True)[1].reshape(-1)
    before, after = clusters[:, :-1].reshape(-1), clusters[:, 1:].reshape(-1)
    steps = np.unique(np.stack([before, symbols, after], axis=1), axis=0)
    while True:
        causes = classes[steps[:, 0]] * (int(symbols.max()) + 1) + steps[:, 1]
        first = np.full(int(causes.max()) + 1, -1, dtype=np.int64)
        first[causes] = classes[steps[:, 2]]
        edges = np.stack([first[causes], classes[steps[:, 2]]], axis=1)
        coarser = components(int(classes.max()) + 1, edges)[classes]
        if coarser.max() == classes.max():
            return classes
        classes = coarser


def _numbered(points: Floats, labels: Ints) -> Clusters:
    """Return the clusters numbered along the first principal component of their centres, each centre a point."""
    means = np.stack([points[labels == number].mean(axis=0) for number in range(labels.max() + 1)])
    axis = np.linalg.svd(means - means.mean(axis=0), full_matrices=False)[2][0]
    order = np.argsort(means @ (axis * (1 if axis.sum() >= 0 else -1)), kind="stable")
    rank = np.argsort(order)
    centres = []
    for number in order:
        own = points[labels == number]
        centres.append(own[np.linalg.norm(own - means[number], axis=1).argmin()])
    return Clusters(points=points, cluster=rank[labels], centres=np.stack(centres))
