"""The schemas say what the code writes, describe every field, and say no to whatever is damaged."""

from __future__ import annotations

import copy
import dataclasses
import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from runs import DERIVATION, EXAMPLE, MACHINE, STATES, record, run_json

from mips.judging.sandbox.foreign import LAYERS
from mips.networks.foreign.decoding import DECODINGS
from mips.networks.foreign.encoding import ENCODINGS
from mips.networks.foreign.folder import FIELDS as FOREIGN_FIELDS
from mips.networks.foreign.state_dict import KINDS as CELLS
from mips.networks.storage import CONVENTIONS
from mips.paper.lattices.choice import KINDS
from mips.paper.normalizers.normalize import NORMALIZERS
from pytest_mips.options.live_systems import Llm
from pytest_mips.options.settings import Options
from pytest_mips.runs.attempts import STAGES
from pytest_mips.runs.records import FIELDS, REQUIRED, Record
from pytest_mips.scores.summary import BEST_FIRST, STRONGEST_FIRST
from pytest_mips.validation import schemas
from pytest_mips.validation.check import faults_in

ROOT = Path(__file__).parents[3]
HASH = "0123456789abcdef" * 4
COMMIT = "0123456789" * 4
SIZES = {"hidden": 2, "cell_depth": 1, "readout_depth": 1, "width": 0}
SIMPLE = {"weights": 5, "nonzero": 4, "distinct": 3, "bits": 70.5}
LLM = Llm(model="m", base_url="http://here", budget=5, temperature=0.5)
OPTIONS = Options(
    quick=False, seeds=(0, 1), time_limit=900.0, memory_limit=4096, workers=2, run_dir=Path("r"), strict=False,
    solver="a.b:c", device="cuda:0", method="paper", programs=(("other", Path("p")),), shard=(1, 2), budget=60.0,
    llm=LLM, networks=Path("n"), networks_shown="n",
)  # fmt: skip
CLAIM = {"system": "Other", "source": "a paper", "total": 1, "of": 62, "solved": ["T"]}
TRIED = {"kind": "Boolean", "rank": 2, "bits": 2.0, "fidelity": 1.0, "rows": 4, "contradictions": 0, "determinism": 1.0}
ATTEMPT = record(
        "T", "unsolved", fingerprint=HASH, program_sha256=HASH, program_nodes=9, counterexample=EXAMPLE, reason="r",
        architecture=SIZES, network_mistake=EXAMPLE, training_core_seconds=1.5, minimum={"kind": "rank", "value": 2},
        overruled={"answers": 1, "of": 9}, autoencoder="Boolean", autoencoders=[{**TRIED, "refused": ""}],
        normalizers=[{"normalizer": "Toeplitz", "refused": "r", "before": SIMPLE, "after": SIMPLE}],
        locks=["rlimits", "landlock"], usage={"seconds": 0.5},
    ).to_json()  # fmt: skip
