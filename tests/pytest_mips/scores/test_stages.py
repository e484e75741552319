"""The tables of the paper's stages: every number of the records, and nothing where there is none."""

from __future__ import annotations

from typing import Any

from summaries import record, rows

from pytest_mips.runs.records import Record
from pytest_mips.scores.stages import section

STEP: dict[str, Any] = {
    "normalizer": "whitening",
    "refused": "",
    "before": {"weights": 20, "nonzero": 12, "distinct": 11, "bits": 700.4},
    "after": {"weights": 20, "nonzero": 9, "distinct": 8, "bits": 512.0},
}
UNDONE = STEP | {"normalizer": "Jordan form", "refused": "3 of 10 answers would change"}
IDLE = STEP | {"normalizer": "Toeplitz", "after": STEP["before"]}
CODER: dict[str, Any] = {
    "kind": "linear lattice", "rank": 2, "bits": 3.17, "fidelity": 1.0, "rows": 20, "contradictions": 0,
    "determinism": 1.0, "refused": "",
}  # fmt: skip
TORN = CODER | {"kind": "GCD lattice", "fidelity": 0.99999, "contradictions": 2, "determinism": 0.98765, "refused": "?"}
FAR = CODER | {"kind": "Boolean", "fidelity": 0.5, "refused": "no number of clusters"}
NONE = CODER | {"kind": "Boolean", "rows": 0, "refused": "the state never changes"}


def through(**fields: Any) -> Record:
    stages = {"normalizers": (STEP, UNDONE, IDLE), "autoencoders": (CODER, TORN, NONE), "autoencoder": "linear lattice"}
    return record("A", **stages | fields)


def found(heading: str, *records: Record) -> dict[str, list[str]]:
    return rows("\n\n".join(section(records)), heading)


def test_normalizers_are_shown_before_and_after() -> None:
    table = found("## Normalizers", through())
    assert table["task"] == ["whitening", "Jordan form", "Toeplitz"]
    assert table["A"] == ["12/11/700 → 9/8/512", "12/11/700, undone", "12/11/700"]


def test_autoencoders_are_shown_with_both_numbers() -> None:
    table = found("## Integer autoencoders", through())
    assert table["task"] == ["linear lattice", "GCD lattice", "Boolean"]
    assert table["A"] == ["**3.2 bits, 100.00%, 0/20**", "[3.2 bits, 99.999%, 2/20 98.76%]", "-"]
    far = found("## Integer autoencoders", through(autoencoders=(CODER, TORN, FAR)))
    assert far["A"][2] == "[3.2 bits, 50.00%, 0/20]"
    unused = found("## Integer autoencoders", through(autoencoder=""))
    assert unused["A"][0] == "3.2 bits, 100.00%, 0/20"


def test_runs_of_another_method_have_no_such_tables() -> None:
    assert section([record("A")]) == []
    assert section([]) == []
    table = found("## Normalizers", record("B"), through())
    assert "A" in table and "B" not in table
