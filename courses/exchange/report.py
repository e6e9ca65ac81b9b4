"""What became of each element of a file: imported, changed (how) or refused (why).

A report is complete by its construction: a reader counts every element at the moment it meets it,
and a question that is refused takes what was counted of it along.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

import msgspec


class Outcome(StrEnum):
    IMPORTED = "imported"
    CHANGED = "changed"
    REFUSED = "refused"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One element. `zh`, `en`: how it changed, or why it was refused; empty when it came whole."""

    where: str
    """Line, question, cell: how an author finds it."""
    element: str
    outcome: Outcome
    zh: str = ""
    en: str = ""


class Refused(Exception):
    """A question that cannot be an item, and why."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(en)


class Report:
    def __init__(self) -> None:
        self.told: list[Told] = []

    def imported(self, where: str, element: str, count: int = 1) -> None:
        one = Told(where=where, element=element, outcome=Outcome.IMPORTED)
        self.told.extend([one] * count)

    def changed(self, where: str, element: str, zh: str, en: str) -> None:
        one = Told(where=where, element=element, outcome=Outcome.CHANGED, zh=zh, en=en)
        self.told.append(one)

    def refused(self, where: str, element: str, zh: str, en: str) -> None:
        one = Told(where=where, element=element, outcome=Outcome.REFUSED, zh=zh, en=en)
        self.told.append(one)

    @contextmanager
    def question(self, where: str) -> Iterator[None]:
        """`Refused` inside it refuses the question and what was counted of it so far."""
        before = len(self.told)
        try:
            yield
        except Refused as why:
            self.told[before:] = [_along(one) for one in self.told[before:]]
            self.refused(where, "question", why.zh, why.en)

    @property
    def counts(self) -> dict[str, dict[Outcome, int]]:
        """Element -> outcome -> how many."""
        found: dict[str, Counter[Outcome]] = {}
        for one in self.told:
            found.setdefault(one.element, Counter())[one.outcome] += 1
        return {element: dict(counter) for element, counter in sorted(found.items())}

    @property
    def refusals(self) -> tuple[Told, ...]:
        return tuple(one for one in self.told if one.outcome is Outcome.REFUSED)

    def lines(self) -> Iterator[str]:
        for element, found in self.counts.items():
            numbers = " · ".join(f"{_ZH[one]} {one} {found.get(one, 0)}" for one in Outcome)
            yield f"{element}: {numbers}"
        for told in self.told:
            if told.outcome is not Outcome.IMPORTED:
                yield f"{told.where} · {told.element} · {_ZH[told.outcome]}: {told.zh} · {told.en}"


_ZH = {Outcome.IMPORTED: "导入", Outcome.CHANGED: "更改", Outcome.REFUSED: "拒绝"}


def _along(one: Told) -> Told:
    if one.outcome is Outcome.REFUSED:
        return one
    return msgspec.structs.replace(
        one, outcome=Outcome.REFUSED, zh="随所属试题一并拒绝", en="refused with its question"
    )
