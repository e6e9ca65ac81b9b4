"""What a demonstration shows of bodies and classes; a second start finds it there."""

import httpx

from backend.accounts.domain import Role
from backend.certification_bodies.demonstration import CODE
from backend.certification_bodies.service import DEMO_ORGANISATION, DemoPeople, ensure_demo_body
from backend.class_sessions.service import ensure_demo_class
from infra.clock import ManualClock
from infra.objects import ObjectStore
from infra.vault import Vault
from tests.conftest import START
from tests.people import AsPerson
from tests.published import publish_current


async def test_a_demonstration_has_a_listed_body_two_auditors_and_a_class_going_on(
    api: httpx.AsyncClient,
    as_person: AsPerson,
    vault: Vault,
    object_store: ObjectStore,
    clock: ManualClock,
) -> None:
    await publish_current(START)
    manager, learner = await as_person(Role.CERTIFIER), await as_person()
    people = DemoPeople(manager.id, (await as_person(Role.ADMINISTRATOR)).id)
    for _ in range(2):
        await ensure_demo_body(vault, object_store, people, now=clock())
        await ensure_demo_class(DEMO_ORGANISATION, manager.id, learner.id, now=clock())
    shown = (await api.get(f"/v1/certification-bodies/{CODE}")).json()
    assert (shown["status"]["state"], shown["auditors"]["employed"]) == ("listed", 2)
    assert [d["kind"] for d in shown["documents"]] == ["commitment"]
    (seat,) = (await api.get("/v1/me/class-seats", headers=learner.headers)).json()["items"]
    assert seat["state"] == "enrolled"
    (taught,) = (await api.get("/v1/me/taught-classes", headers=manager.headers)).json()["items"]
    code = await api.get(f"/v1/class-sessions/{taught['id']}/code", headers=manager.headers)
    assert code.status_code == 200
