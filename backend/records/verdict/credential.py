"""The record itself: an Open Badges 3.0 credential as typed claims, and their check.

Only checked claims can be signed: `check` gives a `Checked`, the signer takes nothing else. The
same check reads a record on its way back in.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec

from backend.records.verdict.refusal import Refused

STATUS_CONTEXT = "https://www.w3.org/ns/credentials/v2"
BADGE_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
MOMENT_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PLACEHOLDER = re.compile(r"\b(undefined|null|none|nan)\b", re.IGNORECASE)
_PERHAPS = re.compile("undef|null|none|nan")
"""In lower case, and without the i that has other forms than I: found wherever the other is."""
_HASH_LINK = re.compile(r"ni:///sha-256;[A-Za-z0-9_-]{43}")
_ONE = msgspec.Meta(min_length=1, max_length=1)
_MAX_SECONDS = 2**40
_END_OF_TIME = 4000
"""The first year that no record knows; `moment` still reads it."""


class Strict(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Base of signed claims: every member typed, no member unknown."""


class Profile(Strict, frozen=True):
    id: str
    type: Annotated[list[Literal["Profile"]], _ONE]
    name: str
    url: str


class Criteria(Strict, frozen=True):
    narrative: str


class ResultDescription(Strict, frozen=True):
    id: str
    type: Annotated[list[Literal["ResultDescription"]], _ONE]
    name: str
    result_type: Literal["Status", "ext:ClassHours"]


class Achievement(Strict, frozen=True):
    id: str
    type: Annotated[list[Literal["Achievement"]], _ONE]
    achievement_type: Literal["CertificateOfCompletion"]
    name: str
    description: str
    criteria: Criteria
    human_code: str
    version: str
    """The curriculum edition."""
    field_of_study: str
    """The standard and its edition."""
    result_description: list[ResultDescription]


class Result(Strict, frozen=True, kw_only=True, omit_defaults=True):
    type: Annotated[list[Literal["Result"]], _ONE]
    result_description: str
    status: Literal["Completed"] | None = None
    value: str | None = None


class Subject(Strict, frozen=True):
    id: str
    type: Annotated[list[Literal["AchievementSubject"]], _ONE]
    achievement: Achievement
    credits_earned: float
    license_number: str
    result: list[Result]


class StatusEntry(Strict, frozen=True):
    id: str
    type: Literal["BitstringStatusListEntry"]
    status_purpose: Literal["revocation"]
    status_list_index: str
    status_list_credential: str


class Evidence(Strict, frozen=True):
    id: str
    type: Annotated[list[Literal["Evidence"]], _ONE]
    name: str


class Claims(Strict, frozen=True, kw_only=True, omit_defaults=True):
    context: list[str] = msgspec.field(name="@context")
    id: str
    type: list[str]
    name: str
    issuer: Profile
    valid_from: str
    valid_until: str | None = None
    credential_subject: Subject
    credential_status: StatusEntry
    evidence: list[Evidence]
    iss: str
    jti: str
    nbf: int
    sub: str
    exp: int | None = None


class ClaimsDisagree(Refused):
    """The claims of the token and those of the credential inside it say different things."""


class Checked:
    """Bytes that passed `check`; it cannot be made in any other way."""

    __slots__ = ("claims", "payload")

    def __init__(self, payload: bytes) -> None:
        self.claims = check(payload)
        self.payload = payload


def check(payload: bytes) -> Claims:
    """Typed claims; Refused (or ClaimsDisagree) says what is wrong with them."""
    try:
        claims = msgspec.json.decode(payload, type=Claims)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(f"not a record of this form: {error}") from error
    if b"null" in payload and _has_null(msgspec.json.decode(payload)):
        raise Refused("not a record of this form: a member that is null has to be left out")
    _check_equal(claims)
    _check_form(claims)
    _check_words(claims)
    return claims


