"""Attempts: a child process each, a time limit that ends it, and a mishap that costs one task only."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from observing import gone
from runs import make_run, record

from pytest_mips.runs.archive import pack
from pytest_mips.session import terminal
from pytest_mips.workers import devices

if TYPE_CHECKING:
    from stage import Stage

KILLED = """
def killed(rng, length):
    if in_child():
        os.kill(os.getpid(), signal.SIGKILL)
    return rng.choices((0, 1), k=length)
"""
RAISING = """
def raising(rng, length):
    if in_child():
        print("a last word")
        raise KeyError("boom")
    return rng.choices((0, 1), k=length)
"""
LEAVING = """
def leaving(rng, length):
    if in_child():
        os._exit(7)
    return rng.choices((0, 1), k=length)
"""
SLEEPING = """
def sleeping(rng, length):
    if in_child():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        other = subprocess.Popen(["sleep", "1000"])
        with open("pids.txt", "w") as stream:
            stream.write(f"{os.getpid()} {other.pid}")
        time.sleep(1000)
    return rng.choices((0, 1), k=length)
"""


def wait_for(path: Path) -> str:
    for _ in range(400):
        if path.exists() and path.read_text():
            return path.read_text()
        time.sleep(0.05)
    raise AssertionError(f"{path.name} was not written")


def test_gone_can_say_no() -> None:
    with subprocess.Popen(["sleep", "1000"]) as process:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(time, "sleep", lambda seconds: None)
            assert not gone(process.pid)
        process.kill()


@pytest.mark.parametrize(
    ("misbehaviour", "reason"),
    [
        (KILLED, "the child process was killed by SIGKILL"),
        (
            RAISING,
            "*TaskError: Task 'Ill' (test_copy.py:*): sample(rng, 4) raised KeyError: 'boom' (test_copy.py:*).",
        ),
        (LEAVING, "the child process left with exit status 7 before its verdict"),
    ],
    ids=["killed", "raising", "leaving"],
)
def test_a_mishap_costs_one_task_only(stage: Stage, misbehaviour: str, reason: str) -> None:
    sample = misbehaviour.split()[1].partition("(")[0]
    stage.tasks("Easy", f"task('Ill', {sample})", "Hard", before=misbehaviour)
    result = stage.run()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=1, failed=1, xfailed=1)
    pattern = reason.replace("[", "[[]")
    result.stdout.fnmatch_lines([f"*ERROR    Ill*{pattern}"])
    result.stdout.fnmatch_lines([f"Ill: error: *{pattern}"])
    result.stdout.no_fnmatch_line("*Traceback*")
    assert {task["task"]: task["status"] for task in stage.read("summary.json")["tasks"]} == {
        "Easy": "solved", "Ill": "error", "Hard": "unsolved",
    }  # fmt: skip


@pytest.mark.parametrize(
    "field",
    ['reason="half \\ud83d"', "network_accuracy=object()", 'files={"n" * 300: b""}', 'program="# \\ud83d"', "reason=3"],
)
@pytest.mark.parametrize("workers", ["2", "0"])
def test_what_cannot_be_kept_is_an_error_and_costs_one_task_only(stage: Stage, field: str, workers: str) -> None:
    stage.tasks("Odd", "Simple")
    solver = stage.pytester.path / "fake_solver.py"
    known = "return Outcome(status='unsolved', stage='', %s) if task.name == 'Odd' else usual(task, seed, progress)"
    text = solver.read_text().replace("def solve(task, *, seed, progress)", "def usual(task, seed, progress)")
    solver.write_text(text + f"\ndef solve(task, *, seed, progress):\n    {known % field}\n")
    stage.run(workers=workers)
    found = stage.records()
    assert found["Simple"]["status"] == "solved"
    if "ud83d" not in field or "program" in field:
        assert found["Odd"]["status"] == "error" and found["Odd"]["reason"]


def test_what_user_code_prints_ends_in_the_log(stage: Stage) -> None:
    stage.tasks("task('Ill', raising)", before=RAISING)
    stage.run()
    log = (stage.folder / "tasks" / "Ill" / "log.txt").read_text()
    assert "a last word" in log and "Traceback" in log


def test_the_time_limit_ends_the_child_and_what_it_started(stage: Stage) -> None:
    stage.tasks("task('Slow', sleeping)", "Easy", before=SLEEPING)
    result = stage.run("--mips-time-limit=4")
    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=1, xfailed=1)
    result.stdout.fnmatch_lines(
        ["*TIMEOUT  Slow*trained: time limit of 4 s, last heard: trained: a fake network; try a longer *"]
    )
    assert stage.records()["Slow"]["seconds"] < 12
    for pid in (stage.pytester.path / "pids.txt").read_text().split():
        assert gone(int(pid))


@pytest.mark.slow
@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_nothing_survives_the_parent(stage: Stage, kill: signal.Signals) -> None:
    stage.tasks("Easy", "task('Slow', sleeping)", "Never", before=SLEEPING)
    command = [sys.executable, "-m", "pytest", "--mips-benchmark", "--mips-workers=1"]
    run = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    )
    pids = wait_for(stage.pytester.path / "pids.txt").split()
    run.send_signal(kill)
    output = run.communicate(timeout=30)[0]
    assert all(gone(int(pid)) for pid in pids)
    assert stage.records()["Easy"]["status"] == "solved"
    if kill is signal.SIGINT:
        assert run.returncode == pytest.ExitCode.INTERRUPTED
        assert {name: record["status"] for name, record in stage.records().items()} == {
            "Easy": "solved", "Slow": "not_run", "Never": "not_run",
        }  # fmt: skip
        assert "solved 1 of 3 (proved 1)" in output and (stage.folder / "summary.md").exists()


def test_stopping_at_the_first_failure_leaves_the_rest_not_run(stage: Stage) -> None:
    stage.tasks("Hard", "task('Slow', sleeping)", "Never", before=SLEEPING)
    result = stage.run("-x", "--mips-strict")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    statuses = [task["status"] for task in stage.read("summary.json")["tasks"]]
    assert statuses[0] == "unsolved" and statuses[1] == "not_run" and len(statuses) == 3


def test_a_task_that_was_skipped_makes_the_run_incomplete(stage: Stage) -> None:
    stage.tasks("pytest.param(task('Easy'), marks=pytest.mark.skip(reason='mine'))", "Other")
    result = stage.run(workers="0")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["solved 1 of 2 (proved 1)"])


def test_seeds_are_attempts_and_the_best_one_counts(stage: Stage) -> None:
    stage.tasks("Lucky", "Hard")
    result = stage.run("--mips-seeds=2")
    result.assert_outcomes(passed=1, xfailed=1)
    lucky, hard = stage.read("summary.json")["tasks"]
    assert (lucky["status"], lucky["seed"], lucky["solved_attempts"], lucky["attempts"]) == ("solved", 1, 1, 2)
    assert (hard["status"], hard["solved_attempts"]) == ("unsolved", 0)
    result.stdout.fnmatch_lines(["*Lucky seed 0 *"])
    result.stdout.fnmatch_lines(["Lucky * solved 1/2 *"], consecutive=False)
    folder = stage.folder / "tasks" / "Lucky"
    assert (folder / "counterexample.json").exists() and (folder / "seed-1" / "program.py").exists()


def test_the_base_seed_is_the_first_attempt(stage: Stage) -> None:
    stage.tasks("Lucky")
    stage.run("--mips-seed=1", workers="0").assert_outcomes(passed=1)
    assert (stage.folder / "tasks" / "Lucky" / "program.py").exists()


def test_side_by_side_and_in_this_process_give_the_same_results_hash(stage: Stage) -> None:
    stage.tasks("Easy", "Hard", "Lucky")
    hashes = set()
    for workers in ("0", "2"):
        stage.run(f"--mips-run=w{workers}", workers=workers)
        summary = (stage.pytester.path / "reports" / f"w{workers}" / "summary.md").read_text()
        hashes.add(next(line for line in summary.splitlines() if "results hash" in line))
    assert len(hashes) == 1


def test_in_this_process_an_error_keeps_its_traceback_for_debuggers(stage: Stage) -> None:
    stage.tasks("Easy")
    stage.pytester.makepyfile(fake_solver="def solve(task, *, seed, progress): raise OSError('boom')")
    result = stage.run(workers="0")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([">*raise OSError('boom')", "E * OSError: boom"])
    assert stage.records()["Easy"]["reason"] == "OSError: boom (fake_solver.py:1)"


def test_a_solver_that_makes_up_a_status(stage: Stage) -> None:
    stage.tasks("Easy")
    solver = (stage.pytester.path / "fake_solver.py").read_text().replace('status="solved"', 'status="splendid"')
    stage.pytester.makepyfile(fake_solver=solver)
    stage.run().assert_outcomes(failed=1)
    assert "returned status 'splendid', expected 'solved' or 'unsolved'" in stage.records()["Easy"]["reason"]


@pytest.mark.slow
def test_a_long_silence_is_broken(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "HEARTBEAT_SECONDS", 0.5)
    stage.tasks("task('Slow', sleeping)", before=SLEEPING)
    result = stage.run("--mips-time-limit=4")
    result.stdout.fnmatch_lines(["    running: Slow * s (trained: a fake network)"])


def test_a_step_may_be_a_closure_and_use_its_module(stage: Stage) -> None:
    before = "TWO = 2\ndef times(n):\n    def step(state, x):\n        return state, n * x * TWO\n    return step"
    stage.tasks("task('Closure', step=times(3))", before=before)
    stage.pytester.makepyfile(
        fake_solver="from mips.outcome import Outcome\n"
        "def solve(task, *, seed, progress):\n"
        "    return Outcome(status='unsolved', stage='trained', reason=str(task.run([1, 0])))\n"
    )
    stage.run()
    assert stage.records()["Closure"]["reason"] == "[6, 0]"


def test_children_get_one_thread_and_a_fixed_hash_seed(stage: Stage) -> None:
    stage.tasks("Easy")
    stage.pytester.makepyfile(
        fake_solver="import os\nfrom mips.outcome import Outcome\n"
        "def solve(task, *, seed, progress):\n"
        "    told = [os.environ[name] for name in ('OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'PYTHONHASHSEED')]\n"
        "    return Outcome(status='unsolved', stage='trained', reason=' '.join(told))\n"
    )
    stage.run()
    assert stage.records()["Easy"]["reason"] == "1 1 0"


LOOKING = """
from mips.outcome import Outcome

