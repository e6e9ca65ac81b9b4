"""What the rules around auditors take as given, each with the day from which it holds.

None of it is ours to decide (DOMAIN.md §2 marks it as disputed or to be confirmed), so a change is
a new line here with its day, never an edit of an old one.
"""

from datetime import date

import msgspec


class Grade(msgspec.Struct, frozen=True, rename="camel"):
    code: str
    zh: str
    en: str
    since: date
    until: date | None = None
    """The last day on which it may be given."""


class NumberShape(msgspec.Struct, frozen=True):
    pattern: str
    since: date


class TrainedBy(msgspec.Struct, frozen=True):
    """Any of these programmes, with a record in force, makes a registered auditor a trained one."""

    programmes: tuple[str, ...]
    since: date


GRADES = (
    Grade("trainee", "实习审核员", "trainee auditor", date.min),
    Grade("auditor", "审核员", "auditor", date.min),
    Grade("senior", "高级审核员", "senior auditor", date.min),
)
NUMBER_SHAPES = (
    # Loose on purpose: CCAA's numbers have changed their shape more than once.
    NumberShape(r"[0-9A-Z](?:-?[0-9A-Z]){5,31}", date.min),
)
TRAINED_BY = (TrainedBy(("AUD", "TR-AUD", "CE-AUD"), date.min),)


def grades(on: date) -> tuple[Grade, ...]:
    return tuple(g for g in GRADES if g.since <= on and (g.until is None or on <= g.until))


def number_pattern(on: date) -> str:
    return max((s for s in NUMBER_SHAPES if s.since <= on), key=lambda s: s.since).pattern


def trained_by(on: date) -> tuple[str, ...]:
    return max((t for t in TRAINED_BY if t.since <= on), key=lambda t: t.since).programmes
