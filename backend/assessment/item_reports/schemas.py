"""Figures of exams and items over HTTP. A figure that cannot be had is null."""

from datetime import datetime
from enum import StrEnum

import msgspec

from backend.assessment.statistics.item_response import Model
from backend.progress.schemas import Words
from courses.items.rich_text import RichText


class ExamEntry(msgspec.Struct, rename="camel", kw_only=True):
    exam: str
    edition: str
    people: int | None = None
    """Whose first attempts are in the figures; null where none are shown."""
    worked_out_at: datetime | None = None
    hidden: Words | None = None
    """Why nothing is shown."""


class ExamEntries(msgspec.Struct, rename="camel"):
    items: list[ExamEntry]
    fewest: int
    """People below whom no figure of an exam or an item is shown."""


class Standing(StrEnum):
    """What an author does with an item."""

    CHECK_KEY = "check-key"
    IMPROVE = "improve"
    FINE = "fine"
    TOO_FEW = "too-few"


class FindingView(msgspec.Struct, rename="camel"):
    flag: str
    zh: str
    en: str


class ItemLine(msgspec.Struct, rename="camel", kw_only=True):
    code: str
    answers: int | None
    """Null where fewer than are shown."""
    standing: Standing
    facility: float | None
    """0 to 1, as all shares."""
    discrimination: float | None
    upper_lower: float | None
    blank: float | None
    findings: list[FindingView]


class ExamReportView(msgspec.Struct, rename="camel", kw_only=True):
    exam: str
    edition: str
    worked_out_at: datetime
    people: int
    attempts: int
    """Those read: the newest, where there are very many."""
    pass_share: float
    passed: float
    mean: float | None
    median: float | None
    deviation: float | None
    near: float
    """Share within one standard error of the pass mark."""
    items_a_paper: float | None
    alpha: float | None
    dependability: float | None
    error: float | None
    """Standard error of a mark on a drawn paper, as a share of the full marks."""
    overlap: float | None
    model: Model | None
    before: str | None
    """The edition that items are compared with."""
    pictures: list[str]
    items: list[ItemLine]
    """Those to look at first, first."""


class OptionView(msgspec.Struct, rename="camel", kw_only=True):
    id: str
    text: RichText
    keyed: bool
    share: float | None
    lower: float | None
    upper: float | None


class CurveView(msgspec.Struct, rename="camel", kw_only=True):
    slope: float
    difficulty: float
    difficulty_error: float


class DriftView(msgspec.Struct, rename="camel", kw_only=True):
    before: str
    facility_before: float | None
    facility_after: float | None
    delta: float | None
    """Above nought: easier now for people as able. A normal deviate is four."""
    size: str
    """A negligible, B moderate, C large."""


class Elsewhere(msgspec.Struct, rename="camel", kw_only=True):
    """The item, also in another version, in another exam or edition."""

    exam: str
    edition: str
    code: str
    answers: int
    facility: float | None
    discrimination: float | None
    worked_out_at: datetime


class ItemReportView(msgspec.Struct, rename="camel", kw_only=True):
    line: ItemLine
    """As in the report."""
    exam: str
    edition: str
    worked_out_at: datetime
    hidden: Words | None
    stem: RichText
    options: list[OptionView]
    shown: float | None
    """Share of the papers that held it."""
    curve: CurveView | None
    drift: DriftView | None
    pictures: list[str]
    elsewhere: list[Elsewhere]


class Did(msgspec.Struct, frozen=True, kw_only=True):
    """How an item did in an exam, for the terminal."""

    code: str
    edition: str
    exam: str
    answers: int
    facility: float | None
    discrimination: float | None
    flags: list[str]
    worked_out_at: datetime

    def line(self) -> str:
        share = "—" if self.facility is None else f"{100 * self.facility:.1f}%"
        apart = "—" if self.discrimination is None else f"{self.discrimination:.2f}"
        flags = f" [{', '.join(self.flags)}]" if self.flags else ""
        return (
            f"{self.code} · {self.edition} {self.exam}: {self.answers} 人作答 answers，"
            f"得分率 facility {share}，区分度 discrimination {apart}{flags}"
            f"（{self.worked_out_at:%Y-%m-%d %H:%M} UTC）"
        )
