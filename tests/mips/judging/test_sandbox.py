"""Foreign programs end in their own true status, in bounded time, with nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hostile import HOSTILE, SUM, USEFUL, answering, inside

from mips import Task, integers
from mips.judging.judge import judge
from mips.judging.questions import Effort
from mips.judging.sandbox import choice, foreign
from mips.judging.sandbox.choice import choose, probe
from mips.judging.sandbox.endings import Ended, ForeignError, Limits, SandboxUnavailable
from mips.judging.sandbox.foreign import BWRAP, LANDLOCK, LAYERS, PROCESS, ForeignProgram
from mips.judging.sandbox.verdict import Examiner, ForeignVerdict, limits_of
from mips.tasks.seeds import derived_seed

TASK = Task(
    "Running_Sum", step=lambda s, x: (s + x, s + x), start=0, inputs=integers(-9, 9), length=6, about="The sum so far."
)
LITTLE = Effort(fresh=60, exhaustive=400, examples=30, literal=1000, bits=10**6)  # for paths
SHORT = Limits(seconds=20, answer_seconds=3.0, memory=192)
STRONG = [layer for layer in (LANDLOCK, BWRAP) if not probe(layer)]


def judge_foreign(
    source: str, task: Task, *, root_seed: int, layer: str, limits: Limits = SHORT, effort: Effort = LITTLE
) -> ForeignVerdict:
    return Examiner(task, root_seed=root_seed, limits=limits, effort=effort).judge(source, layer)


def layers() -> list[object]:
    return [
        pytest.param(layer, marks=pytest.mark.skipif(layer not in STRONG, reason=f"not here: {probe(layer)}"))
        for layer in (LANDLOCK, BWRAP)
    ]


def children() -> set[int]:
    """Return the processes whose parent is this one, and what they left to process 1 since."""
    own = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) in (os.getpid(), 1) and b"child.py" in (entry / "cmdline").read_bytes():
                own.add(int(entry.name))
    return own


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("layer", layers())
def test_a_hostile_program_ends_in_its_own_status(layer: str, name: str, tmp_path: Path) -> None:
    source, expected = HOSTILE[name]
    (tmp_path / "kept").write_text("kept")
    source = source.replace("{folder}", str(tmp_path)).replace("{project}", __file__)
    began = time.monotonic()
    # What may never end is given less time: that it ends in another status than `timeout` takes no longer.
    limits = replace(SHORT, answer_seconds=0.5) if "timeout" in expected else SHORT
    found = judge_foreign(source, TASK, root_seed=0, layer=layer, limits=limits)
    assert found.status in expected, found
    assert time.monotonic() - began < 15
    # Neither a table nor what has no entry point is even run.
    assert found.locks == LAYERS[layer] or found.status == "table" or found.program_nodes == 0
    assert not children()
    assert {path.name for path in tmp_path.iterdir()} == {"kept"}
    assert (tmp_path / "kept").read_text() == "kept" and (tmp_path / "kept").stat().st_mode & 0o400
    assert not found.reason.startswith("pytest_mips")


@pytest.mark.parametrize("name", USEFUL)
@pytest.mark.parametrize("layer", [*layers(), PROCESS])
def test_a_program_that_behaves_well_is_solved(layer: str, name: str) -> None:
    found = judge_foreign(USEFUL[name], TASK, root_seed=0, layer=layer)
    assert (found.status, found.reason, found.counterexample) == ("solved", "", None)
    assert found.program_accuracy == 1.0 and found.program_nodes > 5


def test_the_verdict_is_that_of_our_own_programs() -> None:
    for source in (f"def program(xs):\n{SUM}", answering("xs"), answering("[sum(xs)] * len(xs)"), answering("xs[0]")):
        ours = judge(source, TASK, seed=derived_seed(3, "judge"), effort=LITTLE)
        theirs = judge_foreign(source, TASK, root_seed=3, layer=PROCESS)
        assert (theirs.status == "solved") == ours.solved
        assert theirs.program_accuracy == ours.accuracy and theirs.program_nodes == ours.program_nodes
        if ours.counterexample and not isinstance(ours.counterexample.actual, str):
            assert theirs.counterexample == ours.counterexample.to_json() and theirs.reason == ours.reason


@pytest.mark.parametrize(("longest", "right"), [(5, False), (6, True)])
def test_a_program_that_ends_on_long_words_is_right_at_the_training_length(longest: int, right: bool) -> None:
    source = inside(f"while len(xs) > {longest}: pass")
    limits = Limits(seconds=20, answer_seconds=0.5)
    found = judge_foreign(source, TASK, root_seed=0, layer=PROCESS, limits=limits)
    assert (found.status, found.solved_at_length) == ("timeout", right)


def test_tuples_go_in_and_come_out() -> None:
    pairs = Task(
        "Swap", step=lambda s, x: (s, (x[1], x[0])), start=0, inputs=integers(0, 3, width=2), length=5, about="Swapped."
    )
    found = judge_foreign(answering("[(b, a) for a, b in xs]"), pairs, root_seed=0, layer=PROCESS)
    assert found.status == "solved"
    loosely = judge_foreign(answering("[[b, a] for a, b in xs]"), pairs, root_seed=0, layer=PROCESS)
    assert loosely.status == "solved" and loosely.lenient > 60


def test_a_table_is_refused_as_ours_are() -> None:
    found = judge_foreign(answering(f"{list(range(9))}[: len(xs)]"), TASK, root_seed=0, layer=PROCESS, effort=Effort())
    assert found.status == "table" and found.reason.startswith("a table, not a formula: 9 constants")


def test_one_program_leaves_the_next_alone() -> None:
    bomb = judge_foreign(HOSTILE["fork bomb"][0], TASK, root_seed=0, layer=choose("auto"))
    after = judge_foreign(
        f"def program(xs):\n{SUM}", TASK, root_seed=0, layer=choose("auto"), limits=SHORT, effort=LITTLE
    )
    assert bomb.status == "exception" and after.status == "solved"


def test_a_program_cannot_look_outside_but_can_in_the_process_layer() -> None:
    """The check can say no: without locks the same program reads the file."""
    source = "def program(xs):\n    return [len(open('/etc/passwd').read()) for x in xs]\n"
    with ForeignProgram(source, PROCESS, SHORT) as program:
        assert program([1])[0] > 0
    with ForeignProgram(source, choose("auto"), SHORT) as program, pytest.raises(ForeignError):
        program([1])


HOLDER = """
import sys
from mips.judging.sandbox.endings import Limits
from mips.judging.sandbox.foreign import ForeignProgram
with ForeignProgram("def program(xs):\\n    while True: pass\\n", sys.argv[1], Limits(seconds=60)) as program:
    print(program._child.pid, flush=True)
    program([1])
