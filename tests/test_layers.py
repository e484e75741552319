"""The import graph points one way, and the library is blind: it knows no task's name and asks the reference only to
sample and to judge. Every check reads sources; the second half shows, on made-up sources, that each can say no."""

from __future__ import annotations

import ast
import re
import runpy
from collections.abc import Iterable, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from guides import Page

ROOT = Path(__file__).parents[1]
DESIGN = ROOT / "docs" / "design.md"

# Rooms from the bottom to the top; a module imports its own room and the rooms below it, and no room above.
ROOMS = (
    "mips.machines.drawing",
    "mips.machines",
    "mips.outcome",
    "mips.tasks",
    "mips.networks",
    "mips.networks.foreign",
    "mips.symbolic.terms",
    "mips.program",
    "mips.symbolic.regression",
    "mips.symbolic.synthesis",
    "mips.symbolic",
    "mips.extraction",
    "mips.distillation",
    "mips.paper.lattices",
    "mips.paper.normalizers",
    "mips.paper",
    "mips.distillation.distil",  # chooses between our own method and the paper's
    "mips.training",
    "mips.judging.reading",
    "mips.judging.weighing",
    "mips.judging",
    "mips.judging.sandbox",
    "mips.pipeline",
    "mips.__main__",
    "mips",
    "pytest_mips.runs.provenance",
    "pytest_mips.runs",
    "pytest_mips.validation.schemas",
    "pytest_mips.validation",
    "pytest_mips.scores",
    "pytest_mips.options",
    "pytest_mips.report.elements",
    "pytest_mips.report",
    "pytest_mips.workers",
    "pytest_mips.workers.farm",
    "pytest_mips.baselines",
    "pytest_mips.session",
    "pytest_mips.cli",
    "pytest_mips.__main__",
    "pytest_mips.plugin",
    "pytest_mips",
)
MOST_SIBLINGS = 12  # modules and rooms beside each other: what a reader keeps in mind

STANDARD_LIBRARY_ONLY = ("torch", "numpy", "sympy", "hypothesis")
ALL_BUT_OUTCOMES = tuple(room for room in ROOMS if room.startswith("mips.") and room != "mips.outcome")
DRAWING = "mips.machines.drawing"  # knows plain data alone, so that who may know nothing of the library may draw, too
MAY_DRAW = ("pytest_mips.report", "pytest_mips.runs")

# Module or room -> what neither it nor anything inside it imports, beside the rooms above it.
FORBIDDEN: Mapping[str, tuple[str, ...]] = {
    "mips": ("pytest", "_pytest", "pytest_mips", "tabulate", "cloudpickle"),
    DRAWING: ("numpy", "torch", "sympy", "mips"),
    "mips.machines": ("mips.networks", "mips.tasks"),
    "mips.tasks": ("mips.machines", "mips.outcome"),
    **{
        f"mips.tasks.{name}": STANDARD_LIBRARY_ONLY
        for name in ("alphabets", "arguments", "cures", "time_limit", "places", "purity", "rehearsal", "task")
    },
    "mips.networks.network": ("mips.tasks",),
    "mips.networks.storage": ("mips.tasks.dataset", "safetensors.torch", "pickle"),
    "mips.program": ("mips.tasks", "mips.networks"),
    "mips.symbolic": ("mips.tasks", "mips.networks"),
    "mips.extraction": ("mips.tasks", "mips.symbolic", "mips.program"),
    "mips.distillation": ("mips.tasks.dataset", "mips.tasks.rehearsal"),
    "mips.distillation.full": ("mips.program",),
    "mips.paper": ("mips.tasks.dataset", "mips.tasks.rehearsal", "mips.program"),
    "mips.training": (
        *("mips.tasks.task", "mips.tasks.rehearsal", "mips.machines", "mips.symbolic", "mips.program"),
        *("mips.extraction", "mips.distillation", "mips.paper"),
    ),
    "mips.judging": (
        *("mips.networks", "mips.training", "mips.symbolic", "mips.extraction", "mips.distillation", "mips.paper"),
    ),
    "mips.judging.reading": ("mips.tasks", "mips.machines"),
    "mips.judging.sandbox.foreign": ("mips.tasks", "mips.machines", "mips.program", "mips.judging.judge"),
    "mips.judging.sandbox.bubblewrap": ("mips",),
    "mips.judging.sandbox.child": ("mips",),
    "mips.judging.sandbox.locks": ("mips",),
    "mips.program.docstrings": ("mips",),
    "pytest_mips": ("torch", "numpy", "sympy", "hypothesis", "mips.training", "mips.judging.judge"),
    "pytest_mips.plugin": ("mips",),
    "pytest_mips.options": ("mips",),
    "pytest_mips.options.registration": ("mips", "pytest_mips"),
    **{f"pytest_mips.{name}": ("pytest", "mips") for name in ("__main__", "scores", "report", "workers.executors")},
    "pytest_mips.runs": ("pytest", *ALL_BUT_OUTCOMES),
    "pytest_mips.workers.farm": ("pytest", "mips"),
    "pytest_mips.workers.attempt": ("pytest", "cloudpickle"),
    "pytest_mips.baselines.synthesizers": ("pytest", "mips", "aalpy", "gplearn"),
}

