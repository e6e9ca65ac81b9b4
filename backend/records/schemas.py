"""Structs of the records API. `Verification` is what the page prints too."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from backend.records.domain import Title

Reason = Annotated[str, msgspec.Meta(max_length=500)]
"""Too short, it is refused in words of its own."""


class Out(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of answers."""


class MyRecord(Out, frozen=True):
    id: UUID
    state: str
    """due | waiting-for-identity | quarantined | issued | suspended | revoked | superseded"""
    why_waiting: str | None
    programme: str
    title: Title
    edition: str
    period: str | None
    """The calendar year, of a yearly programme."""
    round: int
    """As of the enrolment that brought it."""
    demonstration: bool
    number: str | None
    code: str | None
    issued_at: datetime | None
    valid_until: datetime | None
    expired: bool
    """`issued`, and its `valid_until` is past."""
    url: str | None
    """The public page of the record, once it is in the log."""
    decided_at: datetime | None = None
    """When it was suspended, reinstated, revoked or superseded, whichever was last."""
    reason: str | None = None
    """Of that decision; public."""
    review_by: date | None = None
    """Of a suspension: the day in China by which it is looked at again."""
    superseded_by: UUID | None = None
    """The record of mine that took its place."""
    holder: str | None = None
    """Of one record asked for alone: the name on it, to who it belongs to."""
    appeals_to: str | None = None
    """Of one record asked for alone: where its holder appeals, as the operator says."""


class MyRecords(Out, frozen=True):
    items: list[MyRecord]


class Status(Out, frozen=True):
    state: str
    since: datetime
    reason: str | None


class Event(Out, frozen=True):
    """What was done to a record."""

    kind: str
    """issued | suspended | reinstated | revoked | superseded"""
    at: datetime
    reason: str | None
    review_by: date | None = None
    """Of a suspension: the day in China by which it is looked at again."""


class CheckResult(Out, frozen=True):
    name: str
    title: Title
    ok: bool
    evidence: str


class ModuleHours(Out, frozen=True):
    module: str
    class_hours: float


class Issuer(Out, frozen=True):
    id: str
    name: str


class LogPlace(Out, frozen=True):
    index: int
    tree_size: int
    proof: str
    """c2sp.org/tlog-proof@v1 with the signed checkpoint."""


class Verification(Out, frozen=True):
    """Everything printed on a record, and each check. Of the learner only the masked name."""

    verdict: str
    meaning: Title
    """The verdict in a sentence a certifier understands."""
    number: str
    code: str
    record_id: str
    programme: str
    title: Title
    kind: str
    """completion | internal-auditor | certification-auditor | continuing-education"""
    kind_title: Title
    notice: Title | None
    """A line that stands on records of this kind besides."""
    achievement_url: str
    """What this kind of record is given for, as a page, or as JSON to who asks for that."""
    edition: str
    standard: str
    holder: str
    class_hours: float
    hours_by_module: list[ModuleHours]
    exam: str
    exam_passed: bool
    issued_at: datetime
    valid_until: datetime | None
    issuer: Issuer
    status: Status
    history: list[Event]
    """Oldest first."""
    superseded_by: str | None
    checks: list[CheckResult]
    demonstration: bool
    log: LogPlace
    credential: str
    """The signed record itself, a compact JWS."""
    evidence_sha256: str
    verified_at: datetime
    url: str
    bundle_url: str


class Revocation(Out, frozen=True):
    id: UUID
    state: str
    record_id: UUID
    reason: str


Document = dict[str, Any]
