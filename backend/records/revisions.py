"""Corrections: of one programme, edition and round the newest revision stands, whichever came
first. What was earned in another round is another record."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from backend.records import repository, status
from backend.records.domain import FINAL, RecordFacts, State
from backend.records.events import decide, states
from backend.records.keyring import Keyring
from backend.records.preparing import Draft
from backend.records.tables import RevocationProposal
from infra.database import connection

_LOCK = """
SELECT pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended('revisions:' || name, 0) AS key FROM unnest($1::text[]) AS name
    ORDER BY key
) AS in_order
"""
_SAME = """
d.learner_id = made.learner_id AND d.programme = made.programme AND d.edition = made.edition
    AND d.period IS NOT DISTINCT FROM made.period AND d.round = made.round
"""
# In the order of their lists, which are locked: so nobody waits for another in a circle.
_OLDER = f"""
WITH same AS (
    SELECT DISTINCT d.learner_id, d.programme, d.edition, d.period, d.round, o.id, o.number,
        o.revision, o.status_list
    FROM due_record made JOIN due_record d ON {_SAME} JOIN completion_record o ON o.due = d.id
    WHERE made.id = ANY($1::uuid[])
)
SELECT d.id, newest.number
FROM same d
CROSS JOIN LATERAL (
    SELECT number FROM same made WHERE {_SAME} AND made.revision > d.revision
    ORDER BY made.revision DESC LIMIT 1
) AS newest
ORDER BY d.status_list, d.id
"""
_BEFORE = f"""
SELECT made.id AS due, o.id, o.status_list
FROM due_record made JOIN due_record d ON {_SAME} AND d.revision < made.revision
JOIN completion_record o ON o.due = d.id
WHERE made.id = ANY($1::uuid[]) ORDER BY d.revision
"""
_NOT_IN_FORCE = {State.SUSPENDED, State.REVOKED}


async def one_at_a_time(facts: Sequence[RecordFacts]) -> None:
    """Until the transaction ends, no other revision of these records is stored: two that are made
    at once would not see each other, and both would stand."""
    names = [f"{one.learner_id}:{one.programme_code}:{one.edition}" for one in facts]
    await connection().execute(_LOCK, names)


async def nothing_to_stand_for(facts: Mapping[UUID, RecordFacts]) -> dict[UUID, str]:
    """Of these due rows the corrections of a record that is suspended or revoked, or proposed for
    that, each with which. From here on nobody else decides about what the others correct."""
    later = [due for due, one in facts.items() if one.revision > 1]
    if not later:
        return {}
    rows = await connection().fetch(_BEFORE, later)
    for number in sorted({row["status_list"] for row in rows}):
        await status.lock(number)
    before = {row["due"]: row["id"] for row in rows}  # of several the newest
    known, proposed = await states(list(before.values())), await _proposed(before.values())
    doubt = {i: str(s) for i, s in known.items() if s in _NOT_IN_FORCE}
    doubt |= dict.fromkeys(proposed - doubt.keys(), "proposed for revocation")
    return {due: doubt[i] for due, i in before.items() if i in doubt}


async def _proposed(record_ids: Collection[UUID]) -> set[UUID]:
    rows = await RevocationProposal.select(RevocationProposal.record).where(
        RevocationProposal.record.is_in(list(record_ids) or [UUID(int=0)]),
        RevocationProposal.state == "proposed",
    )
    return {row["record"] for row in rows}


async def newest_stands(keyring: Keyring, made: Sequence[Draft], *, at: datetime) -> None:
    """In the transaction that stored these. Those before the newest say so from now on."""
    why = {one.identity.number: one.because for one in made}
    older = await connection().fetch(_OLDER, [one.due_id for one in made])
    for record_id, number in dict(older).items():
        record = await repository.record_by_id(record_id)
        await repository.lock_record(record)
        if (await states([record_id]))[record_id] not in FINAL:
            newer = f"由 {number} 取代 · superseded by {number}"
            reason = f"{why[number]}（{newer}）" if why.get(number) else newer
            await decide(keyring, record, "superseded", at=at, reason=reason)
