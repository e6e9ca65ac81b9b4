"""What becomes of an invitation: the message, the link, and who may do what with it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from structlog.testing import capture_logs

from backend.accounts.domain import Login, checked_login
from backend.accounts.messages import ByKind, NullMessages, Text
from backend.organisations.domain import Position, State
from backend.organisations.members import invitations, sending
from backend.organisations.tables import Invitation, Organisation
from infra.clock import ManualClock
from infra.queue import payload_of
from infra.vault import Vault
from tests.backend.organisations.making import give_login, make_member, make_organisation
from tests.conftest import PUBLIC_URL
from tests.one_connection import connection
from tests.people import AsPerson, SignedIn

LINKS = "/v1/invitations/by-token"
MINE = "/v1/me/invitations/by-token"


class Inviting:
    """A manager who invites, and the worker that sends."""

    def __init__(
        self, api: httpx.AsyncClient, manager: SignedIn, organisation: UUID, vault: Vault
    ) -> None:
        self.api, self.manager, self.organisation, self.vault = api, manager, organisation, vault
        self.sent: list[tuple[Login, Text]] = []

    async def invite(self, **body: Any) -> dict[str, Any]:
        answer = await self.api.post(
            f"/v1/organisations/{self.organisation}/invitations",
            json=body or {"position": "member"},
            headers=self.manager.headers,
        )
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def send(self, to: Login, text: Text) -> None:
        self.sent.append((to, text))

    async def deliver(self, clock: ManualClock) -> list[tuple[Login, Text]]:
        self.sent.clear()
        for row in await connection().fetch(
            "SELECT payload FROM pgqueuer WHERE entrypoint = $1 ORDER BY id",
            sending.SEND_INVITATION,
        ):
            invitation = UUID(str(payload_of(row["payload"])["invitation_id"]))
            await sending.deliver(self.vault, self, invitation, now=clock())
        return self.sent

    async def stage(self, made: dict[str, Any]) -> str:
        answer = await self.api.post(LINKS, json={"token": made["token"]})
        return str(answer.json()["stage"])

    async def call(self, method: str, path: str, **body: Any) -> httpx.Response:
        url = f"/v1/organisations/{self.organisation}{path}"
        return await self.api.request(method, url, json=body or None, headers=self.manager.headers)


@pytest.fixture
async def inviting(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock, vault: Vault
) -> Inviting:
    manager = await as_person()
    return Inviting(api, manager, await make_organisation(manager.id, now=clock()), vault)


async def test_an_invited_address_is_sent_the_link_whether_it_has_an_account_or_not(
    inviting: Inviting, as_person: AsPerson, clock: ManualClock
) -> None:
    known = await as_person()
    await give_login(inviting.vault, known.id, "known@example.org", proved_at=clock())
    answers = [
        await inviting.invite(login=login) for login in ("known@example.org", "139 0000 7701")
    ]
    assert [made["sent"] for made in answers] == [True, True]
    told = await inviting.deliver(clock)
    assert {to.value: to.kind for to, _ in told} == {
        "known@example.org": "email",
        "13900007701": "phone",
    }
    for made, (_, text) in zip(answers, told, strict=True):
        assert text.link == f"{PUBLIC_URL}/invitations/{made['token']}"
        assert "测试企业" in text.zh
        assert "3月16日" in text.zh


async def test_the_token_reaches_no_log_and_no_row(inviting: Inviting, clock: ManualClock) -> None:
    with capture_logs() as logs:
        made = await inviting.invite(login="quiet@example.org")
        ((to, text),) = await inviting.deliver(clock)
        await NullMessages().send(to, text)
        await inviting.stage(made)
    assert logs
    assert made["token"] not in repr(logs)
    (row,) = await Invitation.select().where(Invitation.organisation == inviting.organisation)
    stored = str(await connection().fetch("SELECT * FROM audit_entry")) + repr(row)
    jobs = repr(await connection().fetch("SELECT * FROM pgqueuer"))
    assert made["token"] not in stored + jobs


async def test_a_link_says_before_signing_in_who_invites_whither_and_until_when(
    inviting: Inviting,
) -> None:
    department = (await inviting.call("POST", "/departments", name="法务部")).json()["id"]
    made = await inviting.invite(login="13900007702", departmentId=department)
    shown = (await inviting.api.post(LINKS, json={"token": made["token"]})).json()
    assert (shown["stage"], shown["organisation"], shown["department"], shown["contact"]) == (
        *("open", "测试企业", "法务部"),
        "139****7702",
    )
    assert shown["expiresAt"] == made["invitation"]["expiresAt"]
    unknown = await inviting.api.post(LINKS, json={"token": "x" * 43})
    assert unknown.status_code == 404


async def test_a_link_says_what_became_of_the_invitation(
    inviting: Inviting, as_person: AsPerson, clock: ManualClock
) -> None:
    used, declined, withdrawn, late = [await inviting.invite() for _ in range(4)]
    person = await as_person()
    for token, path in ((used, f"{MINE}/acceptance"), (declined, f"{LINKS}/refusal")):
        body = {"token": token["token"]}
        assert (await inviting.api.post(path, json=body, headers=person.headers)).is_success
    await inviting.call("DELETE", f"/invitations/{withdrawn['invitation']['id']}")
    clock.advance(timedelta(days=14).total_seconds())
    stages = [await inviting.stage(made) for made in (used, declined, withdrawn, late)]
    assert stages == ["used", "declined", "withdrawn", "expired"]
    for made in (used, declined, withdrawn, late):
        for path in (f"{MINE}/acceptance", f"{LINKS}/refusal"):
            body = {"token": made["token"]}
            answer = await inviting.api.post(path, json=body, headers=person.headers)
            assert answer.status_code == 404


async def test_only_a_confirmed_organisation_sends_and_nobody_is_flooded(
    inviting: Inviting, clock: ManualClock
) -> None:
    sent = [(await inviting.invite(login="often@example.org"))["sent"] for _ in range(4)]
    assert sent == [True, True, True, False]
    clock.advance(timedelta(days=1).total_seconds())
    assert (await inviting.invite(login="often@example.org"))["sent"]
    assert not (await inviting.invite())["sent"], "a link by itself goes to nobody"
    row = Organisation
    values: dict[Any, Any] = {row.state: State.DECLARED, row.decided_at: None, row.decided_by: None}
    await row.update(values).where(row.id == inviting.organisation)
    assert not (await inviting.invite(login="new@example.org"))["sent"]
    assert await inviting.deliver(clock) == [], "what waits in the queue is not sent either"


async def test_what_a_manager_handed_out_ends_with_the_office(
    inviting: Inviting, as_person: AsPerson, clock: ManualClock
) -> None:
    successor = await as_person()
    member = await make_member(
        inviting.organisation, successor.id, now=clock(), position=Position.MANAGER
    )
    made = await inviting.invite()
    (own,) = [
        m["id"]
        for m in (await inviting.call("GET", "/members")).json()["items"]
        if m["id"] != str(member)
    ]
    url = f"/v1/organisations/{inviting.organisation}/members/{own}"
    assert (await inviting.api.delete(url, headers=successor.headers)).status_code == 204
    assert await inviting.stage(made) == "withdrawn"


async def test_a_closed_department_takes_nobody_in_and_a_member_can_be_invited_to_manage(
    inviting: Inviting, as_person: AsPerson, clock: ManualClock
) -> None:
    person = await as_person()
    await give_login(inviting.vault, person.id, "13900007703", proved_at=clock())
    department = (await inviting.call("POST", "/departments", name="法务部")).json()["id"]
    first = await inviting.invite(login="13900007703", departmentId=department)
    second = await inviting.invite(login="13900007703", position="manager")
    await inviting.call("DELETE", f"/departments/{department}")
    for made in (first, second):
        answer = await inviting.api.post(
            f"{MINE}/acceptance", json={"token": made["token"]}, headers=person.headers
        )
        assert answer.status_code == 200, answer.text
    members = (await inviting.call("GET", "/members")).json()["items"]
    assert [(m["position"], m.get("departmentId")) for m in members] == [("manager", None)] * 2


async def test_a_list_by_a_department_of_nobody_s_is_empty(
    inviting: Inviting, as_person: AsPerson
) -> None:
    answer = await inviting.call("GET", f"/members?department={UUID(int=5)}")
    assert (answer.status_code, answer.json()["items"]) == (200, [])


async def test_what_no_carrier_takes_is_said_not_to_be_sent(
    inviting: Inviting, clock: ManualClock
) -> None:
    mail_alone = ByKind(email=NullMessages(), phone=None)
    for login, sent in (("a@example.org", True), ("13900007709", False)):
        wanted = invitations.Wanted(login=checked_login(login), position=Position.MEMBER)
        made = await invitations.invite(
            inviting.vault,
            mail_alone,
            inviting.manager.id,
            inviting.organisation,
            wanted,
            now=clock(),
        )
        assert made.sent is sent
