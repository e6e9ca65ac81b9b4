"""Integrity signals, complaints, inspectors and spot checks."""

from typing import Any

ROUTES: list[Any] = []
