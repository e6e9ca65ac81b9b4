"""Sending a lecture with the official tus client: resumable, in pieces, with a progress bar."""

from pathlib import Path
from typing import Any

import msgspec
import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from backend.demo.client import Person, Refused, Unreachable
from backend.demo.pace import wait_for
from backend.demo.steps import Bar

PIECE_BYTES = 8 * 2**20
_PATIENCE_SECONDS = 30


def send(base_url: str, author: Person, video: Path, bar: Bar) -> str:
    """Upload `video` and return the lecture's id, which is the upload's."""
    client = TusClient(f"{base_url.rstrip('/')}/v1/uploads", author.headers)
    metadata = {"filename": video.name, "title": video.stem}
    with video.open("rb") as stream:
        uploader = client.uploader(file_stream=stream, chunk_size=PIECE_BYTES, metadata=metadata)
        wait_for(
            lambda: _piece(uploader, bar),
            lambda done: done,
            what="upload",
            seconds=_PATIENCE_SECONDS + video.stat().st_size / 50_000,
        )
    return str(uploader.url).rstrip("/").rpartition("/")[2]


def _piece(uploader: Any, bar: Bar) -> bool:
    """Send what fits one request; true when all is there. A broken line is not an error yet."""
    size = uploader.get_file_size()
    try:
        if uploader.url and uploader.offset < size:
            uploader.offset = uploader.get_offset()
        uploader.upload(stop_at=min(size, uploader.offset + PIECE_BYTES))
    except TusCommunicationError as error:
        if error.status_code and 400 <= error.status_code < 500 and error.status_code != 423:
            raise _refusal(error) from error
        return False
    except requests.RequestException as error:
        raise Unreachable(str(error)) from error
    bar.at(100 * uploader.offset / max(size, 1))
    return bool(uploader.offset >= size)


def _refusal(error: TusCommunicationError) -> Refused:
    content = error.response_content or b""
    try:
        problem = msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.MsgspecError:
        problem = {}
    detail = str(problem.get("detail") or content[:200] or error)
    return Refused(error.status_code or 0, str(problem.get("code", "upload-refused")), detail)
