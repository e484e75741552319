"""ONNX graphs, made by hand: one of a step and one on whole words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mips
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
