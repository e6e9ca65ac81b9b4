"""What anyone may fetch and keep: keys, trust, status lists, the log. Cacheable, readable across
origins, so that a browser elsewhere can check a record too."""

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend.records import log, repository, service
from backend.records.cosigning import service as cosigning
from backend.records.cosigning.bundles import cosigned_proof
from backend.records.keyring import NAMES, Keyring
from backend.records.keys.domain import KnownKey
from backend.records.trusting import jwk_of, served_trust
from backend.records.verdict.canonical import digest
from backend.records.verdict.jws import members
from backend.records.verdict.refusal import Refused
from backend.records.verdict.status_list import PURPOSES
from backend.records.verdict.tiles import parse_path
from backend.records.verdict.trust import trust_members
from infra.errors import NotFound
from infra.instance import public_url
from infra.objects import ObjectStore
from infra.settings import Settings

_ALGORITHMS = {"EC": "ES256", "RSA": "RS256", "OKP": "EdDSA"}
_IMMUTABLE = "public, max-age=31536000, immutable"
_MINUTES = "public, max-age=300"
_MOMENT = "public, max-age=1"


class NoSuchKey(NotFound):
    """No key by that thumbprint was ever announced here."""

    zh = "本站从未公布过该指纹的密钥。"


class NoSuchList(NotFound):
    """No status list by that purpose and number, or it is not in the log yet."""

    zh = "没有该用途和编号的状态名单，或其尚未写入日志。"


class NoSuchTile(NotFound):
    """No tile by that path; start from /log/checkpoint, it names the size of the log."""

    zh = "没有该路径的日志分块；请从 /log/checkpoint 给出的大小开始。"


def _answer(content: Any, media_type: str, cache: str, etag: str = "") -> Response[Any]:
    headers = {"Cache-Control": cache, "Access-Control-Allow-Origin": "*"}
    if etag:
        headers["ETag"] = f'"{etag}"'
    return Response(content, media_type=media_type, headers=headers)


def _json(content: Any, cache: str = _MINUTES) -> Response[Any]:
    return _answer(content, "application/json", cache)


async def _announced(settings: Settings, now: datetime) -> list[KnownKey]:
    """Announced keys that may be shown here; the first visitor of a new instance makes them."""
    if not await repository.keys():
        await service.ensure_announced(Keyring.of(settings), now)
    return [key for key in await repository.keys() if settings.demo or not key.demonstration]


def _jwk(row: KnownKey) -> dict[str, Any]:
    jwk = jwk_of(row)
    return {**members(jwk), "kid": row.kid, "alg": _ALGORITHMS[jwk.kty], "use": "sig"}


@get("/.well-known/jwks.json", operation_id="GetRecordKeys", tags=["verification"])
async def jwks(
    settings: NamedDependency[Settings], now: NamedDependency[datetime]
) -> Response[Any]:
    rows = await _announced(settings, now)
    return _json({"keys": [_jwk(row) for row in rows if _goes_on(row)]})


def _goes_on(row: KnownKey) -> bool:
    """Retired keys go on verifying. A stolen one is in the trust file, where the log's index says
    how far it counts, and at its own address; who looks at signatures alone must not find it."""
    return not row.demonstration and row.compromised_at is None


@get("/.well-known/did.json", operation_id="GetDidDocument", tags=["verification"])
async def did(settings: NamedDependency[Settings], now: NamedDependency[datetime]) -> Response[Any]:
    rows = [row for row in await _announced(settings, now) if _goes_on(row)]
    name = f"did:web:{quote(urlsplit(await public_url()).netloc, safe='.-')}"
    methods = [
        {
            "id": f"{name}#{row.thumbprint}",
            "type": "JsonWebKey",
            "controller": name,
            "publicKeyJwk": _jwk(row),
        }
        for row in rows
        if row.purpose != "log"
    ]
    contexts = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"]
    return _json(
        {
            "@context": contexts,
            "id": name,
            "verificationMethod": methods,
            "assertionMethod": [method["id"] for method in methods],
        }
    )


