"""What comes first: modules in order, records of other programmes."""

import httpx
import pytest
from msgspec.structs import replace

from backend.curriculum import repository as curriculum
from backend.progress.plans import RecordNeededFirst, check_prerequisites, first_left
from backend.progress.repository import Enrolment, enrol
from courses.checker import check
from courses.format import Edition, ModuleOrder, Programme
from courses.loader import canonical, from_canonical, sha256_of
from courses.order import circular, in_order, modules_before, required
from infra.clock import ManualClock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from tests.backend.progress.learning import Learner
from tests.courses import current_edition
from tests.people import AsPerson


@pytest.fixture(scope="module")
def edition() -> Edition:
    return current_edition()


def with_programme(edition: Edition, code: str, **changes: object) -> Edition:
    programmes = tuple(
        replace(one, **changes) if one.code == code else one for one in edition.programmes
    )
    return replace(edition, programmes=programmes)


def mgr(edition: Edition) -> Programme:
    return edition.programme("MGR")


def test_what_an_edition_does_not_say_leaves_its_hash_alone(edition: Edition) -> None:
    assert not in_order(mgr(edition))
    assert required(mgr(edition)) == ()
    assert b"requires" not in canonical(edition)
    said = with_programme(edition, "MGR", requires=("LEAD",), module_order=ModuleOrder.IN_ORDER)
    assert sha256_of(said) != sha256_of(edition)
    assert from_canonical(canonical(said)) == said


def test_in_order_each_module_waits_for_those_before_it(edition: Edition) -> None:
    ordered = mgr(with_programme(edition, "MGR", module_order=ModuleOrder.IN_ORDER))
    assert modules_before(ordered, "M02") == ()
    assert modules_before(ordered, "M04") == ("M02", "M03")
    assert modules_before(mgr(edition), "M04") == ()
    complete = {lesson.code for lesson in edition.module("M02").lessons}
    left = first_left(edition, ordered, ("M02", "M03"), complete)
    assert left is not None
    assert (left[0], left[1].zh) == ("M03", "还差 12 个小节")
    assert first_left(edition, ordered, ("M02",), complete) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"requires": ("NOPE",)}, "no programme NOPE", id="of a programme unknown"),
        pytest.param({"requires": ("MGR",)}, "lead back", id="of itself"),
    ],
)
def test_a_requirement_nobody_could_meet_is_not_published(
    edition: Edition, changes: dict[str, object], said: str
) -> None:
    problems = check(with_programme(edition, "MGR", **changes))
    assert [one.where for one in problems] == ["MGR"]
    assert said in problems[0].what


def test_two_programmes_that_wait_for_each_other_are_found(edition: Edition) -> None:
    once = with_programme(edition, "MGR", requires=("LEAD",))
    assert circular(once) == []
    assert circular(with_programme(once, "LEAD", requires=("MGR",))) == ["LEAD", "MGR"]


async def test_a_programme_that_asks_for_a_record_says_which(
    unit: None, edition: Edition, as_person: AsPerson, clock: ManualClock
) -> None:
    asking = with_programme(edition, "IA-E", requires=("MGR",))
    person = await as_person()
    with pytest.raises(RecordNeededFirst) as refused:
        await check_prerequisites(person.id, asking, asking.programme("IA-E"), now=clock())
    assert mgr(edition).title.zh in refused.value.zh
    await check_prerequisites(person.id, edition, edition.programme("IA-E"), now=clock())


async def test_a_lesson_of_a_later_module_is_refused_in_words_and_the_first_one_opens(
    api: httpx.AsyncClient, edition: Edition, as_person: AsPerson, clock: ManualClock
) -> None:
    """MGR in order, as an edition of its own; its lessons have no lectures here, which is what the
    first module is refused for."""
    ordered = replace(
        with_programme(edition, "MGR", module_order=ModuleOrder.IN_ORDER), code="2026.8"
    )
    learner = Learner(api, await as_person(), clock)
    content = canonical(ordered)
    await curriculum.publish(ordered.code, sha256_of(ordered), content, now=clock())
    enrolment = await enrol_in(learner, ordered)
    shown = {one["code"]: one for one in (await learner.screen())["lessons"]}
    assert shown["M02-L06"]["locked"] is None
    assert shown["M03-L01"]["locked"]["module"] == "M02"
    assert shown["M03-L01"]["locked"]["words"] == {
        "zh": "请先完成模块 M02《认证制度与诚信》：还差 6 个小节。",
        "en": "First finish module M02 (The certification system and integrity): 6 lessons to go.",
    }
    for lesson, code in (("M03-L01", "module-not-yet"), ("M02-L01", "lesson-not-playable")):
        body = {"enrolmentId": enrolment, "lesson": lesson}
        refused = await learner.post("/v1/play-sessions", body)
        assert (refused.status_code, refused.json()["code"]) == (409, code)
        if code == "module-not-yet":
            assert "M02" in refused.json()["detail"]
            assert "还差 6 个小节" in refused.json()["detail"]


async def enrol_in(learner: Learner, edition: Edition, programme: str = "MGR") -> str:
    """As if all of the programme could be played already."""
    row = Enrolment(
        id=uuid7(),
        learner_id=learner.person.id,
        programme_code=programme,
        edition=edition.code,
        edition_sha256=sha256_of(edition),
        demonstration=False,
        enrolled_at=learner.clock(),
    )
    async with UnitOfWork(DB):
        await enrol(row, check_in_seconds=480)
    learner.enrolment_id = str(row.id)
    return learner.enrolment_id
