"""Proofs that end at a checkpoint which witnesses signed, for bundles that leave the house.

The proof stored with an entry ends at the first checkpoint that covers it, a second after the
entry; witnesses come by the minute. So a later proof is worked out when it is asked for, from the
tiles that everybody reads.
"""

from datetime import datetime
from typing import Any, Protocol

import msgspec
import structlog

from backend.records.cosigning import repository
from backend.records.cosigning.domain import CosignedNote, best
from backend.records.repository import logged_versions
from backend.records.trusting import log_key
from backend.records.verdict.bundle import Bundle, StatusEvidence
from backend.records.verdict.credential import seconds
from backend.records.verdict.jws import parse
from backend.records.verdict.notes import open_checkpoint
from backend.records.verdict.proof import Proof, check_inclusion
from backend.records.verdict.refusal import Refused
from backend.records.verdict.status_list import Bits, StatusClaims
from backend.records.verdict.tiles import ServedTree
from infra.database import UnitOfWork
from infra.engine import DB
from infra.objects import NoSuchObject, ObjectStore, StoreUnreachable

_log = structlog.get_logger(__name__)
_ROOM = 30  # seconds for which a list has to be good still, when the bundle is made
_VERSIONS = 3


class Listed(Protocol):
    """Where a record's bit stands."""

    @property
    def status_list(self) -> Any: ...

    @property
    def status_index(self) -> Any: ...


class _Wanted(Exception):
    """A tile that was not read yet."""


class CosignedTree:
    """The tree under one cosigned checkpoint."""

    def __init__(self, objects: ObjectStore, head: CosignedNote) -> None:
        self._objects, self.head = objects, head
        self._tiles: dict[str, bytes] = {}

    async def proof(self, old: Proof) -> bytes:
        """The same entry's proof under this head; it is checked before it is given out."""
        hashes = await self._inclusion(old.index)
        new = Proof(old.index, hashes, self.head.note, old.entry)
        check_inclusion(new, open_checkpoint(new.note, await log_key()))
        return new.text.encode()

    async def _inclusion(self, index: int) -> list[bytes]:
        while True:
            try:
                return ServedTree(self._known, self.head.size).inclusion(index, self.head.size)
            except _Wanted as tile:
                path = str(tile)
                self._tiles[path] = await self._objects.get_bytes(f"log/{path}")

    def _known(self, path: str) -> bytes:
        if path not in self._tiles:
            raise _Wanted(path)
        return self._tiles[path]


async def cosigned_bundle(
    objects: ObjectStore,
    record: Listed,
    bundle: Bundle,
    now: datetime,
    trees: dict[int, CosignedTree] | None = None,
) -> Bundle:
    """The same bundle under the checkpoint that most witnesses signed; as it is, where none did
    or the tiles are out of reach. `trees`: by size, kept by who makes many: tiles are read once."""
    assert bundle.proof is not None
    proof = Proof.parse(bundle.proof.decode())
    async with UnitOfWork(DB):
        head = best(await repository.cosigned(after=proof.index))
    if head is None:
        return bundle
    tree = CosignedTree(objects, head)
    if trees is not None:
        tree = trees.setdefault(head.size, tree)
    try:
        return Bundle(
            record=bundle.record,
            proof=await tree.proof(proof),
            checkpoint=head.note.encode(),
            status={p: await _list(tree, record, p, e, now) for p, e in bundle.status.items()},
        )
    except (NoSuchObject, StoreUnreachable, Refused) as error:
        _log.error("no_cosigned_proof", size=head.size, reason=str(error))
        return bundle


async def _list(
    tree: CosignedTree,
    record: Listed,
    purpose: str,
    newest: StatusEvidence,
    now: datetime,
) -> StatusEvidence:
    """The newest list that witnesses have seen logged; the newest of all where that is about to
    end, or says something else of this record: a decision is never held back."""
    wanted = _Told.of(newest, record.status_index)
    for given in await logged_versions(record.status_list, purpose, most=_VERSIONS):
        told = _Told.of(given, record.status_index)
        too_old = given != newest and told.ends < now.timestamp() + _ROOM
        if told.bit != wanted.bit or too_old:
            break
        proof = Proof.parse(given.proof.decode())
        if proof.index < tree.head.size:
            return StatusEvidence(given.jws, await tree.proof(proof))
    return newest


class _Told(msgspec.Struct, frozen=True):
    """What a list of ours says of one record, and until when it is good."""

    bit: bool
    ends: int

    @classmethod
    def of(cls, evidence: StatusEvidence, index: int) -> "_Told":
        claims = msgspec.json.decode(parse(evidence.jws).payload, type=StatusClaims)
        bits = Bits.decode(claims.credential_subject.encoded_list)
        return cls(bits[index], seconds(claims.valid_until))


async def cosigned_proof(objects: ObjectStore, stored: bytes) -> bytes:
    """Of one entry; as it was stored, where no witness has signed a checkpoint that covers it."""
    proof = Proof.parse(stored.decode())
    async with UnitOfWork(DB):
        head = best(await repository.cosigned(after=proof.index))
    if head is None:
        return stored
    try:
        return await CosignedTree(objects, head).proof(proof)
    except (NoSuchObject, StoreUnreachable, Refused) as error:
        _log.error("no_cosigned_proof", size=head.size, reason=str(error))
        return stored
