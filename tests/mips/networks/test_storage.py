"""A stored network comes back as it was, and a file that is damaged or foreign is refused in one line that says how."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import pickle
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mips.networks.network import Layer, Network
from mips.networks.storage import FACTS, WEIGHTS, NetworkFileError, StoredNetwork, load, save, to_files
from mips.tasks.task import Integers, integers

Facts = dict[str, Any]
Tensors = dict[str, np.ndarray]


def layer(rng: np.random.Generator, inputs: int, outputs: int) -> Layer:
    return Layer(weight=rng.normal(size=(outputs, inputs)).T, bias=rng.normal(size=outputs))  # .T: laid out by columns


def stored(seed: int = 0, **changes: Any) -> StoredNetwork:
    """Hidden size 3, two inputs, two outputs."""
    rng = np.random.default_rng(seed)
    network = Network(cell=(layer(rng, 5, 4), layer(rng, 4, 3)), readout=(layer(rng, 3, 2),))
    parts = {"network": network, "inputs": integers(-1, 2, width=2), "length": 7, "about": {"seed": seed}}
    return StoredNetwork(**(parts | changes))


@st.composite
def stored_networks(draw: st.DrawFn) -> StoredNetwork:
    sizes = st.lists(st.integers(1, 4), min_size=0, max_size=2)
    width, hidden, outputs = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 3))

    def layers(first: int, last: int) -> tuple[Layer, ...]:
        chain = [first, *draw(sizes), last]
        numbers = st.floats(allow_nan=False, allow_infinity=False)
        return tuple(
            Layer(
                weight=draw(arrays(np.float64, (b, a), elements=numbers)).T,
                bias=draw(arrays(np.float64, b, elements=numbers)),
            )
            for a, b in pairwise(chain)
        )

    low = draw(st.integers(-9, 9))
    names = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda values: st.lists(values) | st.dictionaries(st.text(), values),
        max_leaves=4,
    )
    return StoredNetwork(
        network=Network(cell=layers(hidden + width, hidden), readout=layers(hidden, outputs)),
        inputs=Integers(low, low + draw(st.integers(0, 9)), width),
        length=draw(st.integers(1, 50)),
        about=draw(st.dictionaries(st.text(), names, max_size=3)),
    )


def same(left: StoredNetwork, right: StoredNetwork) -> bool:
    return to_files(left) == to_files(right)


# A stored network comes back as it was


@settings(max_examples=40)  # each writes and reads files
@given(stored_networks(), st.randoms(use_true_random=False))
def test_a_network_comes_back_as_it_was(before: StoredNetwork, random: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        save(before, folder)
        after = load(folder)
    assert (after.inputs, after.length, after.about) == (before.inputs, before.length, before.about)
    assert to_files(after) == to_files(before)
    hidden = np.random.default_rng(random.getrandbits(32)).normal(size=(5, before.network.hidden_size))
    symbols = np.array([before.inputs.draw_word(random, 5)]).reshape(5, -1)
    with np.errstate(all="ignore"):
        for one, other in (
            (before.network.step(hidden, symbols), after.network.step(hidden, symbols)),
            (before.network.read(hidden), after.network.read(hidden)),
        ):
            assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("seed", range(5))
def test_the_outputs_are_those_of_the_network_that_was_stored(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    network = Network(cell=(layer(rng, 5, 4), layer(rng, 4, 3)), readout=(layer(rng, 3, 2),))
    save(stored(network=network), tmp_path)
    words = rng.integers(-1, 3, (50, 7, 2))
    assert load(tmp_path).network.run(words).tolist() == network.run(words).tolist()


def test_the_last_bit_does_not_hang_on_the_layout(tmp_path: Path) -> None:
    """One row times weights laid out by columns may differ from the same product with weights laid out by rows."""
    rng = np.random.default_rng(0)
    before = stored(network=Network(cell=(layer(rng, 66, 64),), readout=(layer(rng, 64, 2),)))
    save(before, tmp_path)
    after = load(tmp_path)
    for hidden, symbols in zip(rng.normal(size=(100, 1, 64)), rng.integers(-1, 3, (100, 1, 2)), strict=True):
        assert after.network.step(hidden, symbols).tobytes() == before.network.step(hidden, symbols).tobytes()


def test_weights_laid_out_by_columns_are_not_transposed_in_the_file() -> None:
    weight = np.arange(6.0).reshape(2, 3).T
    network = Network(cell=(Layer(weight=weight, bias=[0, 0]),), readout=(Layer(weight=[[1], [1]], bias=[0]),))
    assert network.cell[0].weight.flags.c_contiguous and weight.flags.f_contiguous
    files = to_files(stored(network=network, inputs=integers(0, 1)))
    assert safetensors.numpy.load(files[WEIGHTS])["cell.0.weight"].tolist() == weight.tolist()


def test_every_place_leads_to_the_network(tmp_path: Path) -> None:
    save(stored(), tmp_path / "new" / "folder")
    folder = tmp_path / "new" / "folder"
    for place in (folder, str(folder), folder / WEIGHTS, folder / FACTS):
        assert same(load(place), stored())
    assert sorted(path.name for path in folder.iterdir()) == [FACTS, WEIGHTS]


def test_saving_again_replaces(tmp_path: Path) -> None:
    save(stored(0), tmp_path)
    save(stored(1), tmp_path)
    assert same(load(tmp_path), stored(1))


def test_what_the_files_hold() -> None:
    files = to_files(stored())
    facts = json.loads(files[FACTS])
    assert facts.pop("activation").startswith("ReLU between")
    assert "h(t) = cell(h(t-1) beside x(t))" in facts.pop("recurrence")
    assert facts.pop("safetensors_sha256") == hashlib.sha256(files[WEIGHTS]).hexdigest()
    assert len(facts.pop("json_sha256")) == 64
    assert facts == {
        "format": "mips network",
        "version": 1,
        "sizes": {"hidden": 3, "inputs": 2, "outputs": 2, "cell": [[5, 4], [4, 3]], "readout": [[3, 2]]},
        "inputs": {"low": -1, "high": 2, "width": 2},
        "length": 7,
        "about": {"seed": 0},
    }
    names = {f"{part}.{kind}" for part in ("cell.0", "cell.1", "readout.0") for kind in ("weight", "bias")}
    tensors = safetensors.numpy.load(files[WEIGHTS])
    assert tensors.keys() == names
    assert {tensor.dtype for tensor in tensors.values()} == {np.dtype("float64")}


def test_the_order_of_facts_leaves_no_trace() -> None:
    one, other = {"a": 1, "b": (1, 2)}, {"b": [1, 2], "a": 1}
    assert to_files(stored(about=one)) == to_files(stored(about=other))
    assert stored(about=one).about == other


def test_facts_are_a_copy() -> None:
    about = {"list": [1]}
    record = stored(about=about)
    about["list"].append(2)
    assert record.about == {"list": [1]}


def test_a_network_is_loaded_without_torch() -> None:
    code = "import sys, mips.networks.storage; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# A record refuses what could not be loaded again


def linear(weight: float = 1.0, outputs: int = 1) -> Network:
    readout = Layer(weight=np.ones((1, outputs)), bias=np.zeros(outputs))
    return Network(cell=(Layer(weight=[[1.0], [weight]], bias=[0.0]),), readout=(readout,))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"network": linear(np.nan)}, r"found \[nan\] in cell.0.weight; expected finite numbers"),
        (
            {"network": linear(outputs=0)},
            "found 'no numbers' in readout.0.weight; expected finite numbers, one at least",
        ),
        (
            {"network": Network(cell=linear().cell, readout=linear().readout, initial=[2.0])},
            r"found the initial state \[2.0\]; expected zeros",
        ),
        ({"inputs": integers(2, 1, width=2)}, r"the inputs integers\(2, 1, width=2\); .* expected low <= high"),
        ({"inputs": integers(0, 1)}, r"the inputs integers\(0, 1\); expected width 2, as the network"),
        ({"length": 0}, "found length 0; expected an int of at least 1"),
        ({"length": np.int64(3)}, r"found length np.int64\(3\); expected an int"),
        ({"about": {"x": np.zeros(1)}}, "found in about what JSON cannot hold .*ndarray"),
        ({"about": {"x": np.nan}}, "found in about what JSON cannot hold .*nan"),
        ({"about": {"x": 1, 2: 1}}, "found in about what JSON cannot hold .*'<' not supported"),
        ({"about": {"x": functools.reduce(lambda inner, _: [inner], range(2_000))}}, "JSON cannot hold .*recursion"),
    ],
)
def test_a_record_says_what_does_not_fit(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        stored(**changes)


# A damaged or foreign file is refused in one line


def refusal(place: Path, file: Path | None = None) -> str:
    """What `load` says about `file`, after its name."""
    with pytest.raises(NetworkFileError) as caught:
        load(place)
    text = str(caught.value)
    assert text.startswith(f"{file or place}: found ") and "; " in text and text.endswith(".") and "\n" not in text
    return text.removeprefix(f"{file or place}: ")


def seal(facts: Facts) -> bytes:
    """The JSON with its own SHA-256 set right."""
    facts = {name: value for name, value in facts.items() if name != "json_sha256"}
    digest = hashlib.sha256((json.dumps(facts, indent=2, sort_keys=True) + "\n").encode()).hexdigest()
    return (json.dumps(facts | {"json_sha256": digest}, indent=2, sort_keys=True) + "\n").encode()


def write(folder: Path, weights: bytes, **changes: Any) -> None:
    """Write both files, every SHA-256 right: of what they hold, not of what they should hold."""
    facts = (
        json.loads(to_files(stored())[FACTS]) | {"safetensors_sha256": hashlib.sha256(weights).hexdigest()} | changes
    )
    (folder / WEIGHTS).write_bytes(weights)
    (folder / FACTS).write_bytes(seal(facts))


FILES = to_files(stored())


def outcome(files: dict[str, bytes]) -> StoredNetwork | None:
    """The network that `load` finds, None when it refuses; anything else than that is an error."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        try:
            return load(folder)
        except NetworkFileError:
            return None


