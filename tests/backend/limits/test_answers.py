"""Limits over HTTP: what every answer says, and what a refusal looks like."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest

from backend.limits import repository
from backend.limits.domain import By, Policy
from backend.limits.policies import POLICIES, RouteClass
from backend.limits.service import Limits
from infra.clock import ManualClock
from infra.settings import Settings
from infra.vault import Vault
from tests.applications import application
from tests.conftest import PUBLIC_URL
from tests.people import AsPerson

NARROW = Policy("read-person", By.PERSON, 2)
FEW_LOOKUPS = Policy("lookup-address", By.ADDRESS, 2)
CATALOGUE, ME = "/v1/programmes", "/v1/me"

Client = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def process(unit: None, settings: Settings, clock: ManualClock, vault: Vault) -> Client:
    """An API process of its own with narrow limits, seen from an address."""

    @asynccontextmanager
    async def started(address: str = "192.0.2.1") -> AsyncIterator[httpx.AsyncClient]:
        app = application(settings, clock)
        policies = {**POLICIES, RouteClass.READ: (NARROW,), RouteClass.LOOKUP: (FEW_LOOKUPS,)}
        app.state["limits"] = Limits(vault, policies=policies, patience_seconds=60)
        transport = httpx.ASGITransport(app=app, client=(address, 1))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
            yield client

    return started


async def test_answers_say_what_is_left_and_until_when(
    api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    someone = await as_person()
    answer = await api.get(ME, headers=someone.headers)
    assert (
        answer.headers["ratelimit-policy"]
        == '"read-address";q=12000;w=60, "read-person";q=2400;w=60'
    )
    assert answer.headers["ratelimit"].startswith('"read-address";r=')
    again = await api.get(ME, headers=someone.headers)
    assert answer.headers["ratelimit"] != again.headers["ratelimit"]


async def test_refusals_of_other_kinds_say_it_too(api: httpx.AsyncClient) -> None:
    for path, status, kind in ((ME, 401, "read"), ("/v1/verifications/nothing", 404, "lookup")):
        answer = await api.get(path)
        assert answer.status_code == status
        assert f"{kind}-address" in answer.headers["ratelimit"]


async def test_pages_and_probes_are_not_counted(api: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/sign-in"):
        assert "ratelimit" not in (await api.get(path)).headers


@pytest.mark.parametrize(
    ("language", "words"),
    [pytest.param("zh", "过于频繁", id="Chinese"), pytest.param("en", "wait the", id="English")],
)
async def test_one_too_many_is_a_problem_document(
    process: Client, as_person: AsPerson, language: str, words: str
) -> None:
    someone = await as_person()
    headers = {**someone.headers, "Accept-Language": language}
    async with process() as client:
        statuses = [(await client.get(ME, headers=headers)).status_code for _ in range(2)]
        refused = await client.get(ME, headers=headers)
    assert statuses == [200, 200]
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "too-often"
    assert words in refused.json()["detail"]
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert '"read-person";r=0;' in refused.headers["ratelimit"]
    assert "x-request-id" in refused.headers


async def test_two_processes_count_one_person_together(
    process: Client, as_person: AsPerson, clock: ManualClock
) -> None:
    someone = await as_person()
    async with process("192.0.2.1") as one, process("198.51.100.7") as other:
        clients = (one, other, one, other)
        answers = [(await c.get(ME, headers=someone.headers)).status_code for c in clients]
        assert answers == [200, 200, 429, 429]
        clock.advance(60)
        assert (await other.get(ME, headers=someone.headers)).status_code == 200


async def test_a_limiter_that_fails_refuses_nobody(
    process: Client, as_person: AsPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: object) -> dict[bytes, repository.Lease]:
        raise ConnectionRefusedError

    monkeypatch.setattr(repository, "lease", away)
    someone = await as_person()
    async with process() as client:
        assert (await client.get(ME, headers=someone.headers)).status_code == 200


async def test_a_training_room_signs_up_and_in_behind_one_address(process: Client) -> None:
    """Sixty people sign up and have three attempts each at signing in, in one minute."""
    async with process() as client:
        for path, each in (("/v1/people", 1), ("/v1/sessions", 3)):
            for _ in range(60 * each):
                assert (await client.post(path, json={})).status_code == 422
        refused = [(await client.post("/v1/sessions", json={})).status_code for _ in range(9)]
    assert refused == [429] * 9


async def test_only_a_proxy_of_ours_speaks_for_another_address(
    process: Client, as_person: AsPerson
) -> None:
    """A stranger who writes X-Forwarded-For gains no fresh limit by it."""
    async with process("192.0.2.1") as stranger, process("127.0.0.1") as proxy:
        for client, fresh in ((stranger, False), (proxy, True)):
            left = set()
            for address in ("198.51.100.1", "198.51.100.2"):
                header = {"X-Forwarded-For": f"203.0.113.9, {address}"}
                answer = await client.post("/v1/sessions", json={}, headers=header)
                left.add(answer.headers["ratelimit"].split(";")[1])
            assert (len(left) == 1) is fresh


async def test_on_a_page_one_too_many_is_told_to_a_person(process: Client) -> None:
    async with process() as client:
        answers = [await client.get("/v/NONE") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [404, 404, 429]
    assert answers[2].headers["content-type"].startswith("text/html")
    assert "过于频繁" in answers[2].text


async def test_every_counted_route_documents_its_429(api: httpx.AsyncClient) -> None:
    paths = (await api.get("/openapi.json")).json()["paths"]
    assert "429" in paths[ME]["get"]["responses"]
    assert "429" in paths["/v1/heartbeats"]["post"]["responses"]
    assert "RateLimit" in paths[CATALOGUE]["get"]["responses"]["429"]["headers"]
    assert "429" not in paths["/healthz"]["get"]["responses"]
