"""One PostgreSQL cluster, made and migrated once for a whole run, and copies of it.

Making one costs three core-seconds and more, a copy a tenth of one. The process that shares the
tests out has it made while the others collect; where one process runs all there is none.

    python -m tests.prepared_cluster FOLDER
"""

import asyncio
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NAMED = "GUANBIAO_TESTS_CLUSTER"
MIGRATED = "migrated"
"""A database beside the usual one, with the same schema and no rows: to be copied."""


@contextmanager
def in_the_making() -> Iterator[None]:
    """For the processes that this one starts meanwhile."""
    with tempfile.TemporaryDirectory(prefix="guanbiao-tests-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL runs as another user when we are root
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the maker has ended, who inherits it
        maker = subprocess.Popen(
            [sys.executable, "-m", __name__, name], pass_fds=[lock], stdout=subprocess.DEVNULL
        )
        os.close(lock)
        os.environ[_NAMED] = name
        yield
        del os.environ[_NAMED]
        maker.wait()  # to its end: stopped halfway, it would leave a server behind


def copy_to(folder: Path) -> bool:
    """Whether there is one by now: `folder` is then what `LocalPostgres(folder)` starts from."""
    if not (name := os.environ.get(_NAMED)):
        return False
    with (Path(name) / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
    if not (Path(name) / "ready").exists():
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.parent.chmod(0o711)
    # -a: the files stay their user's, which shutil would not see to.
    subprocess.run(["cp", "-a", str(Path(name) / "postgres"), str(folder)], check=True)
    return True


def _make(folder: Path) -> None:
    from infra.local.postgres import DATABASE, OWNER, LocalPostgres
    from infra.migrate import migrate

    server = LocalPostgres(folder / "postgres")
    server.start()
    try:
        asyncio.run(migrate(server.dsn(OWNER)))
        done = server._psql(f"CREATE DATABASE {MIGRATED} OWNER {OWNER} TEMPLATE {DATABASE}")
    finally:
        server.stop()
    (folder / "postgres" / "postgres.log").unlink()
    if done.returncode == 0:
        (folder / "ready").touch()
    else:
        shutil.rmtree(folder / "postgres")


if __name__ == "__main__":
    os.environ.setdefault("PICCOLO_CONF", "backend.piccolo_conf")
    _make(Path(sys.argv[1]))
