"""Making a due record: facts -> evidence -> checked -> signed -> row and leaf in one transaction.

Exactly once, whichever worker dies: nothing is visible before the last transaction, and its unique
constraints let one maker through (docs/record-cycle.md).
"""

import secrets
from datetime import datetime
from uuid import UUID, uuid4

import msgspec
import structlog

from backend.accounts import service as accounts
from backend.records import log, status
from backend.records.announcing import announce
from backend.records.domain import (
    Holder,
    RecordFacts,
    State,
    new_code,
    new_number,
    whole_second,
    why_waiting,
)
from backend.records.drafting import Identity, manifest_of, payload_of
from backend.records.events import add_event, decide, states
from backend.records.evidence.domain import Earning
from backend.records.keyring import Keyring, NoDemonstrationHere
from backend.records.keys.repository import hold, may_sign
from backend.records.keys.signers import signer
from backend.records.signing import sign_record
from backend.records.tables import CompletionRecord, DueRecord, StatusList
from backend.records.verdict.canonical import digest
from backend.records.verdict.credential import Checked
from backend.records.verdict.leaf import Kind, RecordRef
from backend.records.verdict.refusal import Refused
from infra.database import UnitOfWork
from infra.engine import DB
from infra.instance import public_url
from infra.queue import WorkerContext
from infra.vault import Vault, place

_log = structlog.get_logger(__name__)
_TRIES = 5


class AlreadyMade(Exception):
    """Another worker was first; its record stands."""


