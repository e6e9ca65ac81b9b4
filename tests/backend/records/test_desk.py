"""The desk of those who decide: what they find there, and what they are told before they type.
The holder is told what became of the record, the proposer what came of the proposal."""

from typing import Any

import httpx
import pytest

from backend.accounts.domain import Role
from backend.records.issuing import issue
from backend.records.sequencer import settle
from backend.records.tables import CompletionRecord
from infra.clock import ManualClock
from infra.queue import WorkerContext
from infra.vault import Vault
from tests.backend.records.conftest import Issued, the_due
from tests.backend.records.test_deciding import post, rename
from tests.backend.records.test_decisions import REASON, approve, look, propose, staff
from tests.people import AsPerson, SignedIn
from tests.statements import counted

__all__ = ["staff"]
pytestmark = pytest.mark.usefixtures("unit")
EVIDENCE = {**REASON, "evidence": "投诉卷宗第 12 号，第 3 页"}


async def asked(api: httpx.AsyncClient, who: SignedIn, path: str, **query: Any) -> dict[str, Any]:
    answer = await api.get(f"/v1/{path}", params=query, headers=who.headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def open_to(api: httpx.AsyncClient, who: SignedIn, number: str) -> dict[str, str | None]:
    """Act -> code of the refusal that awaits who would try it."""
    case = await asked(api, who, f"record-cases/{number}")
    return {one["act"]: one["refused"] and one["refused"]["code"] for one in case["choices"]}


async def notices(api: httpx.AsyncClient, who: SignedIn) -> list[dict[str, Any]]:
    return list((await asked(api, who, "notices"))["items"])


async def test_who_looks_a_record_up_sees_its_story_and_what_is_open_to_him(
    api: httpx.AsyncClient, issued: Issued, staff: AsPerson, as_person: AsPerson, vault: Vault
) -> None:
    record, one, other = await issued(), await staff(Role.REVIEWER), await staff(Role.REVIEWER)
    unproven, holder = await as_person(Role.REVIEWER), await staff(Role.REVIEWER)
    own = await issued(holder.id)
    fresh = {"suspend": None, "revoke": None, "correct": "nothing-to-correct"}
    assert await open_to(api, one, record.number) == fresh
    assert await open_to(api, unproven, record.code) == {**fresh, "revoke": "unproven-person"}
    assert set((await open_to(api, holder, own.number)).values()) == {"own-record"}
    await post(api, one, f"records/{record.id}/suspensions")
    path = f"/v1/records/{record.id}/revocations"
    await api.post(path, json=EVIDENCE, headers=one.headers)
    assert await open_to(api, other, record.number) == {
        "reinstate": None,
        "revoke": "revocation-pending",
    }
    case = await asked(api, other, f"record-cases/{record.number}")
    assert (case["holder"], case["state"]) == ("王*明", "suspended")
    assert [(e["kind"], e["by"]) for e in case["story"]] == [("suspended", ["王小明"])]
    waits = case["proposal"]
    assert (waits["evidence"], waits["refused"]) == (EVIDENCE["evidence"], None)
    assert EVIDENCE["evidence"] not in (await api.get(f"/v1/verifications/{record.code}")).text
    assert (await asked(api, one, f"record-cases/{record.number}"))["proposal"]["refused"][
        "code"
    ] == "same-person"
    await approve(api, waits["id"], other)
    final = await asked(api, one, f"record-cases/{record.number}")
    assert (final["choices"], final["proposal"]) == ([], None)
    assert [e["kind"] for e in final["story"]] == ["suspended", "revoked"]


async def test_a_correction_does_not_get_round_a_revocation_that_waits(
    api: httpx.AsyncClient, issued: Issued, staff: AsPerson, vault: Vault
) -> None:
    record, one = await issued(), await staff(Role.REVIEWER)
    await rename(vault, record.learner_id, "王小敏")
    assert (await open_to(api, one, record.number))["correct"] is None
    await propose(api, record, one)
    assert (await open_to(api, one, record.number))["correct"] == "revocation-pending"
    refused = await post(api, one, f"records/{record.id}/corrections", "姓名用字有误，予以更正")
    assert (refused.status_code, refused.json()["code"]) == (409, "revocation-pending")


async def test_the_list_says_on_how_many_i_can_be_the_second(
    api: httpx.AsyncClient, issued: Issued, staff: AsPerson, as_person: AsPerson
) -> None:
    one, other, unproven = [await make(Role.REVIEWER) for make in (staff, staff, as_person)]
    before = {who: (await asked(api, who, "revocations"))["forYou"] for who in (one, other)}
    for record in (await issued(), await issued(), await issued(other.id)):
        await propose(api, record, one)
    found = {who: await asked(api, who, "revocations", limit=3) for who in (one, other, unproven)}
    assert found[other]["forYou"] == before[other] + 2
    assert (found[one]["forYou"], found[unproven]["forYou"]) == (before[one], 0)
    refused = {
        who: [item["refused"] and item["refused"]["code"] for item in answer["items"]]
        for who, answer in found.items()
    }
    assert refused[one] == ["same-person"] * 3
    assert refused[other] == ["own-record", None, None]
    assert refused[unproven] == ["unproven-person"] * 3


async def test_decisions_are_listed_newest_first_with_names_and_with_those_declined(
    api: httpx.AsyncClient, issued: Issued, staff: AsPerson, clock: ManualClock
) -> None:
    one, other = await staff(Role.REVIEWER), await staff(Role.ADMINISTRATOR)
    first, second = await issued(), await issued()
    await post(api, one, f"records/{first.id}/suspensions")
    clock.advance(60)
    proposal = (await propose(api, second, one)).json()["id"]
    short = await post(api, other, f"revocations/{proposal}/refusal", "不")
    assert (short.status_code, list(short.json()["fields"])) == (422, ["reason"])
    await post(api, other, f"revocations/{proposal}/refusal", "证据不足，不予撤销")
    page = await asked(api, one, "record-decisions", limit=1)
    assert [item["kind"] for item in page["items"]] == ["declined"]
    assert page["items"][0]["declinedBecause"] == "证据不足，不予撤销"
    assert len(page["items"][0]["by"]) == 2
    rest = await asked(api, one, "record-decisions", limit=1, cursor=page["nextCursor"])
    assert [(i["kind"], i["number"]) for i in rest["items"]] == [("suspended", first.number)]


async def test_suspended_records_come_by_the_day_of_their_review(
    api: httpx.AsyncClient, issued: Issued, staff: AsPerson, context: WorkerContext
) -> None:
    one = await staff(Role.REVIEWER)
    records = [await issued() for _ in range(3)]
    days = (None, "2026-05-01", "2026-04-01")

    async def suspend(record: CompletionRecord, day: str | None) -> httpx.Response:
        body = {"reason": "投诉待查，先行暂停", "reviewBy": day}
        path = f"/v1/records/{record.id}/suspensions"
        return await api.post(path, json=body, headers=one.headers)

    for bad in ("2026-03-02", "2027-12-31"):
        wrong = await suspend(records[0], bad)
        assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["reviewBy"])
    for record, day in zip(records, days, strict=True):
        assert (await suspend(record, day)).status_code == 201
    numbers = [record.number for record in records]
    found = (await asked(api, one, "suspended-records"))["items"]
    assert [i["number"] for i in found if i["number"] in numbers] == numbers[::-1]
    head = await asked(api, one, "suspended-records", limit=1)
    rest = await asked(api, one, "suspended-records", cursor=head["nextCursor"])
    assert head["items"] + rest["items"] == found
    assert (await look(api, records[1]))["history"][-1]["reviewBy"] == "2026-05-01"
    await post(api, one, f"records/{records[1].id}/reinstatements", "查无实据，恢复")
    left = (await asked(api, one, "suspended-records"))["items"]
    assert [i["number"] for i in left if i["number"] in numbers] == [numbers[2], numbers[0]]
    await settle(context)
    assert (await look(api, records[1]))["verdict"] == "valid"


