from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from backend.assessment.marking.remedies.domain import RemedyKind, RemedyState
from courses.items.answers import Answer
from courses.items.interactions import Interaction, Key
from courses.items.shown import ShownItem

Reason = Annotated[str, Meta(min_length=5, max_length=1000, pattern=r"\S[\s\S]{3,}\S")]
"""Five characters at least that say something: blanks around them are taken off."""
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class RemedyRequest(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """For `new-key`: `key` where options are chosen, the whole `corrected` item otherwise."""

    item_id: Annotated[str, Meta(min_length=1, max_length=64)]
    version: Annotated[int, Meta(ge=1, le=1_000_000)]
    kind: RemedyKind
    reason: Reason
    key: Key | None = None
    corrected: Interaction | None = None


class RemedyDecision(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    apply: bool
    reason: Reason
    preview_sha256: Sha256 | None = None
    """Of the preview that the decision is about; needed to apply."""


class RemedyView(msgspec.Struct, rename="camel"):
    id: UUID
    item_id: str
    kind: RemedyKind
    state: RemedyState
    reason: str
    proposed_at: datetime
    decided_at: datetime | None
    decided_because: str | None
    attempts: int | None
    """Corrected by it."""
    own: bool
    """The caller proposed it: somebody else decides."""


class RemedyList(msgspec.Struct, rename="camel"):
    items: list[RemedyView]
    next_cursor: UUID | None


class ItemMet(msgspec.Struct, rename="camel"):
    """As people met it, options by the bank's ids, in the order of one paper."""

    item: ShownItem
    solution: Answer | None
    """An answer that earns everything by its key; None where people judge."""
    papers: int
    """Marked, with it on them."""
    facility: float | None
    """Mean share of its points, 0 to 1."""
    picks: dict[str, int]
    """Of a choice, how often each option was picked."""


class EffectView(msgspec.Struct, rename="camel"):
    attempt_id: UUID
    before: float
    mended: float
    """What the remedy alone would make of the mark."""
    after: float
    """What counts: never less than before."""
    passed_before: bool
    passed: bool
    would_fail: bool
    records: list[str]
    """Numbers of records that stand on the attempt's programme and edition."""


class Preview(msgspec.Struct, rename="camel"):
    sha256: str
    attempts: int
    """Marked, with the item on their paper."""
    raised: int
    now_pass: int
    would_fail: int
    """They keep their pass; people decide about their records."""
    records: int
    changed: list[EffectView]
    """The first 500; `attempts` and the others count all."""


class CorrectionView(msgspec.Struct, rename="camel"):
    number: int
    before: float
    score: float
    passed_before: bool
    passed: bool
    corrected_at: datetime


class CorrectionList(msgspec.Struct, rename="camel"):
    items: list[CorrectionView]
