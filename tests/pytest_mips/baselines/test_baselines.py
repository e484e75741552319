"""Recorded programs of other systems: read in any layout, judged like ours, and told apart from harness errors."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stage import Stage

from benchmarks.roster import ROOT, families, names
from pytest_mips.baselines.recorded import Recorded, RecordedError, recorded
from pytest_mips.runs.attempts import ProgramJob, SolverJob
from pytest_mips.scores import claims
from pytest_mips.scores.comparison import System, interval, mcnemar
from pytest_mips.session.planning import GROUPS, TOGETHER, Plan

COPY = "def program(xs):\n    return list(xs)\n"
WRONG = "def program(xs):\n    return [0 for x in xs]\n"
WIDE = 'task("{}", inputs=integers(0, 400))'  # few words are all words of a length
RAISES = "def program(xs):\n    return xs[99]\n"


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_all_layouts_mean_the_same(tmp_path: Path) -> None:
    samples = [COPY, WRONG, RAISES]
    lines = "".join(json.dumps({"task_id": "A", "solution": text, "more": 1}) + "\n" for text in samples)
    (tmp_path / "some.jsonl").write_text(lines)
    expected = tuple(Recorded(system="s", task="A", number=i, source=text) for i, text in enumerate(samples))
    flat = write(tmp_path / "flat", {f"A/{number}.py": text for number, text in zip((1, 2, 10), samples, strict=True)})
    deep = write(tmp_path / "deep", {f"A/{number}/any.py": text for number, text in enumerate(samples)})
    one = write(tmp_path / "one", {"A.py": COPY, "_notes.py": "", ".git/x.py": "", "README.md": ""})
    for path in (tmp_path / "some.jsonl", flat, deep):
        assert recorded("s", path) == expected
    assert recorded("s", one) == expected[:1]


def test_marks_of_the_byte_order_and_other_ends_of_lines_are_no_trouble(tmp_path: Path) -> None:
    source = "def program(xs):\n    return xs  # \u2028 \u0085\n"
    lines = tmp_path / "all.jsonl"
    told = json.dumps({"task_id": "T", "solution": "\ufeff" + source}, ensure_ascii=False)
    lines.write_bytes(f"\ufeff{told}\r\n".encode())
    (tmp_path / "T.py").write_bytes(f"\ufeff{source}".encode())
    assert [one.source for one in recorded("a", lines) + recorded("a", tmp_path)] == [source, source]


def test_half_a_character_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "some.jsonl").write_text('{"task_id": "A", "solution": "# \\ud800"}')
    assert recorded("s", tmp_path / "some.jsonl")[0].source == "# \\ud800"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"task_id": "A"}', "line 1: found"),
        ('\n{"task_id": "A", "solution": 3}', "line 2: found"),
        ("def program(xs): pass", "expected {"),
        ("", "found no program"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "some.jsonl").write_text(text)
    with pytest.raises(RecordedError, match=told):
        recorded("s", tmp_path / "some.jsonl")
    with pytest.raises(RecordedError, match="No such file"):
        recorded("s", tmp_path / "none")


@pytest.mark.slow
def test_systems_are_judged_beside_ours(stage: Stage) -> None:
    stage.tasks(*map(WIDE.format, ("Easy", "Hard", "Simple")))
    write(stage.pytester.path / "good", {"Easy.py": COPY, "Hard.py": COPY, "Other.py": COPY})
    write(stage.pytester.path / "bad", {"Easy/0.py": WRONG, "Easy/1.py": COPY, "Hard/0.py": RAISES})
    result = stage.run("--mips-programs=good=good", "--mips-programs=bad=bad")
    assert result.ret == 0
    lines = [json.loads(line) for line in (stage.folder / "results.jsonl").read_text().splitlines()]
    statuses = {(one["task"], one["system"], one["seed"]): one["status"] for one in lines}
    assert statuses == {
        ("Easy", "mips", 0): "solved", ("Hard", "mips", 0): "unsolved", ("Simple", "mips", 0): "solved",
        ("Easy", "good", 0): "solved", ("Hard", "good", 0): "solved",
        ("Easy", "bad", 0): "wrong", ("Easy", "bad", 1): "solved", ("Hard", "bad", 0): "exception",
    }  # fmt: skip
    wrong = next(one for one in lines if one["status"] == "wrong")
    example = wrong["counterexample"]
    assert example["inputs"] == example["expected"] and example["actual"] == [0] * len(example["inputs"])
    assert wrong["locks"][0] == "rlimits" and len(wrong["locks"]) > 1
    told = {one["system"]: one for one in stage.read("summary.json")["systems"]}
    assert {name: (one["solved"], one["of"], one["samples"]) for name, one in told.items()} == {
        "mips": (2, 3, 1), "good": (2, 3, 1), "bad": (1, 3, 2)
    }  # fmt: skip
    assert told["bad"]["solved_at_1"] == round(0.5 / 3, 4)
    text = (stage.folder / "summary.md").read_text()
    assert "solved 2 of 3 (proved 2), good 2 of 3, bad 1 of 3" in text
    assert "- **Simple** mips" in text and "| mips | good |" in " ".join(text.split())
    assert (stage.folder / "baselines" / "bad" / "Easy" / "1.py").read_text() == COPY
    result.stdout.fnmatch_lines(["*WRONG*Easy bad 0*counterexample: xs=*"])


def test_programs_for_no_selected_task_are_told(stage: Stage) -> None:
    stage.tasks("Easy")
    write(stage.pytester.path / "progs", {"Easy.py": COPY, "easy.py": COPY, "Typo/0.py": COPY})
    told = stage.run("--mips-baselines-only", "--mips-programs=x=progs").stdout.str()
    assert "x: not judged, since no selected task is called so: Typo, easy" in told and "x 1 of 1" in told


def test_baselines_alone_train_nothing(stage: Stage) -> None:
    stage.tasks(*map(WIDE.format, ("Easy", "Hard", "Simple")))
    write(stage.pytester.path / "some", {"Easy.py": COPY, "Hard.py": WRONG})
    result = stage.run("--mips-programs=some=some", "--mips-baselines-only", workers="0")
    assert result.ret == 0
    result.assert_outcomes(passed=2, skipped=1)
    result.stdout.fnmatch_lines(["*some 1 of 3*"])
    assert {one["system"] for one in map(json.loads, (stage.folder / "results.jsonl").read_text().splitlines())} == {
        "some"
    }
    assert not (stage.folder / "tasks").exists()
    assert stage.read("summary.json")["roster"] == 3


def test_the_judge_has_the_seed_of_our_own_programs(stage: Stage) -> None:
    stage.tasks(WIDE.format("Easy"))
    write(stage.pytester.path / "some", {"Easy/0.py": WRONG, "Easy/1.py": WRONG})
    assert stage.run("--mips-programs=some=some", "--mips-baselines-only", "--mips-seed=7").ret == 0
    first, second = map(json.loads, (stage.folder / "results.jsonl").read_text().splitlines())
    assert first["reason"] == second["reason"] and first["program_accuracy"] == second["program_accuracy"]


@pytest.mark.parametrize(("tasks", "samples"), [(62, 3), (62, 1), (3, 1), (2, 40), (12, 2), (1, 1)])
def test_children_judge_some_programs_each_task_by_task(tasks: int, samples: int) -> None:
    parts: dict[str, Any] = {"payload": b"", "time_limit": 1.0}
    jobs = [ProgramJob(task=f"T{n}", system="other", seed=k, **parts) for n in range(tasks) for k in range(samples)]
    own = [SolverJob(task=f"T{n}", seed=0, solver="", **parts) for n in range(tasks)]
    plan = Plan(run={}, jobs=(*own, *jobs), conversations=(), fingerprints={})
    first, others = plan.groups[:tasks], plan.groups[tasks:]
    assert first == [[job] for job in own] and {job.key for group in others for job in group} == {
        job.key for job in jobs
    }
    assert sum(map(len, others)) == len(jobs)
    assert all(len(group) <= TOGETHER for group in others) and len(others) >= min(GROUPS // 2, tasks)
    if samples <= TOGETHER:  # then no task is in two groups, and the programs of one follow each other
        assert sum(len({job.task for job in group}) for group in others) == tasks
        runs = [task for group in others for task, _ in itertools.groupby(group, key=lambda job: job.task)]
        assert len(runs) == tasks
        sizes = [len(group) for group in others]
        assert max(sizes) - min(sizes) <= samples, "all workers are busy to the end"


@pytest.mark.slow
def test_an_end_of_the_judge_costs_one_program_only(stage: Stage, tmp_path: Path) -> None:
    """The second word of a file, once it is there, ends the process that judges: a new one goes on."""
    step = f"""
