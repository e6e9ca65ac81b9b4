"""A network of its own for a worker, as on another machine; its cable can be pulled."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from infra.local.ports import free_port
from infra.settings import Settings

RELAY = [sys.executable, "-m", "tests.media_pipeline.work.relay"]


class NoNamespaces(Exception):
    """This machine lets us make no network namespaces."""


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoNamespaces(done.stderr)


class Network:
    """One end of the cable is ours, the other the namespace's."""

    def __init__(self, settings: Settings) -> None:
        name = f"gb{os.getpid()}"
        self.name, self._ours, self._theirs = name, f"{name}a", f"{name}b"
        net = f"10.{77 + os.getpid() % 100}.{os.getpid() // 256 % 256}"
        self.host, self._there = f"{net}.1", f"{net}.2"
        self._settings = settings
        self._ports = {url: free_port() for url in ("database", "objects")}

    @property
    def through(self) -> list[str]:
        return ["ip", "netns", "exec", self.name]

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self._reached(self._settings.database_url, "database"),
            "OBJECTS_URL": self._reached(self._settings.objects_url, "objects"),
        }

    def lay(self) -> None:
        _ip("netns", "add", self.name)
        _ip("link", "add", self._ours, "type", "veth", "peer", "name", self._theirs)
        _ip("link", "set", self._theirs, "netns", self.name)
        _ip("addr", "add", f"{self.host}/30", "dev", self._ours)
        self.plug()
        inside = ("-n", self.name)
        _ip(*inside, "addr", "add", f"{self._there}/30", "dev", self._theirs)
        _ip(*inside, "link", "set", self._theirs, "up")
        _ip(*inside, "link", "set", "lo", "up")

    def pull(self) -> None:
        _ip("link", "set", self._ours, "down")

    def plug(self) -> None:
        _ip("link", "set", self._ours, "up")

    def remove(self) -> None:
        for words in (("link", "del", self._ours), ("netns", "del", self.name)):
            subprocess.run(["ip", *words], capture_output=True, check=False)

    @property
    def relayed(self) -> list[str]:
        """Ports from and to, in pairs."""
        settings = {"database": self._settings.database_url, "objects": self._settings.objects_url}
        pairs = [(self._ports[name], urlsplit(url).port) for name, url in settings.items()]
        return [str(port) for pair in pairs for port in pair]

    def _reached(self, url: str, name: str) -> str:
        return url.replace(f"127.0.0.1:{urlsplit(url).port}", f"{self.host}:{self._ports[name]}")


@contextmanager
def network(settings: Settings) -> Iterator[Network]:
    """Raises NoNamespaces."""
    found = Network(settings)
    try:
        found.lay()
        relay = subprocess.Popen([*RELAY, found.host, *found.relayed], stdout=subprocess.PIPE)
        try:
            assert relay.stdout is not None
            assert relay.stdout.readline() == b"ready\n"
            yield found
        finally:
            relay.kill()
            relay.communicate()
    finally:
        found.remove()
