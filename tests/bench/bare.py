"""The least an ASGI server can do with a heartbeat: read it, decode it, answer as many bytes."""

from typing import Any

import msgspec

ANSWER = b'{"verdicts":[{"id":"00000000-0000-7000-8000-000000000000","verdict":"credited"}]}'
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    msgspec.json.decode(body)
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": ANSWER})
