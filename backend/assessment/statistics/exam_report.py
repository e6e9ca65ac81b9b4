"""All that is said of one exam's items and marks, to be shown, stored or sent (NaN as null)."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

import msgspec

from backend.assessment.statistics.distribution import Distribution, distribution
from backend.assessment.statistics.item_analysis import ItemStatistics, item_statistics
from backend.assessment.statistics.item_flags import Finding, findings_of
from backend.assessment.statistics.reliability import Reliability, reliability
from backend.assessment.statistics.responses import Responses


class ItemReport(msgspec.Struct, frozen=True):
    statistics: ItemStatistics
    findings: tuple[Finding, ...]

    @property
    def code(self) -> str:
        return self.statistics.code


class ExamReport(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[ItemReport, ...]
    """Those with findings first, the most serious before the others."""
    reliability: Reliability
    distribution: Distribution


def exam_report(by_question: Responses, whole: Responses, pass_share: float) -> ExamReport:
    """The same papers collected twice: with cases divided, and whole."""
    found = [ItemReport(one, tuple(findings_of(one))) for one in item_statistics(by_question)]
    trust = reliability(whole)
    return ExamReport(
        items=in_order_of_urgency(found),
        reliability=trust,
        distribution=distribution(whole, pass_share, trust.dependable_error),
    )


class _Found(Protocol):
    @property
    def findings(self) -> tuple[Finding, ...]: ...
    @property
    def code(self) -> str: ...


F = TypeVar("F", bound=_Found)


def in_order_of_urgency(found: Iterable[F]) -> tuple[F, ...]:
    return tuple(sorted(found, key=_urgency))


def _urgency(item: _Found) -> tuple[int, str]:
    """Flags are declared in the order of their weight."""
    order = [*type(item.findings[0].flag)] if item.findings else []
    place = order.index(item.findings[0].flag) if item.findings else 99
    return place, item.code
