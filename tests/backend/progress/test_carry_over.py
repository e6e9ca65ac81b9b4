"""Who is half way when a new edition comes: what goes along, what is told, and when."""

from hashlib import sha256
from itertools import combinations
from typing import Any

import httpx
import msgspec
import pytest

from backend.accounts.domain import Role
from backend.curriculum import release_rows
from backend.curriculum import service as curriculum
from backend.edition_rounds import round_once
from backend.progress import service
from backend.progress.domain import Round
from backend.progress.editions import service as carry_over
from backend.progress.editions.preview import preview
from backend.progress.editions.schemas import EditionPreview, ProgrammePreview
from backend.progress.editions.tables import CarriedLesson, EditionMove, EditionSweep
from backend.progress.offline.tables import DownloadLease
from courses.comparison import Change
from courses.format import Edition
from courses.loader import canonical, load_edition
from infra.clock import ManualClock
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from tests.backend.progress.learning import Learner, show_lecture
from tests.backend.progress.moving import (
    AFTER,
    UNTIL,
    complete,
    learn,
    like,
    plan_came_along,
    publish,
    release,
    take_along,
    watch_of,
    worth,
)
from tests.backend.progress.test_ledger import enter, put_right, sat
from tests.courses.two_editions import (
    ASKED,
    ASKS,
    KEPT,
    first_edition,
    second_edition,
    taught_in_a_room,
)
from tests.people import AsPerson

Editions = tuple[Edition, Edition]


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Editions:
    folder = tmp_path_factory.mktemp("editions")
    first = first_edition(folder / "first")
    return load_edition(first), load_edition(second_edition(first, folder / "second"))


@pytest.fixture
async def learner(
    api: httpx.AsyncClient,
    as_person: AsPerson,
    clock: ManualClock,
    editions: Editions,
    object_store: ObjectStore,
) -> Learner:
    """Enrolled in five lessons of the first edition, each with a lecture of 45 seconds."""
    await publish(editions[0], clock)
    for code in {*ASKED, *ASKS}:
        await show_lecture(clock, object_store, lesson=code)
    found = Learner(api, await as_person(), clock)
    await found.enrol()
    return found


def states(screen: dict[str, Any]) -> dict[str, str]:
    return {lesson["code"]: lesson["state"] for lesson in screen["lessons"]}


async def enrolments(learner: Learner) -> dict[str, dict[str, Any]]:
    """By edition."""
    found = (await learner.get("/v1/enrolments")).json()["items"]
    return {one["edition"]: one for one in found}


def demo_of(found: EditionPreview) -> ProgrammePreview:
    return next(one for one in found.programmes if one.programme == "DEMO")


async def ledger(learner: Learner) -> int:
    return sum(entry["seconds"] for entry in await learner.entries())


async def test_what_is_unchanged_goes_along_and_what_changed_stays_to_be_learned(
    learner: Learner,
    editions: Editions,
    clock: ManualClock,
    object_store: ObjectStore,
    settings: Settings,
) -> None:
    old, new = editions
    await learn(learner, old, "M02-L01", "M02-L02", "M02-L03", "M02-L04")
    before, earned = await learner.screen(), await ledger(learner)
    await release(new, clock)
    clock.advance(AFTER)
    context = WorkerContext(objects=object_store, clock=clock, settings=settings)
    assert await round_once(context) == carry_over.Swept(moved=1)
    screens = await enrolments(learner)
    assert states(screens["2026.2"]) == {
        "M02-L01": "complete",
        "M02-L02": "open",
        "M02-L05": "open",
        "M02-L07": "open",
        "M02-L08": "complete",
    }
    assert screens["2026.2"]["hours"]["earnedSeconds"] == sum(
        entry["seconds"]
        for entry in await learner.entries()
        if entry["lesson_code"] in {"M02-L01", "M02-L04"}
    )
    told = screens["2026.2"]["editionNote"]
    assert (told["kind"], told["edition"]) == ("came-along", "2026.1")
    assert told["note"]["zh"] == (
        "您的学习已从版次 2026.1 转入：2 个已完成小节的学时保留，"
        "1 个小节有改动需重学（M02-L02 课文），1 个小节在新版次中已取消。"
    )
    fates = {one["code"]: one["fate"] for one in told["lessons"]}
    assert fates == {"M02-L01": "kept", "M02-L02": "again", "M02-L08": "kept"}
    (notice,) = (await learner.get("/v1/notices")).json()["items"]
    assert notice["text"] == told["note"]
    phone = (await learner.get("/v1/sync")).json()
    assert phone["notices"] == [notice]
    (moved,) = phone["moves"]
    assert (moved["fromEnrolmentId"], moved["toEnrolmentId"]) == (
        screens["2026.1"]["id"],
        screens["2026.2"]["id"],
    )
    assert (moved["kept"], moved["again"], moved["gone"]) == (
        ["M02-L01", "M02-L08"],
        ["M02-L02"],
        ["M02-L03"],
    )
    assert await ledger(learner) == earned
    assert states(screens["2026.1"]) == states(before)
    assert screens["2026.1"]["hours"] == before["hours"]
    assert screens["2026.1"]["editionNote"]["kind"] == "left"
    assert await EditionSweep.exists().where(EditionSweep.edition == "2026.1")


