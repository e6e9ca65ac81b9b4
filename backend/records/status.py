"""Status lists: where a record's bits are, and signing the lists anew."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

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
from backend.records.verdict.verify import CLOCK_SKEW
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.ids import uuid7

_LOCK = 0x73746174  # "stat"
REFRESH_AFTER = timedelta(seconds=TTL_SECONDS * 0.7)
"""So early that witnesses, who come by the minute, have seen the new list when the old one ends."""
_DRAWS = 8
# Asked each second, of all lists: those in use whose time is over, and all of them for an hour
# after a key has ended, whose work `is_old` finds whatever the clocks of two processes say.
_PERHAPS_OLD = """
SELECT l.number, wanted.purpose
FROM status_list l CROSS JOIN unnest($1::text[]) AS wanted(purpose)
LEFT JOIN LATERAL (
    SELECT v.signed_at FROM status_list_version v
    WHERE v.status_list = l.number AND v.purpose = wanted.purpose ORDER BY v.version DESC LIMIT 1
) newest ON true
WHERE EXISTS (SELECT FROM completion_record c WHERE c.status_list = l.number)
  AND (newest.signed_at IS NULL OR newest.signed_at < $2 OR newest.signed_at > $3
    OR newest.signed_at < (SELECT max(at) FROM key_event) + interval '1 hour')
ORDER BY l.number
"""


async def ensure_list(
    keyring: Keyring, address: str, *, demonstration: bool, now: datetime
) -> StatusList:
    """The list that takes new records of this issuer; opened when there is none."""
    return await _newest(address, demonstration) or await _open_list(
        keyring, address, demonstration=demonstration, after=None, now=now
    )


async def free_places(
    keyring: Keyring, address: str, count: int, *, demonstration: bool, now: datetime
) -> list[tuple[StatusList, int]]:
    """Random places, so that neighbours in a list say nothing about each other.

    A list in which several draws in a row hit taken places is full enough: the next one opens.
    """
    found: list[tuple[StatusList, int]] = []
    home = await ensure_list(keyring, address, demonstration=demonstration, now=now)
    while True:
        free = await _drawn(home.number, count - len(found))
        found += [(home, index) for index in free]
        if len(found) == count:
            return found
        home = await _open_list(keyring, address, demonstration=demonstration, after=home, now=now)


async def _drawn(number: int, count: int) -> list[int]:
    """Free places of a list; fewer where too many draws in a row hit taken ones."""
    free: dict[int, None] = {}
    misses = 0
    while len(free) < count and misses < _DRAWS:
        drawn = dict.fromkeys(secrets.randbelow(ENTRIES) for _ in range(count - len(free)))
        taken, before = await _taken(number, drawn), len(free)
        free |= {index: None for index in drawn if index not in taken}
        misses = misses + 1 if len(free) == before else 0
    return list(free)


async def _newest(address: str, demonstration: bool) -> StatusList | None:
    return (
        await StatusList.objects()
        .where(StatusList.address == address, StatusList.demonstration == demonstration)
        .order_by(StatusList.number, ascending=False)
        .first()
    )


async def _taken(number: int, indices: Collection[int]) -> set[int]:
    rows = await CompletionRecord.select(CompletionRecord.status_index).where(
        CompletionRecord.status_list == number,
        CompletionRecord.status_index.is_in(list(indices)),
    )
    return {row["status_index"] for row in rows}


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
    newest = await _newest_version(status_list.number, purpose)
    version = StatusListVersion(
        id=uuid7(),
        status_list=status_list.number,
        purpose=purpose,
        version=newest["version"] + 1 if newest else 1,
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
    async with UnitOfWork(DB):
        between = now - REFRESH_AFTER, now + CLOCK_SKEW
        rows = await connection().fetch(_PERHAPS_OLD, list(PURPOSES), *between)
    numbers = {row["number"] for row in rows}
    lists = {n: await StatusList.objects().get(StatusList.number == n) for n in numbers}
    old = [
        (status_list, row["purpose"])
        for row in rows
        if (status_list := lists[row["number"]])
        and (keyring.demo or not status_list.demonstration)
        and await is_old(status_list.number, row["purpose"], now)
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


async def is_old(number: int, purpose: str, now: datetime) -> bool:
    """Or dated ahead, by a clock that has been put right since: nobody would call it fresh until
    then. Or signed with a key that has ended."""
    newest = await _newest_version(number, purpose)
    if newest is None or not -CLOCK_SKEW <= now - newest["signed_at"] <= REFRESH_AFTER:
        return True
    async with UnitOfWork(DB):
        return not await may_sign(parse(newest["jws"]).header.kid)


async def _newest_version(number: int, purpose: str) -> dict[str, Any] | None:
    """Version, moment of signing and the list itself; of a year there are a hundred thousand."""
    version = StatusListVersion
    return (
        await version.select(version.version, version.signed_at, version.jws)
        .where(version.status_list == number, version.purpose == purpose)
        .order_by(version.version, ascending=False)
        .first()
    )
