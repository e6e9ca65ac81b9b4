"""What people ask over HTTP: consents, name, erasure, who looked."""

from datetime import timedelta

import httpx

from backend.accounts import repository as people
from backend.accounts.domain import Role
from backend.accounts.tables import Person
from backend.organisations import service as organisations
from backend.organisations.domain import Position
from backend.privacy_notices import current, notices
from infra.access_log import accesses_of, note_access
from infra.clock import ManualClock
from infra.consents import Purpose, has_given, refused_by
from infra.ids import uuid7
from infra.vault import Vault, place
from tests.backend.organisations.making import make_member, make_organisation
from tests.people import AsPerson, SignedIn

VERSION = "2026-11"


async def answered(
    api: httpx.AsyncClient, person: SignedIn, purpose: str, given: bool, version: str = VERSION
) -> httpx.Response:
    body = {"purpose": purpose, "version": version, "given": given}
    return await api.post("/v1/me/consents", json=body, headers=person.headers)


async def states(api: httpx.AsyncClient, person: SignedIn) -> dict[str, str]:
    found = await api.get("/v1/me/consents", headers=person.headers)
    return {item["purpose"]: item["state"] for item in found.json()["items"]}


def test_there_is_a_notice_for_every_purpose_in_both_languages() -> None:
    assert set(current()) == set(Purpose)
    for notice in notices().values():
        for wording in (notice.zh, notice.en):
            assert wording.title
            assert wording.stops
            assert 40 < len(wording.text) < 800, "people read short notices"


async def test_notices_are_read_before_anybody_signs_up(api: httpx.AsyncClient) -> None:
    found = await api.get("/v1/privacy-notices")
    assert [item["purpose"] for item in found.json()["items"]] == [p.value for p in Purpose]


