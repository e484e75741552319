"""Published networks held against their automata: the comparison, on automata and a network made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from benchmarks.networks import difference, main, read_truth
from mips.machines.mealy import MealyMachine

LAST = """digraph last {
s0 [label=s0];
s1 [label="s1", shape=doublecircle];
s0 -> s0  [label="a"];
s0 -> s1  [label="b"];
s1 -> s0  [label=a];
s1 -> s1  [label=b];
__start0 -> s0  [label=""];
}"""
INDEX = "target,cell,states,kind,file,letters\nlast,relu,1,dfa,last/relu.pt,a b\n"


def machine(outputs: tuple[int, int]) -> MealyMachine:
    return MealyMachine(symbols=((0,), (1,)), transitions=((0, 0),), outputs=(tuple((y,) for y in outputs),))


def test_a_machine_is_held_against_the_truth_up_to_the_names_of_outputs(tmp_path: Path) -> None:
    (tmp_path / "truth.dot").write_text(LAST)
    truth = read_truth(tmp_path / "truth.dot", ["a", "b"])
    assert difference(machine((0, 1)), truth) is None and difference(machine((7, 3)), truth) is None
    assert difference(machine((0, 0)), truth) == (1,)


def test_moore_and_mealy_automata_are_read(tmp_path: Path) -> None:
    (tmp_path / "moore.dot").write_text(
        '0 [label="0|3", shape=record];\n0 -> 0 [label="x"];\n__start0 -> 0 [label=""];'
    )
    assert read_truth(tmp_path / "moore.dot", ["x"]).said == (("3",),)
    (tmp_path / "mealy.dot").write_text('q [label=q];\nq -> q [label="x/yes"];\n__start0 -> q [label=""];')
    assert read_truth(tmp_path / "mealy.dot", ["x"]).said == (("yes",),)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_folder_is_measured(sign: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The network tells the last letter; turned into one that always says the same, the report says so."""
    (tmp_path / "last").mkdir()
    (tmp_path / "index.csv").write_text(INDEX)
    (tmp_path / "last" / "truth.dot").write_text(LAST)
    weights = {"rnn.weight_ih_l0": torch.eye(2), "rnn.weight_hh_l0": torch.zeros(2, 2)}
    weights |= {"fc.weight": torch.tensor([[1.0, 0.0], [0.0, sign]]), "fc.bias": torch.tensor([0.0, -0.5 * (sign < 0)])}
    torch.save(weights, tmp_path / "last" / "relu.pt")
    code = main([str(tmp_path)])
    said = capsys.readouterr().out
    assert ("equal" in said.splitlines()[0]) == (sign > 0) and ("network errs" in said.splitlines()[0]) == (sign < 0)
    assert code == (0 if sign > 0 else 1)
