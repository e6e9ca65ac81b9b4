"""Second factors and passkeys."""

from typing import Any

ROUTES: list[Any] = []
