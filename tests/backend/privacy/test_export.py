"""All my data as one file: complete, mine alone, and gone after a week."""

import io
import zipfile
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from backend.accounts import repository as people
from backend.accounts.tables import PersonLogin
from backend.privacy import exporting, repository, sweep
from backend.privacy.areas import AREAS
from backend.privacy.domain import EXPORT_STARTS, folder_of
from infra.clock import ManualClock
from infra.ids import uuid7
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.vault import Vault, place
from tests.people import AsPerson, SignedIn

PHONE = "13812345678"


@pytest.fixture
async def me(as_person: AsPerson, vault: Vault) -> SignedIn:
    person = await as_person()
    index = uuid7().bytes
    sealed = vault.seal(PHONE, place(PersonLogin.sealed, index))
    await people.add_login(
        PersonLogin(login_index=index, person=person.id, kind="phone", sealed=sealed)
    )
    return person


async def asked(api: httpx.AsyncClient, person: SignedIn) -> UUID:
    done = await api.post("/v1/me/exports", headers=person.headers)
    assert done.status_code == 202, done.text
    return UUID(done.json()["id"])


async def link(api: httpx.AsyncClient, person: SignedIn, export_id: UUID) -> httpx.Response:
    return await api.post(f"/v1/me/exports/{export_id}/link", headers=person.headers)


async def fetched(api: httpx.AsyncClient, person: SignedIn, export_id: UUID) -> zipfile.ZipFile:
    url = (await link(api, person, export_id)).json()["url"]
    answer = await api.get(url)
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    return zipfile.ZipFile(io.BytesIO(answer.content))


async def state(api: httpx.AsyncClient, person: SignedIn) -> str:
    found = await api.get("/v1/me/exports", headers=person.headers)
    return str(found.json()["items"][0]["state"])


def document(archive: zipfile.ZipFile, area: str) -> Any:
    return msgspec.json.decode(archive.read(f"guanbiao-my-data/{area}.json"))


async def test_a_learner_s_file_holds_everything_and_reads_without_us(
    api: httpx.AsyncClient, me: SignedIn, context: WorkerContext
) -> None:
    export_id = await asked(api, me)
    assert await state(api, me) == "waiting"
    await exporting.make(context, export_id)
    assert await state(api, me) == "ready"
    archive = await fetched(api, me, export_id)
    assert archive.testzip() is None
    names = {name.removeprefix("guanbiao-my-data/") for name in archive.namelist()}
    assert names == {"index.html"} | {
        f"{area.name}.{kind}" for area in AREAS for kind in ("html", "json")
    }
    account = document(archive, "accounts")
    assert (account["name"], account["logins"][0]["value"]) == ("王小明", PHONE)
    assert len(account["sessions"]) == 1
    page = archive.read("guanbiao-my-data/accounts.html").decode()
    assert PHONE in page
    assert "accounts.html" in archive.read("guanbiao-my-data/index.html").decode()


async def test_what_every_area_tells_can_be_written_down(me: SignedIn, vault: Vault) -> None:
    for area in AREAS:
        found = await area.personal_data(vault, me.id)
        assert msgspec.json.encode(found), area.name


async def test_the_store_holds_noise_and_others_get_nothing(
    api: httpx.AsyncClient,
    me: SignedIn,
    as_person: AsPerson,
    context: WorkerContext,
    object_store: ObjectStore,
) -> None:
    export_id = await asked(api, me)
    await exporting.make(context, export_id)
    (name,) = await object_store.list_names(folder_of(export_id))
    stored = await object_store.get_bytes(name)
    assert not zipfile.is_zipfile(io.BytesIO(stored))
    assert b"guanbiao-my-data" not in stored
    stranger = await as_person()
    assert (await link(api, stranger, export_id)).status_code == 404
    listed = await api.get("/v1/me/exports", headers=stranger.headers)
    assert listed.json()["items"] == []


async def test_a_link_lives_five_minutes_and_no_longer_than_its_session(
    api: httpx.AsyncClient, me: SignedIn, context: WorkerContext, clock: ManualClock
) -> None:
    export_id = await asked(api, me)
    assert (await link(api, me, export_id)).json()["code"] == "export-not-ready"
    await exporting.make(context, export_id)
    url = (await link(api, me, export_id)).json()["url"]
    for wrong in (url[:-2] + "xx", "/v1/exports/eyJhbGciOiJub25lIn0.e30.", "/v1/exports/x"):
        assert (await api.get(wrong)).json()["code"] == "export-link-not-valid"
    clock.advance(301)
    assert (await api.get(url)).status_code == 403
    fresh = (await link(api, me, export_id)).json()["url"]
    assert me.caller.session_id
    await people.end_session(me.caller.session_id, "sign-out", now=clock())
    assert (await api.get(fresh)).status_code == 403


async def test_one_is_made_at_a_time_and_one_that_kills_its_workers_is_given_up(
    api: httpx.AsyncClient, me: SignedIn, context: WorkerContext, clock: ManualClock
) -> None:
    export_id = await asked(api, me)
    again = await api.post("/v1/me/exports", headers=me.headers)
    assert (again.status_code, again.json()["code"]) == (409, "export-under-way")
    for _ in range(EXPORT_STARTS):
        await repository.begin_export(export_id, uuid7(), now=clock())
    await exporting.make(context, export_id)
    assert await state(api, me) == "failed"
    await asked(api, me)


async def test_after_a_week_the_key_goes_and_then_the_file(
    api: httpx.AsyncClient,
    me: SignedIn,
    context: WorkerContext,
    clock: ManualClock,
    object_store: ObjectStore,
) -> None:
    export_id = await asked(api, me)
    await exporting.make(context, export_id)
    clock.advance(7 * 86_400)
    assert await state(api, me) == "removed"
    assert (await link(api, me, export_id)).status_code == 404
    await repository.expire_exports(now=clock())
    await sweep.remove_files(object_store)
    assert await object_store.list_names(folder_of(export_id)) == []
    assert await asked(api, me) != export_id, "another one may be asked for"


async def test_a_killed_worker_s_beginning_is_cleared_and_cannot_finish_late(
    api: httpx.AsyncClient,
    me: SignedIn,
    context: WorkerContext,
    clock: ManualClock,
    object_store: ObjectStore,
) -> None:
    export_id, dead = await asked(api, me), uuid7()
    await repository.begin_export(export_id, dead, now=clock())
    await object_store.multipart_begin(f"{folder_of(export_id)}{dead}.zip.sealed", "x/y")
    await exporting.make(context, export_id)
    await repository.finish_export(
        export_id, dead, size=1, key_sealed=b"", now=clock(), expires_at=clock()
    )
    assert (await fetched(api, me, export_id)).testzip() is None
    left = [
        one async for page in object_store.open_multiparts(folder_of(export_id)) for one in page
    ]
    assert left == []
