"""Suspending, reinstating, correcting, declining: by the people concerned, over the API; and
whatever is decided in whatever order, a replay of the log gives what is shown."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as how
from hypothesis import strategies as st

from backend.accounts import service as accounts
from backend.accounts.domain import Role
from backend.records import service
from backend.records.deciding.correcting import correct
from backend.records.domain import AlreadyDecided
from backend.records.issuing import issue
from backend.records.keyring import Keyring
from backend.records.sequencer import settle
from backend.records.tables import CompletionRecord, DueRecord, LogLeaf, LogPending
from backend.records.verdict.leaf import Kind, parse_leaf, parse_record_ref
from infra.clock import ManualClock
from infra.queue import WorkerContext
from infra.vault import Vault
from tests.backend.records.conftest import Issued, Someone, the_due
from tests.backend.records.making import START, anybody
from tests.backend.records.test_decisions import REASON, approve, look, propose, staff
from tests.backend.records.test_exactly_once import dies
from tests.backend.records.test_keys import Served
from tests.people import AsPerson, SignedIn

__all__ = ["staff"]


async def post(
    api: httpx.AsyncClient, who: SignedIn, path: str, reason: str = "投诉待查，先行暂停"
) -> httpx.Response:
    return await api.post(f"/v1/{path}", json={"reason": reason}, headers=who.headers)


async def rename(vault: Vault, person_id: UUID, name: str) -> None:
    await accounts.set_identity(
        vault, person_id, name=name, method="counter", verified_at=START, valid_until=None
    )


async def test_a_record_is_suspended_and_reinstated_and_everybody_sees_why(
    api: httpx.AsyncClient, issued: Issued, staff: AsPerson, context: WorkerContext
) -> None:
    record, reviewer = await issued(), await staff(Role.REVIEWER)
    answer = await post(api, reviewer, f"records/{record.id}/suspensions")
    assert (answer.status_code, answer.json()["state"]) == (201, "suspended")
    again = await post(api, reviewer, f"records/{record.id}/suspensions")
    assert (again.status_code, again.json()["code"]) == (409, "already-decided")
    for _ in range(2):  # before its list is in the log, and after
        shown = await look(api, record)
        assert (shown["verdict"], shown["status"]["reason"]) == ("suspended", "投诉待查，先行暂停")
        await settle(context)
    back = await post(api, reviewer, f"records/{record.id}/reinstatements", "查无实据，恢复")
    assert (back.status_code, back.json()["state"]) == (201, "issued")
    await settle(context)
    shown = await look(api, record)
    assert (shown["verdict"], shown["status"]["reason"]) == ("valid", "查无实据，恢复")


async def test_a_wrong_name_is_corrected_by_a_new_record_that_the_old_one_points_to(
    api: httpx.AsyncClient,
    issued: Issued,
    staff: AsPerson,
    someone: Someone,
    vault: Vault,
    context: WorkerContext,
) -> None:
    holder, reviewer = await someone("王晓明"), await staff(Role.REVIEWER)
    old, path = await issued(holder), "records/{}/corrections"
    refused = await post(api, reviewer, path.format(old.id), "姓名有误，予以更正")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing-to-correct")
    await rename(vault, holder, "王小敏")
    asked = await post(api, reviewer, path.format(old.id), "姓名有误，予以更正")
    assert (asked.status_code, asked.json()["revision"]) == (202, 2)
    twice = await post(api, reviewer, path.format(old.id), "姓名有误，予以更正")
    assert (twice.status_code, twice.json()["code"]) == (409, "correction-under-way")
    await issue(context, (await the_due(holder, 2)).id)
    await settle(context)
    new = await CompletionRecord.objects().get(
        (CompletionRecord.learner_id == holder) & (CompletionRecord.revision == 2)
    )
    assert new is not None
    before, after = await look(api, old), await look(api, new)
    assert (before["verdict"], before["supersededBy"]) == ("superseded", new.number)
    assert before["status"]["reason"].startswith("姓名有误，予以更正")
    assert new.number in before["status"]["reason"]
    assert (after["verdict"], after["holder"]) == ("valid", "王*敏")
    assert after["classHours"] == before["classHours"]
    assert (await post(api, reviewer, path.format(old.id), "再更正一次看看")).status_code == 409


async def test_a_correction_is_of_its_own_year_and_after_a_revocation_of_its_own_round(
    issued: Issued, someone: Someone, vault: Vault, context: WorkerContext, clock: ManualClock
) -> None:
    """Under one edition their revisions have the same numbers."""
    holder, actor = await someone("王晓明"), await someone()
    rounds: list[dict[str, Any]] = [{"period": "2026"}, {"period": "2026", "round": 2}]
    older = [await issued(holder, **one) for one in (*rounds, {"period": "2027"})]
    await rename(vault, holder, "王小敏")
    asked: dict[str, Any] = {"actor_id": actor, "now": clock(), "same_person": anybody}
    assert await correct(vault, older[2].id, "姓名有误，予以更正", **asked) == 2
    assert await correct(vault, older[1].id, "姓名有误，予以更正", **asked) == 2
    for due in await DueRecord.select(DueRecord.id).where(DueRecord.revision == 2):
        await issue(context, due["id"])
    await settle(context)
    shown = [await service.verdict_for_code(one.code, clock(), vault=vault) for one in older]
    assert [one.verdict for one in shown] == ["valid", "superseded", "superseded"]
    mine = {one.id: one for one in await service.my_records(vault, holder, now=clock())}
    newer = [mine[i] if (i := mine[one.id].superseded_by) else None for one in older]
    assert [one.superseded_by for one in shown] == [one and one.number for one in newer]
    assert [(one.period, one.round) if one else None for one in newer] == [
        *(None, ("2026", 2), ("2027", 1))
    ]


async def test_what_was_suspended_meanwhile_is_not_got_round_by_a_correction(
    issued: Issued,
    someone: Someone,
    vault: Vault,
    keyring: Keyring,
    context: WorkerContext,
    clock: ManualClock,
) -> None:
    holder, actor = await someone("王晓明"), await someone()
    old = await issued(holder)
    await rename(vault, holder, "王小敏")
    assert (
        await correct(
            vault, old.id, "姓名有误，予以更正", actor_id=actor, now=clock(), same_person=anybody
        )
        == 2
    )
    due = await the_due(holder, 2)
    await service.suspend(keyring, old.id, "投诉待查，暂停", actor_id=actor, now=clock())
    await issue(context, due.id)
    put_aside = await the_due(holder, 2)
    assert (put_aside.state, put_aside.reason) == (
        "quarantined",
        "the record it would correct is suspended",
    )
    with pytest.raises(AlreadyDecided):
        await correct(
            vault, old.id, "姓名有误，予以更正", actor_id=actor, now=clock(), same_person=anybody
        )
    await service.reinstate(keyring, old.id, "查无实据，恢复", actor_id=actor, now=clock())
    await correct(
        vault, old.id, "姓名有误，予以更正", actor_id=actor, now=clock(), same_person=anybody
    )
    await issue(context, due.id)
    await settle(context)
    found = await service.verdict_for_code(old.code, clock(), vault=vault)
    assert found.verdict == "superseded"


@pytest.mark.usefixtures("unit")
async def test_proposals_wait_where_the_second_person_finds_them_and_may_be_declined(
    api: httpx.AsyncClient, issued: Issued, staff: AsPerson
) -> None:
    one, other = await staff(Role.REVIEWER), await staff(Role.ADMINISTRATOR)
    records = [await issued() for _ in range(3)]
    ids = [(await propose(api, record, one)).json()["id"] for record in records]
    first = await api.get("/v1/revocations", params={"limit": 2}, headers=other.headers)
    shown = first.json()
    assert [item["id"] for item in shown["items"]] == ids[:0:-1]
    assert [item["number"] for item in shown["items"]] == [r.number for r in records[:0:-1]]
    assert {item["own"] for item in shown["items"]} == {False}
    after = {"cursor": shown["nextCursor"]}
    rest = await api.get("/v1/revocations", params=after, headers=one.headers)
    assert [(item["id"], item["own"]) for item in rest.json()["items"]][:1] == [(ids[0], True)]
    for proposal, who in ((ids[0], other), (ids[1], one)):
        declined = await post(api, who, f"revocations/{proposal}/refusal")
        assert (declined.status_code, declined.json()["state"]) == (200, "declined")
        assert (await approve(api, proposal, other)).status_code == 409
    assert (await look(api, records[0]))["verdict"] == "valid"
    left = await api.get("/v1/revocations", headers=one.headers)
    assert [item["id"] for item in left.json()["items"] if item["id"] in ids] == [ids[2]]


@pytest.mark.usefixtures("unit")
async def test_one_person_is_not_two_however_many_accounts_or_roles_he_has(
    api: httpx.AsyncClient, issued: Issued, as_person: AsPerson, staff: AsPerson, vault: Vault
) -> None:
    """A verified identity belongs to one account: a second account of the same person has none."""
    record = await issued()
    both_roles = await staff(Role.REVIEWER, Role.ADMINISTRATOR)
    second_account = await as_person(Role.ADMINISTRATOR)
    proposal = (await propose(api, record, both_roles)).json()["id"]
    same = await approve(api, proposal, both_roles)
    assert (same.status_code, same.json()["code"]) == (403, "same-person")
    unknown = await approve(api, proposal, second_account)
    assert (unknown.status_code, unknown.json()["code"]) == (403, "unproven-person")
    refused = await propose(api, await issued(), second_account)
    assert (refused.status_code, refused.json()["code"]) == (403, "unproven-person")
    assert (await look(api, record))["verdict"] == "valid"
    assert (await approve(api, proposal, await staff(Role.REVIEWER))).status_code == 200


@pytest.mark.usefixtures("unit")
async def test_nobody_decides_about_his_own_record(
    api: httpx.AsyncClient, issued: Issued, staff: AsPerson, vault: Vault
) -> None:
    holder = await staff(Role.REVIEWER, Role.LEARNER)
    record = await issued(holder.id)
    for what in ("suspensions", "reinstatements", "corrections", "revocations"):
        refused = await post(api, holder, f"records/{record.id}/{what}")
        assert (refused.status_code, refused.json()["code"]) == (403, "own-record"), what
    proposal = (await propose(api, record, await staff(Role.REVIEWER))).json()["id"]
    for answer in (
        await approve(api, proposal, holder),
        await post(api, holder, f"revocations/{proposal}/refusal"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "own-record")


@pytest.mark.usefixtures("database")
async def test_two_who_decide_at_the_same_moment_decide_once(
    issued: Issued,
    someone: Someone,
    keyring: Keyring,
    context: WorkerContext,
    vault: Vault,
    clock: ManualClock,
) -> None:
    """Committed rows, several connections: a proposal approved twice, and a suspension, at once."""
    record, people = await issued(), [await someone() for _ in range(3)]
    proposal = await service.propose_revocation(
        vault, record.id, REASON["reason"], proposer_id=people[0], now=clock()
    )
    done = await asyncio.gather(
        *(
            service.approve_revocation(keyring, proposal.id, approver_id=p, now=clock())
            for p in people[1:]
        ),
        service.suspend(keyring, record.id, "投诉待查，暂停", actor_id=people[2], now=clock()),
        return_exceptions=True,
    )
    assert {type(one) for one in done if isinstance(one, Exception)} <= {AlreadyDecided}
    await settle(context)
    assert (await decisions_of(record))["record.revoked"] == 1
    assert (await decisions_of(record))["record.suspended"] <= 1


async def decisions_of(record: CompletionRecord) -> Counter[str]:
    leaves = [parse_leaf(bytes(row["entry"])) for row in await LogLeaf.select(LogLeaf.entry)]
    own = f"urn:uuid:{record.id}#"
    return Counter(str(leaf.type) for leaf in leaves if leaf.ref.startswith(own))


# --- any order --------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["suspend", "reinstate", "revoke", "correct", "correct", "publish", "die"]),
        st.integers(0, 1),
        st.integers(1, 60),
    ),
    min_size=4,
    max_size=7,
)
AFTER = {
    ("issued", "suspend"): "suspended",
    ("suspended", "reinstate"): "issued",
    ("issued", "revoke"): "revoked",
    ("suspended", "revoke"): "revoked",
    ("issued", "correct"): "superseded",
}
SHOWN = {"issued": "valid"}


class Story:
    """Two people's records, as they should be, beside the rows."""

    def __init__(self, context: WorkerContext, vault: Vault, staff: list[UUID]) -> None:
        self.context, self.vault, self.staff = context, vault, staff
        self.keyring = Keyring.of(context.settings)
        self.held: list[list[CompletionRecord]] = []
        self.states: dict[UUID, str] = {}
        self.names = 0

    async def begin(self, record: CompletionRecord) -> None:
        self.held.append([record])
        self.states[record.id] = "issued"

    async def step(self, what: str, number: int, waits: int) -> None:
        if what == "publish":
            await settle(self.context)
        elif what == "die":
            await dies(settle(self.context), waits)
        else:
            await self._decide(what, self.held[number][-1])

    async def _decide(self, what: str, record: CompletionRecord) -> None:
        after = AFTER.get((self.states[record.id], what))
        if after is None:
            with pytest.raises(AlreadyDecided):
                await self._do(what, record)
        else:
            await self._do(what, record)
            self.states[record.id] = after

    async def _do(self, what: str, record: CompletionRecord) -> None:
        now, (one, other) = self.context.clock(), self.staff
        if what == "suspend":
            await service.suspend(self.keyring, record.id, "投诉待查，暂停", actor_id=one, now=now)
        elif what == "reinstate":
            await service.reinstate(
                self.keyring, record.id, "查无实据，恢复", actor_id=one, now=now
            )
        elif what == "revoke":
            made = await service.propose_revocation(
                self.vault, record.id, "替考，经查实", proposer_id=one, now=now
            )
            await service.approve_revocation(self.keyring, made.id, approver_id=other, now=now)
        else:
            await self._correct(record, one)

    async def _correct(self, record: CompletionRecord, actor: UUID) -> None:
        self.names += 1
        await rename(self.vault, record.learner_id, f"王小{'一二三四五六七八九'[self.names % 9]}")
        now = self.context.clock()
        revision = await correct(
            self.vault, record.id, "姓名用字有误", actor_id=actor, now=now, same_person=anybody
        )
        due = await the_due(record.learner_id, revision)
        await issue(self.context, due.id)
        new = await CompletionRecord.objects().get(CompletionRecord.due == due.id)
        assert new is not None
        next(line for line in self.held if line[-1].id == record.id).append(new)
        self.states[new.id] = "issued"


