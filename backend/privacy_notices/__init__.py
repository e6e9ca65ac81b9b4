"""What people are told before they agree: files of this package, one a purpose and version.

A published file never changes; another wording is another version. The hash of the very bytes that
were shown is kept with each consent. Areas that need one take it here, in the step it is needed
for; `backend.privacy` shows them all and takes withdrawals.
"""

import hashlib
import tomllib
from datetime import datetime
from functools import cache
from importlib.resources import files
from uuid import UUID

import msgspec

from infra import consents
from infra.consents import Agreement, Purpose
from infra.errors import NotFound


class NoSuchNotice(NotFound):
    """No notice of that purpose and version; GET /v1/privacy-notices lists those that count now."""

    zh = "没有该用途或版本的告知书；现行版本见 GET /v1/privacy-notices。"


class Wording(msgspec.Struct, frozen=True):
    title: str
    text: str
    stops: str
    """What ends when the person withdraws."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    purpose: Purpose
    version: str
    needed_for_account: bool
    zh: Wording
    en: Wording
    sha256: str


@cache
def notices() -> dict[tuple[Purpose, str], Notice]:
    """Every version there ever was."""
    folder = files("backend.privacy_notices")
    found = [_read(item.read_bytes()) for item in folder.iterdir() if item.name.endswith(".toml")]
    return {(notice.purpose, notice.version): notice for notice in found}


@cache
def current() -> dict[Purpose, Notice]:
    """The newest version of each purpose, in the order of `Purpose`."""
    newest: dict[Purpose, Notice] = {}
    for notice in sorted(notices().values(), key=lambda n: n.version):
        newest[notice.purpose] = notice
    return {purpose: newest[purpose] for purpose in Purpose}


@cache
def needed_for_account() -> tuple[Agreement, ...]:
    """What whoever makes an account agrees to."""
    needed = (notice for notice in current().values() if notice.needed_for_account)
    return tuple(Agreement(n.purpose, n.version, n.sha256) for n in needed)


def notice_to_answer(purpose: Purpose, version: str) -> Notice:
    """The current one; NoSuchNotice for any other: nobody agrees to what no longer holds."""
    notice = current()[purpose]
    if notice.version != version:
        raise NoSuchNotice
    return notice


async def agree(person_id: UUID, purpose: Purpose, version: str, *, now: datetime) -> None:
    """In the caller's `UnitOfWork`. NoSuchNotice."""
    sha256 = notice_to_answer(purpose, version).sha256
    await consents.say(person_id, purpose, version, notice_sha256=sha256, given=True, at=now)


async def has_agreed(person_id: UUID, purpose: Purpose) -> bool:
    """To the wording that counts now, and has not withdrawn since."""
    said = (await consents.last_said(person_id)).get(purpose)
    return said is not None and said.given and said.version == current()[purpose].version


def _read(content: bytes) -> Notice:
    said = tomllib.loads(content.decode())
    return msgspec.convert({**said, "sha256": hashlib.sha256(content).hexdigest()}, Notice)