"""


@pytest.mark.parametrize("layer", [*layers(), PROCESS])
def test_the_child_ends_with_the_process_that_started_it(layer: str) -> None:
    command = [sys.executable, "-c", HOLDER, layer]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as holder:
        assert holder.stdout is not None
        child = Path(f"/proc/{int(holder.stdout.readline())}")
        time.sleep(0.3)  # it is in its loop
        assert child.exists()
        holder.kill()
    deadline = time.monotonic() + 10
    while child.exists() and (child / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < deadline, "the child lives on"
        time.sleep(0.05)


def test_the_child_of_an_attempt_carries_its_mark_and_the_program_does_not_see_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MIPS_ATTEMPT", "mark")
    monkeypatch.setenv("SECRET", "key")
    source = "import os\ndef program(xs):\n    return [len(os.environ) for _ in xs]\n"
    with ForeignProgram(source, PROCESS, SHORT) as program:
        environment = Path(f"/proc/{program._child.pid}/environ").read_bytes()
        assert b"MIPS_ATTEMPT=mark" in environment and b"SECRET" not in environment
        assert program([1]) == [0]


def test_a_difference_on_the_second_call_only_is_told_as_one() -> None:
    source = "seen = []\n" + inside("if xs in seen: return [99] * len(xs)\nseen.append([*xs])")
    found = judge_foreign(source, TASK, root_seed=0, layer=PROCESS)
    assert found.status == "wrong" and found.reason.endswith(", when it is called again")


def test_an_answer_before_the_question_is_refused() -> None:
    source = HOSTILE["writes answers itself"][0]
    with ForeignProgram(source, PROCESS, SHORT) as program, pytest.raises(Ended, match="protocol"):
        program([1])
        time.sleep(0.2)
        program([1])


def test_a_layer_that_does_not_work_is_said_and_never_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "LAYERS", {**LAYERS, PROCESS: ("rlimits", "magic")})
    assert "expected ('rlimits', 'magic')" in probe(PROCESS)
    with pytest.raises(SandboxUnavailable, match="magic"):
        choose(PROCESS)
    found = judge_foreign(answering("xs"), TASK, root_seed=0, layer=PROCESS)
    assert found.status == "sandbox_unavailable" and "magic" in found.reason
    monkeypatch.setattr(choice, "probe", lambda layer: f"{layer}: not here")
    with pytest.raises(SandboxUnavailable, match="landlock: not here; bwrap: not here"):
        choose("auto")


def test_limits_grow_with_the_reference() -> None:
    def slow(state: int, x: int) -> tuple[int, int]:
        time.sleep(0.0005)
        return state, x

    task = Task("Slow", step=slow, start=0, inputs=integers(0, 1), length=4, about="Slow.")
    assert limits_of(task).seconds > 2 * limits_of(TASK).seconds
