"""The trust files: announced keys, each with the place in the log from which it counts."""

import msgspec

from backend.records import repository
from backend.records.keyring import NAMES
from backend.records.tables import SigningKey
from backend.records.verdict.canonical import from_base64url
from backend.records.verdict.jws import Jwk
from backend.records.verdict.leaf import timestamp
from backend.records.verdict.notes import NoteKey
from backend.records.verdict.trust import Trust, TrustedIssuer, TrustedKey, TrustedLog

Announced = list[tuple[SigningKey, int | None]]


async def trust(*, real: bool, demonstration: bool) -> Trust:
    """Keys without a place in the log yet are left out: nothing rests on them so far."""
    rows = await repository.keys()
    return Trust(
        v=1,
        issuers=[
            _issuer(rows, issuer, is_demonstration)
            for issuer, is_demonstration in _issuers(rows)
            if (demonstration if is_demonstration else real)
        ],
        log=_log(rows),
    )


def _issuers(rows: Announced) -> list[tuple[str, bool]]:
    found = {(row.issuer, row.demonstration): None for row, _ in rows if row.purpose == "record"}
    return list(found)


def _issuer(rows: Announced, issuer: str, demonstration: bool) -> TrustedIssuer:
    own = [(row, index) for row, index in rows if row.issuer == issuer]
    return TrustedIssuer(
        id=issuer,
        name=NAMES[demonstration],
        demonstration=demonstration,
        address=own[0][0].address,
        record_keys=_trusted(own, "record"),
        status_keys=_trusted(own, "status"),
    )


def _trusted(rows: Announced, purpose: str) -> list[TrustedKey]:
    return [
        TrustedKey(kid=row.kid, jwk=jwk_of(row), added_at=timestamp(row.added_at), from_index=index)
        for row, index in rows
        if row.purpose == purpose and index is not None
    ]


def _log(rows: Announced) -> TrustedLog:
    row = next(row for row, _ in rows if row.purpose == "log")
    return TrustedLog(
        origin=row.issuer, key=NoteKey(row.issuer, from_base64url(jwk_of(row).x)).text
    )


def jwk_of(row: SigningKey) -> Jwk:
    return msgspec.json.decode(row.jwk, type=Jwk)
