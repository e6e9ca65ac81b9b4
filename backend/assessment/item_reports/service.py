"""Figures as they are kept, for authors and reviewers."""

import asyncio
from collections.abc import Collection
from enum import StrEnum

import numpy as np

from backend.assessment.item_reports import repository, views
from backend.assessment.item_reports.repository import Kept, KeptItem, NoFigures
from backend.assessment.item_reports.schemas import (
    Did,
    ExamEntries,
    ExamReportView,
    ItemReportView,
)
from backend.assessment.statistics.bank_pictures import bank_picture, drift_picture, marks_picture
from backend.assessment.statistics.figures import FEWEST
from backend.assessment.statistics.item_pictures import curve_picture, shares_picture
from backend.assessment.statistics.pictures import Language
from infra.database import UnitOfWork
from infra.engine import DB


class ExamPicture(StrEnum):
    MARKS = "marks"
    BANK = "bank"
    DRIFT = "drift"


class ItemPicture(StrEnum):
    OPTIONS = "options"
    CURVE = "curve"


async def listed() -> ExamEntries:
    async with UnitOfWork(DB):
        sat = await repository.sat()
    return ExamEntries([views.entry(one) for one in sat], FEWEST)


async def report(exam: str, edition: str) -> ExamReportView:
    return views.report(await _kept(exam, edition))


async def item(exam: str, edition: str, code: str) -> ItemReportView:
    async with UnitOfWork(DB):
        found = await repository.kept_item(exam, edition, code)
        before = await repository.before(exam, edition)
        wherever = await repository.wherever([code.split(" v")[0]])
    return views.item(found, before, wherever)


async def did(codes: Collection[str]) -> list[Did]:
    """Wherever figures of these items are kept; those of too few people are left out."""
    async with UnitOfWork(DB):
        found = await repository.wherever(list(codes))
    return [views.did(one) for one in sorted(found, key=_by_code) if one.figures.statistics]


def _by_code(one: KeptItem) -> tuple[str, str, str]:
    return one.figures.code, one.edition, one.exam


async def exam_picture(exam: str, edition: str, what: ExamPicture, language: Language) -> bytes:
    """SVG. NoFigures."""
    found = await _kept(exam, edition)
    if what not in views.pictures_of_exam(found):
        raise NoFigures
    return await asyncio.to_thread(_drawn, found, what, language)


async def item_picture(
    exam: str, edition: str, code: str, what: ItemPicture, language: Language
) -> bytes:
    """SVG. NoFigures."""
    async with UnitOfWork(DB):
        found = await repository.kept_item(exam, edition, code)
    if what not in views.pictures_of(found.figures):
        raise NoFigures
    return await asyncio.to_thread(_drawn_item, found, what, language)


async def _kept(exam: str, edition: str) -> Kept:
    async with UnitOfWork(DB):
        return await repository.kept(exam, edition)


def _drawn(kept: Kept, what: ExamPicture, language: Language) -> bytes:
    found = kept.figures
    if what is ExamPicture.MARKS:
        error = found.reliability.dependable_error
        return marks_picture(found.distribution, found.pass_share, error, language).svg()
    if what is ExamPicture.BANK:
        known = [one.statistics for one in found.items if one.statistics]
        return bank_picture(known, language).svg()
    return drift_picture([one.drift for one in found.items if one.drift], language).svg()


def _drawn_item(kept: KeptItem, what: ItemPicture, language: Language) -> bytes:
    one = kept.figures
    if what is ItemPicture.OPTIONS:
        return shares_picture(one.item, np.array(one.fifths), language).svg()
    assert one.curve is not None
    return curve_picture(one.code, one.curve, language).svg()
