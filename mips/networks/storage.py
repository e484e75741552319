"""A trained network in two files: its weights as safetensors, all else as JSON. Nothing is ever unpickled."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from reprlib import repr as short
from typing import Any

import numpy as np
import safetensors.numpy

from mips.networks.encoding import encoded_width
from mips.networks.network import Floats, Layer, Network
from mips.tasks.alphabets import Alphabet, Integers, Product, Symbols, product, symbols
from mips.tasks.arguments import kind_of
from mips.tasks.cures import ALPHABETS, cure_for_alphabet

WEIGHTS, FACTS = "network.safetensors", "network.json"
CONVENTIONS = {
    "format": "mips network",
    "version": 1,
    "activation": "ReLU between neighbouring layers, none after the last; a layer is v @ weight + bias",
    "recurrence": "h(0) = 0, h(t) = cell(h(t-1) beside x(t)), y(t) = readout(h(t)) rounded to the nearest integers",
}
PARTS = ("cell", "readout")
FIELDS = {  # what is needed to read the weights; every other field follows
    **{
        "length": int,
        "sizes.cell": list,
        "sizes.readout": list,
        "safetensors_sha256": str,
        "about": dict,
    },
}
COPY = "Copy both files again from one save, or save the network again."
SAVE = "Save it again with mips.save of this release; a pickle, as torch.save writes it, is never opened."


class NetworkFileError(ValueError):
    """A file of a stored network is wrong: one line with the file, what was found, what was expected and a cure."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredNetwork:
    """A network and what is needed to use it: the alphabet of its inputs and the length of its training sequences.

    A network over names reads a place for each, or a one among zeros (`mips.networks.encoding`); its width tells.

    `about` are further facts, kept as JSON gives them back. Raises ValueError for what could not be loaded again:
    weights that are not finite, an initial state other than zero, inputs that do not fit the network, a length below 1,
    facts that JSON cannot hold; TypeError for what is no network or no range.
    """

    network: Network
    inputs: Alphabet
    length: int
    about: Mapping[str, Any]

    def __post_init__(self) -> None:
        if not isinstance(self.network, Network):
            raise TypeError(f"found {kind_of(self.network)} in the place of the network; expected a mips.Network")
        if not isinstance(self.inputs, Integers | Symbols | Product):
            cure = cure_for_alphabet(self.inputs)
            raise TypeError(f"found the inputs {short(self.inputs)}; expected {ALPHABETS}. {cure}".rstrip())
        tensors, width = _tensors(self.network), self.network.input_width
        _check_numbers(tensors)
        if self.network.initial.any():
            raise ValueError(f"found the initial state {short(self.network.initial.tolist())}; expected zeros")
        fits = width in (self.inputs.width, encoded_width(self.inputs))
        if fault := self.inputs.fault or (not fits and f"expected width {width}, as the network"):
            raise ValueError(f"found the inputs {self.inputs}; {fault}")
        if type(self.length) is not int or self.length < 1:
            raise ValueError(f"found length {self.length!r}; expected an int of at least 1")
        try:
            about = json.loads(_text(dict(self.about)))
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"found in about what JSON cannot hold ({error}); expected names and values") from error
        object.__setattr__(self, "about", about)


def to_files(stored: StoredNetwork) -> dict[str, bytes]:
    """Return the two files by name; equal weights with equal facts give equal bytes."""
    network, inputs = stored.network, stored.inputs
    weights = safetensors.numpy.save(_tensors(network))
    facts: dict[str, Any] = CONVENTIONS | {
        "sizes": {"hidden": network.hidden_size, "inputs": network.input_width, "outputs": network.output_width}
        | {part: [list(layer.weight.shape) for layer in getattr(network, part)] for part in PARTS},
        "inputs": _alphabet_facts(inputs, network.input_width),
        "length": stored.length,
        "about": stored.about,
        "safetensors_sha256": hashlib.sha256(weights).hexdigest(),
    }
    facts["json_sha256"] = hashlib.sha256(_text(facts).encode()).hexdigest()  # of the text without this field
    return {WEIGHTS: weights, FACTS: _text(facts).encode()}


