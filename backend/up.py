"""`guanbiao up`: a whole instance on this machine, started with one command and ended with one."""

import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO
from urllib.error import HTTPError
from urllib.request import urlopen

import msgspec

from backend.story import Story
from infra.errors import Conflict, Unavailable
from infra.local.folder import DataFolder, Ports, Running
from infra.local.forking import ForkedChild, Order, Parent
from infra.local.ports import listen
from infra.local.processes import Mark, end_leftover, last_lines
from infra.local.stack import LocalStack
from infra.local.supervisor import Child, Supervisor
from infra.settings import get_settings
from media_pipeline.work.room import encoders_with_room

_USUAL_PORT = 8000
_STOP_SECONDS = 10.0
_READY_SECONDS = 60.0
_MOST_BY_ITSELF = 4
_AT_ONCE = "GUANBIAO_WORK_CONCURRENCY"
_ROOT = str(Path(__file__).resolve().parents[1])


class Stopped(BaseException):
    """SIGINT, SIGTERM or SIGHUP arrived."""


class PortTaken(Conflict):
    """The port is taken by another program; choose another with --port."""

    zh = "该端口已被其他程序占用，请用 --port 另选。"


class PrepareFailed(Unavailable):
    """The database could not be prepared; the lines below say why."""

    zh = "数据库未能准备就绪，原因如下。"


class ApiSilent(Unavailable):
    """The API did not answer; its log says why."""

    zh = "API 没有响应，原因见日志。"


class Instance:
    """One start of one data folder."""

    def __init__(self, folder: DataFolder, host: str, port: int, demo: bool) -> None:
        self.folder, self.demo, self.story = folder, demo, Story()
        self._host, self._wanted_port = host, port
        self._parent: Parent | None = None
        self._children: list[Child] = []

    def run(self) -> None:
        """Until a signal, or until a part will not stay up. Leaves no process behind."""
        self.folder.prepare()
        with self.folder.held(), _signals():
            try:
                self._run()
            except Stopped:
                self.story.say("正在停止 · stopping")
            finally:
                _ignore_signals()
                self._stop()
        self.story.say("已停止，数据保留 · stopped, the data stay")

    def _run(self) -> None:
        self._end_leftovers()
        ports = self.folder.ports()
        self._socket = self._take_port(ports)
        self._stack = LocalStack(self.folder.path)
        self._parent = self._preload()
        with self.story.step("PostgreSQL 与对象存储 · PostgreSQL and object store"):
            self._stack.start(ports)
        self._say_where_the_database_is()
        if self._wanted_port or not ports.api:  # else a stopgap: the next start tries again
            ports.api = self._port
        self.folder.keep_ports(ports)
        with self.story.step("数据库、课程、账号 · schema, curriculum, people"):
            public_url = self._prepare(self._parent)
        with self.story.step("API 与任务进程 · API and worker"):
            self._launch(self._parent)
        self._announce(public_url)
        if self.demo:
            threading.Thread(target=self._demonstrate, args=(public_url,), daemon=True).start()
        else:
            self._say_addresses(public_url)
        parts = [*self._stack.parts(), *self._children]
        Supervisor(parts, self.story.warn, lambda: self._announce(public_url)).watch()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def _port(self) -> int:
        return int(self._socket.getsockname()[1])

    def _end_leftovers(self) -> None:
        for file in sorted(self.folder.logs.glob("*.pid")):
            if pid := end_leftover(file):
                self.story.warn(
                    f"上次遗留的 {file.stem} 进程（{pid}）已结束 · "
                    f"ended a leftover {file.stem}, pid {pid}"
                )

    def _take_port(self, ports: Ports) -> socket.socket:
        """Ours from here on: the API gets the socket, and callers wait in it while it restarts."""
        wanted = self._wanted_port or ports.api or _USUAL_PORT
        if taken := listen(wanted, self._host):
            return taken
        if self._wanted_port:
            raise PortTaken(
                f"port {wanted} on {self._host} is taken by another program;"
                " choose another with --port, or leave --port out to get a free one",
                zh=f"{self._host} 的端口 {wanted} 已被占用；"
                "请用 --port 另选，或不加 --port 自动选择",
            )
        other = listen(0, self._host)
        if other is None:
            raise PortTaken
        number = other.getsockname()[1]
        self.story.warn(
            f"端口 {wanted} 被其他程序占用，本次改用 {number} · "
            f"port {wanted} is taken by another program, this time it is {number}"
        )
        return other

    def _say_where_the_database_is(self) -> None:
        postgres = self._stack.postgres
        if postgres and postgres.home != postgres.folder:
            self.story.warn(
                f"数据库用户进不了 {self.folder.path}，数据库放在 {postgres.home} · "
                f"PostgreSQL's user cannot enter there: the database is in {postgres.home}"
            )

    def _preload(self) -> Parent:
        """It loads while the servers below start."""
        listening = self._socket.fileno()
        command, alone = _python("backend.preloaded"), _python("backend.cli")
        parent = Parent(command, alone, self._environment(), self.folder.logs, [listening])
        parent.launch()
        return parent

    def _environment(self) -> dict[str, str]:
        """For our processes, besides the addresses of the servers."""
        mine = {
            "GUANBIAO_DATA_DIR": str(self.folder.path),
            "GUANBIAO_HOST": self._host,
            "GUANBIAO_PORT": str(self._port),
            "GUANBIAO_DEMO": "true" if self.demo else "false",
            "PYTHONPATH": os.pathsep.join([_ROOT, os.environ.get("PYTHONPATH", "")]).rstrip(":"),
            "PYTHONUNBUFFERED": "1",
        }
        inherited = {k: v for k, v in os.environ.items() if k != "DATABASE_OWNER_URL"}
        return {**inherited, **mine}

    def _prepare(self, parent: Parent) -> str:
        addresses = {**self._stack.environment(), **self._stack.owner_environment()}
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            order = Order(["migrate", "--json"], addresses)
            parent.start(order, output.fileno(), errors.fileno()).wait()
            told, said = _whole(output), _whole(errors)
        if not told:
            raise PrepareFailed(said.decode(errors="replace").strip(), zh=PrepareFailed.zh)
        return str(msgspec.json.decode(told)["publicUrl"])

    def _launch(self, parent: Parent) -> None:
        addresses, listening = self._stack.environment(), self._socket.fileno()
        given = {**addresses, "GUANBIAO_LISTEN_FD": str(listening)}
        beside = Order(["api"], {**addresses, "GUANBIAO_SHARE_PORT": "true"})
        crew = Order(["worker"], {**addresses, **_shares_of_work(_workers())})
        orders = {
            "api": Order(["api"], given, keeps=[listening]),
            **{f"api-{number}": beside for number in range(2, _api_processes() + 1)},
            "worker": crew,
            **{f"worker-{number}": crew for number in range(2, _workers() + 1)},
        }
        self._children = [
            ForkedChild(name, parent, order, self.folder.logs) for name, order in orders.items()
        ]
        for child in self._children:
            child.launch()
        self._wait_for_api(self._children[0])

    def _wait_for_api(self, api: Child) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while api.alive() and time.monotonic() < deadline:
            if answers(f"{self.url}/healthz"):
                return
            time.sleep(0.1)
        raise ApiSilent(
            f"the API did not start; the end of {api.log}:\n{last_lines(api.log)}",
            zh=f"API 未能启动，日志见 {api.log}",
        )

    def _announce(self, public_url: str) -> None:
        names = ("DATABASE_URL", "OBJECTS_URL")
        environment = {**self._environment(), **self._stack.environment()}
        self.folder.announce(
            Running(
                url=self.url,
                public_url=public_url,
                demo=self.demo,
                up=Mark.of(os.getpid()),
                pids={**self._stack.pids(), **{c.name: c.pid for c in self._children}},
                environment={
                    k: v for k, v in environment.items() if k in names or k.startswith("GUANBIAO_")
                },
            )
        )

    def _demonstrate(self, public_url: str) -> None:
        """Beside the supervisor, which must be able to restart what the work below needs."""
        from backend.demo.command import prepare_demonstration

        try:
            prepare_demonstration(self.url)
        except Exception as error:
            self.story.warn(f"演示课件未能就绪 · the demonstration lecture is not ready: {error}")
        self._say_addresses(public_url)

    def _say_addresses(self, public_url: str) -> None:
        for line in addresses(self.url, public_url, self.folder.path, demo=self.demo):
            self.story.say(line)

    def _stop(self) -> None:
        self.folder.retract()
        for child in self._children:
            child.ask_to_stop()
        deadline = time.monotonic() + _STOP_SECONDS
        for child in self._children:
            child.stop(deadline)
        if self._parent:
            self._parent.stop(deadline)
        if hasattr(self, "_stack"):
            self._stack.stop()


