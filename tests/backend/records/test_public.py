"""What strangers fetch: shapes, cache headers, and nothing about a person."""

import io
import zipfile

import httpx
import pytest

from backend.accounts.domain import Role
from backend.records import service
from backend.records.issuing import issue
from backend.records.tables import CompletionRecord, LogLeaf
from backend.records.verdict.bundle import read_bundle
from backend.records.verdict.jws import Jwk
from backend.records.verdict.notes import open_checkpoint
from backend.records.verdict.tiles import tiles_of
from backend.records.verdict.trust import parse_trust
from backend.records.verdict.verify import verify
from infra.clock import ManualClock
from infra.queue import WorkerContext
from infra.vault import Vault
from tests.backend.records.conftest import Issued, Someone, the_due, verify_person
from tests.backend.records.making import some_facts
from tests.conftest import PUBLIC_URL
from tests.people import AsPerson


async def test_a_key_id_leads_to_its_bare_key(api: httpx.AsyncClient, issued: Issued) -> None:
    record = await issued()
    assert record.kid.startswith(f"{PUBLIC_URL}/keys/")
    response = await api.get(record.kid)
    jwk = response.json()
    assert "immutable" in response.headers["cache-control"]
    assert (jwk["kid"], jwk["alg"]) == (record.kid, "ES256")
    assert Jwk(jwk["kty"], jwk["crv"], jwk["x"], jwk["y"]).thumbprint == record.kid[-43:]
    answers = [await api.get(f"/.well-known/{name}.json") for name in ("jwks", "did")]
    for answer in answers:  # no longer than a new key is public before it signs
        assert answer.headers["cache-control"] == "public, max-age=300"
        assert answer.headers["access-control-allow-origin"] == "*"
    assert jwk in answers[0].json()["keys"]
    did = answers[1].json()
    assert did["id"] == "did:web:guanbiao.test"
    assert jwk in [method["publicKeyJwk"] for method in did["verificationMethod"]]


async def test_a_key_has_its_id_of_today_after_the_address_changed(
    api: httpx.AsyncClient, issued: Issued, clock: ManualClock
) -> None:
    old = (await issued()).kid
    await service.change_public_address("https://other.example", clock())
    new = (await issued()).kid
    assert (old[-43:], new) == (new[-43:], f"https://other.example/keys/{old[-43:]}")
    assert (await api.get(f"/keys/{new[-43:]}")).json()["kid"] == new


async def test_demonstration_keys_are_in_no_list_but_their_own(
    api: httpx.AsyncClient, issued: Issued, someone: Someone
) -> None:
    record = await issued(await someone(method="null"), demonstration=True)
    real, own = await api.get("/trust.json"), await api.get("/trust-demonstration.json")
    assert record.kid not in real.text
    assert record.kid not in (await api.get("/.well-known/jwks.json")).text
    assert record.kid in own.text
    assert [issuer["demonstration"] for issuer in real.json()["issuers"]] == [False]
    assert [issuer["demonstration"] for issuer in own.json()["issuers"]] == [True]
    issuer = (await api.get("/issuers/demonstration")).json()
    assert issuer["id"] == own.json()["issuers"][0]["id"]
    assert "DEMONSTRATION" in issuer["name"]


async def test_a_bundle_is_verified_with_nothing_but_the_trust_file(
    api: httpx.AsyncClient, issued: Issued, clock: ManualClock
) -> None:
    record = await issued()
    response = await api.get(f"/v1/verifications/{record.code}/bundle")
    trust = parse_trust((await api.get("/trust.json")).content)
    assert verify(read_bundle(response.content), trust, clock()).verdict == "valid"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        readme = archive.read("README.txt").decode()
        names = set(archive.namelist())
    assert {"record.jwt", "record.tlog-proof", "checkpoint", "status/revocation.jwt"} <= names
    assert "guanbiao verify" in readme
    assert record.number in readme
    assert "trust.json" not in names


async def test_the_log_is_served_as_tiles(api: httpx.AsyncClient, issued: Issued) -> None:
    await issued()
    answer = await api.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=1"
    trust = parse_trust((await api.get("/trust.json")).content)
    checkpoint = open_checkpoint(answer.text, trust.log.note_key)
    assert (checkpoint.origin, checkpoint.size) == ("guanbiao.test/log", await LogLeaf.count())
    for tile in tiles_of(checkpoint.size):
        found = await api.get(f"/log/{tile.path}")
        assert found.status_code == 200
        assert "immutable" in found.headers["cache-control"]
        assert tile.level is None or len(found.content) == 32 * tile.width


@pytest.mark.parametrize(
    "path",
    [
        "/log/tile/0/999",
        "/log/tile/0/..%2f..%2fcheckpoint",
        "/log/tile/nothing",
        "/status/revocation/999",
        "/status/other/1",
        "/keys/none",
        "/issuers/other",
    ],
)
async def test_what_is_not_there_is_not_found(path: str, api: httpx.AsyncClient) -> None:
    response = await api.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"  # a tile may be there a second later


async def test_an_unknown_code_always_answers_the_same(
    api: httpx.AsyncClient, context: WorkerContext, someone: Someone, clock: ManualClock
) -> None:
    learner_id = await someone()
    await service.request_record(some_facts(learner_id), clock())
    await issue(context, (await the_due(learner_id)).id)
    unlogged = await CompletionRecord.objects().get(CompletionRecord.learner_id == learner_id)
    assert unlogged is not None
    codes = [unlogged.code, "0000000000000", "x", "GB-2026-0000-0000-0", "'; --"]
    answers = [await api.get(f"/v1/verifications/{code}") for code in codes]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["code"] == "no-such-record"


async def test_another_learners_record_is_not_found(
    api: httpx.AsyncClient, issued: Issued, as_person: AsPerson, vault: Vault
) -> None:
    owner, other = await as_person(Role.LEARNER), await as_person(Role.LEARNER)
    await verify_person(vault, owner.id)
    record = (await issued(owner.id)).id
    for path in (f"/v1/records/{record}", f"/v1/records/{record}/bundle"):
        assert (await api.get(path, headers=owner.headers)).status_code == 200
        assert (await api.get(path, headers=other.headers)).status_code == 404
        assert (await api.get(path)).status_code == 401
    items = (await api.get("/v1/records", headers=owner.headers)).json()["items"]
    assert [item["id"] for item in items] == [str(record)]
    assert (await api.get("/v1/records", headers=other.headers)).json()["items"] == []
