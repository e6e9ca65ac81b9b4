"""Consent, export, erasure, retention, and who looked at what (PIPL)."""

from typing import Any

ROUTES: list[Any] = []