async def test_holder_and_proposer_are_told_and_the_holder_reads_why(
    api: httpx.AsyncClient, issued: Issued, staff: AsPerson
) -> None:
    holder, one, other = [await staff(Role.REVIEWER) for _ in range(3)]
    record = await issued(holder.id, period="2026")
    await post(api, one, f"records/{record.id}/suspensions", "投诉待查，先行暂停")
    mine = await asked(api, holder, f"records/{record.id}")
    assert (mine["state"], mine["reason"]) == ("suspended", "投诉待查，先行暂停")
    proposal = (await propose(api, record, one)).json()["id"]
    await approve(api, proposal, other)
    mine = await asked(api, holder, f"records/{record.id}")
    assert (mine["state"], mine["reason"]) == ("revoked", REASON["reason"])
    told = await notices(api, holder)
    assert [n["kind"] for n in told] == ["record-revoked", "record-suspended"]
    assert {n["link"] for n in told} == {f"/records/{record.id}"}
    assert all("企业内审员 · 2026 年度”" in n["text"]["zh"] for n in told), "one of several years"
    assert not any(REASON["reason"] in str(n) for n in told), "mail and lock screens show these"
    assert [n["kind"] for n in await notices(api, one)] == ["revocation-decided"]
    assert await notices(api, other) == []


async def test_a_holder_whose_name_was_corrected_is_led_to_the_new_record(
    api: httpx.AsyncClient, issued: Issued, staff: AsPerson, vault: Vault, context: WorkerContext
) -> None:
    holder, one = await staff(Role.LEARNER), await staff(Role.REVIEWER)
    old = await issued(holder.id)
    await rename(vault, holder.id, "王小敏")
    await post(api, one, f"records/{old.id}/corrections", "姓名用字有误，予以更正")
    under_way = await open_to(api, one, old.number)
    assert under_way["correct"] == "correction-under-way"
    await issue(context, (await the_due(holder.id, 2)).id)
    await settle(context)
    mine = await asked(api, holder, f"records/{old.id}")
    newer = await asked(api, holder, f"records/{mine['supersededBy']}")
    assert (mine["state"], newer["state"], newer["reason"]) == ("superseded", "issued", None)
    assert mine["reason"].startswith("姓名用字有误")
    assert [n["kind"] for n in await notices(api, holder)] == ["record-superseded"]
    case = await asked(api, one, f"record-cases/{old.number}")
    assert (case["supersededBy"], case["choices"]) == (newer["number"], [])


@pytest.mark.parametrize("path", ["revocations", "record-decisions", "suspended-records"])
async def test_a_list_takes_as_many_statements_for_one_line_as_for_many(
    path: str, api: httpx.AsyncClient, issued: Issued, staff: AsPerson
) -> None:
    one, other = await staff(Role.REVIEWER), await staff(Role.REVIEWER)
    for who in (one, other):
        record = await issued()
        await post(api, who, f"records/{record.id}/suspensions")
        await propose(api, record, who)
    counts = []
    for limit in (1, 2):
        async with counted() as seen:
            found = await asked(api, one, path, limit=limit)
        assert len(found["items"]) == limit
        counts.append(len(seen))
    assert counts[0] == counts[1]
