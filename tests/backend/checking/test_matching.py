"""Number and name: yes or no, and never whether the number exists."""

import httpx

from backend.accounts import privacy_facts
from backend.limits.policies import RouteClass, class_of
from infra.clock import ManualClock
from tests.backend.records.conftest import Issued, Someone, context, issued, keyring, someone

__all__ = ["context", "issued", "keyring", "someone"]
UNKNOWN = "GB-2026-0000-0000-0"


async def asked(api: httpx.AsyncClient, number: str, name: str) -> httpx.Response:
    return await api.post("/v1/holder-matches", json={"number": number, "name": name})


async def test_number_and_name_are_judged_together_however_they_are_typed(
    api: httpx.AsyncClient, issued: Issued, someone: Someone
) -> None:
    record = await issued(await someone("欧阳 Maria"))
    for number, name in (
        (record.number, "欧阳 Maria"),
        (f" {record.number.lower()}", "欧阳ｍaria"),
    ):
        assert (await asked(api, number, name)).json() == {"matches": True}
    assert (await asked(api, record.number, "欧阳")).json() == {"matches": False}


async def test_an_unknown_number_is_answered_like_a_wrong_name(
    api: httpx.AsyncClient, issued: Issued
) -> None:
    record = await issued()
    wrong, unknown = [await asked(api, n, "李四") for n in (record.number, UNKNOWN)]
    assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content)
    own = {"ratelimit", "x-request-id"}
    assert {k: v for k, v in wrong.headers.items() if k not in own} == {
        k: v for k, v in unknown.headers.items() if k not in own
    }
    assert (await asked(api, UNKNOWN, "王小明")).json() == {"matches": False}


async def test_of_an_erased_holder_no_name_matches(
    api: httpx.AsyncClient, issued: Issued, someone: Someone, clock: ManualClock
) -> None:
    learner = await someone()
    record = await issued(learner)
    await privacy_facts.erase_person(learner, now=clock())
    assert (await asked(api, record.number, "王小明")).json() == {"matches": False}


async def test_the_page_answers_a_form_without_a_script(
    api: httpx.AsyncClient, issued: Issued
) -> None:
    record = await issued()
    said = {"number": record.number, "name": "王小明"}
    good = await api.post("/check", data=said)
    assert "编号与姓名相符" in good.text
    assert f"/v?code={record.number}" in good.text
    assert good.headers["cache-control"] == "no-store"
    assert "编号与姓名不相符" in (await api.post("/check", data={**said, "name": "李四"})).text
    empty = await api.post("/check", data={"number": "<b>"})
    assert "请填写编号和姓名" in empty.text
    assert "<b>" not in empty.text


def test_both_ways_of_asking_are_counted_together() -> None:
    assert {class_of("POST", "/check"), class_of("POST", "/v1/holder-matches")} == {
        RouteClass.MATCH
    }
