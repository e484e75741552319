"""The page about a finished run, in one file that needs nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

from mips.machines.drawing import machine
from mips.machines.drawing.markup import NOTHING, Child, Markup, facts, tag
from mips.machines.drawing.style import document
from pytest_mips.report import baselines, changes, funnel, tasks
from pytest_mips.report.script import SCRIPT
from pytest_mips.runs import records
from pytest_mips.runs.archive import unpacked
from pytest_mips.runs.formatting import resumed_text
from pytest_mips.scores.summary import Summary, load

NAME = "report.html"


def page(run_dir: Path, *, against: Path | None = None) -> str:
    """Return the page about the run in a folder, compared with the run in another one if `against` is given.

    Only `run.json` and `results.jsonl` are needed: what else is missing or damaged is told in its place. Raises OSError
    or ValueError, KeyError or TypeError, when these two are no run's.
    """
    with unpacked(run_dir, strict=False) as place:
        return _page(place, run_dir, against)


def _page(place: Path, run_dir: Path, against: Path | None) -> str:
    """Return the page; `place` holds the files of the run, `run_dir` is where it is kept."""
    summary = load(run_dir)
    found = list(records.latest(records.read(run_dir / "results.jsonl")).values())
    best = [line.best for line in summary.lines]
    parts: list[Child] = [
        _header(summary),
        funnel.section(best) if best else NOTHING,
        tasks.overview(summary) if best else NOTHING,
        baselines.section(summary, [*best, *summary.baselines]),
        changes.section((load(against), summary), (against, run_dir)) if against else NOTHING,
        tasks.sections(place, summary, found),
    ]
    return document(f"{summary.run['run']}: {summary.score}", [machine.tip(), tag("main", parts)], script=SCRIPT)


def write(run_dir: Path, *, against: Path | None = None, out: Path | None = None) -> Path:
    """Write the page into the folder of the run, or to `out`, and return where it is.

    It is `report.html`, or beside that `report-against-<run>.html`: a comparison takes nobody's place.
    """
    name = f"report-against-{against.resolve().name}.html" if against else NAME
    place = out or run_dir / name
    records.write_atomically(place, page(run_dir, against=against))
    return place


def failed(run: str, error: BaseException) -> str:
    """Return a page that says why there is no other."""
    told = f"The page could not be drawn: {type(error).__name__}: {error}"
    return document(run, tag("main", tag("h1", f"Run {run}"), tag("p", told, class_="missing")), script=SCRIPT)


def _header(summary: Summary) -> Markup:
    run, lines = summary.run, summary.lines
    ours: list[Child] = []
    if lines:
        ours = [
            tag(
                "p",
                tag("b", summary.solved),
                f" of {len(lines)} tasks solved, {summary.proved} of them proved",
                class_="score",
            )
        ]
    ours += [tag("p", line, class_="others") for line in summary.beside]
    others = [each for each in summary.systems if each.name != "mips"]
    told = [f"{each.name} {len(each.solved)} of {len(summary.roster)}" for each in others]
    return tag(
        "header", tag("h1", f"Run {run['run']}"), ours,
        tag("p", ", ".join(told), class_="others") if told else "",
        tag("p", "A partial run: not all tasks were asked for.", class_="missing") if run.get("partial") else "",
        [
            tag("p", f"Not looked into for tasks: {each['test']}: {each['why']}", class_="missing")
            for each in run.get("uncollected", ())
        ],
        "" if summary.complete else tag("p", "Not complete: some attempts came to no verdict.", class_="missing"),
        _provenance(summary),
        _resumed(summary),
    )  # fmt: skip


def _resumed(summary: Summary) -> Markup:
    """Return what is told of the times that the run was gone on with."""
    steps = [resumed_text(step) for step in summary.run.get("resumed", ())]
    if not steps:
        return NOTHING
    told = [
        tag("li", gist, tag("ul", [tag("li", reason) for reason in reasons]) if reasons else "")
        for gist, reasons in steps
    ]
    return tag(
        "details",
        tag("summary", f"Gone on with {len(steps)} times" if len(steps) > 1 else "Gone on with once"),
        tag("ul", told),
        class_="resumed",
    )


def _provenance(summary: Summary) -> Markup:
    run = summary.run
    arguments, machine_facts = run["arguments"], run.get("machine", {})
    memory = machine_facts.get("memory_mib")
    place = [machine_facts.get("cpu"), f"{machine_facts.get('physical_cores', '?')} cores",
             f"{memory // 1024} GiB" if isinstance(memory, int) else None, machine_facts.get("platform"),
             machine_facts.get("accelerator")]  # fmt: skip
    commit = run.get("commit") or "none"
    return facts(
        [
            ("roster", f"{len(summary.roster)} tasks"),
            ("seeds", ", ".join(map(str, arguments["seeds"]))),
            ("method", arguments.get("method")),
            ("networks", arguments.get("networks") and f"read from {arguments['networks']}, none trained"),
            (
                "commit",
                [tag("code", commit[:12], title=commit), ", with uncommitted changes" if run.get("dirty") else ""],
            ),
            ("machine", ", ".join(str(part) for part in place if part)),
            ("workers", f"{arguments.get('workers')}, {arguments.get('time_limit', 0):g} s an attempt"),
            ("versions", ", ".join(f"{name} {version}" for name, version in run.get("versions", {}).items())),
            ("results hash", tag("code", summary.results_hash, class_="hash")),
        ]
    )
