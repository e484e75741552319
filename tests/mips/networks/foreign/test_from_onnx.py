"""ONNX graphs, made by hand: one of a step and one on whole words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import mips
from mips.networks import recurrent
from mips.networks.foreign.errors import ForeignNetworkError

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
BITS = mips.integers(0, 1)


def kept(path: Path, nodes: list[Any], inputs: list[Any], outputs: list[Any], constants: dict[str, Any]) -> Path:
    from onnx import helper, numpy_helper

    tensors = [numpy_helper.from_array(np.array(value), name) for name, value in constants.items()]
    graph = helper.make_graph(
        [helper.make_node(*node, **options) for node, options in nodes], "graph", inputs, outputs, tensors
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, path)
    return path


def value(name: str, kind: str, *shape: Any) -> Any:
    return onnx.helper.make_tensor_value_info(name, getattr(onnx.TensorProto, kind), shape)


def step_graph(path: Path) -> Path:
    """h' = |h - x|, the parity of the ones; the state has its words on the second axis."""
    nodes = [
        (("Unsqueeze", ["x", "zero"], ["row"]), {}),
        (("Sub", ["h", "row"], ["d"]), {}),
        (("Abs", ["d"], ["after"]), {}),
        (("Squeeze", ["after", "zero"], ["y"]), {}),
    ]
    given = [value("x", "FLOAT", "words", 1), value("h", "FLOAT", 1, "words", 1)]
    results = [value("y", "FLOAT", "words", 1), value("after", "FLOAT", 1, "words", 1)]
    return kept(path, nodes, given, results, {"zero": np.array([0])})


def word_graph(path: Path, *, reverse: int = 0, fixed: Any = "words") -> Path:
    """The sum of the ones so far, as a running sum over the word; reversed it looks ahead."""
    nodes = [
        (("Cast", ["x"], ["f"]), {"to": 1}),
        (("CumSum", ["f", "one"], ["s"]), {"reverse": reverse}),
        (("Mod", ["s", "two"], ["m"]), {"fmod": 1}),
        (("Unsqueeze", ["m", "last"], ["y"]), {}),
    ]
    constants = {"one": np.array(1), "two": np.array(2, dtype=np.float32), "last": np.array([2])}
    given, results = [value("x", "INT64", fixed, "length")], [value("y", "FLOAT", fixed, "length", 1)]
    return kept(path, nodes, given, results, constants)


@pytest.mark.parametrize("graph", [step_graph, word_graph])
def test_a_graph_is_distilled(graph: Any, tmp_path: Path) -> None:
    found = mips.distil(mips.from_onnx(graph(tmp_path / "net.onnx")), BITS, length=8)
    assert found([1, 1, 0, 1, 1, 1]) == [1, 0, 0, 1, 0, 1]


class Exported(torch.nn.Module):
    """A recurrent module with its head: on whole words, or, where states are given too, one step of them."""

    def __init__(self, rnn: Any, head: Any) -> None:
        super().__init__()
        self.rnn, self.head = rnn, head

    def forward(self, x: Any, *states: Any) -> Any:
        given = () if not states else (states if len(states) > 1 else states[0],)
        outputs, after = self.rnn(x, *given)
        return self.head(outputs), *(after if isinstance(after, tuple) else (after,))


def exported(path: Path, rnn: Any, *, is_step: bool, is_free: bool = True) -> tuple[Path, Any]:
    """Export a module as torch does without onnxscript; return the file and the head. A step takes one symbol."""
    torch.manual_seed(0)
    head = torch.nn.Linear(8, 4)
    names = ["h", "c"][: 1 + isinstance(rnn, torch.nn.LSTM)]
    x, words, length = torch.rand(2, 2, 3), int(not rnn.batch_first), int(rnn.batch_first)
    x = x.narrow(length, 0, 1) if is_step else x
    states = [torch.rand(rnn.num_layers, 2, 8) for _ in names] if is_step else []
    axes = {"x": {words: "words"} | ({} if is_step else {length: "length"}), "y": {words: "words"}}
    axes |= {f"{name}{after}": {1: "words"} for name in names for after in ("", "_after")}
    given, results = ["x", *names[: len(states)]], ["y", *(f"{name}_after" for name in names)]
    known = {name: axes[name] for name in (*given, *results)} if is_free else None
    options: dict[str, Any] = {"input_names": given, "output_names": results, "dynamic_axes": known}
    torch.onnx.export(Exported(rnn, head).eval(), (x, *states), str(path), opset_version=17, dynamo=False, **options)
    return path, head


@pytest.mark.filterwarnings("ignore")  # torch says that this exporter is the older one
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("is_step", [True, False])
@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_a_file_that_torch_exports_answers_as_the_module(
    kind: str, is_step: bool, batch_first: bool, tmp_path: Path
) -> None:
    torch.manual_seed(1)
    rnn = getattr(torch.nn, kind)(3, 8, 2, batch_first=batch_first)
    with torch.no_grad():
        for weight in rnn.parameters():
            weight.mul_(3)
    file, head = exported(tmp_path / "net.onnx", rnn, is_step=is_step)
    reading: dict[str, Any] = {"encode": "one-hot", "decode": "argmax", "inputs": mips.integers(0, 2)}
    words = np.random.default_rng(0).integers(0, 3, (30, 9, 1))
    found = recurrent.run(mips.from_onnx(file, **reading), words)
    assert np.array_equal(found, recurrent.run(mips.from_torch(rnn, head, **reading), words))
    assert len(np.unique(found)) > 1


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("is_step", [True, False])
def test_a_file_of_fixed_sizes_is_refused_with_the_way_out(is_step: bool, tmp_path: Path) -> None:
    file, _ = exported(tmp_path / "net.onnx", torch.nn.GRU(3, 8, batch_first=True), is_step=is_step, is_free=False)
    with pytest.raises(ForeignNetworkError, match=r"of the fixed shape \[2, .*: export it with dynamic_axes={'x'"):
        mips.from_onnx(file)


def test_graphs_that_are_no_network_are_named(tmp_path: Path) -> None:
    with pytest.raises(ForeignNetworkError, match="which does not look ahead"):
        mips.from_onnx(word_graph(tmp_path / "a.onnx", reverse=1), inputs=BITS)
    with pytest.raises(ForeignNetworkError, match="expected free numbers of words and symbols: export it with"):
        mips.from_onnx(word_graph(tmp_path / "b.onnx", fixed=1))
    (tmp_path / "c.onnx").write_text("none")
    with pytest.raises(ForeignNetworkError, match=r"c\.onnx, which onnxruntime does not read"):
        mips.from_onnx(tmp_path / "c.onnx")
    with pytest.raises(ForeignNetworkError, match="found no file"):
        mips.from_onnx(tmp_path / "d.onnx")
