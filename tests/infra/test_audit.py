"""The trail of privileged acts."""

import json

from infra.audit import FIRST_PREVIOUS, hash_of, record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.tables import AuditEntry
from tests.conftest import START


async def test_each_entry_s_hash_covers_the_one_before(unit: None) -> None:
    before = await AuditEntry.count()
    actor = uuid7()
    for act in ("role-granted", "role-withdrawn"):
        async with UnitOfWork(DB):
            await record_act(
                act, actor=actor, subject="person:1", now=START, details={"role": "author"}
            )
    entries = await AuditEntry.select().order_by(AuditEntry.number)
    previous = FIRST_PREVIOUS
    for entry in entries:
        assert entry["hash"] == hash_of(previous, entry["body"])
        previous = entry["hash"]
    assert [entry["act"] for entry in entries[before:]] == ["role-granted", "role-withdrawn"]
    assert json.loads(entries[-1]["body"])["actor"] == str(actor)