FOREIGN = ("adapter", "errors", "function", "onnx", "state_dict", "torch_modules")

# Modules that are named in a text, to be imported later or by another process: where, and what.
NAMED_IN_TEXTS: Mapping[str, tuple[str, ...]] = {
    "mips": (  # the public names are imported when they are first used
        *("mips.distillation.distil", "mips.distillation.distilled", "mips.judging.judge", "mips.networks.network"),
        *(f"mips.networks.foreign.{name}" for name in FOREIGN),
        *(
            "mips.tasks.alphabets",
            "mips.networks.recurrent",
            "mips.networks.storage",
            "mips.outcome",
            "mips.pipeline",
            "mips.tasks.task",
        ),
    ),
    "pytest_mips.options.settings": ("mips.pipeline",),  # the solver that is used when no other one is asked for
    "pytest_mips.workers.importing": ("mips.pipeline", "mips.judging.sandbox.verdict"),  # a child loads these early
    "pytest_mips.session.hints": ("pytest_mips.plugin",),  # the name under which pytest knows the plugin
}

TORCH_ONLY_IN = ("mips.training", "mips.networks.foreign.torch_modules", "mips.networks.foreign.state_dict")

# Name -> the only modules that import it. The judge speaks last: only the pipeline hears it, and who asks about
# programs from elsewhere.
ONLY_IMPORTED_BY: Mapping[str, tuple[str, ...]] = {
    "mips.tasks.task.Task": (
        *(
            "mips",
            "mips.tasks.arguments",
            "mips.tasks.dataset",
            "mips.judging.questions",
            "mips.judging.comparison",
            "mips.judging.judge",
        ),
        *("mips.pipeline", "mips.judging.sandbox.verdict", "mips.__main__"),
    ),
    "mips.tasks.rehearsal.rehearse": ("mips.tasks.task", "mips.pipeline"),
    "mips.tasks.dataset.sample": ("mips.judging.questions", "mips.pipeline", "mips.judging.sandbox.verdict"),
    "mips.judging.judge.judge": ("mips.pipeline", "mips.judging.sandbox.verdict", "mips"),
    "mips.judging.judge.judge_machine": ("mips.pipeline",),
    "mips.paper": ("mips.distillation.distil",),
}

FROM_ABOVE = ("mips", "mips.Task", "mips.Integers", "mips.integers")  # the library's own door, for the plugin

REFERENCE = {"step", "advance", "run", "draw", "sample", "start"}
MAY_CALL_THE_REFERENCE = (
    *("mips.tasks.task", "mips.tasks.rehearsal", "mips.tasks.dataset", "mips.judging.questions"),
    *("mips.judging.comparison", "mips.judging.judge", "mips.judging.sandbox.verdict"),
)

Sources = Mapping[str, str]


@cache  # many checks read the same modules
def read_sources(*packages: str) -> Sources:
    """Return the text of every module, by dotted name; a package has its own name."""
    sources = {}
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            sources[name] = path.read_text(encoding="utf-8")
    return sources


@cache
def nodes_of(source: str) -> tuple[ast.AST, ...]:
    """Return all nodes of a module's syntax tree."""
    return tuple(ast.walk(ast.parse(source)))


