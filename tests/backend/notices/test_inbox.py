"""The inbox over HTTP, and what leaves it by mail and short message."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from backend.accounts.domain import Login
from backend.accounts.repository import add_login
from backend.accounts.service import Messages, Text
from backend.accounts.tables import PersonLogin
from backend.notices.domain import Notice, Said
from backend.notices.privacy_facts import erase_person, personal_data
from backend.notices.sending import send_due
from backend.notices.service import inbox, post, read
from backend.notices.tables import NoticeDelivery
from infra.clock import ManualClock
from infra.ids import uuid7
from infra.vault import Vault, place
from tests.people import AsPerson, SignedIn

MAIL = Login("email", "w@example.org")


class Postman:
    """The port, kept in memory; `broken` as long as the gateway takes nothing."""

    def __init__(self) -> None:
        self.broken = False
        self.sent: list[tuple[Login, Text]] = []

    async def send(self, to: Login, text: Text) -> None:
        if self.broken:
            raise ConnectionError
        self.sent.append((to, text))


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
async def person(as_person: AsPerson) -> SignedIn:
    return await as_person()


def notice(person: SignedIn, once: str = "due:1", link: str | None = "/learn") -> Notice:
    return Notice(
        person_id=person.id,
        kind="due",
        once=once,
        subject=Said("培训将到期", "Training is due"),
        text=Said("还有 3 天。", "Three days to go."),
        link=link,
    )


async def prove(person: SignedIn, vault: Vault, clock: ManualClock, login: Login = MAIL) -> None:
    index = vault.index(f"{person.id}{login.indexed}")
    await add_login(
        PersonLogin(
            login_index=index,
            person=person.id,
            kind=login.kind,
            sealed=vault.seal(login.value, place(PersonLogin.sealed, index)),
            proved_at=clock(),
        )
    )


async def test_a_notice_is_told_once_read_once_and_seen_by_nobody_else(
    api: httpx.AsyncClient, person: SignedIn, as_person: AsPerson, clock: ManualClock
) -> None:
    stranger = await as_person()
    assert await post([notice(person), notice(person), notice(person, "due:2")], now=clock()) == 2
    assert await post([notice(person), notice(stranger, "due:1")], now=clock()) == 1
    first = (await api.get("/v1/notices?limit=1", headers=person.headers)).json()
    assert (first["unread"], len(first["items"])) == (2, 1)
    cursor = first["nextCursor"]
    second = (await api.get(f"/v1/notices?cursor={cursor}", headers=person.headers)).json()
    shown = first["items"] + second["items"]
    assert second["nextCursor"] is None
    assert [one["text"]["zh"] for one in shown] == ["还有 3 天。"] * 2
    address = f"/v1/notices/{shown[1]['id']}/read"
    for _ in range(2):
        assert (await api.post(address, headers=person.headers)).json() == {"unread": 1}
    refused = await api.post(address, headers=stranger.headers)
    assert (refused.status_code, refused.json()["code"]) == (404, "notice-not-found")
    await post([notice(person, "due:3")], now=clock())
    said = await api.post("/v1/notices/read", json={"upTo": shown[0]["id"]}, headers=person.headers)
    assert said.json() == {"unread": 1}, "what came after the page was shown stays unread"


async def test_people_choose_where_notices_go_and_the_inbox_has_them_anyway(
    api: httpx.AsyncClient,
    person: SignedIn,
    vault: Vault,
    clock: ManualClock,
    postman: Postman,
) -> None:
    address, headers = "/v1/me/notice-choice", person.headers
    await prove(person, vault, clock)
    await prove(person, vault, clock, Login("phone", "13812345678"))
    assert (await api.get(address, headers=headers)).json()["email"] is True
    for choice, kinds in (((True, True), {"email", "phone"}), ((False, False), set[str]())):
        postman.sent.clear()
        wanted = {"email": choice[0], "sms": choice[1]}
        assert (await api.put(address, json=wanted, headers=headers)).json() == {
            **wanted,
            "quietFrom": "22:00",
            "quietUntil": "08:00",
        }
        await post([notice(person, f"due:{choice}")], now=clock())
        await send_due(vault, postman, now=clock())
        assert {to.kind for to, _ in postman.sent} == kinds
    assert (await api.get("/v1/notices", headers=headers)).json()["unread"] == 2


async def test_what_comes_at_night_leaves_in_the_morning_once(
    person: SignedIn, vault: Vault, clock: ManualClock, postman: Postman
) -> None:
    await prove(person, vault, clock)
    clock.advance(timedelta(hours=14).total_seconds())  # eleven in the evening
    await post([notice(person)], now=clock())
    assert await send_due(vault, postman, now=clock()) == 0
    clock.advance(timedelta(hours=9).total_seconds())
    assert await send_due(vault, postman, now=clock()) == 1
    clock.advance(timedelta(hours=1).total_seconds())
    assert await send_due(vault, postman, now=clock()) == 0
    ((to, text),) = postman.sent
    assert (to, text.template) == (MAIL, "notice.due")
    assert text.link == "http://guanbiao.test/learn"
    assert UUID(text.id or "")


async def test_what_a_gateway_does_not_take_is_tried_again_and_given_up_in_the_end(
    person: SignedIn, vault: Vault, clock: ManualClock, postman: Postman
) -> None:
    await prove(person, vault, clock)
    await post([notice(person)], now=clock())
    postman.broken = True
    for _ in range(3):
        assert await send_due(vault, postman, now=clock()) == 0
    assert await _deliveries(person) == [("waiting", 1)], "the lease holds"
    for _ in range(20):
        clock.advance(timedelta(hours=6).total_seconds())
        await send_due(vault, postman, now=clock())
    ((state, tries),) = await _deliveries(person)
    assert state == "failed"
    assert tries <= 7


@pytest.mark.parametrize("gateway", [True, False], ids=["no address", "nobody who carries"])
async def test_what_can_go_nowhere_does_not_wait_for_ever(
    person: SignedIn, vault: Vault, clock: ManualClock, postman: Postman, gateway: bool
) -> None:
    if not gateway:
        await prove(person, vault, clock)
    messages: Messages | None = postman if gateway else None
    await post([notice(person)], now=clock())
    await send_due(vault, messages, now=clock())
    assert await _deliveries(person) == [("nowhere", 1)]


async def _deliveries(person: SignedIn) -> list[tuple[str, int]]:
    row = NoticeDelivery
    found = await row.select(row.state, row.tries).where(row.person_id == person.id)
    return [(one["state"], one["tries"]) for one in found]


async def test_outside_of_anybody_s_transaction_all_of_it_works_and_erasure_leaves_nothing(
    database: None, vault: Vault, clock: ManualClock
) -> None:
    person, said = uuid7(), Said("好", "Good")
    row = Notice(person_id=person, kind="due", once="1", subject=said, text=said)
    try:
        assert await post([row], now=clock()) == 1
        assert await send_due(vault, None, now=clock()) == 0
        (shown,) = (await inbox(person, after=None, limit=5)).items
        assert (await read(person, shown.id, now=clock())).unread == 0
        told = await personal_data(vault, person)
        assert [one["state"] for one in told["noticesSent"]] == ["nowhere"]
    finally:
        await erase_person(person, now=clock())
    assert await personal_data(vault, person) == {
        "notices": [],
        "noticesSent": [],
        "noticeChoice": None,
    }
