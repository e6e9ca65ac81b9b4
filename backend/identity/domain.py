"""The rules of identity verification (实名认证). No I/O: time and rows are passed in.

declared ──► attested ──► verified ──► expired
    │            │  │         │  └───► replaced   by the person's next verification
    │            │  └► case   ├──────► revoked    by the decision of a case
    └──► withdrawn, rejected ◄┘
"""

import unicodedata
from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from uuid import UUID

import msgspec

from backend.identity.documents import Document
from infra.errors import Conflict, Forbidden, Invalid, NotFound, TooManyRequests

SHANGHAI = timezone(timedelta(hours=8))
DECLARATIONS_A_DAY = 10
MISMATCHES = 5
"""Attestations that differ from what was declared, before the declaration falls."""
TWO_PERSON = "two-person"
NOTHING_CHECKED = "null"


class State(StrEnum):
    DECLARED = "declared"
    ATTESTED = "attested"
    VERIFIED = "verified"
    EXPIRED = "expired"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    REVOKED = "revoked"
    ERASED = "erased"


OPEN = (State.DECLARED, State.ATTESTED)
HOLDING = (State.VERIFIED, State.EXPIRED)
"""Its number belongs to this account: an expired one is renewed by its holder alone."""


class RejectedBecause(StrEnum):
    DOCUMENT_NOT_SEEN = "document-not-seen"
    DIFFERS = "differs-from-document"
    UNREADABLE = "document-unreadable"
    NOT_THIS_PERSON = "not-this-person"
    OTHER = "other"


class Purpose(StrEnum):
    """Why somebody may see a full name and number."""

    IDENTITY_CHECK = "identity-check"
    DUPLICATE_CASE = "duplicate-case"
    RECORD_DISPUTE = "record-dispute"
    COMPLAINT = "complaint"
    AUTHORITY_REQUEST = "authority-request"
    PERSONS_REQUEST = "persons-request"


class Decision(StrEnum):
    KEEP = "keep"
    """The identity stays where it is; the new declaration is rejected."""
    MOVE = "move"
    """It goes to the account that declared it now; the other one loses it."""


class CaseReason(StrEnum):
    SAME_PERSON = "same-person-two-accounts"
    MISTYPED = "number-mistyped"
    IMPERSONATION = "impersonation"
    ACCOUNT_LOST = "account-lost"
    OTHER = "other"


class CaseState(StrEnum):
    OPEN = "open"
    PROPOSED = "proposed"
    DECIDED = "decided"


class Claimed(msgspec.Struct, frozen=True):
    """What somebody says of himself, in clear."""

    name: str
    document: Document


class IdentityStanding(msgspec.Struct, frozen=True):
    """Where a person's identity stands, for other areas."""

    state: str
    """none | declared | attested | verified | rejected | expired | revoked"""
    method: str | None = None
    verified_at: datetime | None = None
    valid_until: datetime | None = None


# --- refusals ---------------------------------------------------------------------------------


class NoSuchDeclaration(NotFound):
    """There is no such declaration for you to look after; fetch the list again."""

    zh = "没有您可处理的该项实名申报，请刷新列表。"


class NoSuchCase(NotFound):
    """There is no such case; fetch the list again."""

    zh = "没有该案件，请刷新列表。"


class DeclarationMovedOn(Conflict):
    """This declaration is not waiting for that any more; fetch it again."""

    zh = "该申报已不处于此状态，请刷新后查看。"


class CaseMovedOn(Conflict):
    """This case is not waiting for that any more; fetch it again."""

    zh = "该案件已不处于此状态，请刷新后查看。"


class TwoPeopleNeeded(Forbidden):
    """This takes two different people, and neither may be the one concerned; ask a colleague."""

    zh = "此步须由两位不同的人完成，且不得是本人；请由另一位同事处理。"


class DiffersFromDeclaration(Conflict):
    """Name and number differ from what the person declared; look at the document again."""

    zh = "姓名或号码与本人申报的不一致，请对照证件再核对。"


class TooManyDeclarations(TooManyRequests):
    """That was declared too often today; try again tomorrow."""

    zh = "今日申报次数过多，请明天再试。"


class BeingChecked(Conflict):
    """Your declaration is being checked; wait for the answer before you declare anew."""

    zh = "您的申报正在核验中，请等待结果后再重新申报。"


class OrganisationNotConfirmed(Conflict):
    """Your organisation is not confirmed yet, so it cannot attest; wait for our confirmation."""

    zh = "贵组织尚未经平台确认，暂不能核验证件，请等待确认。"


class IdentityConsentNeeded(Invalid):
    """A document's number is sensitive: read the notice "identity-verification" at
    GET /v1/privacy-notices, and send its version as `consent` if you agree."""

    zh = "证件号码属于敏感个人信息：请先阅读《实名认证》告知书，同意后再申报。"


class NotOfThatOrganisation(Invalid):
    """Name an organisation that you belong to, or none."""

    zh = "请选择您所在的组织，或不选择组织。"


class AlreadyVerified(Conflict):
    """Your identity is verified by a real check; a demonstration's check cannot replace it."""

    zh = "您的身份已经过正式核验，不能由演示核验替代。"


class BadValidity(Invalid):
    """Write how long identities hold as dates and months, such as 2026-01-01=36,2028-01-01=24."""

    zh = "实名认证有效期应写作日期与月数，例如 2026-01-01=36,2028-01-01=24。"


# --- two people -------------------------------------------------------------------------------


def check_other_person(actor: UUID, *concerned: UUID | None) -> None:
    """TwoPeopleNeeded: nobody confirms what he said himself, nor anything about himself."""
    if actor in concerned:
        raise TwoPeopleNeeded


def same_name(one: str, other: str) -> bool:
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    """Blanks, width, case and the middle dots of transcribed names do not make another name."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if not c.isspace() and c not in "·•・‧.")


# --- how long it holds ------------------------------------------------------------------------


class ValidityRule(msgspec.Struct, frozen=True):
    since: date
    months: int


def validity_rules(text: str) -> list[ValidityRule]:
    """ "2026-01-01=36": verified on that day or later, an identity holds 36 months. BadValidity."""
    try:
        pairs = [part.split("=") for part in text.split(",")]
        rules = [ValidityRule(date.fromisoformat(day.strip()), int(n)) for day, n in pairs]
    except ValueError:
        raise BadValidity from None
    if any(not 1 <= rule.months <= 1200 for rule in rules):
        raise BadValidity
    return sorted(rules, key=lambda rule: rule.since)


def valid_until(
    rules: Sequence[ValidityRule], *, verified_at: datetime, document_expires: date | None
) -> datetime:
    """The rule of the day of verification, or the document's own end where that is sooner."""
    day = verified_at.astimezone(SHANGHAI).date()
    rule = next((r for r in reversed(rules) if r.since <= day), rules[0])
    ends = later_by(day, rule.months)
    return _end_of(min(ends, document_expires) if document_expires else ends)


def later_by(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI).astimezone(UTC)


def today_in_china(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()
