"""A class from the plan to its hours, over HTTP."""

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from backend.class_sessions import service
from backend.class_sessions.tables import AttendanceEntry, ClassScan
from infra.tables import AuditEntry
from infra.vault import Vault
from tests.backend.class_sessions.conftest import CLASSES, Class, MakeClass, MakeLearner
from tests.backend.organisations.making import make_member
from tests.conftest import START
from tests.people import AsPerson
from tests.published import publish_current

HOUR = 2700
WHOLE = int(6.5 * 3600)
REASON = "签退时手机没电，讲师在场核实"


async def test_a_whole_day_in_the_room_becomes_hours_when_the_list_is_confirmed(
    a_class: MakeClass, a_learner: MakeLearner
) -> None:
    await publish_current(START)
    held, learner = await a_class(module="M08"), await a_learner()
    assert await held.enrol(learner) == "enrolled"
    await held.attend(learner, 0, 8)
    assert (await service.hours_of(learner.person.id)).seconds == 0
    done = await held.post("confirmation", {})
    assert done.json() == {"attended": 1, "absent": 0, "seconds": 8 * HOUR}
    hours = await service.hours_of(learner.person.id)
    assert hours.seconds == 8 * HOUR
    ledger = await held.api.get("/v1/hours", headers=learner.person.headers)
    assert ledger.json()["totals"]["modules"] == [
        {"module": "M08", "countedSeconds": 8 * HOUR, "waitingSeconds": 0}
    ]
    assert [(d.module, d.counts_on.isoformat()) for d in hours.days] == [("M08", "2026-03-03")]
    again = await held.post("confirmation", {})
    assert again.json()["code"] == "class-is-over"


async def test_the_screen_shows_a_new_code_each_half_minute_and_old_ones_are_worth_nothing(
    a_class: MakeClass, a_learner: MakeLearner
) -> None:
    held, learner = await a_class(), await a_learner()
    await held.enrol(learner)
    held.at(0)
    first = await held.code()
    held.clock.advance(30)
    assert await held.code() != first
    held.clock.advance(30)
    late = await learner.scan(first)
    assert (late.status_code, late.json()["code"]) == (409, "code-too-old")
    fresh = await learner.scan(await held.code())
    assert fresh.json()["identityVerified"] is False
    assert "实名认证" in fresh.json()["notice"]["zh"]


async def test_the_same_scan_twice_is_one(a_class: MakeClass, a_learner: MakeLearner) -> None:
    held, learner = await a_class(), await a_learner()
    await held.enrol(learner)
    held.at(0)
    code = await held.code()
    first, second = await learner.scan(code), await learner.scan(code)
    assert first.json() == second.json()
    seat = UUID((await held.seats())[0]["id"])
    assert await ClassScan.count().where(ClassScan.seat == seat) == 1


async def test_one_phone_serves_one_seat_and_a_seat_one_phone(
    a_class: MakeClass, a_learner: MakeLearner
) -> None:
    held, one, other = await a_class(), await a_learner(), await a_learner()
    await held.enrol(one)
    await held.enrol(other)
    held.at(0)
    code = await held.code()
    assert (await one.scan(code)).status_code == 200
    for_a_friend = await other.scan(code, device=one.device)
    assert for_a_friend.json()["code"] == "device-of-another-seat"
    held.at(8)
    from_elsewhere = await one.scan(await held.code("out"), device=str(uuid4()))
    assert from_elsewhere.json()["code"] == "seat-of-another-device"
    first_in = next(s for s in await held.seats() if s["firstIn"])
    released = await held.api.delete(
        f"{held.path}/seats/{first_in['id']}/device", headers=held.teacher.headers
    )
    assert released.status_code == 204
    assert (await one.scan(await held.code("out"), device=str(uuid4()))).status_code == 200


async def test_a_check_out_needs_a_check_in_and_both_a_seat(
    a_class: MakeClass, a_learner: MakeLearner
) -> None:
    held, learner, stranger = await a_class(), await a_learner(), await a_learner()
    await held.enrol(learner)
    held.at(1)
    assert (await learner.scan(await held.code("out"))).json()["code"] == "check-in-first"
    assert (await stranger.scan(await held.code())).json()["code"] == "not-enrolled"


