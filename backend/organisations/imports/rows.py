"""One row of the file: judged cell by cell, every fault named."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Protocol

import msgspec

from backend.accounts.domain import Login, LoginNotValid, new_login
from backend.organisations.domain import (
    DepartmentNameNotValid,
    DepartmentTooDeep,
    department_path,
    is_plain,
)
from backend.organisations.imports.domain import DUTIES, HEADINGS, NEEDED, Fault, Field, FileRefused

_STAFF_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_LONGEST_NAME = 64
_LONGEST_LOGIN = 254
_NOT_NAMES = ("=", "+", "-", "@")
_SHOWN = 64
_DUTY_OF = {text.casefold(): code for code, pair in DUTIES.items() for text in (*pair, code)}


class StaffRow(msgspec.Struct, frozen=True):
    number: int
    name: str
    login: Login
    department: str | None
    """Its names from the top, with `/` between."""
    duty: str | None
    staff_number: str | None


def columns_of(headings: Sequence[str]) -> dict[Field, int]:
    """Where each field stands. "姓名 Name *" and "姓名" are the same heading; order is free."""
    found: dict[Field, int] = {}
    for place, text in enumerate(headings):
        folded = unicodedata.normalize("NFKC", text).casefold()
        for field, (zh, en) in HEADINGS.items():
            if field not in found and folded.startswith((zh, en.casefold())):
                found[field] = place
                break
    if any(field not in found for field in NEEDED):
        raise FileRefused("headings-missing")
    return found


def judged(number: int, cells: Mapping[Field, str]) -> StaffRow | list[Fault]:
    faults = list[Fault]()

    def wrong(field: Field, code: str, shown: str | None = None) -> None:
        faults.append(Fault(number, field, code, _shown(shown)))

    name = _name(cells.get(Field.NAME, ""), wrong)
    login = _login(cells.get(Field.LOGIN, ""), wrong)
    department = _department(cells.get(Field.DEPARTMENT, ""), wrong)
    duty = _duty(cells.get(Field.DUTY, ""), wrong)
    staff_number = _staff_number(cells.get(Field.STAFF_NUMBER, ""), wrong)
    if faults or login is None:
        return faults
    return StaffRow(number, name, login, department, duty, staff_number)


class _Wrong(Protocol):
    def __call__(self, field: Field, code: str, shown: str | None = None) -> None: ...


def _name(text: str, wrong: _Wrong) -> str:
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if not name:
        wrong(Field.NAME, "name-missing")
    elif len(name) > _LONGEST_NAME or name.startswith(_NOT_NAMES) or not is_plain(name):
        wrong(Field.NAME, "name-not-valid")
    return name


def _login(text: str, wrong: _Wrong) -> Login | None:
    text = text.strip()
    if not text:
        wrong(Field.LOGIN, "login-missing")
        return None
    if len(text) <= _LONGEST_LOGIN and is_plain(text):
        by_email = "@" in unicodedata.normalize("NFKC", text)
        with suppress(LoginNotValid):
            return new_login(email=text if by_email else None, phone=None if by_email else text)
    wrong(Field.LOGIN, "login-not-valid")
    return None


def _department(text: str, wrong: _Wrong) -> str | None:
    if not text.strip():
        return None
    try:
        return "/".join(department_path(text))
    except DepartmentTooDeep:
        wrong(Field.DEPARTMENT, "department-too-deep", text)
    except DepartmentNameNotValid:
        wrong(Field.DEPARTMENT, "department-not-valid", text)
    return None


def _duty(text: str, wrong: _Wrong) -> str | None:
    typed = " ".join(unicodedata.normalize("NFKC", text).split()).casefold()
    if not typed:
        return None
    code = _DUTY_OF.get(typed)
    if code is None:
        wrong(Field.DUTY, "duty-not-known", text)
    return code


def _staff_number(text: str, wrong: _Wrong) -> str | None:
    number = unicodedata.normalize("NFKC", text).strip()
    if not number:
        return None
    if not _STAFF_NUMBER.fullmatch(number):
        wrong(Field.STAFF_NUMBER, "staff-number-not-valid")
        return None
    return number


def _shown(text: str | None) -> str | None:
    """Bounded, and nothing that a database or a page would stumble over."""
    if text is None:
        return None
    return "".join(c if unicodedata.category(c)[0] != "C" else "\ufffd" for c in text)[:_SHOWN]
