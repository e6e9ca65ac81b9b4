"""Facts and records to test with."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from backend.records.domain import EvidenceLink, RecordFacts, Title

START = datetime(2026, 3, 2, 1, tzinfo=UTC)


def a_hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def some_facts(learner_id: UUID, **changes: Any) -> RecordFacts:
    facts = RecordFacts(
        learner_id=learner_id,
        programme_code="IA-E",
        programme_title=Title(zh="企业内审员", en="Internal auditor"),
        edition="2026.1",
        edition_sha256=a_hash("edition"),
        standard="GB/T 29490-2023",
        hours_seconds=24 * 2700,
        hours_by_module={"M02": 2 * 2700, "M03": 22 * 2700},
        exam_code="E3",
        exam_passed_at=START,
        score=83,
        rules_sha256=a_hash("rules"),
        evidence=[EvidenceLink(kind="attempt", ref=str(UUID(int=7)), sha256=a_hash("attempt"))],
        demonstration=False,
    )
    return msgspec.structs.replace(facts, **changes)


def replaced(struct: Any, changes: Mapping[str, Any]) -> Any:
    return msgspec.structs.replace(struct, **changes)


async def anybody(_: UUID, __: datetime) -> bool:
    """Where a test is not about whether an account is still the same person's."""
    return True
