"""Fields sealed before fields were bound to their place (`infra.vault`): bound once, by
themselves, before the API of this version serves a database.

Once only: later an unbound field is one that somebody put there, from an old backup for instance.
"""

from datetime import datetime

import structlog

from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.resealing import bind_all
from infra.tables import InstanceFact
from infra.vault import Vault

_FACT = "fields-bound"
_log = structlog.get_logger(__name__)


async def bind_once(vault: Vault, *, now: datetime) -> int:
    """How many were. As the owner of the tables. Killed anywhere, the next start goes on; so it
    does while a field is left that no key opens: its row is named in the log."""
    if await InstanceFact.exists().where(InstanceFact.name == _FACT):
        return 0
    done = await bind_all(vault)
    count = sum(one.resealed for one in done)
    for one in done:
        if one.unreadable:
            where = f"{one.table}.{one.column}"
            _log.error("fields_not_bound", where=where, rows=one.unreadable)
    async with UnitOfWork(DB):
        if count:
            await record_act(
                "fields-bound", actor=None, subject="vault", now=now, details={"fields": count}
            )
        if not any(one.unreadable for one in done):
            fact = InstanceFact(name=_FACT, value=str(count), set_at=now)
            await InstanceFact.insert(fact).on_conflict(action="DO NOTHING")
    return count