def _has_null(value: Any) -> bool:
    """Open Badges knows no null, and the types above cannot tell it from a member left out."""
    if isinstance(value, dict):
        return any(map(_has_null, value.values()))
    return value is None or (isinstance(value, list) and any(map(_has_null, value)))


def _check_equal(claims: Claims) -> None:
    pairs = [
        ("iss", claims.iss, claims.issuer.id),
        ("jti", claims.jti, claims.id),
        ("sub", claims.sub, claims.credential_subject.id),
        ("nbf", claims.nbf, seconds(claims.valid_from)),
        ("exp", claims.exp, claims.valid_until and seconds(claims.valid_until)),
    ]
    for name, outer, inner in pairs:
        if outer != inner:
            raise ClaimsDisagree(f"{name} differs from the credential inside")


def _check_form(claims: Claims) -> None:
    subject, status = claims.credential_subject, claims.credential_status
    rules = {
        "@context": claims.context == [STATUS_CONTEXT, BADGE_CONTEXT],
        "type": claims.type == ["VerifiableCredential", "OpenBadgeCredential"],
        "id": bool(_UUID.fullmatch(claims.id)),
        "credentialSubject.id": bool(_UUID.fullmatch(subject.id)),
        "creditsEarned": 0 <= subject.credits_earned < 10_000,
        "validUntil": claims.exp is None or claims.exp > claims.nbf,
        "evidence": len(claims.evidence) == 1 and bool(_HASH_LINK.fullmatch(claims.evidence[0].id)),
        "result": _results_are_described(subject),
        "credentialStatus": _status_fits(status),
    }
    if not all(rules.values()):
        wrong = [name for name, right in rules.items() if not right]
        raise Refused(f"not right: {', '.join(wrong)}")


def _results_are_described(subject: Subject) -> bool:
    described = {description.id for description in subject.achievement.result_description}
    results = {result.result_description for result in subject.result}
    return bool(results) and results <= described


def _status_fits(status: StatusEntry) -> bool:
    index = status.status_list_index
    return (
        status.id == f"{status.status_list_credential}#{index}"
        and index.isascii()
        and index.isdecimal()
        and len(index) <= 9
        and str(int(index)) == index
        and "/status/revocation/" in status.status_list_credential
    )


def _check_words(claims: Claims) -> None:
    """No empty word and no "undefined": such records have been seen in the wild."""
    number = claims.credential_subject.license_number
    if not (_known_as_good(_shared_words(claims)) and _are_good((number,))):
        raise Refused("a word is missing, or is a program's placeholder")


def _shared_words(claims: Claims) -> tuple[str, ...]:
    """The same in all records of a programme."""
    achievement = claims.credential_subject.achievement
    return (
        claims.name,
        claims.issuer.name,
        achievement.id,
        achievement.name,
        achievement.description,
        achievement.criteria.narrative,
        achievement.version,
        achievement.human_code,
        achievement.field_of_study,
        *[described.name for described in achievement.result_description],
        *[evidence.name for evidence in claims.evidence],
    )


def _are_good(words: tuple[str, ...]) -> bool:
    text = "\n".join(words)
    placeholder = _PERHAPS.search(text.lower()) and _PLACEHOLDER.search(text)
    return not placeholder and all(map(str.strip, words))


_known_as_good = lru_cache(64)(_are_good)


def moment(seconds_since_1970: int) -> datetime:
    if not 0 <= seconds_since_1970 < _MAX_SECONDS // 16:
        raise Refused("time out of range")
    return datetime.fromtimestamp(seconds_since_1970, UTC)


def seconds(text: str) -> int:
    """Seconds since 1970 of a whole second in UTC, written in one way only (`MOMENT_FORMAT`)."""
    try:
        parsed = datetime.fromisoformat(text)  # strptime takes twenty times as long
    except ValueError as error:
        raise Refused("time not in whole seconds of UTC") from error
    if not _MOMENT.fullmatch(text) or not 1970 <= parsed.year < _END_OF_TIME:
        raise Refused("time not in whole seconds of UTC")
    return int(parsed.timestamp())
