"""Exam days of generated people, some of whom did what they should not: each is noted once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from backend.assessment.exam_signals.noting import explanation, strength
from backend.assessment.exam_signals.running import look
from backend.assessment.statistics.exam_day import MOST_TOGETHER, Save, answer_seconds, groups_of
from backend.assessment.statistics.signals import Kind, Signal
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.ids import uuid7
from tests.backend.assessment.statistics.real_attempts import Bank, Given, SatExam, an_exam, write
from tests.backend.organisations.making import make_member, make_organisation

DAY = datetime(2026, 5, 11, 1, tzinfo=UTC)  # nine in the morning in Shanghai
AFTER = datetime(2026, 5, 11, 20, tzinfo=UTC)  # four in the next morning
ON = date(2026, 5, 11)
EXAM = "E9"


def a_day() -> tuple[Bank, list[SatExam], list[SatExam]]:
    """Sixty of weeks before, sixty of the day: 1 copied from 0, 5 to 7 share a device, 9 is right
    in no time."""
    bank = Bank("D01", 40, seed=5)
    before = an_exam(bank, "D1", 60, DAY - timedelta(days=20), seed=6)
    today = an_exam(bank, "D1", 60, DAY, seed=7)
    today[1].given = [*today[0].given[:38], *today[1].given[38:]]
    for one in today[5:8]:
        one.device = today[5].device
    today[9].given = [Given(item, bank.keys[item], 1.5) for item in bank.codes]
    return bank, before, today


async def noted(kind: Kind) -> list[dict[str, Any]]:
    async with UnitOfWork(DB):
        rows = await connection().fetch(
            "SELECT s.*, e.attempt_ids FROM integrity_signal s"
            " JOIN exam_signal e ON e.signal_id = s.id WHERE e.kind = $1 ORDER BY s.noted_at",
            kind,
        )
    return [dict(row) for row in rows]


async def test_an_exam_day_is_looked_through_when_it_is_over_and_each_thing_noted_once(
    unit: None,
) -> None:
    bank, before, today = a_day()
    await write(bank, before + today)
    firm = await make_organisation(today[0].learner, now=DAY)
    for one in today[1:12]:
        await make_member(firm, one.learner, now=DAY)
    assert [one for one in await look(DAY + timedelta(hours=12)) if one.day == ON] == []
    (found,) = [one for one in await look(AFTER) if one.edition == "D1" and one.day == ON]
    assert (found.exam, found.attempts, found.enough) == (EXAM, 60, True)
    assert found.pairs == 12 * 11 // 2 + 48 * 47 // 2
    assert {one.kind for one in found.noted} == {
        Kind.TWIN_ANSWERS,
        Kind.SHARED_DEVICE,
        Kind.TOO_FAST,
    }

    (twins,) = await noted(Kind.TWIN_ANSWERS)
    assert twins["attempt_ids"] == [today[0].id, today[1].id]
    assert (twins["subject_kind"], twins["subject"]) == ("attempt", str(today[0].id))
    assert (twins["source"], twins["reporting_unit"]) == ("twin-answers", "GD")
    assert str(today[1].id) in twins["explanation"]
    assert "不作为结论" in twins["explanation"]
    (device,) = await noted(Kind.SHARED_DEVICE)
    assert set(device["attempt_ids"]) == {one.id for one in today[5:8]}
    assert str(today[5].device) not in device["explanation"]
    (fast,) = await noted(Kind.TOO_FAST)
    assert fast["attempt_ids"] == [today[9].id]

    assert [one for one in await look(AFTER) if one.day == ON] == []
    (again,) = [one for one in await look(AFTER, ON) if one.edition == "D1"]
    assert again.noted == []
    assert len(await noted(Kind.TWIN_ANSWERS)) == 1


async def test_items_that_go_round_are_noted_and_who_knew_them(unit: None) -> None:
    bank = Bank("D02", 40, seed=8)
    bank.difficulty[:8] = 1.0
    before = an_exam(bank, "D2", 120, DAY - timedelta(days=20), seed=9)
    today = an_exam(bank, "D2", 100, DAY, seed=10)
    known = set(bank.codes[:8])
    for one in today[:60]:
        one.given = [
            Given(g.item, bank.keys[g.item], 4) if g.item in known else g for g in one.given
        ]
    await write(bank, before + today)
    (found,) = [one for one in await look(AFTER) if one.edition == "D2" and one.day == ON]
    items = await noted(Kind.EXPOSED_ITEM)
    assert {one["subject"] for one in items} <= known
    assert len(items) >= 6
    assert {one["subject_kind"] for one in items} == {"item"}
    who = {one.attempts[0] for one in found.noted if one.kind is Kind.FOREKNOWLEDGE}
    assert who
    assert who <= {one.id for one in today[:60]}


async def test_where_few_sat_the_exam_only_devices_are_looked_at(unit: None) -> None:
    bank = Bank("D03", 12)
    await write(bank, an_exam(bank, "D3", 8, DAY))
    early = await look(DAY + timedelta(hours=5), ON)
    assert "D3" in {one.edition for one in early}  # and yet the day is due when it is over
    (found,) = [one for one in await look(AFTER) if one.edition == "D3"]
    assert (found.attempts, found.pairs, found.enough, found.noted) == (8, 0, False, [])


def test_people_are_compared_with_those_of_their_organisation_who_began_when_they_did() -> None:
    many = 2 * MOST_TOGETHER + 10
    started = [DAY + timedelta(seconds=n) for n in range(many)]
    today = np.arange(many) < many - 5
    whose = ["a" if n % 2 else "b" for n in range(many)]
    group = groups_of(whose, started, today)
    assert set(group[~today]) == {-1}
    assert np.bincount(group[today]).max() == MOST_TOGETHER
    for of in np.unique(group[today]):
        assert len({whose[n] for n in np.flatnonzero(group == of)}) == 1


@pytest.mark.parametrize(
    ("saves", "seconds"),
    [
        pytest.param([("a", None, 30), ("b", None, 40)], {"a": 30, "b": 10}, id="one by one"),
        pytest.param([("a", None, 60), ("b", None, 60)], {"a": 30, "b": 30}, id="saved together"),
        pytest.param([("a", 30, 99), ("b", 40, 60)], {"a": 39, "b": 60}, id="gone back to"),
        pytest.param([("a", 30, 60), ("b", 20, 61)], {"a": 60, "b": 20}, id="looked over at last"),
        pytest.param([("a", 900, 30), ("b", 5, 31)], {"a": 30, "b": 1}, id="claimed too much"),
    ],
)
def test_times_of_answers_are_those_of_two_clocks(
    saves: list[tuple[str, float | None, int]], seconds: dict[str, float]
) -> None:
    given = [Save(item, claimed, DAY + timedelta(seconds=at)) for item, claimed, at in saves]
    assert answer_seconds(given, DAY, DAY + timedelta(seconds=100)) == seconds


def test_an_explanation_fits_and_names_as_many_papers_as_there_is_room_for() -> None:
    seen = Signal(kind=Kind.SHARED_DEVICE, chance=0.1, among=9, zh="共用" * 100, en="shared " * 20)
    many = [uuid7() for _ in range(60)]
    said = explanation(seen, many)
    assert len(said) <= 1000
    assert str(many[0]) in said
    assert said.endswith(f"… +{60 - said.count('-') // 4}") or "… +" in said
    assert strength(seen) == 40
    rare = Signal(kind=Kind.TWIN_ANSWERS, chance=1e-9, among=100, zh="", en="")
    assert strength(rare) == 90
