"""A real OpenID provider (npm `oidc-provider`), and a browser that goes there and back."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
import pytest

from backend.accounts.federation.domain import Provider, Title
from backend.accounts.federation.line import Line
from backend.accounts.federation.providers import Registered
from infra.clock import ManualClock, system_clock
from infra.settings import Settings
from tests.agreed import AGREED
from tests.applications import application
from tests.conftest import PUBLIC_URL
from tests.identity_provider import Providers, identity_providers, there

MOST_STEPS = 12


@pytest.fixture(scope="session")
def providers() -> Iterator[Providers]:
    if not there():
        pytest.skip("no identity provider: make test fetches it")
    with identity_providers(PUBLIC_URL) as started:
        yield started


def registered(name: str, issuer: str, **more: object) -> Registered:
    provider = Provider(
        name=name,
        title=Title("部级平台", "The ministry"),
        issuer=issuer,
        client_id="guanbiao",
        **more,  # type: ignore[arg-type]
    )
    return Registered(provider, "the secret of guanbiao & more")


@pytest.fixture
def clock() -> ManualClock:
    """The provider signs at the machine's time."""
    return ManualClock(system_clock())


class Browser:
    """Follows redirects and fills in the provider's own forms, as a person would."""

    def __init__(self, ours: httpx.AsyncClient, theirs: httpx.AsyncClient) -> None:
        self.ours = ours
        self._theirs = theirs

    async def begin(
        self,
        name: str = "ministry",
        return_to: str = "/learn",
        *,
        headers: dict[str, str] | None = None,
    ) -> str:
        kind = "link" if headers else "sign-in"
        path = f"/v1/federation/{name}/{kind}"
        body = {"returnTo": return_to}
        answer = await self.ours.post(path, json=body, headers=headers or {})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["authorizationUrl"])

    async def at_provider(self, url: str, login: str) -> str:
        """Signs in there. Returns our callback address, with whatever it was given."""
        answer = await self._theirs.get(url)
        for _ in range(MOST_STEPS):
            if answer.is_redirect:
                url = urljoin(str(answer.url), answer.headers["location"])
                if url.startswith(PUBLIC_URL):
                    return url
                answer = await self._theirs.get(url)
            else:
                answer = await self._submit(answer, login)
        raise AssertionError("no way back to us")

    async def come_back(self, url: str) -> httpx.Response:
        return await self.ours.get(url.removeprefix(PUBLIC_URL))

    async def sign_in(
        self, login: str, name: str = "ministry", return_to: str = "/learn"
    ) -> httpx.Response:
        """And agrees to an account when there is none yet."""
        answer = await self.arrive(login, name, return_to)
        if "?new=1" in answer.headers.get("location", ""):
            made = await self.agree()
            assert made.status_code == 201, made.text
        return answer

    async def arrive(
        self, login: str, name: str = "ministry", return_to: str = "/learn"
    ) -> httpx.Response:
        return await self.come_back(
            await self.at_provider(await self.begin(name, return_to), login)
        )

    async def agree(self, agreed: list[dict[str, str]] = AGREED) -> httpx.Response:
        return await self.ours.post("/v1/federation/newcomers", json={"agreed": agreed})

    async def link(self, login: str, headers: dict[str, str]) -> httpx.Response:
        begun = await self.begin(return_to="/account", headers=headers)
        return await self.come_back(await self.at_provider(begun, login))

    async def access(self) -> dict[str, str]:
        """Headers of the session that the browser's cookie now holds."""
        answer = await self.ours.post("/v1/sessions/refresh", json={})
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['accessToken']}"}

    async def who(self) -> dict[str, object]:
        found: dict[str, object] = (
            await self.ours.get("/v1/me", headers=await self.access())
        ).json()
        return found

    async def _submit(self, page: httpx.Response, login: str) -> httpx.Response:
        action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
        assert action, page.text
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        form = {**fields, "login": login, "password": "any"}
        return await self._theirs.post(urljoin(str(page.url), unescape(action[1])), data=form)


NewBrowser = Callable[..., Browser]


@pytest.fixture
async def new_browser(
    unit: None, settings: Settings, clock: ManualClock, providers: Providers
) -> AsyncIterator[NewBrowser]:
    """Each call: another browser, with cookies of its own, at the same application."""
    app = application(settings, clock)
    app.state["federation"] = {
        "ministry": Line(registered("ministry", providers.ministry)),
        "works": Line(registered("works", providers.works)),
    }
    async with AsyncExitStack() as stack:
        opened: list[httpx.AsyncClient] = []

        def browser(**changed: Registered) -> Browser:
            app.state["federation"].update({n: Line(r) for n, r in changed.items()})
            transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
            ours = httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL)
            theirs = httpx.AsyncClient(trust_env=False, verify=False)
            opened.extend([ours, theirs])
            return Browser(ours, theirs)

        yield browser
        for client in opened:
            stack.push_async_callback(client.aclose)


@pytest.fixture
def browser(new_browser: NewBrowser) -> Browser:
    return new_browser()


def given(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def changed(url: str, **values: str | None) -> str:
    """The same address with other parameters; None leaves one out."""
    merged = {**given(url), **values}
    kept = {name: value for name, value in merged.items() if value is not None}
    return str(httpx.URL(url).copy_with(params=kept))
