"""Folders that a killed worker cannot leave behind for long.

Each holds a lock of its owner's process, which the system releases when that dies; whoever makes
the next one removes those that nobody holds. Several workers may share the parent.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from media_pipeline.errors import DiskFull

_PREFIX = "work-"
_LOCK = "owner.lock"
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """An empty folder of our own, absolute, gone afterwards."""
    parent.mkdir(parents=True, exist_ok=True)
    remove_ownerless(parent)
    folder = Path(mkdtemp(prefix=f".{_PREFIX}", dir=parent)).resolve()
    lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Only a locked folder has the name that others look for.
        folder = folder.rename(folder.with_name(folder.name.removeprefix(".")))
        inside = folder / "inside"
        inside.mkdir()
        yield inside
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


@contextmanager
def telling_full_disk() -> Iterator[None]:
    """Turns Python's own complaint into the one that tools' are turned into."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull from error
        raise


def remove_ownerless(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError):
            lock = os.open(folder / _LOCK, os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            else:
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)
