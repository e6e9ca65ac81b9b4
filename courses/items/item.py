"""An item of the bank: what it asks, why the key is right, and how it is found and counted.

Its code stays for good. Whoever changes what it asks raises `version`; `content_sha256` tells
whether that was due, and is frozen with every paper the item stands on.

In files an item is flat (`key = "C"` beside `stem`), as authors write it and as editions published
before there were other kinds are hashed; in memory what is asked is a typed part of its own.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from courses.items.interactions import Interaction
from courses.items.kinds import Citation, Difficulty, Kind, Level, Status
from courses.items.rich_text import RichText

Fields = Mapping[str, Any]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Fields that an edition may leave out are not written at all, so that hashes stay."""

    id: Annotated[str, Meta(min_length=1, max_length=64)]
    stem: RichText
    interaction: Interaction
    explanation: RichText
    citation: Citation
    module: str
    topic: str
    level: Level
    difficulty: Difficulty | UnsetType = UNSET
    author: Annotated[str, Meta(max_length=100)] | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    """In use, unless said."""
    version: Annotated[int, Meta(ge=1, le=1_000_000)] | UnsetType = UNSET
    """1, unless said."""
    twin_group: Annotated[str, Meta(min_length=1, max_length=64)] | UnsetType = UNSET
    """Of items that give each other away or ask the same: no paper has two of one group."""
    lesson: Annotated[str, Meta(max_length=16)] | UnsetType = UNSET
    """What it asks was taught there."""
    anchor: bool | UnsetType = UNSET
    """Kept from edition to edition, to tell whether people or papers have changed."""

    @property
    def kind(self) -> Kind:
        return self.interaction.kind

    @property
    def version_or_one(self) -> int:
        return 1 if isinstance(self.version, UnsetType) else self.version

    @property
    def is_anchor(self) -> bool:
        return self.anchor is True

    @property
    def in_use(self) -> bool:
        return self.status in {UNSET, Status.IN_USE}


_OF_THE_ITEM = {name for name in Item.__struct_fields__ if name != "interaction"}
_FIRST = ("id", "kind", "stem", "options", "key", "explanation", "citation")
"""As the first editions wrote them: the order is part of their hash."""


def flat(item: Item) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(item, order="deterministic")
    return flattened(fields)


def flattened(fields: Fields) -> dict[str, Any]:
    """The interaction's fields beside the item's."""
    together = {**fields["interaction"], **fields}
    del together["interaction"]
    first = {name: together[name] for name in _FIRST if name in together}
    meta = {name: fields[name] for name in Item.__struct_fields__ if name in together}
    return {**first, **{name: meta[name] for name in meta if name not in first}, **together}


def gathered(fields: Fields) -> dict[str, Any]:
    """The way back from `flattened`, still untyped."""
    asked = {name: value for name, value in fields.items() if name not in _OF_THE_ITEM}
    own = {name: value for name, value in fields.items() if name in _OF_THE_ITEM}
    return {**own, "interaction": asked}


class _Asked(msgspec.Struct):
    id: str
    stem: RichText
    interaction: Interaction
    explanation: RichText
    citation: Citation


def content_sha256(item: Item) -> str:
    """Of what the learner reads, what is right and why; not of how the item is filed."""
    asked = _Asked(item.id, item.stem, item.interaction, item.explanation, item.citation)
    return hashlib.sha256(msgspec.json.encode(asked, order="sorted")).hexdigest()


def changed_without_version(old: Sequence[Item], new: Sequence[Item]) -> tuple[str, ...]:
    """Codes of items that ask something else than before under the same version or a lower one."""
    before = {item.id: item for item in old}
    return tuple(
        item.id
        for item in new
        if (was := before.get(item.id)) is not None
        and (
            item.version_or_one < was.version_or_one
            or (
                item.version_or_one == was.version_or_one
                and content_sha256(item) != content_sha256(was)
            )
        )
    )
