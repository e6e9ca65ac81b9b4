"""What /openapi.json says of tus: headers that no signature shows, and refusals with their cure."""

from dataclasses import dataclass
from typing import Any

from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
)

from backend.lectures.tus import BYTES_TYPE

_ASKED = {
    "Tus-Resumable": "The protocol's version: `1.0.0`.",
    "Upload-Length": "Size of the whole file in bytes.",
    "Upload-Metadata": (
        "`key base64` pairs with commas between: `filename`, `title`, and the wishes `av1` and"
        " `encrypt` (`true`, or the key alone). Other keys are ignored."
    ),
    "Upload-Offset": "The byte at which these bytes begin; where the upload stands, see HEAD.",
    "Upload-Checksum": (
        "`sha256`, `sha1` or `md5`, a space, and the digest of this request's bytes in base64."
        " Nothing of the request counts unless it is right."
    ),
}
_TOLD = {
    "Tus-Resumable": "The protocol's version.",
    "Tus-Version": "The versions spoken here.",
    "Tus-Extension": "The extensions spoken here.",
    "Tus-Max-Size": "The largest file taken, in bytes.",
    "Tus-Checksum-Algorithm": "What `Upload-Checksum` may name.",
    "Location": "The upload's address; its last part is the id of the lecture too.",
    "Upload-Offset": "How many bytes are stored for good.",
    "Upload-Length": "Size of the whole file in bytes.",
    "Upload-Expires": "When the upload ends unless more bytes come; absent once it is complete.",
}
_REFUSED = {
    "403": "No author, or too many unfinished uploads (`too-many-open-uploads`).",
    "404": "No such upload, not yours, or stopped.",
    "409": "Not where the upload stands, or another request goes on with it: ask with HEAD.",
    "410": "Refused, or left alone for seven days: start a new upload.",
    "412": "`Tus-Resumable: 1.0.0` is missing.",
    "413": "Too large, more bytes than announced, or the author's quota is used up.",
    "415": f"Bytes are sent as `Content-Type: {BYTES_TYPE}`.",
    "422": "No lecture can be made of this file; `code` and `detail` say why and what to do.",
    "460": "The bytes are not those of `Upload-Checksum`: send them again from Upload-Offset.",
}
_STANDING = ("Tus-Resumable", "Upload-Offset", "Upload-Length", "Upload-Expires")
_PROBLEM = "#/components/schemas/Problem"
_TEXT = Schema(type=OpenAPIType.STRING)


def _complete(
    operation: Operation,
    *,
    asks: tuple[str, ...] = ("Tus-Resumable",),
    may_ask: tuple[str, ...] = (),
    tells: tuple[str, ...] = ("Tus-Resumable",),
    refuses: str = "",
) -> None:
    wanted: list[Parameter | Reference] = [
        Parameter(name, "header", schema=_TEXT, description=_ASKED[name], required=name in asks)
        for name in (*asks, *may_ask)
    ]
    operation.parameters = [*(operation.parameters or []), *wanted]
    responses: dict[str, Any] = operation.responses or {}
    for status, response in responses.items():
        if status.startswith("2"):
            response.content = None
            response.headers = {name: _header(name) for name in tells}
    responses.update({status: _refusal(status) for status in refuses.split()})


def _header(name: str) -> OpenAPIHeader:
    return OpenAPIHeader(schema=_TEXT, description=_TOLD[name])


def _refusal(status: str) -> OpenAPIResponse:
    content = {"application/problem+json": OpenAPIMediaType(Reference(ref=_PROBLEM))}
    return OpenAPIResponse(description=_REFUSED[status], content=content)


def _bytes(*, required: bool) -> RequestBody:
    octets = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
    return RequestBody(content={BYTES_TYPE: OpenAPIMediaType(octets)}, required=required)


@dataclass
class Announcing(Operation):
    def __post_init__(self) -> None:
        tells = tuple(name for name in _TOLD if name.startswith("Tus-"))
        _complete(self, asks=(), tells=tells)


@dataclass
class Creating(Operation):
    def __post_init__(self) -> None:
        self.request_body = _bytes(required=False)
        _complete(
            self,
            asks=("Tus-Resumable", "Upload-Length"),
            may_ask=("Upload-Metadata", "Upload-Checksum"),
            tells=("Location", *_STANDING),
            refuses="403 412 413 422 460",
        )


@dataclass
class Finding(Operation):
    def __post_init__(self) -> None:
        _complete(self, tells=_STANDING, refuses="404 410 412")


@dataclass
class Continuing(Operation):
    def __post_init__(self) -> None:
        self.request_body = _bytes(required=True)
        _complete(
            self,
            asks=("Tus-Resumable", "Upload-Offset"),
            may_ask=("Upload-Checksum",),
            tells=_STANDING,
            refuses="404 409 410 412 413 415 422 460",
        )


@dataclass
class Stopping(Operation):
    def __post_init__(self) -> None:
        _complete(self, refuses="404 409 412")
