"""From a question as a file tells it to an item of a bank: code, place, and what is still missing.

What a format cannot say in words of its own goes as tags, `guanbiao:level=识记`, so that a bank
comes back as it went. What nobody says is not guessed: an item without an explanation or a citation
comes as a draft.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from courses.exchange.cases import CASE as OF_CASE
from courses.exchange.cases import PART, WEIGHT, Cases
from courses.exchange.controls import refuse_controls
from courses.exchange.draft import Draft as Draft
from courses.exchange.report import Refused, Report
from courses.item_rules import item_problems
from courses.items.interactions import ShortText
from courses.items.item import Item
from courses.items.kinds import Level, Status

PREFIX = "guanbiao:"
CASE = "case-matters"
CITED = ("standard", "edition", "clause")
_FILED = (
    *("level", "difficulty", "topic", "author", "status", "version"),
    *("lesson", "twin_group", "anchor"),
)
_PIECES = (OF_CASE, PART, WEIGHT)
_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where items are filed; `taken`: codes that are in use there."""

    module: str
    topic: str
    level: Level = Level.UNDERSTAND
    taken: frozenset[str] = frozenset()


class Filing:
    """Gathers the items of one import under codes that nobody has."""

    def __init__(self, place: Place, report: Report) -> None:
        self.place, self.report = place, report
        self.items: list[Item] = []
        self.images: dict[str, bytes] = {}
        """File name (`<sha256>.png`) -> content, of images that the source itself carried."""
        self.cases = Cases(report)
        self._taken = set(place.taken)
        self._last = 0

    def add(self, draft: Draft) -> None:
        """Raises Refused where the question exceeds what an item may hold. A piece of a case waits
        for the others."""
        if not self.cases.takes(draft, len(self.items)):
            self._put(draft, len(self.items))

    def finish(self) -> None:
        """When the whole file is read: cases are put together, where their first piece stood."""
        self.cases.tell_orphans()
        for draft in self.cases.whole():
            with self.report.question(draft.where):
                self._put(draft, self.cases.places[draft.filed[OF_CASE]])

    def _put(self, draft: Draft, place: int) -> None:
        item = self._item(draft)
        lacking = [str(problem.what) for problem in item_problems(item)]
        if draft.filed.get("level", "") not in {*Level}:
            lacking.append(f"no level, {self.place.level} is taken")
        if lacking and item.status in {msgspec.UNSET, Status.IN_USE}:
            item = msgspec.structs.replace(item, status=Status.DRAFT)
        self._taken.add(item.id)
        self.items.insert(place, item)
        self._tell(draft, item, lacking)

    def _tell(self, draft: Draft, item: Item, lacking: Sequence[str]) -> None:
        if lacking:
            missing = "; ".join(lacking)
            self.report.changed(
                draft.where,
                "question",
                f"作为草稿 {item.id} 导入，待完善：{missing}",
                f"{item.id} is a draft until this is mended: {missing}",
            )
        else:
            self.report.imported(draft.where, "question")
        if draft.name == item.id:
            self.report.imported(draft.where, "name")
        elif draft.name:
            zh = f"“{draft.name}”改为编号 {item.id}"
            self.report.changed(draft.where, "name", zh, f"“{draft.name}” is now {item.id}")

    def _item(self, draft: Draft) -> Item:
        known: dict[str, Any] = {k: v for k, v in draft.filed.items() if k in _FILED and v}
        if "version" in known and known["version"].isdecimal():
            known["version"] = int(known["version"])
        if known.get("level") not in {*Level}:
            known["level"] = self.place.level
        fields = {
            "topic": self.place.topic,
            **known,
            "id": self._code(draft.name),
            "module": self.place.module,
            "stem": msgspec.to_builtins(draft.stem),
            "interaction": msgspec.to_builtins(draft.interaction),
            "explanation": msgspec.to_builtins(draft.explanation),
            "citation": {name: draft.filed.get(name, "") for name in CITED},
        }
        refuse_controls((known, fields["citation"]))
        try:
            return msgspec.convert(fields, Item, strict=False)
        except msgspec.ValidationError as error:
            raise Refused(
                f"超出试题的限度：{error}", f"more than an item holds: {error}"
            ) from error

    def _code(self, name: str) -> str:
        ours = name.startswith(f"{self.place.module}-") and _CODE.fullmatch(name)
        if ours and name not in self._taken:
            return name
        self._last += 1
        while (code := f"{self.place.module}-{self._last:03}") in self._taken:
            self._last += 1
        return code


def tags_of(item: Item, piece: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """What exchange formats have no place for. The module is the folder's; `piece`: of a case."""
    said = {name: getattr(item.citation, name) for name in CITED}
    said |= {name: getattr(item, name) for name in (() if piece and PART in piece else _FILED)}
    said |= piece or {}
    if isinstance(item.interaction, ShortText) and item.interaction.case_matters:
        said[CASE] = "yes"
    return tuple(
        f"{PREFIX}{name}={value}"
        for name, value in said.items()
        if value is not msgspec.UNSET and value != ""
    )


def filed_by(tags: Sequence[str], where: str, report: Report) -> dict[str, str]:
    """The way back; other tags have no place in an item and are told."""
    found = {}
    for tag in tags:
        name, is_ours, value = tag.removeprefix(PREFIX).partition("=")
        if tag.startswith(PREFIX) and is_ours and name in {*CITED, *_FILED, *_PIECES, CASE}:
            found[name] = value
            report.imported(where, "tag")
        else:
            zh, en = f"标签“{tag}”未保留", f"“{tag}” is left out: items have no free tags"
            report.changed(where, "tag", zh, en)
    return found
