"""Making due records: facts -> evidence -> checked -> signed -> row and leaf in one transaction.

Many are made together, with a few statements for any number. Exactly once, whichever worker dies:
nothing is visible before the last transaction, and its unique constraints let one maker through
(docs/record-cycle.md).
"""

from collections.abc import Collection, Sequence
from uuid import UUID

import structlog

from backend.records import repository, status, storing
from backend.records.keyring import Keyring
from backend.records.keys.repository import hold, may_sign
from backend.records.preparing import Draft, drafts
from backend.records.revisions import newest_stands, nothing_to_stand_for, one_at_a_time
from backend.records.tables import StatusList
from infra.database import UnitOfWork
from infra.engine import DB
from infra.queue import WorkerContext
from infra.vault import Vault

_log = structlog.get_logger(__name__)
_TRIES = 5
TOGETHER = 200
"""More in one transaction gain little, and the first of them waits longer."""


class Collision(Exception):
    """Numbers, codes or places were taken meanwhile, or the key has ended, at each try."""


async def issue(context: WorkerContext, due_id: UUID) -> None:
    """Make the record of this due row, or leave the reason why not; safe to repeat."""
    await issue_all(context, [due_id])


async def issue_with_others(context: WorkerContext, due_id: UUID) -> None:
    """The same, and others that are due with it: their own jobs then find nothing to do. Whatever
    goes wrong with one of them does not stop this one."""
    others = await repository.due_beside(due_id, limit=TOGETHER - 1)
    try:
        await issue_all(context, [due_id, *others])
    except Exception:
        _log.exception("records_not_made_together", due_id=str(due_id), others=len(others))
        await issue(context, due_id)


async def issue_all(context: WorkerContext, due_ids: Collection[UUID]) -> None:
    """Those of them that another worker has made by now stay as they are. Collision; before that,
    those whose place a record has already are put aside."""
    left = due_ids
    for _ in range(_TRIES):
        found = await drafts(context, left)
        if not found:
            return
        made = await store(context, found)
        left = [draft.due_id for draft in found if draft.due_id not in made]
        if not left:
            return
    if left := await _not_taken(left):
        raise Collision(f"no free numbers or places for {len(left)} records in {_TRIES} draws")


async def _not_taken(due_ids: Collection[UUID]) -> list[UUID]:
    """No draw would help the others: nothing of ours makes such rows, so somebody has to look."""
    taken = await repository.taken(due_ids)
    for due_id, number in taken.items():
        _log.error("record_place_taken", due_id=str(due_id), number=number)
        await repository.put_aside(due_id, "quarantined", f"{number} stands in its place already")
    return [due_id for due_id in due_ids if due_id not in taken]


async def store(context: WorkerContext, found: Sequence[Draft]) -> set[UUID]:
    """Row, event and leaf of each, all or none. The due rows whose records these are: a second
    maker of the same record changes nothing, and what was signed with a key that has ended since
    is thrown away."""
    keyring, vault = Keyring.of(context.settings), Vault.of(context.settings.keys)
    async with UnitOfWork(DB):
        await hold()
        await one_at_a_time([draft.facts for draft in found])
        if not all([await may_sign(kid) for kid in {draft.kid for draft in found}]):
            return set()
        baseless = await _put_aside(found)
        made = await storing.insert([one for one in found if one.due_id not in baseless], vault)
        if made:
            await newest_stands(keyring, made, at=made[0].issued_at)
        await _refresh_lists(keyring, made)
    return baseless | {draft.due_id for draft in made}


async def _put_aside(found: Sequence[Draft]) -> set[UUID]:
    """Corrections of what was suspended or revoked meanwhile, or proposed for revocation: they
    would get round that."""
    baseless = await nothing_to_stand_for({one.due_id: one.facts for one in found})
    for due_id, state in baseless.items():
        why = f"the record it would correct is {state}"
        await repository.put_aside(due_id, "quarantined", why)
    return set(baseless)


async def _refresh_lists(keyring: Keyring, made: Sequence[Draft]) -> None:
    moments = {draft.identity.status_list: draft.issued_at for draft in made}
    for number, now in moments.items():
        home = await StatusList.objects().get(StatusList.number == number)
        assert home is not None
        await status.refresh_if_old(keyring, home, now)
