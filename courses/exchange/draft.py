"""A question as a file tells it, before it has a code and a place."""

from collections.abc import Mapping

import msgspec

from courses.items.interactions import Interaction
from courses.items.rich_text import RichText


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    where: str
    name: str
    stem: RichText
    interaction: Interaction
    explanation: RichText = ""
    filed: Mapping[str, str] = {}
    """Level, difficulty, standard … as words."""
