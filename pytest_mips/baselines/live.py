"""Live systems: a model is asked for programs, every reply is kept at once, and every program is judged.

A reply is kept as `baselines/<system>/<Task>/<sample>.py` and `.json` (prompt, reply, usage) before it is judged. One
that is there already is taken in the place of a new one, so that a run that was interrupted goes on where it stopped,
and the folder is a recorded baseline.
"""

from __future__ import annotations

import json
import pickle
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from mips.tasks.seeds import derived_seed
from pytest_mips.baselines import prompts
from pytest_mips.baselines.endpoint import EndpointError, Message, Reply, estimated, tokens_of
from pytest_mips.options.live_systems import TOLD
from pytest_mips.runs.attempts import Finding, ProgramJob
from pytest_mips.runs.records import BROKEN, write_atomically
from pytest_mips.workers.executors import Began, Ended, Event, Said

ROUNDS = "_rounds"  # a folder of what was said on the way to the last reply
LOOK_SECONDS = 1.0  # how often who waits for the replies of others looks whether all is being stopped


class Model(Protocol):
    """Whatever replies to messages. Raises EndpointError when there is no reply to be had."""

    def reply(self, messages: Sequence[Message]) -> Reply: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """All messages of a conversation up to a reply, the reply, and what the whole of it cost.

    `request` is what else shapes a reply: the model, its address, the temperature.
    """

    messages: tuple[Message, ...]
    reply: str
    usage: Mapping[str, float]
    request: Mapping[str, Any]

    @property
    def program(self) -> str:
        return prompts.program_in(self.reply)


class Stopped(Exception):
    """The tokens are spent, or the run is being stopped: nothing more is asked."""


