"""The key under which download manifests are signed (JWS, EdDSA), and its public half."""

import hashlib
from base64 import urlsafe_b64encode
from functools import lru_cache
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.keys import load_or_create

TYPE = "guanbiao-download+jws"
_ALGORITHM = "EdDSA"


class ManifestKey:
    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key, self._x = key, _b64(key.public_key().public_bytes_raw())
        canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{self._x}"}}'  # RFC 7638
        self.kid = _b64(hashlib.sha256(canonical.encode()).digest())

    def sign(self, manifest: dict[str, object]) -> str:
        """Compact JWS; the `typ` keeps it from passing for any other token of ours."""
        return jwt.encode(manifest, self._key, _ALGORITHM, {"kid": self.kid, "typ": TYPE})

    def jwk(self) -> dict[str, str]:
        key = {"kty": "OKP", "crv": "Ed25519", "x": self._x}
        return {**key, "kid": self.kid, "alg": _ALGORITHM, "use": "sig"}


@lru_cache(maxsize=8)
def manifest_key(keys_dir: Path) -> ManifestKey:
    key = load_or_create(keys_dir, "downloads", "Ed25519")
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("downloads.pem must be an Ed25519 key")
    return ManifestKey(key)


def _b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
