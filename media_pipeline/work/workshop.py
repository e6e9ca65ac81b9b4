"""What every job of a worker has at hand."""

import os
import socket
from datetime import datetime, timedelta
from pathlib import Path

from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from infra.vault import Vault
from media_pipeline.encoding.means import Means
from media_pipeline.work.sources import Sources


class Workshop:
    """Close it when the worker stops: it holds files that its next part might have needed."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.sources = Sources(self.scratch)

    @property
    def scratch(self) -> Path:
        return self.settings.data_dir / "scratch"

    @property
    def objects(self) -> ObjectStore:
        return self._context.objects

    @property
    def settings(self) -> Settings:
        return self._context.settings

    @property
    def lack_pause(self) -> timedelta:
        return self._context.lack_pause

    @property
    def means(self) -> Means:
        return Means(threads=self.settings.encode_threads, memory_mb=self.settings.encode_memory_mb)

    @property
    def vault(self) -> Vault:
        return Vault.of(self.settings.keys)

    def now(self) -> datetime:
        return self._context.clock()

    def close(self) -> None:
        self.sources.close()