class Live:
    """Asks a model for programs, some conversations side by side; what happens arrives through `tell`.

    `judge` returns the finding about a job that holds a program. `rounds` is how often a program that is not right is
    asked for in all, in conversations of more than one job. `request` is what shapes replies beside the messages: one
    that is kept but came of another request is asked for again. `budget` bounds the tokens of all replies that are
    kept, those of an interrupted run too: a request that is expected to go beyond it is not made, and beyond it goes at
    most what replies are longer than any before them.
    """

    def __init__(
        self,
        model: Model,
        *,
        folder: Path,
        judge: Callable[[ProgramJob], Finding],
        tell: Callable[[Event], None],
        concurrency: int,
        rounds: int,
        budget: int | None,
        request: Mapping[str, Any],
    ) -> None:
        self._model, self._folder, self._judge, self._tell = model, folder, judge, tell
        self._rounds, self._budget, self._request = rounds, budget, dict(request)
        self._lock = threading.Condition()  # told of when a reply has come
        self._spent, self._reserved, self._longest = 0.0, 0.0, 0.0
        self._stopped = False
        self._talks: SimpleQueue[Sequence[ProgramJob]] = SimpleQueue()
        # Threads of a pool would be waited for at the end, as long as an endpoint keeps them waiting.
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(concurrency)]

    def start(self, talks: Sequence[Sequence[ProgramJob]]) -> None:
        """Hold conversations, each for one sample: its first job is judged after one reply."""
        self.count(talk[0].system for talk in talks)
        for talk in talks:
            self._talks.put(talk)
        for thread in self._threads:
            thread.start()

    def count(self, systems: Iterable[str]) -> None:
        """Take for spent what replies of these systems that are kept here cost."""
        for system in set(systems):
            self._spent += _cost_of_kept(self._folder, system)

    def stop(self) -> None:
        """Ask for nothing more; a reply that is under way is kept if it comes in time, but not waited for."""
        self._stopped = True

    def _serve(self) -> None:
        with suppress(Empty):
            while not self._stopped:
                self.converse(self._talks.get_nowait())

    def converse(self, talk: Sequence[ProgramJob]) -> None:
        """Hold one conversation, and tell how each of its jobs begins and ends."""
        waiting = list(talk)
        self._tell(Began(job=talk[0]))
        try:
            if talk[0].no_sandbox:  # nobody pays for what cannot be judged
                self._end(waiting, Finding(status="sandbox_unavailable", reason=talk[0].no_sandbox))
                return
            task = pickle.loads(talk[0].payload)
            question: str = prompts.first(task, derived_seed(talk[0].judge_seed, "prompt"))
            exchange, finding = None, Finding(status="")
            while waiting:
                job = waiting[0]
                rounds = 1 if job is talk[0] else self._rounds - 1
                for number in range(rounds):
                    if finding.status in ("solved", *BROKEN):
                        break
                    if exchange is not None:
                        question = prompts.again(finding)
                    said = f"round {number + 1 + (job is not talk[0])}" if len(talk) > 1 else "one reply"
                    self._tell(Said(job=job, line=f"written: by {job.system}, {said}"))
                    place = self._place(job) if job is talk[0] else self._place_of_round(job, number)
                    exchange = self._exchange(place, exchange, question)
                    self._tell(Said(job=job, line=f"judged: a program of {job.system} in a sandbox ({job.layer})"))
                    finding = self._judge(replace(job, source=exchange.program, usage=exchange.usage))
                if exchange is not None:
                    self._keep(self._place(job), exchange)
                    job = replace(job, source=exchange.program)
                self._tell(Ended(job=job, finding=finding))
                waiting.pop(0)
                if waiting:
                    self._tell(Began(job=waiting[0]))
                    if finding.status in BROKEN:
                        raise Stopped("the program before it was not judged")
        except Stopped as reason:
            self._end(waiting, Finding(status="not_run", reason=str(reason)))
        except EndpointError as error:
            self._end(waiting, Finding(status="error", reason=str(error)))
        except CancelledError:  # the pool of judges is gone: the run is being stopped
            self._end(waiting, Finding(status="not_run", reason="stopped before its end"))
        except Exception as error:
            self._end(waiting, Finding(status="error", reason=f"{type(error).__name__}: {error}"))

    def _end(self, waiting: Sequence[ProgramJob], finding: Finding) -> None:
        for number, job in enumerate(waiting):
            if number:
                self._tell(Began(job=job))
            self._tell(Ended(job=job, finding=finding))

    def _exchange(self, place: Path, before: Exchange | None, question: str) -> Exchange:
        """Return what comes of one more message: from `place` if the same messages are kept there, else the model."""
        said = (*before.messages, {"role": "assistant", "content": before.reply}) if before else ()
        messages = (*said, {"role": "user", "content": question})
        kept = read(place)
        if kept is not None and [*kept.messages] == [*messages] and kept.request == self._request:
            return kept
        expected, tokens = self._reserve(messages), 0.0
        try:
            reply = self._model.reply(messages)
            tokens = reply.tokens
        except EndpointError as error:
            tokens = error.tokens
            raise
        finally:
            with self._lock:
                self._reserved -= expected
                self._spent += tokens
                self._lock.notify_all()
        with self._lock:
            self._longest = max(self._longest, reply.usage["completion_tokens"])
        earlier = before.usage if before else {}
        usage = {name: reply.usage.get(name, 0) + earlier.get(name, 0) for name in {**earlier, **reply.usage}}
        exchange = Exchange(messages=messages, reply=reply.text, usage=usage, request=self._request)
        self._keep(place, exchange)
        return exchange

    def _reserve(self, messages: Sequence[Message]) -> float:
        """Return what a request is expected to cost; that much is held back until it is known.

        Where others under way may turn out to leave enough, they are waited for. Raises Stopped.
        """
        with self._lock:
            while True:
                expected = estimated(messages) + self._longest
                if self._stopped:
                    raise Stopped("stopped before its end")
                if self._budget is None or self._spent + self._reserved + expected <= self._budget:
                    self._reserved += expected
                    return expected
                if not self._reserved or self._spent + expected > self._budget:
                    raise Stopped(
                        f"{self._spent:,.0f} tokens are spent and about {expected:,.0f} more expected: "
                        f"beyond the budget of {self._budget}"
                    )
                self._lock.wait(LOOK_SECONDS)

    def _place(self, job: ProgramJob) -> Path:
        """Return where the last exchange of a job is kept, without suffix."""
        return self._folder / job.system / job.task / str(job.seed)

    def _place_of_round(self, job: ProgramJob, number: int) -> Path:
        """Return where an exchange on the way to the last one is kept, without suffix, apart from the samples."""
        return self._folder / job.system / ROUNDS / job.task / f"{job.seed}-{number}"

    def _keep(self, place: Path, exchange: Exchange) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "request": dict(exchange.request),
            "prompt": [*exchange.messages],
            "reply": exchange.reply,
            "usage": dict(exchange.usage),
        }
        write_atomically(place.with_name(place.name + ".py"), exchange.program)
        write_atomically(place.with_name(place.name + ".json"), json.dumps(content, indent=1) + "\n")


def read(place: Path) -> Exchange | None:
    """Return the exchange that is kept at a place, None where there is none or it is damaged."""
    try:
        content: dict[str, Any] = json.loads(place.with_name(place.name + ".json").read_text(encoding="utf-8"))
        return Exchange(
            messages=tuple(content["prompt"]),
            reply=str(content["reply"]),
            usage=dict(content["usage"]),
            request=dict(content.get("request", {})),
        )
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _cost_of_kept(folder: Path, system: str) -> float:
    """Return the tokens of all conversations that are kept of a system: each file tells of all messages up to it."""
    costs: dict[tuple[str, str], float] = {}
    for own in (folder / system, folder / (system + TOLD), folder / (system + TOLD) / ROUNDS):
        for path in own.glob("*/*.json"):
            kept = read(path.with_suffix(""))
            if kept is not None and path.parent.name != ROUNDS:
                key = path.parent.name, path.stem.partition("-")[0]
                costs[key] = max(costs.get(key, 0.0), tokens_of(kept.usage))
    return sum(costs.values())