async def test_until_the_last_day_the_older_edition_may_be_finished(
    learner: Learner, editions: Editions, clock: ManualClock
) -> None:
    old, new = editions
    await learn(learner, old, "M02-L01", "M02-L02")
    await release(new, clock)
    assert await carry_over.sweep(now=clock()) == carry_over.Swept()
    again = await learner.enrol()
    assert again["edition"] == "2026.1"
    told = again["editionNote"]
    assert (told["kind"], told["edition"], told["until"]) == ("may-stay", "2026.2", "2026-03-20")
    assert told["note"]["en"] == (
        "Edition 2026.2 of this programme is out. You may learn under 2026.1 until 2026-03-20; "
        "whoever has not finished then goes on to the new one: the hours of 1 lesson you completed "
        "stay; 1 lesson changed, to learn again (M02-L02 text)."
    )
    assert [one["fate"] for one in told["lessons"]] == ["kept", "again"]
    await learn(learner, old, "M02-L03", "M02-L04", "M02-L05")
    assert (await learner.screen())["exam"]["open"]
    clock.advance(AFTER)
    assert await carry_over.sweep(now=clock()) == carry_over.Swept()
    assert list(await enrolments(learner)) == ["2026.1"]
    assert (await learner.screen())["exam"]["open"]


async def test_whoever_wants_to_goes_on_at_once_and_finishes_there_without_counting_twice(
    learner: Learner, editions: Editions, clock: ManualClock
) -> None:
    """Half a lecture, a passed check and what was taken along offline go along too."""
    old, new = editions
    await learn(learner, old, "M02-L01")
    plan = f"/v1/enrolments/{learner.enrolment_id}/plan"
    await learner.put(plan, {"finishBy": "2026-03-30"})
    half = await learner.open("M02-L05")
    clock.advance(20)
    await learner.beat(half, (0, 20))
    await learner.check(old.lesson("M02-L05"))
    lease = await take_along(learner, "M02-L05", clock)
    await release(new, clock)
    newer = await learner.enrol(newestEdition=True)
    assert newer["edition"] == "2026.2"
    assert (await learner.enrol())["id"] == newer["id"]
    await plan_came_along(learner)
    watched = {lesson["code"]: lesson["watchedSeconds"] for lesson in newer["lessons"]}
    assert (watched["M02-L05"], watched["M02-L02"]) == (20, 0)
    session = await learner.open("M02-L05")
    assert session["resumeSecond"] == 20
    row = await DownloadLease.select().where(DownloadLease.id == lease).first()
    assert row is not None
    assert (str(row["enrolment_id"]), row["lesson_watch_id"]) == (
        newer["id"],
        (await watch_of(learner, newer["id"], "M02-L05"))["id"],
    )
    clock.advance(40)
    await learner.beat(session, (20, 45))
    await learn(learner, new, "M02-L01", "M02-L02", "M02-L07", "M02-L08")
    screen = await learner.screen()
    assert set(states(screen).values()) == {"complete"}
    assert screen["exam"]["open"]
    counted = [(entry["edition"], entry["lesson_code"]) for entry in await learner.entries()]
    assert sorted(counted) == [
        ("2026.1", "M02-L01"),
        ("2026.2", "M02-L02"),
        ("2026.2", "M02-L05"),
        ("2026.2", "M02-L07"),
        ("2026.2", "M02-L08"),
    ]
    facts = await service.completion_facts(newer["id"], learner.person.id, now=clock())
    assert [fact.ref for fact in facts.lessons if "/" in fact.ref] == ["2026.1/M02-L01"]
    assert facts.earned_seconds == await ledger(learner)


