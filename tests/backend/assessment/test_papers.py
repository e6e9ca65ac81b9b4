"""Papers of every exam, frozen as an attempt keeps them."""

import json
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from backend.assessment.criteria import criterion_from, frozen
from backend.assessment.domain import Drawn, grade
from backend.assessment.exposure.service import Standing
from backend.assessment.outcome import valid_until
from backend.assessment.papers import NoPaper, criterion_of
from courses.exam_rules import pool_for
from courses.format import Edition
from courses.items.item import content_sha256
from courses.papers.exposure import Seen
from tests.courses import current_edition
from tests.courses.banks import SECTIONED, bank_for
from tests.courses.items.samples import full

SEED = bytes(range(32))


@pytest.fixture(scope="module")
def written() -> Edition:
    return current_edition()


def with_bank(edition: Edition, programme: str) -> Edition:
    code = edition.programme(programme)
    made = bank_for(pool_for(edition, code), 5)
    return replace(edition, items=tuple(replace(one, module=code.modules[0]) for one in made))


@pytest.mark.parametrize(("exam", "programme"), SECTIONED.items())
def test_a_paper_of_each_exam_is_worth_a_hundred_points_and_keeps_what_it_was_drawn_by(
    written: Edition, exam: str, programme: str
) -> None:
    edition = with_bank(written, programme)
    code = edition.programme(programme)
    had = {item.id: 1 for item in edition.items[::7]}
    lately = {item.id: n % 9 for n, item in enumerate(edition.items)}
    standing = Standing(
        lately_sha256="0" * 64, seen=Seen(lately=lately, by_learner={**had, "M99-001": 3})
    )
    criterion = criterion_of(edition, code, SEED, standing)
    sections = edition.exam(exam).sections
    assert criterion.total_points == 100
    assert [item.points for item in criterion.items] == [
        Decimal(str(section.points)) for section in sections for _ in range(section.count)
    ]
    assert criterion.drawn == Drawn(
        method="sha256-counter/1", lately_sha256="0" * 64, by_learner=had
    )
    in_bank = {item.id: content_sha256(item) for item in edition.items}
    assert all(item.sha256 == in_bank[item.id] for item in criterion.items)
    assert criterion == criterion_of(edition, code, SEED, standing)
    assert criterion != criterion_of(edition, code, SEED)


def test_a_bank_that_no_paper_can_be_drawn_from_is_told_as_such(written: Edition) -> None:
    edition = replace(written, items=written.items[:9])
    with pytest.raises(NoPaper):
        criterion_of(edition, edition.programme("DEMO"), SEED)


def test_a_paper_of_before_draws_were_described_is_read_marked_and_kept_as_it_was(
    written: Edition,
) -> None:
    criterion = criterion_of(written, written.programme("DEMO"), SEED)
    before = frozen(replace(criterion, drawn=UNSET))
    assert b"drawn" not in before
    again = criterion_from(json.loads(before))
    assert again.drawn is UNSET
    assert frozen(again) == before
    answers = {item.id: full(item.interaction) for item in again.items}
    assert grade(again, answers) == grade(criterion, answers)
    assert grade(again, answers).score == 100


@pytest.mark.parametrize(
    ("passed_at", "day"),
    [
        pytest.param("2028-02-28T17:00:00+00:00", "02-28", id="a leap day in Shanghai only"),
        pytest.param("2028-02-29T17:00:00+00:00", "03-01", id="a leap day in Greenwich only"),
        pytest.param("2027-12-31T17:00:00+00:00", "01-01", id="another year there"),
    ],
)
def test_a_record_ends_on_the_day_it_began_by_the_calendar_of_shanghai(
    written: Edition, passed_at: str, day: str
) -> None:
    programme = next(one for one in written.programmes if one.validity)
    began = datetime.fromisoformat(passed_at)
    ends = valid_until(written, programme, began)
    assert ends is not None
    there = ends + timedelta(hours=8)
    years = written.figure(programme.validity or "", (began + timedelta(hours=8)).date())
    assert (f"{there:%m-%d}", there.year) == (day, (began + timedelta(hours=8)).year + years)
