"""Revoking takes two people; whatever is decided shows in the verdict, the lists and the log."""

import json
from typing import Any

import httpx
import pytest

from backend.accounts.domain import Role
from backend.records import repository, service
from backend.records.keyring import Keyring
from backend.records.sequencer import settle
from backend.records.tables import CompletionRecord
from backend.records.verdict.bundle import read_bundle
from backend.records.verdict.jws import parse
from backend.records.verdict.status_list import Bits
from backend.records.verdict.trust import parse_trust
from backend.records.verdict.verify import verify
from infra.clock import ManualClock
from infra.queue import WorkerContext
from infra.vault import Vault
from tests.backend.records.conftest import Issued, Someone, verify_person
from tests.people import AsPerson, SignedIn

REASON = {"reason": "替考，经查实"}


async def propose(api: httpx.AsyncClient, record: CompletionRecord, who: Any) -> httpx.Response:
    return await api.post(f"/v1/records/{record.id}/revocations", json=REASON, headers=who.headers)


async def approve(api: httpx.AsyncClient, proposal: str, who: Any) -> httpx.Response:
    return await api.post(f"/v1/revocations/{proposal}/approval", headers=who.headers)


@pytest.fixture
def staff(as_person: AsPerson, vault: Vault) -> AsPerson:
    """People with a role whose identity was checked."""

    async def add(*roles: Role) -> SignedIn:
        made = await as_person(*roles)
        await verify_person(vault, made.id)
        return made

    return add


async def look(api: httpx.AsyncClient, record: CompletionRecord) -> dict[str, Any]:
    response = await api.get(f"/v1/verifications/{record.code}")
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


async def test_two_people_revoke_a_record_and_it_still_answers(
    api: httpx.AsyncClient, issued: Issued, staff: AsPerson, context: WorkerContext
) -> None:
    record = await issued()
    proposer, approver = await staff(Role.REVIEWER), await staff(Role.ADMINISTRATOR)
    proposal = await propose(api, record, proposer)
    assert (proposal.status_code, proposal.json()["state"]) == (201, "proposed")
    assert (await look(api, record))["verdict"] == "valid"
    approval = await approve(api, proposal.json()["id"], approver)
    assert (approval.status_code, approval.json()["state"]) == (200, "decided")
    at_once = await look(api, record)
    assert at_once["verdict"] == "revoked"
    assert at_once["status"]["reason"] == REASON["reason"]
    await settle(context)
    logged = await look(api, record)
    assert logged["verdict"] == "revoked"
    assert {c["name"]: c["ok"] for c in logged["checks"]}["revocation"] is False


async def test_nobody_revokes_alone(
    api: httpx.AsyncClient, issued: Issued, staff: AsPerson
) -> None:
    record, proposer = await issued(), await staff(Role.ADMINISTRATOR)
    proposal = (await propose(api, record, proposer)).json()["id"]
    refused = await approve(api, proposal, proposer)
    assert (refused.status_code, refused.json()["code"]) == (403, "same-person")
    assert (await look(api, record))["verdict"] == "valid"


async def test_a_record_is_revoked_once(
    api: httpx.AsyncClient, issued: Issued, staff: AsPerson
) -> None:
    record = await issued()
    one, other = await staff(Role.REVIEWER), await staff(Role.REVIEWER)
    proposal = (await propose(api, record, one)).json()["id"]
    second = await propose(api, record, other)
    assert (second.status_code, second.json()["code"]) == (409, "revocation-pending")
    assert (await approve(api, proposal, other)).status_code == 200
    for again in (await approve(api, proposal, other), await propose(api, record, one)):
        assert (again.status_code, again.json()["code"]) == (409, "already-decided")


@pytest.mark.parametrize("role", [Role.LEARNER, Role.AUTHOR, Role.CERTIFIER, Role.INSPECTOR])
async def test_other_roles_may_not_even_propose(
    role: Role, api: httpx.AsyncClient, issued: Issued, as_person: AsPerson
) -> None:
    response = await propose(api, await issued(), await as_person(role))
    assert response.status_code == 403


