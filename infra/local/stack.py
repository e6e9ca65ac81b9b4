"""The servers an instance stands on: ours, or the operator's where the environment names them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.errors import Conflict
from infra.local.folder import Ports
from infra.local.objects import LocalObjects
from infra.local.postgres import OWNER, LocalPostgres
from infra.local.supervisor import Part


class OwnerAddressMissing(Conflict):
    """DATABASE_URL is set: set DATABASE_OWNER_URL too, the role that owns the tables."""

    zh = "已设置 DATABASE_URL，请同时设置 DATABASE_OWNER_URL（拥有各表的角色）。"


@dataclass
class ServerPart:
    """A server as the supervisor sees it; it comes back on its port, which others know."""

    name: str
    server: LocalPostgres | LocalObjects

    @property
    def log(self) -> Path:
        return self.server.log

    def alive(self) -> bool:
        return self.server.alive()

    def launch(self) -> None:
        self.server.launch(self.server.port)


class LocalStack:
    def __init__(self, folder: Path, given: Mapping[str, str] = os.environ) -> None:
        """`given`: the environment; DATABASE_URL and OBJECTS_URL in it replace our servers."""
        if given.get("DATABASE_URL") and not given.get("DATABASE_OWNER_URL"):
            raise OwnerAddressMissing
        self._given = given
        objects = LocalObjects(folder / "objects", die_with_us=True)
        postgres = LocalPostgres(folder / "postgres", die_with_us=True)
        self.objects = None if given.get("OBJECTS_URL") else objects
        self.postgres = None if given.get("DATABASE_URL") else postgres

    def start(self, ports: Ports) -> None:
        """Both at once: the object store needs seconds in which PostgreSQL can start too."""
        if self.objects:
            self.objects.launch(ports.objects)
            ports.objects = self.objects.port
        if self.postgres:
            self.postgres.start(ports.postgres)
            ports.postgres = self.postgres.port
        if self.objects:
            self.objects.wait_until_ready()

    def stop(self) -> None:
        if self.objects:
            self.objects.stop()
        if self.postgres:
            self.postgres.stop()

    def parts(self) -> list[Part]:
        named = (("postgres", self.postgres), ("objects", self.objects))
        return [ServerPart(name, server) for name, server in named if server]

    def pids(self) -> dict[str, int]:
        named = (("postgres", self.postgres), ("objects", self.objects))
        return {name: server.pid for name, server in named if server}

    def environment(self) -> dict[str, str]:
        """What the application may know."""
        postgres, objects = self.postgres, self.objects
        return {
            "DATABASE_URL": postgres.dsn() if postgres else self._given["DATABASE_URL"],
            "OBJECTS_URL": objects.url if objects else self._given["OBJECTS_URL"],
        }

    def owner_environment(self) -> dict[str, str]:
        """What only migrations need."""
        postgres = self.postgres
        owner = postgres.dsn(OWNER) if postgres else self._given["DATABASE_OWNER_URL"]
        return {"DATABASE_OWNER_URL": owner}
