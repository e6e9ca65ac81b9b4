"""Files of the bucket, counted and removed a page at a time."""

import asyncio
from collections.abc import Mapping

import msgspec

from infra.objects import ObjectStore

_AT_ONCE = 16


class Freed(msgspec.Struct, frozen=True):
    objects: int = 0
    bytes: int = 0

    def __add__(self, other: "Freed") -> "Freed":
        return Freed(self.objects + other.objects, self.bytes + other.bytes)


async def measure(objects: ObjectStore, prefix: str) -> Freed:
    """What removing `prefix` would free."""
    found = Freed()
    async for page in objects.pages(prefix):
        found += Freed(len(page), sum(info.size for info in page))
    return found


async def remove_folder(objects: ObjectStore, prefix: str) -> Freed:
    """Everything whose name begins so."""
    freed = Freed()
    async for page in objects.pages(prefix):
        freed += await remove_files(objects, {info.name: info.size for info in page})
    return freed


async def remove_files(objects: ObjectStore, sizes: Mapping[str, int]) -> Freed:
    names = list(sizes)
    for start in range(0, len(names), _AT_ONCE):
        await asyncio.gather(*(objects.remove(name) for name in names[start : start + _AT_ONCE]))
    return Freed(len(names), sum(sizes.values()))
