"""What every job of a worker has at hand."""

import os
import socket
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from infra.vault import Vault
from media_pipeline.encoding.means import Means
from media_pipeline.work.cores import OwnCores
from media_pipeline.work.sources import Sources


class Workshop:
    """Close it when the worker stops: it holds files that its next part might have needed."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.sources = Sources(self.scratch)
        self._own = OwnCores(context.settings.part_cores)

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
        """For a lecture that is made in one piece: all the machine's cores."""
        return Means(threads=self.settings.encode_threads, memory_mb=self.settings.encode_memory_mb)

    @property
    def means_of_a_part(self) -> Means:
        """Where other workers make the other parts: this one's own cores."""
        return msgspec.structs.replace(self.means, bound_to=self._own.numbers)

    @property
    def vault(self) -> Vault:
        return Vault.of(self.settings.keys)

    def now(self) -> datetime:
        return self._context.clock()

    def close(self) -> None:
        self.sources.close()
        self._own.give_back()
