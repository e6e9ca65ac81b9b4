"""Who takes the machine's cores: without this, a slow crowd looks like a slow server."""

import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import psutil

Pids = Callable[[], Iterable[int]]


class Cores:
    """Cores in use by each part of a site since it was last asked."""

    def __init__(self, **parts: Pids) -> None:
        """Pids of each part at present; their children count with them."""
        self._parts: dict[str, Pids] = {"crowd": lambda: [psutil.Process().pid], **parts}
        self._seen: dict[int, float] = {}
        self._at = time.perf_counter()
        self.line()

    def line(self) -> str:
        now = time.perf_counter()
        passed, self._at = max(now - self._at, 1e-3), now
        used = {name: sum(map(self._since, list(pids()))) for name, pids in self._parts.items()}
        return ", ".join(f"{name} {taken / passed:.2f}" for name, taken in used.items())

    def _since(self, pid: int) -> float:
        """Seconds; of one that has just come, all of them."""
        taken = seconds(pid)
        before, self._seen[pid] = self._seen.get(pid, 0.0), taken
        return max(0.0, taken - before)


def seconds(pid: int) -> float:
    """Of a process and, where it is PostgreSQL's first one, of its sessions, ended ones too."""
    total = 0.0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        own = process.cpu_times()
        total = own.user + own.system
        if process.name() == "postgres":
            total += own.children_user + own.children_system
            for child in process.children():
                with suppress(psutil.Error):
                    times = child.cpu_times()
                    total += times.user + times.system
    return total
