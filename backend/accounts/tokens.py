"""Access tokens: EdDSA alone, ten minutes, judged at the application's own time."""

import hashlib
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.accounts.domain import Caller, Role
from infra.errors import Unauthenticated
from infra.ids import uuid7
from infra.keys import load_or_create

LIFETIME = timedelta(minutes=10)
_ALGORITHM = "EdDSA"
_TYPE = "at+jwt"  # RFC 9068: no other token of ours can pass for an access token
_REMEMBERED = 20_000
_OPTIONS: "jwt.types.Options" = {
    # Times are ours to judge: tests and throwaway demonstrations run at a time of their own.
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "require": ["iss", "aud", "sub", "roles", "jti", "sid", "iat", "exp"],
}


class TokenNotValid(Unauthenticated):
    """This access token is not valid here; sign in again."""

    zh = "访问令牌无效，请重新登录。"

    def __init__(self) -> None:
        super().__init__()
        self.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'


class TokenExpired(TokenNotValid):
    """This access token has expired; refresh it, then repeat the request."""

    zh = "访问令牌已过期，请刷新后重试。"


class Claims(msgspec.Struct, frozen=True):
    sub: UUID
    roles: frozenset[Role]
    sid: UUID
    exp: int
    waiting: frozenset[Role] = frozenset()

    def caller(self) -> Caller:
        return Caller(self.sub, self.roles, self.sid, self.waiting)


class AccessTokens:
    """Mints and verifies under one key. A verified token's claims are remembered by its text."""

    def __init__(self, key: Ed25519PrivateKey, issuer: str) -> None:
        self._key, self._public = key, key.public_key()
        self.issuer, self.audience = issuer, f"{issuer}/v1"
        self._x = _b64(self._public.public_bytes_raw())
        self.kid = _thumbprint(self._x)
        self._remembered: dict[str, Claims] = {}

    @classmethod
    def of(cls, keys_dir: Path, issuer: str) -> "AccessTokens":
        key = load_or_create(keys_dir, "tokens", "Ed25519")
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("tokens.pem must be an Ed25519 key")
        return cls(key, issuer)

    def mint(self, caller: Caller, *, now: datetime) -> str:
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": str(caller.person_id),
            "roles": sorted(caller.roles),
            "waiting": sorted(caller.waiting),
            "sid": str(caller.session_id),
            "jti": str(uuid7()),
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
        }
        return jwt.encode(claims, self._key, _ALGORITHM, {"kid": self.kid, "typ": _TYPE})

    def verify(self, token: str, *, now: datetime) -> Claims:
        claims = self._remembered.get(token)
        if claims is None:
            claims = self._remember(token, self._decode(token))
        if claims.exp <= now.timestamp():
            self._remembered.pop(token, None)
            raise TokenExpired
        return claims

    def jwk(self) -> dict[str, str]:
        """The public half, as RFC 8037 writes it."""
        key = {"kty": "OKP", "crv": "Ed25519", "x": self._x}
        return {**key, "kid": self.kid, "alg": _ALGORITHM, "use": "sig"}

    def _decode(self, token: str) -> Claims:
        try:
            whole = jwt.decode_complete(
                token,
                self._public,
                algorithms=[_ALGORITHM],
                audience=self.audience,
                issuer=self.issuer,
                options=_OPTIONS,
            )
            if (whole["header"].get("kid"), whole["header"].get("typ")) != (self.kid, _TYPE):
                raise TokenNotValid
            return msgspec.convert(whole["payload"], Claims)
        except (jwt.PyJWTError, msgspec.ValidationError):
            raise TokenNotValid from None

    def _remember(self, token: str, claims: Claims) -> Claims:
        if len(self._remembered) >= _REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[token] = claims
        return claims


def _b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _thumbprint(x: str) -> str:
    """RFC 7638, members in the order RFC 8037 gives."""
    return _b64(hashlib.sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'.encode()).digest())
