"""The pure parts of the speed benchmark of training (benchmarks), and its plain loop in small."""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks import child, training
from benchmarks.child import check, sizes
from benchmarks.flops import SIZES, Size, rate, step, step_flops
from benchmarks.plain import Recurrent, train_plainly
from benchmarks.records import (
    LEAST_RATIO,
    MOST_MIB,
    MOST_SECONDS_A_TASK,
    Mark,
    Plain,
    Ratio,
    Training,
    by_seed,
    marks,
    ratio_text,
    ratio_verdict,
)
from benchmarks.report import Results, layers, report, share, training_table
from benchmarks.roster import families, find, names
from benchmarks.settings import LAYERS
from mips.tasks.dataset import Dataset, sample
from mips.training import recurrent
from mips.training.architectures import PLANS
from mips.training.recurrent import Architecture

OURS = Training(
    task="First", family="one", seed=0, seconds=2.0, peak_mib=300.0, accuracy=1.0, wrong=0, checked=100,
    cell=(3, 8, 1), readout=(1, 8, 1), trials=2, why_stopped="no wrong answer",
)  # fmt: skip
PLAIN = Plain(
    seconds=120.0, steps=900, why_stopped="perfect", accuracy=1.0, wrong=0, checked=100, cell=(3, 8, 1), readout=(1, 1)
)
MEASURED = Ratio(ours=OURS, plain=PLAIN)
CAPPED = Ratio(ours=OURS, plain=replace(PLAIN, why_stopped="time cap", accuracy=0.5, wrong=60))


# Floating-point operations


class ProductCounter(TorchDispatchMode):
    """Counts the multiply-adds of every matrix product that is really carried out inside the block."""

    multiply_adds = 0

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = function(*args, **(kwargs or {}))
        name = function.overloadpacket.__name__
        if name in ("mm", "bmm", "addmm", "baddbmm"):
            left = args[1] if "add" in name else args[0]
            self.multiply_adds += result.numel() * left.shape[-1]
        assert name not in ("mv", "dot", "addmv", "einsum", "linear", "_trilinear"), "a product that is not counted"
        return result


@pytest.mark.parametrize(
    ("inputs", "outputs", "hidden", "width", "depths", "length"),
    [
        (1, 1, 1, 8, (1, 1), 4),
        (2, 1, 3, 5, (2, 2), 1),
        (2, 3, 4, 7, (3, 2), 6),
        (1, 2, 2, 6, (2, 1), 3),
        (3, 1, 5, 4, (3, 3), 2),
    ],
)
@pytest.mark.parametrize("by_normal_equations", [False, True])
def test_flops_are_those_that_torch_counts(
    monkeypatch: pytest.MonkeyPatch,
    inputs: int,
    outputs: int,
    hidden: int,
    width: int,
    depths: tuple[int, int],
    length: int,
    by_normal_equations: bool,
) -> None:
    monkeypatch.setattr(recurrent, "OUTER_PRODUCTS", 0)  # all products are matrix products then, which can be counted
    architecture = Architecture(
        inputs=inputs, outputs=outputs, hidden=hidden, width=width, cell_depth=depths[0], readout_depth=depths[1]
    )
    size = Size(architecture=architecture, networks=3, length=length, batch=11, by_normal_equations=by_normal_equations)
    run = step(size, torch.float64)
    with ProductCounter() as counter:
        run()
    assert step_flops(size) == 2 * counter.multiply_adds


def test_a_rate_is_measured() -> None:
    found = rate(SIZES[0], torch.float32, 0.05)
    assert found.flops_a_step == step_flops(SIZES[0])
    assert 0 < found.share < 1


def test_the_sizes_are_those_of_the_ladder() -> None:
    adams = sum(plan.schedule is not None for plan in PLANS)
    assert [size.by_normal_equations for size in SIZES] == [False] * adams + [True] * (len(SIZES) - adams)
    shapes = {(plan.hidden, plan.width, plan.readout_depth) for plan in PLANS if not plan.schedule}
    assert len(set(SIZES)) == len(SIZES) >= adams + len(shapes)
    assert str(SIZES[-1]).startswith("normal equations; hidden ")


# Ratios and marks


def test_a_ratio_is_a_measurement_only_if_the_plain_loop_got_there() -> None:
    assert (MEASURED.value, MEASURED.is_bound, ratio_text(MEASURED)) == (60.0, False, "60x")
    assert (CAPPED.value, CAPPED.is_bound, ratio_text(CAPPED)) == (60.0, True, "> 60x (bound)")