def save(
    network: Network | StoredNetwork,
    folder: str | os.PathLike[str],
    *,
    inputs: Alphabet | None = None,
    length: int | None = None,
    about: Mapping[str, Any] | None = None,
) -> None:
    """Write a network into `folder`, which is made if need be, as the two files network.safetensors and network.json.

    A `mips.Network` needs two facts beside it: `inputs`, the alphabet, and `length`, how many symbols its
    training sequences had; `about` are further facts, as JSON has them. What `load` returned has these facts; they are
    replaced where they are given. Each file is replaced as a whole, so that a reader never sees half a file.

    Raises TypeError for what is no network or where a fact is missing, ValueError for what could not be loaded again
    (see StoredNetwork), OSError where the folder cannot be written.
    """
    if isinstance(network, StoredNetwork):
        given: dict[str, Any] = {"inputs": inputs, "length": length, "about": about}
        stored = replace(network, **{name: value for name, value in given.items() if value is not None})
    elif not isinstance(network, Network):
        raise TypeError(f"found {kind_of(network)} in the place of the network; expected a mips.Network")
    elif inputs is None or length is None:
        missing = "inputs" if inputs is None else "length"
        raise TypeError(f"found no {missing}= beside the network; expected inputs=integers(low, high) and length=")
    else:
        stored = StoredNetwork(network=network, inputs=inputs, length=length, about=about or {})
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, data in to_files(stored).items():
        draft = Path(folder) / f"{name}.part"
        draft.write_bytes(data)
        os.replace(draft, Path(folder) / name)


def load(place: str | os.PathLike[str]) -> StoredNetwork:
    """Return the network that `save` wrote into a folder; one of its two files may be named as well.

    The result goes into `mips.distil` as it is. It has the `network`, a `mips.Network`, with `inputs`, the range of one
    symbol, `length`, how many symbols its training sequences had, and `about`. Nothing is ever unpickled.

    Raises NetworkFileError, a ValueError, for files that are missing, damaged, foreign or of different networks: one
    line with the file, what was found, what was expected and the cure.
    """
    path = Path(place)
    folder = path if os.path.isdir(path) else path.parent
    if folder != path and path.name not in (WEIGHTS, FACTS):
        found = f"a file named {path.name!r}" if os.path.exists(path) else "no such file or folder"
        raise _wrong(path, f"found {found}; expected a folder with {WEIGHTS} and {FACTS}, or one of the two", SAVE)
    facts = _read_facts(folder / FACTS)
    inputs = _alphabet(folder / FACTS, facts.get("inputs"))
    network = _read_network(folder / WEIGHTS, facts)
    try:
        stored = StoredNetwork(network=network, inputs=inputs, length=facts["length"], about=facts["about"])
        expected = json.loads(to_files(stored)[FACTS])
    except (ValueError, RecursionError) as error:
        raise _wrong(folder / FACTS, str(error)) from error
    _check_same(folder / FACTS, facts, expected)
    return stored