SOLVED: dict[str, Any] = {
    **ATTEMPT,
    "status": "solved",
    "stage": "verified",
    "assurance": "proved",
    "counterexample": None,
}
RUN = {
    **run_json("mine", ["T"]),
    "commit": COMMIT,
    "arguments": OPTIONS.to_json(),
    "versions": dict.fromkeys(("python", "mips", "torch", "numpy", "sympy", "hypothesis", "pytest"), "1.0"),
    "tasks": [{"task": "T", "test": "test_t.py::test[T]", "about": "", "fingerprints": {"0": HASH}}],
    "shard": {"number": 1, "of": 2, "roster": ["T", "U"]},
    "claims": [CLAIM],
    "resumed": [
        {
            "commit": COMMIT,
            "before": "",
            "kept": 1,
            "again": [{"task": "T", "system": "mips", "seed": 0, "why": "error"}],
        }
    ],
    "uncollected": [{"test": "test_u.py", "why": "skipped: no such package"}],
    "merged": ["a", "b"],
}
RUN["machine"] = {**RUN["machine"], "accelerator": "a card"}
RUN["machines"] = [RUN["machine"], RUN["machine"]]
SUMMARY = {
    "schema": 1, "run": "mine", "partial": False, "roster": 1, "solved": 0, "proved": 0,
    "statuses": dict.fromkeys(BEST_FIRST, 0), "results_hash": HASH,
    "systems": [{"system": "mips", "solved": 0, "of": 1, "interval": [0.0, 0.5], "samples": 1, "solved_at_1": 0.0}],
    "claims": [CLAIM],
    "networks": {
        "perfect": 1, "roster": 1, "training_core_seconds": 1.5, "largest_training_core_seconds": 1.5,
        "largest_peak_mib": 300,
    },
    "tasks": [
        {
            "solved_attempts": 0, "attempts": 1, "why": "verified: wrong",
            **{name: value for name, value in ATTEMPT.items() if name in schemas.read("summary")["properties"]["tasks"]
               ["items"]["properties"]},
        }
    ],
}  # fmt: skip
TRIAL = {
    "method": "Adam", "architecture": "hidden 2", "steps": 3, "seconds": 0.5, "accuracy": 0.5, "why_stopped": "steps",
    "curve": [[0, 5, 1.5], [1, 5, 0.5]],
}  # fmt: skip
NETWORK = {
    **CONVENTIONS,
    "sizes": {"hidden": 2, "inputs": 1, "outputs": 1, "cell": [[3, 2]], "readout": [[2, 1]]},
    "inputs": {"low": 0, "high": 1, "width": 1},
    "length": 10,
    "about": {"task": "T", "seed": 0, "accuracy": 1.0},
    "safetensors_sha256": HASH,
    "json_sha256": HASH,
}
REPLY = {
    "prompt": [{"role": "user", "content": "a question"}],
    "reply": "an answer",
    "usage": {"prompt_tokens": 10, "completion_tokens": 2, "seconds": 0.5, "estimated": 1},
}
STEP = {key: value for step in DERIVATION["steps"] for key, value in step.items()} | {
    "codes": 3,
    "rows": 6,
    "found": "f",
}
FOREIGN = {
    "$schema": "urn:mips:foreign_network:1", "file": "net.pt", "cell": "gru", "head": "fc", "embedding": "table",
    "encode": "one-hot", "decode": "argmax", "threshold": 0.5, "symbols": ["push", "pop"], "outputs": ["no", "yes"],
    "about": {"what": "a network"},
}  # fmt: skip
DOCUMENTS: dict[str, Any] = {
    "foreign_network": FOREIGN,
    "record": ATTEMPT,
    "run": RUN,
    "summary": SUMMARY,
    "machine": {**MACHINE, "horizon": 5},
    "network": NETWORK,
    "training": {"task": "T", "seed": 0, "accuracy": 0.5, "seconds": 1.5, "mistake": EXAMPLE, "trail": [TRIAL]},
    "counterexample": EXAMPLE,
    "hidden_states": STATES,
    "derivation": {"steps": [STEP]},
    "reply": REPLY,
}


# What a schema is