def solve(task, *, seed, progress{parameter}):
    import sys
    return Outcome(status="unsolved", stage="trained", reason=str({told}))
"""
CUDA = {"torch": "9.9", "built": "13.0", "names": ["Card A", "Card B"], "broken": ""}


@pytest.mark.parametrize("parameter", ["", ", device='nowhere'"])
def test_on_the_processor_a_solver_hears_nothing_of_a_device(stage: Stage, parameter: str) -> None:
    told = "device" if parameter else "'heard nothing'"
    stage.tasks("Easy")
    stage.pytester.makepyfile(fake_solver=LOOKING.format(parameter=parameter, told=told))
    stage.run()
    assert stage.records()["Easy"]["reason"] == ("nowhere" if parameter else "heard nothing")
    assert stage.read("run.json")["arguments"]["device"] == "cpu"
    assert "accelerator" not in stage.read("run.json")["machine"]


@pytest.mark.parametrize("options", [("--mips-device=cuda:1",), ("-o", "mips_device=cuda:1")])
@pytest.mark.parametrize("parameter", [", device", ", **rest"])
def test_another_device_goes_to_the_solver_and_into_the_report(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], parameter: str
) -> None:
    monkeypatch.setattr(devices, "look", lambda device: CUDA)
    stage.tasks("Easy")
    told = "device" if parameter == ", device" else "rest['device']"
    stage.pytester.makepyfile(fake_solver=LOOKING.format(parameter=parameter, told=told))
    stage.run(*options)
    assert stage.records()["Easy"]["reason"] == "cuda:1"
    run = stage.read("run.json")
    assert (run["arguments"]["device"], run["machine"]["accelerator"]) == ("cuda:1", "Card B")
    assert "training on Card B" in (stage.folder / "summary.md").read_text()


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_solver_that_knows_no_device_is_told_apart(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    monkeypatch.setattr(devices, "look", lambda device: CUDA)
    stage.tasks("Easy")
    stage.run("--mips-device=cuda", workers=workers).assert_outcomes(failed=1)
    assert stage.records()["Easy"]["reason"].startswith(
        "TypeError: fake_solver:solve takes no argument `device`, found --mips-device=cuda; "
        "give the solver one, or train with --mips-device=cpu"
    )


def test_results_on_another_device_have_another_fingerprint(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "look", lambda device: CUDA)
    stage.tasks("Easy")
    for device in ("cpu", "cuda", "cpu"):
        stage.run(f"--mips-device={device}", f"--mips-run=r{len(list(stage.pytester.path.glob('reports/*')))}")
    runs = sorted((stage.pytester.path / "reports").iterdir())
    prints = [json.loads((run / "results.jsonl").read_text())["fingerprint"] for run in runs]
    assert prints[0] == prints[2] != prints[1]


def test_facts_and_files_of_the_network_come_through(stage: Stage) -> None:
    stage.tasks("Easy")
    trial = {"method": "m", "architecture": "a", "steps": 1, "seconds": 2.0, "accuracy": 1.0, "why_stopped": "w"}
    training = json.dumps({"task": "Easy", "trail": [trial | {"curve": [[0, 1, 1.0], [1, 1, 0.5]]}]})
    stage.pytester.makepyfile(
        fake_solver="from mips.outcome import Outcome\n"
        "def solve(task, *, seed, progress):\n"
        "    mistake = {'inputs': [1, 0], 'expected': [1, 1], 'actual': [1, 0]}\n"
        "    return Outcome(status='unsolved', stage='verified', reason='wrong', program_accuracy=0.5, hidden_size=2,\n"
        "        architecture={'hidden': 2, 'cell_depth': 2, 'readout_depth': 2, 'width': 8}, network_accuracy=0.75,\n"
        "        network_mistake=mistake, training_core_seconds=1.5, minimum={'kind': 'states', 'value': 4},\n"
        f"        files={{'training.json': {training.encode()!r}, 'network.json': b'n'}})\n"
    )
    stage.run()
    record = stage.records()["Easy"]
    assert (record["program_accuracy"], record["training_core_seconds"]) == (0.5, 1.5)
    assert (record["architecture"]["width"], record["minimum"]["value"]) == (8, 4)
    assert record["network_mistake"]["actual"] == [1, 0]
    folder = stage.folder / "tasks" / "Easy"
    assert {path.name for path in folder.iterdir()} == {"network.json", "training.json", "training.svg"}
    text = (stage.folder / "summary.md").read_text()
    assert "first wrong sequence: xs=[1, 0] expected=[1, 1] got=[1, 0]" in text and "[2 bits (4 states)]" in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("end", "status", "reason"),
    [
        (
            "time.sleep(1000)",
            "timeout",
            "time limit of 4 s, the network was right on 90.00% of the answers, last heard: synthesized: now it gets "
            "hard; try a longer --mips-time-limit, other seeds (--mips-seeds), or a task with fewer symbols or shorter "
            "words",
        ),
        ("os.kill(os.getpid(), signal.SIGKILL)", "error", "the child process was killed by SIGKILL"),
        ("raise KeyError('boom')", "error", "KeyError: 'boom' (fake_solver.py:10)"),
    ],
)
def test_what_is_known_of_the_network_outlives_the_attempt(stage: Stage, end: str, status: str, reason: str) -> None:
    stage.tasks("Easy")
    stage.pytester.makepyfile(
        fake_solver="import os, signal, time\n"
        "from mips.outcome import Outcome\n"
        "MISTAKE = {'inputs': [1], 'expected': [1], 'actual': [0]}\n"
        "def solve(task, *, seed, progress, note):\n"
        "    progress('trained: a fake network')\n"
        "    known = Outcome(status='unsolved', stage='trained', hidden_size=3, network_accuracy=0.9, "
        "network_mistake=MISTAKE, files={'network.json': b'n'})\n"
        "    note(known)\n"
        "    progress('synthesized: now it gets hard')\n"
        "    assert seed == 0\n"
        f"    {end}\n"
    )
    stage.run("--mips-time-limit=4")
    record = stage.records()["Easy"]
    assert (record["status"], record["reason"], record["program_sha256"]) == (status, reason, "")
    assert (record["hidden_size"], record["network_accuracy"]) == (3, 0.9)
    assert (stage.folder / "tasks" / "Easy" / "network.json").read_bytes() == b"n"
    assert "- **Easy** 90.00%\n  `first wrong sequence: xs=[1]" in (stage.folder / "summary.md").read_text()


@pytest.mark.parametrize("options", [("--mips-method=paper",), ("-o", "mips_method=paper")])
def test_another_method_goes_to_the_solver_and_into_the_report(stage: Stage, options: tuple[str, ...]) -> None:
    stage.tasks("Easy")
    stage.pytester.makepyfile(fake_solver=LOOKING.format(parameter=", method='untold'", told="method"))
    stage.run(*options)
    assert stage.records()["Easy"]["reason"] == "paper"
    assert stage.read("run.json")["arguments"]["method"] == "paper"
    assert "- seeds 0, method paper\n" in (stage.folder / "summary.md").read_text()


def test_of_the_usual_method_a_solver_hears_nothing(stage: Stage) -> None:
    stage.tasks("Easy")
    stage.pytester.makepyfile(fake_solver=LOOKING.format(parameter=", method='untold'", told="method"))
    stage.run()
    assert stage.records()["Easy"]["reason"] == "untold"
    assert "method" not in (stage.folder / "summary.md").read_text()


def test_a_solver_that_knows_no_method_is_told_apart(stage: Stage) -> None:
    stage.tasks("Easy")
    stage.run("--mips-method=paper").assert_outcomes(failed=1)
    assert stage.records()["Easy"]["reason"].startswith(
        "TypeError: fake_solver:solve takes no argument `method`, found --mips-method=paper; "
        "give the solver one, or run with --mips-method=full"
    )


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("network_accuracy=float('nan')", "returned network_accuracy=nan, expected what JSON can hold"),
        (
            "minimum={'kind': 'states', 'value': {1}}",
            "returned minimum={'kind': 'states', 'value': {1}}, expected what",
        ),
        ("counterexample={'inputs': [float('inf')]}", "returned counterexample={'inputs': [inf]}, expected what"),
    ],
)
@pytest.mark.parametrize("workers", ["0", "1"])
def test_what_no_file_of_json_can_hold_is_an_error(stage: Stage, workers: str, field: str, told: str) -> None:
    stage.tasks("Easy")
    stage.pytester.makepyfile(
        fake_solver="from mips.outcome import Outcome\n"
        "def solve(task, *, seed, progress):\n"
        f"    return Outcome(status='solved', stage='verified', **dict({field}))\n"
    )
    stage.run(workers=workers)
    record = stage.records()["Easy"]
    assert record["status"] == "error" and f"ValueError: fake_solver:solve {told}" in record["reason"]
    assert "NaN" not in (stage.folder / "results.jsonl").read_text() + (stage.folder / "summary.json").read_text()


@pytest.mark.parametrize("options", [["--mips-strict"], ["-rx"]])
def test_what_would_command_the_terminal_does_not_reach_it(stage: Stage, options: list[str]) -> None:
    raising = (
        "def raising(rng, length):\n"
        "    if in_child():\n        raise ValueError('\\x1b[31mred')\n"
        "    return rng.choices((0, 1), k=length)"
    )
    stage.tasks("Hard", "task('Ill', raising)", before=raising)
    solver = (stage.pytester.path / "fake_solver.py").read_text()
    stage.pytester.makepyfile(fake_solver=solver.replace("no formula fits", "no \\x1b]0;title\\x07 fits"))
    told = stage.run(*options, "--color=no", "--junitxml=results.xml").stdout.str()
    assert "fits" in told and "red" in told and "\x1b" not in told and "\x07" not in told
    assert "\x1b" not in (stage.pytester.path / "results.xml").read_text()


# Networks that are there already


TOLD_OF_FILES = ", network=None"
FILES = "sorted(file.name for file in __import__('pathlib').Path(network).iterdir()) if network else 'none'"


def keep_network(folder: Path, content: bytes = b"weights") -> None:
    """Make a folder with an ONNX file, of which nothing is read here, and with another file of a run."""
    folder.mkdir(parents=True)
    (folder / "net.onnx").write_bytes(content)
    (folder / "log.txt").write_text("a log")


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_stored_network_goes_to_the_solver_and_into_the_report(stage: Stage, workers: str) -> None:
    stage.tasks("Easy", "Other")
    stage.pytester.makepyfile(fake_solver=LOOKING.format(parameter=TOLD_OF_FILES, told=FILES))
    keep_network(stage.pytester.path / "nets" / "Easy")
    stage.run("--mips-networks=nets", workers=workers)
    records = stage.records()
    assert records["Easy"]["reason"] == "['net.onnx']"
    assert (records["Other"]["status"], records["Other"]["stage"]) == ("unsolved", "trained")
    assert records["Other"]["reason"].startswith("no network for Other in nets; expected a folder Other with network.")
    assert stage.read("run.json")["arguments"]["networks"] == "nets"
    assert "- seeds 0, networks read from nets\n" in (stage.folder / "summary.md").read_text()
    assert "read from nets, none trained" in (stage.folder / "report.html").read_text()


def test_another_network_is_another_fingerprint_and_is_distilled_anew(stage: Stage) -> None:
    stage.tasks("Easy", "Other")
    stage.pytester.makepyfile(fake_solver=LOOKING.format(parameter=TOLD_OF_FILES, told=FILES))
    for name in ("Easy", "Other"):
        keep_network(stage.pytester.path / "nets" / name)
    stage.run("--mips-networks=nets", "--mips-run=r")
    before = stage.records()
    (stage.pytester.path / "nets" / "Easy" / "log.txt").write_text("of no matter")
    (stage.pytester.path / "nets" / "Other" / "net.onnx").write_bytes(b"others")
    stage.run("--mips-networks=nets", "--mips-resume=r").stdout.fnmatch_lines(["*network's file has changed*"])
    after = stage.records()
    assert before["Easy"] == after["Easy"] and before["Other"]["fingerprint"] != after["Other"]["fingerprint"]
    assert (
        stage.run("--mips-resume=r", "-k", "Easy").ret == pytest.ExitCode.USAGE_ERROR
    )  # trained in part, read in part


@pytest.mark.parametrize(("asked", "packed"), [("old", False), ("old", True), ("old/tasks", True)])
def test_the_networks_of_a_run_are_read_from_its_folder(stage: Stage, asked: str, packed: bool) -> None:
    stage.tasks("Easy")
    stage.pytester.makepyfile(fake_solver=LOOKING.format(parameter=TOLD_OF_FILES, told=FILES))
    old = stage.pytester.path / "old"
    make_run(old, [record("Easy")])
    keep_network(old / "tasks" / "Easy" / "seed-7")
    if packed:
        pack(old, old / "tasks.zip")
        shutil.rmtree(old / "tasks")
    stage.run(f"--mips-networks={asked}", "--mips-seed=7")
    assert stage.records()["Easy"]["reason"] == "['net.onnx']"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("none", "--mips-networks: found no folder *none, expected one with a folder for each task, or a run*"),
        ("empty", "--mips-networks: found no network for any of the 1 tasks in *empty, expected folders such as Easy*"),
        ("odd", "--mips-networks: found the field 'cel' in *network.json; expected no more than file, cell*"),
    ],
)
def test_a_folder_without_networks_ends_a_run_before_it_begins(stage: Stage, asked: str, told: str) -> None:
    stage.tasks("Easy")
    (stage.pytester.path / "empty" / "Easy").mkdir(parents=True)
    keep_network(stage.pytester.path / "odd" / "Easy")
    (stage.pytester.path / "odd" / "Easy" / "network.json").write_text('{"cel": "gru"}')
    result = stage.run(f"--mips-networks={asked}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {told}"])
    assert not (stage.pytester.path / "reports").exists()


def test_a_solver_that_knows_no_networks_is_told_apart(stage: Stage) -> None:
    stage.tasks("Easy")
    keep_network(stage.pytester.path / "nets" / "Easy")
    stage.run("--mips-networks=nets").assert_outcomes(failed=1)
    assert stage.records()["Easy"]["reason"].startswith(
        "TypeError: fake_solver:solve takes no argument `network`; give the solver one, or leave out --mips-networks"
    )


def test_what_is_wrong_with_a_network_is_told_without_the_place_of_its_copy(stage: Stage) -> None:
    stage.tasks("Easy")
    keep_network(stage.pytester.path / "nets" / "Easy")
    stage.pytester.makepyfile(
        fake_solver="from mips.networks.foreign.errors import wrong\n"
        "def solve(task, *, seed, progress, network):\n"
        "    raise wrong(f'nothing in {network}/net.onnx', 'a network')\n"
    )
    stage.run("--mips-networks=nets").assert_outcomes(failed=1)
    assert "found nothing in Easy/net.onnx; expected a network" in stage.records()["Easy"]["reason"]
