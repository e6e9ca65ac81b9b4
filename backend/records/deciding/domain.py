"""Who may decide what becomes of a record. No I/O."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.records.domain import AlreadyDecided, SamePerson, State
from infra.errors import Conflict, Forbidden

DECIDABLE = {
    "suspended": {State.ISSUED},
    "reinstated": {State.SUSPENDED},
    "revoked": {State.ISSUED, State.SUSPENDED},
    "superseded": {State.ISSUED},
}
"""From which states a record comes to each decision; any other one is refused."""


class OwnRecord(Forbidden):
    """Nobody decides about a record of his own; leave it to a colleague."""

    zh = "任何人不得处理本人的证明，请交由同事处理。"


class UnprovenPerson(Forbidden):
    """Both who decide must have had their identity checked: one person may hold two accounts."""

    zh = "撤销证明的两人均须已通过身份核验：同一个人可能有两个账号。"


class NothingToCorrect(Conflict):
    """The holder's verified name is the one on the record; have the right one verified first."""

    zh = "证明上的姓名与持有人已核验的姓名一致；请先核验正确的姓名。"


class HolderUnverified(Conflict):
    """The holder's identity is not verified at present; a corrected record needs that first."""

    zh = "持有人身份目前未通过核验，请先完成身份核验，再更正证明。"


class AnotherPerson(Conflict):
    """The holder's identity rests on another document than when the record was issued: it may be
    another person, and records are not handed on."""

    zh = "持有人现以另一证件通过核验，与签发时不同，可能并非同一人；证明不得转让。"


class OpenProposal(msgspec.Struct, frozen=True, kw_only=True):
    """A revocation that one person proposed and nobody has decided on."""

    id: UUID
    record_id: UUID
    number: str
    reason: str
    proposer_id: UUID
    proposed_at: datetime


class Decider(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    proven: bool
    """Somebody checked who this is: no other account has the same identity."""


def check_decision(kind: str, state: State, *, holder: UUID, deciders: list[UUID]) -> None:
    """OwnRecord, AlreadyDecided."""
    if holder in deciders:
        raise OwnRecord
    if state not in DECIDABLE[kind]:
        raise AlreadyDecided


def check_two_people(proposer: Decider, approver: Decider, *, demonstration: bool) -> None:
    """SamePerson, UnprovenPerson. Of demonstration people nobody's identity was ever checked."""
    if proposer.id == approver.id:
        raise SamePerson
    if not demonstration and not (proposer.proven and approver.proven):
        raise UnprovenPerson
