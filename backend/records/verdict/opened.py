"""What thousands of records share, opened once: headers, keys, checkpoints, status lists.

Remembered by the exact bytes, for one set of pins. Each is a function of bytes and pins alone: no
time and no record goes in, so freshness and the key's place are judged anew for each record. A
refusal is never remembered, and each memory drops what was not used for longest.
"""

from collections.abc import Callable
from functools import lru_cache, partial

import msgspec

from backend.records.verdict.bundle import StatusEvidence
from backend.records.verdict.canonical import digest
from backend.records.verdict.cosignatures import Cosigned, cosigned_by
from backend.records.verdict.credential import MOMENT_FORMAT, moment
from backend.records.verdict.jws import check_signature, parse, public_key, read_header
from backend.records.verdict.leaf import Kind, parse_leaf, status_ref
from backend.records.verdict.notes import Checkpoint, NoteKey, open_checkpoint
from backend.records.verdict.proof import Proof, check_inclusion
from backend.records.verdict.refusal import Refused
from backend.records.verdict.status_list import Bits, parse_status
from backend.records.verdict.trust import Trust, TrustedIssuer, TrustedKey

_KEYS, _NOTES, _LISTS = 64, 256, 64
CheckpointOf = Callable[[str], Checkpoint]


class Place(msgspec.Struct, frozen=True):
    """Where a list is looked for: issuer and its address, the list's purpose and number."""

    issuer: str
    address: str
    purpose: str
    number: int


class OpenedList(msgspec.Struct, frozen=True):
    """A list whose signature holds. `signed_at`, `expires_at`: seconds since 1970."""

    bits: Bits
    signed_at: int
    expires_at: int
    as_of: str
    unlogged: str | None
    """Why it does not count as published; None when its inclusion is proved."""
    note: str
    """The checkpoint that its proof ends at; empty where it is not logged."""


class Opened:
    def __init__(self, trust: Trust) -> None:
        self.header = lru_cache(_KEYS)(read_header)
        self.record_key = lru_cache(_KEYS)(trust.record_key)
        self.public_key = lru_cache(_KEYS)(public_key)
        self.checkpoint = lru_cache(_NOTES)(partial(_open_checkpoint, trust))
        self.cosigned = lru_cache(_NOTES)(partial(_cosigned, trust.log.witness_keys))
        self.lists = lru_cache(_LISTS)(partial(_open_list, trust, self.checkpoint))

    def status_list(
        self, issuer: TrustedIssuer, purpose: str, number: int, evidence: StatusEvidence
    ) -> OpenedList:
        """Refused unless a trusted key signed it for this very place."""
        place = Place(issuer.id, issuer.address, purpose, number)
        return self.lists(place, evidence.jws, evidence.proof)


def _open_checkpoint(trust: Trust, note: str) -> Checkpoint:
    return open_checkpoint(note, trust.log.note_key)


def _cosigned(witnesses: list[NoteKey], note: str) -> list[Cosigned]:
    """Who of the pinned witnesses signed this checkpoint, and when by their own clocks."""
    found = [(witness.name, cosigned_by(note, witness)) for witness in witnesses]
    return [Cosigned(name, at) for name, at in found if at is not None]


def _open_list(
    trust: Trust, checkpoint_of: CheckpointOf, place: Place, content: bytes, proof: bytes
) -> OpenedList:
    jws = parse(content)
    key = trust.status_key(place.issuer, jws.header.kid)
    if key is None:
        raise Refused(f"signed by a key that is not trusted: {jws.header.kid}")
    check_signature(jws, public_key(key.jwk))
    ref = status_ref(place.purpose, place.number)
    status = parse_status(
        jws.payload, address=f"{place.address}/{ref}", issuer=place.issuer, purpose=place.purpose
    )
    meant = (digest(content), key.kid, ref)
    note, unlogged = _logged_under(checkpoint_of, proof, meant, key)
    return OpenedList(
        bits=Bits.decode(status.credential_subject.encoded_list),
        signed_at=status.nbf,
        expires_at=status.exp,
        as_of=moment(status.nbf).strftime(MOMENT_FORMAT),
        unlogged=unlogged,
        note=note,
    )


def _logged_under(
    checkpoint_of: CheckpointOf, content: bytes, meant: tuple[str, str, str], key: TrustedKey
) -> tuple[str, str | None]:
    """The note that its proof ends at, and why the list does not count as published."""
    try:
        proof = read_proof(content)
        check_inclusion(proof, checkpoint_of(proof.note))
        leaf = parse_leaf(proof.entry)
    except Refused as error:
        return "", str(error)
    if leaf.type is not Kind.STATUS or (leaf.sha256, leaf.kid, leaf.ref) != meant:
        return "", "its proof is of something else"
    return proof.note, key.why_not_at(proof.index)


def read_proof(content: bytes) -> Proof:
    try:
        return Proof.parse(content.decode())
    except UnicodeDecodeError as error:
        raise Refused("not text") from error