async def replayed() -> dict[str, str]:
    """State of each record by the leaves alone."""
    found: dict[str, str] = {}
    rows = await LogLeaf.select(LogLeaf.entry).order_by(LogLeaf.leaf_index)
    for leaf in (parse_leaf(bytes(row["entry"])) for row in rows):
        if leaf.type.startswith("record."):
            what = "issued" if leaf.type is Kind.REINSTATED else leaf.type.removeprefix("record.")
            found[parse_record_ref(leaf.ref).record] = what
    return found


@given(steps=STEPS)
@how(
    max_examples=2,
    deadline=None,
    phases=[Phase.generate],  # a shrunk story would take minutes to find
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@pytest.mark.usefixtures("database")
async def test_whatever_is_decided_a_replay_of_the_log_gives_what_is_shown(
    api: httpx.AsyncClient,
    issued: Issued,
    someone: Someone,
    context: WorkerContext,
    vault: Vault,
    clock: ManualClock,
    steps: list[tuple[str, int, int]],
) -> None:
    story = Story(context, vault, [await someone(), await someone()])
    for _ in range(2):
        await story.begin(await issued())
    for step in steps:
        await story.step(*step)
    await settle(context)
    assert await LogPending.count() == 0
    by_log = await replayed()
    for record in (record for line in story.held for record in line):
        state = story.states[record.id]
        shown = await service.verdict_for_code(record.code, clock(), vault=vault)
        assert by_log[f"urn:uuid:{record.id}"] == state
        assert (shown.verdict, shown.status.state) == (SHOWN.get(state, state), state)
    assert await Served(api).whole() == []
