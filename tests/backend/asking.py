"""The smallest request that an operation takes, written after its OpenAPI description."""

import json
from collections.abc import Mapping
from typing import Any

from litestar import Litestar

from backend.rights import Right

_TEXTS = {
    "uuid": "00000000-0000-7000-8000-000000000007",
    "date": "2026-03-02",
    "date-time": "2026-03-02T01:00:00Z",
}


class Asking:
    def __init__(self, app: Litestar, said: Mapping[str, Any]) -> None:
        """`said`: operation id -> its body, where a description is not enough."""
        self._said = said
        self._document = app.openapi_schema.to_schema()
        self._parts = self._document["components"]["schemas"]

    def of(self, right: Right) -> dict[str, Any]:
        """`content`, `headers` and `params` for a client."""
        operation = self._document["paths"].get(right.path, {}).get(right.method.lower(), {})
        asked: dict[str, Any] = {
            place: {
                p["name"]: self._value(p["schema"])
                for p in operation.get("parameters", [])
                if p["in"] == where and p["required"]
            }
            for where, place in (("query", "params"), ("header", "headers"))
        }
        for media_type, media in operation.get("requestBody", {}).get("content", {}).items():
            said = self._said.get(operation["operationId"]) or self._value(media["schema"])
            asked["content"] = json.dumps(said) if "json" in media_type else "x"
            asked["headers"]["Content-Type"] = media_type
        return asked

    def _value(self, schema: dict[str, Any]) -> Any:
        if "$ref" in schema:
            return self._value(self._parts[schema["$ref"].rpartition("/")[2]])
        for several in ("oneOf", "anyOf", "allOf"):
            if several in schema:
                return self._value(schema[several][-1])
        for one in ("const", "enum", "examples", "default"):
            if one in schema:
                return schema[one] if one in ("const", "default") else schema[one][0]
        match schema.get("type"):
            case "object":
                needed = schema.get("required", [])
                return {name: self._value(schema["properties"][name]) for name in needed}
            case "array":
                return [self._value(schema["items"])] * schema.get("minItems", 0)
            case "string":
                return _TEXTS.get(schema.get("format", ""), "x" * schema.get("minLength", 1))
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return True
            case _:
                return None