def test_what_a_ratio_says_about_the_mark() -> None:
    slower = replace(OURS, seconds=100.0)
    assert ratio_verdict(MEASURED) == ratio_verdict(CAPPED) == "met"
    assert ratio_verdict(replace(MEASURED, ours=slower)) == "not met"
    assert ratio_verdict(replace(CAPPED, ours=slower)) == "undecided"
    assert ratio_text(replace(CAPPED, ours=slower)) == "> 1.2x (bound)"
    edge = replace(OURS, seconds=PLAIN.seconds / LEAST_RATIO)
    assert ratio_verdict(replace(MEASURED, ours=edge)) == "met"


def test_a_network_with_errors_is_not_compared() -> None:
    wrong = Ratio(ours=replace(OURS, wrong=1, accuracy=0.999))
    assert (wrong.value, ratio_verdict(wrong), ratio_text(wrong)) == (0.0, "not met", "none: ours has errors")
    unchecked = Ratio(ours=replace(OURS, checked=0), plain=PLAIN)
    assert ratio_verdict(unchecked) == "not met"
    assert ratio_text(Ratio(ours=replace(OURS, error="killed"))) == "none: the process died"


def verdicts(trainings: list[Training], ratios: list[Ratio], tasks: int = 2, families: int = 1) -> list[str]:
    return [each.verdict for each in marks(trainings, ratios, tasks, families)]


def test_the_marks_are_met() -> None:
    second = replace(OURS, task="Second", seconds=MOST_SECONDS_A_TASK, peak_mib=MOST_MIB)
    assert verdicts([OURS, second], [MEASURED, CAPPED]) == ["met"] * 5


@pytest.mark.parametrize(
    ("index", "change"),
    [
        (1, {"seconds": 180.1}),
        (2, {"peak_mib": 1025.0}),
        (3, {"wrong": 1}),
        (3, {"checked": 0}),
    ],
)
def test_each_mark_can_be_missed(index: int, change: dict[str, float]) -> None:
    second = replace(replace(OURS, task="Second"), **change)  # type: ignore[arg-type]
    found = verdicts([OURS, second], [MEASURED])
    assert found.pop(index) == "not met"
    assert found == ["met"] * 4


def test_the_sum_is_that_of_one_seed() -> None:
    runs = [replace(OURS, task=f"T{i}", seed=seed, seconds=100.0) for i in range(24) for seed in (0, 1)]
    assert verdicts(runs, [MEASURED], tasks=24)[0] == "met"
    assert verdicts([*runs, replace(OURS, task="T24", seed=1)], [MEASURED], tasks=24)[0] == "not met"


def test_a_part_of_the_tasks_settles_nothing_but_failure() -> None:
    assert verdicts([OURS], [MEASURED]) == ["undecided"] * 4 + ["met"]
    assert verdicts([OURS], [MEASURED], families=2)[-1] == "undecided"
    assert verdicts([replace(OURS, seconds=200.0)], [])[1:] == ["not met", "undecided", "undecided", "not measured"]
    assert verdicts([], []) == ["not measured"] * 5


def test_a_process_that_died_fails_the_mark_of_perfect_networks() -> None:
    died = Training(task="Second", family="one", seed=0, error="killed")
    assert verdicts([OURS, died], []) == ["undecided"] * 3 + ["not met", "not measured"]


def test_one_miss_in_any_family_is_a_miss() -> None:
    slow = Ratio(ours=replace(OURS, family="two", seconds=100.0), plain=PLAIN)
    open_ = Ratio(ours=replace(OURS, seconds=100.0), plain=CAPPED.plain)
    assert verdicts([], [MEASURED, open_, slow])[-1] == "not met"
    assert verdicts([], [MEASURED, open_])[-1] == "undecided"


def test_the_summary_of_a_seed_names_the_worst() -> None:
    second = replace(OURS, task="Second", seconds=5.0, wrong=3)
    third = replace(OURS, task="Third", peak_mib=400.0)
    (first, other) = by_seed([replace(OURS, seed=7), second, third, OURS])
    assert (first.seed, first.tasks, first.seconds, first.perfect) == (0, 3, 9.0, 2)
    assert (first.most_seconds, first.slowest, first.peak_mib, first.largest) == (5.0, "Second", 400.0, "Third")
    assert (other.seed, other.tasks, other.perfect) == (7, 1, 1)


# Tables


