"""Rules of a body's auditors: registration numbers, grades, and one employer at a time. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from uuid import UUID

import msgspec

from backend.certification_bodies.code_tables import grades, number_pattern
from infra.errors import Conflict, Invalid, NotFound

_SHOWN = 4  # signs of a masked number at each end; the middle is never less than these together


class RegistrationNumberNotValid(Invalid):
    """Give the auditor's CCAA registration number as it is printed."""

    zh = "请按证书填写 CCAA 审核员注册号。"


class GradeNotKnown(Invalid):
    """This grade was not in use on that day; GET /v1/auditor-grades lists those of today."""

    zh = "该日没有这一级别，可用级别见 GET /v1/auditor-grades。"


class EmployedElsewhere(Conflict):
    """The auditor is employed by a certification body in that time already; that employment must
    end first."""

    zh = "该审核员在此期间已受聘于一家认证机构，须先办理离职登记。"


class NumberOfAnotherName(Conflict):
    """This registration number is entered under another name; check both, or ask whoever keeps the
    register."""

    zh = "该注册号登记在另一姓名之下，请核对；如确无误，请联系名录管理部门。"


class AccountOfAnotherAuditor(Conflict):
    """This member's account belongs to another registration number already."""

    zh = "该成员的账号已对应另一注册号。"


class AuditorOfAnotherAccount(Conflict):
    """This registration number belongs to another account already; the auditor changes that, or
    whoever keeps the register."""

    zh = "该注册号已对应另一账号，请由审核员本人或名录管理部门更正。"


class NotAMember(NotFound):
    """Nobody by that id is a member of this organisation."""

    zh = "该组织没有这名成员。"


class NoSuchAuditor(NotFound):
    """This certification body has no such auditor."""

    zh = "该认证机构没有这名审核员。"


class DayNotRight(Invalid):
    """This day does not fit: not in the future, and not before the employment began."""

    zh = "日期有误：不得晚于今日，也不得早于入职日期。"


class Employment(msgspec.Struct, frozen=True):
    """Both days included; `ends_on` None: still employed."""

    body: UUID
    begins_on: date
    ends_on: date | None = None

    def covers(self, day: date) -> bool:
        return self.begins_on <= day and (self.ends_on is None or day <= self.ends_on)


class GradeGiven(msgspec.Struct, frozen=True):
    """In the order in which they were entered: of two for one day the later entry counts."""

    grade: str
    since: date


def registration_number(typed: str, *, on: date) -> str:
    """The one form of a number, under which it is indexed."""
    number = re.sub(r"\s", "", unicodedata.normalize("NFKC", typed)).upper()
    if not re.fullmatch(number_pattern(on), number, re.ASCII):
        raise RegistrationNumberNotValid(fields={"registrationNumber": "如 / like 2021-N1IPMS-1"})
    return number


def masked_number(number: str) -> str:
    """2021-N1IPMS-1234567 is 2021****4567: enough to compare with a card, too little to use."""
    shown = min(_SHOWN, len(number) // 4)
    return f"{number[:shown]}****{number[-shown:]}"


def checked_grade(code: str, *, since: date, today: date) -> str:
    if since > today:
        raise DayNotRight(fields={"gradeSince": DayNotRight.zh})
    if code not in {grade.code for grade in grades(since)}:
        raise GradeNotKnown(fields={"grade": GradeNotKnown.zh})
    return code


def grade_on(given: Iterable[GradeGiven], day: date) -> str | None:
    # `max` keeps the first of equals, so the latest entry must come first.
    by_then = [g for g in given if g.since <= day]
    return max(reversed(by_then), key=lambda g: g.since).grade if by_then else None


def overlaps(one: Employment, other: Employment) -> bool:
    one_ends, other_ends = one.ends_on or date.max, other.ends_on or date.max
    return one.begins_on <= other_ends and other.begins_on <= one_ends


def checked_employment(known: Iterable[Employment], new: Employment, *, today: date) -> Employment:
    if new.begins_on > today:
        raise DayNotRight(fields={"employedSince": DayNotRight.zh})
    if any(overlaps(one, new) for one in known):
        raise EmployedElsewhere
    return new


def checked_departure(employment: Employment, last_day: date, *, today: date) -> date:
    if not employment.begins_on <= last_day <= today:
        raise DayNotRight(fields={"lastDay": DayNotRight.zh})
    return last_day