async def test_codes_are_shown_and_taken_only_around_the_class(
    a_class: MakeClass, a_learner: MakeLearner
) -> None:
    held, learner = await a_class(), await a_learner()
    await held.enrol(learner)
    early = await held.api.get(f"{held.path}/code", headers=held.teacher.headers)
    assert early.json()["code"] == "not-open-yet"
    held.at(0)
    assert (await learner.scan("x")).json()["code"] == "code-not-ours"


async def test_the_instructor_enters_by_hand_marks_absence_and_corrects(
    a_class: MakeClass, a_learner: MakeLearner
) -> None:
    """Who left without a scan; who was scanned in and was not there; who was given too much."""
    held = await a_class()
    people = [await a_learner() for _ in range(3)]
    for learner in people:
        await held.enrol(learner)
    seats = {n: s["id"] for n, s in enumerate(await held.seats())}
    held.at(0)
    for learner in people:
        await learner.scan(await held.code())
    held.at(8.5)
    marks = [s["marks"] for s in await held.seats()]
    assert marks == [["no-check-out"]] * 3
    leaving = {"purpose": "out", "reason": REASON}
    for number in (0, 1):
        at = (held.begins + timedelta(hours=6)).isoformat()
        done = await held.post(f"seats/{seats[number]}/scans", {**leaving, "at": at})
        assert done.status_code == 204, done.text
    confirmed = await held.post("confirmation", {"absent": [seats[1]]})
    assert confirmed.json() == {"attended": 1, "absent": 2, "seconds": int(4.5 * 3600)}
    less = {"day": "2026-03-03", "seconds": -3600, "reason": "中途离场一小时"}
    corrected = await held.post(f"seats/{seats[0]}/corrections", less)
    assert corrected.json()["seconds"] == int(3.5 * 3600)
    entries = await AttendanceEntry.select().where(AttendanceEntry.seat == UUID(seats[0]))
    assert sorted(e["seconds"] for e in entries) == [-3600, int(4.5 * 3600)]
    acts = await AuditEntry.select(AuditEntry.act).where(AuditEntry.actor == held.teacher.id)
    assert [a["act"] for a in acts].count("class-hours-corrected") == 1


@pytest.mark.parametrize(
    ("seconds", "day", "code"),
    [
        (-1, "2026-03-03", "correction-out-of-bounds"),
        (8 * HOUR + 1, "2026-03-03", "correction-out-of-bounds"),
        (60, "2026-03-09", "day-not-of-class"),
    ],
)
async def test_a_correction_beyond_the_limits_is_refused(
    a_class: MakeClass, a_learner: MakeLearner, seconds: int, day: str, code: str
) -> None:
    held, learner = await a_class(), await a_learner()
    await held.enrol(learner)
    held.at(9)
    await held.post("confirmation", {})
    seat = (await held.seats())[0]["id"]
    body = {"day": day, "seconds": seconds, "reason": REASON}
    assert (await held.post(f"seats/{seat}/corrections", body)).json()["code"] == code


async def test_two_classes_on_one_day_give_eight_class_hours_together(
    a_class: MakeClass, a_learner: MakeLearner
) -> None:
    morning, evening = await a_class(), await a_class()
    learner = await a_learner()
    for held in (morning, evening):
        await held.enrol(learner)
    await morning.attend(learner, 0, 6)
    await evening.attend(learner, 6, 8)
    for held, seconds in ((morning, 6 * HOUR), (evening, 2 * HOUR)):
        assert (await held.post("confirmation", {})).json()["seconds"] == seconds
    assert (await service.hours_of(learner.person.id)).seconds == 8 * HOUR


async def test_whoever_gives_a_seat_back_makes_room_for_the_first_who_waits(
    a_class: MakeClass, a_learner: MakeLearner
) -> None:
    held = await a_class(capacity=1)
    first, second, third = [await a_learner() for _ in range(3)]
    assert [await held.enrol(p) for p in (first, second, third)] == [
        *("enrolled", "waiting", "waiting"),
    ]
    await held.api.delete(f"{held.path}/seat", headers=first.person.headers)
    assert [await held.enrol(p) for p in (second, third, first)] == [
        *("enrolled", "waiting", "waiting"),
    ]
    held.at(0)
    assert (await third.scan(await held.code())).json()["code"] == "still-waiting"


