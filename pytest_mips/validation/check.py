"""Whether the files of a run have the form that their schemas say: one line a fault, none where all is well."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from reprlib import Repr
from typing import Any

from pytest_mips.runs.archive import unpacked
from pytest_mips.validation.schemas import read as schema

PACKAGE = "jsonschema"
LATER = {"results.jsonl": "record", "summary.json": "summary"}  # what a run writes after run.json: file -> schema
ARTEFACTS: Mapping[str, str] = {  # of tasks/<Task>/ and tasks/<Task>/seed-<seed>/: file -> schema
    f"{name}.json": name for name in ("machine", "network", "training", "counterexample", "hidden_states", "derivation")
}
MOST_CHARACTERS = 60  # of what was found

SHORT = Repr()
SHORT.maxstring = SHORT.maxother = SHORT.maxlong = MOST_CHARACTERS


class NoValidator(Exception):
    """The package that checks documents against schemas is not installed; one line says so, with the cure."""


def faults(run_dir: Path) -> list[str]:
    """Return what is wrong with the files of a run, a line each: file, place, what was found, what was expected.

    `run.json` must be there, the other files need not: a run may not have come that far. A last line of
    `results.jsonl` without an end does not count. Raises NoValidator, and ArchiveError for a damaged `tasks.zip`.
    """
    _validator("run")  # to say that the package is missing even of an empty folder
    with unpacked(run_dir) as place:
        return _of_run(place)


def _of_run(run_dir: Path) -> list[str]:
    files = [(run_dir / "run.json", "run")]
    files += [(run_dir / name, of) for name, of in LATER.items() if (run_dir / name).exists()]
    tasks, replies = (sorted((run_dir / folder).rglob("*.json")) for folder in ("tasks", "baselines"))
    files += [(path, ARTEFACTS[path.name]) for path in tasks if path.name in ARTEFACTS]
    files += [(path, "reply") for path in replies]
    return [line for path, name in files for line in _of_file(run_dir, path, name)]


def faults_in(document: Any, name: str) -> list[str]:
    """Return what is wrong with one document by the schema `name`, a line each. Raises NoValidator."""
    errors = sorted(_validator(name).iter_errors(document), key=lambda error: [str(part) for part in error.path])
    return [" ".join(f"{error.json_path}: {_told(error)}".split()) for error in errors]


def _of_file(run_dir: Path, path: Path, name: str) -> Iterator[str]:
    where = path.relative_to(run_dir).as_posix()
    try:
        content = path.read_bytes()
    except OSError as error:
        yield f"{where}: found nothing that can be read ({error.strerror}), expected a document of the schema {name}"
        return
    if path.suffix == ".jsonl":
        for number, line in enumerate(content.split(b"\n")[:-1], start=1):
            yield from _of_text(line, name, f"{where}, line {number}")
    else:
        yield from _of_text(content, name, where)


def _of_text(text: bytes, name: str, where: str) -> Iterator[str]:
    try:
        document = json.loads(text.decode(), parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        yield f"{where}: found no JSON ({' '.join(str(error).split())}), expected a document of the schema {name}"
        return
    yield from (f"{where}: {line}" for line in faults_in(document, name))


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        twice = next(name for number, (name, _) in enumerate(pairs) if name in dict(pairs[:number]))
        raise ValueError(f"the field {twice!r} is there twice")
    return fields


@cache
def _validator(name: str) -> Any:
    try:
        package = importlib.import_module(PACKAGE)
    except ImportError as error:
        raise NoValidator(
            f"found no package `{PACKAGE}`, expected it for checking files against schemas; pip install {PACKAGE}"
        ) from error
    return package.Draft202012Validator(schema(name))


def _told(error: Any) -> str:
    """Return what was found and what was expected, in one line."""
    found, expected = error.instance, error.validator_value
    words: dict[str, Callable[[], tuple[str, str]]] = {
        "additionalProperties": lambda: (
            _listed(_unknown(error)),
            f"no more than {_listed(error.schema['properties'])}",
        ),
        "required": lambda: (
            f"only {_listed(found) or 'nothing'}",
            error.message.removesuffix(" is a required property"),
        ),
        "enum": lambda: (_short(found), f"one of {', '.join(map(json.dumps, expected))}"),
        "const": lambda: (_short(found), json.dumps(expected)),
        "type": lambda: (_short(found), " or ".join([expected] if isinstance(expected, str) else expected)),
        "pattern": lambda: (_short(found), f"a text that matches {expected}"),
        "minimum": lambda: (_short(found), f"at least {expected}"),
        "exclusiveMinimum": lambda: (_short(found), f"more than {expected}"),
        "maximum": lambda: (_short(found), f"at most {expected}"),
        "minItems": lambda: (f"{len(found)} entries", f"at least {expected}"),
        "maxItems": lambda: (f"{len(found)} entries", f"at most {expected}"),
        "minLength": lambda: (_short(found), f"at least {expected} characters"),
        "uniqueItems": lambda: (_short(found), "no entry twice"),
    }
    if error.validator not in words:
        return f"found {_short(found)}, expected what the schema says: {_short(error.message)}"
    told = words[error.validator]()
    return f"found {told[0]}, expected {told[1]}"


def _unknown(error: Any) -> list[str]:
    return [name for name in error.instance if name not in error.schema.get("properties", {})]


def _listed(names: Any) -> str:
    return ", ".join(_short(name) for name in names)


def _short(value: Any) -> str:
    return SHORT.repr(value)
