"""Which cores a worker has to itself, so that workers beside each other do not share one.

A part of a lecture is made on one core: x264 in one thread a part wastes nothing on waiting, and as
many workers as cores make a lecture faster than one that divides every picture among them
(docs/decisions/0031).
"""

import random
import socket

import structlog

from media_pipeline.encoding.means import cores_of_this_process

_log = structlog.get_logger(__name__)


class OwnCores:
    """`wanted` cores that no other worker of this machine has taken; 0: none of its own.

    Held by names of sockets, which the kernel takes back from a dead process. Where too few are
    left, `numbers` is None: the worker shares all of them. In network namespaces of their own
    (containers) workers do not see each other: give them cpusets, or 0 here. `name`: workers that
    heed each other's.
    """

    def __init__(self, wanted: int, name: str = "guanbiao-core") -> None:
        self._held: dict[int, socket.socket] = {}
        cores = list(cores_of_this_process())
        random.shuffle(cores)
        for core in cores:
            if len(self._held) < wanted and (claim := _claim(f"{name}-{core}")):
                self._held[core] = claim
        if len(self._held) < wanted:
            _log.warning("no core of its own is left for this worker", wanted=wanted)
            self.give_back()

    @property
    def numbers(self) -> frozenset[int] | None:
        return frozenset(self._held) or None

    def give_back(self) -> None:
        for claim in self._held.values():
            claim.close()
        self._held.clear()


def _claim(name: str) -> socket.socket | None:
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0{name}")
    except OSError:
        claim.close()
        return None
    return claim
