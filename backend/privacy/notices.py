"""What people are told before they agree: files of this package, one a purpose and version.

A published file never changes; another wording is another version. The hash of the very bytes that
were shown is kept with each consent.
"""

import hashlib
import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from backend.privacy.domain import NoSuchNotice
from infra.consents import Purpose


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
    folder = files("backend.privacy") / "notices"
    found = [_read(item.read_bytes()) for item in folder.iterdir() if item.name.endswith(".toml")]
    return {(notice.purpose, notice.version): notice for notice in found}


@cache
def current() -> dict[Purpose, Notice]:
    """The newest version of each purpose, in the order of `Purpose`."""
    newest: dict[Purpose, Notice] = {}
    for notice in sorted(notices().values(), key=lambda n: n.version):
        newest[notice.purpose] = notice
    return {purpose: newest[purpose] for purpose in Purpose}


def notice_to_answer(purpose: Purpose, version: str) -> Notice:
    """The current one; NoSuchNotice for any other: nobody agrees to what no longer holds."""
    notice = current()[purpose]
    if notice.version != version:
        raise NoSuchNotice
    return notice


def _read(content: bytes) -> Notice:
    said = tomllib.loads(content.decode())
    return msgspec.convert({**said, "sha256": hashlib.sha256(content).hexdigest()}, Notice)
