"""The area's JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.accounts.schemas import Input, Name, Output
from backend.privacy.domain import ConsentState, ErasureState, ExportState
from infra.consents import Purpose

Version = Annotated[str, msgspec.Meta(min_length=1, max_length=16, pattern=r"^[0-9.-]+$")]


class Wording(Output):
    title: str
    text: str
    stops: str
    """What ends when you withdraw."""


class NoticeView(Output):
    purpose: Purpose
    version: str
    needed_for_account: bool
    zh: Wording
    en: Wording


class Notices(Output):
    items: list[NoticeView]


class ConsentView(Output):
    purpose: Purpose
    state: ConsentState
    current_version: str
    needed_for_account: bool
    version: str | None = None
    """That you last answered, and when."""
    at: datetime | None = None


class Consents(Output):
    items: list[ConsentView]


class ConsentAnswer(Input):
    purpose: Purpose
    version: Version
    given: bool


class ConsentAnswered(Output):
    purpose: Purpose
    state: ConsentState
    stops_zh: str | None = None
    """After a withdrawal: what has stopped."""
    stops_en: str | None = None


class ExportView(Output):
    id: UUID
    state: ExportState
    requested_at: datetime
    ready_at: datetime | None = None
    expires_at: datetime | None = None
    size: int | None = None
    """Bytes."""


class Exports(Output):
    items: list[ExportView]


class ExportLink(Output):
    url: str
    expires_in: int
    """Seconds."""


class NameCorrection(Input):
    name: Name


class ErasureView(Output):
    state: ErasureState
    requested_at: datetime
    due_at: datetime
    """From then on it is carried out and can no longer be taken back."""
    kept_zh: str
    kept_en: str
    """What the law has us keep, and for how long."""
    leaves_without_manager: list[str]
    """Organisations that nobody else manages: make somebody else a manager in time."""


class AccessView(Output):
    at: datetime
    who: str
    """A role or position; never a name."""
    what: str
    purpose: str
    organisation: str | None = None


class Accesses(Output):
    items: list[AccessView]
    next_cursor: UUID | None = None


class AuditView(Output):
    number: int
    at: datetime
    act: str
    subject: str
    details: dict[str, str | int | bool | list[str] | None]
    sha256: str
    actor: UUID | None = None
    """Absent: from the terminal, or by the system."""


class AuditPage(Output):
    items: list[AuditView]
    next_cursor: int | None = None