@get("/keys/{thumbprint:str}", operation_id="GetKey", tags=["verification"])
async def key(
    thumbprint: FromPath[str],
    settings: NamedDependency[Settings],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Under the id that it has at the present address, where it was announced there."""
    rows = [row for row in await _announced(settings, now) if row.thumbprint == thumbprint]
    if not rows:
        raise NoSuchKey
    address = await public_url()
    here = [row for row in rows if row.address == address]
    return _json(_jwk([*rows, *here][-1]), _IMMUTABLE)


@get("/trust.json", operation_id="GetTrust", tags=["verification"])
async def real_trust(
    settings: NamedDependency[Settings], now: NamedDependency[datetime]
) -> Response[Any]:
    await _announced(settings, now)
    return _json(trust_members(await served_trust(demonstration=False)), _MOMENT)


@get("/trust-demonstration.json", operation_id="GetDemonstrationTrust", tags=["verification"])
async def demonstration_trust(
    settings: NamedDependency[Settings], now: NamedDependency[datetime]
) -> Response[Any]:
    if not settings.demo:
        raise NotFound
    await _announced(settings, now)
    return _json(trust_members(await served_trust(demonstration=True)), _MOMENT)


@get("/issuers/{name:str}", operation_id="GetIssuer", tags=["verification"])
async def issuer(name: FromPath[str], settings: NamedDependency[Settings]) -> Response[Any]:
    """The issuer's Open Badges profile."""
    demonstration = name == "demonstration"
    if name not in {"platform", "demonstration"} or (demonstration and not settings.demo):
        raise NotFound
    address = await public_url()
    return _json(
        {
            "@context": [
                "https://www.w3.org/ns/credentials/v2",
                "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
            ],
            "id": f"{address}/issuers/{name}",
            "type": ["Profile"],
            "name": NAMES[demonstration],
            "url": address,
        }
    )


@get("/status/{purpose:str}/{number:int}", operation_id="GetStatusList", tags=["verification"])
async def status_list(purpose: FromPath[str], number: FromPath[int]) -> Response[Any]:
    """A BitstringStatusListCredential as a compact JWS; its hash is in the log."""
    jws = (await _published(purpose, number)).jws
    return _answer(jws, "application/vc+jwt", "public, max-age=2", digest(jws))


@get(
    "/status/{purpose:str}/{number:int}/proof",
    operation_id="GetStatusListProof",
    tags=["verification"],
)
async def status_list_proof(
    purpose: FromPath[str], number: FromPath[int], objects: NamedDependency[ObjectStore]
) -> Response[Any]:
    """The tlog-proof of that list; `guanbiao verify --status` wants both."""
    proof = await cosigned_proof(objects, (await _published(purpose, number)).proof)
    return _answer(proof, "text/plain", "public, max-age=2", digest(proof))


async def _published(purpose: str, number: int) -> Any:
    known = purpose in PURPOSES and 0 < number < 2**31
    found = await repository.published_list(number, purpose) if known else None
    if found is None:
        raise NoSuchList
    return found


@get("/log/checkpoint", operation_id="GetLogCheckpoint", tags=["verification"])
async def checkpoint() -> Response[Any]:
    """From the row, not the object: a row is never older than what was already shown. With the
    lines of the witnesses who have signed it by now."""
    last = await log.latest_checkpoint()
    if last is None:
        raise NoSuchTile
    note = (await cosigning.with_cosignatures(last)).encode()
    return _answer(note, "text/plain", _MOMENT, digest(note))


@get("/log/tile/{path:path}", operation_id="GetLogTile", tags=["verification"])
async def tile(path: FromPath[str], objects: NamedDependency[ObjectStore]) -> Response[Any]:
    """Hashes (`<L>/<N>`) or entries (`entries/<N>`), `.p/<W>` for a partial tile."""
    try:
        found = parse_path(f"tile/{path.lstrip('/')}")
        content = await objects.get_bytes(f"log/{found.path}")
    except (Refused, NotFound):
        raise NoSuchTile from None
    return _answer(content, "application/octet-stream", _IMMUTABLE)


ROUTES: list[Any] = [
    jwks,
    did,
    key,
    real_trust,
    demonstration_trust,
    issuer,
    status_list,
    status_list_proof,
    checkpoint,
    tile,
]
