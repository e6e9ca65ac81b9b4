"""Corrections: of one programme and edition the newest revision stands, whichever came first."""

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
# In the order of their lists, which are locked: so nobody waits for another in a circle.
_OLDER = """
SELECT o.id, newest.number
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS made(learner, programme, edition)
JOIN completion_record o ON o.learner_id = made.learner AND o.programme = made.programme
    AND o.edition = made.edition
CROSS JOIN LATERAL (
    SELECT number FROM completion_record n
    WHERE n.learner_id = o.learner_id AND n.programme = o.programme AND n.edition = o.edition
      AND n.revision > o.revision
    ORDER BY n.revision DESC LIMIT 1
) AS newest
ORDER BY o.status_list, o.id
"""


_BEFORE = """
SELECT made.due, o.id, o.status_list
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[])
    AS made(due, learner, programme, edition, revision)
JOIN completion_record o ON o.learner_id = made.learner AND o.programme = made.programme
    AND o.edition = made.edition AND o.revision < made.revision
ORDER BY o.revision
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
    later = {due: one for due, one in facts.items() if one.revision > 1}
    if not later:
        return {}
    given = later.values()
    rows = await connection().fetch(
        _BEFORE,
        list(later),
        [one.learner_id for one in given],
        [one.programme_code for one in given],
        [one.edition for one in given],
        [one.revision for one in given],
    )
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
    facts, why = [one.facts for one in made], {one.identity.number: one.because for one in made}
    learners = [one.learner_id for one in facts]
    programmes, editions = [one.programme_code for one in facts], [one.edition for one in facts]
    older = await connection().fetch(_OLDER, learners, programmes, editions)
    for record_id, number in dict(older).items():
        record = await repository.record_by_id(record_id)
        await repository.lock_record(record)
        if (await states([record_id]))[record_id] not in FINAL:
            because = f"{why[number]} " if why.get(number) else ""
            reason = f"{because}由 {number} 取代 · superseded by {number}"
            await decide(keyring, record, "superseded", at=at, reason=reason)
