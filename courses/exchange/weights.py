"""Answers with their percents, as GIFT and Moodle write them."""

from decimal import ROUND_HALF_UP, Decimal

import msgspec

from courses.exchange.report import Report
from courses.items.rich_text import RichText


class AnswerSaid(msgspec.Struct, frozen=True, kw_only=True):
    mark: str = "="
    """`=` right, `~` wrong or with a weight of its own."""
    percent: Decimal
    weighted: bool
    raw: str
    """As written, for what must be plain words or a number."""
    text: RichText
    feedback: RichText | None = None


def whole_percent(percent: Decimal, where: str, report: Report) -> int | None:
    """None, and told, for an answer that earns nothing: it is not accepted then."""
    if percent <= 0 or percent > 100:
        zh, en = f"{percent}% 的答案未保留", f"an answer of {percent}% is left out: not accepted"
        report.changed(where, "answer", zh, en)
        return None
    whole = max(1, int(percent.to_integral_value(ROUND_HALF_UP)))
    if whole != percent:
        zh, en = f"{percent}% 取整为 {whole}%", f"{percent}% is rounded to {whole}%"
        report.changed(where, "weight", zh, en)
    return whole
