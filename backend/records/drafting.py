"""From frozen facts to the claims of an Open Badges 3.0 credential, and its evidence manifest."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.records.achievements import (
    achievement_id,
    criteria_of,
    description_of,
    title_of,
)
from backend.records.domain import RecordFacts, class_hours
from backend.records.evidence.domain import Earning
from backend.records.keyring import NAMES, issuer_id
from backend.records.verdict.canonical import base64url, canonical, digest
from backend.records.verdict.credential import (
    BADGE_CONTEXT,
    STATUS_CONTEXT,
    Achievement,
    Claims,
    Criteria,
    Evidence,
    Profile,
    Result,
    ResultDescription,
    StatusEntry,
    Subject,
)
from backend.records.verdict.leaf import timestamp
from courses.record_kinds import kind_by_code


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """The names of one new record, all random."""

    record_id: UUID
    subject_id: UUID
    number: str
    code: str
    status_list: int
    status_index: int
    address: str
    """The public address that the record's own addresses start with."""


def frozen(said: RecordFacts | Earning) -> bytes:
    """Canonical JSON, as it is kept from the pass on."""
    return canonical(msgspec.to_builtins(said))


def manifest_of(
    facts: RecordFacts, record_id: UUID, salt: str, earning: Earning | None = None
) -> bytes:
    """Canonical JSON of a `Manifest`. The salt keeps a score from being guessed."""
    return manifest_from(frozen(facts), record_id, salt, frozen(earning) if earning else None)


def manifest_from(facts: bytes, record_id: UUID, salt: str, earning: bytes | None) -> bytes:
    """The same, of what is `frozen` already: its bytes stand in the manifest as they are."""
    found = {
        "v": 2 if earning else 1,
        "record": f"urn:uuid:{record_id}",
        "salt": salt,
        "facts": msgspec.Raw(facts),
    }
    parts = found | ({"earned": msgspec.Raw(earning)} if earning else {})
    return msgspec.json.encode(parts, order="sorted")


def payload_of(facts: RecordFacts, identity: Identity, manifest: bytes, now: datetime) -> bytes:
    return msgspec.json.encode(_claims(facts, identity, manifest, now))


def _claims(facts: RecordFacts, identity: Identity, manifest: bytes, now: datetime) -> Claims:
    issuer = issuer_id(identity.address, demonstration=facts.demonstration)
    subject = _subject(facts, identity)
    until = facts.valid_until
    return Claims(
        context=[STATUS_CONTEXT, BADGE_CONTEXT],
        id=f"urn:uuid:{identity.record_id}",
        type=["VerifiableCredential", "OpenBadgeCredential"],
        name=_title(facts),
        issuer=Profile(
            id=issuer, type=["Profile"], name=NAMES[facts.demonstration], url=identity.address
        ),
        valid_from=timestamp(now),
        valid_until=timestamp(until) if until else None,
        credential_subject=subject,
        credential_status=_status(identity),
        evidence=[_evidence(manifest)],
        iss=issuer,
        jti=f"urn:uuid:{identity.record_id}",
        nbf=int(now.timestamp()),
        sub=subject.id,
        exp=int(until.timestamp()) if until else None,
    )


def _title(facts: RecordFacts) -> str:
    named = facts.programme_title
    return title_of(
        kind_by_code(facts.kind),
        facts.period,
        named.zh,
        named.en,
        demonstration=facts.demonstration,
    )


def _subject(facts: RecordFacts, identity: Identity) -> Subject:
    return Subject(
        id=f"urn:uuid:{identity.subject_id}",
        type=["AchievementSubject"],
        achievement=_achievement(facts, identity.address),
        credits_earned=class_hours(facts.hours_seconds),
        license_number=identity.number,
        result=[
            Result(type=["Result"], result_description=_ref("passed"), status="Completed"),
            *(
                Result(
                    type=["Result"],
                    result_description=_ref(module),
                    value=str(class_hours(seconds)),
                )
                for module, seconds in sorted(facts.hours_by_module.items())
            ),
        ],
    )


def _achievement(facts: RecordFacts, address: str) -> Achievement:
    kind = kind_by_code(facts.kind)
    return Achievement(
        id=achievement_id(address, facts.edition, facts.programme_code),
        type=["Achievement"],
        achievement_type="CertificateOfCompletion",
        name=_title(facts),
        description=description_of(kind, demonstration=facts.demonstration),
        criteria=Criteria(narrative=_narrative(facts)),
        human_code=facts.programme_code,
        version=facts.edition,
        field_of_study=facts.standard,
        result_description=[
            _described("passed", f"考试 {facts.exam_code} 合格 Examination passed", "Status"),
            *(
                _described(module, f"模块 {module} 学时 Class hours", "ext:ClassHours")
                for module in sorted(facts.hours_by_module)
            ),
        ],
    )


def _narrative(facts: RecordFacts) -> str:
    criteria = criteria_of(
        kind_by_code(facts.kind),
        edition=facts.edition,
        edition_sha256=facts.edition_sha256,
        exam=facts.exam_code,
    )
    return f"{criteria}, rules {facts.rules_sha256}."


def _ref(name: str) -> str:
    return f"urn:guanbiao:result:{name}"


def _described(name: str, title: str, kind: Any) -> ResultDescription:
    return ResultDescription(
        id=_ref(name), type=["ResultDescription"], name=title, result_type=kind
    )


def _status(identity: Identity) -> StatusEntry:
    address = f"{identity.address}/status/revocation/{identity.status_list}"
    return StatusEntry(
        id=f"{address}#{identity.status_index}",
        type="BitstringStatusListEntry",
        status_purpose="revocation",
        status_list_index=str(identity.status_index),
        status_list_credential=address,
    )


def _evidence(manifest: bytes) -> Evidence:
    """A hash link (RFC 6920): the manifest itself is shown to inspectors only."""
    return Evidence(
        id=f"ni:///sha-256;{base64url(bytes.fromhex(digest(manifest)))}",
        type=["Evidence"],
        name="证据清单 Evidence manifest",
    )
