"""What pytest calls. Without `--mips-benchmark` nothing is imported, written or printed: the working object is
registered only when the option is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mips.options import registration

if TYPE_CHECKING:
    from pytest_mips.session.benchmark import Benchmark

NEEDS_FLAG = "needs --mips-benchmark"
BENCHMARK: pytest.StashKey[Benchmark] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    registration.declare(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    if registration.wanted(config):
        from pytest_mips.options.companions import refuse_loops

        refuse_loops(config)
        return
    typed = config.invocation_params.args
    looks = config.getoption("help", default=False) or config.getoption("version", default=False)
    if not looks and any(str(argument).startswith("--mips-") for argument in typed):
        from pytest_mips.session.hints import without_flag

        if mistake := without_flag(typed):
            raise pytest.UsageError(mistake)


@pytest.hookimpl(trylast=True)  # after the terminal reporter is there
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "mips_task: a benchmark task; runs under --mips-benchmark, else it is skipped.")
    if not registration.wanted(config):
        return
    from pytest_mips.options import settings
    from pytest_mips.session.benchmark import Benchmark
    from pytest_mips.session.selection import Selection

    asked = settings.resolve(config)
    selection = Selection(config, asked)
    benchmark = Benchmark(config, asked, selection)
    config.stash[BENCHMARK] = benchmark
    config.pluginmanager.register(selection, "mips_selection")
    config.pluginmanager.register(benchmark, "mips_benchmark")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if BENCHMARK in config.stash:
        return
    for item in items:
        if item.get_closest_marker("mips_task"):
            item.add_marker(pytest.mark.skip(reason=NEEDS_FLAG))


@pytest.fixture(name="mips")
def mips_fixture(request: pytest.FixtureRequest) -> Callable[[Any], None]:
    """`mips(task)`: wait for the verdict on the task; a test that is no benchmark task is skipped or told so."""
    benchmark = request.config.stash.get(BENCHMARK, None)
    if benchmark is None:
        pytest.skip(NEEDS_FLAG)
    return lambda task: benchmark.await_verdict(request.node, task)
