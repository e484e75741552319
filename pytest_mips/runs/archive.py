"""Runs whose task folders are packed in one file, `tasks.zip`, so that a repository can keep a run in a few files."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

FOLDER, ARCHIVE = "tasks", "tasks.zip"
DATE = (1980, 1, 1, 0, 0, 0)  # of every packed file, the earliest that the format knows: equal files, equal archives


class ArchiveError(OSError):
    """`tasks.zip` cannot be read; one line says what was found, what was expected and the cure."""


def pack(run: Path, archive: Path, names: Sequence[str] = ()) -> None:
    """Write the files in `run`/tasks, or only those of these names, to an archive: equal bytes for equal files."""
    files = (path for path in sorted((run / FOLDER).rglob("*")) if path.is_file() and (not names or path.name in names))
    with zipfile.ZipFile(archive, "w") as packed:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(run).as_posix(), DATE)
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)


@contextmanager
def unpacked(run: Path, *, strict: bool = True) -> Iterator[Path]:
    """Yield a folder that holds all files of a run: `run` itself, or for a packed one a copy that is removed after use.

    The copy has the name of the run. A file in `run`/tasks takes the place of the packed one, so that an attempt that
    is made after packing counts. Raises ArchiveError for a damaged archive, or yields `run` itself if not `strict`.
    """
    with tempfile.TemporaryDirectory(prefix="mips-run-") if (run / ARCHIVE).is_file() else nullcontext() as temporary:
        place = run
        if temporary:
            try:
                place = _copy(run, Path(temporary, run.resolve().name))
            except ArchiveError:
                if strict:
                    raise
        yield place


def _copy(run: Path, place: Path) -> Path:
    """Copy a packed run to `place`, its task folders unpacked; return `place`. Raises ArchiveError."""
    _extract(run / ARCHIVE, place)
    shutil.copytree(run, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns(ARCHIVE, "report*.html"))
    return place


def _extract(archive: Path, place: Path) -> None:
    """Unpack an archive; names that lead elsewhere are brought inside by the zipfile module."""
    try:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(place)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error) as error:
        told = " ".join(str(error).split()) or type(error).__name__
        raise ArchiveError(
            f"{archive}: found a file that cannot be unpacked ({told}), expected a zip archive of {FOLDER}/; "
            "restore the file, or remove it to read the run without its task folders"
        ) from error
