"""Exams nobody would plan: one item, one person, all blank. Nothing may fail."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.assessment.statistics.answer_times import Timed, too_fast
from backend.assessment.statistics.copying import compared
from backend.assessment.statistics.drift import drift, robust_z
from backend.assessment.statistics.exam_report import exam_report
from backend.assessment.statistics.exposure import exposed_items, exposure
from backend.assessment.statistics.foreknowledge import foreknowledge
from backend.assessment.statistics.item_response import Model, calibrate
from backend.assessment.statistics.responses import KeyedItem, Responses, UnusableResponses


@st.composite
def papers(draw: st.DrawFn) -> Responses:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    people, bank = draw(st.integers(0, 12)), draw(st.integers(1, 6))
    drawn = rng.random((people, bank)) < draw(st.sampled_from([0.0, 0.2, 0.7, 1.0]))
    attempt, item = (column.astype(np.int32) for column in np.nonzero(drawn))
    worth = rng.integers(1, 4, len(item)) * 50
    share = rng.integers(0, 3, len(item)) / 2 if draw(st.booleans()) else np.zeros(len(item))
    kinds = [
        KeyedItem(code=f"Q{n}", options=("A", "B", "C")[:many], key=frozenset("A"), multiple=n == 1)
        for n, many in enumerate(rng.choice((0, 2, 3), bank).tolist())
    ]
    return Responses(
        items=tuple(kinds),
        attempts=people,
        attempt=attempt,
        item=item,
        points=(worth * share).astype(np.int32),
        worth=worth.astype(np.int32),
        picked=rng.integers(0, 8, len(item)),
    )


@settings(max_examples=60, deadline=None)
@given(papers())
def test_every_figure_of_an_odd_exam_is_a_share_or_not_a_number(responses: Responses) -> None:
    report = exam_report(responses, responses, 0.6)
    for item in report.items:
        figures = item.statistics
        assert np.isnan(figures.facility) or 0 <= figures.facility <= 1
        assert np.isnan(figures.discrimination) or abs(figures.discrimination) <= 1 + 1e-9
        assert np.isnan(figures.upper_lower) or abs(figures.upper_lower) <= 1 + 1e-9
    assert np.isnan(report.reliability.alpha) or report.reliability.alpha <= 1 + 1e-9
    assert sum(report.distribution.bars) == report.distribution.attempts
    assert exposure(responses).rate.max(initial=0) <= 1
    assert exposed_items(drift(responses, responses)) == []


@settings(max_examples=60, deadline=None)
@given(papers())
def test_no_odd_exam_gives_a_signal(responses: Responses) -> None:
    found = compared(responses, np.zeros(responses.attempts, np.int64))
    assert all(0 <= pair.chance <= 1 for pair in found.striking)
    timed = Timed(
        responses=responses,
        seconds=np.where(responses.picked == 0, np.nan, 30.0),
        characters=np.full(len(responses.items), 100),
    )
    assert too_fast(timed) == []
    exposed = np.arange(len(responses.items)) % 2 == 0
    assert foreknowledge(timed, exposed) == []


@settings(max_examples=30, deadline=None)
@given(papers(), st.sampled_from(Model))
def test_odd_answers_are_calibrated_or_refused(responses: Responses, model: Model) -> None:
    try:
        found = calibrate(responses.matrix(), model, most_rounds=200)
    except UnusableResponses:
        return
    assert np.isfinite(found.likelihood)
    assert len(found.items) == len(responses.items)


def test_changes_nobody_knows_have_no_z() -> None:
    assert np.isnan(robust_z(np.array([np.nan, np.nan]), np.array([0.0, 1.0]))).all()
