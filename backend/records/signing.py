"""Making compact JWS with PyJWT. A record is signed only as `Checked` claims."""

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from backend.records.verdict.credential import Checked
from backend.records.verdict.holder import TYP, HolderClaims
from backend.records.verdict.status_list import StatusClaims

_JWS = jwt.PyJWS(algorithms=["ES256"])


def sign_record(checked: Checked, key: EllipticCurvePrivateKey, kid: str) -> bytes:
    return _sign(checked.payload, key, kid)


def sign_status(claims: StatusClaims, key: EllipticCurvePrivateKey, kid: str) -> bytes:
    return _sign(msgspec.json.encode(claims), key, kid)


def sign_holder(claims: HolderClaims, key: EllipticCurvePrivateKey, kid: str) -> bytes:
    return _sign(msgspec.json.encode(claims), key, kid, TYP)


def _sign(payload: bytes, key: EllipticCurvePrivateKey, kid: str, typ: str = "JWT") -> bytes:
    return _JWS.encode(payload, key, algorithm="ES256", headers={"kid": kid, "typ": typ}).encode()
