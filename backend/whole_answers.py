"""An answer's head and body go out together: one system call and one packet instead of two.

The server writes the head as soon as it is known. Nearly always the body follows before anything
else has its turn, so the head is held back until then, and never longer.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_END_OF_HEAD = b"\r\n\r\n"
_BEGIN_OF_HEAD = b"HTTP/1.1 "


class HeldBack:
    """A transport as far as the server knows it."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, sent: bytes) -> None:
        if self._head:
            self._release([sent])
        elif sent.startswith(_BEGIN_OF_HEAD) and sent.endswith(_END_OF_HEAD):
            self._head = sent
            self._loop.call_soon(self._release)
        else:
            self._transport.write(sent)

    def close(self) -> None:
        self._release()
        self._transport.close()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._release()
        self._transport.set_protocol(protocol)

    def _release(self, more: Iterable[bytes] = ()) -> None:
        head, self._head = self._head, b""
        if head and not self._transport.is_closing():  # whoever asked may have left meanwhile
            self._transport.writelines([head, *more])


class WholeAnswers(HttpToolsProtocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast(asyncio.Transport, HeldBack(transport, self.loop)))
