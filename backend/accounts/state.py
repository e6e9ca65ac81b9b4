"""What the area keeps in the application for as long as the process lives."""

import asyncio
from typing import Any

from backend.accounts.federation.line import Line
from backend.accounts.federation.providers import read_providers
from backend.accounts.messages import messages_of
from backend.accounts.passwords import Passwords
from backend.accounts.revocations import Revocations
from infra.settings import Settings


def accounts_state(settings: Settings) -> dict[str, Any]:
    registered = read_providers(settings.federation_file)
    return {
        "tokens": None,  # made at first use, by guards.tokens_of
        "tokens_in_the_making": asyncio.Lock(),
        "revocations": Revocations(),
        "passwords": Passwords(),
        "messages": messages_of(settings),
        "federation": {name: Line(each) for name, each in registered.items()},
    }
