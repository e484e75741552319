"""The import graph points one way, and the library is blind: it knows no task's name and asks the reference only to
sample and to judge. Every check reads sources; the second half shows, on made-up sources, that each can say no."""

from __future__ import annotations

import ast
import re
import runpy
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LAST = ("mips.distillation", "mips.pipeline", "mips.judging.sandbox")

FIRST = (
    "mips.tasks.cures",
    "mips.tasks.time_limit",
    "mips.tasks.places",
    "mips.tasks.purity",
    "mips.tasks.rehearsal",
    "mips.tasks.task",
)  # in this order

# Module or package -> what neither it nor anything inside it imports.
FORBIDDEN: Mapping[str, tuple[str, ...]] = {
    "mips": ("pytest", "_pytest", "pytest_mips", "tabulate", "cloudpickle"),
    **{name: ("mips", "torch", "numpy", "sympy", "hypothesis") for name in FIRST},
    "mips.tasks.dataset": (
        "mips.networks.network",
        "mips.training",
        "mips.machines",
        "mips.symbolic",
        "mips.judging.judge",
        *LAST,
    ),
    "mips.networks.network": ("mips.tasks.task", "mips.tasks.dataset", "mips.training", "mips.judging.judge", *LAST),
    "mips.networks.storage": (
        *(
            "mips.tasks.dataset",
            "mips.training",
            "mips.machines",
            "mips.paper.lattices",
            "mips.symbolic",
            "mips.program.source",
        ),
        *("mips.judging.judge", *LAST, "safetensors.torch", "pickle"),
    ),
    "mips.training": (
        "mips.tasks.task",
        "mips.machines",
        "mips.symbolic",
        "mips.program.source",
        "mips.judging.judge",
        *LAST,
    ),
    **{  # upwards: the passes, the optimisers, many networks, the ladder and a rung of it; the search is on top
        f"mips.training.{name}": tuple(f"mips.training.{other}" for other in higher.split())
        for name, higher in {
            "recurrent": "optimizers least_squares population ladder climb identification portfolio",
            "optimizers": "least_squares population ladder climb identification portfolio",
            "least_squares": "optimizers population ladder climb identification portfolio",
            "population": "optimizers ladder climb identification portfolio",
            "ladder": "recurrent least_squares population climb identification portfolio",
            "climb": "identification portfolio",
            "identification": "recurrent optimizers least_squares population ladder climb portfolio",
            "portfolio": "recurrent optimizers least_squares population",
        }.items()
    },
    "mips.paper.normalizers": (
        "mips.tasks.task",
        "mips.machines",
        "mips.symbolic",
        "mips.program.source",
        "mips.judging.judge",
        *LAST,
    ),
    "mips.paper.lattices": (
        "mips.tasks.task",
        "mips.tasks.dataset",
        "mips.training",
        "mips.program.source",
        "mips.judging.judge",
        *LAST,
    ),
    "mips.machines": (
        "mips.tasks.task",
        "mips.tasks.dataset",
        "mips.training",
        "mips.program.source",
        "mips.judging.judge",
        *LAST,
    ),
    "mips.symbolic": ("mips.tasks.task", "mips.tasks.dataset", "mips.training", "mips.judging.judge", *LAST),
    "mips.distillation": (
        "mips.tasks.dataset",
        "mips.training",
        "mips.program.source",
        "mips.judging.judge",
        "mips.pipeline",
        "mips.judging.sandbox",
    ),
    "mips.judging.questions": (
        "mips.networks.network",
        "mips.training",
        "mips.symbolic",
        "mips.program.source",
        "mips.judging.judge",
        *LAST,
    ),
    "mips.judging.judge": ("mips.networks.network", "mips.training", "mips.symbolic", *LAST),
    "mips.judging.sandbox": (
        "mips.networks.network",
        "mips.training",
        "mips.symbolic",
        "mips.distillation",
        "mips.pipeline",
    ),
    "mips.judging.sandbox.foreign": (
        "mips.tasks.task",
        "mips.tasks.dataset",
        "mips.judging.questions",
        "mips.judging.judge",
        "mips.machines",
        "mips.program.source",
    ),
    "mips.program.docstrings": ("mips",),
    "mips.judging.sandbox.bare": (
        "mips.tasks.task",
        "mips.tasks.dataset",
        "mips.judging.questions",
        "mips.judging.judge",
        "mips.machines",
        "mips.program.source",
    ),
    "mips.judging.sandbox.bubblewrap": ("mips",),
    "mips.judging.sandbox.child": ("mips",),
    "mips.judging.sandbox.locks": ("mips",),
    "pytest_mips": ("torch", "numpy", "sympy", "hypothesis", "mips.pipeline", "mips.training", "mips.judging.judge"),
    "pytest_mips.plugin": ("mips",),
    "pytest_mips.options.registration": ("mips", "pytest_mips"),
    "pytest_mips.options.settings": ("mips",),
    "pytest_mips.workers.attempt": ("pytest", "mips", "cloudpickle"),
    "pytest_mips.workers.executors": ("pytest", "mips"),
    "pytest_mips.workers.farm": ("pytest", "mips"),
    "pytest_mips.runs.records": ("pytest", "mips"),
    "pytest_mips.scores.summary": ("pytest", "mips"),
    **{f"pytest_mips.{name}": ("pytest", "mips") for name in ("__main__", "differences", "report", "tools")},
    "pytest_mips.workers.synthesizers": ("pytest", "mips", "aalpy", "gplearn"),
}

