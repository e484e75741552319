"""The files of a run without what differs from run to run: times, sizes, hosts, versions and hashes.

`python tests/support/masked.py RUN OUT` writes them to a folder, so that those of two commits can be compared.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

BINARY = (".safetensors", ".zip")
REPLACEMENTS = (
    (re.compile(r", with uncommitted changes| with uncommitted changes"), ""),
    (re.compile(r'"dirty": (true|false)'), '"dirty": 0'),
    (re.compile(r'"(versions|machine)": \{[^{}]*\}'), r'"\1": {}'),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,64}\b"), "hash"),
    (re.compile(r'("program_sha256": )"[^"]*"'), r"\1hash"),
    (re.compile(r" {2,}|(?<=\[) +"), " "),  # what fills columns of numbers
    (re.compile(r"-{3,}"), "---"),
    (re.compile(r"-?\b\d+(?:[.,]\d+)*(?:e[+-]?\d+)?"), "0"),
)


def masked(folder: Path) -> dict[str, bytes]:
    """Return the content of every file of a run, by its path inside the run: lines of records sorted by task."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [json.loads((folder / "run.json").read_text())["machine"].get(name, "") for name in ("cpu", "platform")]
    return {path.relative_to(folder).as_posix(): _masked(path, *filter(None, names)) for path in files}


def digests(files: dict[str, bytes]) -> dict[str, str]:
    """Return the first digits of the SHA-256 of every content, by its path."""
    return {path: hashlib.sha256(content).hexdigest()[:16] for path, content in files.items()}


def _masked(path: Path, *names: str) -> bytes:
    if path.suffix in BINARY:
        return path.read_bytes()
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":  # a program stays as it is
        return text.encode()
    for name in names:
        text = text.replace(name, "machine")
    for pattern, replacement in REPLACEMENTS:
        text = pattern.sub(replacement, text)
    if path.suffix == ".jsonl":
        text = "".join(sorted(text.splitlines(keepends=True)))
    return text.encode()


if __name__ == "__main__":
    for name, content in masked(Path(sys.argv[1])).items():
        place = Path(sys.argv[2]) / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
