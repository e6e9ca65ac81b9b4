"""Response declarations: what shape an answer has, which is right, what each part is worth."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from courses.exchange.numbers_reading import decimal_of
from courses.exchange.qti.names import said
from courses.exchange.report import Refused
from courses.exchange.xml_reading import Element


class MapEntry(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    value: Decimal
    case_matters: bool


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    identifier: str
    cardinality: str
    base_type: str
    correct: tuple[str, ...]
    mapping: tuple[MapEntry, ...]
    mapped_otherwise: Decimal = Decimal(0)
    bounds: tuple[str, str] = ("", "")

    @property
    def most(self) -> Decimal:
        """That its mapping can give."""
        values = [entry.value for entry in self.mapping if entry.value > 0]
        return sum(values, Decimal(0)) if self.several else max(values, default=Decimal(0))

    @property
    def several(self) -> bool:
        return self.cardinality in {"multiple", "ordered"}


def declared(element: Element) -> Declared:
    """Raises Refused."""
    mapping = element.find("qti-mapping")
    entries: Sequence[Element] = [] if mapping is None else mapping.findall("qti-map-entry")
    cardinality = said(element, "cardinality", "single")
    if cardinality == "record":
        raise Refused("记录型作答不支持", "answers that are records are not supported")
    values = element.findall("qti-correct-response/qti-value")
    return Declared(
        identifier=said(element, "identifier"),
        cardinality=cardinality,
        base_type=said(element, "base-type").lower(),
        correct=tuple("".join(one.itertext()).strip() for one in values),
        mapping=tuple(map(_entry, entries)),
        mapped_otherwise=number(mapping, "default-value", "0"),
        bounds=_bounds(mapping),
    )


def _bounds(mapping: Element | None) -> tuple[str, str]:
    if mapping is None:
        return "", ""
    return said(mapping, "lower-bound"), said(mapping, "upper-bound")


def _entry(element: Element) -> MapEntry:
    """3.0 and 2.x take case as it is unless told."""
    return MapEntry(
        key=element.get("map-key", "").strip(),
        value=number(element, "mapped-value", "0"),
        case_matters=said(element, "case-sensitive", "true").lower() not in {"false", "0"},
    )


def number(element: Element | None, name: str, otherwise: str) -> Decimal:
    return decimal_of(otherwise if element is None else said(element, name, otherwise))
