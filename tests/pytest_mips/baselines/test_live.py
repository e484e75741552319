"""Live systems: every kind of endpoint ends in a true status, replies are kept, and the key goes nowhere else."""

from __future__ import annotations

import ast
import json
import logging
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from llm_server import RIGHT, Server, serving
from stage import Stage

from mips import Task, integers
from pytest_mips.baselines import endpoint, prompts
from pytest_mips.baselines.endpoint import Endpoint, EndpointError, Message, Reply, withheld
from pytest_mips.baselines.live import Live, Stopped
from pytest_mips.baselines.recorded import recorded
from pytest_mips.runs.attempts import Finding, ProgramJob
from pytest_mips.workers.executors import Began, Ended

openai = pytest.importorskip("openai", reason="the extra llm is not installed")

# What the client imports only when it is used is imported here: pytester forgets what a run has imported, and errors of
# modules that are there twice are not told as those of the client.
with (
    suppress(openai.OpenAIError),
    openai.OpenAI(api_key="none", base_url="http://127.0.0.1:9", max_retries=0) as client,
):
    client.chat.completions.create(model="none", messages=[])

KEY = "sk-very-secret-4711"
TASK = Task("Secret_Name", step=lambda s, x: (s + x, s + x), start=0, inputs=integers(0, 9), length=6, about="A sum.")
WIDE = 'task("{}", inputs=integers(0, 400))'
MESSAGES = [{"role": "user", "content": "a question"}]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(endpoint, "RETRIES", 2)
    monkeypatch.setattr(endpoint, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(endpoint, "LARGEST_PAUSE_SECONDS", 2.0)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    with serving() as server:
        yield server


def ask(server: Server, model: str, *, key: str = KEY, seconds: float = 20.0) -> Reply:
    return Endpoint(model, key=key, base_url=server.url, temperature=None, seconds=seconds).reply(MESSAGES)


@pytest.mark.parametrize("model", ["good", "slow", "busy", "truncated once"])
def test_a_reply_comes_in_the_end(model: str, server: Server) -> None:
    reply = ask(server, model)
    assert reply.text == RIGHT and reply.tokens == 110
    assert server.keys == {f"Bearer {KEY}"}
    assert server.counts[model] == {"busy": 3, "truncated once": 2}.get(model, 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("broken", "InternalServerError"),
        ("stranger", r"AuthenticationError.*\[key\]"),
        ("truncated", "an answer that is no JSON, 3 times"),
        ("empty", "an answer without a text, 3 times"),
        ("huge", "an answer of more than 4194304 bytes"),
        ("late", "APITimeoutError"),
        ("dripping", "no whole answer within 0.5 s"),
        ("dripping headers", "no answer in 3 tries of 0.5 s"),
    ],
)
def test_no_reply_is_one_line_without_the_key(model: str, told: str, server: Server) -> None:
    began = time.monotonic()
    with pytest.raises(EndpointError, match=told) as caught:
        ask(server, model, seconds=0.5 if model.startswith(("late", "dripping")) else 20.0)
    assert time.monotonic() - began < 15
    assert KEY not in str(caught.value) and "\n" not in str(caught.value)


def test_the_key_is_blotted_out_of_a_reply(server: Server) -> None:
    assert ask(server, "echo").text.endswith("Your key is Bearer [key].")


