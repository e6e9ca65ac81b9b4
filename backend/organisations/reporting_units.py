"""The units that report to the national office, as at a date (`reporting_units.toml`)."""

import tomllib
from datetime import date
from functools import lru_cache
from pathlib import Path

import msgspec

from infra.errors import Invalid


class ReportingUnitNotKnown(Invalid):
    """There is no reporting unit of that code today; GET /v1/reporting-units lists them."""

    zh = "没有该代码的报送单位，请在 GET /v1/reporting-units 的列表中选择。"


class ReportingUnit(msgspec.Struct, frozen=True, rename={"since": "from"}):
    code: str
    name: str
    en: str
    since: date
    until: date | None = None
    """The first day without it."""


class _File(msgspec.Struct):
    unit: list[ReportingUnit]


@lru_cache(maxsize=1)
def _all() -> tuple[ReportingUnit, ...]:
    text = (Path(__file__).parent / "reporting_units.toml").read_text(encoding="utf-8")
    return tuple(msgspec.convert(tomllib.loads(text), _File).unit)


def reporting_units(on: date) -> list[ReportingUnit]:
    return [u for u in _all() if u.since <= on and (u.until is None or on < u.until)]


def known_reporting_unit(code: str, on: date) -> str:
    if code not in {unit.code for unit in reporting_units(on)}:
        raise ReportingUnitNotKnown(
            fields={"reportingUnit": "请从列表中选择 / choose one of the list"}
        )
    return code
