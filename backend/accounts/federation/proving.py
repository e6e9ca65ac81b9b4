"""Judges an ID token: signature, issuer, audience, times, nonce, and the access token's hash."""

from datetime import datetime

from authlib.common.errors import AuthlibBaseError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from backend.accounts.federation.domain import Proof, Provider, shows_second_factor
from backend.accounts.federation.errors import ProofNotValid
from backend.accounts.federation.line import Line, Tokens

# Signatures by a key pair alone: neither "none" nor a shared secret.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
_LEEWAY_SECONDS = 60
_LONGEST_SUBJECT = 255  # OIDC Core §2


async def proof_of(line: Line, tokens: Tokens, *, nonce: str, now: datetime) -> Proof:
    """A provider changes its keys: an unknown one is looked for once, anew."""
    try:
        keys = await line.keys(now=now)
        return judged(tokens, keys, line.provider, nonce=nonce, now=now)
    except InvalidKeyIdError:
        keys = await line.keys(now=now, anew=True)
    try:
        return judged(tokens, keys, line.provider, nonce=nonce, now=now)
    except InvalidKeyIdError:
        raise ProofNotValid from None


def judged(tokens: Tokens, keys: KeySet, provider: Provider, *, nonce: str, now: datetime) -> Proof:
    """ProofNotValid; InvalidKeyIdError when `keys` lack the one it names."""
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    try:
        token = jwt.decode(tokens.id_token, keys, registry=registry)
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
                "nonce": {"essential": True, "value": nonce},
            },
            {"nonce": nonce, "client_id": provider.client_id, "access_token": tokens.access_token},
        )
        claims.validate(now=int(now.timestamp()), leeway=_LEEWAY_SECONDS)
    except InvalidKeyIdError:
        raise
    except (JoseError, AuthlibBaseError, ValueError, TypeError):
        raise ProofNotValid from None
    return _proof(dict(claims), provider)


def _proof(claims: dict[str, object], provider: Provider) -> Proof:
    subject, name = claims.get("sub"), claims.get("name")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise ProofNotValid
    return Proof(
        issuer=provider.issuer,
        subject=subject,
        name=name if isinstance(name, str) else "",
        second_factor=shows_second_factor(provider, claims.get("acr"), claims.get("amr")),
    )
