"""The area's JSON."""

from typing import Annotated

import msgspec

_LINE = r"^[^\x00-\x1f\x7f\ud800-\udfff]+$"
TypedNumber = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=_LINE)]
TypedName = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=_LINE)]


class Input(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Base of what is sent."""


class Out(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of answers."""


class HolderQuestion(Input, frozen=True):
    number: TypedNumber
    name: TypedName


class HolderAnswer(Out, frozen=True):
    matches: bool
    """False, too, where there is no such number: this address does not tell which there are."""
