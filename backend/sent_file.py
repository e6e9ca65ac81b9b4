"""A file that is the body of a request."""

from typing import Any

from litestar import Request
from litestar.exceptions import InternalServerException

from infra.papers import LARGEST_BYTES, DocumentTooLarge, DocumentTypeNotTaken


async def sent_file(request: Request[Any, Any, Any]) -> bytes:
    """At most `LARGEST_BYTES`, whatever Content-Length says. DocumentTooLarge."""
    content = bytearray()
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > LARGEST_BYTES:
                raise DocumentTooLarge
    except InternalServerException as error:  # Litestar's word for a client that went away
        raise DocumentTypeNotTaken from error
    return bytes(content)
