"""Many at once: the verdicts of the page, in the order asked, whatever is asked."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.checking.bulk.domain import InlineNotRight, inline
from backend.records import service as records
from backend.records.keyring import Keyring
from backend.records.verdict.canonical import base64url
from infra.clock import ManualClock
from infra.vault import Vault
from tests.backend.certification_bodies.conftest import MakeBody, make_body
from tests.backend.checking.test_keys import by, made
from tests.backend.records.conftest import (
    Issued,
    Someone,
    context,
    issued,
    keyring,
    someone,
)

__all__ = ["context", "issued", "keyring", "make_body", "someone"]
PATH = "/v1/certifier/verifications"


def forged(token: str) -> str:
    head, payload, signature = token.split(".")
    return f"{head}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


async def test_codes_numbers_and_tokens_are_answered_in_order(
    make_body: MakeBody,
    issued: Issued,
    someone: Someone,
    keyring: Keyring,
    vault: Vault,
    clock: ManualClock,
) -> None:
    body = await make_body()
    good, revoked = await issued(), await issued()
    demo = await issued(await someone(method="null"), demonstration=True)
    proposal = await records.propose_revocation(
        vault, revoked.id, "考试由他人代答", proposer_id=await someone(), now=clock()
    )
    second = await someone()
    await records.approve_revocation(keyring, proposal.id, approver_id=second, now=clock())
    token = good.jws.decode()
    asked = [good.code, "no such thing", revoked.number, token, forged(token), "a.b.c"]
    asked += [demo.number.lower(), good.code, "GB-2026-0000-0000-0"]
    expected = ["valid", "unknown", "revoked", "valid", "tampered", "tampered"]
    expected += ["valid", "valid", "unknown"]
    headers = by(await made(body, "bulk"))
    answer = await body.api.post(PATH, json={"items": asked}, headers=headers)
    items = answer.json()["items"]
    assert [one["verdict"] for one in items] == expected
    assert [one["position"] for one in items] == [*range(1, 10)]
    assert items[0]["number"] == items[3]["number"] == good.number
    assert items[4]["number"] is None
    assert [one["demonstration"] for one in items] == [False] * 6 + [True] + [False] * 2
    assert "王" not in answer.text
    lines = "\n".join(map(json.dumps, asked))
    typed = headers | {"Content-Type": "application/x-ndjson"}
    streamed = await body.api.post(PATH, content=lines, headers=typed)
    assert [json.loads(line) for line in streamed.text.splitlines()] == items


async def test_a_token_of_a_hundred_thousand_brackets_is_answered_like_any_other(
    make_body: MakeBody, issued: Issued
) -> None:
    body, record = await make_body(), await issued()
    header, _, signature = record.jws.decode().split(".")
    deep = base64url(b'{"deep": ' + b"[" * 10_000 + b"}")
    items = [f"{header}.{deep}.{signature}", record.number]
    answer = await body.api.post(PATH, json={"items": items}, headers=by(await made(body, "bulk")))
    assert [one["verdict"] for one in answer.json()["items"]] == ["tampered", "valid"]


async def test_only_a_key_for_bulk_may_ask(make_body: MakeBody) -> None:
    body = await make_body()
    refused = await body.api.post(
        PATH, json={"items": ["x"]}, headers=by(await made(body, "verify"))
    )
    assert refused.json()["code"] == "scope-missing"
    odd = await body.api.post(PATH, content=b'{"items": 3}', headers=by(await made(body, "bulk")))
    assert (odd.status_code, odd.json()["code"]) == (422, "inline-not-right")


@given(st.binary(max_size=60), st.booleans())
def test_whatever_is_sent_is_read_or_refused(content: bytes, ndjson: bool) -> None:
    try:
        found = inline(content, ndjson=ndjson)
    except InlineNotRight:
        return
    assert 0 < len(found) <= 1000


def test_more_than_a_thousand_are_refused_and_a_bad_line_is_named() -> None:
    for ndjson, many in ((True, b'"x"\n' * 1001), (False, json.dumps({"items": ["x"] * 1001}))):
        with pytest.raises(InlineNotRight):
            inline(many if isinstance(many, bytes) else many.encode(), ndjson=ndjson)
    with pytest.raises(InlineNotRight) as refused:
        inline(b'"x"\n[[[\n', ndjson=True)
    assert list(refused.value.fields) == ["line 2"]
