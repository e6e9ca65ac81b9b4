"""Status lists: where a record's bits are, and signing the lists anew."""

import secrets
from datetime import datetime, timedelta

from backend.records import log
from backend.records.keyring import Keyring, issuer_id, key_id
from backend.records.signing import sign_status
from backend.records.tables import (
    CompletionRecord,
    RecordEvent,
    StatusList,
    StatusListVersion,
)
from backend.records.verdict.canonical import digest
from backend.records.verdict.leaf import Kind, status_ref
from backend.records.verdict.status_list import (
    ENTRIES,
    PURPOSES,
    TTL_SECONDS,
    Bits,
    replay,
    status_claims,
)
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.ids import uuid7

_LOCK = 0x73746174  # "stat"
REFRESH_AFTER = timedelta(seconds=TTL_SECONDS * 0.8)
_FULL = ENTRIES // 2  # a random free place is found at once while half of them are free


async def ensure_list(
    keyring: Keyring, address: str, *, demonstration: bool, now: datetime
) -> StatusList:
    """The list that takes new records of this issuer; a new one when there is none with room."""
    async with UnitOfWork(DB):
        await connection().execute("SELECT pg_advisory_xact_lock($1, 0)", _LOCK)
        lists = (
            await StatusList.objects()
            .where(StatusList.address == address, StatusList.demonstration == demonstration)
            .order_by(StatusList.number, ascending=False)
        )
        if not lists or await _taken(lists[0].number) >= _FULL:
            lists = [await _open_list(keyring, address, demonstration=demonstration, now=now)]
    return lists[0]


async def _taken(number: int) -> int:
    return int(await CompletionRecord.count().where(CompletionRecord.status_list == number))


async def _open_list(
    keyring: Keyring, address: str, *, demonstration: bool, now: datetime
) -> StatusList:
    opened = StatusList(
        number=await StatusList.count() + 1,
        issuer=issuer_id(address, demonstration=demonstration),
        address=address,
        demonstration=demonstration,
        opened_at=now,
    )
    await StatusList.insert(opened)
    for purpose in PURPOSES:
        await publish(keyring, opened, purpose, now)
    return opened


async def free_index(number: int) -> int:
    """A random place in the list, so that neighbours in it say nothing about each other."""
    while True:
        index = secrets.randbelow(ENTRIES)
        taken = await CompletionRecord.exists().where(
            CompletionRecord.status_list == number, CompletionRecord.status_index == index
        )
        if not taken:
            return index


async def publish(keyring: Keyring, status_list: StatusList, purpose: str, now: datetime) -> None:
    """Sign the list as it stands and log its hash, in the caller's `UnitOfWork`."""
    async with UnitOfWork(DB):
        await lock(status_list.number)
        claims = status_claims(
            address=f"{status_list.address}/status/{purpose}/{status_list.number}",
            issuer=status_list.issuer,
            purpose=purpose,
            bits=await bits_of(status_list.number, purpose),
            signed_at=int(now.timestamp()),
        )
        key = keyring.signer("status", demonstration=status_list.demonstration)
        jwk = keyring.jwk("status", demonstration=status_list.demonstration)
        kid = key_id(status_list.address, jwk)
        await _store(status_list, purpose, sign_status(claims, key, kid), kid, now)


async def _store(
    status_list: StatusList, purpose: str, jws: bytes, kid: str, now: datetime
) -> None:
    entry_id = await log.append(
        Kind.STATUS,
        at=now,
        kid=kid,
        sha256=digest(jws),
        ref=status_ref(purpose, status_list.number),
    )
    versions = await StatusListVersion.count().where(
        StatusListVersion.status_list == status_list.number, StatusListVersion.purpose == purpose
    )
    version = StatusListVersion(
        id=uuid7(),
        status_list=status_list.number,
        purpose=purpose,
        version=versions + 1,
        jws=jws,
        entry_id=entry_id,
        signed_at=now,
    )
    await StatusListVersion.insert(version)


async def lock(number: int) -> None:
    """Until the transaction ends, nobody else decides about this list.

    So the log tells decisions and the lists signed after them in one order.
    """
    await connection().execute("SELECT pg_advisory_xact_lock($1, $2)", _LOCK, number)


async def bits_of(number: int, purpose: str) -> Bits:
    rows = (
        await RecordEvent.select(RecordEvent.kind, RecordEvent.record.status_index)
        .where(RecordEvent.record.status_list == number, RecordEvent.kind != "issued")
        .order_by(RecordEvent.position)
    )
    return replay(
        purpose, [(Kind(f"record.{row['kind']}"), row["record.status_index"]) for row in rows]
    )


async def refresh_old_lists(keyring: Keyring, now: datetime) -> int:
    """Sign lists in use again before their time ends; how many there were."""
    old = [
        (status_list, purpose)
        for status_list in await _lists_in_use()
        if keyring.demo or not status_list.demonstration
        for purpose in PURPOSES
        if await is_old(status_list.number, purpose, now)
    ]
    for status_list, purpose in old:
        async with UnitOfWork(DB):
            await publish(keyring, status_list, purpose, now)
    return len(old)


async def refresh_if_old(keyring: Keyring, status_list: StatusList, now: datetime) -> None:
    """With the first record after a quiet time, its list is made fresh in one transaction."""
    for purpose in PURPOSES:
        if await is_old(status_list.number, purpose, now):
            await publish(keyring, status_list, purpose, now)


async def _lists_in_use() -> list[StatusList]:
    used = await CompletionRecord.select(CompletionRecord.status_list).distinct()
    numbers = [row["status_list"] for row in used]
    if not numbers:
        return []
    return await StatusList.objects().where(StatusList.number.is_in(numbers))


async def is_old(number: int, purpose: str, now: datetime) -> bool:
    newest = (
        await StatusListVersion.select(StatusListVersion.signed_at)
        .where(StatusListVersion.status_list == number, StatusListVersion.purpose == purpose)
        .order_by(StatusListVersion.version, ascending=False)
        .first()
    )
    return newest is None or now - newest["signed_at"] > REFRESH_AFTER
