"""`POST /v1/heartbeats` as OpenAPI 3.1 writes it: Litestar leaves raw routes out."""

from typing import Any

import msgspec

from backend.progress.heartbeats.route import PATH
from backend.progress.schemas import HeartbeatAnswer, Heartbeats

_EVENT = "018f3c1e-0000-7000-8000-000000000001"
_SESSION = "018f3c1e-0000-7000-8000-000000000002"
_QUESTION = {"events": [{"id": _EVENT, "playSessionId": _SESSION, "fromSecond": 0, "toSecond": 20}]}
_ANSWER = {
    "verdicts": [{"id": _EVENT, "verdict": "credited", "creditedSeconds": 20}],
    "lessons": [
        {
            "code": "M02-L01",
            "watchedSeconds": 20,
            "pendingSeconds": 20,
            "durationSeconds": 45,
            "complete": False,
        }
    ],
    "presenceCheck": None,
}
_DESCRIPTION = """Seconds played since the last report, at most 100 events and 64 KiB a request.
Send an event again until it is answered: a second counts once, however often it is reported.
`capped` with `faster-than-time` and `refused` with `seek-ahead` may earn later what they did not
earn now; so do `challenge-due`, once the check named by `presenceCheck` is answered, and `refused`
with `not-playing`, once the session's playlist was fetched. `stale` never will: open the lesson
anew. An event that cannot be read is refused as `malformed`; the others stand."""


def inlined(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema with its parts in place: a path item brings no components along."""
    (schema,), parts = msgspec.json.schema_components([struct], ref_template="{name}")
    resolved: dict[str, Any] = _resolved(schema, parts)
    return resolved


def _resolved(node: Any, parts: dict[str, Any]) -> Any:
    if isinstance(node, dict):
        if "$ref" in node:
            return _resolved(parts[node["$ref"]], parts)
        return {key: _resolved(value, parts) for key, value in node.items()}
    return [_resolved(value, parts) for value in node] if isinstance(node, list) else node


def _json(struct: type[msgspec.Struct], example: Any) -> dict[str, Any]:
    return {"application/json": {"schema": inlined(struct), "example": example}}


OPENAPI_PATHS: dict[str, Any] = {
    PATH: {
        "post": {
            "operationId": "SendHeartbeats",
            "summary": "Report watched seconds",
            "description": _DESCRIPTION,
            "tags": ["progress"],
            "requestBody": {"required": True, "content": _json(Heartbeats, _QUESTION)},
            "responses": {
                "200": {
                    "description": "A verdict an event, in the order sent; all of it is durable.",
                    "content": _json(HeartbeatAnswer, _ANSWER),
                },
                "503": {
                    "description": "Too many at once: wait the seconds of Retry-After, send again.",
                    "headers": {"Retry-After": {"schema": {"type": "integer"}}},
                    "content": {
                        "application/problem+json": {
                            "schema": {"$ref": "#/components/schemas/Problem"}
                        }
                    },
                },
            },
        }
    }
}
