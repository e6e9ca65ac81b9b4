"""Figures of exams that were really handed in: worked out once, kept, and of groups only."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from backend.accounts.domain import Role
from backend.assessment.item_reports.reading import read
from backend.assessment.item_reports.service import did
from backend.assessment.item_reports.working_out import work_out
from backend.assessment.statistics.figures import FEWEST, worth_working_out
from backend.assessment.statistics.item_analysis import item_statistics
from backend.assessment.statistics.item_flags import Flag
from infra.ids import uuid7
from tests.backend.assessment.statistics.real_attempts import Bank, Given, SatExam, an_exam, write
from tests.people import AsPerson, SignedIn

DAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
MISKEYED, KNOWN, RARE = "S01-003", "S01-007", "S01-900"


def a_bank() -> Bank:
    bank = Bank("S01", 20)
    bank.slope[3], bank.difficulty[3] = 2, -0.3  # which people who know it get right
    bank.miskeyed = {MISKEYED: "ABCD"[("ABCD".index(bank.keys[MISKEYED]) + 3) % 4]}
    return bank


def known_to(one: SatExam, bank: Bank) -> SatExam:
    """An item is going round."""
    given = [Given(g.item, bank.keys[KNOWN], 5) if g.item == KNOWN else g for g in one.given]
    return msgspec.structs.replace(one, given=given)


async def seen(api: httpx.AsyncClient, author: SignedIn, path: str, **asked: str) -> Any:
    answer = await api.get(f"/v1/exam-statistics{path}", params=asked, headers=author.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_figures_are_those_of_first_attempts_and_tell_a_wrong_key_and_a_leak(
    api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    bank, author = a_bank(), await as_person(Role.AUTHOR)
    exams = an_exam(bank, "S1", 210, DAY)
    seconds = [msgspec.structs.replace(one, number=2, id=uuid7()) for one in exams[:30]]
    await write(bank, exams + seconds, answers=False)
    assert "S1 E9" in await work_out(DAY)
    report = await seen(api, author, "/S1/E9")
    assert (report["people"], report["attempts"]) == (210, 210)
    assert report["workedOutAt"] == "2026-03-02T01:00:00Z"
    assert (report["model"], report["before"]) == ("1pl", None)
    assert report["pictures"] == ["marks", "bank"]
    first = report["items"][0]
    assert (first["code"], first["standing"]) == (MISKEYED, "check-key")
    assert first["findings"][0]["flag"] == Flag.KEY_MAY_BE_WRONG
    direct = {i.code: i for i in item_statistics((await read("E9", "S1", most=500)).by_question)}
    for line in report["items"]:
        assert line["facility"] == direct[line["code"]].facility
        assert line["discrimination"] == direct[line["code"]].discrimination

    later = [known_to(one, bank) for one in an_exam(bank, "S2", 120, DAY + YEAR, seed=3)]
    await write(bank, later, answers=False)
    assert [name for name in await work_out(DAY + YEAR) if "E9" in name] == ["S2 E9"]
    item = await seen(api, author, "/S2/E9/item", code=KNOWN)
    assert "可能已泄露" in item["line"]["findings"][-1]["zh"]
    assert (item["drift"]["before"], item["drift"]["size"]) == ("S1", "C")
    assert item["options"][0]["text"] == f"{KNOWN}：要求A"
    assert [one["edition"] for one in item["elsewhere"]] == ["S1"]
    assert item["pictures"] == ["options"]  # who are all right have no curve
    other = await seen(api, author, "/S1/E9/item", code="S01-000")
    assert other["pictures"] == ["options", "curve"]
    (before, now) = await did([KNOWN])
    assert (before.edition, now.edition, now.facility) == ("S1", "S2", item["line"]["facility"])
    assert "得分率 facility 100.0%" in now.line()
    assert now.flags == [one["flag"] for one in item["line"]["findings"]]


async def test_of_few_nothing_is_shown_and_why_and_no_two_reports_differ_by_a_few(
    api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    bank, author = a_bank(), await as_person(Role.REVIEWER)
    people = an_exam(bank, "S3", 2 * FEWEST, DAY)
    bank.codes.append(RARE)
    bank.keys[RARE] = "A"
    people[0].given.append(Given(RARE, "A", 9))
    await write(bank, people[: FEWEST - 1], answers=False)
    assert "S3 E9" not in await work_out(DAY)
    (entry,) = [e for e in (await seen(api, author, ""))["items"] if e["edition"] == "S3"]
    assert (entry["people"], entry["workedOutAt"]) == (None, None)
    assert "不足 20 人" in entry["hidden"]["zh"]
    answer = await api.get("/v1/exam-statistics/S3/E9", headers=author.headers)
    assert answer.status_code == 404

    await write(bank, people[FEWEST - 1 : FEWEST], answers=False)
    assert "S3 E9" in await work_out(DAY)
    assert (await seen(api, author, "/S3/E9"))["pictures"] == ["bank"]
    marks = await api.get("/v1/exam-statistics/S3/E9/pictures/marks", headers=author.headers)
    assert marks.status_code == 404  # a bar would stand for one person
    item = await seen(api, author, "/S3/E9/item", code=RARE)
    assert (item["line"]["answers"], item["line"]["facility"], item["shown"]) == (None, None, None)
    assert [option["share"] for option in item["options"]] == [None] * 4
    assert "fewer than 20" in item["hidden"]["en"].lower()
    picture = await api.get(
        f"/v1/exam-statistics/S3/E9/item/options?code={RARE}", headers=author.headers
    )
    assert picture.status_code == 404
    await write(bank, people[FEWEST:-1], answers=False)
    assert "S3 E9" not in await work_out(DAY)
    await write(bank, people[-1:], answers=False)
    assert "S3 E9" in await work_out(DAY)


@pytest.mark.parametrize(
    ("now", "before", "worth"),
    [
        pytest.param(19, None, False, id="fewer than twenty people"),
        pytest.param(20, None, True, id="twenty people"),
        pytest.param(39, 20, False, id="fewer than twenty more"),
        pytest.param(40, 20, True, id="twenty more"),
        pytest.param(2_090, 2_000, False, id="less than a twentieth more"),
        pytest.param(2_100, 2_000, True, id="a twentieth more"),
        pytest.param(15, 40, False, id="fewer than there were"),
    ],
)
def test_figures_are_worked_out_anew_when_enough_have_come(
    now: int, before: int | None, worth: bool
) -> None:
    assert worth_working_out(now, before) is worth
