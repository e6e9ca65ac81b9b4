"""Rules of marking by people. No I/O: time and rows are passed in; points are exact decimals."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

import msgspec

from backend.assessment.domain import Answers, Criterion
from courses.items.answers import Parts, Written, blank
from courses.items.interactions import Case, Essay
from courses.items.markers import agreed, third_needed
from courses.items.marking import split
from courses.items.rich_text import RichText
from infra.errors import Conflict, Invalid, NotFound

LEASE = timedelta(minutes=45)
"""An answer taken and not marked by then goes to somebody else."""
MARKERS = 2


class EssayNotYours(NotFound):
    """You have no such answer to mark; take the next one."""

    zh = "您没有领取这份答卷，请领取下一份。"


class LeaseOver(Conflict):
    """You held this answer for too long, and it went to somebody else. Take the next one."""

    zh = "您领取的时间已过，这份答卷已交由他人评阅，请领取下一份。"


class MarkedAlready(Conflict):
    """You have marked this answer, and a mark given does not change. Take the next one."""

    zh = "您已评阅这份答卷，评分不能再改，请领取下一份。"


class RubricNotMet(Invalid):
    """Give each line of the rubric a share from 0 to 100 per cent."""

    zh = "请为评分标准的每一项给出 0 至 100 的得分率。"


class MarkState(StrEnum):
    HELD = "held"
    GIVEN = "given"
    RETURNED = "returned"


class Because(StrEnum):
    """Why an answer was handed back; it never comes back to the same person."""

    KNOWN_PERSON = "known-person"
    UNREADABLE = "unreadable"
    OTHER = "other"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a marker sees of an item; `case` tells what all questions of a case are about."""

    case: RichText | None
    stem: RichText
    essay: Essay


class HandedIn(msgspec.Struct, frozen=True, kw_only=True):
    """An essay of an attempt that has something in it: a blank one earns nothing by itself."""

    item_id: str
    part_id: str
    worth: Decimal
    asked: Asked
    answer: str


def essays_of(criterion: Criterion, answers: Answers) -> Iterator[HandedIn]:
    for item in criterion.items:
        given = answers.get(item.id)
        match item.interaction:
            case Essay() as essay if isinstance(given, Written) and not blank(given):
                asked = Asked(case=None, stem=item.stem, essay=essay)
                yield HandedIn(
                    item_id=item.id, part_id="", worth=item.points, asked=asked, answer=given.text
                )
            case Case() as case if isinstance(given, Parts):
                yield from _of_case(item.id, item.stem, case, given, item.points)


def _of_case(
    item_id: str, stem: RichText, case: Case, given: Parts, worth: Decimal
) -> Iterator[HandedIn]:
    each = split(worth, [part.weight for part in case.parts])
    for part, points in zip(case.parts, each, strict=True):
        answer = given.parts.get(part.id)
        if isinstance(part.interaction, Essay) and isinstance(answer, Written):
            asked = Asked(case=stem, stem=part.stem, essay=part.interaction)
            if not blank(answer):
                yield HandedIn(
                    item_id=item_id, part_id=part.id, worth=points, asked=asked, answer=answer.text
                )


def marks_wanted(given: Sequence[Decimal], worth: Decimal, apart_percent: int) -> int:
    """By the marks there are, oldest first."""
    if len(given) >= MARKERS and third_needed(given, worth, apart_percent):
        return MARKERS + 1
    return MARKERS


def agreed_points(given: Sequence[Decimal], worth: Decimal, apart_percent: int) -> Decimal | None:
    """None while somebody still has to mark."""
    if len(given) < marks_wanted(given, worth, apart_percent):
        return None
    return agreed(given)


def check_percents(essay: Essay, percents: Mapping[str, int]) -> None:
    """Every line said, and none that is not there: a line passed over would be nought unseen."""
    if {line.id for line in essay.rubric} != set(percents):
        raise RubricNotMet


# --- what an answer may tell of who wrote it ----------------------------------------------------


class Tell(StrEnum):
    PHONE = "phone"
    ID_NUMBER = "id-number"
    EMAIL = "email"
    NAME = "name"


_TELLS = {
    Tell.PHONE: re.compile(r"(?<!\d)1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"),
    Tell.ID_NUMBER: re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"),
    Tell.EMAIL: re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(\.[\w-]+)+"),
    Tell.NAME: re.compile(
        r"(我叫|我的名字[是叫]|姓名|考生|学员|答题人|署名)\s{0,9}[:是]?\s{0,9}[\u4e00-\u9fff·]{2,4}"
        r"|\b[Mm]y name is\b"
    ),
}
"""Bounded, as the text is a learner's: one could keep a server busy for seconds by blanks alone."""
_AT_ONCE = 1000
"""Characters brought to one form together: NFKC takes the square of many accents on one letter."""


def tells(answer: str) -> list[Tell]:
    """What looks like it: the text is shown as typed, the marker is warned. Not a proof."""
    pieces = (answer[at : at + _AT_ONCE] for at in range(0, len(answer), _AT_ONCE))
    text = "".join(unicodedata.normalize("NFKC", piece) for piece in pieces)
    return [tell for tell, shape in _TELLS.items() if shape.search(text)]
