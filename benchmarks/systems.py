"""All kinds of systems in one run: `make comparison`, or `python -m benchmarks.systems --help`.

Ours, the stored programs of another run as a recorded baseline, a live endpoint (a scripted one on this machine, see
`serving`, with and without counterexamples) and the synthesizers AALpy and gplearn, over all tasks, in one table.
Arguments after `--` go to pytest.
"""

from __future__ import annotations

import argparse
import ast
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks.roster import ROOT
from pytest_mips.runs.archive import unpacked


def recorded(run: Path, folder: Path) -> Path:
    """Return a folder with the programs that a run has stored, as a recorded baseline."""
    with unpacked(run) as place:
        for program in sorted((place / "tasks").glob("*/program.py")):
            shutil.copyfile(program, folder / f"{program.parent.name}.py")
    return folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; return the exit status of the run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.systems", description=__doc__)
    parser.add_argument(
        "--run", type=Path, default=ROOT / "reports" / "reference-paper", help="its programs are judged"
    )
    parser.add_argument("--name", default="paper-method", help="what the system that wrote them is called")
    parser.add_argument("rest", nargs="*", help="arguments for pytest, after --")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, serving() as url:
        command = [
            *(sys.executable, "-m", "pytest", "--mips-benchmark"),
            f"--mips-programs={options.name}={recorded(options.run, Path(folder))}",
            *("--mips-llm=scripted", f"--mips-llm-base-url={url}", "--mips-llm-samples=2", "--mips-llm-rounds=2"),
            *("--mips-synthesizer=aalpy", "--mips-synthesizer=gplearn"),
            *options.rest,
        ]
        return subprocess.run(command, cwd=ROOT).returncode


TEMPLATES = (
    "    return list(xs)",
    "    return [0 for x in xs]",
    "    return [1 - x for x in xs]",
    "    return [abs(x) for x in xs]",
    "    return [0, *xs][: len(xs)]",
    "    return [max(xs[: i + 1]) for i in range(len(xs))]",
    "    return [min(xs[: i + 1]) for i in range(len(xs))]",
    "    return [sum(xs[: i + 1]) for i in range(len(xs))]",
    "    return [sum(xs[: i + 1]) % 2 for i in range(len(xs))]",
    "    return [x - y for x, y in zip(xs, [0, *xs])]",
    "    return [x + y for x, y in zip(xs, [0, *xs])]",
    "    return [a ^ b for a, b in xs]",
    "    return [a | b for a, b in xs]",
    "    return [a & b for a, b in xs]",
)


def rows(prompt: str) -> list[tuple[list[Any], list[Any]]]:
    """Return the pairs of sequences that a prompt shows."""
    found = [ast.literal_eval(line[5:]) for line in prompt.splitlines() if line.startswith(("xs = ", "ys = "))]
    return list(zip(found[::2], found[1::2], strict=True))


def reply(messages: Sequence[dict[str, str]]) -> str:
    """Return the first template that fits all rows, as a reply; the plainest where none does."""
    shown = rows(messages[0]["content"])
    fitting = (body for body in TEMPLATES if all(_fits(body, xs, ys) for xs, ys in shown))
    return f"My guess:\n\n```python\ndef program(xs):\n{next(fitting, TEMPLATES[0])}\n```\n"


def _fits(body: str, xs: list[Any], ys: list[Any]) -> bool:
    namespace: dict[str, Callable[[list[Any]], Any]] = {}
    exec(f"def program(xs):\n{body}\n", namespace)
    try:
        return bool(namespace["program"](xs) == ys)
    except TypeError:
        return False


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        messages = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["messages"]
        text = reply(messages)
        choices = [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}]
        usage = {"prompt_tokens": len(messages[0]["content"].split()), "completion_tokens": len(text.split())}
        content = json.dumps({"id": "1", "object": "chat.completion", "choices": choices, "usage": usage}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving() -> Iterator[str]:
    """Yield the address of a chat endpoint on this machine, which needs no model, while the block runs.

    It tries a few templates on the rows that a prompt shows, and stands in for a language model where the way from
    prompt to verdict is to be shown whole. Its score says how far these templates get, and nothing about any model.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        finally:
            server.shutdown()


if __name__ == "__main__":
    sys.exit(main())