@pytest.mark.usefixtures("unit")
async def test_a_suspension_shows_and_ends(
    issued: Issued,
    someone: Someone,
    keyring: Keyring,
    context: WorkerContext,
    vault: Vault,
    clock: ManualClock,
) -> None:
    record, actor = await issued(), await someone()

    async def verdict() -> str:
        return (await service.verdict_for_code(record.code, clock(), vault=vault)).verdict

    await service.suspend(keyring, record.id, "投诉待查，暂停", actor_id=actor, now=clock())
    assert await verdict() == "suspended"
    await settle(context)
    assert await verdict() == "suspended"
    await service.reinstate(keyring, record.id, "查无实据，恢复", actor_id=actor, now=clock())
    await settle(context)
    assert await verdict() == "valid"
    with pytest.raises(service.AlreadyDecided):
        await service.reinstate(keyring, record.id, "再次恢复一次", actor_id=actor, now=clock())


async def test_no_check_passes_against_a_decision_newer_than_its_list(
    api: httpx.AsyncClient, issued: Issued, staff: AsPerson
) -> None:
    record = await issued()
    proposal = await propose(api, record, await staff(Role.REVIEWER))
    await approve(api, proposal.json()["id"], await staff(Role.REVIEWER))
    seen = await look(api, record)
    failed = [check["name"] for check in seen["checks"] if not check["ok"]]
    assert (seen["verdict"], failed) == ("revoked", ["revocation"])


@pytest.mark.usefixtures("unit")
async def test_a_corrected_record_supersedes_the_old_one(
    issued: Issued, someone: Someone, vault: Vault, clock: ManualClock
) -> None:
    learner_id = await someone()
    old = await issued(learner_id)
    new = await issued(learner_id, revision=2)
    before = await service.verdict_for_code(old.code, clock(), vault=vault)
    after = await service.verdict_for_code(new.code, clock(), vault=vault)
    assert (before.verdict, after.verdict) == ("superseded", "valid")
    assert before.superseded_by == new.number


async def test_an_old_bundle_is_caught_by_the_list_as_it_is_now(
    api: httpx.AsyncClient,
    issued: Issued,
    staff: AsPerson,
    context: WorkerContext,
    clock: ManualClock,
) -> None:
    record = await issued()
    held = read_bundle((await api.get(f"/v1/verifications/{record.code}/bundle")).content)
    trust = parse_trust((await api.get("/trust.json")).content)
    proposal = await propose(api, record, await staff(Role.REVIEWER))
    await approve(api, proposal.json()["id"], await staff(Role.REVIEWER))
    await settle(context)
    assert verify(held, trust, clock()).verdict == "valid"
    newer = await repository.published_lists(record.status_list)
    assert verify(held, trust, clock(), newer_status=newer).verdict == "revoked"


async def test_a_list_is_published_as_soon_as_the_decision_is_logged(
    api: httpx.AsyncClient, issued: Issued, staff: AsPerson, context: WorkerContext
) -> None:
    record = await issued()
    address = f"/status/revocation/{record.status_list}"
    before = await api.get(address)
    proposal = await propose(api, record, await staff(Role.REVIEWER))
    await approve(api, proposal.json()["id"], await staff(Role.REVIEWER))
    await settle(context)
    after = await api.get(address)
    assert [bit_of(r, record.status_index) for r in (before, after)] == [False, True]


def bit_of(response: httpx.Response, index: int) -> bool:
    claims = json.loads(parse(response.content).payload)
    return Bits.decode(claims["credentialSubject"]["encodedList"])[index]


@pytest.mark.usefixtures("unit")
async def test_lists_that_a_clock_has_dated_ahead_are_signed_again_when_it_is_put_right(
    issued: Issued, context: WorkerContext, vault: Vault, clock: ManualClock
) -> None:
    record = await issued()
    clock.advance(3_600)
    await settle(context)
    clock.advance(-3_600)
    found = await service.verdict_for_code(record.code, clock(), vault=vault)
    assert found.verdict == "status-stale"
    await settle(context)
    found = await service.verdict_for_code(record.code, clock(), vault=vault)
    assert found.verdict == "valid"


@pytest.mark.usefixtures("unit")
async def test_lists_in_use_are_signed_again_before_their_time_ends(
    issued: Issued, context: WorkerContext, vault: Vault, clock: ManualClock
) -> None:
    record = await issued()
    clock.advance(3_600)
    found = await service.verdict_for_code(record.code, clock(), vault=vault)
    assert found.verdict == "status-stale"
    await settle(context)
    found = await service.verdict_for_code(record.code, clock(), vault=vault)
    assert found.verdict == "valid"
