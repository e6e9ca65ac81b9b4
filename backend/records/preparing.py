"""From due rows to signed records that nobody has seen yet, many at once."""

import asyncio
import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

import msgspec
import structlog

from backend.accounts import service as accounts
from backend.records import repository, status
from backend.records.announcing import announce
from backend.records.domain import (
    Holder,
    RecordFacts,
    is_a_name,
    new_code,
    new_number,
    whole_second,
    why_waiting,
)
from backend.records.drafting import Identity, manifest_from, payload_of
from backend.records.evidence.domain import Earning
from backend.records.holders import holder_at
from backend.records.keyring import Keyring, NoDemonstrationHere
from backend.records.keys.signers import Signer, signer
from backend.records.repository import OpenDue
from backend.records.signing import sign_record
from backend.records.tables import StatusList
from backend.records.verdict.credential import Checked
from backend.records.verdict.refusal import Refused
from infra.instance import public_url
from infra.queue import WorkerContext
from infra.vault import Vault

_log = structlog.get_logger(__name__)


class Ready(msgspec.Struct, frozen=True):
    """All that a record is made of; facts and earning also as they were `frozen`."""

    due_id: UUID
    facts: RecordFacts
    frozen_facts: bytes
    frozen_earning: bytes | None
    holder: Holder
    because: str | None = None
    """Of a correction, why."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    due_id: UUID
    facts: RecordFacts
    frozen_facts: bytes
    holder: Holder
    identity: Identity
    manifest: bytes
    jws: bytes
    kid: str
    issued_at: datetime
    because: str | None = None


async def drafts(context: WorkerContext, due_ids: Collection[UUID]) -> list[Draft]:
    """Of those that can be made; the others get the reason why not. In the order of their ids,
    real ones first: as all makers keep to one order, none waits for another in a ring."""
    dues = await repository.open_dues(due_ids)
    ready, waiting = await _looked_at(context, dues)
    for due_id, why in waiting.items():
        await repository.put_aside(due_id, "waiting-for-identity", why)
    if waiting:  # Who was verified since we looked found no row that waits yet: so look once more.
        ready += (await _looked_at(context, [due for due in dues if due.id in waiting]))[0]
        ready.sort(key=lambda one: one.due_id)
    found: list[Draft] = []
    for demonstration in (False, True):
        some = [one for one in ready if one.facts.demonstration is demonstration]
        if some:
            found += await _signed(context, some, demonstration)
    return found


async def _looked_at(
    context: WorkerContext, dues: Sequence[OpenDue]
) -> tuple[list[Ready], dict[UUID, str]]:
    """Those that can be made, and why the others have to wait."""
    vault, now = Vault.of(context.settings.keys), context.clock()
    known = await accounts.holders_of(vault, {due.learner_id for due in dues})
    ready, waiting = [], {}
    for due in dues:
        try:
            one = _ready(due, holder_at(known.get(due.learner_id), now))
        except Refused as error:
            await _put_aside([(due.id, error)])
            continue
        if why := why_waiting(one.facts, one.holder):
            waiting[due.id] = why
        else:
            ready.append(one)
    return ready, waiting


def _ready(due: OpenDue, holder: Holder) -> Ready:
    """Refused where what was earned cannot be read any more: to try again would not help."""
    try:
        facts = msgspec.json.decode(due.facts, type=RecordFacts)
        if due.earning:
            msgspec.json.decode(due.earning, type=Earning)
    except msgspec.DecodeError as error:
        raise Refused(f"facts of another form: {error}") from error
    told = facts.learner_id, facts.programme_code, facts.edition, facts.revision
    if told != (due.learner_id, due.programme, due.edition, due.revision):
        raise Refused("facts of another record: the row was changed by hand")
    return Ready(due.id, facts, due.facts, due.earning, holder, due.because)


async def _signed(
    context: WorkerContext, ready: Sequence[Ready], demonstration: bool
) -> list[Draft]:
    keyring, now = Keyring.of(context.settings), whole_second(context.clock())
    try:
        await announce(keyring, now)
        address = await public_url()
        by = await signer(keyring, "record", address, demonstration=demonstration, now=now)
        places = await status.free_places(
            keyring, address, len(ready), demonstration=demonstration, now=now
        )
    except NoDemonstrationHere as error:
        await _put_aside((one.due_id, error) for one in ready)
        return []
    identities = [_identity(address, home, index, now) for home, index in places]
    found, refused = await asyncio.to_thread(_draft_all, ready, identities, by, now)
    await _put_aside(refused)
    return found


async def _put_aside(refused: Iterable[tuple[UUID, Exception]]) -> None:
    for due_id, error in refused:
        _log.error("record_quarantined", due_id=str(due_id), reason=str(error))
        await repository.put_aside(due_id, "quarantined", str(error)[:500])


def _identity(address: str, home: StatusList, index: int, now: datetime) -> Identity:
    return Identity(
        record_id=uuid4(),
        subject_id=uuid4(),
        number=new_number(now.year, secrets.randbelow),
        code=new_code(secrets.randbelow),
        status_list=home.number,
        status_index=index,
        address=address,
    )


def _draft_all(
    ready: Sequence[Ready], identities: Sequence[Identity], by: Signer, now: datetime
) -> tuple[list[Draft], list[tuple[UUID, Exception]]]:
    """And those that must not be signed, each with the reason."""
    found: list[Draft] = []
    refused: list[tuple[UUID, Exception]] = []
    for one, identity in zip(ready, identities, strict=True):
        try:
            found.append(drafted(one, identity, by, now))
        except Refused as error:
            refused.append((one.due_id, error))
    return found, refused


def drafted(one: Ready, identity: Identity, by: Signer, now: datetime) -> Draft:
    """Refused where the claims are not as they have to be, or nobody has such a name."""
    if not is_a_name(one.holder.name):
        raise Refused("the holder's name is missing, or is a program's placeholder")
    salt = secrets.token_hex(16)
    manifest = manifest_from(one.frozen_facts, identity.record_id, salt, one.frozen_earning)
    checked = Checked(payload_of(one.facts, identity, manifest, now))
    return Draft(
        due_id=one.due_id,
        facts=one.facts,
        frozen_facts=one.frozen_facts,
        holder=one.holder,
        identity=identity,
        manifest=manifest,
        jws=sign_record(checked, by.key, by.kid),
        kid=by.kid,
        issued_at=now,
        because=one.because,
    )
