"""A folder that holds one trained network of any kind: what `mips.save` wrote, an ONNX file, or weights of torch.

Beside an ONNX file or weights may lie `network.json`, which says how they are read: see FIELDS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mips.networks.foreign.adapter import ForeignNetwork
from mips.networks.foreign.decoding import ARGMAX
from mips.networks.foreign.encoding import INDEX, ONE_HOT
from mips.networks.foreign.errors import wrong
from mips.networks.foreign.onnx import from_onnx
from mips.networks.foreign.state_dict import from_state_dict
from mips.networks.storage import CONVENTIONS, FACTS, WEIGHTS, StoredNetwork, load
from mips.tasks.alphabets import Symbols
from mips.tasks.cures import told

SUFFIXES = (".onnx", ".pt", ".pth", ".safetensors")
KINDS = f"{WEIGHTS} and {FACTS} of mips.save, or one file {', '.join(SUFFIXES)} with a {FACTS} that says how to read it"
FIELDS: Mapping[str, tuple[tuple[type, ...], str]] = {  # of network.json beside such a file -> types, what is expected
    "file": ((str,), "the name of a file in this folder"),
    "cell": ((str,), "tanh, relu, gru or lstm"),
    "head": ((str,), "the prefix of the weights of the layer after the cells"),
    "embedding": ((str,), "the prefix of the weights of the embedding"),
    "encode": ((str,), "number, one-hot or index"),
    "decode": ((str,), "round, argmax, sign or threshold"),
    "threshold": ((int, float), "a number"),
    "symbols": ((list,), "all symbols in the order in which the network counts them"),
    "outputs": ((list,), "what each class stands for: ints, lists of ints, or names"),
    "about": ((dict,), "further facts"),
    "$schema": ((str,), "the address of a schema"),
}
OF_WEIGHTS = ("cell", "head", "embedding")  # fields that an ONNX file has no use for


def network_files(folder: Path) -> tuple[Path, ...]:
    """Return the files of a folder that its network is read from, none where it holds no network.

    Raises ForeignNetworkError where several files could be meant, or `network.json` cannot be read.
    """
    if not folder.is_dir():
        return ()
    facts = _facts(folder)
    if facts is not None and _is_our_own(facts):
        return tuple(folder / name for name in (FACTS, WEIGHTS) if (folder / name).is_file())
    file = _weights(folder, _checked(facts or {}, folder / FACTS))
    if file is None:
        return ()
    beside = [path for path in folder.glob(f"{_literal(file.name)}*") if path.is_file()]  # ONNX keeps large weights so
    return (*([] if facts is None else [folder / FACTS]), *sorted(beside))


def read_network(folder: Path, *, outputs: Symbols | None = None) -> StoredNetwork | ForeignNetwork:
    """Return the network in a folder. Nothing is ever unpickled.

    `outputs` are the names of the answers 0, 1, ... that are expected, where they have names.

    Raises NetworkFileError or ForeignNetworkError, both ValueErrors of one line: for a folder without a network, and
    for files that cannot be read or that say too little.
    """
    facts = _facts(folder) if folder.is_dir() else None
    if facts is not None and _is_our_own(facts):
        return load(folder)
    reading = _checked(facts or {}, folder / FACTS)
    file = _weights(folder, reading)
    if file is None:
        raise wrong(f"no network in {folder}", KINDS)
    options: dict[str, Any] = {name: reading[name] for name in ("encode", "decode", "threshold") if name in reading}
    if "symbols" in reading:
        options["encode"] = _by_place(reading["symbols"], reading.get("encode"), folder / FACTS)
    if "outputs" in reading:
        options["decode"] = _by_class(reading["outputs"], reading.get("decode"), outputs, folder / FACTS)
    cells = {name: reading[name] for name in OF_WEIGHTS if name in reading}
    if file.suffix != ".onnx":
        return from_state_dict(file, **cells, **options)
    if cells:
        raise wrong(f"{', '.join(cells)} in {folder / FACTS}", f"no such field beside {file.name}", "leave it out")
    return from_onnx(file, **options)


def _facts(folder: Path) -> dict[str, Any] | None:
    """Return what `network.json` says, None where there is no such file."""
    path = folder / FACTS
    if not path.is_file():
        return None
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise wrong(f"no JSON in {path} ({error})", "an object with fields such as cell, encode and decode") from error
    if not isinstance(facts, dict):
        raise wrong(f"{told(facts)} in {path}", "an object with fields such as cell, encode and decode")
    return facts


def _is_our_own(facts: Mapping[str, Any]) -> bool:
    return facts.get("format") == CONVENTIONS["format"]


def _checked(facts: dict[str, Any], path: Path) -> dict[str, Any]:
    for name, value in facts.items():
        if name not in FIELDS:
            raise wrong(f"the field {told(name)} in {path}", f"no more than {', '.join(FIELDS)}")
        types, expected = FIELDS[name]
        if not isinstance(value, types) or isinstance(value, bool) or value == []:
            raise wrong(f"{told(value)} as {name} in {path}", expected)
    return facts


def _weights(folder: Path, facts: Mapping[str, Any]) -> Path | None:
    """Return the file that a folder's network is in."""
    if not folder.is_dir():
        return None
    named = facts.get("file")
    if named is not None:
        file = folder / str(named)
        if Path(str(named)).name != named or not file.is_file() or file.suffix not in SUFFIXES:
            raise wrong(
                f"{told(named)} as file in {folder / FACTS}",
                f"the name of a file {', '.join(SUFFIXES)} in this folder",
            )
        return file
    found = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and path.is_file())
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise wrong(f"several files in {folder}: {names}", "one network", f"name one as file in {FACTS}")
    return found[0] if found else None


