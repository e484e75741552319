"""A model behind an OpenAI-compatible endpoint: messages in, a reply out; every trouble ends as one line.

The `openai` client (extra `llm`) speaks the protocol and tries again, with growing pauses, after 408, 409, 429, 5xx and
broken connections. An answer that is no JSON or holds no text is asked for again here. The key is nowhere but in the
client, and is blotted out of everything that is handed on.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import logging
import math
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from pytest_mips.runs.formatting import encodable

PACKAGE = "openai"
LOGGERS = ("openai", "httpx", "httpx2", "httpcore", "httpcore2")  # what they tell at debug level may hold the key
RETRIES = 5  # of the client, for one request
ATTEMPTS = 3  # at an answer that can be understood
PAUSE_SECONDS = 0.5  # before the second; it doubles
LARGEST_PAUSE_SECONDS = 8.0  # that the client makes before it tries again
LARGEST_BYTES = 4 << 20  # of an answer
LARGEST_COUNT = 2**53  # of tokens, or seconds; more are not believed
BLOT = "[key]"
CHARACTERS_A_TOKEN = 4  # where an endpoint does not count tokens

Message = Mapping[str, str]


class EndpointError(Exception):
    """No reply could be had; the message is one line and holds no key. `tokens` is what was spent on it."""

    def __init__(self, text: str, tokens: float = 0.0) -> None:
        super().__init__(text)
        self.tokens = tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply and its cost: `prompt_tokens`, `completion_tokens`, `seconds`, and `estimated` 1 for guessed tokens."""

    text: str
    usage: Mapping[str, float]

    @property
    def tokens(self) -> float:
        return tokens_of(self.usage)


def tokens_of(usage: Mapping[str, float]) -> float:
    """Return the tokens of prompts and replies together."""
    return usage["prompt_tokens"] + usage["completion_tokens"]


def missing() -> str:
    """Return why no endpoint can be asked, in one line with the cure; empty when one can. Imports nothing."""
    if importlib.util.find_spec(PACKAGE) is None:
        return f"needs the package {PACKAGE}, which is not installed; pip install 'mips[llm]'"
    return ""


@contextmanager
def withheld(variable: str) -> Iterator[str]:
    """Yield the value of an environment variable that is not there while the block runs, so that no child gets it."""
    value = os.environ.pop(variable, "")
    try:
        yield value
    finally:
        if value:
            os.environ[variable] = value


class Endpoint:
    """One model. `temperature` None leaves it to the endpoint, `seconds` bound one try of a request.

    A thread of its own waits for each request, so that nothing which an endpoint does holds up the caller for longer
    than all tries and pauses may take.
    """

    def __init__(
        self, model: str, *, key: str, base_url: str | None, temperature: float | None, seconds: float
    ) -> None:
        self._openai: Any = importlib.import_module(PACKAGE)
        for name in LOGGERS:
            logging.getLogger(name).setLevel(logging.WARNING)
        self._key, self._seconds = key, seconds
        self._request: dict[str, Any] = {"model": model}
        if temperature is not None:
            self._request["temperature"] = temperature
        self._client = self._openai.OpenAI(
            api_key=key or "none", base_url=base_url, timeout=seconds, max_retries=RETRIES
        )

    def reply(self, messages: Sequence[Message]) -> Reply:
        """Return the model's reply to a conversation. Raises EndpointError when none can be had.

        A message without content, such as a refusal, is an empty reply.
        """
        began = time.monotonic()
        lost = 0.0  # tokens of answers that cannot be used
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(PAUSE_SECONDS * 2**attempt)
            try:
                answer = self._ask(messages)
                text = encodable(_content(answer["choices"][0]["message"]))
                break
            except self._openai.OpenAIError as error:
                raise EndpointError(self._told(error), lost) from None
            except _TooMuch as error:
                raise EndpointError(str(error), lost) from None
            except (LookupError, TypeError):
                trouble = "an answer without a text"
                lost += tokens_of(counted) if (counted := _counted(answer)) else 0.0
            except ValueError:
                trouble = "an answer that is no JSON"
            except Exception as error:  # a broken stream, whatever library it comes from
                trouble = self._told(error)
        else:
            raise EndpointError(f"the endpoint gave {trouble}, {ATTEMPTS} times", lost)
        text = self._clean(text)
        return Reply(
            text=text, usage={**_tokens(answer, messages, text), "seconds": round(time.monotonic() - began, 3)}
        )

    def _ask(self, messages: Sequence[Message]) -> Any:
        """Return the endpoint's answer. Raises what the client raises, ValueError, or `_TooMuch`."""
        done: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()

        def ask() -> None:
            try:
                done.put((self._answer(messages), None))
            except Exception as error:
                done.put((None, error))

        threading.Thread(target=ask, daemon=True).start()  # one that is left behind ends with the process
        try:
            answer, error = done.get(timeout=(1 + RETRIES) * self._seconds + RETRIES * LARGEST_PAUSE_SECONDS)
        except Empty:
            raise _TooMuch(f"the endpoint gave no answer in {1 + RETRIES} tries of {self._seconds:g} s") from None
        if error is not None:
            raise error
        return answer

    def _answer(self, messages: Sequence[Message]) -> Any:
        body = bytearray()
        create = self._client.chat.completions.with_streaming_response.create
        with create(messages=list(messages), **self._request) as response:
            deadline = time.monotonic() + self._seconds
            for part in response.iter_bytes():
                body += part
                if len(body) > LARGEST_BYTES:
                    raise _TooMuch(f"the endpoint gave an answer of more than {LARGEST_BYTES} bytes")
                if time.monotonic() > deadline:
                    raise _TooMuch(f"the endpoint gave no whole answer within {self._seconds:g} s")
        return json.loads(body)

    def _told(self, error: Exception) -> str:
        return self._clean(" ".join(f"{type(error).__name__}: {error}".split()))[:300]

    def _clean(self, text: str) -> str:
        return text.replace(self._key, BLOT) if self._key else text


class _TooMuch(Exception):
    """An answer is larger or later than allowed."""


def estimated(messages: Sequence[Message], reply: str = "") -> int:
    """Return about how many tokens messages and a reply have."""
    return sum(math.ceil(size / CHARACTERS_A_TOKEN) for size in (_characters(messages), len(reply)))


def _content(message: Any) -> str:
    """Return the text of a message. Raises LookupError or TypeError where it has none of a form."""
    match message["content"]:
        case None:
            return ""
        case str(text):
            return text
        case [*parts]:
            return "".join(str(part["text"]) for part in parts)
    raise TypeError


def _counted(answer: Any) -> dict[str, float]:
    """Return the tokens that an endpoint says it took, nothing where it does not say it or cannot be believed."""
    match answer:
        case {"usage": {"prompt_tokens": int(asked), "completion_tokens": int(told)}} if (
            0 <= asked < LARGEST_COUNT and 0 <= told < LARGEST_COUNT
        ):
            return {"prompt_tokens": asked, "completion_tokens": told}
    return {}


def _tokens(answer: Any, messages: Sequence[Message], text: str) -> dict[str, float]:
    asked, told = estimated(messages), estimated((), text)
    return _counted(answer) or {"prompt_tokens": asked, "completion_tokens": told, "estimated": 1}


def _characters(messages: Sequence[Message]) -> int:
    return sum(len(message["content"]) for message in messages)
