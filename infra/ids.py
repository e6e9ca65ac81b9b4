"""Time-ordered identifiers (UUIDv7, RFC 9562): new rows land at the end of an index."""

from uuid import UUID

from uuid_utils.compat import uuid7 as _uuid7


def uuid7() -> UUID:
    return _uuid7()
