"""Every area that keeps person data, in one list: export and erasure walk it, a test compares it
with the tables."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from backend.accounts import privacy_facts as accounts
from backend.assessment import privacy_facts as assessment
from backend.certification_bodies import service as certification_bodies
from backend.checking import privacy_facts as checking
from backend.class_sessions import service as class_sessions
from backend.identity import service as identity
from backend.lectures import privacy_facts as lectures
from backend.notices import privacy_facts as notices
from backend.organisations import privacy_facts as organisations
from backend.oversight import service as oversight
from backend.plans import privacy_facts as plans
from backend.privacy import own_facts
from backend.progress import privacy_facts as progress
from backend.records import privacy_facts as records
from infra.vault import Vault


class Erase(Protocol):
    def __call__(self, person_id: UUID, *, now: datetime) -> Awaitable[None]: ...


class Area(msgspec.Struct, frozen=True):
    """`title`: as the person reads it in the export."""

    name: str
    title: str
    personal_data: Callable[[Vault, UUID], Awaitable[dict[str, Any]]]
    erase_person: Erase


AREAS = [
    Area("accounts", "账号 Account", accounts.personal_data, accounts.erase_person),
    Area("identity", "实名认证 Identity", identity.personal_data, identity.erase_person),
    Area("progress", "学习 Learning", progress.personal_data, progress.erase_person),
    Area("plans", "学习计划 Plans", plans.personal_data, plans.erase_person),
    Area("assessment", "考试 Exams", assessment.personal_data, assessment.erase_person),
    Area("records", "培训证明 Records", records.personal_data, records.erase_person),
    Area("checking", "分享链接 Share links", checking.personal_data, checking.erase_person),
    Area(
        "organisations",
        "单位 Organisations",
        organisations.personal_data,
        organisations.erase_person,
    ),
    Area(
        "class-sessions",
        "线下培训 Classes",
        class_sessions.personal_data,
        class_sessions.erase_person,
    ),
    Area(
        "certification-bodies",
        "认证机构审核员 Auditors of certification bodies",
        certification_bodies.personal_data,
        certification_bodies.erase_person,
    ),
    Area("oversight", "监督 Oversight", oversight.personal_data, oversight.erase_person),
    Area("notices", "通知 Notices", notices.personal_data, notices.erase_person),
    Area("lectures", "课件 Lectures", lectures.personal_data, lectures.erase_person),
    Area("privacy", "隐私 Privacy", own_facts.personal_data, own_facts.erase_person),
]
"""Accounts come first: once sessions and logins are gone, nothing new can come in."""
