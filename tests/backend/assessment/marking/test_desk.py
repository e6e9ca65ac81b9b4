"""Essays on their way over the marking desk, with real rows."""

from datetime import datetime, timedelta
from uuid import UUID

import httpx

from backend.accounts.domain import Role
from backend.assessment.marking.barring import markers_for
from backend.assessment.marking.domain import LEASE
from backend.assessment.marking.tables import Essay, EssayMark
from backend.assessment.tables import ExamAttempt
from backend.class_sessions.tables import ClassInstructor, ClassSeat, ClassSession
from backend.notices.tables import Notice
from backend.progress.tables import LessonWatch
from backend.records.tables import DueRecord
from infra.clock import ManualClock
from infra.ids import uuid7
from infra.tables import AuditEntry
from media_pipeline.tables import Lecture
from tests.backend.assessment.marking.essays import hand_in, markers, seen
from tests.backend.assessment.sitting import Examinee
from tests.backend.organisations.making import make_member, make_organisation
from tests.people import AsPerson


async def teach(teacher: UUID, learner: UUID, *, now: datetime) -> None:
    row = ClassSession(
        id=uuid7(),
        organiser=uuid7(),
        title="审核实务",
        place="广州",
        capacity=20,
        members_only=False,
        begins_at=now,
        ends_at=now + timedelta(hours=3),
        breaks="[]",
        planned_seconds=8100,
        state="planned",
        created_by=teacher,
        created_at=now,
    )
    await ClassSession.insert(row)
    await ClassInstructor.insert(ClassInstructor(id=uuid7(), session=row.id, person=teacher))
    seat = ClassSeat(id=uuid7(), session=row.id, person=learner, state="enrolled", queued_at=now)
    await ClassSeat.insert(seat)


