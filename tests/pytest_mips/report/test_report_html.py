"""The report page: complete, well-formed, on its own, and unimpressed by whatever stands in the files of a run."""

from __future__ import annotations

import itertools
import json
import random
import re
import shutil
import subprocess
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kept_runs import REPORTS, every_kept_run, unpacked_run
from runs import ARTEFACTS, EXAMPLE, MACHINE, STATES, make_run, record

from mips.machines.drawing import code, machine
from mips.machines.drawing.machine import MOST_STATES, arrows
from mips.machines.drawing.markup import VOID, Markup, joined, table, tag
from pytest_mips.report import funnel, writing
from pytest_mips.report import page as html
from pytest_mips.report.elements import counterexample as example
from pytest_mips.report.elements import derivation, states
from pytest_mips.report.folder import MOST_BYTES
from pytest_mips.report.page import page
from pytest_mips.runs.formatting import printable
from pytest_mips.scores import summary

MARKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</code></pre><b>",
    "<!--",
    "&lt;",
    "]]>",
    "\x1b[2J",
)


class Reader(HTMLParser):
    """What a page consists of: elements with attributes, text, and what is wrong with its form."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.faults: list[str] = []
        self.open: list[str] = []
        self.feed(source)
        self.close()
        self.faults += [f"<{name}> is not closed" for name in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        self.faults += [f"<{tag}> has {name} twice" for name, count in Counter(names).items() if count > 1]
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.faults.append(f"<{tag}/> closes itself")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes another element")

    def handle_comment(self, data: str) -> None:
        self.faults.append("a comment")

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.text += data

    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]


def references(source: str) -> list[str]:
    """Return what a page would load or lead to outside of itself, and handlers of events in its attributes."""
    found = []
    for name, attributes in Reader(source).elements:
        found += [f"<{name}>" for each in (name,) if each in ("link", "iframe", "object", "embed", "base", "form")]
        for key, value in attributes.items():
            inner = key in ("src", "href", "xlink:href", "srcset", "action", "data", "poster")
            if inner and not value.startswith(("#", "data:image/svg+xml;base64,")):
                found.append(f"{key}={value}")
            if key.startswith("on"):
                found.append(f"{key}={value}")
            if key != "content" and re.search(r"url\(|@import", value.replace("url(#tip)", "")):
                found.append(f"{key}={value}")
    styles = re.findall(r"<style>(.*?)</style>", source, re.DOTALL)
    found += [match for style in styles for match in re.findall(r"url\([^)]*\)|@import[^;]*", style)]
    found += re.findall(r"\b(?:fetch|XMLHttpRequest|WebSocket|importScripts|eval)\(", source)
    return found


def check(source: str) -> Reader:
    """Check that a page is well-formed, alone, and runs no script but its own; return what it consists of."""
    reader = Reader(source)
    assert reader.faults == []
    assert references(source) == []
    assert [name for name, _ in reader.elements].count("script") == 1
    assert len(reader.ids()) == len(set(reader.ids()))
    return reader


def sections(reader: Reader) -> list[str]:
    return [each["data-task"] for name, each in reader.elements if name == "details" and "data-task" in each]


# Real runs


@every_kept_run
def test_the_page_of_a_real_run(folder: Path) -> None:
    source = page(folder)
    reader = check(source)
    run = json.loads((folder / "run.json").read_text())
    everything = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    found = [each for each in everything if each["system"] == "mips"]
    roster = [planned["task"] for planned in run["tasks"]]
    assert sections(reader) == roster
    rows = [each["data-task"] for name, each in reader.elements if name == "tr" and "data-task" in each]
    assert rows == roster
    solved = sum(each["status"] == "solved" for each in found)
    assert f"{solved} of {len(roster)} tasks solved" in reader.text
    digest = summary.load(folder).results_hash
    for told in (run["commit"][:12], digest, run["machine"]["cpu"], f"torch {run['versions']['torch']}"):
        assert told in reader.text
    passed = {"roster": len(roster), "verified": solved}
    passed["proved"] = sum(each["status"] == "solved" and "proved" in each["assurance"] for each in found)
    failed = Counter(each["stage"] for each in found if each["status"] != "solved")
    passed["synthesized"] = solved + failed["verified"]
    passed["extracted"] = passed["synthesized"] + failed["synthesized"]
    passed["trained"] = passed["extracted"] + failed["extracted"]
    assert funnel_rows(source) == passed


def funnel_rows(source: str) -> dict[str, int]:
    """Return the rows of the funnel: stage and count."""
    (part,) = re.findall(r'<section id="stages">(.*?)</section>', source, re.DOTALL)
    return {stage: int(count) for stage, count in re.findall(r'<td>(\w+)</td><td class="number">(\d+)</td>', part)}


def test_a_real_run_against_another_one() -> None:
    reader = check(page(REPORTS / "reference-paper", against=REPORTS / "reference"))
    assert "newly unsolved (5)" in reader.text and "Against reference" in reader.text


@pytest.mark.slow
def test_the_whole_page_is_no_giant() -> None:
    assert len(page(REPORTS / "reference")) < 3_000_000


# The checks above can say no


@pytest.mark.parametrize(
    "source",
    ["<p>", "</p>", "<p><b></p></b>", "<p/>", "<!-- x -->", '<p a="1" a="2"></p>'],
)
def test_a_fault_in_the_form_is_seen(source: str) -> None:
    assert Reader(source).faults


@pytest.mark.parametrize(
    "source",
    [
        '<img src="https://example.org/x.png">', '<a href="http://example.org">x</a>', '<p onclick="x()"></p>',
        '<link rel="stylesheet" href="x.css">', "<style>@import 'x.css';</style>",
        "<style>p{background:url(x)}</style>", '<p style="background:url(//x)"></p>', "<script>fetch('x')</script>",
        '<img src="data:text/html,x">',
    ],
)  # fmt: skip
def test_a_reference_to_outside_is_seen(source: str) -> None:
    assert references(source)


def test_a_second_script_is_seen() -> None:
    with pytest.raises(AssertionError):
        check("<script></script><script></script>")


# Hostile text


@pytest.mark.parametrize("mark", MARKS)
def test_hostile_text_comes_out_as_text(tmp_path: Path, mark: str) -> None:
    inside = {"inputs": [mark], "expected": [mark], "actual": mark}
    tier = {"tier": mark, "tried": 1, "fitting": 0}
    step = {"step": mark, "failed": mark, "of": mark, "tiers": [tier], "fitting": 1}
    artefacts = {
        **ARTEFACTS, "program.py": f"# {mark}\nx = '{mark}'", "log.txt": mark,
        "derivation.json": json.dumps({"steps": [{**step, "best": [{"size": mark, "formulas": mark}]}]}),
        "machine.json": json.dumps({**MACHINE, "symbols": [[mark], [1]]}),
        "hidden_states.json": json.dumps({**STATES, "axes": [mark, mark]}),
    }  # fmt: skip
    records = [
        record("T", "error", reason=mark, stage=mark, counterexample=inside, form=mark, stage_seconds={mark: 1.0}),
        record("U", "unsolved", reason=mark, network_mistake=inside),
        record("T", "wrong", system="other & <b>", reason=mark, counterexample=inside, usage={mark: 1}),
    ]
    programs = {"baselines/other & <b>/T/0.py": f"def program(xs):\n    return '{mark}'\n"}
    folder = make_run(tmp_path / "run <i>", records, artefacts=artefacts, programs=programs)
    run = json.loads((folder / "run.json").read_text())
    run |= {"commit": mark, "versions": {mark: mark}, "tasks": [{**each, "about": mark} for each in run["tasks"]]}
    run["machine"] |= {"cpu": mark}
    run["claims"] = [{"system": mark, "source": mark, "of": 2, "total": 1}]
    (folder / "run.json").write_text(json.dumps(run))
    source = page(folder, against=folder)
    told = check(source).text
    assert told.count(mark.replace("\x1b", "\N{REPLACEMENT CHARACTER}")) >= 12
    assert "\x1b" not in source


@given(st.text(st.characters(exclude_categories=[]), max_size=30), st.text(max_size=10))
def test_text_is_read_back_as_it_was(text: str, other: str) -> None:
    reader = Reader(f"<main>{tag('p', text, title=other)}</main>")
    assert reader.faults == []
    assert reader.text == printable(text) and len(reader.elements) == 2


@given(st.text(alphabet="\"'#\\rb \n\tdefx1(){}<>&", max_size=40))
def test_colours_change_no_letter_of_a_program(source: str) -> None:
    reader = Reader(code.highlighted(source))
    assert (reader.faults, reader.text) == ([], source)


def test_words_of_a_program_are_told_apart() -> None:
    told = str(code.highlighted('def f(x):  # if\n    """for"""\n    return sum(x, 12)'))
    for kind, word in {"keyword": "def", "defined": "f", "comment": "# if", "builtin": "sum", "number": "12"}.items():
        assert f'<span class="{kind}">{word}</span>' in told
    assert '<span class="string">"""for"""</span>' in told


def test_markup_is_not_escaped_twice_and_text_always_once() -> None:
    assert joined(["<", Markup("<b>"), 3, None, ["&"]]) == "&lt;<b>3&amp;"
    assert "<td>&lt;</td>" in table([{"a": "<"}])


# Missing and damaged files


@pytest.mark.parametrize("name", ARTEFACTS)
def test_a_missing_file_leaves_the_page(tmp_path: Path, name: str) -> None:
    artefacts = {key: content for key, content in ARTEFACTS.items() if key != name}
    records = [record("T"), record("U", "error", reason="killed")]
    reader = check(page(make_run(tmp_path / "run", records, artefacts=artefacts)))
    assert sections(reader) == ["T", "U"]
    assert (f"{name} is missing" in reader.text) == (name in ("program.py", "log.txt"))
    assert "cannot be shown" not in reader.text


DAMAGE = {
    "empty": b"", "no JSON": b"{", "binary": bytes(range(256)), "a list": b"[1]", "null": b"null", "a number": b"3",
    "empty object": b"{}", "deep": b"[" * 100_000,
    "wrong inside": b'{"steps": 3, "transitions": [3], "points": 3, "outputs": [], "symbols": 1}',
    "nothing finite": b'{"points": [[NaN, 1e999]], "outputs": [0], "explained": [], "axes": []}',
    "large": b" " * (MOST_BYTES + 1),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_files_are_told_and_leave_the_page(tmp_path: Path, damage: str) -> None:
    records = [record("T"), record("U", "error", reason="killed", counterexample={"inputs": 3})]
    folder = make_run(tmp_path / "run", records, artefacts=dict.fromkeys(ARTEFACTS, DAMAGE[damage]))
    reader = check(page(folder))
    assert sections(reader) == ["T", "U"] and "killed" in reader.text
    assert reader.text.count("machine.json cannot be shown") == 2


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", [record("T")], artefacts={})
    for name in ARTEFACTS:
        (folder / "tasks" / "T" / name).mkdir()
    assert "program.py cannot be shown" in check(page(folder)).text


def test_cut_off_files_are_told_and_leave_the_page(tmp_path: Path) -> None:
    rng = random.Random(0)
    for number in range(20):
        artefacts = {name: content[: rng.randrange(len(content))] for name, content in ARTEFACTS.items()}
        check(page(make_run(tmp_path / str(number), [record("T")], artefacts=artefacts)))


@pytest.mark.parametrize("name", ["..", "../../etc", "a/b", "\0", "."])
def test_a_name_leads_to_no_file_outside(tmp_path: Path, name: str) -> None:
    (tmp_path / "program.py").write_text("outside = 1")
    folder = make_run(tmp_path / "run", [], tasks=[name])
    (folder / "results.jsonl").write_text(json.dumps({**fields(record("T")), "task": name}) + "\n")
    told = check(page(folder)).text
    assert "a name that is no folder" in told and "outside" not in told


def fields(of: Any) -> dict[str, Any]:
    return {name: getattr(of, name) for name in of.__dataclass_fields__}


def test_no_results_are_a_page_too(tmp_path: Path) -> None:
    reader = check(page(make_run(tmp_path / "run", [], tasks=["T", "U"])))
    assert sections(reader) == ["T", "U"] and "no verdict" in reader.text and "0 of 2 tasks solved" in reader.text


def test_what_is_no_run_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        page(tmp_path)


def test_a_page_that_cannot_be_drawn_says_why_and_costs_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(tmp_path / "run", [record("T")])

    def fail(*_: Any, **__: Any) -> str:
        raise ZeroDivisionError("<no> page")

    monkeypatch.setattr(html, "page", fail)
    writing.write(folder, summary.load(folder))
    assert json.loads((folder / "summary.json").read_text())["solved"] == 1
    reader = check((folder / "report.html").read_text(encoding="utf-8"))
    assert "ZeroDivisionError: <no> page" in reader.text


def test_a_summary_brings_its_page(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", [record("T")])
    writing.write(folder, summary.load(folder))
    assert (folder / "report.html").read_text(encoding="utf-8") == page(folder)


# The parts


@pytest.mark.parametrize(
    ("found", "through"),
    [
        (record("T"), 5),
        (record("T", assurance="tested"), 4),
        (record("T", assurance="proved-affine"), 5),
        (record("T", "unsolved", stage="verified"), 3),
        (record("T", "unsolved", stage="synthesized"), 2),
        (record("T", "timeout", stage="extracted"), 1),
        (record("T", "unsolved", stage="trained"), 0),
        (record("T", "error", stage="", hidden_size=0), 0),
        (record("T", "error", stage="", hidden_size=3), 1),
    ],
)
def test_how_far_an_attempt_came(found: Any, through: int) -> None:
    assert funnel.passed(found) == through
    assert list(funnel.counts([found]).values()) == [1] * through + [0] * (5 - through)


@pytest.mark.parametrize(
    ("expected", "actual", "step"),
    [([1, 2], [1, 2], None), ([1, 2], [0, 2], 0), ([1, 2, 3], [1, 2], 2), ([1], [1, 2], 1), ([1], "text", None),
     ([[1, 2]], [(1, 3)], 0)],
)  # fmt: skip
def test_the_first_difference(expected: Any, actual: Any, step: int | None) -> None:
    assert example.first_difference(expected, actual) == step
    told = str(example.drawing({"inputs": [0], "expected": expected, "actual": actual}))
    assert ("<mark>" in told) == (step is not None and step < max(len(expected), len(actual)))
    assert (f"first difference at step {(step or 0) + 1}" in told) == (step is not None)


def test_an_unsolved_task_shows_its_counterexample(tmp_path: Path) -> None:
    records = [record("T", "unsolved", stage="verified", reason="wrong", counterexample=EXAMPLE)]
    source = page(make_run(tmp_path / "run", records))
    assert "unsolved: verified: wrong" in check(source).text
    assert source.count("<mark>") == 2 and "first difference at step 3 of 3" in source


def boxes(picture: str) -> list[tuple[float, float, float, float]]:
    found = re.findall(r'<text x="([-\d.]+)" y="([-\d.]+)" class="label">([^<]*)<', picture)
    return [
        (float(x) - 3 * len(text), float(y) - 10, float(x) + 3 * len(text), float(y) + 2) for x, y, text in found
    ]  # fmt: skip


MACHINES = [path for name in ("reference", "further") for path in sorted(unpacked_run(name).rglob("machine.json"))]


@pytest.mark.parametrize("path", MACHINES, ids=lambda path: "-".join((path.parts[-4], path.parts[-2])))
def test_every_arrow_is_drawn_and_no_label_lies_on_another(path: Path) -> None:
    facts = json.loads(path.read_text())
    picture = str(machine.drawn(facts))
    if len(facts["transitions"]) > MOST_STATES:
        assert picture == ""
        return
    assert Reader(picture).faults == []
    assert picture.count('class="arrow"') == len(arrows(facts)) + 1
    assert picture.count("<circle") == len(facts["transitions"])
    found = boxes(picture)
    assert len(found) == sum(len(arrow.labels) for arrow in arrows(facts))
    for (left, top, right, bottom), other in itertools.combinations(found, 2):
        assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
    match = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', picture)
    assert match
    width, height = float(match[1]), float(match[2])
    assert all(left >= 0 and top >= 0 and right <= width and bottom <= height for left, top, right, bottom in found)


def test_the_check_of_labels_can_say_no() -> None:
    assert len(boxes('<text x="1" y="2" class="label">ab</text>')) == 1
    (first, second) = boxes('<text x="1" y="2" class="label">ab</text><text x="2" y="3" class="label">ab</text>')
    assert first[2] > second[0] and first[3] > second[1]


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=60))
def test_outputs_fall_into_few_ranges_in_order(outputs: list[int]) -> None:
    ranges = states.groups(outputs)
    assert len(ranges) == min(states.KINDS, len(set(outputs)))
    assert all(low <= high for low, high in ranges)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(ranges))
    assert all(sum(low <= output <= high for low, high in ranges) == 1 for output in outputs)


finite = st.floats(-1e6, 1e6).map(lambda number: float(f"{number:.4g}"))


@given(st.lists(st.tuples(finite, finite, st.integers(-20, 20)), min_size=1, max_size=30))
def test_all_points_lie_inside_the_plot(points: list[tuple[float, float, int]]) -> None:
    facts = {**STATES, "points": [[x, y] for x, y, _ in points], "outputs": [output for *_, output in points]}
    plot = str(states.drawn(facts))
    assert Reader(plot).faults == []
    places = re.findall(r'<circle cx="([-\d.]+)" cy="([-\d.]+)" r="3"', plot)
    assert len(places) == len(points)
    assert all(states.LEFT <= float(x) <= states.WIDTH - states.RIGHT for x, _ in places)
    assert all(states.TOP <= float(y) <= states.HEIGHT - states.BOTTOM for _, y in places)


def test_a_derivation_is_told_in_its_order(tmp_path: Path) -> None:
    told = Reader(derivation.section(json.loads(ARTEFACTS["derivation.json"]))).text
    parts = ["led nowhere: no linear recurrence", "2 states", "2.00% of the answers overruled", "3 candidates, 1 fit",
             "cost 7: s = 0; s' = s + x; y = s'", "formulas taken: cost 6 y = s'"]  # fmt: skip
    places = [told.find(part) for part in parts]
    assert -1 not in places and places == sorted(places)


def test_the_log_is_shown_where_there_is_no_verdict(tmp_path: Path) -> None:
    for status, shown in {"solved": False, "unsolved": False, "error": True, "timeout": True}.items():
        told = check(page(make_run(tmp_path / status, [record("T", status)]))).text
        assert ("last words" in told) == shown


def test_several_attempts_show_the_best_and_name_all(tmp_path: Path) -> None:
    records = [record("T", "unsolved", reason="no formula"), record("T", seed=1, program_sha256="1")]
    programs = {"tasks/T/seed-1/program.py": "second = 1\n", "tasks/T/program.py": "first = 1\n"}
    told = check(page(make_run(tmp_path / "run", records, seeds=[0, 1], artefacts={}, programs=programs))).text
    assert "second = 1" in told and "first = 1" not in told
    assert "All attempts" in told and "no formula" in told and "solved 1/2" in told


def test_systems_side_by_side(tmp_path: Path) -> None:
    usage = {"prompt_tokens": 1200, "completion_tokens": 34, "seconds": 7.0}
    records = [
        record("T"), record("U", "unsolved", stage="trained"),
        record("T", "wrong", system="other", reason="an output differs", counterexample=EXAMPLE, usage=usage),
        record("U", "solved", system="other", assurance="tested", usage=usage),
    ]  # fmt: skip
    programs = {"baselines/other/T/0.py": "def program(xs): return 1\n"}
    source = page(make_run(tmp_path / "run", records, programs=programs))
    told = check(source).text
    for part in (
        "2,400",
        "68",
        "p (exact McNemar)",
        "other, sample 0",
        "an output differs",
        "return 1",
        "1200 prompt tokens",
    ):
        assert part in told
    assert "The program is missing" in told  # of U


def test_ours_alone_is_compared_with_nobody(tmp_path: Path) -> None:
    assert "Who solves what" not in check(page(make_run(tmp_path / "run", [record("T")]))).text


def test_what_became_of_a_program_is_told_in_words_of_its_own(tmp_path: Path) -> None:
    statuses = ["solved", "wrong", "exception", "protocol", "timeout", "memory", "no_entry_point"]
    records = [record("T")]
    records += [record("T", status, system=f"of_{number}") for number, status in enumerate(statuses)]
    records += [record("T", status, system="thrice", seed=seed) for seed, status in enumerate(("wrong", "timeout"))]
    source = page(make_run(tmp_path / "run", records, artefacts={}))
    solvers = source.partition("Who solves what")[2].partition("</table>")[0]
    told = re.findall(r'<span class="(?:yes|no)">([^<]*)</span>', solvers)
    assert told[1:] == [*(status.replace("_", " ") for status in statuses), "0/2 wrong, timeout"]


def test_baselines_alone(tmp_path: Path) -> None:
    records = [record("T", system="other"), record("U", "wrong", system="other", reason="an output differs")]
    reader = check(page(make_run(tmp_path / "run", records, baselines_only=True)))
    assert sections(reader) == ["T", "U"] and "other 1 of 2" in reader.text and "Stages" not in reader.text


# In a browser

PROBE = """<!doctype html><body><iframe src="report.html" style="width:{width}px;height:800px;border:0"></iframe>
<script>
const frame = document.querySelector("iframe");
frame.addEventListener("load", () => {{
  const inner = frame.contentDocument, tell = (name, value) => document.body.dataset[name] = value;
  const rows = () => [...inner.querySelectorAll("#tasks tbody tr:not([hidden])")];
  const names = () => rows().map(row => row.dataset.task).join(" ");
  try {{
    tell("ready", inner.documentElement.dataset.ready ?? "no");
    for (const each of inner.querySelectorAll("details")) each.open = true;
    tell("width", inner.documentElement.scrollWidth);
    tell("inside", frame.contentWindow.innerWidth);
    const heads = [...inner.querySelectorAll("#tasks th button")];
    heads[7].click(); tell("rising", names());
    heads[7].click(); tell("falling", names());
    const status = inner.querySelector(".filter select");
    status.value = "unsolved"; status.dispatchEvent(new Event("change")); tell("unsolved", names());
    const field = inner.querySelector(".filter input");
    status.value = ""; field.value = "a_"; field.dispatchEvent(new Event("input")); tell("named", names());
    tell("shown", inner.querySelectorAll("details.task:not([hidden])").length);
  }} catch (error) {{ tell("error", String(error)); }}
}});
</script>"""
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def probed(folder: Path, source: str, width: int = 390) -> dict[str, str]:
    """Return what a browser finds of a page in a frame as wide as a phone."""
    assert BROWSER
    (folder / "report.html").write_text(source, encoding="utf-8")
    (folder / "probe.html").write_text(PROBE.format(width=width))
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files",
               f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=5000", "--dump-dom",
               (folder / "probe.html").as_uri()]  # fmt: skip
    dom = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    (body,) = [attributes for name, attributes in Reader(dom).elements if name == "body"]
    return {name.removeprefix("data-"): value for name, value in body.items()}


@pytest.mark.skipif(BROWSER is None, reason="there is no chromium and no chrome on this machine")
def test_in_a_browser_it_sorts_filters_and_fits_a_phone(tmp_path: Path) -> None:
    long = {"inputs": list(range(300)), "expected": [0] * 300, "actual": [0] * 299 + [1]}
    records = [
        record("A_few", program_nodes=9, reason=""), record("B_Many", program_nodes=100),
        record("A_none" + "_long" * 20, "unsolved", reason="x" * 500, counterexample=long),
        record("C_Some", program_nodes=20),
        record("C_Some", "wrong", system="other" * 20, reason="y" * 300, counterexample=long),
    ]  # fmt: skip
    machine_json = next(path for path in MACHINES if path.parts[-2] == "Dithering").read_text()
    artefacts = {**ARTEFACTS, "machine.json": machine_json, "program.py": "x = 1 + " * 100 + "1"}
    source = page(make_run(tmp_path / "run", records, artefacts=artefacts))
    found = probed(tmp_path, source)
    unsolved = records[2].task
    assert "error" not in found and found["ready"] == "yes"
    assert int(found["width"]) <= int(found["inside"]) == 390
    assert found["rising"].split() == ["A_few", "C_Some", "B_Many", unsolved]
    assert found["falling"].split() == ["B_Many", "C_Some", "A_few", unsolved]
    assert found["unsolved"] == unsolved
    assert found["named"].split() == ["A_few", unsolved] and found["shown"] == "2"


@pytest.mark.skipif(BROWSER is None, reason="there is no chromium and no chrome on this machine")
@pytest.mark.parametrize(
    ("change", "sign"),
    [(("</main>", '<div style="width:500px">x</div></main>'), "width"), (('"use strict";', "no such thing;"), "ready")],
)
def test_the_browser_can_say_no(tmp_path: Path, change: tuple[str, str], sign: str) -> None:
    source = page(make_run(tmp_path / "run", [record("A")]))
    assert change[0] in source
    found = probed(tmp_path, source.replace(*change))
    assert int(found["width"]) > 390 if sign == "width" else found["ready"] == "no"
