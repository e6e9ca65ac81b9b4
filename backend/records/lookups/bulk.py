"""Verdicts on many records at once: a few statements for any number, one examiner for all.

The same checks and the same verdict as the page gives on each.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from backend.records import repository as records
from backend.records.domain import NoSuchRecord, state_of, typed_code
from backend.records.lookups import repository
from backend.records.lookups.repository import BundleRow
from backend.records.trusting import trust
from backend.records.verdict.bundle import Bundle, StatusEvidence
from backend.records.verdict.jws import parse
from backend.records.verdict.refusal import Refused
from backend.records.verdict.trust import Trust
from backend.records.verdict.verify import Examiner
from backend.records.verdict.words import MEANING, Verdict
from backend.records.verification import with_decisions
from infra.database import UnitOfWork
from infra.engine import DB

Lists = dict[int, dict[str, StatusEvidence]]
_Key = tuple[UUID | None, bytes]


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one thing asked; the rest only of a record that is here."""

    verdict: Verdict
    number: str | None = None
    programme: str | None = None
    issued_at: datetime | None = None
    valid_until: datetime | None = None
    demonstration: bool = False

    @property
    def meaning(self) -> tuple[str, str]:
        """Chinese, English."""
        return MEANING[self.verdict]


UNKNOWN = Judged(verdict=Verdict.UNKNOWN)


class _Jti(msgspec.Struct):
    jti: str


class Ask(msgspec.Struct, frozen=True):
    key: str | UUID | None
    jws: bytes | None = None


async def verdicts(asked: Sequence[str], now: datetime) -> list[Judged]:
    """In the order asked. Each is a code, a record number or a bundle's JWS."""
    asks = [ask_of(text) for text in asked]
    async with UnitOfWork(DB):
        rows = await repository.bundle_rows(
            {a.key for a in asks if isinstance(a.key, str)},
            {a.key for a in asks if isinstance(a.key, UUID)},
        )
        lists: Lists = {
            number: await records.published_lists(number)
            for number in {row.status_list for row in rows}
        }
        examiners = await _examiners()
    if examiners is None:
        return [UNKNOWN for _ in asks]
    return await asyncio.to_thread(judged, asks, rows, lists, examiners, now)


async def _examiners() -> dict[bool, Examiner] | None:
    """By whether it is about demonstrations. None: nothing was ever signed here."""
    if not await records.keys():
        return None
    pins: list[Trust] = [await trust(real=not demo, demonstration=demo) for demo in (False, True)]
    return {demo: Examiner.of(pin) for demo, pin in zip((False, True), pins, strict=True)}


def ask_of(text: str) -> Ask:
    text = text.strip()
    if text.count(".") == 2:
        return Ask(_record_named_in(text), text.encode())
    with suppress(NoSuchRecord):
        return Ask(typed_code(text))
    return Ask(None)


def _record_named_in(token: str) -> UUID | None:
    """Where to look for the proof. Nothing is believed of it: the token itself is examined."""
    with suppress(Refused, msgspec.MsgspecError, ValueError, RecursionError):
        jti = msgspec.json.decode(parse(token.encode()).payload, type=_Jti).jti
        return UUID(jti.removeprefix("urn:uuid:"))
    return None


def judged(
    asks: Iterable[Ask],
    rows: Iterable[BundleRow],
    lists: Lists,
    examiners: dict[bool, Examiner],
    now: datetime,
) -> list[Judged]:
    """In the order asked; what is asked twice is examined once."""
    found: dict[str | UUID | None, BundleRow] = {}
    for row in rows:
        found |= {row.number: row, row.code: row, row.id: row}
    shown = [_shown(ask, found.get(ask.key) if ask.key is not None else None) for ask in asks]
    verdicts = _examined({one.key: one for one in shown if one}.values(), lists, examiners, now)
    return [_answer(one, verdicts[one.key]) if one else UNKNOWN for one in shown]


class _Shown(NamedTuple):
    """What is to be examined: a token, and the record it is said to be of where that is here."""

    row: BundleRow | None
    token: bytes

    @property
    def key(self) -> _Key:
        return None if self.row is None else self.row.id, self.token

    @property
    def is_demonstration(self) -> bool:
        """Of what is not here, nothing is believed."""
        return self.row is not None and self.row.demonstration

    def bundle(self, lists: Lists) -> Bundle:
        if self.row is None:
            return Bundle(record=self.token, proof=None)
        status = lists[self.row.status_list]
        return Bundle(record=self.token, proof=self.row.proof.encode(), status=status)


def _shown(ask: Ask, row: BundleRow | None) -> _Shown | None:
    """None: a code or a number that no record has."""
    token = ask.jws or (row and row.jws)
    return _Shown(row, token) if token else None


def _examined(
    shown: Collection[_Shown], lists: Lists, examiners: dict[bool, Examiner], now: datetime
) -> dict[_Key, Verdict]:
    verdicts: dict[_Key, Verdict] = {}
    for demonstration, examiner in examiners.items():
        ours = [one for one in shown if one.is_demonstration is demonstration]
        outcomes = examiner.examine_all([one.bundle(lists) for one in ours], now)
        verdicts |= {one.key: found.verdict for one, found in zip(ours, outcomes, strict=True)}
    return verdicts


def _answer(shown: _Shown, verdict: Verdict) -> Judged:
    row = shown.row
    if row is None or shown.token != row.jws:
        return Judged(verdict=verdict)
    return Judged(
        verdict=with_decisions(verdict, state_of(row.kinds)),
        number=row.number,
        programme=row.programme,
        issued_at=row.issued_at,
        valid_until=row.valid_until,
        demonstration=row.demonstration,
    )
