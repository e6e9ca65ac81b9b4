"""Spot checks (抽查): a sample that nobody can steer and anyone can draw again."""

import gzip
import hashlib
import secrets
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from backend.accounts.domain import Caller
from backend.organisations import service as organisations
from backend.oversight import repository
from backend.oversight.domain import (
    Finding,
    NoSuchSpotCheck,
    NothingToCheck,
    SignalSource,
    SubjectKind,
    drawn,
    population_text,
)
from backend.oversight.regions import day_begins, sight_of, sight_over
from backend.oversight.signals import note_signal
from backend.oversight.tables import SpotCheck, SpotCheckFinding
from backend.records import service as records
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.vault import Vault, place

_SEED_BYTES = 32
_STRENGTH = {Finding.DOUBTFUL: 50, Finding.VIOLATION: 90}


class Order(msgspec.Struct, frozen=True):
    """Records issued from day to day (both included) to people of a reporting unit; None: of the
    whole country."""

    unit: str | None
    issued_from: date
    issued_until: date
    size: int
    purpose: str


async def draw(caller: Caller, order: Order, *, demonstration: bool, now: datetime) -> UUID:
    """Every draw is kept, so drawing until the sample pleases is seen. NothingToCheck."""
    await sight_over(caller, order.unit, now=now)
    numbers = await _population(order, demonstration=demonstration)
    if not numbers:
        raise NothingToCheck
    text, seed = population_text(numbers), secrets.token_bytes(_SEED_BYTES)
    check = SpotCheck(
        id=uuid7(),
        reporting_unit=order.unit,
        issued_from=order.issued_from,
        issued_until=order.issued_until,
        purpose=order.purpose,
        seed=seed,
        population=gzip.compress(text, mtime=0),
        population_sha256=hashlib.sha256(text).hexdigest(),
        population_size=len(numbers),
        sample_size=min(order.size, len(numbers)),
        drawn_by=caller.person_id,
        drawn_at=now,
    )
    async with UnitOfWork(DB):
        await repository.add_spot_check(check, drawn(seed, numbers, order.size))
        await record_act(
            "spot-check-drawn",
            actor=caller.person_id,
            subject=f"spot-check:{check.id}",
            now=now,
            details={"unit": order.unit, "population": check.population_sha256},
        )
    return check.id


async def _population(order: Order, *, demonstration: bool) -> set[str]:
    issued = await records.issued_between(
        day_begins(order.issued_from),
        day_begins(order.issued_until + timedelta(days=1)),
        demonstration=demonstration,
    )
    if order.unit is None:
        return set(issued)
    units = await organisations.units_of(set(issued.values()))
    return {number for number, who in issued.items() if order.unit in units.get(who, set())}


async def seen_spot_checks(
    caller: Caller, *, before: UUID | None, limit: int, now: datetime
) -> list[dict[str, Any]]:
    sight = await sight_of(caller, now=now)
    return await repository.spot_checks(sight.units, before=before, limit=limit)


async def spot_check(
    caller: Caller, check_id: UUID, *, now: datetime
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    check = await _overseen(caller, check_id, now=now)
    return check, await repository.items_of(check_id)


async def population(caller: Caller, check_id: UUID, *, now: datetime) -> bytes:
    """The text whose SHA-256 the check names: one record number a line."""
    return gzip.decompress((await _overseen(caller, check_id, now=now))["population"])


async def find(
    vault: Vault,
    caller: Caller,
    check_id: UUID,
    number: str,
    finding: Finding,
    note: str | None,
    *,
    now: datetime,
) -> None:
    """Once for each record. What is not in order becomes an integrity signal too."""
    async with UnitOfWork(DB):
        check = await _overseen(caller, check_id, now=now)
        row_id = uuid7()
        await repository.add_finding(
            SpotCheckFinding(
                id=row_id,
                item=await repository.item_of(check_id, number),
                finding=finding,
                note_sealed=vault.seal(note, place(SpotCheckFinding.note_sealed, row_id))
                if note
                else None,
                inspector=caller.person_id,
                at=now,
            )
        )
        if strength := _STRENGTH.get(finding):
            await note_signal(
                SignalSource.SPOT_CHECK,
                SubjectKind.RECORD,
                number,
                strength=strength,
                explanation=f"spot check {check_id}: {finding}",
                unit=check["reporting_unit"],
                by=caller.person_id,
                now=now,
            )
        await record_act(
            f"spot-check-{finding}",
            actor=caller.person_id,
            subject=f"record:{number}",
            now=now,
            details={"spot-check": str(check_id)},
        )


async def _overseen(caller: Caller, check_id: UUID, *, now: datetime) -> dict[str, Any]:
    check = await repository.spot_check(check_id)
    sight = await sight_of(caller, now=now)
    if not sight.covers(check["reporting_unit"]):
        raise NoSuchSpotCheck
    return check
