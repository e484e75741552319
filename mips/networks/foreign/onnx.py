"""ONNX files as networks, run by onnxruntime: a graph of one step, or one on whole words."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mips.networks.foreign.adapter import ForeignNetwork, adapted
from mips.networks.foreign.decoding import Decode
from mips.networks.foreign.encoding import Array, Encode, Takes
from mips.networks.foreign.errors import said, wrong
from mips.networks.foreign.whole_words import WholeWords
from mips.networks.network import Floats
from mips.tasks.alphabets import Alphabet

TYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(float16)": np.float16,
}


def from_onnx(
    file: str | os.PathLike[str],
    *,
    encode: Encode = None,
    decode: Decode = None,
    threshold: float | None = None,
    inputs: Alphabet | None = None,
) -> ForeignNetwork:
    """Return the network in an ONNX file, run on the CPU by onnxruntime (`pip install mips[onnx]`).

    A graph with one input is one on whole words: (words, length) indices, or (words, length, n) numbers, to outputs
    (words, length, m), or all of these with length first; it must be causal. A graph with further inputs is one step:
    its first input is the symbol, (words,) or (words, n), or with an axis for one symbol beside that of the words; the
    others are states; its first output are the answers, the others the states after the step, in the order of the
    inputs. States begin at 0; one axis of each, the one that is not fixed, counts words. `encode`,
    `decode`, `threshold` and `inputs` are as for `mips.from_torch`.

    Raises ForeignNetworkError where onnxruntime is missing or cannot read the file, where a graph has another form, a
    fixed batch size, or looks ahead.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise wrong("no onnxruntime", "it beside mips", "pip install 'mips[onnx]'") from error
    path = Path(file)
    if not path.is_file():
        raise wrong(f"no file {path}", "an .onnx file")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # nothing is printed: what onnxruntime raises is said in the error
    options.intra_op_num_threads = 1  # networks this small gain nothing from threads
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise wrong(f"{path}, which onnxruntime does not read ({said(error)})", "an ONNX model") from error
    given, results = session.get_inputs(), session.get_outputs()
    for one in (*given, *results):
        if one.type not in TYPES:
            raise wrong(f"{one.name} of type {one.type} in {path}", f"one of {', '.join(TYPES)}")
    core: Any
    if len(given) == 1:
        core = _on_words(session, given[0], results[0])
    elif len(results) == len(given):
        core = _steps(session, given, results)
    else:
        raise wrong(
            f"a graph with {len(given)} inputs and {len(results)} outputs in {path}",
            "one input and one output on whole words, or a step with as many outputs as inputs: symbol and "
            "states in, answers and states out",
        )
    return adapted(core, encode=encode, decode=decode, threshold=threshold, inputs=inputs)


def _on_words(session: Any, given: Any, result: Any) -> WholeWords:
    kind, shape = TYPES[given.type], given.shape
    is_index = np.dtype(kind).kind == "i"
    if len(shape) != (2 if is_index else 3) or (not is_index and not isinstance(shape[2], int)):
        raise wrong(
            f"an input {given.name} of shape {shape} and type {given.type}",
            "(words, length) of integers or (words, length, n) of floats, n fixed",
        )
    if isinstance(shape[0], int) or isinstance(shape[1], int):
        raise wrong(
            f"an input {given.name} of the fixed shape {shape}",
            "free numbers of words and symbols",
            f"export it with dynamic_axes={{'{given.name}': {{0: 'words', 1: 'length'}}}}",
        )

    def call(words: Array) -> Array:
        return np.asarray(_run(session, [result.name], {given.name: words.astype(kind)})[0])

    return WholeWords(call=call, takes=Takes() if is_index else Takes(size=shape[2]))


def _steps(session: Any, given: list[Any], results: list[Any]) -> OnnxSteps:
    symbol, *states = given
    kind = TYPES[symbol.type]
    is_index = np.dtype(kind).kind == "i"
    size = None if is_index else symbol.shape[-1]
    before = symbol.shape if is_index else symbol.shape[:-1]
    if not is_index and not isinstance(size, int):
        raise wrong(f"an input {symbol.name} of shape {symbol.shape}", "a fixed number of numbers a symbol, last")
    open_axes = [axis for axis, count in enumerate(before) if not isinstance(count, int)]
    if not open_axes or any(isinstance(count, int) and count != 1 for count in before):
        raise wrong(
            f"an input {symbol.name} of the fixed shape {symbol.shape}",
            "a free number of words, and of every other axis but the last the size 1",
            f"export it with dynamic_axes={{'{symbol.name}': {{0: 'words'}}, ...}}, 1 where the length is first",
        )
    axes = []
    for state in states:
        free = [axis for axis, size in enumerate(state.shape) if not isinstance(size, int)]
        if len(free) != 1:
            raise wrong(
                f"a state {state.name} of shape {state.shape}",
                "one free axis, that of the words",
                f"export it with dynamic_axes={{'{state.name}': {{1: 'words'}}, ...}}",
            )
        axes.append(free[0])
    named = {state.shape[axis] for state, axis in zip(states, axes, strict=True)}
    return OnnxSteps(
        session=session,
        given=tuple(given),
        results=tuple(one.name for one in results),
        place=next((axis for axis in open_axes if before[axis] in named), open_axes[0]),
        axes=tuple(axes),
        takes=Takes(size=size),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OnnxSteps:
    """A core of a graph of one step; states are its states, their axis of words first, with the last outputs beside.

    Words are on axis `place` of the symbol and on the `axes` of the states.
    """

    session: Any
    given: tuple[Any, ...]
    results: tuple[str, ...]
    place: int
    axes: tuple[int, ...]
    takes: Takes

    def start(self, count: int) -> tuple[Array, ...]:
        """Return zeros."""
        found = []
        for state, axis in zip(self.given[1:], self.axes, strict=True):
            shape = [size for place, size in enumerate(state.shape) if place != axis]
            found.append(np.zeros((count, *shape), dtype=TYPES[state.type]))
        return (np.zeros((count, 1)), *found)

    def step(self, states: tuple[Array, ...], encoded: Array) -> tuple[Array, ...]:
        """Return the states after one more symbol."""
        symbol = self.given[0]
        shape = [1] * (len(symbol.shape) - (self.takes.size is not None))
        shape[self.place] = len(encoded)
        value = encoded.reshape(*shape, *encoded.shape[1:]).astype(TYPES[symbol.type])
        feed = {symbol.name: value}
        for state, axis, array in zip(self.given[1:], self.axes, states[1:], strict=True):
            feed[state.name] = np.ascontiguousarray(np.moveaxis(array, 0, axis))
        outputs, *after = _run(self.session, list(self.results), feed)
        moved = (np.moveaxis(array, axis, 0) for axis, array in zip(self.axes, after, strict=True))
        return (np.asarray(outputs, dtype=np.float64).reshape(len(encoded), -1), *moved)

    def read(self, states: tuple[Array, ...]) -> Floats:
        """Return the outputs (count, m) of the last step."""
        return states[0]


def _run(session: Any, names: list[str], feed: dict[str, Array]) -> list[Any]:
    """Return the outputs of the graph; what onnxruntime raises becomes a RuntimeError."""
    try:
        return list(session.run(names, feed))
    except Exception as error:
        node, _, reason = str(error).rpartition("Status Message:")  # before it stand a code and the name of the node
        raise RuntimeError(f"onnxruntime: {reason.strip() or node}") from error
