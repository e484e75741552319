"""Fidelity is what a count over all words gives, and it names the shortest word on which a program differs."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray

import mips
from benchmarks.known import NAMED, compiled
from mips.distillation.distilled import Distilled
from mips.distillation.fidelity import MOST_WORDS, STRETCH, Agreement, Origin, measured
from mips.distillation.page import plot
from mips.tasks.alphabets import integers, symbols
from pytest_mips.validation.check import faults_in

Ints = NDArray[np.int64]


class Adder:
    """A network that answers with the sum so far modulo 5; from the symbol number `wrong` on it adds one."""

    def __init__(self, wrong: int = 1_000) -> None:
        self.wrong = wrong

    def start(self, count: int) -> Ints:
        return np.zeros((count, 2), dtype=np.int64)

    def step(self, states: Ints, numbers: Ints) -> Ints:
        return np.stack([states[:, 0] + numbers.sum(axis=1), states[:, 1] + 1], axis=1)

    def answer(self, states: Ints) -> Ints:
        return ((states[:, :1] + (states[:, 1:] >= self.wrong)) % 5).astype(np.int64)


def right(xs: list[int]) -> list[int]:
    return [total % 5 for total in itertools.accumulate(xs)]


def wrong_after_ones(xs: list[int]) -> list[int]:
    """Return the sums, wrong on the last of three ones in a row."""
    return [y + (xs[max(0, t - 2) : t + 1] == [1, 1, 1]) for t, y in enumerate(right(xs))]


def raises_on_two_zeros(xs: list[int]) -> list[int]:
    if [0, 0] in [xs[t : t + 2] for t in range(len(xs))]:
        raise ZeroDivisionError("0 and 0")
    return right(xs)


def test_a_faithful_program_agrees_on_every_length() -> None:
    found = measured(Origin(network=Adder(), inputs=integers(0, 1), length=8), right)
    assert [each.length for each in found.by_length] == [*range(1, 8 * STRETCH + 1)]
    assert all(each.agreeing == each.words for each in found.by_length) and found.difference is None
    assert 2**found.exhaustive <= MOST_WORDS < 2 ** (found.exhaustive + 1)
    assert [each.is_all for each in found.by_length].index(False) == found.exhaustive
    assert "No word was found" in str(found)


@pytest.mark.parametrize(
    ("program", "first"), [(wrong_after_ones, (1, 1, 1)), (raises_on_two_zeros, (0, 0))], ids=["wrong", "raises"]
)
def test_counts_on_all_words_are_those_of_brute_force(program: Callable[[list[int]], list[int]], first: Any) -> None:
    found = measured(Origin(network=Adder(), inputs=integers(0, 1), length=4), program)

    def agrees(word: tuple[int, ...]) -> bool:
        try:
            return program(list(word)) == right(list(word))
        except ZeroDivisionError:
            return False

    for each in found.by_length[:8]:
        words = list(itertools.product((0, 1), repeat=each.length))
        assert (each.words, each.agreeing) == (len(words), sum(map(agrees, words)))
        assert each.interval == (each.share, each.share)
    assert found.difference is not None and found.difference.word == first
    assert "differ first on" in str(found)


def test_a_difference_on_long_words_is_found_beyond_those_that_are_all_tried() -> None:
    found = measured(Origin(network=Adder(wrong=30), inputs=integers(0, 9), length=10), right)
    assert [each.agreeing == each.words for each in found.by_length] == [each.length < 30 for each in found.by_length]
    assert found.difference is not None and len(found.difference.word) == 30
    assert (found.difference.network - found.difference.program) % 5 == 1


def test_a_difference_behind_many_equal_symbols_is_found() -> None:
    """Random words hardly ever have fifteen ones in a row."""

    def program(xs: list[int]) -> list[int]:
        return [y + (xs[max(0, t - 14) : t + 1] == [1] * 15) for t, y in enumerate(right(xs))]

    found = measured(Origin(network=Adder(), inputs=integers(0, 3), length=8), program)
    assert all(each.agreeing == each.words for each in found.by_length)
    assert found.difference is not None and found.difference.word[-15:] == (1,) * 15


def test_names_are_what_programs_get_and_give() -> None:
    names, answers = symbols("keep add"), symbols("a b c d e")

    def program(xs: list[str]) -> list[str]:
        return [answers.names[y] for y in right([int(x == "add") for x in xs])]

    assert measured(Origin(network=Adder(), inputs=names, length=5), program, outputs=answers).difference is None
    swapped = measured(
        Origin(network=Adder(), inputs=names, length=5), lambda xs: ["a" for x in xs], outputs=answers
    ).difference
    assert swapped is not None and (swapped.word, swapped.network, swapped.program) == (("add",), "b", "a")


def test_the_interval_holds_the_shares_that_the_count_does_not_reject() -> None:
    """Wilson: its ends are the shares p for which the count lies 1.96 standard deviations of p away."""
    for words, agreeing in ((200, 200), (200, 150), (50, 3), (7, 0)):
        each = Agreement(length=3, words=words, agreeing=agreeing, is_all=False)
        low, high = each.interval
        assert 0 <= low <= each.share <= high <= 1
        for end in {low, high} - {0.0, 1.0}:
            assert math.isclose(abs(each.share - end), 1.959964 * math.sqrt(end * (1 - end) / words), rel_tol=1e-6)


# What is shown of it


def circles(svg: str) -> list[dict[str, str]]:
    return [dict(each.attrib) for each in ElementTree.fromstring(svg).iter(f"{SVG}circle")]


SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("program", [right, wrong_after_ones])
def test_the_plot_has_a_mark_of_each_length_at_its_share(program: Callable[[list[int]], list[int]]) -> None:
    found = measured(Origin(network=Adder(), inputs=integers(0, 3), length=4), program)
    marks = circles(plot(found))
    assert [mark["fill"] == "currentColor" for mark in marks] == [each.is_all for each in found.by_length]
    heights = [float(mark["cy"]) for mark in marks]
    shares = [each.share for each in found.by_length]
    scale, offset = np.polyfit(shares, heights, 1) if len({*shares}) > 1 else (0.0, heights[0])
    assert np.allclose(np.array(shares) * scale + offset, heights, atol=0.1) and scale <= 0
    columns = [float(mark["cx"]) for mark in marks]
    assert np.allclose(np.diff(columns), np.diff(columns)[0], atol=0.2)
    ends = {
        each.attrib["x1"]: sorted(float(each.attrib[name]) for name in ("y1", "y2"))
        for each in ElementTree.fromstring(plot(found)).iter(f"{SVG}line")
        if each.attrib["x1"] == each.attrib["x2"] and "stroke-dasharray" not in each.attrib
    }
    assert {*ends} == {mark["cx"] for mark, each in zip(marks, found.by_length, strict=True) if not each.is_all}
    for mark, each in zip(marks, found.by_length, strict=True):
        if not each.is_all and scale:
            assert np.allclose(sorted(np.array(each.interval) * scale + offset), ends[mark["cx"]], atol=0.1)


def test_the_plot_is_in_the_colour_of_the_text() -> None:
    found = measured(Origin(network=Adder(wrong=7), inputs=integers(0, 1), length=4), right)
    colours = {each.attrib.get(name) for each in ElementTree.fromstring(plot(found)).iter() for name in PAINTS}
    assert colours == {None, "none", "currentColor"}


PAINTS = ("fill", "stroke", "style")


def test_what_is_kept_is_what_was_counted() -> None:
    found = measured(Origin(network=Adder(wrong=7), inputs=integers(0, 1), length=4), right)
    kept = json.loads(found.to_json())
    assert [(each["words"], each["agreeing"]) for each in kept["by_length"]] == [
        (each.words, each.agreeing) for each in found.by_length
    ]
    assert found.difference is not None and kept["difference"]["word"] == [*found.difference.word]


def lamp(word: list[str]) -> list[int]:
    """Return 1 for each symbol from "on" to "off", else 0; on words of more than ten symbols the other way round."""
    answers = [0]
    for number, symbol in enumerate(word):
        answers.append({"on": 1, "off": 0}.get(symbol, answers[-1]) if number < 10 else 1 - answers[-1])
    return answers[1:]


@pytest.fixture(scope="module")
def lamps() -> Distilled:
    return mips.distil(mips.from_function(lamp), symbols("on off <wait>"), 6, outputs=symbols("dark light"))


def test_a_network_of_another_library_is_saved_with_its_names(lamps: Distilled, tmp_path: Path) -> None:
    lamps.save(tmp_path / "deep" / "folder")
    folder = tmp_path / "deep" / "folder"
    assert {path.name for path in folder.iterdir()} == {
        *("page.html", "program.py", "fidelity.json", "fidelity.svg", "machine.json", "machine.mmd", "machine.dot")
    }
    assert (folder / "program.py").read_text() == lamps.program
    assert faults_in(json.loads((folder / "machine.json").read_text()), "machine") == []
    text = (folder / "page.html").read_text()
    assert "off, &lt;wait&gt; / dark" in text and "They differ first on" in text and "<wait>" not in text
    assert "wrong" not in text.lower() and "http" not in text.replace("http://www.w3.org/2000/svg", "").replace(
        "http-equiv", ""
    )
    assert "off, #60;wait#62; / dark" in (folder / "machine.mmd").read_text()


def test_a_network_of_our_own_is_saved_with_its_files(tmp_path: Path) -> None:
    network = compiled(NAMED["parity"][0])
    found = mips.distil(network, integers(0, 1), 5)
    found.save(tmp_path)
    stored = mips.load(tmp_path)
    assert mips.distil(stored).program == (tmp_path / "program.py").read_text() == found.program
    assert (tmp_path / "formulas.tex").read_text() == f"{found.formulas.to_latex()}\n" if found.formulas else False


def test_a_record_without_its_network_is_not_saved_but_shown(lamps: Distilled, tmp_path: Path) -> None:
    alone = dataclasses.replace(lamps, origin=None)
    with pytest.raises(ValueError, match="no network beside the program"):
        alone.save(tmp_path / "a")
    assert not (tmp_path / "a").exists()
    assert "Fidelity" not in alone._repr_html_() and "Fidelity" in lamps._repr_html_()


def test_a_notebook_shows_what_there_is_and_keeps_its_own_style(lamps: Distilled) -> None:
    assert lamps.machine is not None
    outcome = mips.Outcome(
        status="solved", stage="verified", assurance="proved", program=lamps.program,
        files={"machine.json": lamps.machine.to_json().encode()},
    )  # fmt: skip
    for shown in (lamps, lamps.machine, outcome, mips.Outcome(status="unsolved", stage="trained", reason="<why>")):
        text = shown._repr_html_()
        assert text.startswith('<div class="mips"><style>.mips{') and text.endswith("</div>") and "<why>" not in text
        rules = text[text.index("<style>") + 7 : text.index("</style>")].strip()
        assert rules.count("{") == rules.count("}") and ":root" not in rules
        depth = 0
        for place, letter in enumerate(rules):  # every rule is inside of the one for .mips
            depth += (letter == "{") - (letter == "}")
            assert depth > 0 or place < 5 or place == len(rules) - 1
    assert "on / light" in lamps.machine._repr_html_() and "on / light" in outcome._repr_html_()
