"""What a verifier pins: issuers with their keys, and the log. Never taken from a bundle."""

from typing import Any

import msgspec

from backend.records.verdict.cosignatures import witness_key
from backend.records.verdict.jws import Jwk, public_key
from backend.records.verdict.notes import NoteKey
from backend.records.verdict.refusal import Refused

MAX_TRUST_BYTES = 1_000_000
MAX_WITNESSES = 15
"""A note has room for sixteen signatures, and one is the log's own."""


class _Pinned(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Unknown members are left alone: a later version may say more."""


class TrustedKey(_Pinned, frozen=True, kw_only=True, omit_defaults=True):
    kid: str
    jwk: Jwk
    added_at: str
    from_index: int = 0
    """The key was announced in the log at this index; nothing before it can be its work."""
    retired_at: str | None = None
    compromised_at_index: int | None = None
    """Records before this index stay good, whatever came later is nobody's."""

    def why_not_at(self, index: int) -> str | None:
        """Why a record logged at `index` cannot rest on this key."""
        if index < self.from_index:
            return "logged before the key was announced"
        if self.compromised_at_index is not None and index >= self.compromised_at_index:
            return "logged after the key was compromised"
        return None


class TrustedIssuer(_Pinned, frozen=True):
    id: str
    name: str
    demonstration: bool
    address: str
    record_keys: list[TrustedKey]
    status_keys: list[TrustedKey]


class ClockCorrection(_Pinned, frozen=True):
    """The log says itself that its clock was wrong: no time of entries [from, at) counts."""

    from_index: int
    at_index: int
    """Of the entry that says so."""


class TrustedLog(_Pinned, frozen=True, omit_defaults=True):
    origin: str
    key: str
    """The log's key in the vkey form of signed notes."""
    witnesses: list[str] = []
    """Keys, in the vkey form, of those who watch the log for whoever checks."""
    quorum: int = 0
    """How many of them must have signed the checkpoint that a proof ends at."""
    clock_corrections: list[ClockCorrection] = []

    @property
    def note_key(self) -> NoteKey:
        key = NoteKey.parse(self.key)
        if key.name != self.origin:
            raise Refused("trust: the log's key is of another origin")
        return key

    @property
    def witness_keys(self) -> list[NoteKey]:
        """Refused where one key could count twice, or more are asked for than there are."""
        keys = [witness_key(text) for text in self.witnesses]
        if len({key.public for key in keys} | {self.note_key.public}) != len(keys) + 1:
            raise Refused("trust: a witness is named twice, or is the log itself")
        if len(keys) > MAX_WITNESSES or not 0 <= self.quorum <= len(keys):
            raise Refused("trust: more witnesses are asked for than there are")
        return keys


class Trust(_Pinned, frozen=True):
    v: int
    issuers: list[TrustedIssuer]
    log: TrustedLog

    def record_key(self, kid: str) -> tuple[TrustedIssuer, TrustedKey] | None:
        found = [(i, k) for i in self.issuers for k in i.record_keys if k.kid == kid]
        return found[0] if len(found) == 1 else None

    def status_key(self, issuer: str, kid: str) -> TrustedKey | None:
        found = [k for i in self.issuers if i.id == issuer for k in i.status_keys if k.kid == kid]
        return found[0] if len(found) == 1 else None


def parse_trust(content: bytes) -> Trust:
    """Refused when it is not a whole trust file: a damaged pin must not pass for a small one."""
    if len(content) > MAX_TRUST_BYTES:
        raise Refused("trust file too long")
    try:
        trust = msgspec.json.decode(content, type=Trust)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"not a trust file: {error}") from error
    if trust.v != 1:
        raise Refused("trust file of an unknown version")
    for issuer in trust.issuers:
        for key in [*issuer.record_keys, *issuer.status_keys]:
            public_key(key.jwk)
    _ = trust.log.witness_keys
    return trust


def trust_members(trust: Trust) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(trust)
    return built
