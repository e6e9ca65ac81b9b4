"""The stored evidence of a record, and what the record itself says of it."""

import msgspec

from backend.records import repository
from backend.records.domain import RecordFacts, typed_code
from backend.records.evidence.domain import Manifest, Part, part
from backend.records.tables import CompletionRecord
from backend.records.verdict.canonical import base64url, canonical, digest
from backend.records.verdict.credential import check
from backend.records.verdict.jws import parse
from infra.database import UnitOfWork
from infra.engine import DB


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    manifest: Manifest
    parts: list[Part]
    """That the bytes are those which the record is about, and say what was frozen beside them."""


async def stored_evidence(number: str) -> Stored:
    """By record number or code. NoSuchRecord."""
    async with UnitOfWork(DB):
        record = await repository.record_by_code(typed_code(number))
    manifest = msgspec.json.decode(record.evidence, type=Manifest)
    return Stored(number=record.number, manifest=manifest, parts=_parts(record, manifest))


def _parts(record: CompletionRecord, manifest: Manifest) -> list[Part]:
    sha256 = digest(record.evidence)
    signed = check(parse(record.jws).payload).evidence[0].id
    linked = f"ni:///sha-256;{base64url(bytes.fromhex(sha256))}"
    facts = msgspec.json.decode(record.facts, type=RecordFacts)
    written = canonical(msgspec.json.decode(record.evidence)) == bytes(record.evidence)
    frozen = [record.evidence_sha256, signed, f"urn:uuid:{record.id}", True]
    return [
        part("manifest", frozen, [sha256, linked, manifest.record, written]),
        part("facts", msgspec.to_builtins(manifest.facts), msgspec.to_builtins(facts)),
    ]
