"""Applications for tests: their routes made once in a process, a state for each."""

from copy import copy

from argon2 import PasswordHasher
from litestar import Litestar

from backend.accounts.passwords import Passwords
from backend.app import create_app, state_of
from infra.clock import Clock
from infra.settings import Settings

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Real hashes at the least cost there is: a real one costs more than most tests."""
_made: list[Litestar] = []


def application(settings: Settings, clock: Clock) -> Litestar:
    """Making the routes costs a core-second, and any application has the same.

    Any number may live at the same time, as the processes of an instance do.
    """
    if not _made:
        _made.append(create_app(settings, clock, own_pool=False))
    app = copy(_made[0])
    app.state = state_of(settings, clock)
    app.state["passwords"] = Passwords(hasher=QUICK)
    return app
