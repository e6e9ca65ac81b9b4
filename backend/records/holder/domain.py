"""Making what a holder may say of himself. No I/O; chance is handed in."""

from collections.abc import Callable, Collection
from typing import Any

import msgspec

from backend.records.verdict.canonical import base64url
from backend.records.verdict.holder import FIELDS as FIELDS
from backend.records.verdict.holder import TYPE, HolderClaims, disclosure_digest

RandomBytes = Callable[[int], bytes]
_SALT = 16  # bytes; RFC 9901 asks for 128 bits


class Particulars(msgspec.Struct, frozen=True, kw_only=True):
    """Of the holder, as far as they are known here; by the names of `FIELDS`."""

    name: str
    score: int
    id_document: dict[str, str] | None = None
    """`kind` and `number`."""
    employer: dict[str, str] | None = None
    """`name` and `code`, on the day the record was issued."""
    registration_number: str | None = None


class HolderDraft(msgspec.Struct, frozen=True):
    """Claims to sign, and the disclosures by field."""

    claims: HolderClaims
    disclosures: dict[str, bytes]

    def compact(self, signed: bytes, show: Collection[str]) -> bytes:
        """With these fields disclosed; those that are not known are not there."""
        shown = [self.disclosures[name] for name in FIELDS if name in {*show} & {*self.disclosures}]
        return b"~".join([signed, *shown, b""])


def drafted(
    particulars: Particulars,
    *,
    issuer: str,
    record: str,
    record_sha256: str,
    now: int,
    random: RandomBytes,
) -> HolderDraft:
    """`now`: seconds since 1970. Digests of nothing fill up to the number of fields, and all are
    in their own order, so that neither number nor place tells what there is."""
    known = {name: getattr(particulars, name) for name in FIELDS}
    disclosures = {
        name: _disclosure(base64url(random(_SALT)), name, value)
        for name, value in known.items()
        if value is not None
    }
    digests = [disclosure_digest(one) for one in disclosures.values()]
    digests += [disclosure_digest(random(32)) for _ in range(len(FIELDS) - len(digests))]
    claims = HolderClaims(
        iss=issuer,
        iat=now,
        vct=TYPE,
        record=record,
        record_sha256=record_sha256,
        digests=sorted(digests),
        algorithm="sha-256",
    )
    return HolderDraft(claims, disclosures)


def _disclosure(salt: str, name: str, value: Any) -> bytes:
    return base64url(msgspec.json.encode([salt, name, value])).encode()
