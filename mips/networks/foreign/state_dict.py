"""Networks from a state_dict, by the names that torch gives to weights; no pickle is run."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mips.networks.foreign.adapter import ForeignNetwork, adapted
from mips.networks.foreign.decoding import Decode
from mips.networks.foreign.encoding import Array, Encode, Takes
from mips.networks.foreign.errors import said, wrong
from mips.networks.foreign.weights import GATES, CellLayer, NumpyCells
from mips.tasks.alphabets import Alphabet
from mips.tasks.arguments import kind_of
from mips.tasks.cures import told

CELL_WEIGHT = re.compile(
    r"^(?P<prefix>.*?)(?P<kind>weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)(?:_l(?P<layer>\d+))?"
    r"(?P<reverse>_reverse)?$"
)
KINDS = {"rnn": "tanh", "elman": "tanh", **{kind: kind for kind in GATES}}  # names of cells, in small letters


def from_state_dict(
    weights: Mapping[str, Any] | str | os.PathLike[str],
    *,
    cell: str | None = None,
    head: str | None = None,
    embedding: str | None = None,
    encode: Encode = None,
    decode: Decode = None,
    threshold: float | None = None,
    inputs: Alphabet | None = None,
) -> ForeignNetwork:
    """Return a recurrent network from its weights alone; it runs in NumPy.

    `weights` maps the names that torch gives (`rnn.weight_ih_l0`, `fc.weight`, ..., with any prefix, or none) to arrays
    or tensors; or it is a file of such a mapping, `.safetensors`, or `.pt` as `torch.save(module.state_dict(), file)`
    writes it, which torch reads without running the pickle. `cell` is `tanh` (also `rnn`), `relu`, `gru` or `lstm`; the
    last two are told from the sizes. `head` and `embedding` are the prefixes of the linear layer after the cells and of
    the embedding before them, where these cannot be told from names and sizes. `encode`, `decode`, `threshold` and
    `inputs` are as for `mips.from_torch`.

    Raises ForeignNetworkError for a file that cannot be read or that holds a pickled module, for weights that are
    missing, left over, of sizes that do not fit, no numbers, or of a bidirectional network; TypeError for all else.
    """
    tensors = {name: _array(name, value) for name, value in _mapping(weights).items()}
    parts: dict[tuple[int, str], tuple[str, Array]] = {}
    rest: dict[str, Array] = {}
    prefixes = set()
    for name, value in tensors.items():
        match = CELL_WEIGHT.match(name)
        if match is None:
            rest[name] = value
            continue
        if match["reverse"]:
            raise wrong(
                f"{name}, of a bidirectional network",
                "one that answers before the next symbol comes",
                "train one with bidirectional=False",
            )
        prefixes.add(match["prefix"])
        parts[int(match["layer"] or 0), match["kind"]] = name, value
    if not parts or len(prefixes) > 1:
        found = (
            f"weights named {told(sorted(tensors))}" if not parts else f"several recurrent parts, {sorted(prefixes)}"
        )
        raise wrong(found, "those of one recurrent module, such as rnn.weight_ih_l0 and rnn.weight_hh_l0")
    depth = 1 + max(layer for layer, _ in parts)
    kind, layers = _layers(parts, depth, cell)
    size, hidden = layers[0].inputs.shape[1], layers[-1].size
    table = _embedding(rest, size, hidden, embedding, head)
    linear = _head(rest, hidden, head)
    if rest:
        raise wrong(
            f"weights that have no place, {told(sorted(rest))}",
            "cells, one linear head and one embedding",
            "build the module in torch and give it to mips.from_torch",
        )
    takes = Takes(size=size) if table is None else Takes(rows=len(table), parts=size // table.shape[1])
    core = NumpyCells(kind=kind, layers=layers, takes=takes, head=linear, embedding=table)
    return adapted(core, encode=encode, decode=decode, threshold=threshold, inputs=inputs)


def _mapping(weights: Any) -> Mapping[str, Any]:
    """Return names and tensors, read from a file where one is given."""
    if isinstance(weights, str | os.PathLike):
        weights = _read(Path(weights))
    elif not isinstance(weights, Mapping):
        cure = " Write .state_dict() after it, or give it to mips.from_torch." if hasattr(weights, "state_dict") else ""
        raise TypeError(f"found {kind_of(weights)} in the place of the weights; expected a mapping or a file.{cure}")
    for key in ("state_dict", "model_state_dict", "model"):  # as checkpoints often have them
        if isinstance(weights.get(key), Mapping):
            weights = weights[key]
    return {str(name): value for name, value in weights.items()}


def _read(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        raise wrong(f"no file {path}", "a .safetensors or .pt file with a state_dict")
    if path.suffix == ".safetensors":
        import safetensors.numpy

        try:
            return dict(safetensors.numpy.load_file(path))
        except Exception as error:
            raise wrong(f"{path}, which is not read ({said(error)})", "a safetensors file of floats") from error
    import pickle

    import torch

    try:
        read = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, OSError, KeyError, AttributeError) as error:
        if "weights_only" in str(error) or "Unsupported" in str(error):
            raise wrong(
                f"a pickle of more than weights in {path}, such as a whole module, which is never run",
                "a state_dict",
                "where you trust the file, load the module yourself and give it to mips.from_torch,"
                " or keep torch.save(module.state_dict(), file)",
            ) from error
        raise wrong(f"{path}, which torch does not read ({said(error)})", "a file that torch.save wrote") from error
    if not isinstance(read, Mapping):
        raise wrong(f"{kind_of(read)} in {path}", "a state_dict", "torch.save(module.state_dict(), file)")
    return read


def _array(name: str, value: Any) -> Array:
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) in ("torch.bfloat16", "torch.float16") else value
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise wrong(f"{kind_of(value)} as {name}", "an array or tensor of numbers")
    if not np.isfinite(array).all():
        raise wrong(f"a weight in {name} that is {array[~np.isfinite(array)].flat[0]}", "finite numbers")
    return array


def _layers(
    parts: Mapping[tuple[int, str], tuple[str, Array]], depth: int, cell: str | None
) -> tuple[str, tuple[CellLayer, ...]]:
    """Return the kind of cell and the layers, when all sizes fit together."""
    for layer in range(depth):
        for part in ("weight_ih", "weight_hh"):
            if (layer, part) not in parts:
                raise wrong(f"no {part} of layer {layer}", f"weights of {depth} layers")
    projected = (0, "weight_hr") in parts
    hidden = parts[0, "weight_hr"][1].shape[1] if projected else parts[0, "weight_hh"][1].shape[1]
    rows = len(parts[0, "weight_ih"][1])
    fitting = [kind for kind, gates in GATES.items() if rows == gates * hidden]
    name = parts[0, "weight_ih"][0]
    if cell is not None and (not isinstance(cell, str) or cell.lower() not in KINDS):
        raise wrong(f"cell={told(cell)}", f"one of {', '.join(sorted(KINDS))}")
    if not fitting or (cell and KINDS[cell.lower()] not in fitting):
        raise wrong(
            f"{rows} rows in {name} for a hidden state of {hidden}" + (f" and cell={cell!r}" if cell else ""),
            "as many for a tanh or relu cell, 3 times as many for gru, 4 times for lstm",
            f"it is {' or '.join(fitting)}" if fitting else "",
        )
    if cell is None and len(fitting) > 1:
        raise wrong(f"weights of a cell of one gate ({name})", "cell= to say which", "cell='tanh' or cell='relu'")
    kind = KINDS[cell.lower()] if cell else fitting[0]
    layers: list[CellLayer] = []
    for number in range(depth):
        own = {part: value for (at, part), (_, value) in parts.items() if at == number}
        zeros = np.zeros(rows, dtype=own["weight_ih"].dtype)
        made = CellLayer(
            inputs=own["weight_ih"],
            hidden=own["weight_hh"],
            input_bias=own.get("bias_ih", zeros),
            hidden_bias=own.get("bias_hh", zeros),
            projection=own.get("weight_hr"),
        )
        below = layers[-1].size if layers else made.inputs.shape[-1]
        state = layers[-1].size if layers else made.hidden.shape[-1]
        due = {
            "weight_ih": (rows, below),
            "weight_hh": (rows, state),
            "bias_ih": (rows,),
            "bias_hh": (rows,),
            "weight_hr": (state, hidden),
        }
        for part, value in own.items():
            if value.shape != due[part]:
                raise wrong(f"{parts[number, part][0]} of shape {value.shape}", f"{due[part]}, as the other weights")
        layers.append(made)
    return kind, tuple(layers)


def _embedding(rest: dict[str, Array], size: int, hidden: int, prefix: str | None, head: str | None) -> Array | None:
    """Take the embedding out of the weights that are left and return it (rows, n), or None where there is none.

    Where nothing is said it is the matrix without bias that is called so, or that cannot be the head.
    """
    if prefix is not None:
        name = f"{prefix.removesuffix('.weight').removesuffix('.')}.weight"
        if name not in rest:
            raise wrong(f"no {name} among {told(sorted(rest))}", "the embedding named with embedding=")
    else:
        alone = [
            name
            for name, value in rest.items()
            if value.ndim == 2
            and name.endswith("weight")
            and f"{name.removesuffix('weight')}bias" not in rest
            and size % value.shape[1] == 0
            and not (head is not None and name.startswith(head))
        ]
        named = [name for name in alone if "emb" in name.lower()]
        candidates = named or [name for name in alone if rest[name].shape[1] != hidden]
        if not candidates:
            return None
        if len(candidates) > 1:
            raise wrong(f"several that may be the embedding, {candidates}", "embedding= to say which")
        name = candidates[0]
    table = rest.pop(name)
    if table.ndim != 2 or size % table.shape[1]:
        raise wrong(f"{name} of shape {table.shape}", f"an embedding into {size} numbers, what the cells read")
    return table


def _head(rest: dict[str, Array], hidden: int, prefix: str | None) -> tuple[Array, Array] | None:
    """Take the linear layer after the cells out of the weights that are left, or return None where there is none."""
    if prefix is not None:
        name = f"{prefix.removesuffix('.weight').removesuffix('.')}.weight"
        if name not in rest:
            raise wrong(f"no {name} among {told(sorted(rest))}", "the head named with head=")
    else:
        matrices = [name for name, value in rest.items() if value.ndim == 2]
        if not matrices:
            return None
        if len(matrices) > 1:
            raise wrong(
                f"several layers after the cells, {matrices}, and no activation between them in the file",
                "one linear head",
                "say head= where only one is used, or give the module to mips.from_torch",
            )
        name = matrices[0]
    weight = rest.pop(name)
    bias = rest.pop(f"{name.removesuffix('weight')}bias", np.zeros(len(weight), dtype=weight.dtype))
    if weight.ndim != 2 or weight.shape[1] != hidden or bias.shape != (len(weight),):
        raise wrong(
            f"{name} of shape {weight.shape} with a bias of {bias.shape}",
            f"a head that reads {hidden} numbers, the size of the hidden state",
        )
    return weight, bias
