"""The code on the instructor's screen: new every 30 seconds, signed, for one class and one purpose.

    base64url( class id (16) | purpose (1) | step (4) | HMAC-SHA-256 of these, first 16 bytes )

A step is the number of 30-second spans since 1970. A code is taken in its own step and the one on
each side of it, for clocks and hands; a photograph sent on is worthless after that.
"""

import base64
import binascii
import hmac
import struct
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from infra.errors import Conflict, Invalid
from infra.vault import Vault

STEP_SECONDS = 30
_TOLERANCE = 1  # steps
_MAC_BYTES = 16
_FIXED = struct.Struct(">16sBI")


class Purpose(StrEnum):
    IN = "in"
    OUT = "out"


_NUMBERS = {Purpose.IN: 1, Purpose.OUT: 2}
_PURPOSES = {number: purpose for purpose, number in _NUMBERS.items()}


class CodeNotOurs(Invalid):
    """This is no code of a class; scan the one on the instructor's screen."""

    zh = "这不是培训班签到码，请扫描讲师屏幕上的二维码。"


class CodeTooOld(Conflict):
    """This code is no longer shown; scan the one that is on the screen now."""

    zh = "该二维码已失效（每 30 秒更换），请重新扫描屏幕上的二维码。"


class Shown(msgspec.Struct, frozen=True):
    session_id: UUID
    purpose: Purpose
    step: int


def step_of(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def ends_at(step: int) -> datetime:
    """When the next code takes its place on the screen."""
    return datetime.fromtimestamp((step + 1) * STEP_SECONDS, UTC)


def written(vault: Vault, shown: Shown) -> str:
    fixed = _FIXED.pack(shown.session_id.bytes, _NUMBERS[shown.purpose], shown.step)
    return _encoded(fixed + _mac(vault, fixed))


def read(vault: Vault, text: str, *, now: datetime) -> Shown:
    """CodeNotOurs unless we signed it; CodeTooOld outside of its time."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise CodeNotOurs from error
    if _encoded(raw) != text:  # the last sign has spare bits: one code has one form
        raise CodeNotOurs
    fixed, mac = raw[: _FIXED.size], raw[_FIXED.size :]
    if len(mac) != _MAC_BYTES or not hmac.compare_digest(mac, _mac(vault, fixed)):
        raise CodeNotOurs
    session, number, step = _FIXED.unpack(fixed)
    if abs(step_of(now) - step) > _TOLERANCE:
        raise CodeTooOld
    return Shown(UUID(bytes=session), _PURPOSES[number], step)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _mac(vault: Vault, fixed: bytes) -> bytes:
    """Under the vault's keyed index, in a name space of its own."""
    return vault.index(f"class-code\0{fixed.hex()}")[:_MAC_BYTES]
