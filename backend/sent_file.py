"""A file that is the body of a request."""

import asyncio
from tempfile import SpooledTemporaryFile
from typing import Any

from litestar import Request
from litestar.exceptions import InternalServerException

from infra.errors import DomainError, TooLarge
from infra.papers import LARGEST_BYTES, DocumentTooLarge, DocumentTypeNotTaken

SILENCE_SECONDS = 30.0
LONGEST_SECONDS = 600.0
_IN_MEMORY = 256 * 1024


class BodyTooSlow(DomainError):
    """The file came too slowly; send it again over a better line."""

    status_code = 408
    zh = "文件传输过慢，请在网络较好时重新发送。"


async def sent_file(
    request: Request[Any, Any, Any],
    *,
    most: int = LARGEST_BYTES,
    too_large: type[TooLarge] = DocumentTooLarge,
    silence_seconds: float = SILENCE_SECONDS,
) -> bytes:
    """At most `most` bytes, whatever Content-Length says. `too_large`, BodyTooSlow.

    Ask first whether the caller may send it. While it comes it lies on disk, so that many who send
    slowly do not fill the memory.
    """
    loop = asyncio.get_running_loop()
    latest = loop.time() + LONGEST_SECONDS
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        try:
            async with asyncio.timeout(silence_seconds) as patience:
                async for chunk in request.stream():
                    patience.reschedule(min(latest, loop.time() + silence_seconds))
                    file.write(chunk)
                    if file.tell() > most:
                        raise too_large
        except TimeoutError as error:
            raise BodyTooSlow from error
        except InternalServerException as error:  # Litestar's word for a client that went away
            raise DocumentTypeNotTaken from error
        file.seek(0)
        return file.read()