@cache
def imported(source: str) -> frozenset[str]:
    """Return the dotted names a module imports, anywhere in it, those from a module with the module in front."""
    names = set[str]()
    for node in nodes_of(source):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, "imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@cache
def room_of(name: str) -> str:
    """Return the innermost room of ROOMS that a module is, or is in; empty where there is none."""
    return max((room for room in ROOMS if inside(name, room)), key=len, default="")


def backward_imports(sources: Sources) -> list[str]:
    """Return each import of a room above, or of what a module must not import."""
    found = []
    for module, source in sources.items():
        forbidden = {name for owner, names in FORBIDDEN.items() if inside(module, owner) for name in names}
        if inside(module, "mips") and not any(inside(module, room) for room in TORCH_ONLY_IN):
            forbidden.add("torch")
        place = ROOMS.index(room_of(module))
        for name in sorted(imported(source)):
            room = room_of(name)
            above = room != "" and ROOMS.index(room) > place and name not in FROM_ABOVE
            closed = any(inside(name, other) for other in forbidden) and not same_room(module, name)
            closed &= not (inside(name, DRAWING) and any(inside(module, other) for other in MAY_DRAW))
            if above or closed:
                found.append(f"{module} imports {name}")
    return found


def same_room(module: str, name: str) -> bool:
    return room_of(module) == room_of(name) and module not in FORBIDDEN


def texts_that_name_modules(sources: Sources) -> list[str]:
    """Return the modules of the project that are named in texts, where NAMED_IN_TEXTS does not say so."""
    known = {*sources, *ROOMS}
    return [
        f"{module} names {node.value}"
        for module, source in sources.items()
        for node in nodes_of(source)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for name in (node.value.partition(":")[0],)
        if name in known and "." in name and room_of(name) != room_of(module)
        and name not in NAMED_IN_TEXTS.get(module, ())
    ]  # fmt: skip


def crowded(names: Iterable[str]) -> list[str]:
    """Return the rooms that hold more modules and rooms side by side than MOST_SIBLINGS, `__main__` left aside."""
    inhabitants: dict[str, set[str]] = {}
    for name in names:
        parts = name.split(".")
        for depth in range(1, len(parts)):
            inhabitants.setdefault(".".join(parts[:depth]), set()).add(parts[depth])
    return sorted(room for room, inside_it in inhabitants.items() if len(inside_it - {"__main__"}) > MOST_SIBLINGS)


def unexpected_importers(sources: Sources) -> list[str]:
    return [
        f"{module} imports {name}"
        for module, source in sources.items()
        for name, importers in ONLY_IMPORTED_BY.items()
        if inside(module, "mips") and module not in importers and imported(source) & {name, name.rpartition(".")[0]}
    ]


