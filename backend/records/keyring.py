"""Who signs here: issuers, their private keys in files, and the addresses of the public ones."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from backend.records.verdict.canonical import base64url
from backend.records.verdict.jws import Jwk, jwk_of
from infra.errors import Forbidden
from infra.keys import Kind, PrivateKey, load, load_or_create, new_key, store
from infra.settings import Settings

SigningKey = EllipticCurvePrivateKey | RSAPrivateKey
NAMES = {
    False: "全国知识产权贯标培训平台 National IP Management System Training",
    True: "贯标演示签发方（无效力） Guanbiao DEMONSTRATION issuer (no force)",
}


class NoDemonstrationHere(Forbidden):
    """Demonstration records exist only where the instance was started with --demo."""

    zh = "只有以 --demo 启动的实例才能签发演示证明。"


def issuer_id(address: str, *, demonstration: bool) -> str:
    return f"{address}/issuers/{'demonstration' if demonstration else 'platform'}"


def log_origin(address: str) -> str:
    """The log's name: its address without the scheme, as tlog-tiles asks."""
    return f"{urlsplit(address).netloc}/log"


def key_id(address: str, jwk: Jwk) -> str:
    return f"{address}/keys/{jwk.thumbprint}"


def ed25519_jwk(key: Ed25519PrivateKey) -> Jwk:
    return Jwk("OKP", "Ed25519", base64url(key.public_key().public_bytes_raw()))


@lru_cache(maxsize=16)
def _key(folder: Path, name: str, kind: Kind) -> PrivateKey:
    """Read once: parsing a key file costs more than signing with it."""
    return load_or_create(folder, name, kind)


@lru_cache(maxsize=16)
def _later_key(path: Path) -> SigningKey:
    key = load(path)
    assert isinstance(key, SigningKey)
    return key


@dataclass(frozen=True)
class Keyring:
    """Separate keys for records, status lists and the log; a demonstration has its own two.

    A purpose begins with one key, `records.pem`; those that follow have their thumbprint in the
    name. Which of them signs is not said here but by what was announced (`keys.service.signer`).
    """

    folder: Path
    demo: bool
    record_algorithm: Literal["ES256", "RS256"] = "ES256"
    """Of new keys of records; those that are there stay as they are. Lists are signed ES256."""

    @classmethod
    def of(cls, settings: Settings) -> "Keyring":
        return cls(settings.keys, settings.demo, settings.record_algorithm)

    @property
    def kinds(self) -> list[bool]:
        """Which records are signed here: real ones, and demonstrations where they are allowed."""
        return [False, True] if self.demo else [False]

    def signer(self, purpose: str, *, demonstration: bool) -> SigningKey:
        """The first key for `purpose` record or status."""
        key = _key(self.folder, self._name(purpose, demonstration), self._algorithm(purpose))
        assert isinstance(key, SigningKey)
        return key

    def private(self, purpose: str, thumbprint: str, *, demonstration: bool) -> SigningKey | None:
        """The private half of an announced key; None where it is not in this folder."""
        name = self._name(purpose, demonstration)
        path = self.folder / f"{name}-{thumbprint}.pem"
        if path.exists():
            return _later_key(path)
        first = self.signer(purpose, demonstration=demonstration)
        return first if jwk_of(first.public_key()).thumbprint == thumbprint else None

    def make(self, purpose: str, *, demonstration: bool) -> Jwk:
        """Another key of this purpose, in a file of its own; it signs nothing until announced."""
        key = new_key(self._algorithm(purpose))
        assert isinstance(key, SigningKey)
        jwk = jwk_of(key.public_key())
        store(self.folder, f"{self._name(purpose, demonstration)}-{jwk.thumbprint}", key)
        return jwk

    def _algorithm(self, purpose: str) -> Kind:
        return self.record_algorithm if purpose == "record" else "ES256"

    def _name(self, purpose: str, demonstration: bool) -> str:
        if demonstration and not self.demo:
            raise NoDemonstrationHere
        name = {"record": "records", "status": "status"}[purpose]
        return f"demonstration-{name}" if demonstration else name

    def log(self) -> Ed25519PrivateKey:
        key = _key(self.folder, "log", "Ed25519")
        assert isinstance(key, Ed25519PrivateKey)
        return key

    def jwk(self, purpose: str, *, demonstration: bool) -> Jwk:
        return jwk_of(self.signer(purpose, demonstration=demonstration).public_key())
