"""A live system: a model behind an endpoint, and how it is asked."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

import pytest

from pytest_mips.options import parsing
from pytest_mips.options.lookup import parse, parse_given
from pytest_mips.options.registration import given

TOLD = ".feedback"  # ends the name of a live system that is told what is wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Llm:
    """What a live system is. The key itself is not here, only its variable.

    `budget` counts tokens of all prompts and replies, `rounds` is how often a sample is asked in all when it is told
    what is wrong, 1 for never.
    """

    model: str
    base_url: str | None = None
    key_env: str = "OPENAI_API_KEY"
    key_is_needed: bool = True
    samples: int = 1
    budget: int | None = None
    temperature: float | None = None
    concurrency: int = 4
    rounds: int = 1
    seconds: float = 120.0

    @property
    def systems(self) -> tuple[str, ...]:
        """The names under which its programs are counted; who is told more has a name of its own."""
        name = re.sub(r"[^\w.-]", "-", self.model).lstrip(".-")
        return (name, name + TOLD) if self.rounds > 1 else (name,)

    @property
    def secret(self) -> str:
        """The variable that holds the key, empty where none is needed."""
        return self.key_env if self.key_is_needed else ""

    @property
    def request(self) -> dict[str, Any]:
        """What shapes one reply, beside the messages."""
        return {"model": self.model, "base_url": public(self.base_url), "temperature": self.temperature}

    def to_json(self) -> dict[str, Any]:
        """Return what shapes replies, without the key's variable."""
        return self.request | {"samples": self.samples, "budget": self.budget, "rounds": self.rounds}


def read(config: pytest.Config) -> Llm | None:
    """Return the live system that was asked for, or None. Raises pytest.UsageError where its key is missing."""
    model = given(config, "--mips-llm")
    if not model:
        return None
    if not re.search(r"\w", model):
        raise pytest.UsageError(f"--mips-llm: found {model!r}, expected the name of a model.")
    if Llm(model=model).systems[0] == "mips":
        raise pytest.UsageError(f"--mips-llm: found {model!r}, expected another name than that of our own system.")
    if why := parsing.too_long(Llm(model=model).systems[0]):
        raise pytest.UsageError(f"--mips-llm: {why}.")
    url, variable = given(config, "--mips-llm-base-url"), given(config, "--mips-llm-key-env")
    if url and not re.match(r"https?://\w", url):
        raise pytest.UsageError(f"--mips-llm-base-url: found {public(url)!r}, expected http://... or https://...")
    needed = bool(variable) or not url
    variable = variable or "OPENAI_API_KEY"
    if needed and not os.environ.get(variable):
        raise pytest.UsageError(
            f"--mips-llm-key-env: the environment variable {variable} is not set; put the key of the endpoint there."
        )
    count = parsing.whole(at_least=1), "a whole number of at least 1"
    return Llm(
        model=model,
        base_url=url,
        key_env=variable,
        key_is_needed=needed,
        samples=parse(config, "--mips-llm-samples", "1", *count),
        budget=parse_given(config, "--mips-llm-budget", *count),
        temperature=parse_given(config, "--mips-llm-temperature", parsing.temperature, "a number of at least 0"),
        concurrency=parse(config, "--mips-llm-concurrency", "4", *count),
        rounds=parse(config, "--mips-llm-rounds", "1", *count),
        seconds=parse(config, "--mips-llm-seconds", "120", parsing.duration, parsing.DURATION),
    )


def public(url: str | None) -> str | None:
    """Return an address without the parts that may hold a secret."""
    return re.sub(r"//[^/@]*@|[?#].*", lambda found: "//" if found[0].startswith("//") else "", url) if url else None