def good_tensors() -> Tensors:
    return dict(safetensors.numpy.load(to_files(stored())[WEIGHTS]))


def test_the_files_of_these_tests_are_good_before_they_are_damaged(tmp_path: Path) -> None:
    write(tmp_path, safetensors.numpy.save(good_tensors()))
    assert same(load(tmp_path), stored())


def test_a_missing_folder_or_file(tmp_path: Path) -> None:
    assert "no such file or folder; expected a folder with network.safetensors and" in refusal(tmp_path / "nowhere")
    assert "No such file" in refusal(tmp_path, tmp_path / FACTS)
    save(stored(), tmp_path)
    (tmp_path / WEIGHTS).unlink()
    assert "No such file" in refusal(tmp_path / FACTS, tmp_path / WEIGHTS)
    assert "expected network.safetensors and network.json side by side" in refusal(tmp_path, tmp_path / WEIGHTS)
    assert "Copy both files again" in refusal(tmp_path, tmp_path / WEIGHTS)


def test_a_folder_where_a_file_should_be(tmp_path: Path) -> None:
    (tmp_path / FACTS).mkdir()
    assert "Is a directory" in refusal(tmp_path, tmp_path / FACTS)


class Bomb:
    """Unpickling it leaves a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    trace, data = tmp_path / "trace", pickle.dumps(Bomb(tmp_path / "trace"))
    (tmp_path / "model.pt").write_bytes(data)
    assert "found a file named 'model.pt'; expected a folder" in refusal(tmp_path / "model.pt")
    assert "a pickle, as torch.save writes it, is never opened" in refusal(tmp_path / "model.pt")
    save(stored(), tmp_path)
    (tmp_path / WEIGHTS).write_bytes(data)
    assert "found SHA-256" in refusal(tmp_path, tmp_path / WEIGHTS)
    write(tmp_path, data)
    assert r"beginning with b'\x80\x04" in refusal(tmp_path, tmp_path / WEIGHTS)
    assert "is never opened" in refusal(tmp_path, tmp_path / WEIGHTS)
    assert not trace.exists()
    pickle.loads(data)
    assert trace.exists()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no JSON"),
        (b"\xff{}", "no JSON ('utf-8' codec can't decode"),
        (b'{"format": ', "no JSON (Expecting value"),
        (b"[" * 100_000, "no JSON (maximum recursion depth"),
        (b"9" * 5_000, "no JSON (Exceeds the limit"),
        (b'{"length": 1, "length": 2}', "no JSON ('length' stands twice in one object)"),
        (b"[1, 2]", "found [1, 2] as format, which is something else; expected 'mips network'"),
        (b"{}", "found None as format, which is something else; expected 'mips network'"),
        (b'{"format": "pt"}', "found 'pt' as format, which is something else; expected 'mips network'"),
    ],
)
def test_json_that_is_none_or_of_something_else(data: bytes, reason: str, tmp_path: Path) -> None:
    save(stored(), tmp_path)
    (tmp_path / FACTS).write_bytes(data)
    assert reason in refusal(tmp_path, tmp_path / FACTS)
    assert "Save it again with mips.save" in refusal(tmp_path, tmp_path / FACTS)


def changed(name: str, value: Any) -> bytes:
    """The JSON of a good network, with another value in a field; `...` takes the field away."""
    facts = json.loads(to_files(stored())[FACTS])
    *path, last = name.split(".")
    place = facts
    for key in path:
        place = place[key]
    place[last] = value
    if value is ...:
        del place[last]
    return seal(facts)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("version", 2, "found 2 as version, which is something else; expected 1"),
        ("version", ..., "found None as version, which is something else; expected 1"),
        ("version", True, "found True as version, which is something else; expected 1"),
        ("activation", "tanh", "found 'tanh' as activation, which is something else; expected 'ReLU between"),
        ("recurrence", ..., "found None as recurrence"),
        ("inputs", ..., "found None as inputs.low; expected a value of type int"),
        ("inputs", 3, "found None as inputs.low; expected a value of type int"),
        ("inputs.high", ..., "found None as inputs.high; expected a value of type int"),
        ("inputs.low", "0", "found '0' as inputs.low; expected a value of type int"),
        ("inputs.width", 1.0, "found 1.0 as inputs.width; expected a value of type int"),
        ("length", ..., "found None as length; expected a value of type int"),
        ("length", True, "found True as length; expected a value of type int"),
        ("about", ["x"], "found ['x'] as about; expected a value of type dict"),
        ("sizes.cell", {"x": 1}, "found {'x': 1} as sizes.cell; expected a value of type list"),
        ("sizes.cell", [[5, 4], [4, "3"]], "found [4, '3'] in sizes; expected the shape of a layer, two ints above 0"),
        ("sizes.cell", [[5, 4], 3], "found 3 in sizes; expected the shape of a layer"),
        ("sizes.readout", [[3, 2, 1]], "found [3, 2, 1] in sizes; expected the shape of a layer"),
        ("sizes.readout", [[3, 0]], "found [3, 0] in sizes; expected the shape of a layer"),
        ("sizes.hidden", 4, "found {'cell': [[5, 4], [4, 3]], 'hidden': 4, "),
        ("sizes.inputs", ..., "as 'sizes'; expected {'cell': [[5, 4], [4, 3]], 'hidden': 3, 'inputs': 2, "),
        ("sizes.outputs", 2.0, "as 'json_sha256'; expected"),
        ("safetensors_sha256", 5, "found 5 as safetensors_sha256; expected a value of type str"),
        ("safetensors_sha256", ..., "found None as safetensors_sha256; expected a value of type str"),
        ("further", 1, "found 1 as 'further'; expected 'nothing'"),
        ("inputs.low", 3, "found the inputs integers(3, 2, width=2); the range is empty, expected low <= high"),
        ("inputs.width", 1, "found the inputs integers(-1, 2); expected width 2, as the network"),
        ("length", 0, "found length 0; expected an int of at least 1"),
        ("about", {"x": float("nan")}, "found in about what JSON cannot hold (Out of range"),
    ],
)
def test_a_field_that_is_wrong(name: str, value: Any, reason: str, tmp_path: Path) -> None:
    save(stored(), tmp_path)
    (tmp_path / FACTS).write_bytes(changed(name, value))
    assert reason in refusal(tmp_path, tmp_path / FACTS)


@pytest.mark.parametrize(("name", "value"), [("length", 8), ("inputs.high", 3), ("about.seed", 1)])
def test_a_fact_that_was_changed_by_hand(name: str, value: Any, tmp_path: Path) -> None:
    save(stored(), tmp_path)
    before, after = json.loads((tmp_path / FACTS).read_text()), json.loads(changed(name, value))
    (tmp_path / FACTS).write_text(json.dumps(after | {"json_sha256": before["json_sha256"]}))
    text = refusal(tmp_path, tmp_path / FACTS)
    assert before["json_sha256"][:12] in text and "as 'json_sha256'; expected" in text and "Copy both files" in text


def test_layout_of_the_json_does_not_matter(tmp_path: Path) -> None:
    save(stored(), tmp_path)
    (tmp_path / FACTS).write_text(json.dumps(json.loads((tmp_path / FACTS).read_text())))
    assert same(load(tmp_path), stored())


def test_facts_deep_inside_each_other_are_refused() -> None:
    """Whichever of reading, writing and comparing them is the first that Python's stack is too small for."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 200)
    try:
        for depth in range(80, 240):
            text = FILES[FACTS].replace(b'"seed": 0', b'"seed": ' + b"[" * depth + b"]" * depth)
            assert outcome(FILES | {FACTS: text}) is None
    finally:
        sys.setrecursionlimit(before)