@pytest.mark.parametrize("name", schemas.names())
def test_a_schema_is_one_and_stands_alone(name: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = schemas.read(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:mips:{name}:1"
    assert all(ref.startswith("#/$defs/") for ref in found(schema, "$ref"))
    assert {ref.removeprefix("#/$defs/") for ref in found(schema, "$ref")} == set(schema.get("$defs", ()))


@pytest.mark.parametrize("name", schemas.names())
def test_every_field_is_described(name: str) -> None:
    schema = schemas.read(name)
    assert schema["description"]
    for properties in found(
        {key: part for key, part in schema.items() if key not in ("if", "then", "allOf")}, "properties"
    ):
        for field, told in properties.items():
            target = schema["$defs"][told["$ref"].rpartition("/")[2]] if "$ref" in told else {}
            assert told.get("description") or target.get("description") or field in ("low", "high", "inputs"), field


def test_what_two_schemas_share_is_the_same_in_both() -> None:
    shared: dict[str, Any] = {}
    for name in schemas.names():
        for key, part in schemas.read(name).get("$defs", {}).items():
            assert shared.setdefault(key, part) == part, key


def test_the_schemas_ship_with_the_plugin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (pattern,) = project["tool"]["setuptools"]["package-data"]["pytest_mips.validation.schemas"]
    files = {path.name for path in (ROOT / "pytest_mips" / "validation" / "schemas").glob(pattern)}
    assert files == {f"{name}{schemas.SUFFIX}" for name in schemas.names()} and set(DOCUMENTS) == set(schemas.names())


def test_a_schema_that_is_not_there_is_told() -> None:
    with pytest.raises(KeyError, match="no schema is called 'magic'; there are counterexample, derivation"):
        schemas.read("magic")


def found(part: Any, key: str) -> Iterator[Any]:
    """Yield whatever stands under a key, anywhere in a schema."""
    if isinstance(part, dict):
        if key in part:
            yield part[key]
        for inner in part.values():
            yield from found(inner, key)
    elif isinstance(part, list):
        for inner in part:
            yield from found(inner, key)


# The code and the schemas agree


def test_the_fields_of_a_record() -> None:
    schema = schemas.read("record")
    assert [*schema["properties"]] == [*FIELDS] and {*FIELDS} <= {each.name for each in dataclasses.fields(Record)}
    assert set(schema["required"]) == {*REQUIRED, "schema", "system"}


def test_the_arguments_of_a_run() -> None:
    assert {*schemas.read("run")["properties"]["arguments"]["properties"]} == {*OPTIONS.to_json()}
    assert {*schemas.read("run")["properties"]["arguments"]["properties"]["llm"]["properties"]} == {*LLM.to_json()}


def test_the_words_of_the_code() -> None:
    fields = schemas.read("record")["properties"]
    own, others = (
        schemas.read("record")["allOf"][0][which]["properties"]["status"]["enum"] for which in ("then", "else")
    )
    assert set(own) == set(BEST_FIRST) and set(own) | set(others) == set(fields["status"]["enum"])
    assert set(fields["stage"]["enum"]) == {*STAGES, ""}
    assert set(fields["stage_seconds"]["propertyNames"]["enum"]) == set(STAGES)
    assert set(fields["assurance"]["enum"]) == set(STRONGEST_FIRST)
    assert set(fields["autoencoder"]["enum"]) == {*KINDS, ""}
    assert set(fields["autoencoders"]["items"]["properties"]["kind"]["enum"]) == set(KINDS)
    assert set(fields["normalizers"]["items"]["properties"]["normalizer"]["enum"]) == set(NORMALIZERS)
    assert set(fields["locks"]["items"]["enum"]) == {lock for locks in LAYERS.values() for lock in locks}
    foreign = schemas.read("foreign_network")["properties"]
    assert {*foreign} == {*FOREIGN_FIELDS} and {*foreign["cell"]["enum"]} == {*CELLS}
    assert (foreign["encode"]["enum"], foreign["decode"]["enum"]) == ([*ENCODINGS], [*DECODINGS])
    network = schemas.read("network")["properties"]
    assert {name: network[name]["const"] for name in CONVENTIONS} == CONVENTIONS


# Every schema can say no


def resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    return (
        schema["$defs"][part["$ref"].rpartition("/")[2]] | {k: v for k, v in part.items() if k != "$ref"}
        if "$ref" in part
        else part
    )


Change = Callable[[Any], None]


def damages(
    schema: dict[str, Any], part: Any, value: Any, path: tuple[Any, ...] = ()
) -> Iterator[tuple[str, tuple[Any, ...], Any]]:
    """Yield what to do to a document: a name, where, and the value to put there (... to take it away)."""
    part = resolved(schema, part)
    told = ".".join(map(str, path)) or "all"
    may_be_text = isinstance(value, str) or "string" in part.get("type", ())
    other = {"odd": 1} if isinstance(value, list) else 0.5 if may_be_text else "odd"
    yield f"{told}: another type", path, other
    if isinstance(value, str) and ("enum" in part or "pattern" in part or "const" in part):
        yield f"{told}: an unknown word", path, "odd word"
    for bound, step in (("minimum", -1), ("maximum", 1)):
        if bound in part and isinstance(value, int | float):
            yield f"{told}: beyond {bound}", path, part[bound] + step
    if isinstance(value, float) and part.get("type") == "integer":
        yield f"{told}: no whole number", path, value + 0.5
    if isinstance(value, dict):
        for name in part.get("required", ()):
            yield f"{told}: without {name}", (*path, name), ...
        if part.get("additionalProperties") is False:
            yield f"{told}: an unknown field", (*path, "odd"), 1
        for name, inner in value.items():
            below = part.get("properties", {}).get(name) or part.get("additionalProperties")
            if isinstance(below, dict):
                yield from damages(schema, below, inner, (*path, name))
    if isinstance(value, list) and value:
        for bound, content in (("minItems", value[:-1]), ("maxItems", [*value, value[0]])):
            if part.get(bound) == len(value):
                yield f"{told}: {bound}", path, content
        items = [*part.get("prefixItems", ())] or [part["items"]]
        for number, below in enumerate(items):
            yield from damages(schema, below, value[number], (*path, number))


def damaged(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    whole = {"document": copy.deepcopy(document)}
    place: Any = whole
    for key in ("document", *path)[:-1]:
        place = place[key]
    last = ("document", *path)[-1]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return whole["document"]


DAMAGES = [
    pytest.param(name, path, value, id=f"{name}: {told}")
    for name, document in DOCUMENTS.items()
    for told, path, value in damages(schemas.read(name), schemas.read(name), json.loads(json.dumps(document)))
]


@pytest.mark.parametrize("name", schemas.names())
def test_a_whole_document_has_no_fault(name: str) -> None:
    assert faults_in(json.loads(json.dumps(DOCUMENTS[name])), name) == []


@pytest.mark.parametrize(("name", "path", "value"), DAMAGES)
def test_a_damaged_document_has_a_fault(name: str, path: tuple[Any, ...], value: Any) -> None:
    lines = faults_in(damaged(json.loads(json.dumps(DOCUMENTS[name])), path, value), name)
    assert lines and all(line.startswith("$") and "found " in line and "expected " in line for line in lines)
    assert not any("\n" in line for line in lines)


def test_there_is_much_to_damage() -> None:
    counts = {name: sum(param.values[0] == name for param in DAMAGES) for name in DOCUMENTS}
    assert min(counts.values()) > 10 and counts["record"] > 120 and counts["run"] > 120


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ""),
        ({"status": "wrong", "assurance": ""}, '$.status: found \'wrong\', expected one of "solved", "unsolved"'),
        ({"status": "unsolved"}, "$.assurance: found 'proved', expected \"\""),
        ({"status": "unsolved", "assurance": "", "stage": ""}, "$.stage: found '', expected one of"),
        ({"assurance": ""}, '$.assurance: found \'\', expected one of "proved", "proved-affine", "tested"'),
        ({"program_sha256": ""}, "$.program_sha256: found '', expected at least 64 characters"),
        ({"program_nodes": 0}, "$.program_nodes: found 0, expected at least 1"),
        ({"counterexample": EXAMPLE}, "$.counterexample: found {'actual':"),
        ({"system": "other"}, '$.assurance: found \'proved\', expected one of "tested", ""'),
        ({"system": "other", "assurance": "tested"}, ""),
        ({"system": "other", "status": "protocol", "assurance": ""}, ""),
        ({"system": "other", "status": "unsolved", "assurance": ""}, "$.status: found 'unsolved', expected one of"),
        ({"counterexample": {**EXAMPLE, "actual": "ValueError: no"}, "status": "unsolved", "assurance": ""}, ""),
    ],
)  # fmt: skip
def test_the_fields_of_a_record_fit_each_other(changes: dict[str, Any], told: str) -> None:
    lines = faults_in(json.loads(json.dumps({**SOLVED, **changes})), "record")
    assert len(lines) == bool(told) and told in "".join(lines)


def test_only_a_machine_with_a_horizon_may_leave_a_transition_open() -> None:
    open_ = {**MACHINE, "transitions": [[0, None], [1, 0]]}
    assert faults_in(open_, "machine") == ["$.transitions[0][1]: found None, expected integer"]
    assert faults_in({**open_, "horizon": 5}, "machine") == []


def test_facts_of_a_step_come_together() -> None:
    assert faults_in({"steps": [{"step": "formulas taken", "size": 3}]}, "derivation")
    assert faults_in({"steps": [{"step": "search", "tiers": []}]}, "derivation")
