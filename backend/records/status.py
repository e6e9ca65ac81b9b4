"""Status lists: where a record's bits are, and signing the lists anew."""

import secrets
from datetime import datetime, timedelta

from backend.records import log
from backend.records.keyring import Keyring, issuer_id
from backend.records.keys.repository import hold, may_sign
from backend.records.keys.signers import Signer, signer
from backend.records.signing import sign_status
from backend.records.tables import (
    CompletionRecord,
    RecordEvent,
    StatusList,
    StatusListVersion,
)
from backend.records.verdict.canonical import digest
from backend.records.verdict.jws import parse
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
_DRAWS = 8


async def ensure_list(
    keyring: Keyring, address: str, *, demonstration: bool, now: datetime
) -> StatusList:
    """The list that takes new records of this issuer; opened when there is none."""
    return await _newest(address, demonstration) or await _open_list(
        keyring, address, demonstration=demonstration, after=None, now=now
    )


async def free_place(
    keyring: Keyring, address: str, *, demonstration: bool, now: datetime
) -> tuple[StatusList, int]:
    """A random place, so that neighbours in a list say nothing about each other.

    A list in which several draws in a row hit taken places is full enough: the next one opens.
    """
    while True:
        home = await ensure_list(keyring, address, demonstration=demonstration, now=now)
        for _ in range(_DRAWS):
            index = secrets.randbelow(ENTRIES)
            if not await _is_taken(home.number, index):
                return home, index
        await _open_list(keyring, address, demonstration=demonstration, after=home, now=now)


async def _newest(address: str, demonstration: bool) -> StatusList | None:
    return (
        await StatusList.objects()
        .where(StatusList.address == address, StatusList.demonstration == demonstration)
        .order_by(StatusList.number, ascending=False)
        .first()
    )


async def _is_taken(number: int, index: int) -> bool:
    return await CompletionRecord.exists().where(
        CompletionRecord.status_list == number, CompletionRecord.status_index == index
    )


async def _open_list(
    keyring: Keyring,
    address: str,
    *,
    demonstration: bool,
    after: StatusList | None,
    now: datetime,
) -> StatusList:
    """One process opens the list that follows `after`; the others take what it opened."""
    async with UnitOfWork(DB):
        await hold()
        await connection().execute("SELECT pg_advisory_xact_lock($1, 0)", _LOCK)
        newest = await _newest(address, demonstration)
        if newest is not None and (after is None or newest.number != after.number):
            return newest
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


async def publish(keyring: Keyring, status_list: StatusList, purpose: str, now: datetime) -> None:
    """Sign the list as it stands and log its hash, in the caller's `UnitOfWork`."""
    async with UnitOfWork(DB):
        await lock(status_list.number)
        by = await signer_of(keyring, status_list, now)
        claims = status_claims(
            address=f"{status_list.address}/status/{purpose}/{status_list.number}",
            issuer=status_list.issuer,
            purpose=purpose,
            encoded_list=(await bits_of(status_list.number, purpose)).encoded,
            signed_at=int(now.timestamp()),
        )
        await _store(status_list, purpose, sign_status(claims, by.key, by.kid), by.kid, now)


async def signer_of(keyring: Keyring, status_list: StatusList, now: datetime) -> Signer:
    """Until the transaction ends, this key may sign: the caller has locked the list."""
    address, demonstration = status_list.address, status_list.demonstration
    return await signer(keyring, "status", address, demonstration=demonstration, now=now)


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

    So the log tells decisions and the lists signed after them in one order. Nor does a key end.
    """
    await hold()
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
    return [
        status_list
        for status_list in await StatusList.objects().order_by(StatusList.number)
        if await CompletionRecord.exists().where(CompletionRecord.status_list == status_list.number)
    ]


async def is_old(number: int, purpose: str, now: datetime) -> bool:
    """Or signed with a key that has ended since."""
    newest = (
        await StatusListVersion.select(StatusListVersion.signed_at, StatusListVersion.jws)
        .where(StatusListVersion.status_list == number, StatusListVersion.purpose == purpose)
        .order_by(StatusListVersion.version, ascending=False)
        .first()
    )
    if newest is None or now - newest["signed_at"] > REFRESH_AFTER:
        return True
    async with UnitOfWork(DB):
        return not await may_sign(parse(newest["jws"]).header.kid)
