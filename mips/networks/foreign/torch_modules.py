"""Modules of torch: recurrent ones are stepped by their own code, any other causal one is asked about words so far."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from mips.networks.foreign.adapter import ForeignNetwork, adapted
from mips.networks.foreign.decoding import Decode
from mips.networks.foreign.encoding import INDEX, Array, Encode, Takes
from mips.networks.foreign.errors import wrong
from mips.networks.foreign.whole_words import WholeWords
from mips.networks.network import Floats
from mips.tasks.alphabets import Alphabet
from mips.tasks.arguments import kind_of


def from_torch(
    module: Any,
    head: Any = None,
    *,
    embedding: Any = None,
    encode: Encode = None,
    decode: Decode = None,
    threshold: float | None = None,
    inputs: Alphabet | None = None,
) -> ForeignNetwork:
    """Return a module of torch as a network that `mips.distil` takes.

    `module` is an `nn.RNN`, `nn.GRU` or `nn.LSTM` of any number of layers, batch first or not, with or without biases
    and projections, or one of their cells; its first state is 0. `head` maps the last layer's hidden state
    (words, hidden) to outputs (words, m); without it the hidden state is the output. `embedding` maps indices to what
    the module reads. Any other module must map whole words (words, length, ...) to outputs (words, length, m), or to a
    tuple that begins with them, and be causal; its state is the word so far, and every answer is computed anew.

    `encode` says how symbols go in: `number`, `one-hot` (a block for each part of a symbol), `index`, or a function of
    one symbol. `decode` says how answers come out: `round`, `argmax`, `sign` (-1, 0, 1), `threshold` (1 above
    `threshold`, for each output), or a function of outputs (count, m). What is left out is told from the sizes, and
    from outputs on a few words, where one reading fits. `inputs` may be given here or to `distil`.

    The module is called without gradients and as it is: mode, device, dtype and hooks stay. Raises ForeignNetworkError
    for a bidirectional module, one with dropout or batch statistics left on, one that is not causal, a head or alphabet
    that does not fit, outputs that are no numbers, and where several readings fit; TypeError for what is no module.
    """
    import torch

    nn = torch.nn
    for name, value in (("module", module), ("head", head), ("embedding", embedding)):
        fits = isinstance(value, nn.Module) or (name != "module" and (value is None or callable(value)))
        if not fits or isinstance(value, type):
            call = "; call it" if isinstance(value, type) else ""
            raise TypeError(f"found {kind_of(value)} in the place of the {name}; expected a torch.nn.Module{call}")
    parts = [part for part in (module, head, embedding) if isinstance(part, nn.Module)]
    _refuse_training(torch, parts)
    _refuse_empty(torch, parts)
    module, embedding = (_safe(torch, part) for part in (module, embedding))
    core: Any
    if isinstance(module, nn.RNNBase | nn.RNNCellBase):
        core = _recurrent(torch, module, head, embedding)
    else:
        core = _on_words(torch, module, head, embedding, encode)
    return adapted(core, encode=encode, decode=decode, threshold=threshold, inputs=inputs)


def _refuse_training(torch: Any, parts: list[Any]) -> None:
    """Raise ForeignNetworkError when a part would drop numbers at random or keep statistics of what it is asked."""
    for part in parts:
        for name, inner in part.named_modules():
            if not inner.training:
                continue
            place = f"{type(inner).__name__}{f' ({name})' if name else ''}"
            rate = getattr(inner, "dropout", None) if not hasattr(inner, "p") else inner.p
            is_recurrent = isinstance(inner, torch.nn.RNNBase)
            drops = isinstance(
                inner, torch.nn.modules.dropout._DropoutNd | torch.nn.RNNBase | torch.nn.MultiheadAttention
            )
            if drops and isinstance(rate, int | float) and rate > 0 and not (is_recurrent and inner.num_layers == 1):
                raise wrong(
                    f"dropout={rate:g} left on in {place}, which is in training mode",
                    "one that answers alike always",
                    "call .eval() on it before",
                )
            if isinstance(inner, torch.nn.modules.batchnorm._BatchNorm):
                raise wrong(
                    f"{place} in training mode, whose statistics would change",
                    "a module in evaluation mode",
                    "call .eval() on it before",
                )


def _safe(torch: Any, part: Any) -> Any:
    """Return the part, or a copy where calling it would write into its weights (embeddings with max_norm)."""
    if not isinstance(part, torch.nn.Module):
        return part
    writes = any(getattr(inner, "max_norm", None) is not None for inner in part.modules())
    return copy.deepcopy(part) if writes else part


def _refuse_empty(torch: Any, parts: list[Any]) -> None:
    """Raise ForeignNetworkError when a part has weights without numbers."""
    for part in parts:
        for name, weight in part.named_parameters():
            if weight.is_meta or torch.nn.parameter.is_lazy(weight):
                raise wrong(
                    f"the weight {name} of {type(part).__name__} without numbers "
                    f"({'it is on the device meta' if weight.is_meta else 'its size is not known yet'})",
                    "a module that was trained",
                    "load its weights" if weight.is_meta else "call it on some symbols before",
                )


def _tensor(torch: Any, outputs: Any, whose: str) -> Any:
    """Return the tensor that a module returned: alone, first in a tuple or list, or as `logits`."""
    outputs = outputs[0] if isinstance(outputs, tuple | list) and outputs else outputs
    outputs = outputs.get("logits") if isinstance(outputs, dict) else getattr(outputs, "logits", outputs)
    if not isinstance(outputs, torch.Tensor) or outputs.is_complex():
        found = f"{outputs.dtype} numbers" if isinstance(outputs, torch.Tensor) else kind_of(outputs)
        raise wrong(
            f"outputs of {whose} that are {found}",
            "a tensor of real numbers, alone, first in a tuple, or named logits",
            "wrap it in a module that returns one",
        )
    return outputs


def _numbers(torch: Any, outputs: Any) -> Array:
    return np.asarray(_tensor(torch, outputs, "the module or its head").detach().cpu().double().numpy())


def _recurrent(torch: Any, module: Any, head: Any, embedding: Any) -> TorchCells:
    if getattr(module, "bidirectional", False):
        raise wrong(
            f"a bidirectional {type(module).__name__}, which reads a word from both ends",
            "one that answers before the next symbol comes",
            "train one with bidirectional=False",
        )
    size, hidden = module.input_size, getattr(module, "proj_size", 0) or module.hidden_size
    if isinstance(head, torch.nn.Linear) and head.in_features != hidden:
        raise wrong(f"a head that reads {head.in_features} numbers", f"{hidden}, the size of the hidden state")
    if embedding is None:
        takes = Takes(size=size)
    else:
        rows, wide = getattr(embedding, "num_embeddings", None), getattr(embedding, "embedding_dim", size)
        if size % wide:
            raise wrong(f"an embedding into {wide} numbers", f"{size} numbers, what the {type(module).__name__} reads")
        takes = Takes(rows=rows, parts=size // wide)
    for name, weight in module.named_parameters():
        if not torch.isfinite(weight).all():
            raise wrong(f"a weight in {name} that is {weight[~torch.isfinite(weight)][0].item()}", "finite numbers")
    return TorchCells(module=module, head=head, embedding=embedding, takes=takes)


def _on_words(torch: Any, module: Any, head: Any, embedding: Any, encode: Encode) -> WholeWords:
    """Return the core of a module on whole words; where it begins with an embedding it takes indices."""
    first = next((part for part in module.modules() if not any(True for _ in part.children())), module)
    table = embedding if embedding is not None else first if isinstance(first, torch.nn.Embedding) else None
    weight = next(iter([*module.parameters(), *module.buffers()]), torch.zeros(1))

    def call(words: Array) -> Array:
        with torch.no_grad():
            given = torch.as_tensor(words, device=weight.device)
            if words.dtype.kind == "f":
                given = given.to(weight.dtype if weight.is_floating_point() else torch.get_default_dtype())
            outputs = _tensor(torch, module(given if embedding is None else embedding(given)), "the module")
            return _numbers(torch, outputs if head is None else head(outputs))

    if table is not None or encode == INDEX:
        return WholeWords(call=call, takes=Takes(rows=getattr(table, "num_embeddings", None)))
    sizes = ("in_features", "in_channels", "input_size")
    found = (getattr(part, name, None) for part in module.modules() for name in sizes)
    size = next((number for number in found if isinstance(number, int)), None)
    if size is None:
        raise wrong(
            f"{kind_of(module)}, of which it cannot be told what it reads",
            "encode='index', or a module whose first layer says its size",
        )
    return WholeWords(call=call, takes=Takes(size=size))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TorchCells:
    """A recurrent module of torch or one of its cells; states are tensors (count, layers, hidden), of the module's type
    and on its device: one, or two for an LSTM."""

    module: Any
    head: Any
    embedding: Any
    takes: Takes

    def start(self, count: int) -> Any:
        """Return zeros, the first states that torch itself takes."""
        import torch

        weight = self._weight
        layers = getattr(self.module, "num_layers", 1)
        hidden = self.module.hidden_size
        top = getattr(self.module, "proj_size", 0) or hidden
        sizes = (top, hidden) if self._has_memory else (top,)
        states = tuple(torch.zeros(count, layers, size, dtype=weight.dtype, device=weight.device) for size in sizes)
        return states if self._has_memory else states[0]

    def step(self, states: Any, encoded: Array) -> Any:
        """Return the states after one more symbol."""
        import torch

        weight = self._weight
        with torch.no_grad():
            given = torch.as_tensor(encoded, device=weight.device)
            if self.embedding is None:
                given = given.to(weight.dtype)
            else:
                given = self.embedding(given)
                given = given.reshape(len(given), -1).to(weight.dtype)
            parts = states if self._has_memory else (states,)
            if isinstance(self.module, torch.nn.RNNCellBase):
                before = tuple(part[:, 0] for part in parts)
                after = self.module(given, before if self._has_memory else before[0])
                found = tuple(part[:, None] for part in (after if self._has_memory else (after,)))
            else:
                before = tuple(part.transpose(0, 1).contiguous() for part in parts)
                given = given[:, None] if self.module.batch_first else given[None]
                _, after = self.module(given, before if self._has_memory else before[0])
                found = tuple(part.transpose(0, 1) for part in (after if self._has_memory else (after,)))
        return found if self._has_memory else found[0]

    def read(self, states: Any) -> Floats:
        """Return what the head makes of the last layer's hidden state (count, m)."""
        import torch

        with torch.no_grad():
            hidden = (states[0] if self._has_memory else states)[:, -1]
            return _numbers(torch, hidden if self.head is None else self.head(hidden))

    @property
    def _weight(self) -> Any:
        return next(self.module.parameters())

    @property
    def _has_memory(self) -> bool:
        import torch

        return isinstance(self.module, torch.nn.LSTM | torch.nn.LSTMCell)