async def test_moving_again_changes_nothing(
    learner: Learner, editions: Editions, clock: ManualClock
) -> None:
    await learn(learner, editions[0], "M02-L01", "M02-L04")
    await release(editions[1], clock)
    clock.advance(AFTER)
    await carry_over.sweep(now=clock())
    first = await enrolments(learner)
    assert await carry_over.sweep(now=clock()) == carry_over.Swept()
    await learner.enrol(newestEdition=True)
    assert await enrolments(learner) == first
    mine = EditionMove.learner_id == learner.person.id
    assert await EditionMove.count().where(mine) == 1
    assert await CarriedLesson.count().where(CarriedLesson.learner_id == learner.person.id) == 2


async def test_hours_carried_over_two_editions_cite_the_entry_they_were_earned_by(
    learner: Learner, editions: Editions, clock: ManualClock
) -> None:
    await learn(learner, editions[0], "M02-L04")
    await release(editions[1], clock)
    await learner.enrol(newestEdition=True)
    await release(msgspec.structs.replace(editions[1], code="2026.3"), clock)
    third = await learner.enrol(newestEdition=True)
    assert states(third)["M02-L08"] == "complete"
    cited = await CarriedLesson.select().where(CarriedLesson.learner_id == learner.person.id)
    (entry,) = await learner.entries()
    assert {row["ledger_entry_id"] for row in cited} == {entry["id"]}
    assert [row["lesson_code"] for row in cited] == ["M02-L08", "M02-L08"]


async def test_nobody_is_moved_into_a_programme_that_is_not_open_yet(
    learner: Learner, editions: Editions, clock: ManualClock, object_store: ObjectStore
) -> None:
    demo = editions[1].programme("DEMO")
    unplayable = msgspec.structs.replace(demo, lessons=(*ASKS, "M02-L06"))
    programmes = tuple(unplayable if p.code == "DEMO" else p for p in editions[1].programmes)
    await release(msgspec.structs.replace(editions[1], programmes=programmes), clock)
    clock.advance(AFTER)
    assert await carry_over.sweep(now=clock()) == carry_over.Swept(waiting=("DEMO",))
    await show_lecture(clock, object_store, lesson="M02-L06")
    assert (await carry_over.sweep(now=clock())).moved == 1


async def test_the_preview_counts_people_as_the_move_then_finds_them(
    learner: Learner,
    editions: Editions,
    clock: ManualClock,
    api: httpx.AsyncClient,
    as_person: AsPerson,
) -> None:
    old, new = editions
    done = {"all": ASKED, "kept": ["M02-L01"], "again": ["M02-L01", "M02-L02"], "gone": ["M02-L03"]}
    for codes in done.values():
        other = Learner(api, await as_person(), clock)
        await other.enrol()
        await learn(other, old, *codes)
    before = await ledger(learner)
    found = await preview(new, now=clock())
    demo = demo_of(found)
    assert (demo.people, demo.finished, demo.keep_everything) == (5, 1, 1)
    assert (demo.learn_again, demo.not_begun, demo.gone, demo.open) == (2, 1, False, True)
    assert {change: found.lessons[change] for change in Change if change is not Change.SAME} == {
        Change.CHANGED: 1,
        Change.NEW: 1,
        Change.GONE: 1,
        Change.MOVED: 1,
    }
    assert demo_of(await preview(new, ["M02-L02"], now=clock())).keep_everything == 2
    assert await ledger(learner) == before
    await release(new, clock)
    clock.advance(AFTER)
    assert (await carry_over.sweep(now=clock(), page=2)).moved == demo.people - demo.finished


async def test_who_has_finished_is_asked_of_the_rules_whatever_they_count(
    api: httpx.AsyncClient,
    as_person: AsPerson,
    clock: ManualClock,
    editions: Editions,
    object_store: ObjectStore,
) -> None:
    """In classes alone; half of them are not enough, and are not lost by going on."""
    old, new = map(taught_in_a_room, editions)
    await publish(old, clock)
    for code in {*ASKED, *ASKS}:
        await show_lecture(clock, object_store, lesson=code)
    done, half = [Learner(api, await as_person(), clock) for _ in range(2)]
    for one, seconds in ((done, 5400), (half, 2700)):
        await one.enrol()
        await enter(one, sat(one, seconds))
    assert (await done.screen())["exam"]["open"]
    (demo,) = (
        one for one in (await preview(new, now=clock())).programmes if one.programme == "DEMO"
    )
    assert (demo.people, demo.finished, demo.keep_everything) == (2, 1, 1)
    await release(new, clock)
    assert (await done.screen())["editionNote"] is None
    clock.advance(AFTER)
    assert await carry_over.sweep(now=clock()) == carry_over.Swept(moved=1)
    assert list(await enrolments(done)) == ["2026.1"]
    assert (await enrolments(half))["2026.2"]["hours"]["earnedSeconds"] == 2700


