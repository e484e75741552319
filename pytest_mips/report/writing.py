"""The derived files of a run, written by whoever owns its folder."""

from __future__ import annotations

import json
from pathlib import Path

from pytest_mips.report import page
from pytest_mips.runs.records import write_atomically
from pytest_mips.scores import summary


def write(run_dir: Path, computed: summary.Summary) -> None:
    """Write `summary.json`, `summary.md` and `report.html`; the page says so where it could not be drawn."""
    write_atomically(run_dir / "summary.json", json.dumps(summary.to_json(computed), indent=1) + "\n")
    write_atomically(run_dir / "summary.md", summary.markdown(computed))
    try:
        page.write(run_dir)
    except Exception as error:  # the results are worth more than a picture of them
        write_atomically(run_dir / page.NAME, page.failed(computed.run["run"], error))
