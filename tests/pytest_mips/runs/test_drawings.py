"""Machines as Mermaid diagrams: every transition is on some arrow, and no other. Training curves: whatever the curve, a
well-formed SVG that stands alone and in which all lies inside.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks.known import NAMED, affine, machine_of, perceptron
from mips.extraction.extraction import unroll_machine
from mips.machines.drawing.machine import MOST_STATES, arrows, mermaid
from mips.machines.mealy import MealyMachine, minimize
from mips.networks.network import Network
from pytest_mips.runs.training_curves import COLOURS, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Frame, columns, draw


def drawn(machine: MealyMachine) -> str:
    return mermaid(machine.to_json().encode())


def transitions(text: str) -> set[tuple[int, int, int, int]]:
    """Return what the arrows of a diagram say of single numbers: state, symbol, output, next state."""
    found = set()
    for source, target, label in re.findall(r"q(\d+) --> q(\d+): (.*)", text):
        for part in label.split("; "):
            symbols, output = part.split(" / ")
            for name in symbols.split(", "):
                first, _, last = name.partition("..")
                for symbol in range(int(first), int(last or first) + 1):
                    found.add((int(source), symbol, int(output), int(target)))
    return found


@pytest.mark.parametrize("name", NAMED)
def test_the_arrows_are_the_transitions(name: str) -> None:
    machine = minimize(NAMED[name][0])
    expected = {
        (state, symbol, output, target)
        for state, (row, outputs) in enumerate(zip(machine.transitions, machine.outputs, strict=True))
        for (symbol,), target, (output,) in zip(machine.symbols, row, outputs, strict=True)
    }
    assert transitions(drawn(machine)) == expected
    assert drawn(machine).startswith("stateDiagram-v2\n    [*] --> q0\n")


def test_long_labels_are_cut_and_pairs_are_named() -> None:
    machine = MealyMachine(
        symbols=tuple((x, y) for x in range(3) for y in range(3)),
        transitions=((0,) * 9,),
        outputs=(((1, 2),) * 9,),
    )
    assert drawn(machine).splitlines()[-1] == (
        "    q0 --> q0: (0 0), (0 1), (0 2), (1 0), (1 1), (1 2) and 3 more / (1 2)"
    )


def test_what_is_cut_off_leads_to_the_unknown() -> None:
    vote = Network(cell=affine([[1], [2]], [-1]), readout=perceptron([[1, 1]], [0, -1], [[1], [-1]], [0]))
    machine = unroll_machine(vote, ((0,), (1,)), horizon=4, seed=0)
    assert "--> unknown: 0, 1 / 0" in mermaid(machine.to_json().encode())


def test_too_many_states_and_none_are_not_drawn() -> None:
    def cycle(size: int) -> MealyMachine:
        return machine_of(size, range(2), lambda s, x: ((s + 1) % size, s))

    assert drawn(cycle(MOST_STATES)) and not drawn(cycle(MOST_STATES + 1))
    assert mermaid(json.dumps({}).encode()) == ""


@pytest.mark.parametrize("name", NAMED)
def test_a_graph_for_graphviz_has_the_same_arrows(name: str) -> None:
    machine = minimize(NAMED[name][0])
    text = re.sub(r"q(\d+) -> q(\d+) \[label=\"(.*)\"\];", r"q\1 --> q\2: \3", machine.to_dot()).replace("\\n", "; ")
    assert transitions(text) == transitions(machine.to_mermaid()) and text.count("-->") == text.count("->") - 1
    assert all(f"  q{state} [label={state}];" in text for state in range(machine.size))


def test_names_stand_on_the_arrows_and_cannot_break_a_diagram() -> None:
    names = ('say "hi"', "a;b: #1\\")
    machine = MealyMachine(
        symbols=((0,), (1,)), transitions=((0, 0),), outputs=(((0,), (7,)),), names=names, output_names=("no",)
    )
    assert machine == dataclasses.replace(machine, names=(), output_names=())
    assert [label for arrow in arrows(json.loads(machine.to_json())) for label in arrow.labels] == [
        'say "hi" / no', "a;b: #1\\ / 7",
    ]  # fmt: skip
    assert 'label="say \\"hi\\" / no\\na;b: #1\\\\ / 7"' in machine.to_dot()
    assert machine.to_mermaid().splitlines()[-1] == ("    q0 --> q0: say #34;hi#34; / no; a#59;b#58; #35;1#92; / 7")


SVG = "{http://www.w3.org/2000/svg}"


def trial(curve: list[list[Any]], **changes: Any) -> dict[str, Any]:
    parts = {"method": "Adam", "architecture": "hidden 1", "steps": 9, "seconds": 1.0, "accuracy": 0.5}
    return parts | {"why_stopped": "enough", "curve": curve} | changes


def picture(*trail: dict[str, Any], task: str = "Some_Task") -> str:
    return draw(json.dumps({"task": task, "trail": trail}).encode())


def falling(steps: int, end: float = 1e-6) -> list[list[float]]:
    return [[step, 10, end ** (step / steps)] for step in range(steps + 1)]


SHAPES = {
    "one rung": [trial(falling(600))],
    "six rungs": [trial(falling(500 * number, 10.0**-number)) for number in range(1, 7)],
    "zero and tiny": [trial([[0, 1, 1.0], [1, 1, 1e-30], [2, 1, 0.0]])],
    "only zeros": [trial([[0, 1, 0.0], [5, 1, 0.0]])],
    "one point": [trial([[0, 1, 0.25]])],
    "huge": [trial([[0, 1, 1e300], [7, 1, 1e-300]])],
    "broken": [trial([[0, 1, 1.0], [1, 1, None], [2, 1, 0.5], [3, 1, 0.4]])],
    "the same step twice": [trial([[4, 1, 1.0], [4, 1, 0.5], [4, 2, 3.0]])],
    "flat": [trial([[0, 1, 0.1], [9, 1, 0.1]])],
}


@pytest.mark.parametrize("trail", SHAPES.values(), ids=SHAPES)
def test_every_shape_is_drawn_inside_the_frame(trail: list[dict[str, Any]]) -> None:
    root = ElementTree.fromstring(picture(*trail))
    height = float(root.attrib["height"])
    places = [
        (float(x), float(y))
        for element in root.iter(f"{SVG}path")
        for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", element.attrib["d"])
    ]
    places += [(float(each.attrib["cx"]), float(each.attrib["cy"])) for each in root.iter(f"{SVG}circle")]
    assert places
    assert all(LEFT <= x <= WIDTH - RIGHT and TOP <= y <= TOP + HEIGHT for x, y in places)
    texts = list(root.iter(f"{SVG}text"))
    assert all(0 <= float(each.attrib["x"]) <= WIDTH and 0 < float(each.attrib["y"]) < height for each in texts)
    assert {"step", "loss", "Some_Task: the loss in training"} <= {each.text for each in texts}
    ends = [each.text for each in texts if each.attrib.get("class") == "end"]
    assert sorted(ends) == [str(number) for number in range(1, len(trail) + 1)]


def test_the_rungs_are_labelled_in_their_colours() -> None:
    text = picture(trial(falling(10), architecture="hidden 1"), trial([]), trial(falling(20), accuracy=1 - 1e-7))
    assert text.count("hidden 1 (Adam)") == 2 and "9 steps, 1.0 s, 50.00% right, enough" in text
    assert "99.99999% right" in text
    assert COLOURS[0] in text and COLOURS[1] in text and COLOURS[2] not in text


@pytest.mark.parametrize(
    "training",
    [
        b"", b"no JSON", b"\xff", b"3", b"[]", b"null", b'{"task": "T"}', b'{"task": "T", "trail": [3]}',
        b'{"task": "T", "trail": [{"curve": [[1, 2]], "method": ""}]}', json.dumps({"trail": []}).encode(),
        json.dumps({"task": "T", "trail": [trial([[0, 1, "x"]])]}).encode(),
        json.dumps({"task": "T", "trail": [trial([["x", 1, 1.0]])]}).encode(),
        json.dumps({"task": "T", "trail": [trial([[1, 1, 1.0]], seconds="x")]}).encode(),
        json.dumps({"task": "T", "trail": [trial([[-5, 1, 1.0]])]}).encode(),
        json.dumps({"task": "T", "trail": [trial([[1e400, 1, 1.0]])]}).encode(),
    ],
)  # fmt: skip
def test_what_is_no_training_gives_no_picture(training: bytes) -> None:
    assert draw(training) == ""


@pytest.mark.parametrize("trail", [[], [trial([])], [trial([[0, 1, None], [1, 1, None]])]])
def test_no_curve_no_picture(trail: list[dict[str, Any]]) -> None:
    assert picture(*trail) == ""


def test_names_cannot_break_out_of_the_picture() -> None:
    text = picture(trial(falling(5), architecture="<script>&"), task="</svg><b>")
    assert "<script" not in text and "<b>" not in text
    ElementTree.fromstring(text)


def test_it_stands_alone_and_knows_dark_pages() -> None:
    text = picture(trial(falling(5)))
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "") and "prefers-color-scheme:dark" in text


def test_a_long_curve_is_thinned_and_keeps_its_extremes() -> None:
    spiky = [[step, 1, 1e5 if step == 70_000 else 1e-3] for step in range(100_000)]
    assert len(picture(trial(spiky))) < 20_000
    points = [(float(step), math.log10(loss)) for step, _, loss in spiky]
    frame = Frame(last=100_000.0, low=-3, high=5)
    (piece,) = columns(points, frame)
    assert max(column.high for column in piece) == 5.0
    assert {column.median for column in piece} == {min(column.low for column in piece)} == {-3.0}
    assert [column.step for column in piece] == sorted(column.step for column in piece)


def test_few_points_are_all_kept() -> None:
    points = [(0.0, 1.0), (50.0, -1.0), None, (80.0, 0.0)]
    pieces = columns(points, Frame(last=100.0, low=-1, high=1))
    assert [[(column.step, column.low, column.high) for column in piece] for piece in pieces] == [
        [(0.0, 1.0, 1.0), (50.0, -1.0, -1.0)], [(80.0, 0.0, 0.0)],
    ]  # fmt: skip
