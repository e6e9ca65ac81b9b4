"""Who may decide what becomes of a record. No I/O."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from uuid import UUID

import msgspec

from backend.records.domain import AlreadyDecided, SamePerson, State
from infra.errors import Conflict, Forbidden, Invalid

SHANGHAI = timezone(timedelta(hours=8))
DECIDABLE = {
    "suspended": {State.ISSUED},
    "reinstated": {State.SUSPENDED},
    "revoked": {State.ISSUED, State.SUSPENDED},
    "superseded": {State.ISSUED},
}
"""From which states a record comes to each decision; any other one is refused."""
LONGEST_SUSPENSION = timedelta(days=366)
"""Until it is looked at again at the latest."""


class OwnRecord(Forbidden):
    """Nobody decides about a record of his own; leave it to a colleague."""

    zh = "任何人不得处理本人的证明，请交由同事处理。"


class UnprovenPerson(Forbidden):
    """Both who decide must have had their identity checked: one person may hold two accounts."""

    zh = "撤销证明的两人均须已通过身份核验：同一个人可能有两个账号。"


class RevocationPending(Conflict):
    """A revocation of this record waits for a second person already: decide on that one first."""

    zh = "已有撤销该证明的提议正等待第二人决定，请先处理该提议。"


class DeclineUnexplained(Invalid):
    """Say in five characters at least why the record is not revoked: who proposed it reads it."""

    zh = "请用至少五个字说明为何不撤销：提出人会看到。"


class ReviewDayNotRight(Invalid):
    """The day by which a suspension is looked at again is after today and within a year."""

    zh = "复核日期须在今天之后、一年之内。"


class NothingToCorrect(Conflict):
    """The holder's verified name is the one on the record; have the right one verified first."""

    zh = "证明上的姓名与持有人已核验的姓名一致；请先核验正确的姓名。"


class CorrectionUnderWay(Conflict):
    """A corrected record is being made already; look again in a moment."""

    zh = "更正后的新证明正在签发，请稍后再看。"


class HolderUnverified(Conflict):
    """The holder's identity is not verified at present; a corrected record needs that first."""

    zh = "持有人身份目前未通过核验，请先完成身份核验，再更正证明。"


class AnotherPerson(Conflict):
    """The holder's identity rests on another document than when the record was issued: it may be
    another person, and records are not handed on."""

    zh = "持有人现以另一证件通过核验，与签发时不同，可能并非同一人；证明不得转让。"


class Decider(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    proven: bool
    """Somebody checked who this is: no other account has the same identity."""


def is_proven(method: str | None, valid_until: datetime | None, now: datetime) -> bool:
    """A method of "null" means that nobody checked the name."""
    return method not in {None, "", "null"} and (valid_until is None or valid_until > now)


def check_decision(kind: str, state: State, *, holder: UUID, deciders: Iterable[UUID]) -> None:
    """OwnRecord, AlreadyDecided."""
    check_not_own(holder, deciders)
    if state not in DECIDABLE[kind]:
        raise AlreadyDecided


def check_not_own(holder: UUID, deciders: Iterable[UUID]) -> None:
    if holder in deciders:
        raise OwnRecord


def check_two_people(proposer: Decider, approver: Decider, *, demonstration: bool) -> None:
    """SamePerson, UnprovenPerson."""
    if proposer.id == approver.id:
        raise SamePerson
    check_proven([proposer, approver], demonstration=demonstration)


def check_proven(people: Iterable[Decider], *, demonstration: bool) -> None:
    """Of demonstration people nobody's identity was ever checked."""
    if not demonstration and not all(person.proven for person in people):
        raise UnprovenPerson


def check_none_open(proposal: UUID | None) -> None:
    if proposal is not None:
        raise RevocationPending


def checked_review(day: date | None, now: datetime) -> date | None:
    today = now.astimezone(SHANGHAI).date()
    if day is not None and not today < day <= today + LONGEST_SUSPENSION:
        raise ReviewDayNotRight(fields={"reviewBy": ReviewDayNotRight.zh})
    return day


def why_declined(text: str) -> str:
    said = " ".join(text.split())
    if len(said) < 5 or not said.isprintable():
        raise DeclineUnexplained(fields={"reason": DeclineUnexplained.zh})
    return said