FOREIGN = [
    ("GET", "code", None),
    ("GET", "seats", None),
    ("POST", "cancellation", {"reason": "没有理由的取消"}),
    ("POST", "confirmation", {}),
    ("POST", "seats/{seat}/scans", {"purpose": "in", "reason": REASON}),
    ("POST", "seats/{seat}/corrections", {"day": "2026-03-03", "seconds": 1, "reason": REASON}),
    ("DELETE", "seats/{seat}/device", None),
]


@pytest.mark.parametrize(("method", "path", "body"), FOREIGN, ids=[p for _, p, _ in FOREIGN])
async def test_another_organisation_s_manager_finds_nothing(
    a_class: MakeClass, a_learner: MakeLearner, method: str, path: str, body: object
) -> None:
    held, foreign, learner = await a_class(), await a_class(), await a_learner()
    await held.enrol(learner)
    seat = (await held.seats())[0]["id"]
    held.at(0)
    for caller in (foreign.teacher, learner.person):
        answer = await held.api.request(
            method,
            f"{held.path}/{path.format(seat=seat)}",
            json=body,
            headers=caller.headers,
        )
        assert answer.status_code == 404, answer.text


async def test_a_class_for_members_is_there_for_members_alone(
    api: httpx.AsyncClient, a_class: MakeClass, a_learner: MakeLearner
) -> None:
    held, stranger, member = await a_class(membersOnly=True), await a_learner(), await a_learner()
    await make_member(held.organisation, member.person.id, now=held.clock())
    assert (await api.put(f"{held.path}/seat", headers=stranger.person.headers)).status_code == 404
    assert await listed(held, stranger.person.headers) is False
    assert await held.enrol(member) == "enrolled"
    assert await listed(held, member.person.headers) is True


async def listed(held: Class, headers: dict[str, str]) -> bool:
    found = await held.api.get(CLASSES, params={"limit": 100}, headers=headers)
    return held.id in {item["id"] for item in found.json()["items"]}


async def test_nobody_plans_for_an_organisation_they_do_not_manage(
    a_class: MakeClass, as_person: AsPerson
) -> None:
    held, stranger = await a_class(), await as_person()
    answer = await held.api.post(
        CLASSES,
        json={
            "organisationId": str(held.organisation),
            "title": "冒名班",
            "place": "某处",
            "capacity": 1,
            "classHours": 1,
            "beginsAt": held.begins.isoformat(),
            "endsAt": (held.begins + timedelta(hours=2)).isoformat(),
        },
        headers=stranger.headers,
    )
    assert answer.status_code == 404


async def test_pages_of_a_list_are_walked_by_cursor(
    api: httpx.AsyncClient, a_class: MakeClass, a_learner: MakeLearner
) -> None:
    held = [await a_class() for _ in range(3)]
    headers, seen, cursor = (await a_learner()).person.headers, set[str](), None
    while True:
        params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await api.get(CLASSES, params=params, headers=headers)).json()
        seen |= {item["id"] for item in page["items"]}
        if (cursor := page["nextCursor"]) is None:
            break
    assert {one.id for one in held} <= seen


async def test_what_is_kept_of_a_person_is_told_and_erased_but_for_the_hours(
    a_class: MakeClass, a_learner: MakeLearner, vault: Vault
) -> None:
    past, learner, waits = await a_class(), await a_learner(), await a_learner()
    later = {"beginsAt": "2026-03-09T01:00:00Z", "endsAt": "2026-03-09T09:00:00Z", "breaks": []}
    coming = await a_class(capacity=1, **later)
    for held in (past, coming):
        await held.enrol(learner)
    await coming.enrol(waits)
    await past.attend(learner, 0, 8)
    told = await service.personal_data(vault, learner.person.id)
    assert [len(c["scans"]) for c in told["classes"]] == [0, 2]
    await past.post("confirmation", {})
    await service.erase_person(learner.person.id, now=past.clock())
    assert (await service.hours_of(learner.person.id)).seconds == 8 * HOUR
    assert await coming.enrol(waits) == "enrolled"
