"""A holder's links: exactly what was chosen, to whoever has the link, until it ends."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.checking import privacy_facts
from backend.checking.sharing.domain import (
    Field,
    FieldNotKnown,
    NothingChosen,
    State,
    chosen,
    ends_at,
    state_of,
)
from backend.checking.tables import ShareLink
from backend.privacy import retention
from backend.records import service as records
from backend.records.keyring import Keyring
from backend.records.sequencer import settle
from infra.clock import ManualClock
from infra.queue import WorkerContext
from infra.vault import Vault
from tests.backend.records.conftest import (
    Issued,
    Someone,
    context,
    issued,
    keyring,
    someone,
    verify_person,
)
from tests.backend.records.making import START
from tests.people import AsPerson, SignedIn

__all__ = ["context", "issued", "keyring", "someone"]


class Holder:
    def __init__(self, api: httpx.AsyncClient, me: SignedIn, record: UUID) -> None:
        self.api, self.me, self.path = api, me, f"/v1/records/{record}/share-links"

    async def make(self, *fields: str, days: int = 7) -> httpx.Response:
        asked = {"fields": fields, "days": days}
        return await self.api.post(self.path, json=asked, headers=self.me.headers)

    async def links(self) -> list[dict[str, Any]]:
        answer = await self.api.get(self.path, headers=self.me.headers)
        return answer.json()["items"]  # type: ignore[no-any-return]


@pytest.fixture
async def holder(
    api: httpx.AsyncClient, as_person: AsPerson, issued: Issued, vault: Vault
) -> Holder:
    me = await as_person()
    await verify_person(vault, me.id, "欧阳知秋")
    return Holder(api, me, (await issued(me.id)).id)


async def test_a_link_shows_exactly_what_was_chosen_with_the_verdict(holder: Holder) -> None:
    link = (await holder.make("score", "name")).json()
    assert link["fields"] == ["name", "score"]
    answer = await holder.api.get(link["url"])
    assert answer.status_code == 200
    assert 'data-verdict="valid"' in answer.text
    assert "欧阳知秋" in answer.text
    assert '<dd data-field="score">83</dd>' in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "noindex" in answer.headers["x-robots-tag"]
    other = await holder.api.get((await holder.make("name")).json()["url"])
    assert 'data-field="name"' in other.text
    assert "score" not in other.text


async def test_the_holder_sees_when_it_was_opened_and_ends_it(
    holder: Holder, clock: ManualClock
) -> None:
    link = (await holder.make("name")).json()
    for minutes in (0, 0, 1):
        clock.advance(60.0 * minutes)
        await holder.api.get(link["url"])
    [shown] = await holder.links()
    assert [datetime.fromisoformat(at) for at in shown["views"]] == [
        START + timedelta(minutes=1),
        START,
    ]
    assert "url" not in shown
    path = f"/v1/share-links/{link['id']}"
    assert (await holder.api.delete(path, headers=holder.me.headers)).status_code == 204
    ended = await holder.api.get(link["url"])
    assert ended.status_code == 404
    assert "欧阳知秋" not in ended.text
    assert [one["state"] for one in await holder.links()] == ["revoked"]


async def test_a_link_ends_by_itself_and_its_rows_a_month_later(
    holder: Holder, clock: ManualClock
) -> None:
    link = (await holder.make("name", days=1)).json()
    await holder.api.get(link["url"])
    clock.advance(24 * 3600.0)
    assert (await holder.api.get(link["url"])).status_code == 404
    assert (await holder.api.get("/shared/no-such-token")).status_code == 404
    await retention.apply(now=clock() + timedelta(days=29))
    assert await ShareLink.count() == 1
    await retention.apply(now=clock() + timedelta(days=31))
    assert await ShareLink.count() == 0


async def test_of_a_revoked_record_the_link_shows_the_verdict_of_now(
    holder: Holder,
    keyring: Keyring,
    someone: Someone,
    context: WorkerContext,
    vault: Vault,
    clock: ManualClock,
) -> None:
    url = (await holder.make("name")).json()["url"]
    record, one, other = UUID(holder.path.split("/")[3]), await someone(), await someone()
    proposal = await records.propose_revocation(
        vault, record, "考试由他人代答", proposer_id=one, now=clock()
    )
    await records.approve_revocation(keyring, proposal.id, approver_id=other, now=clock())
    await settle(context)
    assert 'data-verdict="revoked"' in (await holder.api.get(url)).text


async def test_what_is_not_known_is_refused_and_open_links_are_counted(holder: Holder) -> None:
    refused = await holder.make("employer")
    assert (refused.status_code, refused.json()["code"]) == (422, "field-not-known")
    assert (await holder.make()).json()["code"] == "nothing-chosen"
    made = [(await holder.make("name")).status_code for _ in range(21)]
    assert made == [201] * 20 + [409]


async def test_what_goes_wrong_behind_a_link_leaves_its_token_in_no_log(
    holder: Holder, capfd: pytest.CaptureFixture[str]
) -> None:
    url = (await holder.make("name")).json()["url"]
    await ShareLink.update({ShareLink.shown_sealed: b"damaged"}, force=True)
    assert (await holder.api.get(url)).status_code == 500
    written = "".join(capfd.readouterr())
    assert '"unexpected"' in written
    assert "/shared/{token" in written
    assert url.rpartition("/")[2] not in written


async def test_only_a_hash_is_kept_and_erasure_takes_all(holder: Holder, vault: Vault) -> None:
    token = (await holder.make("name")).json()["url"].rpartition("/")[2]
    row = await ShareLink.select().first()
    assert row is not None
    assert token not in str(row)
    assert "欧阳" not in str(row)
    told = await privacy_facts.personal_data(vault, holder.me.id)
    assert told["shareLinks"][0]["shows"] == {"name": "欧阳知秋"}
    await privacy_facts.erase_person(holder.me.id, now=START)
    assert await ShareLink.count() == 0
    assert (await holder.api.get(f"/shared/{token}")).status_code == 404


@given(st.sets(st.sampled_from(Field)), st.sets(st.sampled_from(Field)))
def test_nothing_but_what_was_chosen_and_is_known_is_ever_shown(
    wanted: set[Field], known: set[Field]
) -> None:
    facts: dict[Field, str | None] = {f: f"a {f}" if f in known else None for f in Field}
    if wanted and wanted <= known:
        assert set(chosen(sorted(wanted), facts)) == wanted
        return
    with pytest.raises((NothingChosen, FieldNotKnown)) as refused:
        chosen(sorted(wanted), facts)
    assert set(refused.value.fields) == (set(map(str, wanted - known)) or {"fields"})


def test_a_link_that_was_ended_is_never_open_again() -> None:
    until = ends_at(START, 500)
    assert until == START + timedelta(days=90)
    assert state_of(expires_at=until, revoked_at=None, now=START) is State.OPEN
    assert state_of(expires_at=until, revoked_at=None, now=until) is State.EXPIRED
    assert state_of(expires_at=until, revoked_at=START, now=START) is State.REVOKED