def results() -> Results:
    return Results(
        roster=["First", "Second"],
        families=1,
        options={"fresh": 100, "baseline_times": 51.0, "baseline_seconds": 120.0}
        | {"baseline_steps": 900, "baseline_layers": "paper"},
        ratios=[MEASURED, Ratio(ours=replace(OURS, task="Second", seconds=10.0), plain=CAPPED.plain)],
        trainings=[OURS, replace(OURS, seed=1, seconds=4.5, wrong=2, accuracy=0.9999999)],
        deaths=["Second, seed 0: exit status 1\nTraceback\nValueError: no"],
    )


def test_the_report_says_what_is_a_bound_and_what_was_capped() -> None:
    text = report(results(), "github")
    assert "| 60x" in " ".join(text.split())
    assert "> 12x (bound)" in text
    assert "1 of 2 plain loops were ended before they were perfect: Second." in text
    assert "takes a cap of 500 core seconds" in text
    assert (
        "a lower bound: the plain loop was ended at its cap of 51 times what ours took, 900 steps or 120 core seconds"
        in text
    )
    assert "Not measured: Second, seed 0: exit status 1 ValueError: no" in text
    assert "UNDECIDED" in text and "NOT MET" in text


def test_several_seeds_stand_in_one_row() -> None:
    row = training_table(results().trainings, "plain").splitlines()[1]
    assert row.split() == [
        "First",
        "one",
        "2.00",
        "4.50",
        "1",
        "/",
        "1",
        "2",
        "/",
        "2",
        "0",
        "/",
        "2",
        "99.9999%",
        "300",
    ]


def test_only_a_perfect_share_is_a_hundred_percent() -> None:
    assert (share(1.0), share(1 - 1e-9), share(0.5)) == ("100%", "99.9999%", "50.0000%")


def test_layers_are_shown_from_input_to_output() -> None:
    assert layers((3, 8, 1), (1, 8, 1)) == "3-8-1 | 1-8-1"


def test_records_come_back_from_json() -> None:
    assert training.ratio(json.loads(json.dumps(asdict(MEASURED)))) == MEASURED
    assert training.ratio(json.loads(json.dumps(asdict(Ratio(ours=OURS))))) == Ratio(ours=OURS)


def test_results_are_written_and_can_be_read(tmp_path: Path) -> None:
    training.write(replace_options(results(), jobs=2, seeds=[0, 1]), tmp_path, "now")
    found = json.loads((tmp_path / "results.json").read_text())
    assert [each["ratio"] for each in found["ratios"]] == [60.0, 12.0]
    assert [each["is_bound"] for each in found["ratios"]] == [False, True]
    assert [Mark(**each).verdict for each in found["marks"]][3:] == ["not met", "undecided"]
    assert (tmp_path / "results.md").read_text().startswith("# Speed of training\n")


def test_the_results_name_no_place_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "measure", lambda roster, options, found: None)
    assert training.main(["--parts", "flops", "--jobs", "7", "--out", str(tmp_path)]) == 0
    for file in ("results.json", "results.md"):
        assert str(tmp_path) not in (tmp_path / file).read_text()
    assert json.loads((tmp_path / "results.json").read_text())["options"]["jobs"] == 7


def replace_options(found: Results, **options: object) -> Results:
    return replace(found, options={**found.options, **options})


# The command


def test_the_roster_is_the_benchmark() -> None:
    roster = families()
    assert len(names(roster)) == 62
    assert find(roster, "Div_7")[0] == "division"


def test_a_task_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        training.parse(families(), ["--tasks", "Div_7", "Div_9"])
    assert "--tasks: no task is called 'Div_9'; there are Binary_Addition, " in capsys.readouterr().err


@pytest.mark.parametrize("text", ["32,64,3", "0,1,1,1", "1,2,3,4,5", "theirs"])
def test_layers_that_are_none_are_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        training.parse(families(), ["--baseline-layers", text])
    assert f"{text!r} is not paper, ours or four numbers above 0, like 32,64,3,2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "expected"), [("paper", (1, 229, 2, 1)), ("ours", None), ("32,64,3,2", (32, 64, 3, 2))]
)
def test_the_plain_loop_gets_the_layers_that_are_asked_for(text: str, expected: tuple[int, ...] | None) -> None:
    options = training.parse(families(), ["--baseline-layers", text])
    assert training.ratio_job("Parity_Last2", options)["layers"] == expected
    assert training.ratio_job("Prev1", options)["layers"] == (expected if text != "paper" else None)


def test_the_papers_layers_are_known_for_one_task_of_each_family() -> None:
    assert {find(families(), name)[0] for name in LAYERS} == set(families())


