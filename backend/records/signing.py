"""Making compact JWS with PyJWT. A record is signed only as `Checked` claims."""

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from backend.records.keyring import SigningKey
from backend.records.verdict.credential import Checked
from backend.records.verdict.holder import TYP, HolderClaims
from backend.records.verdict.printed import TYP as PRINT_TYP
from backend.records.verdict.printed import SealClaims, seal_payload
from backend.records.verdict.status_list import StatusClaims

_JWS = jwt.PyJWS(algorithms=["ES256", "RS256"])


def sign_record(checked: Checked, key: SigningKey, kid: str) -> bytes:
    return _sign(checked.payload, key, kid)


def sign_status(claims: StatusClaims, key: SigningKey, kid: str) -> bytes:
    return _sign(msgspec.json.encode(claims), key, kid)


def sign_holder(claims: HolderClaims, key: SigningKey, kid: str) -> bytes:
    return _sign(msgspec.json.encode(claims), key, kid, TYP)


def sign_print(claims: SealClaims, key: SigningKey, kid: str) -> bytes:
    return _sign(seal_payload(claims), key, kid, PRINT_TYP)


def _sign(payload: bytes, key: SigningKey, kid: str, typ: str = "JWT") -> bytes:
    algorithm = "RS256" if isinstance(key, RSAPrivateKey) else "ES256"
    return _JWS.encode(payload, key, algorithm=algorithm, headers={"kid": kid, "typ": typ}).encode()
