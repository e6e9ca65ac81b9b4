from typing import Any

from backend.identity.checks import identity_check
from backend.identity.domain import validity_rules
from infra.settings import Settings


def identity_state(settings: Settings) -> dict[str, Any]:
    """BadValidity at start, not at the first person's verification."""
    return {
        "identity_check": identity_check(demo=settings.demo),
        "identity_rules": validity_rules(settings.identity_validity),
    }
