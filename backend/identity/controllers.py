"""Identity verification (实名认证): whether the name is really the person's."""

from typing import Any

ROUTES: list[Any] = []