async def test_consent_is_given_and_withdrawn_and_the_last_word_counts(
    api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    me, other = await as_person(), await as_person()
    assert set((await states(api, me)).values()) == {"not-asked"}
    purpose = Purpose.ORGANISATION_DISCLOSURE
    assert (await answered(api, me, purpose, True)).json()["state"] == "given"
    assert await has_given(me.id, purpose)
    withdrawn = (await answered(api, me, purpose, False)).json()
    assert withdrawn["state"] == "withdrawn"
    assert "停止" in withdrawn["stopsZh"]
    assert await refused_by([me.id, other.id], purpose) == {me.id}
    await answered(api, me, purpose, True)
    assert await refused_by([me.id, other.id], purpose) == frozenset()
    assert (await states(api, other))[purpose] == "not-asked"


async def test_who_withdraws_disclosure_leaves_and_managers_see_nothing_more(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    me, manager = await as_person(), await as_person()
    firm = await make_organisation(manager.id, now=clock())
    await make_member(firm, me.id, now=clock())
    await answered(api, me, "organisation-disclosure", False)
    assert await organisations.organisations_of(me.id) == []
    refused = await answered(api, manager, "organisation-disclosure", False)
    assert refused.status_code == 409, "somebody has to manage"
    assert (await states(api, manager))["organisation-disclosure"] == "not-asked"


async def test_an_old_version_is_not_agreed_to_and_the_account_s_own_purpose_not_withdrawn(
    api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    me = await as_person()
    refused = await answered(api, me, "account", True, "2019-08")
    assert (refused.status_code, refused.json()["code"]) == (404, "no-such-notice")
    for purpose in ("account", "learning-records"):
        refused = await answered(api, me, purpose, False)
        assert (refused.status_code, refused.json()["code"]) == (409, "needed-for-the-account")


async def test_a_name_is_corrected_until_it_is_verified(
    api: httpx.AsyncClient, as_person: AsPerson, vault: Vault, clock: ManualClock
) -> None:
    me = await as_person()
    done = await api.put("/v1/me/name", json={"name": "王晓明"}, headers=me.headers)
    assert done.status_code == 204
    assert (await api.get("/v1/me", headers=me.headers)).json()["name"] == "王晓明"
    await people.set_identity(
        me.id,
        name_sealed=vault.seal("王晓明", place(Person.name_sealed, me.id)),
        method="counter",
        verified_at=clock(),
        valid_until=None,
    )
    refused = await api.put("/v1/me/name", json={"name": "李四"}, headers=me.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "name-is-verified")


async def test_erasure_leaves_time_to_think_and_is_taken_back(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    me = await as_person()
    first = await api.post("/v1/me/erasure", headers=me.headers)
    assert first.status_code == 202
    clock.advance(60)
    again = await api.post("/v1/me/erasure", headers=me.headers)
    assert again.json() == first.json(), "the first wish counts"
    assert first.json()["state"] == "waiting"
    assert first.json()["dueAt"] == (clock() + timedelta(days=14, seconds=-60)).isoformat().replace(
        "+00:00", "Z"
    )
    assert (await api.delete("/v1/me/erasure", headers=me.headers)).status_code == 204
    shown = await api.get("/v1/me/erasure", headers=me.headers)
    assert shown.json()["state"] == "cancelled"
    assert (await api.delete("/v1/me/erasure", headers=me.headers)).status_code == 404


async def test_a_sole_manager_is_told_in_time_which_organisation_would_be_left_alone(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    me, colleague = await as_person(), await as_person()
    await make_organisation(me.id, now=clock(), name="独力企业")
    shared = await make_organisation(me.id, now=clock(), name="共管企业")
    await make_member(shared, colleague.id, now=clock(), position=Position.MANAGER)
    wish = await api.post("/v1/me/erasure", headers=me.headers)
    assert wish.json()["leavesWithoutManager"] == ["独力企业"]
    await api.delete("/v1/me/erasure", headers=me.headers)
    shown = await api.get("/v1/me/erasure", headers=me.headers)
    assert shown.json()["leavesWithoutManager"] == []


async def test_whoever_judged_others_gives_up_the_role_first(
    api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    me = await as_person(Role.LEARNER, Role.INSPECTOR)
    refused = await api.post("/v1/me/erasure", headers=me.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "give-up-roles-first")
    assert refused.json()["fields"] == {"roles": "inspector"}


async def test_people_read_who_looked_and_why_but_no_name(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    me, other, manager = await as_person(), await as_person(), uuid7()
    firm = await make_organisation(manager, now=clock(), name="某企业")

    async def look(what: str = "learning-records") -> None:
        await note_access(
            [me.id, other.id, manager],  # looking at oneself is not noted
            actor_id=manager,
            actor_role="manager",
            organisation_id=firm,
            what=what,
            purpose="安排培训",
            now=clock(),
        )

    await look()
    await look()  # the same look on the same day
    await look(what="name")
    clock.advance(86_400)
    await look()
    page = await api.get("/v1/me/accesses?limit=2", headers=me.headers)
    assert [item["what"] for item in page.json()["items"]] == ["learning-records", "name"]
    assert page.json()["items"][0]["who"] == "manager"
    assert page.json()["items"][0]["organisation"] == "某企业"
    assert str(manager) not in page.text
    rest = await api.get(f"/v1/me/accesses?cursor={page.json()['nextCursor']}", headers=me.headers)
    assert len(rest.json()["items"]) == 1
    assert rest.json().get("nextCursor") is None
    assert await accesses_of(manager) == []


async def test_reading_the_trail_is_for_administrators_and_is_an_act_itself(
    api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    admin, learner = await as_person(Role.ADMINISTRATOR), await as_person()
    assert (await api.get("/v1/audit", headers=learner.headers)).status_code == 403
    subject = f"person:{learner.id}"
    first = await api.get("/v1/audit", params={"subject": subject}, headers=admin.headers)
    assert first.json()["items"] == []
    second = await api.get("/v1/audit", params={"subject": subject}, headers=admin.headers)
    (entry,) = second.json()["items"]
    assert (entry["act"], entry["actor"], entry["subject"]) == (
        "audit-read",
        str(admin.id),
        subject,
    )
    page = await api.get("/v1/audit?limit=1", headers=admin.headers)
    older = await api.get(
        "/v1/audit", params={"limit": 1, "cursor": page.json()["nextCursor"]}, headers=admin.headers
    )
    assert older.json()["items"][0]["number"] == page.json()["items"][0]["number"] - 1
    odd = ("subject=%00", "cursor=0", "cursor=99999999999999999999", "limit=1000", "since=x")
    for query in odd:
        assert (await api.get(f"/v1/audit?{query}", headers=admin.headers)).status_code == 422
