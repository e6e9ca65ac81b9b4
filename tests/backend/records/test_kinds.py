"""The kinds of record: what each says of itself, and the page that says what it is given for."""

import json
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest

from backend.records import service
from backend.records.keyring import Keyring
from backend.records.tables import CompletionRecord
from courses.editions import CURRENT
from infra.clock import ManualClock
from infra.vault import Vault
from tests.backend.records.conftest import Issued, Someone
from tests.backend.records.making import START
from tests.published import publish_current

KINDS = {
    "MGR": ("completion", None, "培训学时证明", False),
    "IA-E": ("internal-auditor", None, "内审员培训合格证明", False),
    "AUD": ("certification-auditor", None, "认证审核员培训合格证明", True),
    "CE-AUD": ("continuing-education", "2026", "继续教育学时证明（2026 年度）", True),
}
CCAA = "本证明不代替 CCAA 注册资格"


def payload(record: CompletionRecord) -> dict[str, Any]:
    options: Any = {"verify_signature": False}
    return jwt.decode(record.jws, options=options)


@pytest.mark.usefixtures("unit")
async def test_each_kind_says_what_it_is_and_never_the_score(
    issued: Issued, clock: ManualClock, vault: Vault
) -> None:
    for programme, (kind, period, name, notice) in KINDS.items():
        until = START + timedelta(days=1096) if notice else None
        record = await issued(
            programme_code=programme, kind=kind, period=period, score=97, valid_until=until
        )
        claims = payload(record)
        achievement = claims["credentialSubject"]["achievement"]
        assert claims["name"] == achievement["name"]
        assert claims["name"].startswith(f"{name}：")
        assert (CCAA in achievement["description"]) == notice
        assert "不是职业资格证书" in achievement["description"]
        assert achievement["id"].endswith(f"/achievements/2026.1/{programme}")
        clear = json.dumps(claims).replace(record.number, "")
        assert '"97"' not in clear
        assert "score" not in clear
        found = await service.verdict_for_code(record.code, clock(), vault=vault)
        assert (found.verdict, found.kind, found.kind_title.zh) == ("valid", kind, name)
        assert found.achievement_url == achievement["id"]
        assert (found.notice is not None) == notice


@pytest.mark.usefixtures("unit")
async def test_its_holder_reads_that_a_record_is_past_its_end(
    issued: Issued, keyring: Keyring, someone: Someone, clock: ManualClock, vault: Vault
) -> None:
    holder = await someone()
    record = await issued(holder, valid_until=START + timedelta(days=1))
    for day, expired in ((0, False), (1, True)):
        clock.advance(day * 86_400)
        (mine,) = await service.my_records(vault, holder, now=clock())
        assert (mine.state, mine.expired, mine.valid_until) == (
            *("issued", expired),
            START + timedelta(days=1),
        )
    await service.suspend(
        keyring, record.id, "投诉待查，暂停", actor_id=await someone(), now=clock()
    )
    mine = await service.my_record(vault, holder, record.id, now=clock())
    assert (mine.state, mine.expired) == ("suspended", False), "what was decided is the worse"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_an_achievement_has_a_page_for_people_and_a_document_for_programs(
    api: httpx.AsyncClient, clock: ManualClock, language: str
) -> None:
    await publish_current(clock())
    edition = CURRENT.name
    for programme, (_, _, name, notice) in KINDS.items():
        path = f"/achievements/{edition}/{programme}"
        document = (await api.get(path, headers={"Accept": "application/ld+json"})).json()
        assert document["id"].endswith(path)
        assert name.partition("（")[0] in document["name"]
        asked = {"Accept": "text/html", "Accept-Language": language}
        seen = await api.get(path, headers=asked)
        assert seen.status_code == 200
        assert "Accept" in seen.headers["vary"].replace(",", " ").split()
        assert (name.partition("（")[0] in seen.text) == (language == "zh-CN")
        assert ("CCAA" in seen.text) == notice
        assert "{" not in seen.text.partition("<main")[2].partition("</main")[0]
    for wrong in (f"/achievements/{edition}/NONE", "/achievements/1999.1/MGR"):
        assert (await api.get(wrong)).status_code == 404
