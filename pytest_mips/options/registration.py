"""The options and their ini twins. Every pytest run imports this where the plugin is installed: it imports nothing."""

from __future__ import annotations

from typing import Any

import pytest


def declare(parser: pytest.Parser) -> None:
    """Add the options and their ini twins (same name without leading dashes, `_` for `-`)."""
    group = parser.getgroup("mips", "MIPS benchmark")
    flags = {
        "--mips-benchmark": "run the benchmark",
        "--mips-quick": "one task of each family (the first of each file); the run is marked partial",
        "--mips-strict": "an unsolved task is a failure",
        "--mips-fail-on-regression": "a task that the run of --mips-compare solves and this one does not is a failure",
        "--mips-baselines-only": "no training: judge the programs of other systems alone",
    }
    for flag, text in flags.items():
        group.addoption(flag, action="store_true", default=None, help=text)
        parser.addini(ini_name(flag), text, type="bool", default=False)
    values = {
        "--mips-seeds": ("N", "attempts a task (1)"),
        "--mips-seed": ("BASE", "seed of the first attempt; the others count on from it (0)"),
        "--mips-time-limit": ("DURATION", "hard limit of one attempt, such as 90s, 30m or 1h30m (900 s)"),
        "--mips-memory-limit": ("MIB", "hard limit of one attempt, with all processes it starts (4096)"),
        "--mips-budget": (
            "DURATION",
            "start nothing that is expected to end later, such as 90s or 1h30m (no limit)",
        ),
        "--mips-executor": (
            "SPEC",
            "threads, dask[=ADDRESS], submitit=FILE.toml or package.module:factory (threads)",
        ),
        "--mips-shard": ("I/N", "one of N parts of the tasks, to be merged later by python -m pytest_mips merge"),
        "--mips-fail-under": ("N|P%", "fewer solved tasks are a failure, a number or a share of the roster (0)"),
        "--mips-compare": ("RUN", "say at the end what is new since this run"),
        "--mips-workers": ("N|auto|0", "attempts side by side (auto: physical cores); 0: in this process, unlimited"),
        "--mips-method": ("NAME", "how networks are distilled: full or paper (full)"),
        "--mips-networks": ("DIR", "train nothing: distil the networks in DIR/<Task>/, or those of a run"),
        "--mips-device": ("DEVICE", "where to train: cpu, cuda or cuda:N (cpu)"),
        "--mips-sandbox": ("KIND", "locks on foreign programs: auto, landlock, bwrap or process (auto)"),
        "--mips-llm": ("MODEL", "ask this model of an OpenAI-compatible endpoint for programs"),
        "--mips-llm-base-url": ("URL", "the endpoint (the client's own default)"),
        "--mips-llm-key-env": (
            "VARIABLE",
            "variable that holds the key (OPENAI_API_KEY, but none where an address is given)",
        ),
        "--mips-llm-samples": ("N", "programs asked for, a task (1)"),
        "--mips-llm-budget": ("TOKENS", "tokens of prompts and replies in all; what is left is not run (no limit)"),
        "--mips-llm-temperature": ("T", "of the sampling (the endpoint's own default)"),
        "--mips-llm-concurrency": ("N", "requests side by side (4)"),
        "--mips-llm-rounds": ("K", "above 1: a second system, told its counterexamples, up to K replies in all (1)"),
        "--mips-llm-seconds": ("DURATION", "limit of one try of a request, such as 90s or 2m (120 s)"),
        "--mips-report-dir": ("DIR", "where the folder of the run is made (reports)"),
        "--mips-run": ("NAME", "name of the run (the time it began)"),
    }
    for option, (metavar, text) in values.items():
        group.addoption(option, metavar=metavar, default=None, help=text)
        parser.addini(ini_name(option), text, default=None)
    text = "go on with a run (the newest unfinished one): keep verdicts, do again what has none or has changed"
    group.addoption("--mips-resume", metavar="RUN", nargs="?", const="", default=None, help=text)
    parser.addini("mips_resume", text, default=None)
    text = "programs of another system: T.py, T/k.py, T/k/*.py or JSONL with task_id and solution (repeat)"
    group.addoption("--mips-programs", metavar="NAME=PATH", action="append", default=None, help=text)
    parser.addini("mips_programs", text, type="linelist", default=[])
    text = "another program synthesizer that writes programs to be judged: aalpy or gplearn (repeat)"
    group.addoption("--mips-synthesizer", metavar="NAME", action="append", default=None, help=text)
    parser.addini("mips_synthesizer", text, type="linelist", default=[])
    parser.addini("mips_claims", "JSON file with published scores, shown beside judged baselines", default=None)
    parser.addini("mips_paths", "where benchmark tasks are, when no path is given", "args", ["benchmark_tasks"])
    parser.addini("mips_solver", "package.module:function that solves a task, see mips.pipeline.solve", default=None)


def wanted(config: pytest.Config) -> bool:
    """Return whether this pytest run is a benchmark run."""
    return bool(given(config, "--mips-benchmark"))


def ini_name(option: str) -> str:
    return option.lstrip("-").replace("-", "_")


def given(config: pytest.Config, option: str) -> Any:
    """Return the value from the command line, else from the ini file, else None (or False for a flag)."""
    value = config.getoption(ini_name(option), default=None)
    return config.getini(ini_name(option)) if value is None else value