TORCH_ONLY_IN = "mips.training"

# Name -> the only modules that import it. The judge speaks last: only the pipeline hears it, and who asks about
# programs from elsewhere.
ONLY_IMPORTED_BY: Mapping[str, tuple[str, ...]] = {
    "mips.tasks.task.Task": (
        *(
            "mips",
            "mips.tasks.dataset",
            "mips.judging.questions",
            "mips.judging.comparison",
            "mips.judging.judge",
            "mips.pipeline",
            "mips.judging.sandbox.verdict",
        ),
    ),
    "mips.tasks.rehearsal.rehearse": ("mips.tasks.task", "mips.pipeline"),
    "mips.tasks.dataset.sample": ("mips.judging.questions", "mips.pipeline", "mips.judging.sandbox.verdict"),
    "mips.judging.judge.judge": ("mips.pipeline", "mips.judging.sandbox.verdict"),
    "mips.judging.judge.judge_machine": ("mips.pipeline",),
}

REFERENCE = {"step", "advance", "run", "draw", "sample", "start"}
MAY_CALL_THE_REFERENCE = (
    *(
        "mips.tasks.task",
        "mips.tasks.rehearsal",
        "mips.tasks.dataset",
        "mips.judging.questions",
        "mips.judging.comparison",
        "mips.judging.judge",
        "mips.judging.sandbox.verdict",
    ),
)

Sources = Mapping[str, str]


def read_sources(*packages: str) -> dict[str, str]:
    """Return the text of every module, by dotted name; a package has its own name."""
    sources = {}
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            sources[name] = path.read_text(encoding="utf-8")
    return sources


def imported(source: str) -> set[str]:
    """Return the dotted names a module imports, anywhere in it, those from a module with the module in front."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, "imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def backward_imports(sources: Sources) -> list[str]:
    found = []
    for module, source in sources.items():
        forbidden = {name for owner, names in FORBIDDEN.items() if inside(module, owner) for name in names}
        earlier = FIRST[: FIRST.index(module)] if module in FIRST else ()
        if inside(module, "mips") and not inside(module, TORCH_ONLY_IN):
            forbidden.add("torch")
        found += [
            f"{module} imports {name}"
            for name in sorted(imported(source))
            if any(inside(name, other) for other in forbidden) and not any(inside(name, other) for other in earlier)
        ]
    return found


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
        module: {other for other in sources for name in names if name in (other, _member_of(name, other))} - {module}
        for module, names in ((module, imported(source)) for module, source in sources.items())
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _member_of(name: str, module: str) -> str:
    """Return `name` if it is a direct member of `module`."""
    return name if name.rpartition(".")[0] == module else ""


def reference_calls(sources: Sources) -> list[str]:
    """Return where a task's step function, runs, draws or start state are touched by modules that should not."""
    found = []
    for module, source in sources.items():
        if module in MAY_CALL_THE_REFERENCE:
            continue
        for node in ast.walk(ast.parse(source)):
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
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Call) and _name(node.func) == "print")
        or (isinstance(node, ast.Attribute) and node.attr in ("stdout", "stderr") and _name(node.value) == "sys")
    ]


def known_names(sources: Sources, names: Iterable[str]) -> list[str]:
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")
    return [f"{module}: {match[0]}" for module, source in sources.items() for match in pattern.finditer(source)]


def names_of_tasks() -> list[str]:
    files = sorted((ROOT / "benchmark_tasks").glob("test_*.py"))
    return [task.name for file in files for task in runpy.run_path(str(file))["TASKS"]]


# The project as it is


def test_imports_point_one_way() -> None:
    assert backward_imports(read_sources("mips", "pytest_mips")) == []


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
        ("mips.judging.judge", "from pytest_mips import records"),
        ("mips.networks.network", "import torch.nn as nn"),
        ("mips.pipeline", "def late():\n    from torch import Tensor"),
        ("mips.tasks.task", "from mips.outcome import StageFailure"),
        ("mips.tasks.task", "import numpy"),
        ("mips.tasks.rehearsal", "from mips.tasks.task import Task"),
        ("mips.networks.storage", "import mips.pipeline"),
        ("mips.networks.storage", "from safetensors.torch import load_file"),
        ("mips.extraction.hankel", "from mips.tasks.task import Task"),
        ("mips.symbolic.regression.boolean", "from mips.judging.judge import judge"),
        ("mips.symbolic.regression.boolean", "from mips import judge"),
        ("mips.paper.lattices.choice", "from mips.distillation import paper"),
        ("mips.paper.distillation", "from mips.judging.judge import judge"),
        ("mips.training.search", "import mips.pipeline"),
        ("mips.training.recurrent", "from mips.training.least_squares import levenberg_marquardt"),
        ("mips.training.least_squares", "from mips.training.population import evolve"),
        ("mips.training.population", "from mips.training import climb"),
        ("mips.training.architectures", "from mips.training.one_architecture import Climb"),
        ("mips.training.one_architecture", "from mips.training.search import Trial"),
        ("pytest_mips.plugin", "from mips import Task"),
        ("pytest_mips.scores.summary", "import pytest"),
    ],
)
def test_a_backward_import_is_seen(module: str, source: str) -> None:
    assert len(backward_imports({module: source})) == 1


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
