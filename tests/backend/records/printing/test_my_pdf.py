"""The holder prints a record; nobody else does, and nothing that is not in force is printed."""

import io
from urllib.parse import unquote

import httpx
import msgspec
from pypdf import PdfReader

from backend.accounts.domain import Role
from backend.records import service
from backend.records.keyring import Keyring
from backend.records.sequencer import settle
from backend.records.trusting import trust
from backend.records.verdict.bundle import StatusEvidence
from backend.records.verdict.printed import examine_print
from backend.records.verdict.status_list import PURPOSES
from backend.records.verdict.words import Verdict
from backend.records.witness.keeping import WitnessFolder
from infra.clock import ManualClock
from infra.queue import WorkerContext
from infra.vault import Vault
from tests.backend.records.conftest import Issued, verify_person
from tests.backend.records.printing.sheets import all_of
from tests.backend.records.test_cosigning import visits, watchers
from tests.people import AsPerson

__all__ = ["watchers"]
NAME = "买买提·艾力江"


async def test_the_holder_alone_prints_it_and_the_page_s_own_check_passes(
    api: httpx.AsyncClient, issued: Issued, as_person: AsPerson, vault: Vault, clock: ManualClock
) -> None:
    person = await as_person()
    await verify_person(vault, person.id, NAME)
    record = await issued(person.id)
    address = f"/v1/records/{record.id}/pdf"
    answer = await api.get(f"{address}?language=zh", headers=person.headers)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["content-type"] == "application/pdf"
    told = answer.headers["content-disposition"]
    assert unquote(told.rpartition("''")[2]) == f"{record.number} {NAME}.pdf"
    pins = await trust(real=True, demonstration=False)
    found = examine_print(answer.content, pins, clock())
    assert found.outcome.verdict is Verdict.VALID
    assert found.seal is not None
    assert found.seal.name == NAME
    shown = (await api.get(f"/v1/verifications/{record.code}")).json()
    said = all_of([page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages])
    for part in (NAME, record.number, record.code, shown["standard"], shown["edition"]):
        assert part.replace(" ", "") in said
    english = await api.get(f"{address}?language=en", headers=person.headers)
    assert b"en-GB" in english.content
    for refused in (
        await api.get(address),
        await api.get(address, headers=(await as_person(Role.ADMINISTRATOR)).headers),
        await api.get(f"{address}?language=fr", headers=person.headers),
    ):
        assert refused.status_code in {401, 404, 400, 422}
        assert NAME not in refused.text


async def test_what_is_not_in_force_is_not_printed_and_an_older_print_turns_red(
    api: httpx.AsyncClient,
    issued: Issued,
    as_person: AsPerson,
    vault: Vault,
    clock: ManualClock,
    keyring: Keyring,
    context: WorkerContext,
) -> None:
    person = await as_person()
    await verify_person(vault, person.id)
    record = await issued(person.id)
    address = f"/v1/records/{record.id}/pdf"
    before = (await api.get(address, headers=person.headers)).content
    reviewer = (await as_person(Role.REVIEWER)).id
    await service.suspend(keyring, record.id, "投诉待查，暂停", actor_id=reviewer, now=clock())
    await settle(context)
    refused = await api.get(address, headers=person.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "not-in-force")
    lists = {
        purpose: StatusEvidence(
            (await api.get(f"/status/{purpose}/{record.status_list}")).content,
            (await api.get(f"/status/{purpose}/{record.status_list}/proof")).content,
        )
        for purpose in PURPOSES
    }
    pins = await trust(real=True, demonstration=False)
    found = examine_print(before, pins, clock(), newer_status=lists).outcome
    assert found.verdict is Verdict.SUSPENDED
    await service.reinstate(keyring, record.id, "查无实据，恢复", actor_id=reviewer, now=clock())
    assert (await api.get(address, headers=person.headers)).status_code == 200


async def test_a_print_ends_at_the_checkpoint_that_witnesses_signed(
    api: httpx.AsyncClient,
    issued: Issued,
    watchers: list[WitnessFolder],
    as_person: AsPerson,
    vault: Vault,
    clock: ManualClock,
) -> None:
    person = await as_person()
    await verify_person(vault, person.id)
    record = await issued(person.id)
    await visits(watchers, api, clock)
    printed = await api.get(f"/v1/records/{record.id}/pdf", headers=person.headers)
    pins = await trust(real=True, demonstration=False)
    strict = msgspec.structs.replace(pins, log=msgspec.structs.replace(pins.log, quorum=2))
    found = examine_print(printed.content, strict, clock()).outcome
    assert found.verdict is Verdict.VALID, found.checks
