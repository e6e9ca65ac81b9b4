"""An enterprise for tests: a manager, two departments, members and what they have learnt."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import httpx

from backend.organisations.tables import Department, Membership
from backend.progress.tables import Enrolment, LedgerEntry
from backend.records.tables import DueRecord
from infra.clock import ManualClock
from infra.ids import uuid7
from infra.vault import Vault, place
from tests.backend.organisations.making import make_member
from tests.people import SignedIn

PROGRAMME = "MGR"


@dataclass
class Company:
    id: UUID
    manager: SignedIn
    api: httpx.AsyncClient
    clock: ManualClock
    vault: Vault

    @property
    def path(self) -> str:
        return f"/v1/organisations/{self.id}"

    async def get(self, path: str, who: SignedIn | None = None) -> httpx.Response:
        headers = (who or self.manager).headers
        return await self.api.get(f"{self.path}{path}", headers=headers)

    async def read(self, path: str) -> dict[str, Any]:
        return ok(await self.get(path))

    async def assign(self, **wanted: object) -> dict[str, Any]:
        return ok(await self.try_assign(**wanted))

    async def try_assign(self, **wanted: object) -> httpx.Response:
        body = {"programme": PROGRAMME, **wanted}
        headers = self.manager.headers
        return await self.api.post(f"{self.path}/assignments", json=body, headers=headers)

    async def department(self, name: str, parent: UUID | None = None) -> UUID:
        row = Department(
            id=uuid7(),
            organisation=self.id,
            parent=parent,
            depth=2 if parent else 1,
            name=name,
            created_at=self.clock(),
        )
        await Department.insert(row)
        return row.id

    async def member(
        self,
        name: str = "王小明",
        *,
        person: UUID | None = None,
        department: UUID | None = None,
        joined_at: datetime | None = None,
    ) -> tuple[UUID, UUID]:
        """(membership, person)"""
        person_id = person or uuid7()
        joined = joined_at or self.clock()
        membership = await make_member(self.id, person_id, now=joined, department=department)
        await Membership.update(
            {
                Membership.name_sealed: self.vault.seal(
                    name, place(Membership.name_sealed, membership)
                ),
                Membership.contact_sealed: self.vault.seal(
                    "13812345678", place(Membership.contact_sealed, membership)
                ),
            }
        ).where(Membership.id == membership)
        return membership, person_id


async def leave(membership: UUID, now: datetime) -> None:
    await Membership.update({Membership.left_at: now, Membership.left_because: "left"}).where(
        Membership.id == membership
    )


async def begin(person: UUID, now: datetime, programme: str = PROGRAMME) -> None:
    row = Enrolment(
        id=uuid7(),
        learner_id=person,
        programme_code=programme,
        edition="2026.1",
        edition_sha256="0" * 64,
        demonstration=False,
        enrolled_at=now,
    )
    await Enrolment.insert(row)


async def earn(person: UUID, now: datetime, programme: str = PROGRAMME) -> None:
    """Hours and exam are met: a record is due."""
    row = DueRecord(
        id=uuid7(),
        learner_id=person,
        programme=programme,
        edition="2026.1",
        revision=1,
        facts=b"{}",
        demonstration=False,
        state="due",
        requested_at=now,
    )
    await DueRecord.insert(row)


async def study(person: UUID, day: date, seconds: int, lesson: str = "M02-L01") -> None:
    row = LedgerEntry(
        id=uuid7(),
        learner_id=person,
        kind="awarded",
        enrolment_id=uuid7(),
        programme_code=PROGRAMME,
        edition="2026.1",
        module_code=lesson[:3],
        lesson_code=lesson,
        lecture_id=uuid7(),
        source="online",
        seconds=seconds,
        watched_seconds=seconds,
        evidence=b"{}",
        evidence_sha256="0" * 64,
        completed_at=datetime(2026, 3, 1).astimezone(),
        counts_on=day,
    )
    await LedgerEntry.insert(row)


def ok(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code in {200, 201}, response.text
    body: dict[str, Any] = response.json()
    return body
