"""What the signature of `POST /v1/sync` cannot say: its body is read event by event."""

from dataclasses import dataclass
from typing import Any, cast

from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema

from backend.progress.heartbeats.openapi import inlined
from backend.progress.offline.schemas import DoneOffline


@dataclass
class HandInOperation(Operation):
    def __post_init__(self) -> None:
        schema: dict[str, Any] = inlined(DoneOffline)
        content = {"application/json": OpenAPIMediaType(schema=cast(Schema, schema))}
        self.request_body = RequestBody(content=content, required=True)
