"""The register's two times, and the rules around auditors and files."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.certification_bodies import domain
from backend.certification_bodies.domain import Fact, RegisterState, checked_addition, status
from infra.errors import DomainError
from infra.ids import uuid7

TODAY = date(2026, 3, 2)
BEGAN = datetime(2026, 3, 2, 1, tzinfo=UTC)
LISTED, SUSPENDED, REMOVED = RegisterState
WITHDRAWN = None


def fact(
    state: RegisterState | None, from_day: int, *, after: int = 0, corrects: UUID | None = None
) -> Fact:
    """From that day of January; recorded so many hours after the first."""
    return Fact(
        id=uuid7(),
        state=state,
        name="甲认证中心",
        effective_from=date(2026, 1, from_day),
        recorded_at=BEGAN + timedelta(hours=after),
        reason="依据复核结论",
        document="国知发运字〔2026〕1号",
        corrects=corrects,
    )


def test_a_suspension_holds_from_its_day_on() -> None:
    line = [fact(LISTED, 1), fact(SUSPENDED, 10, after=1), fact(LISTED, 20, after=2)]
    states = {d: (f.state if (f := status(line, date(2026, 1, d))) else None) for d in range(1, 25)}
    assert [states[d] for d in (1, 9, 10, 19, 20, 24)] == [
        *(LISTED, LISTED, SUSPENDED, SUSPENDED, LISTED, LISTED),
    ]
    assert status(line, date(2025, 12, 31)) is None


def test_a_correction_changes_what_is_known_now_and_not_what_was_known_then() -> None:
    listed, wrong = fact(LISTED, 1), fact(SUSPENDED, 10, after=1)
    right = fact(SUSPENDED, 15, after=2, corrects=wrong.id)
    line = [listed, wrong, checked_addition([listed, wrong], right, today=TODAY)]
    then = wrong.recorded_at
    day = date(2026, 1, 12)
    assert status(line, day) == listed
    assert status(line, day, then) == wrong


def test_a_withdrawn_entry_never_was() -> None:
    listed, wrong = fact(LISTED, 1), fact(REMOVED, 10, after=1)
    line = [listed, wrong, fact(WITHDRAWN, 10, after=2, corrects=wrong.id)]
    assert status(line, TODAY) == listed


Build = Callable[[], tuple[list[Fact], Fact]]


def corrected_twice() -> tuple[list[Fact], Fact]:
    first, second = fact(LISTED, 1), fact(SUSPENDED, 5)
    return [first, second, fact(REMOVED, 5, corrects=second.id)], fact(
        WITHDRAWN, 5, corrects=second.id
    )


def listing_taken_away() -> tuple[list[Fact], Fact]:
    first = fact(LISTED, 1)
    return [first, fact(SUSPENDED, 5)], fact(WITHDRAWN, 1, corrects=first.id)


@pytest.mark.parametrize(
    ("build", "error"),
    [
        pytest.param(lambda: ([], fact(SUSPENDED, 1)), domain.FirstMustBeListing, id="first"),
        pytest.param(
            lambda: ([fact(LISTED, 5)], fact(SUSPENDED, 1)),
            domain.FirstMustBeListing,
            id="before the listing",
        ),
        pytest.param(
            lambda: ([fact(LISTED, 5)], fact(REMOVED, 5)), domain.OneEntryADay, id="same day"
        ),
        pytest.param(
            lambda: ([fact(LISTED, 1)], fact(LISTED, 9)), domain.NothingChanges, id="no change"
        ),
        pytest.param(
            lambda: ([fact(LISTED, 1)], fact(REMOVED, 9, corrects=uuid7())),
            domain.NoSuchEntry,
            id="another body's entry",
        ),
        pytest.param(corrected_twice, domain.AlreadyCorrected, id="corrected twice"),
        pytest.param(listing_taken_away, domain.FirstMustBeListing, id="the ground taken away"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(build: Build, error: type[DomainError]) -> None:
    known, new = build()
    with pytest.raises(error):
        checked_addition(known, new, today=TODAY)


def test_nothing_is_entered_more_than_a_year_ahead() -> None:
    far = fact(LISTED, 1)
    with pytest.raises(domain.TooFarAhead):
        checked_addition([], far, today=date(2024, 12, 1))


steps = st.lists(
    st.tuples(
        st.sampled_from([LISTED, SUSPENDED, REMOVED, WITHDRAWN]),
        st.integers(1, 28),
        st.integers(0, 2),  # hours that pass: entries of one moment too
        st.integers(0, 9),  # which entry it corrects, if there is one
        st.booleans(),
    ),
    max_size=12,
)


@given(steps)
def test_any_history_answers_each_question_once_and_for_ever(
    steps: list[tuple[RegisterState | None, int, int, int, bool]],
) -> None:
    """Whatever is entered, in whatever order: the answers given before stay, word for word."""
    facts: list[Fact] = []
    days = [date(2026, 1, d) for d in range(1, 29, 3)]
    answered: dict[tuple[date, datetime], Fact | None] = {}
    hours = 0
    for state, day, passed, which, correcting in steps:
        hours += passed
        corrects = facts[which % len(facts)].id if facts and (correcting or state is None) else None
        try:
            new = checked_addition(
                facts, fact(state, day, after=hours, corrects=corrects), today=TODAY
            )
        except DomainError:
            continue
        facts.append(new)
        answered |= {(d, new.recorded_at): status(facts, d) for d in days}
        line = domain.standing(facts)
        assert len({f.effective_from for f in line}) == len(line)
        assert not line or line[0].state is LISTED
    for (asked, moment), said in answered.items():
        assert status(facts, asked, moment) == said


def test_a_question_about_this_very_minute_is_sent_back() -> None:
    with pytest.raises(domain.NotSettledYet):
        domain.checked_known_at(BEGAN, now=BEGAN + timedelta(seconds=59))
    assert domain.checked_known_at(BEGAN, now=BEGAN + timedelta(seconds=60)) == BEGAN


def test_why_a_body_may_not_is_said_with_its_day_and_paper() -> None:
    domain.check_listed(fact(LISTED, 1))
    with pytest.raises(domain.BodyNotListed) as refused:
        domain.check_listed(fact(SUSPENDED, 9))
    assert "2026-01-09" in str(refused.value)
    assert "国知发运字〔2026〕1号" in refused.value.zh
    with pytest.raises(domain.BodyNotListed):
        domain.check_listed(None)
