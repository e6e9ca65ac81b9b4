"""Worker processes, as on machines that share only the database and the store."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

import psutil

from infra.settings import Settings
from tests.forks import Forked
from tests.media_pipeline.worker_process import GATE, MISSED_AFTER

Worker: TypeAlias = "Forked | subprocess.Popen[bytes]"
MODULE = "tests.media_pipeline.worker_process"


class StartWorker(Protocol):
    """`environment` over the usual; `through`: a command that runs the worker, as in a network
    namespace."""

    def __call__(self, *, through: Sequence[str] = (), **environment: str) -> Worker: ...


PATIENT = {MISSED_AFTER: "15"}
IN_PIECES = {
    "GUANBIAO_CHUNK_SECONDS": "12",
    "GUANBIAO_WORK_CONCURRENCY": "1",
    "GUANBIAO_ENCODE_THREADS": "1",
}


class Workers:
    """Each with a scratch folder of its own below `folder`."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings, self._folder = settings, folder
        self._count = 0
        self.started: list[Worker] = []

    def start(self, *, through: Sequence[str] = (), **environment: str) -> Worker:
        self._count += 1
        usual = {
            "DATABASE_URL": self._settings.database_url,
            "OBJECTS_URL": self._settings.objects_url,
            "GUANBIAO_DATA_DIR": str(self._folder / f"worker-{self._count}"),
            "GUANBIAO_KEYS_DIR": str(self._settings.keys),
        }
        env = {**os.environ, **usual, **environment}
        worker: Worker = (
            subprocess.Popen([*through, sys.executable, "-m", MODULE], env=env)
            if through
            else Forked(MODULE, env=env)
        )
        self.started.append(worker)
        return worker

    def kill(self, worker: Worker) -> None:
        self.started.remove(worker)
        worker.kill()
        worker.wait()

    def end(self) -> None:
        for worker in list(self.started):
            self.kill(worker)


class Relief:
    """One worker at work, and one that is ready to take over: starting costs seconds."""

    def __init__(self, workers: Workers, folder: Path) -> None:
        self._workers, self._folder = workers, folder
        self._count = 0
        self.working, self._gate = self._waiting()
        self._ready, self._next_gate = self._waiting()
        self._gate.touch()

    def take_over(self) -> list[psutil.Process]:
        """The one at work is killed, and the other begins; tools that the dead one ran."""
        tools = psutil.Process(self.working.pid).children(recursive=True)
        self._workers.kill(self.working)
        self.working = self._ready
        self._next_gate.touch()
        self._ready, self._next_gate = self._waiting()
        return tools

    def _waiting(self) -> tuple[Worker, Path]:
        self._count += 1
        gate = self._folder / f"gate-{self._count}"
        return self._workers.start(**IN_PIECES, **{GATE: str(gate)}), gate