def test_files_of_two_networks(tmp_path: Path) -> None:
    save(stored(0), tmp_path)
    (tmp_path / WEIGHTS).write_bytes(to_files(stored(1))[WEIGHTS])
    found = hashlib.sha256(to_files(stored(1))[WEIGHTS]).hexdigest()
    expected = hashlib.sha256(to_files(stored(0))[WEIGHTS]).hexdigest()
    text = refusal(tmp_path, tmp_path / WEIGHTS)
    assert f"found SHA-256 {found}; expected '{expected[:12]}" in text
    assert "as network.json has it. Copy both files again from one save" in text


def header(**tensors: Any) -> bytes:
    text = json.dumps(tensors).encode()
    return struct.pack("<Q", len(text)) + text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "header too small"),
        (b"PK\x03\x04" + bytes(100), r"beginning with b'PK\x03\x04"),
        (struct.pack("<Q", 2**62) + b"{}", "header too large"),
        (struct.pack("<Q", 99_000_000) + b"{}", "invalid header length"),
        (header(a={"dtype": "F64", "shape": [2**30, 2**20], "data_offsets": [0, 2**53]}), "not fully covered"),
        (header(a={"dtype": "F64", "shape": [2**60, 2**60], "data_offsets": [0, 8]}) + bytes(8), "overflow"),
        (header(a={"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}) + bytes(7), "not fully covered"),
        (header(a={"dtype": "F65", "shape": [1], "data_offsets": [0, 8]}) + bytes(8), "F65"),
        (header(), "found 'nothing' as 'cell.0.bias'; expected 'F64 [4]'"),
        (header(a={"dtype": "F64", "shape": [0, 2**62], "data_offsets": [0, 0]}), "as 'a'; expected 'nothing'"),
    ],
)
def test_weights_that_are_no_safetensors(data: bytes, reason: str, tmp_path: Path) -> None:
    write(tmp_path, data)
    assert reason in refusal(tmp_path, tmp_path / WEIGHTS)


def test_huge_sizes_are_compared_and_not_allocated(tmp_path: Path) -> None:
    for size in (2**40, 10**30):
        sizes = {"hidden": 3, "inputs": size, "outputs": 2, "cell": [[size, 4], [4, 3]], "readout": [[3, 2]]}
        write(tmp_path, to_files(stored())[WEIGHTS], sizes=sizes)
        assert "found 'F64 [5, 4]' as 'cell.0.weight'; expected 'F64 [1" in refusal(tmp_path, tmp_path / WEIGHTS)


def without(tensors: Tensors) -> None:
    del tensors["cell.1.bias"]


def extra(tensors: Tensors) -> None:
    tensors["cell.2.weight"] = np.ones((3, 3))


def narrow(tensors: Tensors) -> None:
    tensors["cell.1.weight"] = tensors["cell.1.weight"].astype(np.float32)


def turned(tensors: Tensors) -> None:
    tensors["cell.1.weight"] = np.ascontiguousarray(tensors["cell.1.weight"].T)


def flat(tensors: Tensors) -> None:
    tensors["readout.0.bias"] = tensors["readout.0.bias"].reshape(1, 2)


def infinite(number: float) -> Callable[[Tensors], None]:
    def change(tensors: Tensors) -> None:
        tensors["readout.0.weight"] = np.array([[1, 2], [3, number], [5, 6]], dtype=np.float64)

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (without, "found 'nothing' as 'cell.1.bias'; expected 'F64 [3]'"),
        (extra, "found 'F64 [3, 3]' as 'cell.2.weight'; expected 'nothing'"),
        (narrow, "found 'F32 [4, 3]' as 'cell.1.weight'; expected 'F64 [4, 3]'"),
        (turned, "found 'F64 [3, 4]' as 'cell.1.weight'; expected 'F64 [4, 3]'"),
        (flat, "found 'F64 [1, 2]' as 'readout.0.bias'; expected 'F64 [2]'"),
        (infinite(np.nan), "found [nan] in readout.0.weight; expected finite numbers"),
        (infinite(np.inf), "found [inf] in readout.0.weight; expected finite numbers"),
        (infinite(-np.inf), "found [-inf] in readout.0.weight; expected finite numbers"),
    ],
)
def test_tensors_that_are_wrong(change: Callable[[Tensors], None], reason: str, tmp_path: Path) -> None:
    tensors = good_tensors()
    change(tensors)
    write(tmp_path, safetensors.numpy.save(tensors))
    assert reason in refusal(tmp_path, tmp_path / WEIGHTS)


