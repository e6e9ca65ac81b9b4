"""Stored playlists, remembered: their prefix is never written twice, so they never grow stale.

A media playlist with its signed addresses is the same for everybody while the addresses are
(STEADY), so it is made and compressed once for all of them.
"""

import asyncio
import gzip
import posixpath
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from backend.lectures.domain import LINK_LIFETIME, STEADY, rewrite
from infra.objects import ObjectStore
from infra.presign import Presigner

_REMEMBERED_BYTES = 64 << 20


class Remembered:
    """Contents by their names; those not asked for longest go when there are too many bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self._bytes = most_bytes, 0
        self._found: OrderedDict[tuple[str, ...], bytes] = OrderedDict()

    async def get(self, key: tuple[str, ...], make: Callable[[], Awaitable[bytes]]) -> bytes:
        if key in self._found:
            self._found.move_to_end(key)
            return self._found[key]
        content = await make()
        self._bytes += len(content) - len(self._found.pop(key, b""))
        self._found[key] = content
        while self._bytes > self._most:
            _, gone = self._found.popitem(last=False)
            self._bytes -= len(gone)
        return content


_stored, _signed = Remembered(_REMEMBERED_BYTES), Remembered(_REMEMBERED_BYTES)


async def stored(objects: ObjectStore, name: str) -> bytes:
    """A playlist or manifest as it lies in the store. NoSuchObject."""
    return await _stored.get((objects.bucket, name), lambda: objects.get_bytes(name))


async def signed(objects: ObjectStore, prefix: str, name: str) -> bytes:
    """The playlist with addresses at which its segments can be fetched, gzipped. NoSuchObject."""
    text = (await stored(objects, prefix + name)).decode()
    sign = objects.presigner(LINK_LIFETIME, steady=STEADY)

    async def make() -> bytes:
        return await asyncio.to_thread(_sign, text, sign, prefix, name)

    return await _signed.get((objects.bucket, prefix + name, sign.at), make)


def _sign(text: str, sign: Presigner, prefix: str, name: str) -> bytes:
    folder = posixpath.dirname(name)
    addressed = rewrite(text, folder, lambda path: sign.get(prefix + path))
    return gzip.compress(addressed.encode(), compresslevel=6, mtime=0)
