"""Enterprises and others, their members, and what they are assigned."""

from typing import Any

ROUTES: list[Any] = []
