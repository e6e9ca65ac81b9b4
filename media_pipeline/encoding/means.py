"""What an encode may use of its machine."""

import os

import msgspec

LEAST_MEMORY_MB = 512


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """`threads` 0: one for every core. `memory_mb` bounds the largest resident size of a tool."""

    threads: int = 0
    memory_mb: int = 2048
    nice: int = 10

    @property
    def cores(self) -> int:
        return self.threads or os.cpu_count() or 1


USUAL = Means()