def _read_facts(path: Path) -> dict[str, Any]:
    """Return the JSON, when it is of this version and has the fields that are needed to read the weights."""
    data = _read(path)
    try:
        facts = json.loads(data.decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _wrong(path, f"found no JSON ({error}); expected what {WEIGHTS} is about", SAVE) from error
    for name, due in CONVENTIONS.items():
        value = facts.get(name) if isinstance(facts, dict) else facts
        if type(value) is not type(due) or value != due:
            raise _wrong(path, f"found {short(value)} as {name}, which is something else; expected {due!r}", SAVE)
    for name, kind in FIELDS.items():
        value = facts
        for key in name.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if type(value) is not kind:
            raise _wrong(path, f"found {short(value)} as {name}; expected a value of type {kind.__name__}")
    for shape in facts["sizes"]["cell"] + facts["sizes"]["readout"]:
        if type(shape) is not list or [type(n) is int and n > 0 for n in shape] != [True, True]:
            raise _wrong(path, f"found {short(shape)} in sizes; expected the shape of a layer, two ints above 0")
    checked: dict[str, Any] = facts
    return checked


def _alphabet_facts(alphabet: Alphabet, width: int) -> dict[str, Any]:
    """Return an alphabet as JSON has it; where names are in it, with how a network of such a width reads them."""
    if isinstance(alphabet, Integers):
        return {"low": alphabet.low, "high": alphabet.high, "width": alphabet.width}
    factors = alphabet.factors if isinstance(alphabet, Product) else (alphabet,)
    parts = [_alphabet_facts(one, 0) if isinstance(one, Integers) else {"names": [*one.names]} for one in factors]
    known = {"product": parts} if isinstance(alphabet, Product) else parts[0]
    return known | {"encode": "number" if width == alphabet.width else "one-hot"}


def _alphabet(path: Path, facts: Any) -> Alphabet:
    """Return the alphabet that `_alphabet_facts` made facts of."""
    try:
        if isinstance(facts, dict) and "product" in facts:
            return product(*(_factor(path, one) for one in facts["product"]))
        return _factor(path, facts)
    except (TypeError, ValueError, AttributeError) as error:
        raise error if isinstance(error, NetworkFileError) else _wrong(path, f"{error} (inputs)") from error


def _factor(path: Path, facts: Any) -> Integers | Symbols:
    facts = facts if isinstance(facts, dict) else {}
    if "names" in facts:
        return symbols(list(facts["names"]))
    for name in ("low", "high", "width"):
        if type(value := facts.get(name)) is not int:
            raise _wrong(path, f"found {short(value)} as inputs.{name}; expected a value of type int")
    return Integers(*(facts[name] for name in ("low", "high", "width")))


def _read_network(path: Path, facts: Mapping[str, Any]) -> Network:
    """Return the network of the tensors in a file, when they are those that `facts` announces."""
    data, announced = _read(path), facts["safetensors_sha256"]
    if (digest := hashlib.sha256(data).hexdigest()) != announced:
        raise _wrong(path, f"found SHA-256 {digest}; expected {short(announced)}, as {FACTS} has it")
    try:
        tensors = dict(safetensors.deserialize(data))
    except safetensors.SafetensorError as error:
        raise _wrong(path, f"found {error}, beginning with {data[:9]!r}; expected safetensors", SAVE) from error
    shapes: dict[str, list[int]] = {}
    for part in PARTS:
        for number, shape in enumerate(facts["sizes"][part]):
            shapes |= {f"{part}.{number}.weight": shape, f"{part}.{number}.bias": shape[1:]}
    found = {name: f"{tensor['dtype']} {tensor['shape']}" for name, tensor in tensors.items()}
    _check_same(path, found, {name: f"F64 {shape}" for name, shape in shapes.items()})
    arrays = {name: np.frombuffer(tensors[name]["data"], "<f8").reshape(shape) for name, shape in shapes.items()}
    try:
        _check_numbers(arrays)
        return _network(arrays)
    except ValueError as error:
        raise _wrong(path, str(error)) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object as a dictionary; of two values under one key, readers would take different ones."""
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"{short(key)} stands twice in one object")
    return dict(pairs)


def _check_same(path: Path, found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    for name in sorted(found.keys() | expected.keys(), key=lambda name: (name == "json_sha256", name)):
        if (actual := found.get(name, "nothing")) != (due := expected.get(name, "nothing")):
            raise _wrong(path, f"found {short(actual)} as {short(name)}; expected {short(due)}")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise _wrong(path, f"found nothing to read ({error}); expected {WEIGHTS} and {FACTS} side by side") from error


def _tensors(network: Network) -> dict[str, Floats]:
    """Return the weights by name. safetensors writes memory as it lies: by rows, as a Layer keeps its numbers."""
    return {
        f"{part}.{number}.{kind}": getattr(layer, kind)
        for part in PARTS
        for number, layer in enumerate(getattr(network, part))
        for kind in ("weight", "bias")
    }


def _network(tensors: Mapping[str, Floats]) -> Network:
    """Return the network of weights by name, which come in the order of `_tensors`."""
    arrays = {part: [array for name, array in tensors.items() if name.startswith(part)] for part in PARTS}
    pairs = {part: zip(found[::2], found[1::2], strict=True) for part, found in arrays.items()}
    cell, readout = (tuple(Layer(weight=w, bias=b) for w, b in pairs[part]) for part in PARTS)
    return Network(cell=cell, readout=readout)


def _check_numbers(tensors: Mapping[str, Floats]) -> None:
    for name, tensor in tensors.items():
        if odd := tensor[~np.isfinite(tensor)].tolist() if tensor.size else "no numbers":
            raise ValueError(f"found {short(odd)} in {name}; expected finite numbers, one at least")


def _text(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, indent=2, sort_keys=True, allow_nan=False) + "\n"


def _wrong(path: Path, problem: str, cure: str = COPY) -> NetworkFileError:
    return NetworkFileError(f"{path}: {' '.join(problem.split())}. {cure}")