async def test_an_author_and_a_reviewer_see_the_preview_and_a_learner_does_not(
    learner: Learner, editions: Editions, clock: ManualClock, as_person: AsPerson
) -> None:
    digest, content = sha256(canonical(editions[1])).hexdigest(), canonical(editions[1])
    await release_rows.hand_in("2026.2", digest, content, now=clock())
    author = await as_person(Role.AUTHOR)
    body = {"edition": "2026.2", "sha256": digest, "finishUntil": UNTIL.isoformat()}
    proposed = await learner.api.post("/v1/edition-releases", json=body, headers=author.headers)
    path = f"/v1/edition-releases/{proposed.json()['id']}/preview"
    seen = (await learner.api.get(path, headers=author.headers)).json()
    assert (seen["edition"], seen["insteadOf"]) == ("2026.2", "2026.1")
    assert [one["notBegun"] for one in seen["programmes"]] == [1]
    waits = seen["proposal"]
    assert (waits["edition"], waits["finishUntil"], waits["this"]) == ("2026.2", "2026-03-20", True)
    assert (await learner.get(path)).status_code == 403


async def test_from_whichever_lessons_somebody_has_exactly_the_unchanged_ones_are_complete_after(
    learner: Learner, editions: Editions, clock: ManualClock
) -> None:
    """All 31 ways to be half way; twice is once, and nobody has less than before."""
    await learn(learner, editions[0], *ASKED)
    subsets = [set(some) for count in range(5) for some in combinations(ASKED, count)]
    people = {await like(learner, codes): codes for codes in subsets}
    before = {one: await service.enrolments(one, now=clock()) for one in people}
    await release(editions[1], clock)
    clock.advance(AFTER)
    assert (await carry_over.sweep(now=clock(), page=7)).moved == len(people)
    after = {one: await service.enrolments(one, now=clock()) for one in people}
    await carry_over.sweep(now=clock())
    edition = await curriculum.current_edition()
    for one, codes in people.items():
        sha256 = await curriculum.edition_sha256()
        _, created = await carry_over.go_on(
            one, "DEMO", edition, sha256, of_round=Round(None, 1), now=clock()
        )
        assert not created
        assert await service.enrolments(one, now=clock()) == after[one]
        new, old = after[one]
        assert complete(new) == {KEPT[code] for code in codes & KEPT.keys()}
        assert complete(old) == codes == complete(before[one][0])
        assert old.hours == before[one][0].hours
        assert new.hours.earned_seconds == await worth(one, codes & KEPT.keys())


async def test_hours_that_were_taken_back_do_not_come_along_and_can_be_earned_again(
    learner: Learner, editions: Editions, clock: ManualClock, as_person: AsPerson
) -> None:
    """Taken back after the move, they are gone under the new edition, too."""
    old, new = editions
    await learn(learner, old, "M02-L01", "M02-L05")
    admin = await as_person(Role.ADMINISTRATOR)
    awards = {entry["lesson_code"]: entry for entry in await learner.entries()}

    async def take_back(lesson: str) -> None:
        entry = awards[lesson]
        answer = await put_right(learner, admin, str(entry["id"]), -entry["seconds"])
        assert answer.status_code == 201, answer.text

    await take_back("M02-L01")
    await release(new, clock)
    newer = await learner.enrol(newestEdition=True)
    assert {(await watch_of(learner, newer["id"], "M02-L01"))["id"].version} == {7}
    assert newer["hours"]["earnedSeconds"] == awards["M02-L05"]["seconds"]
    await learner.check(new.lesson("M02-L01"))
    again = await learner.screen()
    assert again["hours"]["earnedSeconds"] == sum(entry["seconds"] for entry in awards.values())
    await take_back("M02-L05")
    assert states(await learner.screen())["M02-L05"] != "complete"