def cycle(sources: Sources) -> list[str]:
    """Return modules that import each other in a ring; empty when there is none."""
    graph = {
        module: {other for name in imported(source) for other in (name, name.rpartition(".")[0])}
        & {*sources} - {module}
        for module, source in sources.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def reference_calls(sources: Sources) -> list[str]:
    """Return where a task's step function, runs, draws or start state are touched by modules that should not."""
    found = []
    for module, source in sources.items():
        if module in MAY_CALL_THE_REFERENCE:
            continue
        for node in nodes_of(source):
            touched = isinstance(node, ast.Attribute) and node.attr in REFERENCE and _is_task(node.value)
            by_name = isinstance(node, ast.Call) and _name(node.func) in ("getattr", "attrgetter", "vars", "replace")
            if touched or (by_name and isinstance(node, ast.Call) and any(map(_is_task, node.args))):
                found.append(f"{module}:{getattr(node, 'lineno', 0)}")
    return found


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _is_task(node: ast.expr) -> bool:
    return _name(node).lower().endswith("task")


def prints(sources: Sources) -> list[str]:
    return [
        f"{module}:{node.lineno}"
        for module, source in sources.items()
        if module != "mips.__main__"  # the command line
        for node in nodes_of(source)
        if (isinstance(node, ast.Call) and _name(node.func) == "print")
        or (isinstance(node, ast.Attribute) and node.attr in ("stdout", "stderr") and _name(node.value) == "sys")
    ]


def known_names(sources: Sources, names: Iterable[str]) -> list[str]:
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")
    return [f"{module}: {match[0]}" for module, source in sources.items() for match in pattern.finditer(source)]


def names_of_tasks() -> list[str]:
    files = sorted((ROOT / "benchmark_tasks").glob("test_*.py"))
    return [task.name for file in files for task in runpy.run_path(str(file))["TASKS"]]


def path_of(room: str) -> str:
    """Return how docs/design.md writes a room: `mips/machines/` for a package, `mips/outcome.py` for a module."""
    path = room.replace(".", "/")
    return f"{path}/" if (ROOT / path).is_dir() else f"{path}.py"


def table_of_rooms(text: str) -> list[str]:
    """Return the rooms in the table of docs/design.md, in order; each has one line that says what it does."""
    tree = re.search(r"^## The tree\n(.*?)^## ", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^\| `([^`]+)` \| [^|]+ \|$", tree[1], flags=re.MULTILINE) if tree else []


def names_not_in_their_files(text: str) -> list[tuple[str, str]]:
    """Return each "`name` in `file`" and "`name` of `file`" of a page whose file does not have the name."""
    pairs = re.findall(r"`(\w+)` (?:in|of) `([\w/]+\.py)`", re.sub(r"\s+", " ", text))
    return [(name, file) for name, file in pairs if name not in (ROOT / file).read_text(encoding="utf-8")]


# The project as it is


def test_imports_point_one_way() -> None:
    assert backward_imports(read_sources("mips", "pytest_mips")) == []


def test_no_module_is_named_in_a_text_in_the_place_of_an_import() -> None:
    assert texts_that_name_modules(read_sources("mips", "pytest_mips")) == []


def test_every_module_is_in_a_room_and_no_room_is_crowded() -> None:
    names = read_sources("mips", "pytest_mips")
    assert {name for name in names if room_of(name) in ("mips", "pytest_mips")} == {"mips", "pytest_mips"}
    assert crowded(names) == []


def test_no_ring_of_imports() -> None:
    assert cycle(read_sources("mips", "pytest_mips")) == []


def test_who_may_know_a_task_sample_and_judge() -> None:
    assert unexpected_importers(read_sources("mips")) == []


def test_the_reference_is_called_only_to_sample_and_to_judge() -> None:
    assert reference_calls(read_sources("mips")) == []


def test_the_library_prints_nothing() -> None:
    assert prints(read_sources("mips")) == []


def test_the_library_knows_no_name_of_a_task() -> None:
    names = names_of_tasks()
    assert len(names) == 62
    assert known_names(read_sources("mips"), names) == []


# Each check can say no


def test_sources_are_really_read() -> None:
    assert {"mips", "mips.tasks.task", "mips.training", "pytest_mips.plugin"} <= read_sources(
        "mips", "pytest_mips"
    ).keys()


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("mips.judging.judge", "import pytest"),
        ("mips.judging.judge", "from pytest_mips import runs"),
        ("mips.networks.network", "import torch.nn as nn"),
        ("mips.pipeline", "def late():\n    from torch import Tensor"),
        ("mips.tasks.task", "from mips.outcome import StageFailure"),
        ("mips.tasks.task", "import numpy"),
        ("mips.networks.storage", "import mips.pipeline"),
        ("mips.networks.storage", "from safetensors.torch import load_file"),
        ("mips.machines.mealy", "from mips.networks.network import Network"),
        ("mips.extraction.hankel", "from mips.tasks.task import Task"),
        ("mips.symbolic.regression.boolean", "from mips.judging.judge import judge"),
        ("mips.symbolic.terms.term", "from mips.symbolic.regression import enumeration"),
        ("mips.paper.lattices.choice", "from mips.paper import distillation"),
        ("mips.paper.distillation", "from mips.judging.judge import judge"),
        ("mips.training.search", "import mips.pipeline"),
        ("mips.training.recurrent", "from mips.symbolic.terms import term"),
        ("mips.judging.judge", "from mips.judging.sandbox import verdict"),
        ("pytest_mips.plugin", "from mips import Task"),
        ("pytest_mips.report.page", "from mips.machines.mealy import MealyMachine"),
        ("pytest_mips.plugin", "from mips.machines.drawing.markup import tag"),
        ("mips.machines.drawing.code", "from mips.machines.mealy import MealyMachine"),
        ("pytest_mips.scores.summary", "import pytest"),
        ("pytest_mips.scores.summary", "from pytest_mips.report import page"),
        ("pytest_mips.runs.records", "from pytest_mips.workers.attempt import peak_mib"),
    ],
)
def test_a_backward_import_is_seen(module: str, source: str) -> None:
    assert len(backward_imports({module: source})) == 1


def test_the_page_on_design_has_the_rooms_in_their_order() -> None:
    assert table_of_rooms(DESIGN.read_text(encoding="utf-8")) == [path_of(room) for room in ROOMS]


def test_the_page_on_design_names_files_and_names_that_exist() -> None:
    text = DESIGN.read_text(encoding="utf-8")
    assert Page(path=DESIGN, text=text).missing_paths() == []
    assert names_not_in_their_files(text) == []


def test_a_room_that_the_page_on_design_leaves_out_is_seen() -> None:
    text = DESIGN.read_text(encoding="utf-8")
    less = re.sub(r"^\| `mips/extraction/`.*\n", "", text, flags=re.MULTILINE)
    assert [path_of(room) for room in ROOMS if path_of(room) not in table_of_rooms(less)] == ["mips/extraction/"]


def test_a_name_and_a_file_that_do_not_exist_are_seen() -> None:
    assert names_not_in_their_files("`solve` in\n`mips/pipeline.py`, `no_such` of `mips/pipeline.py`") == [
        ("no_such", "mips/pipeline.py")
    ]
    assert Page(path=DESIGN, text="`mips/no_such/`, `mips/tasks/`").missing_paths() == ["mips/no_such/"]


def test_a_module_in_a_text_is_seen() -> None:
    source = 'LATE = "pytest_mips.report.page"\nHERE = "pytest_mips.scores.summary:load"'
    sources = {"pytest_mips.scores.summary": source, "pytest_mips.report.page": ""}
    assert texts_that_name_modules(sources) == ["pytest_mips.scores.summary names pytest_mips.report.page"]


def test_a_crowd_is_seen() -> None:
    names = [f"mips.{letter}.x" for letter in "abcdefghijklm"]
    assert crowded(names) == ["mips"] and crowded(names[1:]) == []


def test_torch_is_at_home_in_training() -> None:
    assert backward_imports({"mips.training.optimizers": "import torch"}) == []


def test_a_ring_is_seen() -> None:
    sources = {"mips.a": "from mips.b import f", "mips.b": "import mips.c", "mips.c": "from mips import a"}
    assert set(cycle(sources)) == set(sources)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("mips.search", "from mips.tasks.task import Task"),
        ("mips.search", "import mips.tasks.dataset"),
        ("mips.extraction.extraction", "from mips.tasks.dataset import sample"),
        ("mips.training", "from mips.judging.judge import judge"),
    ],
)
def test_an_unexpected_importer_is_seen(module: str, source: str) -> None:
    assert unexpected_importers({module: source}) == [f"{module} imports {name}" for name in _expected(source)]


def _expected(source: str) -> list[str]:
    return [name for name in ONLY_IMPORTED_BY if imported(source) & {name, name.rpartition(".")[0]}]


@pytest.mark.parametrize(
    "source",
    ["task.step(0, 1)", "self.task.run([1])", "f(the_task.start)", "getattr(task, 'st' + 'ep')", "task.draw(rng, 3)"],
)
def test_a_call_of_the_reference_is_seen(source: str) -> None:
    assert reference_calls({"mips.pipeline": source}) == ["mips.pipeline:1"]
    assert reference_calls({"mips.judging.judge": source}) == []


def test_a_machine_may_step() -> None:
    assert reference_calls({"mips.pipeline": "machine.step(0, 1); network.run(task.inputs); task.length"}) == []


@pytest.mark.parametrize("source", ["print(1)", "import sys\nsys.stdout.write('x')", "builtins.print(1)"])
def test_a_print_is_seen(source: str) -> None:
    assert len(prints({"mips.pipeline": source})) == 1


def test_a_name_is_seen_as_a_word_only() -> None:
    assert known_names(
        {"mips.pipeline": "# as in Div_7\nPrev11 = Abs_Difference = 1"}, ["Div_7", "Prev1", "Abs_Diff"]
    ) == ["mips.pipeline: Div_7"]
