"""What each value of a response is worth, whichever way an item says it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm

import msgspec

from courses.exchange.numbers_reading import decimal_of
from courses.exchange.qti.conditions import Test, custom
from courses.exchange.qti.declarations import Declared
from courses.exchange.qti.processing import Award, Processing
from courses.exchange.report import Refused, Report
from courses.items.interactions import MOST_CHARACTERS

HEAVIEST = 10_000


class Valued(msgspec.Struct, frozen=True, kw_only=True):
    value: str
    percent: Decimal
    tolerance: Decimal = Decimal(0)
    case_matters: bool = True


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    points: Decimal
    """Of a right answer."""
    values: tuple[Valued, ...]
    weighted: bool = False
    """By a mapping, whose shares may differ."""


class Scoring:
    def __init__(
        self, declared: Mapping[str, Declared], processing: Processing, where: str, report: Report
    ) -> None:
        self.declared, self.processing = declared, processing
        self._where, self._report = where, report
        self.used: set[str] = set()

    def response(self, identifier: str) -> Declared:
        if identifier not in self.declared:
            raise Refused(f"没有声明作答 {identifier}", f"{identifier} is declared nowhere")
        if identifier in self.used:
            raise Refused(f"作答 {identifier} 用了两次", f"{identifier} is asked for twice")
        self.used.add(identifier)
        return self.declared[identifier]

    def worth(self, response: Declared) -> Worth:
        """Raises Refused where nothing is right."""
        awards = self.processing.of(response.identifier)
        kinds = {award.by for award in awards}
        if not awards:
            zh, en = "没有计分，以标准答案为准", "no points: the correct response is the key"
            self._report.changed(self._where, "response processing", zh, en)
            awards = [Award(response=response.identifier, by="correct")]
        if "mapped" in kinds:
            if len(awards) > 1:
                raise custom("qti-map-response")
            return self._mapped(response, awards[0].points)
        return self._listed(response, awards)

    def _mapped(self, response: Declared, times: Decimal) -> Worth:
        most = response.most
        if most <= 0 or times <= 0:
            raise Refused("映射没有正分", "its mapping gives no points")
        self._tell_mapping(response)
        values = tuple(
            Valued(value=e.key, percent=e.value / most * 100, case_matters=e.case_matters)
            for e in response.mapping
        )
        return Worth(points=most * times, values=values, weighted=True)

    def _tell_mapping(self, response: Declared) -> None:
        """Bounds that only say what is so here came whole."""
        lower, upper = (decimal_of(one) if one else None for one in response.bounds)
        unusual = response.mapped_otherwise != 0 or (lower is not None and lower != 0)
        if unusual or (upper is not None and upper != response.most):
            zh, en = "映射的上下限与缺省分未保留", "bounds and default of the mapping are left out"
            self._report.changed(self._where, "mapping", zh, en)
        else:
            self._report.imported(self._where, "mapping")

    def _listed(self, response: Declared, awards: Sequence[Award]) -> Worth:
        most = max(award.points for award in awards)
        values: list[Valued] = []
        for award in awards:
            percent = award.points / most * 100
            if award.by == "correct":
                share = percent / max(len(response.correct), 1) if response.several else percent
                values += [Valued(value=one, percent=share) for one in response.correct]
            else:
                values.append(_valued(award.test, percent))
        if not values:
            raise Refused("没有标准答案", "there is no correct response")
        return Worth(points=most, values=tuple(values))


def _valued(test: Test | None, percent: Decimal) -> Valued:
    if test is None:
        raise custom("qti-response-condition")
    return Valued(
        value=test.value,
        percent=percent,
        tolerance=test.tolerance,
        case_matters=test.case_matters,
    )


def weights(points: Sequence[Decimal]) -> list[int]:
    """As they are when they are whole numbers; else the smallest that stand to each other alike."""
    shares = [Fraction(one) for one in points]
    times = lcm(*(one.denominator for one in shares)) if shares else 1
    whole = [int(one * times) for one in shares]
    if not all(1 <= one <= HEAVIEST for one in whole):
        # Thirds written as 0.333 and the like: near enough for a share of points.
        largest = max(shares, default=Fraction(1))
        whole = [max(1, round(one / largest * 100)) for one in shares]
    return whole


def length(words: str) -> int | None:
    """Of an answer, in characters."""
    return min(int(words[:9]), MOST_CHARACTERS) if words.isdecimal() else None