@pytest.mark.parametrize("dtype", ["BF16", "F8_E4M3", "C64", "I64"])
def test_types_of_number_that_numpy_does_not_know_are_named(dtype: str, tmp_path: Path) -> None:
    bytes_each = {"BF16": 2, "F8_E4M3": 1, "C64": 8, "I64": 8}[dtype]
    spec = {"dtype": dtype, "shape": [4], "data_offsets": [0, 4 * bytes_each]}
    write(tmp_path, header(**{"cell.0.bias": spec}) + bytes(4 * bytes_each))
    assert f"found '{dtype} [4]' as 'cell.0.bias'; expected 'F64 [4]'" in refusal(tmp_path, tmp_path / WEIGHTS)


@pytest.mark.parametrize(
    ("cell", "readout", "reason"),
    [
        ([[5, 4], [5, 3]], [[3, 2]], "layers of (5, 4) and (5, 3) do not fit together"),
        ([[3, 4], [4, 3]], [[3, 2]], "the cell must see its own hidden state and at least one input beside it"),
        ([[5, 3]], [[4, 2]], "the readout expects 4 values, not 3"),
        ([[5, 3]], [], "cell and readout need one layer each at least"),
        ([], [[3, 2]], "cell and readout need one layer each at least"),
    ],
)
def test_shapes_that_do_not_chain(cell: list[Any], readout: list[Any], reason: str, tmp_path: Path) -> None:
    tensors = {}
    for part, shapes in (("cell", cell), ("readout", readout)):
        for number, (rows, columns) in enumerate(shapes):
            tensors |= {f"{part}.{number}.weight": np.ones((rows, columns)), f"{part}.{number}.bias": np.ones(columns)}
    sizes = {"hidden": 3, "inputs": 2, "outputs": 2, "cell": cell, "readout": readout}
    write(tmp_path, safetensors.numpy.save(tensors), sizes=sizes)
    with pytest.raises(NetworkFileError) as caught:
        load(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / WEIGHTS}: ") and reason in str(caught.value)


