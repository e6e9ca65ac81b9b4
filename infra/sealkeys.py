"""The seal keys of an installation: a folder of files, one key each, looked at again as it changes.

    vault-seal.key           key 1, from the first start
    vault-seal-2.key         key 2: opens, and as the newest it seals
    vault-seal-3.coming      key 3: opens only, until every machine has a copy of it
    vault-seal-1.retired     opens nothing; kept for as long as backups are that need it

Whoever seals or opens looks at the folder's time of change first (a microsecond), so a running
process follows without a restart.
"""

import hmac
import os
import re
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.errors import Conflict, Unavailable
from infra.keys import write_secret_once

FIRST, LAST = 1, 127  # a sealed field's first byte: seven bits name the key
KEY_BYTES = 32
_FILE = re.compile(r"vault-seal(?:-(\d{1,3}))?\.(key|coming|retired)")
_STATES: dict[str, Literal["open", "coming", "retired"]] = {
    "key": "open",
    "coming": "coming",
    "retired": "retired",
}


class SealKeyMissing(Unavailable):
    """A field is sealed under a key that this machine does not hold; copy it from another one."""

    zh = "某字段由本机没有的密钥封存，请从其他机器复制该密钥文件。"

    def __init__(self, number: int) -> None:
        super().__init__(
            f"a field is sealed under seal key {number}, which this machine does not hold: copy"
            f" {file_name(number)} into its keys folder (docs/how-to-verify-identity.md)",
            zh=f"某字段由 {number} 号封存密钥封存，本机没有该密钥：请将 {file_name(number)}"
            " 复制到本机的密钥文件夹",
        )


class NoMoreSealKeys(Conflict):
    """All 127 numbers of seal keys are used up; ask us, this takes a new format."""

    zh = "封存密钥编号（127 个）已用尽，请联系我们。"


class NoSuchSealKey(Conflict):
    """There is no such seal key in that state here; `guanbiao vault show` lists them."""

    zh = "本机没有处于该状态的封存密钥，请用 guanbiao vault show 查看。"


class SealKey(msgspec.Struct, frozen=True):
    number: int
    state: Literal["open", "coming", "retired"]
    path: Path

    @property
    def since(self) -> datetime:
        """When it came into this state here."""
        return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)

    @property
    def fingerprint(self) -> str:
        """Says whether two machines hold the same key, and nothing else about it."""
        key = self.path.read_bytes()
        return hmac.new(key, b"guanbiao seal key fingerprint", sha256).hexdigest()[:16]


def file_name(number: int, ending: str = "key") -> str:
    return f"vault-seal{'' if number == FIRST else f'-{number}'}.{ending}"


def keys_in(folder: Path) -> list[SealKey]:
    """By number; where a killed rename of a copy left two states of one key, the more open one."""
    found: dict[int, SealKey] = {}
    for path in sorted(folder.iterdir(), reverse=True):  # .retired before .key before .coming
        if match := _FILE.fullmatch(path.name):
            number = int(match[1] or FIRST)
            if number not in found or match[2] == "key":
                found[number] = SealKey(number, _STATES[match[2]], path)
    return [found[number] for number in sorted(found)]


def add_key(folder: Path, *, coming: bool) -> SealKey:
    """A new key, random, after the highest there ever was here. NoMoreSealKeys."""
    number = max((key.number for key in keys_in(folder)), default=0) + 1
    if number > LAST:
        raise NoMoreSealKeys
    path = folder / file_name(number, "coming" if coming else "key")
    write_secret_once(path, os.urandom(KEY_BYTES))
    return SealKey(number, "coming" if coming else "open", path)


def change_state(folder: Path, number: int, was: str, will_be: str) -> None:
    """Renames the key's file, and dates it. NoSuchSealKey where it is not in the state it was."""
    try:
        os.utime((folder / file_name(number, was)).rename(folder / file_name(number, will_be)))
    except FileNotFoundError:
        raise NoSuchSealKey from None


class SealKeys:
    """Those of a folder (or fixed ones, for tests)."""

    def __init__(self, folder: Path | None, fixed: dict[int, bytes] | None = None) -> None:
        self._folder, self._seen = folder, -1
        self._ciphers = {number: AESGCM(key) for number, key in (fixed or {}).items()}
        self._newest = max(self._ciphers, default=0)

    @classmethod
    def of(cls, folder: Path) -> "SealKeys":
        """Makes key 1 in a folder that never had one."""
        if not keys_in(folder):
            add_key(folder, coming=False)
        return cls(folder)

    def newest(self) -> tuple[int, AESGCM]:
        self._look()
        if not self._newest:
            raise SealKeyMissing(FIRST)
        return self._newest, self._ciphers[self._newest]

    def numbered(self, number: int) -> AESGCM:
        self._look()
        try:
            return self._ciphers[number]
        except KeyError:
            raise SealKeyMissing(number) from None

    def _look(self) -> None:
        if self._folder is None:
            return
        changed = self._folder.stat().st_mtime_ns
        if changed == self._seen:
            return
        keys = [key for key in keys_in(self._folder) if key.state != "retired"]
        self._ciphers = {key.number: AESGCM(key.path.read_bytes()) for key in keys}
        self._newest = max((key.number for key in keys if key.state == "open"), default=0)
        self._seen = changed
