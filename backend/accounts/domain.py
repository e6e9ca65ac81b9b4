"""Who people are to us, and the rules of signing in. No I/O: time and rows are passed in."""

from enum import StrEnum
from uuid import UUID

import msgspec


class Role(StrEnum):
    LEARNER = "learner"
    AUTHOR = "author"
    REVIEWER = "reviewer"
    ORGANISATION_MANAGER = "organisation-manager"
    CERTIFIER = "certifier"
    INSPECTOR = "inspector"
    ADMINISTRATOR = "administrator"


class Caller(msgspec.Struct, frozen=True):
    """Whoever sent this request, as their access token says."""

    person_id: UUID
    roles: frozenset[Role]
    session_id: UUID | None = None
