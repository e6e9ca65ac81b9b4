"""A registered auditor, end to end: where the registration number is, and where it never is."""

from typing import Any
from uuid import UUID

import msgspec

from backend.records.tables import CompletionRecord
from backend.records.trusting import trust
from backend.records.verdict.holder import read_holder
from backend.records.verdict.jws import parse
from infra.vault import Vault
from tests.backend.certification_bodies.conftest import Body, MakeBody, make_body
from tests.backend.organisations.making import make_member
from tests.backend.records.conftest import Issued, context, issued, keyring, someone, verify_person
from tests.backend.records.making import START
from tests.people import AsPerson, SignedIn

__all__ = ["context", "issued", "keyring", "make_body", "someone"]
NUMBER, CCAA = "2021-N1IPMS-7654321", "本证明不代替 CCAA 注册资格"
AUDITOR = {"programme_code": "AUD", "kind": "certification-auditor", "score": 91}


async def an_auditor(
    body: Body, as_person: AsPerson, vault: Vault, *, verified: str, registered: str
) -> SignedIn:
    """An account of a body's member, and what the body entered of it."""
    person = await as_person()
    await verify_person(vault, person.id, verified)
    await make_member(UUID(body.organisation), person.id, now=START)
    added = await body.add_auditor(
        registrationNumber=NUMBER, name=registered, personId=str(person.id)
    )
    assert added.status_code == 201, added.text
    return person


async def shown(body: Body, person: SignedIn, record: CompletionRecord) -> dict[str, Any]:
    path = f"/v1/records/{record.id}/holder-credential"
    answer = await body.api.get(path, headers=person.headers)
    pins = await trust(real=True, demonstration=False)
    return read_holder(answer.content, record.jws, f"urn:uuid:{record.id}", pins).said


async def test_the_number_is_the_holder_s_to_show_and_the_line_is_on_the_record(
    make_body: MakeBody, as_person: AsPerson, vault: Vault, issued: Issued
) -> None:
    body = await make_body()
    person = await an_auditor(body, as_person, vault, verified="王 小明", registered="王小明")
    record = await issued(person.id, **AUDITOR)
    said = await shown(body, person, record)
    assert (said["registration_number"], said["score"]) == (NUMBER, 91)
    assert said["employer"]["name"] == "甲认证中心"
    public = await body.api.get(f"/v1/verifications/{record.number}")
    assert CCAA in public.json()["notice"]["zh"]
    claims = msgspec.json.decode(parse(record.jws).payload)
    assert CCAA in claims["credentialSubject"]["achievement"]["description"]
    page = await body.api.get(f"/v/{record.code}", headers={"Accept-Language": "zh-CN"})
    assert CCAA in page.text
    bundle = await body.api.get(f"/v1/verifications/{record.code}/bundle")
    for seen in (public.content, page.content, bundle.content, parse(record.jws).payload):
        assert NUMBER.encode() not in seen
    link = {"fields": ["registrationNumber"], "days": 1}
    path = f"/v1/records/{record.id}/share-links"
    shared = await body.api.post(path, json=link, headers=person.headers)
    assert NUMBER in (await body.api.get(shared.json()["url"])).text


async def test_a_number_that_a_body_gave_to_somebody_of_another_name_is_not_signed(
    make_body: MakeBody, as_person: AsPerson, vault: Vault, issued: Issued
) -> None:
    """Which account a number belongs to is entered by the body's manager alone."""
    body = await make_body()
    person = await an_auditor(body, as_person, vault, verified="张三", registered="李四")
    said = await shown(body, person, await issued(person.id, **AUDITOR))
    assert "registration_number" not in said
    assert said["name"] == "张三"
