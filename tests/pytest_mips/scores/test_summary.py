"""The summary is a pure function of the run and its records, and counts the roster; so are its tables of stages."""

from __future__ import annotations

import dataclasses
import random
from types import SimpleNamespace
from typing import Any

import pytest
from summaries import EXAMPLE, RUN, record, rows

from pytest_mips.runs.records import Record
from pytest_mips.scores.stages import section
from pytest_mips.scores.summary import markdown, results_hash, summarize, table, to_json
from pytest_mips.session.terminal import Terminal, attempt_line


def test_a_task_without_a_record_is_an_error_and_is_counted() -> None:
    summary = summarize(RUN, [record("A"), record("B", assurance="tested")])
    assert summary.score == "solved 2 of 3 (proved 1)"
    assert not summary.complete
    assert [task["status"] for task in to_json(summary)["tasks"]] == ["solved", "solved", "error"]
    assert "- **C** error: no verdict" in markdown(summary)


def test_results_outside_the_roster_do_not_count() -> None:
    summary = summarize(RUN, [record(name) for name in "ABCD"])
    assert summary.score == "solved 3 of 3 (proved 3)"
    assert summary.complete


def test_the_later_record_counts() -> None:
    assert summarize(RUN, [record("A"), record("A", "unsolved")]).solved == 0


@pytest.mark.parametrize(
    ("statuses", "best"),
    [(("unsolved", "solved"), "solved"), (("timeout", "unsolved"), "unsolved"), (("error", "not_run"), "not_run")],
)
def test_the_best_attempt_counts(statuses: tuple[str, ...], best: str) -> None:
    run = RUN | {"arguments": RUN["arguments"] | {"seeds": [0, 1]}}
    summary = summarize(run, [record("A", status, seed) for seed, status in enumerate(statuses)])
    assert summary.lines[0].best.status == best
    assert summary.lines[0].solved == statuses.count("solved")


def test_an_error_in_one_attempt_makes_the_run_incomplete() -> None:
    run = RUN | {"arguments": RUN["arguments"] | {"seeds": [0, 1]}, "tasks": [{"task": "A"}]}
    assert summarize(run, [record("A"), record("A", seed=1)]).complete
    assert not summarize(run, [record("A"), record("A", "error", seed=1)]).complete


def test_markdown_says_what_is_needed_to_believe_it() -> None:
    unsolved = record("B", "unsolved", stage="synthesized", reason="no formula", counterexample=EXAMPLE)
    solved = record("A", hidden_size=4, network_accuracy=1.0, program_nodes=17, program_accuracy=1.0)
    summary = summarize(RUN, [solved, unsolved])
    text = markdown(summary)
    assert text.startswith("# Run mine: solved 1 of 3 (proved 1)\n")
    for part in ("seeds 0", "commit 0123456789ab", "A CPU, 2 cores, 4 GiB", summary.results_hash):
        assert part in text
    row = "| A      | solved   | linear | proved      |        4 |   100.00% |   100.00% |      17 |       0.0 |"
    assert row in text
    assert "- **B** unsolved: synthesized: no formula\n  `counterexample: xs=[1, 0] expected=[1, 1] got=[1, 0]`" in text


def test_a_dirty_tree_and_a_partial_run_are_admitted() -> None:
    text = markdown(summarize(RUN | {"dirty": True, "partial": True}, []))
    assert "with uncommitted changes" in text and "solved 0 of 3 (proved 0), a partial run" in text


def test_an_empty_roster_has_a_table() -> None:
    assert table(summarize(RUN | {"tasks": []}, []), style="simple") == ""


def test_the_hash_is_free_of_order_times_and_hosts() -> None:
    records = [record("A"), record("B", "unsolved", counterexample=EXAMPLE), record("C", "timeout")]
    shuffled = [dataclasses.replace(each, seconds=9.0, peak_mib=1, fingerprint="g") for each in records]
    random.Random(0).shuffle(shuffled)
    assert results_hash(shuffled) == results_hash(records)


@pytest.mark.parametrize(
    "change",
    [{"status": "unsolved"}, {"program_sha256": "0"}, {"assurance": "tested"}, {"seed": 1}, {"form": "boolean"}],
)
def test_the_hash_can_say_no(change: dict[str, Any]) -> None:
    assert results_hash([dataclasses.replace(record("A"), **change)]) != results_hash([record("A")])


def test_lines_about_attempts() -> None:
    solved = attempt_line(record("A", seconds=12.34), 3, 62, 4, seeded=False)
    assert solved == "[ 3/62] SOLVED   A       12.3 s  linear  proved"
    unsolved = record("B", "unsolved", stage="synthesized", reason="no formula", counterexample=EXAMPLE)
    assert attempt_line(unsolved, 10, 62, 1, seeded=True) == (
        "[10/62] UNSOLVED B seed 0     0.0 s  synthesized: no formula  "
        "counterexample: xs=[1, 0] expected=[1, 1] got=[1, 0]"
    )


def test_who_is_not_judged_has_no_score() -> None:
    run = RUN | {"arguments": RUN["arguments"] | {"programs": ["whole", "torn"]}}
    others = [record(task, "solved", system="whole") for task in "ABC"]
    torn = [record("A", "solved", system="torn"), record("B", "error", system="torn"), record("C", system="torn")]
    judged = summarize(run, [record(task) for task in "ABC"] + others + torn)
    assert judged.score == "solved 3 of 3 (proved 3), whole 3 of 3, torn 2 of 3, 1 not judged" and not judged.complete
    text = markdown(judged)
    assert "| torn     | 2 of 3, 1 not judged | 2 of 3, 1 not known      | \N{EN DASH}" in text
    pairs = [line for line in text.splitlines() if line.startswith("| mips")]
    assert len(pairs) == 2 and "whole" in pairs[1]  # its own row, and the pair with the one that was judged
    assert not any("torn" in line for line in text.splitlines() if line.startswith("| mips"))


def test_a_line_commands_no_terminal() -> None:
    lines: list[str] = []
    terminal = Terminal.__new__(Terminal)
    terminal._reporter, terminal._capture = SimpleNamespace(write_line=lines.append, flush=lambda: None), None
    terminal.line("\x1b[2Jgone \ud83d \u00e9")
    assert lines == ["\N{REPLACEMENT CHARACTER}[2Jgone \N{REPLACEMENT CHARACTER} \u00e9"]


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
