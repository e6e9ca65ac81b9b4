"""Sign-in with another organisation's identity provider (OIDC)."""

from typing import Any

ROUTES: list[Any] = []
