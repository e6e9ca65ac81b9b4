"""The register of filed certification bodies, their commitments and auditors."""

from typing import Any

ROUTES: list[Any] = []
