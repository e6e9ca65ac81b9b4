"""A real `guanbiao up` in a process of its own, for tests."""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from typer.testing import CliRunner

from backend.cli import app
from infra.local.folder import DataFolder, Running
from infra.local.ports import is_free
from tests import forks

ROOT = Path(__file__).resolve().parents[2]
GUANBIAO = [sys.executable, "-P", "-m", "backend.cli"]
_NOT_OURS = {"DATABASE_URL", "DATABASE_OWNER_URL", "OBJECTS_URL"}


def environment(**changes: str) -> dict[str, str]:
    kept = {
        k: v for k, v in os.environ.items() if k not in _NOT_OURS and not k.startswith("GUANBIAO_")
    }
    one = dict.fromkeys(("GUANBIAO_API_PROCESSES", "GUANBIAO_WORKERS"), "1")  # seconds each
    return {**kept, "PYTHONPATH": str(ROOT), **one, **changes}


def guanbiao(
    *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What a command of ours says, and its exit code."""
    return forks.run("backend.cli", *arguments, env=env or environment())


def help_of(*command: str) -> str:
    """What `--help` says. Asked in this process: one of its own takes a third of a second."""
    shown = CliRunner().invoke(app, [*command, "--help"], prog_name="guanbiao")
    assert shown.exit_code == 0, shown.output
    return shown.stdout


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter, and that no other test run closes again."""
    with tempfile.TemporaryDirectory(prefix="guanbiao-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


class Up:
    """One start. `said` is everything it has told so far."""

    def __init__(self, data: Path, *arguments: str, **options: Any) -> None:
        self.data = DataFolder(data)
        self._log = data.parent / f"{data.name}.out"
        command = options.pop("command", GUANBIAO)
        with self._log.open("wb") as log:
            self.process: subprocess.Popen[bytes] = subprocess.Popen(
                [*command, "up", "--data", str(data), *arguments],
                env=options.pop("env", environment()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **options,
            )

    @property
    def said(self) -> str:
        return self._log.read_text()

    def ready(self, seconds: float = 240) -> Running:
        wait_for(lambda: "is up" in self.said or self.process.poll() is not None, seconds)
        running = self.data.running()
        assert running is not None, self.said
        return running

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(5)


def quiet_port() -> int:
    """A free port that stays free between two starts: below those that systems give out by
    themselves, and not the usual one, which any other instance of this machine tries first."""
    return next(port for port in random.sample(range(20_000, 30_000), 100) if is_free(port))


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def processes_of(data: Path) -> list[str]:
    """Whatever still runs from that data folder, by command line or working folder."""
    found = []
    for process in psutil.process_iter():
        try:
            said = [*process.cmdline(), process.cwd(), *process.environ().values()]
            if any(str(data) in word for word in said) and process.pid != os.getpid():
                found.append(" ".join(process.cmdline()) or process.name())
        except psutil.Error:
            continue
    return found
