"""What a hostile sender may do to us with a file's body."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Request, post

from backend.sent_file import BodyTooSlow, sent_file
from infra.papers import DocumentTooLarge, DocumentTypeNotTaken

_PIECE = bytes(64 * 1024)


@post("/", request_max_body_size=None)
async def taking() -> None: ...


SCOPE: Any = {"type": "http", "headers": [], "method": "POST", "route_handler": taking, "state": {}}


def request(messages: Iterator[dict[str, Any]]) -> Request[Any, Any, Any]:
    """A body of these messages; silent for ever after the last."""

    async def receive() -> Any:
        if (message := next(messages, None)) is None:
            await asyncio.Event().wait()
        return message

    return Request(SCOPE, receive)


def pieces(*contents: bytes, more: bool = True) -> Iterator[dict[str, Any]]:
    for content in contents:
        yield {"type": "http.request", "body": content, "more_body": True}
    if not more:
        yield {"type": "http.request", "body": b"", "more_body": False}


async def test_a_whole_file_arrives_as_it_was_sent() -> None:
    parts = [bytes([n]) * 70_000 for n in range(8)]
    assert await sent_file(request(pieces(*parts, more=False))) == b"".join(parts)


async def test_whoever_falls_silent_is_not_waited_for() -> None:
    with pytest.raises(BodyTooSlow):
        await sent_file(request(pieces(_PIECE)), silence_seconds=0.01)


async def test_a_body_without_end_is_cut_off_at_the_bound() -> None:
    endless = iter(lambda: next(pieces(_PIECE)), None)
    with pytest.raises(DocumentTooLarge):
        await sent_file(request(endless))


async def test_whoever_goes_away_leaves_no_file() -> None:
    with pytest.raises(DocumentTypeNotTaken):
        await sent_file(request(iter([*pieces(_PIECE), {"type": "http.disconnect"}])))
