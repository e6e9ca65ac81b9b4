"""Loaded by schemathesis: bodies of a type that it cannot write by itself."""

from typing import Any

import schemathesis


@schemathesis.serializer("application/offset+octet-stream")
def octets(_: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
