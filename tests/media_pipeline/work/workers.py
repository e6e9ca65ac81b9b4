"""Worker processes, as on machines that share only the database and the store."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

from infra.settings import Settings

Worker: TypeAlias = "subprocess.Popen[bytes]"


class StartWorker(Protocol):
    """`environment` over the usual; `through`: a command that runs the worker, as in a network
    namespace."""

    def __call__(self, *, through: Sequence[str] = (), **environment: str) -> Worker: ...


class Workers:
    """Each with a scratch folder of its own below `folder`."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings, self._folder = settings, folder
        self.started: list[Worker] = []

    def start(self, *, through: Sequence[str] = (), **environment: str) -> Worker:
        usual = {
            "DATABASE_URL": self._settings.database_url,
            "OBJECTS_URL": self._settings.objects_url,
            "GUANBIAO_DATA_DIR": str(self._folder / f"worker-{len(self.started)}"),
            "GUANBIAO_KEYS_DIR": str(self._settings.keys),
        }
        worker = subprocess.Popen(
            [*through, sys.executable, "-m", "tests.media_pipeline.worker_process"],
            env={**os.environ, **usual, **environment},
        )
        self.started.append(worker)
        return worker

    def end(self) -> None:
        for worker in self.started:
            worker.kill()
            worker.wait()
