"""A keep-alive connection to one of several API processes, as a proxy in front of them holds it."""

import asyncio
from collections.abc import Sequence

import msgspec


class Answer(msgspec.Struct, frozen=True):
    status: int
    body: bytes


class Cut(Exception):
    """The connection broke before its answer came, or there was none to be had."""


class Line:
    """One request at a time. After a cut the next process is tried."""

    def __init__(self, ports: Sequence[int], first: int, *, patience_seconds: float = 30) -> None:
        self._ports, self._at = ports, first
        self._patience = patience_seconds
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, target: str, authorization: str, body: bytes = b"") -> Answer:
        head = f"{method} {target} HTTP/1.1\r\nHost: soak\r\n{authorization}"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        try:
            async with asyncio.timeout(self._patience):
                return await self._asked(f"{head}\r\n".encode() + body)
        except (OSError, EOFError, TimeoutError) as error:
            self.close()
            self._at += 1
            raise Cut from error

    async def _asked(self, request: bytes) -> Answer:
        if self._streams is None:
            port = self._ports[self._at % len(self._ports)]
            self._streams = await asyncio.open_connection("127.0.0.1", port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        at = head.find(b"content-length:")  # 304 has none
        length = int(head[at + 15 : head.index(b"\r\n", at)]) if at >= 0 else 0
        answer = Answer(int(head[9:12]), await reader.readexactly(length))
        if b"connection: close" in head:
            self.close()
        return answer

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