def test_a_shape_becomes_the_sizes_of_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []
    monkeypatch.setattr(child, "train_plainly", lambda *parts, **options: given.extend(parts[:2]))
    job = {"task": "Prev1", "words": 10, "seed": 0, "layers": [5, 7, 3, 2], "steps": 5, "seconds": 1.0, "times": 1.0}
    child._plain(job, OURS, [sample(find(families(), "Prev1")[1], count=5, seed=0)])
    assert given == [(6, 7, 7, 5), (5, 7, 1)]


@pytest.mark.parametrize("option", ["--baseline-seconds", "--baseline-times"])
def test_a_cap_is_above_zero(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        training.parse(families(), [option, "0"])
    assert f"{option}: 0.0 is not above 0" in capsys.readouterr().err


def test_the_plain_loop_is_given_enough_time_to_settle_the_mark() -> None:
    assert training.parse(families(), []).baseline_times > LEAST_RATIO


@pytest.mark.parametrize(("seconds", "times", "expected"), [(900.0, 51.0, 102.0), (60.0, 51.0, 60.0)])
def test_the_plain_loop_ends_at_the_nearer_cap(
    monkeypatch: pytest.MonkeyPatch, seconds: float, times: float, expected: float
) -> None:
    given: dict[str, object] = {}
    monkeypatch.setattr(child, "train_plainly", lambda *parts, **options: given.update(options))
    job = {
        "task": "Prev1", "words": 10, "seed": 0, "layers": None, "steps": 5, "seconds": seconds, "times": times,
    }  # fmt: skip
    child._plain(job, replace(OURS, seconds=2.0), [sample(find(families(), "Prev1")[1], count=5, seed=0)])
    assert given["seconds"] == expected


# The plain loop


def test_the_plain_network_is_the_record_it_becomes() -> None:
    torch.manual_seed(0)
    model = Recurrent((5, 7, 3), (3, 6, 2))
    network = model.network()
    words = torch.randint(-5, 6, (20, 4, 2))
    with torch.no_grad():
        expected = model.double()(words.double()).numpy()
    hidden = network.start(20)
    for t in range(4):
        hidden = network.step(hidden, words[:, t].numpy())
        assert np.allclose(network.read(hidden), expected[:, t])
    assert sizes(network) == ((5, 7, 3), (3, 6, 2))


def copying(
    seconds: float = 1e9, steps: int = 200, wrong: int = 0, looks: list[int] | None = None, tick: float = 1.0
) -> Plain:
    """Train one linear unit to copy bits; every read of the clock is `tick` later, `check` finds `wrong` errors."""
    words = torch.randint(0, 2, (64, 3, 1), generator=torch.Generator().manual_seed(0)).float()
    times = itertools.count()

    def look(network: object) -> tuple[int, int, float]:
        if looks is not None:
            looks.append(1)
        return wrong, 100, 1 - wrong / 100

    return train_plainly(
        (2, 1), (1, 1), words, words, look,
        glance=(torch.zeros(1, 3, 1), torch.full((1, 3, 1), -7.0)),  # never right, so that only the end is checked
        seed=0, seconds=seconds, steps=steps, clock=lambda: tick * next(times),
    )  # fmt: skip


def test_the_plain_loop_ends_at_its_cap() -> None:
    found = copying(seconds=5, wrong=3)
    assert (found.why_stopped, found.steps, found.seconds, found.wrong) == ("time cap", 5, 5.0, 3)
    assert copying(steps=4, wrong=3).why_stopped == "steps used up"


def test_a_network_that_is_perfect_at_the_cap_is_perfect() -> None:
    looks: list[int] = []
    assert copying(steps=4, looks=looks).why_stopped == "perfect"
    assert len(looks) == 1


def test_the_plain_loop_learns_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.plain.BATCH", 64)
    words = torch.randint(0, 2, (256, 3, 1), generator=torch.Generator().manual_seed(1))
    data = Dataset(inputs=words.numpy(), outputs=words.numpy())
    found = train_plainly(
        (3, 4, 2), (2, 1), words.float(), words.float(), lambda network: check(network, [data]),
        glance=(words.float(), words.float()), seed=0, seconds=60, steps=1000,
    )  # fmt: skip
    assert (found.why_stopped, found.wrong, found.checked, found.accuracy) == ("perfect", 0, 256, 1.0)
    assert found.steps % 100 == 0


def test_pytest_collects_nothing_of_the_benchmark_itself() -> None:
    folder = Path(__file__).parents[2] / "benchmarks"
    assert not [*folder.rglob("test_*.py"), *folder.rglob("*_test.py")]
