"""What a record rests on, and whether the rows still say so. No I/O."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec

from backend.records.domain import RecordFacts, Title

_MOST_SHOWN = 200


class CountedHours(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the ledger of hours that counted: an award, or a correction of one."""

    entry: UUID
    ref: str
    """Of a lesson its code, of a class its id."""
    module: str
    source: str
    kind: str
    seconds: int
    evidence_sha256: str


class LessonPresence(msgspec.Struct, frozen=True, kw_only=True):
    """Presence checks of a lesson, up to its completion."""

    lesson: str
    passed: int
    missed: int


class CountedAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt at the exam up to the one passed. `paper_sha256`: of items, key and rules as they
    were frozen when it began. The score as marked first, a decimal; corrections are facts."""

    attempt: UUID
    number: int
    paper_sha256: str
    score: str | None
    passed: bool | None
    evidence_sha256: str | None


class Earning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Gathered with the act that earned the record, from the rows of that moment."""

    enrolment: UUID
    at: str
    """RFC 3339, as `datetime.isoformat`."""
    hours: tuple[CountedHours, ...]
    seconds_by_source: dict[str, int]
    presence: tuple[LessonPresence, ...]
    attempts: tuple[CountedAttempt, ...]


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The evidence of a record; its canonical JSON (RFC 8785) is stored and hashed. Version 1 had
    no `earned`: its records were made before this was gathered."""

    v: int
    record: str
    salt: str
    facts: RecordFacts
    earned: Earning | None = None


class Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A part of the evidence, held against the rows."""

    name: str
    title: Title
    agrees: bool
    frozen: str = ""
    """What was frozen where that differs, shortened; empty where it agrees."""
    found: str = ""


TITLES = {
    "manifest": Title(zh="证据清单的哈希与证明所载一致", en="manifest hashed into the record"),
    "facts": Title(zh="证据清单与冻结的事实一致", en="manifest and frozen facts are the same"),
    "hours": Title(zh="学时：逐条台账", en="hours: each row of the ledger"),
    "seconds_by_source": Title(zh="学时：按来源合计", en="hours: sums by source"),
    "hours_by_module": Title(zh="学时：按模块合计", en="hours: sums by module"),
    "hours_seconds": Title(zh="学时：总计", en="hours: in all"),
    "presence": Title(zh="在线确认", en="presence checks"),
    "attempts": Title(zh="考次：试卷与成绩", en="attempts: papers and scores"),
    "score": Title(zh="成绩", en="score"),
    "exam_passed_at": Title(zh="考试通过时间", en="when the exam was passed"),
    "evidence": Title(zh="证据链接", en="hash links"),
    "edition_sha256": Title(zh="课程版次的哈希", en="hash of the curriculum edition"),
    "rules_sha256": Title(zh="规则的哈希", en="hash of the rules"),
}
_OTHER = Title(zh="其他事实", en="other facts")


def sums_by_source(hours: tuple[CountedHours, ...]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for one in hours:
        sums[one.source] = sums.get(one.source, 0) + one.seconds
    return sums


def compared(manifest: Manifest, facts: RecordFacts, earned: Earning) -> list[Part]:
    """Each part of the manifest against what was worked out again from the rows."""
    found = [*_fields(manifest.facts, facts)]
    if manifest.earned is not None:
        found += _fields(manifest.earned, earned)
    order = list(TITLES)
    return sorted(found, key=lambda part: order.index(part.name) if part.name in order else 99)


def _fields(frozen: msgspec.Struct, again: msgspec.Struct) -> Iterator[Part]:
    told, now = msgspec.to_builtins(frozen), msgspec.to_builtins(again)
    for name, value in told.items():
        yield part(name, value, now[name])


def part(name: str, frozen: Any, found: Any) -> Part:
    agrees = bool(frozen == found)
    frozen, found = _apart(frozen, found)
    return Part(
        name=name,
        title=TITLES.get(name, _OTHER),
        agrees=agrees,
        frozen="" if agrees else _short(frozen),
        found="" if agrees else _short(found),
    )


def _apart(frozen: Any, found: Any) -> tuple[Any, Any]:
    """Of two lists only what is not in both: the rest is nothing to look at."""
    if isinstance(frozen, list | tuple) and isinstance(found, list | tuple):
        return [x for x in frozen if x not in found], [x for x in found if x not in frozen]
    return frozen, found


def _short(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
