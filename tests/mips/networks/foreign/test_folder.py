"""A network in a folder is the same network, whatever it was kept by; a folder that says too little is told why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

import mips
from benchmarks.known import NAMED, compiled
from mips.networks.foreign.errors import ForeignNetworkError
from mips.networks.foreign.folder import network_files, read_network
from mips.networks.recurrent import fitted, run
from mips.networks.storage import StoredNetwork

BITS = mips.integers(0, 1)
NAMES = mips.symbols("on off")
WEIGHTS = {  # a ReLU cell that keeps the last symbol, one-hot
    "rnn.weight_ih_l0": np.eye(2, dtype=np.float32),
    "rnn.weight_hh_l0": np.zeros((2, 2), dtype=np.float32),
    "fc.weight": np.eye(2, dtype=np.float32),
}


def folder(place: Path, facts: Any = None, **files: dict[str, Any]) -> Path:
    place.mkdir()
    if facts is not None:
        (place / "network.json").write_text(facts if isinstance(facts, str) else json.dumps(facts))
    for name, weights in (files or {"net": WEIGHTS}).items():
        safetensors.numpy.save_file(weights, place / f"{name}.safetensors")
    return place


def answers(network: Any, inputs: Any, word: list[int]) -> list[int]:
    found: list[int] = run(fitted(network, inputs, len(word)), np.array(word)[None, :, None])[0, :, 0].tolist()
    return found


def test_what_save_wrote_is_read(tmp_path: Path) -> None:
    network = compiled(NAMED["parity"][0])
    mips.save(network, tmp_path, inputs=BITS, length=10)
    (tmp_path / "machine.json").write_text("{}")
    found = read_network(tmp_path)
    assert isinstance(found, StoredNetwork)
    words = np.random.default_rng(0).integers(0, 2, (20, 10, 1))
    assert np.array_equal(found.network.run(words), network.run(words))
    assert [path.name for path in network_files(tmp_path)] == ["network.json", "network.safetensors"]


def test_weights_are_read_as_the_json_says(tmp_path: Path) -> None:
    place = folder(tmp_path / "a", {"cell": "relu", "encode": "one-hot", "decode": "argmax"})
    word = [0, 1, 1, 0]
    assert answers(read_network(place), BITS, word) == word
    assert [path.name for path in network_files(place)] == ["network.json", "net.safetensors"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("outputs", [[7, -2], [[1, 2], [3, 4]]])
def test_symbols_and_classes_are_in_the_order_of_the_json(tmp_path: Path, order: tuple[int, int], outputs: Any) -> None:
    facts = {"cell": "relu", "encode": "one-hot", "symbols": [*order], "outputs": outputs}
    network = fitted(read_network(folder(tmp_path / "a", facts)), BITS, 4)
    word = [0, 1, 1, 0]
    expected = [outputs[order.index(x)] for x in word]
    found = run(network, np.array(word)[None, :, None])[0].tolist()
    assert found == [y if isinstance(y, list) else [y] for y in expected]


def test_names_of_classes_are_those_that_are_expected(tmp_path: Path) -> None:
    facts = {"cell": "relu", "encode": "one-hot", "symbols": ["off", "on"], "outputs": ["dark", "light"]}
    place = folder(tmp_path / "a", facts)
    word = [NAMES.names.index(name) for name in ("on", "on", "off")]
    assert answers(read_network(place), NAMES, word) == [1, 1, 0]
    assert answers(read_network(place, outputs=mips.symbols("light dark")), NAMES, word) == [0, 0, 1]
    with pytest.raises(ForeignNetworkError, match="found 'dark' among outputs"):
        read_network(place, outputs=mips.symbols("light off"))


def test_one_of_several_files_is_named(tmp_path: Path) -> None:
    other = {**WEIGHTS, "fc.weight": -np.eye(2, dtype=np.float32)}
    both = {"one": WEIGHTS, "two": other}
    place = folder(tmp_path / "a", {"file": "two.safetensors", "cell": "relu", "decode": "argmax"}, **both)
    assert answers(read_network(place), BITS, [0, 1]) == [1, 0]
    assert [path.name for path in network_files(place)] == ["network.json", "two.safetensors"]
    with pytest.raises(ForeignNetworkError, match=r"several files in .*: one.safetensors, two.safetensors"):
        read_network(folder(tmp_path / "b", {"cell": "relu"}, **both))


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ("{", "no JSON in"),
        ([], "expected an object"),
        ({"cel": "gru"}, "the field 'cel' in"),
        ({"cell": 3}, "found 3 as cell in"),
        ({"cell": "what"}, "cell='what'"),
        ({"cell": "relu", "threshold": True}, "as threshold in"),
        ({"file": "../net.safetensors"}, "as file in"),
        ({"file": "none.pt"}, "as file in"),
        ({"cell": "relu", "symbols": [0, 1]}, "found encode None beside symbols in"),
        ({"cell": "relu", "encode": "index", "symbols": [0, 0]}, "a symbol twice"),
        ({"cell": "relu", "decode": "round", "outputs": [0, 1]}, "found decode 'round' beside outputs in"),
        ({"cell": "relu", "outputs": [0, [1, 2]]}, "as outputs in"),
        ({"cell": "relu", "outputs": [0.5]}, "as outputs in"),
        ({"format": "mips network"}, "found"),
    ],
)
def test_a_json_that_cannot_be_meant_is_told_in_one_line(tmp_path: Path, facts: Any, told: str) -> None:
    with pytest.raises(ValueError, match="expected") as error:
        read_network(folder(tmp_path / "a", facts))
    assert told in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("outputs", [[0], [0, 1, 2]])
def test_as_many_outputs_as_the_network_has(tmp_path: Path, outputs: list[int]) -> None:
    network = read_network(folder(tmp_path / "a", {"cell": "relu", "encode": "one-hot", "outputs": outputs}))
    with pytest.raises(ForeignNetworkError, match=f"found {len(outputs)} outputs in .* expected 2"):
        answers(network, BITS, [0, 1])


def test_a_folder_without_a_network_is_told(tmp_path: Path) -> None:
    assert network_files(tmp_path) == network_files(tmp_path / "none") == ()
    for place in (tmp_path, tmp_path / "none"):
        with pytest.raises(ForeignNetworkError, match="found no network in"):
            read_network(place)
