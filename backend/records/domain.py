"""Rules of records: numbers, codes, masked names, who may decide. No I/O; chance is handed in."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from infra.errors import Conflict, Forbidden, Invalid, NotFound

CLASS_HOUR_SECONDS = 45 * 60
SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""31 signs without I, O, S, V, Z: those of GB 32100-2015, whose check rule we use too."""
CODE_LENGTH = 13  # 31**13 is 64 bits: a code cannot be found by trying
_NUMBER = re.compile(rf"GB-\d{{4}}-[{SYMBOLS}]{{4}}-[{SYMBOLS}]{{4}}-[{SYMBOLS}]")
_CODE = re.compile(rf"[{SYMBOLS}]{{{CODE_LENGTH}}}")
_NO_NAME = {"undefined", "null", "none"}
_HAN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

RandomBelow = Callable[[int], int]
"""`secrets.randbelow`, or a known sequence in tests."""


class NoSuchRecord(NotFound):
    """No record by that number or code; check it letter by letter."""

    zh = "没有找到该证明，请逐字核对编号或核验码。"


class SamePerson(Forbidden):
    """Revoking takes two people: somebody else has to approve what you proposed."""

    zh = "撤销须由两人完成：请由提出人以外的人批准。"


class AlreadyDecided(Conflict):
    """This proposal, or this record, was already decided; nothing was changed."""

    zh = "该提议或该证明已有结论，本次未作改动。"


class ReasonMissing(Invalid):
    """Give a reason of at least five characters: it is shown to everyone who checks the record."""

    zh = "请填写至少五个字的理由：任何人核验该证明时都会看到。"


class State(StrEnum):
    """What became of a record, from its append-only events."""

    ISSUED = "issued"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"


FINAL = frozenset({State.REVOKED, State.SUPERSEDED})


class Earned(msgspec.Struct, frozen=True, kw_only=True):
    """A round of a programme completed: the newest record due for it, issued or not."""

    learner_id: UUID
    programme: str
    period: str | None
    round: int
    earned_at: datetime
    valid_until: datetime | None
    """Of a year's record the end of its year."""
    revoked: bool


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A record by its number."""

    id: UUID
    learner_id: UUID
    programme: str
    edition: str
    number: str


class Title(msgspec.Struct, frozen=True, kw_only=True):
    zh: str
    en: str


class EvidenceLink(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that was weighed: its kind, our own id for it, and its hash."""

    kind: str
    ref: str
    sha256: str


class RecordFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was earned, frozen by the area that judged it. Never a name, a phone or an ID number."""

    learner_id: UUID
    programme_code: str
    programme_title: Title
    edition: str
    edition_sha256: str
    standard: str
    hours_seconds: int
    hours_by_module: dict[str, int]
    exam_code: str
    exam_passed_at: datetime
    score: int
    rules_sha256: str
    evidence: list[EvidenceLink]
    demonstration: bool
    revision: int = 1
    """A correction is a new record with the next revision; it supersedes the one before."""
    valid_until: datetime | None = None
    kind: str = "completion"
    """Of `courses/record_kinds.toml`."""
    period: str | None = None
    """The year, of a yearly programme."""
    round: int = 1
    """Which time it was earned: after a revocation it may be earned anew, from nothing."""


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """The person as the accounts area knows him when the record is made."""

    name: str
    identity_verified: bool
    identity_method: str | None


def why_waiting(facts: RecordFacts, holder: Holder) -> str | None:
    """Why this record cannot be made yet; None when it can."""
    if not holder.identity_verified:
        return "identity-not-verified"
    if not facts.demonstration and holder.identity_method in {None, "", "null"}:
        return "identity-verified-for-demonstration-only"
    return None


_LONGEST_TYPED = 64
_READ_WRONGLY = str.maketrans("OISZV", "0152U")
"""Letters that no code has, for the signs that they are taken for."""


def is_a_name(text: str) -> bool:
    """Not empty, nor what a program writes where it has none: "undefined undefined"."""
    return any(word.casefold() not in _NO_NAME for word in text.split())


def class_hours(seconds: int) -> float:
    return round(seconds / CLASS_HOUR_SECONDS, 2)


def new_number(year: int, below: RandomBelow) -> str:
    """GB-2026-XXXX-XXXX-C: random, so that knowing one number finds no other."""
    body = f"{year:04d}" + _signs(8, below)
    return f"GB-{body[:4]}-{body[4:8]}-{body[8:]}-{check_sign(body)}"


def new_code(below: RandomBelow) -> str:
    return _signs(CODE_LENGTH, below)


def _signs(count: int, below: RandomBelow) -> str:
    return "".join(SYMBOLS[below(len(SYMBOLS))] for _ in range(count))


def check_sign(body: str) -> str:
    """The sum weighted by powers of 3 modulo 31: finds one wrong sign, or two swapped ones."""
    total = sum(SYMBOLS.index(sign) * pow(3, i, 31) for i, sign in enumerate(body))
    return SYMBOLS[-total % 31]


def is_number(text: str) -> bool:
    if not _NUMBER.fullmatch(text):
        return False
    signs = text[3:].replace("-", "")
    return check_sign(signs[:-1]) == signs[-1]


def typed_code(text: str) -> str:
    """A code or number as somebody typed it from paper: with or without spaces and hyphens, in
    small or full-width letters, with a letter where there is none. NoSuchRecord when it can be
    neither."""
    typed = unicodedata.normalize("NFKC", text[:_LONGEST_TYPED]).upper()
    signs = "".join(filter(str.isalnum, typed)).translate(_READ_WRONGLY)
    if _CODE.fullmatch(signs):
        return signs
    number = f"{signs[:2]}-{signs[2:6]}-{signs[6:10]}-{signs[10:14]}-{signs[14:]}"
    if not is_number(number):
        raise NoSuchRecord
    return number


ERASED_HOLDER = "（应本人要求已删除 erased at the holder's request）"


def masked_name(name: str) -> str:
    """王小明 is 王*明, 张三 is 张*, Maria Lopez is M*** L***; never more than that."""
    words = name.split()
    if not words:
        return "*"
    if _HAN.search(name):
        return _masked_han("".join(words))
    return " ".join(f"{word[0]}***" if len(word) > 1 else "*" for word in words)


def _masked_han(name: str) -> str:
    if len(name) == 1:
        return "*"
    if len(name) == 2:
        return f"{name[0]}*"
    return f"{name[0]}{'*' * min(len(name) - 2, 3)}{name[-1]}"


def checked_reason(reason: str) -> str:
    text = " ".join(reason.split())
    if len(text) < 5 or not text.isprintable():
        raise ReasonMissing(fields={"reason": ReasonMissing.zh})
    return text


def state_of(kinds: list[str]) -> State:
    """The state after these events, oldest first. Revoked and superseded are final."""
    state = State.ISSUED
    for kind in kinds:
        if state in FINAL:
            break
        state = State.ISSUED if kind in {"issued", "reinstated"} else State(kind)
    return state


def whole_second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
