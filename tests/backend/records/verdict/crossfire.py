"""Bundles by a stranger's hand, some with the issuer's own keys in it, drawn from one seed."""

import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.records.verdict.bundle import Bundle, StatusEvidence
from backend.records.verdict.canonical import from_base64url
from backend.records.verdict.jws import jwk_of
from backend.records.verdict.leaf import Leaf
from backend.records.verdict.merkle import leaf_hash
from backend.records.verdict.notes import Checkpoint, sign_checkpoint
from backend.records.verdict.proof import Proof
from backend.records.verdict.status_list import PURPOSES, Bits
from backend.records.verdict.trust import Trust, TrustedKey
from tests.backend.records.making import START
from tests.backend.records.verdict import mutations, packings
from tests.backend.records.verdict.twins import Case
from tests.backend.records.verdict.world import NOW, ORIGIN, World, with_status, witness

AGES = [0, 0, 0, 0, 0, 269, 270, 9_000, -3_600]


class Crossfire:
    def __init__(self, seed: int) -> None:
        self.dice, self.world = Random(seed), World()
        self.trust = also(self.world.trust, RSA)
        self.stranger = ec.generate_private_key(ec.SECP256R1())
        old = self.world.bundle(valid_until=START + timedelta(days=1))
        revoked = self.world.bundle("revocation", "suspension")
        self.good = self.world.bundle()
        self.bases = [self.good, self.good, *self.world.bundles(2), old, revoked]
        self.pins = [self.trust] * 12 + [
            limited(self.trust, member, **limit)
            for member in ("record_keys", "status_keys")
            for limit in ({"from_index": 8}, {"compromised_at_index": 8}, {"retired_at": "2026"})
        ]
        self.watched = [also(self.world.watched(quorum), RSA) for quorum in (0, 1, 2, 2)]
        ours = self.world.record_key
        kids = {"ES256": self.world.kid(ours), "RS256": self.trust.issuers[0].record_keys[1].kid}
        self.keys: list[tuple[str, str, mutations.Key]] = [
            ("ES256", kids["ES256"], ours),
            ("ES256", kids["ES256"], ours),
            ("RS256", kids["RS256"], RSA),
        ]

    def cases(self, counts: dict[str, int]) -> list[Case]:
        """`counts`: how many of which kind."""
        kinds: dict[str, Callable[[Bundle], Bundle]] = {
            "tokens": self.token,
            "headers": self.header,
            "claims": self.claims,
            "proofs": self.proof,
            "lists": self.list,
            "cosigned": self.cosigned,
        }
        return [
            self._case(kinds[kind](self.dice.choice(self.bases)), kind)
            for kind, count in counts.items()
            for _ in range(count)
        ]

    def _case(self, shown: Bundle | bytes, kind: str = "zips") -> Case:
        later = timedelta(seconds=self.dice.choice(AGES))
        pins = self.watched if kind == "cosigned" else self.pins
        return Case(shown=shown, trust=self.dice.choice(pins), now=NOW + later)

    def cosigned(self, base: Bundle) -> Bundle:
        """By some witnesses, at some time; now and then by another hand."""
        numbers = self.dice.choice([(), (0,), (1,), (0, 1), (0, 1), (1, 0), (0, 0), (0, 1, 1)])
        at = START + timedelta(seconds=self.dice.choice([0, 0, 0, 60, 150, 3_600, -9_000]))
        seen = self.world.cosigned(base, *numbers, at=at)
        assert seen.proof is not None
        if self.dice.random() < 0.5:
            return seen
        head, _, lines = seen.proof.rpartition(b"\n\n")
        proof = head + b"\n\n" + self._nudged(lines)
        name, other = (witness(n).encode() for n in (0, 1))
        swapped = seen.proof.replace(name, b"?").replace(other, name).replace(b"?", other)
        return replaced(seen, proof=self.dice.choice([proof, proof, swapped]))

    def token(self, base: Bundle) -> Bundle:
        other = self.dice.choice([*self.bases, self.good]).record
        tricks = [mutations.retold(self.dice, base.record, other)]
        return replaced(base, record=self.dice.choice([*tricks, self._nudged(base.record)]))

    def header(self, base: Bundle) -> Bundle:
        alg, kid, key = self.dice.choice(self.keys)
        other = self.dice.choice([self.world.kid(self.stranger), *(kid for _, kid, _ in self.keys)])
        header = mutations.header(self.dice, alg, kid, other)
        return self._resigned(base, header, payload_of(base.record), key)

    def claims(self, base: Bundle) -> Bundle:
        alg, kid, key = self.dice.choice(self.keys)
        typ = self.dice.choice(["JWT", "vc+jwt"])
        header = json.dumps({"alg": alg, "kid": kid, "typ": typ}).encode()
        payload = mutations.claims(self.dice, payload_of(base.record))
        return self._resigned(base, header, payload, key)

    def _resigned(self, base: Bundle, header: bytes, payload: bytes, key: mutations.Key) -> Bundle:
        """Mostly by the issuer itself, and then often in its log."""
        used = key if self.dice.random() < 0.9 else self.stranger
        record = mutations.token(header, payload, used)
        if self.dice.random() < 0.6:
            return replaced(base, record=record)
        kid = next(kid for _, kid, own in self.keys if own is key)
        return replaced(base, record=record, proof=self._logged(self._leaf(record, payload, kid)))

    def _leaf(self, record: bytes, payload: bytes, kid: str) -> bytes:
        """The entry that such a record would have, as far as it can be read."""
        leaf = msgspec.structs.replace(self.world.issue_leaf(record), kid=kid)
        try:
            told = json.loads(payload)
            place = f"1/{told['credentialStatus']['statusListIndex']}"
            ref = f"{told['id']}#{place}"
            return msgspec.structs.replace(leaf, ref=ref, ts=told["validFrom"]).entry
        except (ValueError, KeyError, TypeError, IndexError):
            return leaf.entry

    def _logged(self, entry: bytes) -> bytes:
        self.world.entries.append(entry)
        self.world.tree.append(leaf_hash(entry))
        return self.world.proof(len(self.world.entries) - 1)

    def proof(self, base: Bundle) -> Bundle:
        assert base.proof is not None
        kind = self.dice.random()
        if kind < 0.75:
            other = self.dice.choice([b.proof or b"" for b in self.bases])
            return replaced(base, proof=mutations.proof(self.dice, base.proof, other))
        if kind < 0.85:
            return replaced(base, proof=self._logged(self._entry(base)))
        if kind < 0.95:
            return replaced(base, proof=self._other_tree(base.proof))
        note = base.proof.partition(b"\n\n")[2]
        kept = self.dice.choice([note, note + b"\n", b"", note[:-1], self._nudged(note)])
        return replaced(base, checkpoint=kept)

    def _entry(self, base: Bundle) -> bytes:
        assert base.proof is not None
        entry = Proof.parse(base.proof.decode()).entry
        leaf: Leaf = msgspec.json.decode(entry, type=Leaf)
        spaced = json.dumps(json.loads(entry)).encode()
        later = msgspec.structs.replace(leaf, ts="2026-03-02T01:00:01Z").entry
        told = mutations.claims(self.dice, entry)
        return self.dice.choice([spaced, later, told, told, told, b"[" * 99, b"\xff", b""])

    def _other_tree(self, proof: bytes) -> bytes:
        """Signed by the log, or by somebody in its name, but of another tree."""
        found = Proof.parse(proof.decode())
        lines = found.note.split("\n")
        root = bytes(self.dice.randbytes(32)) if self.dice.random() < 0.3 else None
        size = max(0, int(lines[1]) + self.dice.choice([-1, 0, 1, 100, 2**62]))
        true_root = self.world.tree.root(int(lines[1]))
        key = self.dice.choice([self.world.log_key, Ed25519PrivateKey.generate()])
        origin = self.dice.choice([ORIGIN, ORIGIN, "other.example/log"])
        note = sign_checkpoint(Checkpoint(origin, size, root or true_root), key)
        return msgspec.structs.replace(found, note=note).text.encode()

    def list(self, base: Bundle) -> Bundle:
        purpose, other = self.dice.choice(PURPOSES), self.dice.choice(PURPOSES)
        evidence, foreign = base.status[purpose], self.dice.choice(self.bases).status[other]
        made = [
            lambda: msgspec.structs.replace(
                evidence, jws=mutations.retold(self.dice, evidence.jws, foreign.jws)
            ),
            lambda: msgspec.structs.replace(
                evidence, proof=mutations.proof(self.dice, evidence.proof, foreign.proof)
            ),
            lambda: foreign,
            lambda: msgspec.structs.replace(evidence, jws=self._nudged(evidence.jws)),
            lambda: self._list(mutations.claims(self.dice, payload_of(evidence.jws))),
            lambda: self._list(mutations.claims(self.dice, payload_of(evidence.jws))),
            lambda: self._list(self._packed(payload_of(evidence.jws))),
            lambda: self._list(self._packed(payload_of(evidence.jws))),
        ]
        return with_status(base, **{purpose: self.dice.choice(made)()})

    def _packed(self, payload: bytes) -> bytes:
        told: dict[str, Any] = json.loads(payload)
        told["credentialSubject"]["encodedList"] = packings.packed_bits(self.dice, self.some_bits())
        return json.dumps(told).encode()

    def some_bits(self) -> bytes:
        content = bytearray(len(EMPTY))
        for _ in range(self.dice.choice([0, 3, 300])):
            content[self.dice.randrange(len(content))] = self.dice.randrange(256)
        return bytes(content)

    def _list(self, payload: bytes) -> StatusEvidence:
        """Signed, and in the log as what it says it is."""
        kid = self.world.kid(self.world.status_key)
        header = json.dumps({"alg": "ES256", "kid": kid, "typ": "JWT"}).encode()
        jws = mutations.token(header, payload, self.world.status_key)
        purpose = next((p for p in PURPOSES if f"/{p}/".encode() in payload), "revocation")
        leaf = self.world.list_leaf(purpose, jws)
        return StatusEvidence(jws, self._logged(leaf.entry))

    def zip(self) -> Case:
        base = self.dice.choice(self.bases)
        members = {"record.jwt": base.record, "record.tlog-proof": base.proof or b""}
        for purpose, evidence in base.status.items():
            members[f"status/{purpose}.jwt"] = evidence.jws
            members[f"status/{purpose}.tlog-proof"] = evidence.proof
        extra = self.dice.choice(
            ["README.txt", "readme.txt", "status/", "trust.json", "checkpoint"]
        )
        if self.dice.random() < 0.2:
            members[extra] = self.dice.choice([b"", b"said"])
        return self._case(packings.archive(self.dice, members))

    def _nudged(self, content: bytes) -> bytes:
        return mutations.nudged(self.dice, content)


RSA = rsa.generate_private_key(65_537, 2_048)


def also(trust: Trust, key: rsa.RSAPrivateKey) -> Trust:
    """The same pins with another key for records."""
    issuer, jwk = trust.issuers[0], jwk_of(key.public_key())
    first = issuer.record_keys[0]
    kid = f"{issuer.address}/keys/{jwk.thumbprint}"
    keys = [first, TrustedKey(kid=kid, jwk=jwk, added_at=first.added_at)]
    issuer = msgspec.structs.replace(issuer, record_keys=keys)
    return msgspec.structs.replace(trust, issuers=[issuer])


def limited(trust: Trust, member: str, **limit: Any) -> Trust:
    """The same pins, but its keys began or ended somewhere."""
    issuer = trust.issuers[0]
    keys = [msgspec.structs.replace(key, **limit) for key in getattr(issuer, member)]
    issuer = msgspec.structs.replace(issuer, **{member: keys})
    return msgspec.structs.replace(trust, issuers=[issuer])


EMPTY = bytes(Bits()._bytes)


def payload_of(jws: bytes) -> bytes:
    return from_base64url(jws.split(b".")[1])


def replaced(bundle: Bundle, **changes: Any) -> Bundle:
    return msgspec.structs.replace(bundle, **changes)
