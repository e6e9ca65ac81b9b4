"""An issuer, a log and a record made in memory: the verdict library needs nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.records.drafting import Identity, manifest_of, payload_of
from backend.records.signing import sign_record, sign_status
from backend.records.verdict.bundle import Bundle, StatusEvidence
from backend.records.verdict.canonical import digest
from backend.records.verdict.cosignatures import cosignature
from backend.records.verdict.credential import Checked
from backend.records.verdict.jws import jwk_of
from backend.records.verdict.leaf import Kind, Leaf, RecordRef, status_ref, timestamp
from backend.records.verdict.merkle import leaf_hash
from backend.records.verdict.notes import COSIGNATURE, Checkpoint, NoteKey, sign_checkpoint
from backend.records.verdict.proof import Proof
from backend.records.verdict.status_list import PURPOSES, Bits, status_claims
from backend.records.verdict.tiles import TreeHashes
from backend.records.verdict.trust import Trust, TrustedIssuer, TrustedKey, TrustedLog
from tests.backend.records.making import START, some_facts

ADDRESS = "https://training.example"
ISSUER = f"{ADDRESS}/issuers/platform"
ORIGIN = "training.example/log"
NOW = START + timedelta(seconds=30)


@dataclass
class World:
    record_key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    status_key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    log_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    witnesses: list[Ed25519PrivateKey] = field(
        default_factory=lambda: [Ed25519PrivateKey.generate() for _ in range(2)]
    )
    tree: TreeHashes = field(default_factory=TreeHashes)
    entries: list[bytes] = field(default_factory=list)
    identity: Identity = field(
        default_factory=lambda: Identity(
            record_id=UUID(int=1 << 80),
            subject_id=UUID(int=2 << 80),
            number="GB-2026-7K2M-9Q4T-A",
            code="7K2M9Q4TABCDE",
            status_list=1,
            status_index=94_567,
            address=ADDRESS,
        )
    )

    def kid(self, key: ec.EllipticCurvePrivateKey) -> str:
        return f"{ADDRESS}/keys/{jwk_of(key.public_key()).thumbprint}"

    def trusted(self, key: ec.EllipticCurvePrivateKey) -> TrustedKey:
        return TrustedKey(
            kid=self.kid(key), jwk=jwk_of(key.public_key()), added_at=timestamp(START)
        )

    @property
    def trust(self) -> Trust:
        note_key = NoteKey(ORIGIN, self.log_key.public_key().public_bytes_raw())
        issuer = TrustedIssuer(
            id=ISSUER,
            name="Training",
            demonstration=False,
            address=ADDRESS,
            record_keys=[self.trusted(self.record_key)],
            status_keys=[self.trusted(self.status_key)],
        )
        return Trust(v=1, issuers=[issuer], log=TrustedLog(origin=ORIGIN, key=note_key.text))

    def watched(self, quorum: int) -> Trust:
        """The same pins, with both witnesses named."""
        keys = [
            NoteKey(witness(n), key.public_key().public_bytes_raw(), COSIGNATURE).text
            for n, key in enumerate(self.witnesses)
        ]
        log = msgspec.structs.replace(self.trust.log, witnesses=keys, quorum=quorum)
        return msgspec.structs.replace(self.trust, log=log)

    def line(self, note: bytes, number: int, at: datetime = START) -> bytes:
        """A witness's line under the note that this text ends with, or is."""
        text = note.decode().rpartition("\n\n")[0].rpartition("\n\n")[2] + "\n"
        seconds = int(at.timestamp())
        return cosignature(text, witness(number), self.witnesses[number], seconds).encode()

    def cosigned(self, bundle: Bundle, *numbers: int, at: datetime = START) -> Bundle:
        """Its proofs end at checkpoints that these witnesses signed."""

        def seen(proof: bytes) -> bytes:
            return proof + b"".join(self.line(proof, number, at) for number in numbers)

        assert bundle.proof is not None
        lists = {p: StatusEvidence(e.jws, seen(e.proof)) for p, e in bundle.status.items()}
        return msgspec.structs.replace(bundle, proof=seen(bundle.proof), status=lists)

    def payload(self, valid_until: datetime | None = None) -> bytes:
        facts = some_facts(UUID(int=3), valid_until=valid_until)
        manifest = manifest_of(facts, self.identity.record_id, "00" * 16)
        return payload_of(facts, self.identity, manifest, START)

    def signed(self, payload: bytes) -> bytes:
        return sign_record(Checked(payload), self.record_key, self.kid(self.record_key))

    def logged(self, leaf: Leaf) -> int:
        self.entries.append(leaf.entry)
        self.tree.append(leaf_hash(leaf.entry))
        return len(self.entries) - 1

    def issue_leaf(self, jws: bytes) -> Leaf:
        record = f"urn:uuid:{self.identity.record_id}"
        return Leaf(
            type=Kind.ISSUED,
            ts=timestamp(START),
            kid=self.kid(self.record_key),
            sha256=digest(jws),
            ref=RecordRef(record, 1, self.identity.status_index).text,
        )

    def proof(self, index: int, key: Ed25519PrivateKey | None = None) -> bytes:
        size = self.tree.size
        head = Checkpoint(ORIGIN, size, self.tree.root(size))
        note = sign_checkpoint(head, key or self.log_key)
        return Proof(
            index, self.tree.inclusion(index, size), note, self.entries[index]
        ).text.encode()

    def list(self, purpose: str, *, set_: bool = False, at: datetime = START) -> bytes:
        bits = Bits()
        bits[self.identity.status_index] = set_
        claims = status_claims(
            address=f"{ADDRESS}/status/{purpose}/1",
            issuer=ISSUER,
            purpose=purpose,
            encoded_list=bits.encoded,
            signed_at=int(at.timestamp()),
        )
        return sign_status(claims, self.status_key, self.kid(self.status_key))

    def published(
        self, purpose: str, *, set_: bool = False, at: datetime = START
    ) -> StatusEvidence:
        """Signed and in the log."""
        jws = self.list(purpose, set_=set_, at=at)
        return StatusEvidence(jws, self.proof(self.logged(self.list_leaf(purpose, jws, at))))

    def list_leaf(self, purpose: str, jws: bytes, at: datetime = START) -> Leaf:
        return Leaf(
            type=Kind.STATUS,
            ts=timestamp(at),
            kid=self.kid(self.status_key),
            sha256=digest(jws),
            ref=status_ref(purpose, 1),
        )

    def bundle(self, *set_purposes: str, valid_until: datetime | None = None) -> Bundle:
        """A whole bundle; bits of `set_purposes` are set."""
        jws = self.signed(self.payload(valid_until))
        index = self.logged(self.issue_leaf(jws))
        status = {p: self.published(p, set_=p in set_purposes) for p in PURPOSES}
        return Bundle(record=jws, proof=self.proof(index), status=status)

    def bundles(self, count: int) -> Sequence[Bundle]:
        """Different records sequenced together: one checkpoint and one set of lists for all."""
        signed, places = [], []
        for number in range(1, count + 1):
            self.identity = msgspec.structs.replace(
                self.identity, record_id=UUID(int=number << 80), status_index=number * 97
            )
            signed.append(self.signed(self.payload()))
            places.append(self.logged(self.issue_leaf(signed[-1])))
        lists = {p: self.list(p) for p in PURPOSES}
        logged = {p: self.logged(self.list_leaf(p, jws)) for p, jws in lists.items()}
        status = {p: StatusEvidence(lists[p], self.proof(logged[p])) for p in PURPOSES}
        return [
            Bundle(record=jws, proof=self.proof(place), status=status)
            for jws, place in zip(signed, places, strict=True)
        ]


def witness(number: int) -> str:
    return f"witness-{number}.example"


def with_status(bundle: Bundle, **lists: StatusEvidence) -> Bundle:
    return msgspec.structs.replace(bundle, status={**bundle.status, **lists})
