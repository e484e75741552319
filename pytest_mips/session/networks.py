"""Networks that are there already, for `--mips-networks`: the files of each task's network, read early."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mips.networks.foreign.errors import ForeignNetworkError
from mips.networks.foreign.folder import KINDS, network_files
from pytest_mips.runs.archive import ARCHIVE, FOLDER, ArchiveError, unpacked

OPTION = "--mips-networks"
Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNetworks:
    """The networks of tasks: the files of each, by task and seed. `shown` names the folder that they were read from."""

    shown: str
    files: Mapping[tuple[str, int], Files]

    def job_fields(self, task: str, seed: int) -> dict[str, Any]:
        """Return what a job of our own is told: the files of its network, or why there is none."""
        if (task, seed) in self.files:
            return {"network": self.files[task, seed]}
        return {"no_network": f"no network for {task} in {self.shown}; expected a folder {task} with {KINDS}"}

    def told(self, task: str) -> str:
        """Return a hash of the files of a task's networks, or that there is none, for fingerprints of attempts."""
        return ", ".join(sorted({_hash(files) for (name, _), files in self.files.items() if name == task})) or "none"


def _hash(files: Files) -> str:
    parts = [f"{name} {hashlib.sha256(content).hexdigest()}" for name, content in sorted(files.items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def stored_networks(place: Path, shown: str, tasks: Iterable[str], seeds: Iterable[int]) -> StoredNetworks:
    """Return the networks in a folder: `place`/<Task>/, or `place`/<Task>/seed-<seed>/ where a seed has its own.

    `place` may also be the folder of a run, or its `tasks`, packed or not. Raises pytest.UsageError where there is no
    such folder, where it has a network for none of the tasks, and where one cannot be told.
    """
    wanted, found = [*tasks], dict[tuple[str, int], Files]()
    try:
        with _opened(place) as folder:
            for task in wanted:
                for seed in seeds:
                    own = folder / task / f"seed-{seed}"
                    files = network_files(own) or network_files(folder / task)
                    if files:
                        found[task, seed] = {file.name: file.read_bytes() for file in files}
    except (ArchiveError, ForeignNetworkError) as error:
        raise pytest.UsageError(f"{OPTION}: {error}.") from error
    except OSError as error:
        raise pytest.UsageError(f"{OPTION}: {error.filename or place}: {error.strerror}.") from error
    if wanted and not found:
        raise pytest.UsageError(
            f"{OPTION}: found no network for any of the {len(wanted)} tasks in {place}, expected folders such as "
            f"{wanted[0]} with {KINDS}."
        )
    return StoredNetworks(shown=shown, files=found)


@contextmanager
def _opened(place: Path) -> Iterator[Path]:
    """Yield the folder that holds a folder for each task."""
    run = place.parent if place.name == FOLDER and not place.is_dir() else place
    if (run / "run.json").is_file():
        with unpacked(run) as whole:
            yield whole / FOLDER
    elif place.is_dir():
        yield place
    else:
        raise pytest.UsageError(
            f"{OPTION}: found no folder {place}, expected one with a folder for each task, or a run with {FOLDER} or "
            f"{ARCHIVE}."
        )
