"""What a record is for, in words: the same in the credential and on the achievement's own page."""

from typing import Any

from backend.records.verdict.credential import BADGE_CONTEXT, STATUS_CONTEXT
from courses.format import Edition, Programme
from courses.record_kinds import RecordKind, kind_of

DEMONSTRATION = "【演示 DEMONSTRATION】"
_GENERAL = (
    "本证明是培训证明，不是职业资格证书，也不是认证证书。"
    " This record attests training only: it is neither a vocational qualification"
    " nor a certification certificate."
)


def achievement_id(address: str, edition: str, programme: str) -> str:
    return f"{address}/achievements/{edition}/{programme}"


def title_of(kind: RecordKind, period: str | None, zh: str, en: str, *, demonstration: bool) -> str:
    """`zh`, `en`: of the programme."""
    mark, name = DEMONSTRATION if demonstration else "", kind.named(period)
    return f"{mark}{name.zh}：{zh} / {name.en}: {en}"


def description_of(kind: RecordKind, *, demonstration: bool) -> str:
    said = f"{DEMONSTRATION}无任何效力。No force whatsoever. " if demonstration else ""
    notice = f" {kind.notice.zh} {kind.notice.en}" if kind.notice else ""
    return f"{said}{_GENERAL}{notice}"


def criteria_of(kind: RecordKind, *, edition: str, edition_sha256: str, exam: str) -> str:
    return (
        f"{kind.criteria.zh}课程版次 {edition}，考试 {exam}。 {kind.criteria.en}"
        f" Edition {edition}, examination {exam}. sha256: edition {edition_sha256}"
    )


def achievement_document(
    address: str, edition: Edition, edition_sha256: str, programme: Programme
) -> dict[str, Any]:
    """Open Badges 3.0 `Achievement`, for programs that follow a record's `achievement.id`."""
    kind = kind_of(programme.code)
    return {
        "@context": [STATUS_CONTEXT, BADGE_CONTEXT],
        "id": achievement_id(address, edition.code, programme.code),
        "type": ["Achievement"],
        "achievementType": "CertificateOfCompletion",
        "name": title_of(
            kind,
            None,
            programme.title.zh,
            programme.title.en,
            demonstration=programme.demonstration,
        ),
        "description": description_of(kind, demonstration=programme.demonstration),
        "criteria": {
            "narrative": criteria_of(
                kind, edition=edition.code, edition_sha256=edition_sha256, exam=programme.exam
            )
        },
        "humanCode": programme.code,
        "version": edition.code,
        "fieldOfStudy": f"{programme.standard.code}-{programme.standard.edition}",
    }