@pytest.mark.parametrize(
    ("message", "text"),
    [({"content": None}, ""), ({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, "ab")],
)
def test_other_forms_of_content(message: Any, text: str) -> None:
    assert endpoint._content(message) == text


def test_what_is_lost_is_counted(server: Server) -> None:
    with pytest.raises(EndpointError) as caught:
        ask(server, "counted nothing")
    assert caught.value.tokens == 3 * 110


def test_what_the_client_logs_holds_no_key(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        ask(server, "echo")
        with pytest.raises(EndpointError):
            ask(server, "stranger")
    assert KEY not in caplog.text


def test_tokens_are_guessed_where_nobody_counts_them(server: Server) -> None:
    usage = ask(server, "uncounted").usage
    assert usage["estimated"] == 1 and usage["prompt_tokens"] == 3 and usage["completion_tokens"] == -(-len(RIGHT) // 4)


def test_nobody_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "RETRIES", 1)
    with pytest.raises(EndpointError, match="APIConnectionError"):
        Endpoint("m", key=KEY, base_url="http://127.0.0.1:9/v1", temperature=0.5, seconds=1.0).reply(MESSAGES)


def test_a_withheld_variable_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", KEY)
    with withheld("SOME_KEY") as key:
        assert key == KEY and "SOME_KEY" not in os.environ
    assert os.environ["SOME_KEY"] == KEY
    with withheld("NO_KEY") as key:
        assert key == ""
    assert "NO_KEY" not in os.environ


# The prompt and the program in a reply


def test_the_prompt_shows_ten_rows_and_never_the_task() -> None:
    text = prompts.first(TASK, 5)
    rows = [line.partition(" = ")[2] for line in text.splitlines() if line.startswith(("xs = ", "ys = "))]
    pairs = [(ast.literal_eval(x), ast.literal_eval(y)) for x, y in zip(rows[::2], rows[1::2], strict=True)]
    assert len(pairs) == 10 and all(len(xs) == 6 and TASK.run(xs) == ys for xs, ys in pairs)
    assert "an int from 0 to 9" in text
    for hidden in ("Secret", "sum", "lambda"):
        assert hidden not in text
    assert prompts.first(TASK, 5) == text != prompts.first(TASK, 6)


@pytest.mark.parametrize(
    ("reply", "program"),
    [
        (RIGHT, "def program(xs):\n    return list(xs)\n"),
        ("```\ndef f(xs):\n    return xs\n```", "def f(xs):\n    return xs\n"),
        ("def program(xs):\n    return xs\n", "def program(xs):\n    return xs\n"),
        ("```python\ndef program(xs):\n    return 1\n```\n or better\n```py\ndef program(xs):\n    return 2\n```",
         "def program(xs):\n    return 2\n"),
        ("```python\ndef program(xs):\n    return 1\n```\n and a test\n```py\ndef test():\n    pass\n```",
         "def program(xs):\n    return 1\n"),
        ("```python\ndef program(xs):\n    return 3\n", "def program(xs):\n    return 3\n"),
        ("~~~python\ndef program(xs):\n    return 4\n~~~", "def program(xs):\n    return 4\n"),
        ("1. So:\n   ```python\n   def program(xs):\n       return 5\n   ```\n", "def program(xs):\n    return 5\n"),
        ("````\ndef program(xs):\n    '```'\n````", "def program(xs):\n    '```'\n"),
        ("```python\r\nprogram = lambda xs: xs\r\n```\r\nthat is", "program = lambda xs: xs\n"),
        ("```\ntry:\n    def program(xs): return 6\nfinally: pass\n```",
         "try:\n    def program(xs): return 6\nfinally: pass\n"),
        ("```\ndef program(xs): pass\n```\n```\ndef program(xs): return 7\n" + "#" * 2**16, "def program(xs): pass\n"),
        ("```python\nx = 3\n```", ""),
        ("It copies.", ""),
        ("", ""),
        ("```python\ndef program(xs) return\n```", ""),
    ],
)  # fmt: skip
def test_the_program_in_a_reply(reply: str, program: str) -> None:
    assert prompts.program_in(reply) == program


def test_who_was_wrong_is_told_where() -> None:
    example = {"inputs": [[1, 0], [0, 1]], "expected": [1, 2], "actual": [1, 3]}
    told = prompts.again(Finding(status="wrong", counterexample=example))
    assert "For xs = [(1, 0), (0, 1)] the outputs are [1, 2], your program gives [1, 3]." in told
    assert "timeout: no answer" in prompts.again(Finding(status="timeout", reason="no answer within 2 s"))


# Conversations, with a model and a judge of cardboard


class Cardboard:
    """Replies what it is given, in turn; the judge calls the reply `right` solved."""

    def __init__(self, *replies: str) -> None:
        self.replies, self.asked = list(replies), list[Sequence[Message]]()

    def reply(self, messages: Sequence[Message]) -> Reply:
        self.asked.append(messages)
        if not self.replies:
            raise EndpointError("no more replies")
        text = f"```python\ndef program(xs): return '{self.replies.pop(0)}'\n```"
        return Reply(text=text, usage={"prompt_tokens": 10, "completion_tokens": 1, "seconds": 1})


def judge(job: ProgramJob) -> Finding:
    status = "solved" if "right" in job.source else "wrong"
    return Finding(status=status, reason="", program=job.source, usage=job.usage)


def talk(
    model: Cardboard,
    folder: Path,
    *,
    rounds: int = 1,
    budget: int | None = None,
    sample: int = 0,
    request: dict[str, Any] | None = None,
    judge: Callable[[ProgramJob], Finding] = judge,
    no_sandbox: str = "",
) -> Any:
    """Hold one conversation; return statuses and programs by system."""
    import cloudpickle

    names = ("m", "m.feedback")[: 1 + (rounds > 1)]
    shared: dict[str, Any] = {"task": "T", "payload": cloudpickle.dumps(TASK), "no_sandbox": no_sandbox}
    jobs = [ProgramJob(seed=sample, time_limit=9, system=name, **shared) for name in names]
    events: list[Any] = []
    live = Live(
        model, folder=folder, judge=judge, tell=events.append, concurrency=1, rounds=rounds, budget=budget,
        request=request or {},
    )  # fmt: skip
    live.count(["m"])
    live.converse(jobs)
    assert [event.job.system for event in events if isinstance(event, Began)] == list(names)
    return {event.job.system: (event.finding, event.job.source) for event in events if isinstance(event, Ended)}


def test_a_reply_that_is_kept_is_not_asked_for_again(tmp_path: Path) -> None:
    model = Cardboard("wrong", "wrong too", "right", "never")
    first = talk(model, tmp_path, rounds=3)
    assert [len(messages) for messages in model.asked] == [1, 3, 5]
    assert first["m"][0].status == "wrong" and first["m.feedback"][0].status == "solved"
    assert first["m.feedback"][0].usage == {"prompt_tokens": 30, "completion_tokens": 3, "seconds": 3}
    silent = Cardboard()
    assert talk(silent, tmp_path, rounds=3) == first and not silent.asked
    again = recorded("m", tmp_path / "m")
    assert [(one.task, one.number, one.usage) for one in again] == [("T", 0, first["m"][0].usage)]
    (last,) = recorded("f", tmp_path / "m.feedback")
    assert last.source == first["m.feedback"][1] and "right" in last.source


def test_an_interrupted_conversation_goes_on(tmp_path: Path) -> None:
    broken = talk(Cardboard("wrong"), tmp_path, rounds=3)
    assert broken["m"][0].status == "wrong"
    assert (broken["m.feedback"][0].status, broken["m.feedback"][0].reason) == ("error", "no more replies")
    model = Cardboard("right")
    assert talk(model, tmp_path, rounds=3)["m.feedback"][0].status == "solved" and len(model.asked) == 1


def test_a_damaged_reply_is_asked_for_again(tmp_path: Path) -> None:
    talk(Cardboard("right"), tmp_path)
    (tmp_path / "m" / "T" / "0.json").write_text('{"prompt": [')
    model = Cardboard("right")
    talk(model, tmp_path)
    assert len(model.asked) == 1


def test_who_is_right_at_once_is_not_told_more(tmp_path: Path) -> None:
    model = Cardboard("right")
    found = talk(model, tmp_path, rounds=5)
    assert {finding.status for finding, _ in found.values()} == {"solved"} and len(model.asked) == 1


def test_another_request_is_made_anew(tmp_path: Path) -> None:
    for temperature, asked in ((0.5, 1), (0.5, 0), (1.0, 1), (None, 1)):
        model = Cardboard("right")
        talk(model, tmp_path, request={"temperature": temperature})
        assert len(model.asked) == asked


def test_what_is_not_judged_ends_the_conversation_and_without_a_sandbox_nobody_is_asked(tmp_path: Path) -> None:
    for status in ("error", "not_run", "sandbox_unavailable"):
        model = Cardboard("wrong", "right")
        found = talk(model, tmp_path / status, rounds=3, judge=lambda job: Finding(status=status))  # noqa: B023
        assert len(model.asked) == 1 and found["m"][0].status == status
        assert (found["m.feedback"][0].status, found["m.feedback"][0].reason) == (
            "not_run", "the program before it was not judged",
        )  # fmt: skip
    silent = Cardboard("right")
    found = talk(silent, tmp_path, rounds=2, no_sandbox="no locks")
    assert not silent.asked
    assert {(one.status, one.reason) for one, _ in found.values()} == {("sandbox_unavailable", "no locks")}


def test_a_budget_holds_back_what_is_expected(tmp_path: Path) -> None:
    """A prompt is about 300 tokens by its length; the cardboard says that each exchange was 11."""
    found = talk(Cardboard("wrong", "right"), tmp_path, rounds=2, budget=500)
    assert found["m"][0].status == "wrong" and found["m.feedback"][0].status == "solved"
    (tmp_path / "m" / "T" / "0.json").unlink()
    assert talk(Cardboard("right"), tmp_path / "little", budget=11)["m"][0].status == "not_run"


def test_what_was_spent_before_an_interruption_counts(tmp_path: Path) -> None:
    talk(Cardboard("wrong", "wrong", "right"), tmp_path, rounds=3)
    prompt = 500
    found = talk(Cardboard("right"), tmp_path, sample=1, budget=prompt)["m"][0]
    assert found.status == "solved"
    found = talk(Cardboard("right"), tmp_path, sample=2, budget=40)["m"][0]
    assert found.status == "not_run" and found.reason.startswith("44 tokens are spent and about ")
    assert issubclass(Stopped, Exception)


# Whole runs


def live(stage: Stage, server: Server, model: str, *more: str, workers: str = "2") -> pytest.RunResult:
    options = [f"--mips-llm={model}", f"--mips-llm-base-url={server.url}", "--mips-llm-key-env=SOME_KEY"]
    return stage.run(*options, *more, workers=workers)


def statuses(stage: Stage) -> dict[tuple[str, str, int], str]:
    lines = [json.loads(line) for line in (stage.folder / "results.jsonl").read_text().splitlines()]
    return {(one["task"], one["system"], one["seed"]): one["status"] for one in lines}


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["2", "0"])
def test_a_model_beside_ours(workers: str, stage: Stage, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", KEY)
    looking = "def looking(rng, length):\n    assert 'SOME_KEY' not in os.environ or not in_child()\n"
    looking += "    return rng.choices((0, 1), k=length)"
    stage.tasks(WIDE.format("Hard"), "task('Look', looking)", before=looking)
    result = live(stage, server, "good", "--mips-llm-samples=2", workers=workers)
    assert result.ret == 0
    assert statuses(stage) == {
        **{(task, "good", sample): "solved" for task in ("Hard", "Look") for sample in (0, 1)},
        ("Hard", "mips", 0): "unsolved", ("Look", "mips", 0): "solved",
    }  # fmt: skip
    told = json.loads((stage.folder / "baselines" / "good" / "Hard" / "1.json").read_text())
    assert told["reply"] == RIGHT and told["usage"]["prompt_tokens"] == 100 and told["prompt"][0]["role"] == "user"
    assert (stage.folder / "baselines" / "good" / "Hard" / "1.py").read_text().startswith("def program")
    everything = b"".join(path.read_bytes() for path in stage.folder.rglob("*") if path.is_file())
    assert KEY.encode() not in everything and KEY not in result.stdout.str() + result.stderr.str()
    assert b"SOME_KEY" not in everything
    assert os.environ["SOME_KEY"] == KEY
    assert "440 tokens" in (stage.folder / "summary.md").read_text()


def test_who_is_told_counts_apart(stage: Stage, server: Server) -> None:
    stage.tasks(WIDE.format("Easy"))
    options = ["--mips-llm=learner", f"--mips-llm-base-url={server.url}", "--mips-llm-rounds=3"]
    assert stage.run(*options, "--mips-baselines-only").ret == 0
    assert statuses(stage) == {("Easy", "learner", 0): "wrong", ("Easy", "learner.feedback", 0): "solved"}
    assert server.keys == {"Bearer none"}
    assert "is not right. For xs = [1] the outputs are [1], your program gives [0]" in str(server.requests)


@pytest.mark.slow
def test_beyond_its_budget_a_model_is_not_asked_and_has_no_score(
    stage: Stage, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", KEY)
    stage.tasks(WIDE.format("Easy"), WIDE.format("Simple"))
    more = ("--mips-llm-samples=2", "--mips-baselines-only", "--mips-run=mine")
    result = live(stage, server, "good", "--mips-llm-budget=550", *more, workers="1")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    found = [*statuses(stage).values()]
    asked = len(server.requests)
    assert 1 < asked < 4 and asked * 110 <= 550
    assert found.count("solved") == asked and found.count("not_run") == 4 - asked
    assert "tokens are spent and about " in (stage.folder / "results.jsonl").read_text()
    assert " not judged" in result.stdout.str() and "to go on: " in result.stdout.str()
    again = live(stage, server, "good", "--mips-llm-budget=6000", *more[:2], "--mips-resume=mine", workers="1")
    assert again.ret == 0 and [*statuses(stage).values()] == ["solved"] * 4
    assert len(server.requests) == 4  # none is asked for twice
    assert (
        "good: its program, what was asked for or its sandbox has changed" in (stage.folder / "summary.md").read_text()
    )


def test_an_endpoint_that_fails_is_an_error_and_no_score(stage: Stage, server: Server) -> None:
    stage.tasks(WIDE.format("Easy"), WIDE.format("Simple"))
    options = ["--mips-llm=broken", f"--mips-llm-base-url={server.url}"]
    result = stage.run(*options, "--mips-baselines-only")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert set(statuses(stage).values()) == {"error"}
    assert "0 of 2, 2 not judged" in result.stdout.str()
    (system,) = json.loads((stage.folder / "summary.json").read_text())["systems"]
    assert (system["unjudged"], system["interval"], system["solved_at_1"]) == (2, None, None)


def test_the_key_goes_to_no_child_and_no_program_that_is_not_locked_in(
    stage: Stage, server: Server, one_error: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", KEY)
    stage.tasks(WIDE.format("Easy"))
    options = ["--mips-llm=good", f"--mips-llm-base-url={server.url}", "--mips-llm-key-env=SOME_KEY"]
    assert "could read the key" in one_error(*options, "--mips-sandbox=process")
    children: list[dict[str, str]] = []
    popen = subprocess.Popen.__init__

    def watched(self: Any, *args: Any, **kwargs: Any) -> None:
        children.append(dict(kwargs.get("env") or os.environ))
        popen(self, *args, **kwargs)

    monkeypatch.setattr(subprocess.Popen, "__init__", watched)
    assert stage.run(*options).ret == 0
    assert len(children) > 3 and not any("SOME_KEY" in child for child in children)


def test_prose_has_no_entry_point(stage: Stage, server: Server) -> None:
    stage.tasks(WIDE.format("Easy"))
    assert stage.run("--mips-llm=prose", f"--mips-llm-base-url={server.url}", "--mips-baselines-only").ret == 0
    assert statuses(stage) == {("Easy", "prose", 0): "no_entry_point"}
    assert recorded("again", stage.folder / "baselines" / "prose")[0].source == ""


def test_wrong_options_are_told(stage: Stage, one_error: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    stage.tasks("Easy")
    assert "OPENAI_API_KEY is not set" in one_error("--mips-llm=m")
    assert "NO_KEY is not set" in one_error("--mips-llm=m", "--mips-llm-base-url=http://x", "--mips-llm-key-env=NO_KEY")
    url = "--mips-llm-base-url=http://127.0.0.1:9"
    assert "--mips-llm-samples: found '0'" in one_error("--mips-llm=m", url, "--mips-llm-samples=0")
    assert "--mips-llm-budget: found '0'" in one_error("--mips-llm=m", url, "--mips-llm-budget=0")
    for wrong in ("foo", "file:///etc/passwd"):
        assert "expected http://" in one_error("--mips-llm=m", f"--mips-llm-base-url={wrong}")
    assert "--mips-llm-temperature: found '-1'" in one_error("--mips-llm=m", url, "--mips-llm-temperature=-1")
    assert "expected the name of a model" in one_error("--mips-llm=/", url)
    monkeypatch.setattr(endpoint, "PACKAGE", "no_such_package")
    assert "another name than that of our own system" in one_error("--mips-llm=mips", url)
    assert "pip install 'mips[llm]'" in one_error("--mips-llm=m", url)
