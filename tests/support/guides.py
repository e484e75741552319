"""README.md and the pages of docs/, as tests read them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("mips", "pytest_mips", "tests", "benchmarks", "benchmark_tasks", "docs", "reports")  # whose files are named


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of Markdown."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        """The path from the root of the project, such as `docs/running.md`."""
        return self.path.relative_to(ROOT).as_posix()

    def blocks(self, language: str) -> list[str]:
        """Return the contents of all code blocks in a language."""
        return re.findall(rf"```{language}\n(.*?)```", self.text, flags=re.DOTALL)

    def missing_paths(self) -> list[str]:
        """Return the paths of files and folders of the project that stand in backquotes and do not exist.

        Those with a placeholder, such as `reports/<run>/`, are left out, and so is what follows a colon.
        """
        named = re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]*)`", self.text)
        return sorted({path for path in named if not (ROOT / path).exists()})


def pages() -> list[Page]:
    """Return README.md and all pages of docs/."""
    paths = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [Page(path=path, text=path.read_text(encoding="utf-8")) for path in paths]


def links(text: str) -> list[tuple[str, str]]:
    """Return path and anchor of each link to a place of the project, the path empty for the page itself."""
    found = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [(target, anchor) for each in found if "://" not in each for target, _, anchor in (each.partition("#"),)]


def anchors(text: str) -> set[str]:
    """Return the anchors of the headings of a page, as repositories make them."""
    headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