import pathlib
def dying(state, x):
    seen = pathlib.Path({str(tmp_path / "seen")!r})
    if in_child() and x == 399 and not seen.exists():
        seen.write_text("")
        os._exit(3)
    return state, x
"""
    stage.tasks('task("Easy", step=dying, inputs=integers(0, 400))', before=step)
    write(stage.pytester.path / "some", {f"Easy/{number}.py": COPY for number in range(4)})
    result = stage.run("--mips-programs=some=some", "--mips-baselines-only")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    lines = [json.loads(line) for line in (stage.folder / "results.jsonl").read_text().splitlines()]
    assert [(one["seed"], one["status"]) for one in lines] == [
        (0, "error"), (1, "solved"), (2, "solved"), (3, "solved")
    ]  # fmt: skip
    assert lines[0]["reason"] == "the child process left with exit status 3 before its verdict"


def test_the_counterexample_is_shrunk(stage: Stage) -> None:
    stage.tasks(WIDE.format("Easy"))
    forgets = "[0 if i > 1 and x > 20 and xs[i - 1] < xs[i - 2] else x for i, x in enumerate(xs)]"
    write(stage.pytester.path / "some", {"Easy.py": f"def program(xs):\n    return {forgets}\n"})
    assert stage.run("--mips-programs=some=some", "--mips-baselines-only").ret == 0
    (record,) = map(json.loads, (stage.folder / "results.jsonl").read_text().splitlines())
    assert record["counterexample"] == {"inputs": [1, 0, 21], "expected": [1, 0, 21], "actual": [1, 0, 0]}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--mips-programs=nothing"], "expected NAME=PATH"),
        (["--mips-programs=mips=some"], "is not mips"),
        (["--mips-programs=a=some", "--mips-programs=a=some"], "a is there twice"),
        (["--mips-programs=a=none"], "No such file or directory; expected a folder or a JSONL file"),
        (["--mips-programs=a=some"], "found programs for Other ..., none for a selected task"),
        (
            ["--mips-baselines-only"],
            "there is no baseline; give one with --mips-programs, --mips-synthesizer or --mips-llm",
        ),
        (["--mips-synthesizer=magic"], "no author is called 'magic'"),
        (["--mips-sandbox=magic"], "expected auto, landlock, bwrap or process"),
    ],
)
def test_mistakes_are_said_before_anything_runs(
    arguments: list[str], told: str, stage: Stage, one_error: Callable[..., str]
) -> None:
    stage.tasks("Easy")
    write(stage.pytester.path / "some", {"Other.py": COPY})
    assert told in one_error(*arguments)


def test_a_sandbox_that_is_not_there_is_an_error_and_no_score(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.tasks("Easy")
    write(stage.pytester.path / "some", {"Easy.py": COPY})
    monkeypatch.setattr("mips.judging.sandbox.choice.probe", lambda layer: f"{layer}: no such lock")
    result = stage.run("--mips-programs=a=some", "--mips-baselines-only")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    (record,) = map(json.loads, (stage.folder / "results.jsonl").read_text().splitlines())
    assert record["status"] == "sandbox_unavailable" and record["locks"] == [] and record["program_nodes"] == 0
    assert record["reason"] == "landlock: no such lock; bwrap: no such lock"
    result.stdout.fnmatch_lines(["*SANDBOX UNAVAILABLE Easy a 0*"])


def test_claims_stand_beside_and_are_not_counted(stage: Stage, one_error: Callable[..., str]) -> None:
    stage.tasks(WIDE.format("Easy"), WIDE.format("Hard"))
    write(stage.pytester.path / "some", {"Easy.py": WRONG})
    claim = {"system": "Other", "source": "a paper", "of": 9, "solved": ["Easy", "Elsewhere"]}
    (stage.pytester.path / "claims.json").write_text(json.dumps([claim]))
    with (stage.pytester.path / "tox.ini").open("a") as stream:
        stream.write("\nmips_claims = claims.json\n")
    assert stage.run("--mips-programs=some=some", "--mips-baselines-only").ret == 0
    text = " ".join((stage.folder / "summary.md").read_text().split())
    assert "| Other (claimed) | 2 of 9 |" in text and "- **Easy** nobody; Other (claimed) - **Hard** nobody" in text
    facts = stage.read("summary.json")
    assert [one["system"] for one in facts["systems"]] == ["some"] and facts["claims"][0]["total"] == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[", "no JSON"),
        ("{}", "found dict, expected a list"),
        ('[{"system": "s", "source": "p", "of": 3}]', "claim 1: found"),
        ('[{"system": "s", "source": "p", "of": 3, "total": 4}]', "claim 1: found"),
        ('[{"system": "s", "source": "p", "of": 3, "total": 2, "solved": ["A"]}]', "claim 1: found"),
    ],
)
def test_claims_that_cannot_be_read_are_named(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "claims.json").write_text(text)
    with pytest.raises(claims.ClaimsError, match=told):
        claims.read(tmp_path / "claims.json")


def test_the_claims_of_the_62_tasks_name_them() -> None:
    found = claims.read(ROOT / "benchmark_tasks" / "claims.json")
    assert [(claim.system, claim.total, claim.of) for claim in found] == [("GPT-4", 30, 62), ("MIPS, paper", 32, 62)]
    assert len(set(found[0].solved)) == 30 and set(found[0].solved) <= set(names(families()))


@pytest.mark.parametrize(("left", "right"), list(itertools.product(range(6), repeat=2)))
def test_mcnemar_counts_all_ways_to_toss_a_coin(left: int, right: int) -> None:
    tosses = list(itertools.product((0, 1), repeat=left + right))
    extreme = sum(abs(2 * sum(toss) - left - right) >= abs(left - right) for toss in tosses)
    assert mcnemar(left, right) == pytest.approx(extreme / len(tosses))


@pytest.mark.parametrize(("solved", "count"), [(0, 62), (14, 62), (57, 62), (62, 62), (3, 7)])
def test_the_ends_of_the_interval_are_where_the_score_test_says_no(solved: int, count: int) -> None:
    low, high = interval(solved, count)
    assert 0 <= low <= solved / count <= high <= 1
    for end in (low, high):
        if 0 < end < 1:
            assert abs(solved / count - end) / math.sqrt(end * (1 - end) / count) == pytest.approx(1.959964, abs=1e-5)


def test_solved_at_k_is_the_mean_over_all_choices_of_k_samples() -> None:
    system = System(name="s", attempts={"A": (2, 5), "B": (0, 5), "C": (5, 5), "D": (0, 0)})
    for k in (1, 2, 3, 5):
        choices = list(itertools.combinations([True] * 2 + [False] * 3, k))
        assert system.solved_at(k) == pytest.approx((sum(map(any, choices)) / len(choices) + 0 + 1 + 0) / 4)
    assert system.solved == {"A", "C"} and system.samples == 5


def test_a_task_may_begin_with_an_underscore(tmp_path: Path) -> None:
    """What else does is no program: notes, caches, and replies on the way to the last one."""
    files = [
        "_Hidden/0.py",
        "_Hidden/1/any.py",
        "_Hidden/_notes.py",
        "_Other.py",
        "_notes.py",
        "__pycache__/a.py",
        "A.py",
    ]
    folder = write(tmp_path / "some", dict.fromkeys(files, COPY))
    found = [(one.task, one.number) for one in recorded("s", folder, ("_Hidden", "_Other", "A"))]
    assert sorted(found) == [("A", 0), ("_Hidden", 0), ("_Hidden", 1), ("_Other", 0)]
