from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.organisations.certification import (
    Due,
    Fact,
    FactDoesNotFit,
    FactInTheFuture,
    FactKind,
    checked_fact,
    cycle,
    months_after,
)
from infra.ids import uuid7

TODAY = date(2026, 3, 2)


def fact(kind: FactKind, on: date, **more: object) -> Fact:
    return Fact(id=uuid7(), kind=kind, happened_on=on, **more)  # type: ignore[arg-type]


def test_without_a_fact_nothing_is_due() -> None:
    assert cycle([], today=TODAY).state == "none"


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ([], Due("surveillance", date(2025, 6, 1), overdue=True)),
        ([date(2025, 5, 20)], Due("surveillance", date(2026, 5, 20), overdue=False)),
        (
            [date(2025, 5, 20), date(2026, 2, 1)],
            Due("surveillance", date(2027, 2, 1), overdue=False),
        ),
    ],
    ids=[
        "the first surveillance is due 12 months after the decision",
        "the next 12 months after the last",
        "early surveillance brings the next one forward",
    ],
)
def test_surveillance_is_due_every_twelve_months(facts: list[date], due: Due) -> None:
    known = [fact(FactKind.CERTIFIED, date(2024, 6, 1))]
    known += [fact(FactKind.SURVEILLANCE, day) for day in facts]
    assert cycle(known, today=TODAY).due == due


def test_recertification_is_due_when_the_third_year_ends_and_begins_a_new_cycle() -> None:
    known = [
        fact(FactKind.CERTIFIED, date(2023, 4, 1)),
        fact(FactKind.SURVEILLANCE, date(2024, 4, 1)),
        fact(FactKind.SURVEILLANCE, date(2025, 4, 1)),
    ]
    found = cycle(known, today=TODAY)
    assert found.due == Due("recertification", date(2026, 4, 1), overdue=False)
    known.append(fact(FactKind.RECERTIFIED, TODAY))
    renewed = cycle(known, today=TODAY)
    assert (renewed.certified_from, renewed.valid_until) == (date(2023, 4, 1), date(2029, 3, 2))
    assert renewed.due == Due("surveillance", date(2027, 3, 2), overdue=False)


def test_a_certificate_runs_out_and_can_be_ended() -> None:
    old = fact(FactKind.CERTIFIED, date(2022, 1, 1))
    assert cycle([old], today=TODAY).state == "expired"
    assert cycle([old, fact(FactKind.ENDED, date(2023, 1, 1))], today=TODAY).state == "ended"


def test_a_withdrawn_fact_counts_for_nothing() -> None:
    wrong = fact(FactKind.CERTIFIED, date(2025, 1, 1))
    back = fact(FactKind.WITHDRAWAL, TODAY, withdraws=wrong.id)
    assert cycle([wrong, back], today=TODAY).state == "none"
    with pytest.raises(FactDoesNotFit):
        checked_fact(
            fact(FactKind.WITHDRAWAL, TODAY, withdraws=wrong.id), [wrong, back], today=TODAY
        )


def test_facts_that_cannot_be_are_refused() -> None:
    with pytest.raises(FactDoesNotFit):
        checked_fact(fact(FactKind.SURVEILLANCE, TODAY), [], today=TODAY)
    with pytest.raises(FactInTheFuture):
        checked_fact(fact(FactKind.CERTIFIED, TODAY + timedelta(days=1)), [], today=TODAY)
    running = [fact(FactKind.CERTIFIED, date(2025, 1, 1))]
    with pytest.raises(FactDoesNotFit):
        checked_fact(fact(FactKind.CERTIFIED, TODAY), running, today=TODAY)


@given(st.dates(date(2018, 4, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_months_later_is_the_same_day_or_the_month_s_last(day: date, months: int) -> None:
    later = months_after(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1