def _by_place(symbols: Sequence[Any], encode: str | None, path: Path) -> Callable[[Any], Any]:
    """Return the encoder of a symbol whose place is that in a list, one-hot or as an index."""
    if encode not in (ONE_HOT, INDEX):
        raise wrong(f"encode {told(encode)} beside symbols in {path}", f"{ONE_HOT} or {INDEX}")
    order = [_frozen(symbol) for symbol in symbols]
    if len({*map(str, order)}) < len(order):
        raise wrong(f"a symbol twice among symbols in {path}", "each once")

    def encoded(symbol: Any) -> Any:
        if symbol not in order:
            raise wrong(f"the symbol {told(symbol)}, which is not among symbols in {path}", f"one of {told(order)}")
        place = order.index(symbol)
        return place if encode == INDEX else np.eye(len(order))[place]

    return encoded


def _by_class(values: Sequence[Any], decode: str | None, names: Symbols | None, path: Path) -> Callable[[Any], Any]:
    """Return the decoder of classes, of which the largest output is taken, into what each class stands for."""
    if decode not in (None, ARGMAX):
        raise wrong(f"decode {told(decode)} beside outputs in {path}", f"{ARGMAX}, or outputs left out")
    if all(isinstance(value, str) for value in values):
        known = list(names.names if names is not None else values)
        if unknown := [value for value in values if value not in known]:
            raise wrong(f"{told(unknown[0])} among outputs in {path}", f"one of {', '.join(known)}")
        values = [known.index(value) for value in values]
    rows = [value if isinstance(value, list) else [value] for value in values]
    if any(type(number) is not int for row in rows for number in row) or len({len(row) for row in rows}) > 1:
        raise wrong(f"{told(list(values))} as outputs in {path}", FIELDS["outputs"][1])
    table = np.array(rows, dtype=np.int64)

    def decoded(outputs: Any) -> Any:
        if outputs.shape[1] != len(table):
            raise wrong(f"{len(table)} outputs in {path}", f"{outputs.shape[1]}, one for each output of the network")
        return table[outputs.argmax(axis=1)]

    return decoded


def _frozen(symbol: Any) -> Any:
    return tuple(symbol) if isinstance(symbol, list) else symbol


def _literal(name: str) -> str:
    """Return a name as a pattern that matches it alone."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