# No damage goes unseen


@given(st.sampled_from([WEIGHTS, FACTS]), st.integers(0, 10**6), st.integers(1, 255))
def test_a_damaged_byte_is_seen_or_means_nothing(name: str, place: int, flip: int) -> None:
    data = bytearray(FILES[name])
    place %= len(data)
    data[place] ^= flip
    found = outcome(FILES | {name: bytes(data)})
    assert found is None or (to_files(found) == FILES and name == FACTS and data[place : place + 1].isspace())


@given(st.integers(0, 10**6), st.integers(1, 255))
def test_a_damaged_byte_under_a_right_sum_is_another_network_or_refused(place: int, flip: int) -> None:
    """Behind the sum, too, nothing but NetworkFileError comes out."""
    data = bytearray(FILES[WEIGHTS])
    data[place % len(data)] ^= flip
    facts = json.loads(FILES[FACTS]) | {"safetensors_sha256": hashlib.sha256(data).hexdigest()}
    found = outcome({WEIGHTS: bytes(data), FACTS: seal(facts)})
    assert found is None or to_files(found)[WEIGHTS] != FILES[WEIGHTS]


@given(st.sampled_from([WEIGHTS, FACTS]), st.integers(0, 10**6))
def test_half_a_file_is_refused(name: str, length: int) -> None:
    whole = FILES[name].rstrip(b"\n")
    assert outcome(FILES | {name: whole[: length % len(whole)]}) is None


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_are_refused(weights: bytes, facts: bytes) -> None:
    assert outcome({WEIGHTS: weights, FACTS: facts}) is None
