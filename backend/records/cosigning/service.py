"""Witnesses of the log: who they are, and taking in what they signed. One `UnitOfWork` each."""

from contextlib import suppress
from datetime import datetime

import structlog

from backend.records.cosigning import repository
from backend.records.cosigning.domain import (
    AnotherHistory,
    CosignedNote,
    ImplausibleTime,
    NoSuchWitness,
    NotACheckpoint,
    Standing,
    TooManyWitnesses,
    UnknownWitness,
    Witness,
    WitnessKnown,
    named_key,
    plausible,
)
from backend.records.tables import LogCheckpoint
from backend.records.trusting import log_key
from backend.records.verdict.cosignatures import cosignatures_of
from backend.records.verdict.notes import NoteKey, open_checkpoint, read_note
from backend.records.verdict.refusal import Refused
from backend.records.verdict.trust import MAX_WITNESSES
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB

_log = structlog.get_logger(__name__)


async def listed() -> list[Witness]:
    async with UnitOfWork(DB):
        return await repository.witnesses()


async def standing() -> list[Standing]:
    async with UnitOfWork(DB):
        return await repository.standing()


async def add(vkey: str, *, now: datetime) -> Witness:
    """From now on its cosignatures are taken, and it is named in the trust file."""
    key = named_key(vkey)
    async with UnitOfWork(DB):
        await repository.lock()
        present = await repository.witnesses()
        taken = {w.name for w in present} | {w.key.public for w in present}
        if taken & {key.name, key.public} or await _is_the_logs(key):
            raise WitnessKnown
        if len(present) >= MAX_WITNESSES:
            raise TooManyWitnesses
        before = await repository.ever(key.text)
        if before:
            await repository.set_removed(before.id, None)
        else:
            await repository.add(key.name, key.text, now=now)
        await _recorded("log-witness-added", key.name, now)
        return next(w for w in await repository.witnesses() if w.vkey == key.text)


async def _is_the_logs(key: NoteKey) -> bool:
    with suppress(LookupError):  # before the first start
        return key.public == (await log_key()).public
    return False


async def remove(name: str, *, now: datetime) -> None:
    """What it signed stays in the rows, but is handed out no more."""
    async with UnitOfWork(DB):
        await repository.lock()
        found = next((w for w in await repository.witnesses() if w.name == name), None)
        if found is None:
            raise NoSuchWitness
        await repository.set_removed(found.id, now)
        await _recorded("log-witness-removed", name, now)


async def _recorded(act: str, name: str, now: datetime) -> None:
    await record_act(act, actor=None, subject=f"witness:{name}", now=now)


async def take(note: str, *, now: datetime) -> list[str]:
    """Names of the witnesses whose cosignature on this checkpoint of ours is kept now.

    NotACheckpoint, AnotherHistory, UnknownWitness, ImplausibleTime. A second time, nothing changes.
    """
    async with UnitOfWork(DB):
        row = await _ours(note)
        signed = [
            (witness, line)
            for witness in await repository.witnesses()
            for line in cosignatures_of(note, witness.key)
            if line.holds
        ]
        if not signed:
            raise UnknownWitness
        kept = []
        for witness, line in signed:
            at = plausible(line.at, signed_at=row.signed_at, now=now)
            if at is None:
                raise ImplausibleTime
            await repository.keep(witness, row.tree_size, at=at, line=line.text, now=now)
            kept.append(witness.name)
        return kept


async def _ours(note: str) -> LogCheckpoint:
    try:
        said = open_checkpoint(note, await log_key())
    except (Refused, LookupError):  # of another log, or of none: nothing was signed here yet
        raise NotACheckpoint from None
    row = await LogCheckpoint.objects().get(LogCheckpoint.tree_size == said.size)
    if row is None or read_note(row.note)[0] != read_note(note)[0]:
        _log.error("checkpoint_of_another_history", size=said.size, root=said.root.hex())
        raise AnotherHistory
    return row


async def cosigned_after(size: int) -> list[CosignedNote]:
    """The newest checkpoints of more leaves than that which witnesses signed, smallest first."""
    async with UnitOfWork(DB):
        return await repository.cosigned(after=size)


async def with_cosignatures(checkpoint: LogCheckpoint) -> str:
    size = checkpoint.tree_size
    async with UnitOfWork(DB):
        found = await repository.cosigned(after=size - 1, until=size)
    return found[0].note if found else checkpoint.note