async def test_two_people_mark_blind_and_the_attempt_is_decided_once(
    essay_examinee: Examinee, api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    one, two = await markers(api, as_person, 2)
    done = await hand_in(essay_examinee, "我叫王小明，电话13812345678。不符合9.2。")
    attempt, learner = done["attempt"], essay_examinee.learner
    waiting = {"score": None, "passed": None, "recordDue": False}
    assert {name: done["result"][name] for name in waiting} == waiting
    again = await essay_examinee.try_start()
    assert (again.status_code, again.json()["code"]) == (409, "awaiting-marks")

    taken = await one.take()
    assert taken is not None
    assert await one.take() == taken  # the button pressed twice
    assert (taken["answer"], taken["points"]) == ("我叫王小明，电话13812345678。不符合9.2。", 60.0)
    assert taken["tells"] == ["phone", "name"]
    assert [line["points"] for line in taken["rubric"]] == [45.0, 15.0]
    secret = (str(learner.person.id), learner.enrolment_id, attempt["id"])
    assert [word for word in secret if word in str(taken)] == []
    missing = {"percents": {"clause": 100}, "comment": ""}
    refused = await one.ask("PUT", f"essays/{taken['id']}/marks", missing)
    assert (refused.status_code, refused.json()["code"]) == (422, "rubric-not-met")
    first = await one.give(taken, 100, 80)
    assert first.json() == {"id": taken["id"], "points": 57.0}
    assert (await one.give(taken, 100, 80)).json() == first.json()
    assert (await one.give(taken, 100, 90)).json()["code"] == "marked-already"
    assert await one.take() is None  # never the same person twice

    assert (await seen(learner, attempt))["result"]["score"] is None
    told = (await learner.get(f"/v1/attempts/{attempt['id']}/essays")).json()
    assert (told["decided"], told["essays"][0]["points"], told["essays"][0]["comments"]) == (
        *(False, None),
        [],
    )
    theirs = await two.take()
    assert theirs is not None
    assert theirs["id"] != taken["id"]
    same = {"id": taken["id"]}
    assert theirs | same == taken  # nothing of what the first gave
    assert (await two.give(theirs, 80, 60, "证据不足")).status_code == 200

    result = (await seen(learner, attempt))["result"]
    assert (result["score"], result["passed"], result["recordDue"]) == (71.0, True, True)
    told = (await learner.get(f"/v1/attempts/{attempt['id']}/essays")).json()
    assert told["essays"][0]["points"] == (57 + 45) / 2
    assert told["essays"][0]["comments"] == ["可以", "证据不足"]
    assert await DueRecord.count().where(DueRecord.learner_id == learner.person.id) == 1
    news = await Notice.count().where(
        Notice.person_id == learner.person.id, Notice.kind == "exam-marked"
    )
    assert news == 1
    acts = await AuditEntry.count().where(
        AuditEntry.act == "essay-marked", AuditEntry.actor.is_in([one.person.id, two.person.id])
    )
    assert acts == 2


async def test_a_third_person_marks_where_two_are_too_far_apart_also_within_a_case(
    essay_examinee: Examinee, api: httpx.AsyncClient, as_person: AsPerson
) -> None:
    one, two, three = await markers(api, as_person, 3)
    attempt = (await hand_in(essay_examinee, "不符合9.2。", "因为没有记录。"))["attempt"]
    assert (await one.mark(100, 100))["case"] is None
    assert (await one.mark(100, 100))["case"] is not None
    assert await three.waiting() == 2
    head = await as_person(Role.ADMINISTRATOR)
    said = (await api.get("/v1/marking/progress", headers=head.headers)).json()
    assert (said["waiting"], said["thirdWanted"], said["givenLastWeek"]) == (2, 0, 2)
    await two.mark(70, 100)  # 60 and 46.5: 13.5 > 12
    await two.mark(100, 100)
    assert (await seen(essay_examinee.learner, attempt))["result"]["score"] is None
    assert (await one.waiting(), await two.waiting(), await three.waiting()) == (0, 0, 1)
    await three.mark(90, 100)  # 55.5: nearer to 60
    result = (await seen(essay_examinee.learner, attempt))["result"]
    assert result["score"] == 57.75 + 20 + 20


async def test_who_goes_away_blocks_nothing_and_may_still_give_while_nobody_else_has_it(
    essay_examinee: Examinee, api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    one, two, three, four = await markers(api, as_person, 4)
    attempt = (await hand_in(essay_examinee, "不符合9.2。"))["attempt"]
    early, late = await one.take(), await two.take()
    assert await three.take() is None  # both places are taken
    clock.advance((LEASE + timedelta(seconds=1)).total_seconds())
    assert (await one.give(early, 100, 100)).status_code == 200
    assert await three.take() is not None
    refused = await two.give(late, 0, 0)
    assert (refused.status_code, refused.json()["code"]) == (409, "lease-over")
    third = await three.take()
    assert third is not None
    path = f"essays/{third['id']}/return"
    for _ in range(2):
        assert (await three.ask("POST", path, {"because": "known-person"})).status_code == 204
    assert (await three.give(third, 0, 0)).json()["code"] == "essay-not-yours"
    assert (await four.give(third, 0, 0)).status_code == 404
    assert await three.take() is None
    await two.mark(100, 100)  # gets it anew: he never marked it
    assert (await seen(essay_examinee.learner, attempt))["result"]["score"] == 80.0


async def test_nobody_marks_a_colleague_and_the_exam_opens_with_two_who_may(
    essay_examinee: Examinee, api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    one, two, three = await markers(api, as_person, 3)
    house = await make_organisation(one.person.id, now=clock())
    person = essay_examinee.learner.person.id
    for who in (person, two.person.id):
        await make_member(house, who, now=clock())
    refused = await essay_examinee.try_start()
    assert (refused.status_code, refused.json()["code"]) == (409, "no-markers")
    four, teacher, lecturer = await markers(api, as_person, 3)
    await teach(teacher.person.id, person, now=clock())
    (watched,) = await LessonWatch.select(LessonWatch.lecture_id).where(
        LessonWatch.learner_id == person
    )
    await Lecture.update({Lecture.author_id: lecturer.person.id}).where(
        Lecture.id == watched["lecture_id"]
    )
    never = (one, two, teacher, lecturer)
    assert await markers_for(person) >= {three.person.id, four.person.id}
    assert not await markers_for(person) & {each.person.id for each in never}
    await hand_in(essay_examinee, "不符合9.2。")
    assert [await each.take() for each in never] == [None] * 4
    taken = await three.take()
    assert await four.take() is not None
    await make_member(house, three.person.id, now=clock())  # a colleague since he took it
    assert (await three.give(taken, 0, 0)).json()["code"] == "essay-not-yours"


async def test_a_blank_essay_needs_nobody_and_an_erased_learner_s_essays_go(
    essay_examinee: Examinee, api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    from backend.assessment.privacy_facts import erase_person

    (one, _) = await markers(api, as_person, 2)
    done = await hand_in(essay_examinee, "　")
    assert (done["result"]["score"], done["result"]["passed"]) == (20.0, False)
    essay_examinee.clock.advance(timedelta(hours=25).total_seconds())
    await hand_in(essay_examinee, "不符合。")
    await one.mark(50, 50)
    person = essay_examinee.learner.person.id
    await erase_person(person, now=clock())
    for table in (Essay, ExamAttempt):
        assert not await table.exists().where(table.learner_id == person)
    assert not await EssayMark.exists().where(EssayMark.marked_by == one.person.id)