class Collision(Exception):
    """A number, code or place was taken meanwhile, or the key has ended; draw again."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    due_id: UUID
    facts: RecordFacts
    holder: Holder
    identity: Identity
    manifest: bytes
    jws: bytes
    kid: str
    issued_at: datetime


async def issue(context: WorkerContext, due_id: UUID) -> None:
    """Make the record of this due row, or leave the reason why not; safe to repeat."""
    for _ in range(_TRIES):
        try:
            draft = await _draft(context, due_id)
            if draft is not None:
                await _keep_evidence(context, draft)
                await store(context, draft)
        except Collision:
            continue
        except AlreadyMade:
            pass
        return
    raise Collision(f"no free number or place for {due_id} in {_TRIES} draws")


async def _draft(context: WorkerContext, due_id: UUID) -> Draft | None:
    due = await DueRecord.objects().get(DueRecord.id == due_id)
    if due is None or due.state in {"issued", "quarantined"}:
        return None
    facts = msgspec.json.decode(due.facts, type=RecordFacts)
    keyring = Keyring.of(context.settings)
    vault, now = Vault.of(context.settings.keys), context.clock()
    holder = await _holder(vault, facts.learner_id, now)
    waiting = why_waiting(facts, holder)
    if waiting:
        await _set_state(due_id, "waiting-for-identity", waiting)
        return None
    try:
        return await _signed(keyring, due, facts, holder, whole_second(context.clock()))
    except (Refused, NoDemonstrationHere) as error:
        _log.error("record_quarantined", due_id=str(due_id), reason=str(error))
        await _set_state(due_id, "quarantined", str(error)[:500])
        return None


async def _holder(vault: Vault, person_id: UUID, now: datetime) -> Holder:
    known = await accounts.holder_of(vault, person_id)
    return Holder(
        name=known.name,
        identity_verified=known.verified_at(now),
        identity_method=known.identity_method,
    )


async def _signed(
    keyring: Keyring, due: DueRecord, facts: RecordFacts, holder: Holder, now: datetime
) -> Draft:
    demonstration = facts.demonstration
    earning = msgspec.json.decode(due.earning, type=Earning) if due.earning else None
    await announce(keyring, now)
    identity = await _new_identity(keyring, demonstration, now)
    manifest = manifest_of(facts, identity.record_id, secrets.token_hex(16), earning)
    by = await signer(keyring, "record", identity.address, demonstration=demonstration, now=now)
    checked = Checked(payload_of(facts, identity, manifest, now))
    return Draft(
        due_id=due.id,
        facts=facts,
        holder=holder,
        identity=identity,
        manifest=manifest,
        jws=sign_record(checked, by.key, by.kid),
        kid=by.kid,
        issued_at=now,
    )


async def _new_identity(keyring: Keyring, demonstration: bool, now: datetime) -> Identity:
    address = await public_url()
    home, index = await status.free_place(keyring, address, demonstration=demonstration, now=now)
    return Identity(
        record_id=uuid4(),
        subject_id=uuid4(),
        number=new_number(now.year, secrets.randbelow),
        code=new_code(secrets.randbelow),
        status_list=home.number,
        status_index=index,
        address=address,
    )


async def _keep_evidence(context: WorkerContext, draft: Draft) -> None:
    """Named by its hash: written twice, it is the same object."""
    name = f"evidence/{digest(draft.manifest)}.json"
    await context.objects.put_bytes(name, draft.manifest, "application/json")


async def store(context: WorkerContext, draft: Draft) -> None:
    """Row, event and leaf, all or none. A second maker of the same record changes nothing."""
    keyring, now = Keyring.of(context.settings), draft.issued_at
    async with UnitOfWork(DB):
        await hold()
        if not await may_sign(draft.kid):
            raise Collision
        entry_id = await _log_issue(draft)
        row = _row(draft, entry_id, Vault.of(context.settings.keys))
        made = await CompletionRecord.insert(row).on_conflict(action="DO NOTHING")
        if not made:
            raise await _why_not_made(draft)
        await add_event(row.id, "issued", at=now, document=draft.jws, entry_id=entry_id)
        await _supersede_previous(keyring, draft)
        await _set_state(draft.due_id, "issued", None)
        home = await StatusList.objects().get(StatusList.number == draft.identity.status_list)
        assert home is not None
        await status.refresh_if_old(keyring, home, now)


async def _why_not_made(draft: Draft) -> Exception:
    if await CompletionRecord.exists().where(CompletionRecord.due == draft.due_id):
        return AlreadyMade()
    return Collision()


async def _log_issue(draft: Draft) -> UUID:
    identity = draft.identity
    return await log.append(
        Kind.ISSUED,
        at=draft.issued_at,
        kid=draft.kid,
        sha256=digest(draft.jws),
        ref=RecordRef(
            f"urn:uuid:{identity.record_id}", identity.status_list, identity.status_index
        ).text,
    )


def _row(draft: Draft, entry_id: UUID, vault: Vault) -> CompletionRecord:
    facts, identity = draft.facts, draft.identity
    return CompletionRecord(
        id=identity.record_id,
        due=draft.due_id,
        learner_id=facts.learner_id,
        number=identity.number,
        code=identity.code,
        programme=facts.programme_code,
        edition=facts.edition,
        revision=facts.revision,
        demonstration=facts.demonstration,
        facts=msgspec.json.encode(facts),
        holder_sealed=vault.seal(
            draft.holder.name, place(CompletionRecord.holder_sealed, identity.record_id)
        ),
        identity_method=draft.holder.identity_method or "",
        evidence_sha256=digest(draft.manifest),
        evidence=draft.manifest,
        jws=draft.jws,
        kid=draft.kid,
        status_list=identity.status_list,
        status_index=identity.status_index,
        entry_id=entry_id,
        issued_at=draft.issued_at,
        valid_until=facts.valid_until,
    )


async def _supersede_previous(keyring: Keyring, draft: Draft) -> None:
    """A corrected record takes the place of the one before; that one says so from now on."""
    facts = draft.facts
    previous = (
        await CompletionRecord.objects()
        .where(
            CompletionRecord.learner_id == facts.learner_id,
            CompletionRecord.programme == facts.programme_code,
            CompletionRecord.edition == facts.edition,
            CompletionRecord.revision == facts.revision - 1,
        )
        .first()
    )
    if previous is None:
        return
    if (await states([previous.id]))[previous.id] in {State.REVOKED, State.SUPERSEDED}:
        return
    await decide(
        keyring,
        previous,
        "superseded",
        at=draft.issued_at,
        reason=f"superseded by {draft.identity.number}",
    )


async def _set_state(due_id: UUID, state: str, reason: str | None) -> None:
    await DueRecord.update({DueRecord.state: state, DueRecord.reason: reason}).where(
        DueRecord.id == due_id
    )
