"""From figures to what authors are shown; what is hidden says why."""

from math import isnan

from backend.assessment.item_reports.repository import Kept, KeptItem, Sat
from backend.assessment.item_reports.schemas import (
    CurveView,
    Did,
    DriftView,
    Elsewhere,
    ExamEntry,
    ExamReportView,
    FindingView,
    ItemLine,
    ItemReportView,
    OptionView,
    Standing,
)
from backend.assessment.statistics.bank_pictures import SERIOUS
from backend.assessment.statistics.figures import ENOUGH_FOR_BARS, FEWEST, ItemFigures
from backend.assessment.statistics.item_flags import Flag
from backend.progress.schemas import Words

_DRIFT = "drift"
_FEW_PEOPLE = Words(
    f"已评分的首次考试不足 {FEWEST} 人：人数过少时，统计可能看出个人成绩，故不显示。",
    f"Fewer than {FEWEST} people have a marked first attempt: figures of so few could tell a "
    "single person's marks, so none are shown.",
)
_NOT_YET = Words(
    "统计正在计算，约一刻钟后可见。", "Being worked out: look again in a quarter of an hour."
)
_FEW_ANSWERS = Words(
    f"作答不足 {FEWEST} 人，不显示统计，以免看出个人的作答。",
    f"Fewer than {FEWEST} people have answered this item: nothing is shown, so that nobody's "
    "answer can be told.",
)


def figure(value: float) -> float | None:
    return None if isnan(value) else value


def entry(one: Sat) -> ExamEntry:
    hidden = None
    if one.worked_out_at is None:
        hidden = _FEW_PEOPLE if one.people < FEWEST else _NOT_YET
    return ExamEntry(
        exam=one.exam,
        edition=one.edition,
        people=one.kept_people,
        worked_out_at=one.worked_out_at,
        hidden=hidden,
    )


def report(kept: Kept) -> ExamReportView:
    found, marks = kept.figures, kept.figures.distribution
    compared = any(one.drift for one in found.items)
    return ExamReportView(
        exam=kept.exam,
        edition=kept.edition,
        worked_out_at=kept.worked_out_at,
        people=kept.people,
        attempts=found.attempts,
        pass_share=found.pass_share,
        passed=marks.passed,
        mean=figure(marks.mean),
        median=figure(marks.median),
        deviation=figure(marks.deviation),
        near=marks.near,
        items_a_paper=figure(found.reliability.items_a_paper),
        alpha=figure(found.reliability.alpha),
        dependability=figure(found.reliability.dependability),
        error=figure(found.reliability.dependable_error),
        overlap=figure(found.overlap),
        model=found.model,
        before=found.before if compared else None,
        pictures=pictures_of_exam(kept),
        items=[line(one) for one in found.items],
    )


def pictures_of_exam(kept: Kept) -> list[str]:
    marks = ["marks"] if kept.figures.attempts >= ENOUGH_FOR_BARS else []
    compared = any(one.drift for one in kept.figures.items)
    return [*marks, "bank", *(["drift"] if compared else [])]


def line(one: ItemFigures) -> ItemLine:
    found = one.statistics
    return ItemLine(
        code=one.code,
        answers=one.answers if found else None,
        standing=_standing(one),
        facility=figure(found.facility) if found else None,
        discrimination=figure(found.discrimination) if found else None,
        upper_lower=figure(found.upper_lower) if found else None,
        blank=figure(found.blank) if found else None,
        findings=_findings(one),
    )


def _standing(one: ItemFigures) -> Standing:
    flags = {finding.flag for finding in one.findings}
    if flags & SERIOUS:
        return Standing.CHECK_KEY
    if Flag.TOO_FEW in flags:
        return Standing.TOO_FEW
    return Standing.IMPROVE if _findings(one) else Standing.FINE


def _findings(one: ItemFigures) -> list[FindingView]:
    if one.statistics is None:
        return [FindingView(Flag.TOO_FEW, _FEW_ANSWERS.zh, _FEW_ANSWERS.en)]
    found = [FindingView(said.flag, said.zh, said.en) for said in one.findings]
    if one.drift and one.drift.striking:
        found.append(FindingView(_DRIFT, one.drift.zh, one.drift.en))
    return found


def item(kept: KeptItem, before: str | None, wherever: list[KeptItem]) -> ItemReportView:
    one = kept.figures
    return ItemReportView(
        line=line(one),
        exam=kept.exam,
        edition=kept.edition,
        worked_out_at=kept.worked_out_at,
        hidden=None if one.statistics else _FEW_ANSWERS,
        stem=kept.wording.stem,
        options=_options(kept),
        shown=one.shown if one.statistics else None,
        curve=_curve(one),
        drift=_drift(one, before),
        pictures=pictures_of(one),
        elsewhere=[
            _elsewhere(other)
            for other in wherever
            if (other.exam, other.edition, other.figures.code)
            != (kept.exam, kept.edition, one.code)
            and other.figures.statistics
        ],
    )


def pictures_of(one: ItemFigures) -> list[str]:
    return [*(["options"] if one.fifths else []), *(["curve"] if one.curve else [])]


def _options(kept: KeptItem) -> list[OptionView]:
    found = kept.figures.statistics
    by_id = {one.option: one for one in found.options} if found else {}
    options = []
    for choice in kept.wording.options:
        one = by_id.get(choice.id)
        options.append(
            OptionView(
                id=choice.id,
                text=choice.text,
                keyed=choice.id in kept.figures.item.key,
                share=figure(one.share) if one else None,
                lower=figure(one.lower) if one else None,
                upper=figure(one.upper) if one else None,
            )
        )
    return options


def _curve(one: ItemFigures) -> CurveView | None:
    if one.curve is None:
        return None
    return CurveView(
        slope=one.curve.slope,
        difficulty=one.curve.difficulty,
        difficulty_error=one.curve.difficulty_error,
    )


def _drift(one: ItemFigures, before: str | None) -> DriftView | None:
    if one.drift is None or before is None:
        return None
    return DriftView(
        before=before,
        facility_before=figure(one.drift.facility[0]),
        facility_after=figure(one.drift.facility[1]),
        delta=figure(one.drift.odds.delta),
        size=one.drift.odds.size.value,
    )


def _elsewhere(other: KeptItem) -> Elsewhere:
    found = other.figures.statistics
    assert found is not None
    return Elsewhere(
        exam=other.exam,
        edition=other.edition,
        code=other.figures.code,
        answers=found.answers,
        facility=figure(found.facility),
        discrimination=figure(found.discrimination),
        worked_out_at=other.worked_out_at,
    )


def did(kept: KeptItem) -> Did:
    one = line(kept.figures)
    return Did(
        code=one.code,
        edition=kept.edition,
        exam=kept.exam,
        answers=kept.figures.answers,
        facility=one.facility,
        discrimination=one.discrimination,
        flags=[finding.flag for finding in one.findings],
        worked_out_at=kept.worked_out_at,
    )
