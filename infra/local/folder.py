"""The data folder of a local instance: who holds it, what runs from it, what it remembers.

lock        held (flock) by the `guanbiao up` that runs this instance
state.json  ports of the last start, kept so that addresses stay the same
run.json    the running instance: address, pids, the environment its processes have
logs/  postgres/  objects/  keys/
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from infra.errors import Conflict, Unavailable
from infra.local.processes import Mark


class AlreadyRunning(Conflict):
    """Another `guanbiao up` runs this instance."""

    zh = "该实例已由另一个 guanbiao up 运行。"


class NotWritable(Unavailable):
    """The data folder cannot be written; choose another with --data."""

    zh = "数据文件夹不可写，请用 --data 另选。"


class Ports(msgspec.Struct, forbid_unknown_fields=False):
    """0 where no start has chosen one yet."""

    api: int = 0
    postgres: int = 0
    objects: int = 0


class Running(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    url: str
    """Where this machine reaches it; `public_url` is what records carry."""
    public_url: str
    demo: bool
    up: Mark
    pids: dict[str, int]
    environment: dict[str, str]
    """Addresses with passwords: the file is for its owner's eyes."""


class DataFolder:
    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    def prepare(self) -> None:
        try:
            if not self.path.exists():
                self.path.mkdir(parents=True)
                self.path.chmod(0o711)  # enough for the database's user to pass through
            self.logs.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise NotWritable(
                f"cannot write in {self.path} ({error.strerror}); choose another with --data",
                zh=f"无法写入 {self.path}（{error.strerror}），请用 --data 另选文件夹",
            ) from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Only one process at a time; the kernel lets go when it dies, however it dies."""
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise self._already_running() from None
            yield
        finally:
            os.close(descriptor)

    def _already_running(self) -> AlreadyRunning:
        other = self.running()
        where = f"at {other.url} (pid {other.up.pid})" if other else "and is just starting"
        zh = f"，地址 {other.url}（进程 {other.up.pid}）" if other else "，正在启动"
        return AlreadyRunning(
            f"the instance in {self.path} already runs {where}; stop it with Ctrl-C there,"
            " or start another with --data OTHER",
            zh=f"{self.path} 中的实例已在运行{zh}；请在其终端按 Ctrl-C 停止，"
            "或用 --data 另选文件夹启动新实例",
        )

    def ports(self) -> Ports:
        try:
            return msgspec.json.decode((self.path / "state.json").read_bytes(), type=Ports)
        except (OSError, msgspec.DecodeError):
            return Ports()

    def keep_ports(self, ports: Ports) -> None:
        self._write("state.json", ports)

    def running(self) -> Running | None:
        """The instance that runs from this folder now; None also where it died uncleanly."""
        try:
            found = msgspec.json.decode((self.path / "run.json").read_bytes(), type=Running)
        except (OSError, msgspec.DecodeError):
            return None
        return found if found.up.process() else None

    def announce(self, running: Running) -> None:
        self._write("run.json", running)

    def retract(self) -> None:
        (self.path / "run.json").unlink(missing_ok=True)

    def _write(self, name: str, content: msgspec.Struct) -> None:
        scratch = self.path / f".{name}.part"
        scratch.unlink(missing_ok=True)
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(content)) + b"\n")
        scratch.replace(self.path / name)
