"""Records on paper: made when they are asked for, kept nowhere.

A print of one record is the same each time, apart from the status lists it carries and the seal.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from io import BytesIO
from uuid import UUID

import msgspec
import segno

from backend.records import repository as records
from backend.records.cosigning.bundles import CosignedTree, cosigned_bundle
from backend.records.domain import NoSuchRecord, RecordFacts, Title
from backend.records.keyring import Keyring
from backend.records.keys.signers import Signer, signer
from backend.records.printing import repository
from backend.records.printing.domain import (
    Language,
    NotInForce,
    Printable,
    Sheet,
    file_name,
    settable,
    sheet,
)
from backend.records.printing.press import has_type, press
from backend.records.printing.repository import Row
from backend.records.readme import readme
from backend.records.signing import sign_print
from backend.records.tables import CompletionRecord
from backend.records.verdict.bundle import Bundle, StatusEvidence, write_bundle
from backend.records.verdict.canonical import digest
from backend.records.verdict.credential import Claims, check
from backend.records.verdict.jws import parse
from backend.records.verdict.printed import SealClaims, print_sha256, sealed_print
from backend.records.verdict.proof import Proof
from courses.format import Bilingual
from courses.record_kinds import kind_by_code
from infra.database import UnitOfWork
from infra.engine import DB
from infra.instance import public_url
from infra.objects import ObjectStore
from infra.vault import Vault, place

__all__ = ["Keyring", "Language", "PrintedRecord", "my_print", "prints"]
_AT_ONCE = 100


class PrintedRecord(msgspec.Struct, frozen=True):
    """`name`: of the file; it holds the holder's."""

    record_id: UUID
    number: str
    name: str
    content: bytes


async def my_print(
    objects: ObjectStore,
    vault: Vault,
    keyring: Keyring,
    learner_id: UUID,
    record_id: UUID,
    *,
    language: Language,
    now: datetime,
) -> PrintedRecord:
    """NoSuchRecord: another's, or not in the log yet. NotInForce, PressBusy."""
    async with UnitOfWork(DB):
        row = await repository.own(learner_id, record_id)
        if row is None:
            raise NoSuchRecord
        if not row.in_force:
            raise NotInForce
        work = _Work(objects, vault, language, now)
        await work.begin([row], keyring)
    return await work.printed(row)


async def prints(
    objects: ObjectStore,
    vault: Vault,
    keyring: Keyring,
    people: Sequence[UUID],
    programme: str,
    *,
    language: Language,
    now: datetime,
) -> AsyncIterator[PrintedRecord]:
    """The newest record in force of each of these people. A hundred at a time are in memory."""
    for start in range(0, len(people), _AT_ONCE):
        async with UnitOfWork(DB):
            rows = await repository.newest(people[start : start + _AT_ONCE], programme)
            work = _Work(objects, vault, language, now)
            await work.begin(rows, keyring)
        for row in rows:
            yield await work.printed(row)


class _Work:
    """What records that are printed together share: status lists, keys, the address."""

    def __init__(
        self, objects: ObjectStore, vault: Vault, language: Language, now: datetime
    ) -> None:
        self._objects = objects
        self._vault, self._language, self._now = vault, language, now
        self._lists: dict[int, dict[str, StatusEvidence]] = {}
        self._signers: dict[tuple[str, bool], Signer] = {}
        self._trees: dict[int, CosignedTree] = {}
        self._address = ""

    async def begin(self, rows: Collection[Row], keyring: Keyring) -> None:
        self._address = await public_url()
        for number in {row.status_list for row in rows}:
            self._lists[number] = await records.published_lists(number)
        for home, demo in {_home(row) for row in rows}:
            self._signers[home, demo] = await signer(
                keyring, "record", home, demonstration=demo, now=self._now
            )

    async def printed(self, row: Row) -> PrintedRecord:
        claims = check(parse(row.jws).payload)
        holder = self._vault.open(row.holder_sealed, place(CompletionRecord.holder_sealed, row.id))
        unsealed = await press().set(self._sheet(row, claims, holder, await self._bundle(row)))
        by = self._signers[_home(row)]
        seal = SealClaims(
            iss=claims.iss,
            iat=int(self._now.timestamp()),
            name=holder,
            print_sha256=print_sha256(unsealed),
            record=claims.id,
            record_sha256=digest(row.jws),
        )
        content = sealed_print(unsealed, sign_print(seal, by.key, by.kid))
        return PrintedRecord(row.id, row.number, file_name(row.number, holder), content)

    def _sheet(self, row: Row, claims: Claims, holder: str, bundle: bytes) -> Sheet:
        facts = msgspec.json.decode(row.facts, type=RecordFacts)
        kind, address = kind_by_code(facts.kind), f"{self._address}/v/{row.code}"
        record = Printable(
            facts=facts,
            kind_title=_said(kind.named(facts.period)),
            notice=_said(kind.notice) if kind.notice else None,
            holder=settable(holder, has_type=has_type),
            number=row.number,
            address=address,
            issuer=claims.issuer.name,
            issued_at=row.issued_at,
            valid_until=row.valid_until,
            log_index=row.leaf_index,
        )
        return sheet(
            record,
            language=self._language,
            qr=qr_of(address),
            bundle=bundle,
            credential=row.jws,
        )

    async def _bundle(self, row: Row) -> bytes:
        proof = row.proof.encode()
        bundle = Bundle(
            record=row.jws,
            proof=proof,
            checkpoint=Proof.parse(row.proof).note.encode(),
            status=self._lists[row.status_list],
        )
        bundle = await cosigned_bundle(self._objects, row, bundle, self._now, self._trees)
        words = readme(
            row.number, row.code, row.jws, self._address, demonstration=row.demonstration
        )
        return write_bundle(bundle, words)


def _home(row: Row) -> tuple[str, bool]:
    """The address under which it was issued, where its keys stand; whether a demonstration."""
    return row.kid.partition("/keys/")[0], row.demonstration


def _said(text: Bilingual) -> Title:
    return Title(zh=text.zh, en=text.en)


def qr_of(address: str) -> str:
    """Error level M: readable on a creased print-out."""
    svg = BytesIO()
    segno.make(address, error="m", micro=False).save(
        svg, kind="svg", xmldecl=False, svgns=True, border=0, dark="#1d2329"
    )
    return svg.getvalue().decode()