def _api_processes() -> int:
    return get_settings().api_processes or _one_a_core()


def _workers() -> int:
    settings = get_settings()
    return settings.workers or min(_one_a_core(), encoders_with_room(settings))


def _one_a_core() -> int:
    return min(len(os.sched_getaffinity(0)), _MOST_BY_ITSELF)


def _as_typed() -> str:
    """How the reader's shell finds the command: by name, or where it is installed."""
    beside = Path(sys.executable).with_name("guanbiao")
    if shutil.which("guanbiao") or not beside.exists():
        return "guanbiao"
    return os.path.relpath(beside) if beside.is_relative_to(Path.cwd()) else str(beside)


def addresses(url: str, public_url: str, folder: Path, *, demo: bool) -> Iterator[str]:
    """What to try next."""
    ours = _as_typed()
    yield ""
    yield f"  贯标已启动 · Guanbiao is up        {url}"
    if public_url != url:
        yield f"  ! 记录中的公开地址仍是 · records keep the public address  {public_url}"
        yield f"    更改 · to change it:  {ours} public-address {url}"
    yield f"  接口文档 · API documentation        {url}/docs"
    if demo:
        yield "  演示账号 · demonstration accounts   密码 password: guanbiao-demo"
        yield from _demonstration_people()
        yield f"  试一试 · next:  {ours} demo        整个流程 · the whole journey, by the API"
    yield f"  诊断 · if something is wrong:  {ours} doctor"
    yield f"  数据 · data  {folder}        停止 · stop  Ctrl-C"
    yield ""


def _demonstration_people() -> Iterator[str]:
    """Whoever there is, by the name of what they do."""
    from backend.accounts.demonstration import DEMO_ACCOUNTS

    for account in DEMO_ACCOUNTS:
        yield f"    {account.login:26}{account.name.removeprefix('演示')} · {account.english}"


def answers(url: str) -> bool:
    """Does an HTTP server answer there, whatever it says?"""
    try:
        with urlopen(url, timeout=2):
            return True
    except HTTPError:
        return True
    except OSError:
        return False


def _shares_of_work(workers: int) -> dict[str, str]:
    """Workers of a crew encode one thing at a time each: together they are as many."""
    return {} if workers == 1 else {_AT_ONCE: os.environ.get(_AT_ONCE, "1")}


def _python(module: str) -> list[str]:
    """-P: the folder we happen to be in must not be imported from."""
    return [sys.executable, "-P", "-m", module]


def _whole(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


@contextmanager
def _signals() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        _ignore_signals()  # an impatient second Ctrl-C must not interrupt the stopping
        raise Stopped

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
