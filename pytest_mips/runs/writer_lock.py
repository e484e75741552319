"""One writer at a time: a lock on the folder of a run, which the kernel takes back however its holder ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class FolderLocked(Exception):
    """Another process writes into the folder of a run."""


class FolderLock:
    """The lock that a run holds on its folder; `shared` with the other processes of the same run."""

    def __init__(self, folder: Path, *, shared: bool = False) -> None:
        """Take the lock; on a filesystem without locks, nothing is locked.

        Raises FolderLocked when another process holds it, and OSError when there is no such folder.
        """
        self._descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(self._descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise FolderLocked from error
        except OSError:
            pass

    def leave(self) -> None:
        """Let go."""
        os.close(self._descriptor)
