"""Share links as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.checking.schemas import Input, Out
from backend.checking.sharing.domain import MOST_DAYS, Field, State

Fields = Annotated[list[Field], msgspec.Meta(max_length=len(Field))]
Days = Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)]


class NewShareLink(Input, frozen=True):
    fields: Fields
    """What the link shows beside the verdict."""
    days: Days = 7


class ShareLinkView(Out, frozen=True):
    id: UUID
    fields: list[Field]
    state: State
    created_at: datetime
    expires_at: datetime
    views: list[datetime]
    """When it was opened, to the minute: the newest 20. Nothing is kept of who opened it."""


class MadeShareLink(ShareLinkView, frozen=True):
    url: str
    """Shown this once; only its hash is kept."""


class ShareLinks(Out, frozen=True):
    items: list[ShareLinkView]
    """Of one record, the newest 50."""
