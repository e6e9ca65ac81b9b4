from functools import cache

from courses.editions import CURRENT as CONTENT
from courses.format import Edition
from courses.loader import load_edition

__all__ = ["CONTENT", "current_edition"]


@cache
def current_edition() -> Edition:
    """Read once a process, which takes a quarter of a core-second; nothing in it can change."""
    return load_edition(CONTENT)
