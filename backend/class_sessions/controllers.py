"""Class sessions (线下培训班): attendance as hours."""

from typing import Any

ROUTES: list[Any] = []
