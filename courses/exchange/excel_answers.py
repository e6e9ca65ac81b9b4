"""Accepted texts and numbers in one cell: `认证|评定@50%`, `25±0.5|30@50%`."""

from collections.abc import Callable, Sequence

from courses.exchange.excel_columns import parted, quoted, with_percent
from courses.exchange.numbers_reading import decimal_of
from courses.exchange.report import Refused
from courses.items.interactions import AcceptedNumber, AcceptedText

Tell = Callable[[str, str], None]
"""Element, and what it is, that the sheet has no place for."""


def texts(cell: str) -> tuple[AcceptedText, ...]:
    """Raises Refused, also where there is none."""
    accepted = tuple(
        AcceptedText(text=text, percent=_percent(percent))
        for text, percent in map(with_percent, parted(cell))
    )
    needed(accepted)
    return accepted


def numbers(cell: str) -> tuple[AcceptedNumber, ...]:
    """Raises Refused, also where there is none."""
    accepted = []
    for text, percent in map(with_percent, parted(cell)):
        value, _, around = text.replace("+-", "±").replace("+/-", "±").partition("±")
        tolerance, said = decimal_of(around or "0"), _percent(percent)
        accepted.append(AcceptedNumber(value=decimal_of(value), tolerance=tolerance, percent=said))
    needed(accepted)
    return tuple(accepted)


def needed(answers: object) -> None:
    if not answers:
        raise Refused("没有答案", "there is no answer")


def _percent(percent: int) -> int:
    if not 1 <= percent <= 100:
        raise Refused(f"{percent}% 不在 1–100 之间", f"{percent}% is not between 1 and 100")
    return percent


def texts_written(accepted: Sequence[AcceptedText], lose: Tell) -> str:
    if any("\n" in one.text for one in accepted):
        lose("answer", "答案中的换行")
    return "|".join(f"{quoted(one.text)}{_share(one, lose)}".replace("\n", " ") for one in accepted)


def numbers_written(accepted: Sequence[AcceptedNumber], lose: Tell) -> str:
    said = []
    for one in accepted:
        around = f"±{one.tolerance}" if one.tolerance else ""
        said.append(f"{one.value}{around}{_share(one, lose)}")
    return "|".join(said)


def _share(one: AcceptedText | AcceptedNumber, lose: Tell) -> str:
    if one.feedback:
        lose("feedback", "答案反馈")
    return "" if one.percent == 100 else f"@{one.percent}%"
